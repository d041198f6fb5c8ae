/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The request out of the FastCGI stream. */
#include "http_private.h"

#include "arena.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>

#define PATH_MAX_BYTES 2048

static const char *param(const struct exchange *exchange, const char *name)
{
    const char *value = FCGX_GetParam(name, exchange->fcgi->envp);
    return value ? value : "";
}

const char *http_request_header(const struct request *request, const char *name)
{
    const struct exchange *exchange =
        (const struct exchange *)((const char *)request - offsetof(struct exchange, request));
    return param(exchange, arena_printf(request->arena, "HTTP_%s", name));
}

/* Encoded separators and doubled slashes would make two spellings of one resource: such a path is
 * none of ours. */
static bool path_is_plain(const char *uri)
{
    for (const char *p = uri; *p && *p != '?'; p++) {
        if (p[0] == '/' && p[1] == '/')
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
    exchange->method = param(exchange, "REQUEST_METHOD");
    exchange->query = param(exchange, "QUERY_STRING");
    exchange->remote = param(exchange, "REMOTE_ADDR");
    exchange->request_id = param(exchange, "REQUEST_ID");
    exchange->content_type = param(exchange, "CONTENT_TYPE");
    exchange->key_text = param(exchange, "HTTP_X_API_KEY");
    exchange->bearer = param(exchange, "HTTP_AUTHORIZATION");
    const char *key = FCGX_GetParam("HTTP_IDEMPOTENCY_KEY", exchange->fcgi->envp);
    exchange->idempotency_key = key && !*key ? "\"\"" : key ? key : ""; /* empty is not absent */
    if (!key) /* the web server's own, for what it may pass to a second worker */
        exchange->idempotency_key = param(exchange, "RETRY_KEY");
    exchange->content_encoding = param(exchange, "HTTP_CONTENT_ENCODING");
    exchange->if_match = param(exchange, "HTTP_IF_MATCH");
    exchange->if_none_match = param(exchange, "HTTP_IF_NONE_MATCH");
    exchange->request.accept = param(exchange, "HTTP_ACCEPT");
    const char *length = param(exchange, "CONTENT_LENGTH");
    exchange->content_length = *length ? strtoll(length, NULL, 10) : -1;
    if (!is_request_id(exchange->request_id)) {
        struct uuid id = uuid_v4();
        char text[UUID_TEXT];
        uuid_text(&id, text);
        exchange->request_id = arena_printf(arena, "req_%s", text);
    }
    const char *script = param(exchange, "SCRIPT_NAME"), *info = param(exchange, "PATH_INFO");
    if (strlen(script) + strlen(info) > PATH_MAX_BYTES ||
        !path_is_plain(param(exchange, "REQUEST_URI"))) {
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
