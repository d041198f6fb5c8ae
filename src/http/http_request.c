/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request out of the FastCGI stream. */
#include "http_private.h"

#include "arena.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#define PATH_MAX_BYTES 2048

/* What the service wants to know of a request, by the name the web server gives it. */
enum parameter {
    METHOD,
    QUERY,
    REMOTE,
    REQUEST_ID,
    RECEIVED,
    SCRIPT,
    INFO,
    URI,
    CONTENT_TYPE,
    CONTENT_LENGTH,
    CONTENT_ENCODING,
    ACCEPT,
    API_KEY,
    AUTHORIZATION,
    IDEMPOTENCY_KEY,
    RETRY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    PARAMETERS
};
#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
static const struct {
    const char *text;
    size_t len;
} names[PARAMETERS] = {
    [METHOD] = NAME("REQUEST_METHOD"),
    [QUERY] = NAME("QUERY_STRING"),
    [REMOTE] = NAME("REMOTE_ADDR"),
    [REQUEST_ID] = NAME("REQUEST_ID"),
    [RECEIVED] = NAME("REQUEST_RECEIVED"),
    [SCRIPT] = NAME("SCRIPT_NAME"),
    [INFO] = NAME("PATH_INFO"),
    [URI] = NAME("REQUEST_URI"),
    [CONTENT_TYPE] = NAME("CONTENT_TYPE"),
    [CONTENT_LENGTH] = NAME("CONTENT_LENGTH"),
    [CONTENT_ENCODING] = NAME("HTTP_CONTENT_ENCODING"),
    [ACCEPT] = NAME("HTTP_ACCEPT"),
    [API_KEY] = NAME("HTTP_X_API_KEY"),
    [AUTHORIZATION] = NAME("HTTP_AUTHORIZATION"),
    [IDEMPOTENCY_KEY] = NAME("HTTP_IDEMPOTENCY_KEY"),
    [RETRY_KEY] = NAME("RETRY_KEY"),
    [IF_MATCH] = NAME("HTTP_IF_MATCH"),
    [IF_NONE_MATCH] = NAME("HTTP_IF_NONE_MATCH"),
};
#undef NAME

/* All of them in one pass over the environment; NULL where one is absent. */
static void read_parameters(char **environment, const char *values[PARAMETERS])
{
    memset(values, 0, PARAMETERS * sizeof *values);
    for (; *environment; environment++) {
        const char *value = strchr(*environment, '=');
        size_t len = value ? (size_t)(value - *environment) : 0;
        for (size_t i = 0; i < PARAMETERS && value; i++)
            if (names[i].len == len && !values[i] && !memcmp(names[i].text, *environment, len)) {
                values[i] = value + 1;
                break;
            }
    }
}

static const char *or_empty(const char *value)
{
    return value ? value : "";
}

const char *http_request_header(const struct request *request, const char *name)
{
    const struct exchange *exchange = http_exchange_of(request);
    return or_empty(
        FCGX_GetParam(arena_printf(request->arena, "HTTP_%s", name), exchange->fcgi->envp));
}

/* Encoded separators, doubled slashes and dots, which the web server resolves, would make two
 * spellings of one resource, or of a part of it the whole: such a path is none of ours. */
static bool path_is_plain(const char *uri)
{
    for (const char *p = uri; *p && *p != '?'; p++) {
        if (p[0] == '/' && (p[1] == '/' || p[1] == '.' || !strncasecmp(p + 1, "%2e", 3)))
            return false;
        if (p[0] == '%' &&
            (!strncasecmp(p, "%2f", 3) || !strncasecmp(p, "%5c", 3) || !strncmp(p, "%00", 3)))
            return false;
    }
    return true;
}

/* The web server has seen to it; it goes into a header, the body and the log. */
static bool is_request_id(const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(text);
    return len >= 8 && len <= 64 && strspn(text, plain) == len;
}

enum err http_request_read(struct exchange *exchange)
{
    struct arena *arena = exchange->http->arena;
    const char *values[PARAMETERS];
    read_parameters(exchange->fcgi->envp, values);
    exchange->method = or_empty(values[METHOD]);
    exchange->query = or_empty(values[QUERY]);
    exchange->remote = or_empty(values[REMOTE]);
    exchange->request_id = or_empty(values[REQUEST_ID]);
    exchange->received = values[RECEIVED] ? strtod(values[RECEIVED], NULL) : 0;
    exchange->content_type = or_empty(values[CONTENT_TYPE]);
    exchange->key_text = or_empty(values[API_KEY]);
    exchange->bearer = or_empty(values[AUTHORIZATION]);
    const char *key = values[IDEMPOTENCY_KEY];
    exchange->idempotency_key = key && !*key ? "\"\"" : or_empty(key); /* empty is not absent */
    if (!key) /* the web server's own, for what it may pass to a second worker */
        exchange->idempotency_key = or_empty(values[RETRY_KEY]);
    exchange->content_encoding = or_empty(values[CONTENT_ENCODING]);
    exchange->if_match = or_empty(values[IF_MATCH]);
    exchange->if_none_match = or_empty(values[IF_NONE_MATCH]);
    exchange->request.accept = or_empty(values[ACCEPT]);
    const char *length = or_empty(values[CONTENT_LENGTH]);
    exchange->content_length = *length ? strtoll(length, NULL, 10) : -1;
    if (!is_request_id(exchange->request_id)) {
        struct uuid id = uuid_v4();
        char text[UUID_TEXT];
        uuid_text(&id, text);
        exchange->request_id = arena_printf(arena, "req_%s", text);
    }
    const char *script = or_empty(values[SCRIPT]), *info = or_empty(values[INFO]);
    if (strlen(script) + strlen(info) > PATH_MAX_BYTES || !path_is_plain(or_empty(values[URI]))) {
        exchange->path = "";
        return ERR_NOT_FOUND;
    }
    /* a path with and without a trailing slash is the same path */
    size_t script_len = strlen(script), info_len = strlen(info), len = script_len + info_len;
    char *path = arena_alloc(arena, len + 1);
    memcpy(path, script, script_len);
    memcpy(path + script_len, info, info_len);
    if (len > 1 && path[len - 1] == '/')
        path[len - 1] = 0;
    exchange->path = path;
    return ERR_OK;
}

enum err http_request_body(struct exchange *exchange)
{
    int64_t cap = exchange->http->settings->body_bytes, expected = exchange->content_length;
    struct buf *body = exchange->body;
    if (expected > cap) {
        exchange->request.fail_details =
            arena_printf(exchange->http->arena, "{\"limit_bytes\":%lld,\"observed_bytes\":%lld}",
                         (long long)cap, (long long)expected);
        return ERR_PAYLOAD_TOO_LARGE;
    }
    size_t want = expected > 0 ? (size_t)expected : 0;
    char *at = buf_reserve(body, want + 1);
    size_t got = 0;
    while (got < want) {
        int n = FCGX_GetStr(at + got, (int)(want - got), exchange->fcgi->in);
        if (n <= 0)
            return ERR_REQUEST_TIMEOUT;
        got += (size_t)n;
    }
    at[got] = 0; /* the JSON reader may look one byte behind the end */
    body->len = got;
    return ERR_OK;
}
