/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_request.c: a FastCGI request from its records to its answer, through libfcgi over a socket
   pair as a worker is given it, with no database there. Input: lines "NAME value", an empty line,
   the body. As a whole (authentication then finds no database), and once more as a caller with
   every scope, so that bodies and queries of all operations are read. */
#include "../../src/http/http_private.h"
#include "arena.h"
#include "fuzz.h"
#include "log.h"
#include "operation.h"
#include "settings.h"
#include "shared.h"
#include "store_db.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MOST (4 << 20)

static struct {
    struct settings settings;
    struct shared *shared;
    struct http *http;
    FCGX_Request fcgi;
    char *answer;
    size_t len;
    int web; /* the web server's end */
} bench;

static void set_up(void)
{
    char pepper[] = "/tmp/costwright-fuzz.XXXXXX";
    struct buf faults = {0};
    int fd = mkstemp(pepper);
    must(fd >= 0 && write(fd, "a pepper of at least thirty-two bytes", 37) == 37, "no pepper");
    close(fd);
    const char *overrides[] = {"db_socket=/nonexistent/db.sock", "state_dir=/nonexistent",
                               "body_bytes=65536", "log_level=error", NULL};
    char file[64];
    snprintf(file, sizeof file, "pepper_file=%s", pepper);
    overrides[4] = file;
    must(!settings_load(&bench.settings, NULL, overrides, 5, &faults), "settings");
    buf_clear(&faults);
    bench.shared = shared_new();
    must(!http_new(&bench.http, &bench.settings, bench.shared, bench.shared->workers),
         "no http room");
    unlink(pepper);
    must(!FCGX_Init() && !FCGX_InitRequest(&bench.fcgi, -1, 0), "no libfcgi");
    signal(SIGPIPE, SIG_IGN);
    /* the fuzzer's clock must not cut an exchange short: the worker has no such signal */
    struct sigaction clock;
    sigaction(SIGALRM, NULL, &clock);
    clock.sa_flags |= SA_RESTART;
    sigaction(SIGALRM, &clock, NULL);
    bench.answer = malloc(ANSWER_MOST + 1);
    log_setup(false, LOG_LEVEL_ERROR); /* that there is no database */
}

static void add_record(struct buf *out, int type, const void *data, size_t len)
{
    const uint8_t *at = data;
    do {
        size_t part = len < 65535 ? len : 65535;
        const uint8_t head[8] = {1, (uint8_t)type, 0, 1, (uint8_t)(part >> 8), (uint8_t)part, 0, 0};
        buf_add(out, head, sizeof head);
        if (part) {
            buf_add(out, at, part);
            at += part;
        }
        len -= part;
    } while (len);
}

static void add_length(struct buf *out, size_t len)
{
    const uint8_t four[4] = {(uint8_t)(len >> 24 | 0x80), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                             (uint8_t)len};
    if (len < 128)
        buf_addc(out, (char)len);
    else
        buf_add(out, four, sizeof four);
}

/* The input as the records that a web server would send. */
static void make_request(const uint8_t *data, size_t size, struct buf *out)
{
    struct buf params = {0};
    size_t at = 0;
    while (at < size && data[at] != '\n') {
        const uint8_t *line = data + at, *end = memchr(line, '\n', size - at);
        size_t len = end ? (size_t)(end - line) : size - at;
        const uint8_t *blank = memchr(line, ' ', len);
        size_t name = blank ? (size_t)(blank - line) : len, value = blank ? len - name - 1 : 0;
        add_length(&params, name);
        add_length(&params, value);
        buf_add(&params, line, name);
        if (value)
            buf_add(&params, blank + 1, value);
        at += len + (end != NULL);
    }
    at += at < size;
    add_record(out, 1, "\0\1\0\0\0\0\0\0", 8); /* begin, as a responder */
    if (params.len)
        add_record(out, 4, params.data, params.len);
    add_record(out, 4, NULL, 0);
    if (at < size)
        add_record(out, 5, data + at, size - at);
    add_record(out, 5, NULL, 0);
    buf_clear(&params);
}

/* All of it, or false at the end; MSG_WAITALL gives less where a signal comes in between. */
static bool take(uint8_t *data, size_t len)
{
    for (ssize_t n; len; data += n, len -= (size_t)n)
        if ((n = recv(bench.web, data, len, 0)) <= 0)
            return false;
    return true;
}

/* The web server's side: reads until the worker closes, keeps what FCGI_STDOUT carries. */
static void *take_answer(void *unused)
{
    uint8_t head[8], rest[65536];
    bench.len = 0;
    while (take(head, sizeof head)) {
        size_t len = (size_t)head[4] << 8 | head[5], all = len + head[6];
        if (!take(rest, all))
            break;
        if (head[1] == 6 && bench.len + len <= ANSWER_MOST) {
            memcpy(bench.answer + bench.len, rest, len);
            bench.len += len;
        }
    }
    bench.answer[bench.len] = '\0';
    return unused;
}

/* A status that the catalogue or the operation table knows, the version, JSON; errors in our
 * envelope. */
static void check_answer(const char *method)
{
    const char *body = strstr(bench.answer, "\r\n\r\n"), *why;
    size_t where;
    must(!strncmp(bench.answer, "Status: ", 8), "no status");
    int status = atoi(bench.answer + 8);
    must(status >= 200 && status < 600 && status != 500, "a status that should not be");
    must(body && strstr(bench.answer, "\r\nX-API-Version: " API_VERSION "\r\n"), "no version");
    body += 4;
    size_t len = bench.len - (size_t)(body - bench.answer);
    if (status == 304)
        must(!len, "304 with a body");
    else if (strstr(bench.answer, "\r\nContent-Type: application/json\r\n"))
        must((!len && (status == 202 || !strcmp(method, "HEAD"))) ||
                 json_check(body, len, &why, &where),
             "the answer is not JSON");
    if (status >= 400 && strncmp(body, "{\"jsonrpc\":\"2.0\"", 16) != 0) /* agents have their own */
        must(!strncmp(body, "{\"error\":{\"code\":\"", 18) && strstr(body, "\"request_id\":"),
             "not our envelope");
    for (const char *p = bench.answer; p < body - 2; p++)
        must((unsigned char)*p >= 0x20 || *p == '\t' || (p[0] == '\r' && p[1] == '\n') ||
                 (p > bench.answer && p[-1] == '\r' && p[0] == '\n'),
             "a control character in a header");
}

/* The same straight line as http_serve's, with somebody who may do everything. */
static void serve_as_caller(struct http *http, FCGX_Request *fcgi)
{
    struct exchange exchange = http_exchange(http, fcgi);
    exchange.request.caller =
        (struct caller){.org.b = {1}, .user.b = {2}, .key.b = {3}, .scopes = 15};
    exchange.request.flaws = &exchange.flaws;
    enum err err = http_request_read(&exchange);
    if (!err)
        err = http_route(&exchange);
    if (!err)
        err = http_check_media_type(&exchange);
    if (!err)
        err = http_request_body(&exchange);
    if (!err)
        err = http_run(&exchange);
    http_reply(&exchange, err);
    check_flaws(&exchange.flaws);
    buf_reset(&http->body, 0);
    buf_reset(&http->out, 0);
    arena_reset(http->arena);
}

static void exchange_once(const struct buf *request, bool as_caller)
{
    int pair[2];
    pthread_t web;
    char method[16] = "";
    must(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "no socket pair");
    bench.web = pair[1];
    must(write(bench.web, request->data, request->len) == (ssize_t)request->len, "no room");
    must(!pthread_create(&web, NULL, take_answer, NULL), "no thread");
    bench.fcgi.ipcFd = pair[0];
    bench.fcgi.keepConnection = 1;
    bool served = FCGX_Accept_r(&bench.fcgi) == 0;
    if (served) {
        const char *asked = FCGX_GetParam("REQUEST_METHOD", bench.fcgi.envp);
        snprintf(method, sizeof method, "%s", asked ? asked : "");
        bench.fcgi.keepConnection = 0;
        if (as_caller)
            serve_as_caller(bench.http, &bench.fcgi);
        else
            http_serve(bench.http, &bench.fcgi);
        /* as the worker does: what is left of the input, or closing would reset the socket and lose
           the answer; no waiting for the web server */
        char rest[4096];
        while (FCGX_GetStr(rest, sizeof rest, bench.fcgi.in) > 0)
            ;
        FCGX_Detach(&bench.fcgi);
        FCGX_Finish_r(&bench.fcgi);
    } else {
        close(pair[0]);
    }
    shutdown(pair[1], SHUT_WR);
    pthread_join(web, NULL);
    close(pair[1]);
    if (served)
        check_answer(method);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf request = {0};
    if (!bench.http)
        set_up();
    if (size > 65536) /* what a socket's buffer holds at once */
        return 0;
    make_request(data, size, &request);
    exchange_once(&request, false);
    exchange_once(&request, true);
    buf_clear(&request);
    return 0;
}
