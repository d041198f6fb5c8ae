/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request, a straight line. */
#include "http_private.h"

#include "arena.h"
#include "labeling_hint.h"
#include "log.h"
#include "memory.h"
#include "pricing_book.h"
#include "pricing_revision.h"
#include "settings.h"
#include "shared.h"
#include "store_db.h"
#include "when.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define KEEP_BYTES ((size_t)1024 * 1024) /* what a buffer keeps between requests, ... */
#define IDLE_BYTES ((size_t)64 * 1024)   /* ... and when there are none for a while */

void http_prepare(void)
{
    db_library();
}

enum err http_new(struct http **out, const struct settings *settings, struct shared *shared,
                  struct shared_worker *slot)
{
    struct http *http = memory_new(sizeof *http);
    enum err err = pepper_load(settings, &http->pepper);
    if (err) {
        free(http);
        return ERR_VALIDATION_ERROR;
    }
    http->settings = settings;
    http->shared = shared;
    http->slot = slot;
    http->epoch = shared_epoch_open(settings->state_dir);
    http->db =
        db_open(settings, atomic_load(&slot->pool) == POOL_LIGHT ? DB_SERVICE_LIGHT : DB_SERVICE);
    http->arena = arena_new();
    http->routes = http_routes_new();
    *out = http;
    return ERR_OK;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    pepper_clear(&http->pepper);
    free(http->routes);
    db_close(http->db);
    arena_free(http->arena);
    buf_clear(&http->body);
    buf_clear(&http->out);
    buf_clear(&http->head);
    buf_clear(&http->twin);
    free(http);
}

static void keep_buffers(struct http *http, size_t body, size_t bytes)
{
    buf_reset(&http->body, body);
    buf_reset(&http->out, bytes);
    buf_reset(&http->head, bytes);
    buf_reset(&http->twin, bytes);
}

void http_idle(struct http *http)
{
    keep_buffers(http, IDLE_BYTES, IDLE_BYTES);
    pricing_active_forget();
    pricing_basis_forget();
    pricing_revision_forget();
    labeling_hint_forget();
    malloc_trim(0); /* the pages between what is kept, too */
}

enum err http_check_media_type(struct exchange *exchange)
{
    const char *type = exchange->content_type;
    const char *encoding = exchange->content_encoding;
    size_t len = strcspn(type, "; \t");
    const struct operation *operation = exchange->request.operation;
    exchange->csv = operation->flags & OP_CSV && len == 8 && !strncasecmp(type, "text/csv", 8);
    if (exchange->content_length <= 0)
        return ERR_OK;
    if (encoding && *encoding && strcasecmp(encoding, "identity") != 0)
        return ERR_UNSUPPORTED_MEDIA_TYPE;
    if (!exchange->csv && (len != 16 || strncasecmp(type, "application/json", 16) != 0))
        return ERR_UNSUPPORTED_MEDIA_TYPE;
    const char *more = type + len + strspn(type + len, " \t");
    if (*more && *more != ';')
        return ERR_UNSUPPORTED_MEDIA_TYPE;
    const char *charset = strcasestr(type + len, "charset=");
    if (!charset)
        return ERR_OK;
    charset += 8 + (charset[8] == '"');
    size_t name = strcspn(charset, "\"; \t");
    return name == 5 && !strncasecmp(charset, "utf-8", 5) ? ERR_OK : ERR_UNSUPPORTED_MEDIA_TYPE;
}

static bool waited_too_long(const struct exchange *exchange)
{
    if (!exchange->received)
        return false;
    struct http *http = exchange->http;
    double age = (double)exchange->request.now / 1e6 - exchange->received;
    metrics_wait(&http->shared->metrics, (size_t)atomic_load(&http->slot->pool),
                 age > 0 ? (int64_t)(age * 1e6) : 0);
    return age > (double)http->settings->queue_seconds;
}

static enum err handle(struct exchange *exchange)
{
    enum err err = http_request_read(exchange);
    if (waited_too_long(exchange))
        return ERR_UNAVAILABLE;
    if (!err)
        err = http_route(exchange);
    if (!err)
        err = http_authenticate(exchange);
    if (!err)
        err = http_authorize(exchange);
    if (!err)
        err = http_limit(exchange);
    if (!err)
        err = http_share(exchange);
    if (!err)
        err = http_check_media_type(exchange);
    if (!err)
        err = http_request_body(exchange);
    return err ? err : http_run(exchange);
}

void http_log(const struct exchange *exchange, enum err err, int64_t retries)
{
    const struct request *request = &exchange->request;
    int64_t microseconds = time_monotonic() - exchange->started;
    metrics_answer(&exchange->http->shared->metrics,
                   request->operation ? (size_t)(request->operation - operations)
                                      : METRICS_OPERATIONS,
                   request->status, microseconds);
    log_request(&(struct log_request){
        .request_id = exchange->request_id,
        .method = exchange->method,
        .path = exchange->path,
        .operation = request->operation ? request->operation->name : NULL,
        .code = err ? err_code(err) : NULL,
        .key_prefix = *request->caller.prefix ? request->caller.prefix : NULL,
        .remote = exchange->remote,
        .status = request->status,
        .bytes_in = (int64_t)exchange->body->len,
        .bytes_out = exchange->sent + (int64_t)request->out->len,
        .microseconds = microseconds,
        .retries = retries,
    });
}

struct exchange http_exchange(struct http *http, FCGX_Request *fcgi)
{
    return (struct exchange){
        .http = http,
        .fcgi = fcgi,
        .method = "",
        .path = "",
        .query = "",
        .remote = "",
        .request_id = "",
        .started = time_monotonic(),
        .flaws = {.arena = http->arena},
        .body = &http->body,
        .request = {.arena = http->arena,
                    .db = http->db,
                    .settings = http->settings,
                    .shared = http->shared,
                    .now = time_now(),
                    .accept = "",
                    .secret = (const char *)http->pepper.choice,
                    .pepper = &http->pepper,
                    .out = &http->out,
                    .total = -1,
                    .content_type = "application/json",
                    .transact = http_transact,
                    .alone = http_alone,
                    .call = http_call,
                    .send = http_send,
                    .header = http_request_header},
    };
}

void http_serve(struct http *http, FCGX_Request *fcgi)
{
    struct exchange exchange = http_exchange(http, fcgi);
    exchange.request.flaws = &exchange.flaws;
    buf_reset(&http->body, KEEP_BODY);
    int64_t retries = db_retries(http->db), errors = db_errors(http->db);
    enum err err = handle(&exchange);
    if (exchange.sending)
        err = http_send_end(&exchange, err);
    else
        http_reply(&exchange, err);
    retries = db_retries(http->db) - retries;
    http_log(&exchange, err, retries);
    metrics_database(&http->shared->metrics, db_errors(http->db) - errors, retries);
    atomic_store(&http->slot->heavy_for, 0);
    if (exchange.request.operation && exchange.request.operation->flags & OP_SECRET) {
        buf_wipe(&http->body); /* a link's token comes, or a session's goes */
        buf_wipe(&http->out);
    }
    keep_buffers(http, KEEP_BODY, KEEP_BYTES);
    arena_reset(http->arena);
}
