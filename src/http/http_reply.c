/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer: status line, headers, body or error envelope. */
#include "http_private.h"

#include "arena.h"

#include <sodium.h>
#include <string.h>

void http_etag(const struct buf *body, char etag[ETAG_TEXT])
{
    uint8_t digest[16];
    crypto_generichash(digest, sizeof digest, (const uint8_t *)body->data, body->len, NULL, 0);
    etag[0] = '"';
    sodium_bin2hex(etag + 1, ETAG_TEXT - 1, digest, sizeof digest);
    etag[33] = '"';
    etag[34] = 0;
}

bool http_etag_listed(const char *header, const char *etag, bool weak)
{
    size_t len = strlen(etag);
    for (const char *p = header; *p;) {
        p += strspn(p, ", \t");
        p += weak && !strncmp(p, "W/", 2) ? 2 : 0;
        size_t item = strcspn(p, ",");
        size_t bare = item;
        while (bare && (p[bare - 1] == ' ' || p[bare - 1] == '\t'))
            bare--;
        if ((bare == 1 && *p == '*') || (bare == len && !memcmp(p, etag, len)))
            return true;
        p += item;
    }
    return false;
}

static void write_flaws(struct buf *out, const struct exchange *exchange)
{
    const struct flaws *flaws = &exchange->flaws;
    json_array(out);
    size_t kept = flaws->total < FLAWS_KEPT ? flaws->total : FLAWS_KEPT;
    for (size_t i = 0; i < kept; i++) {
        const struct flaw *flaw = &flaws->kept[i];
        json_object(out);
        json_put_raw(out, "loc",
                     exchange->csv ? csv_place(exchange->request.arena, &exchange->rows, flaw->loc)
                                   : flaw->loc);
        json_put_text(out, "type", flaw->type);
        json_put_text(out, "message", flaw->message);
        json_object_end(out);
    }
    json_array_end(out);
}

void http_write_error(struct exchange *exchange, enum err err)
{
    struct request *request = &exchange->request;
    struct buf *out = request->out;
    buf_reset(out, out->cap);
    json_object(out);
    json_key(out, "error");
    json_object(out);
    json_put_text(out, "code", err_code(err));
    json_put_text(out, "message", request->fail_message ? request->fail_message : err_message(err));
    json_key(out, "details");
    if (err == ERR_VALIDATION_ERROR && exchange->flaws.total) {
        json_object(out);
        json_key(out, "errors");
        write_flaws(out, exchange);
        json_put_int(out, "total", (int64_t)exchange->flaws.total);
        json_object_end(out);
    } else {
        json_raw(out, request->fail_details ? request->fail_details : "{}");
    }
    json_put_text(out, "doc_url",
                  arena_printf(exchange->http->arena, "/docs/errors#%s", err_code(err)));
    json_object_end(out);
    json_put_text(out, "request_id", exchange->request_id);
    json_object_end(out);
    request->status = err_status(err);
    request->content_type = "application/json";
}

const char *http_extra_headers(const struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    struct arena *arena = exchange->http->arena;
    const char *text = NULL;
    if (request->total >= 0)
        text = arena_printf(arena, "X-Total-Count: %lld\r\n", (long long)request->total);
    if (request->queue_state)
        text =
            arena_printf(arena, "%sX-Queue-State: %s\r\n", text ? text : "", request->queue_state);
    if (request->location)
        text = arena_printf(arena, "%sLocation: %s\r\n", text ? text : "", request->location);
    return text;
}

/* A status line needs one, whatever it says. Agents are refused without an enum err. */
static const char *reason(int status, enum err err)
{
    if (err)
        return err_code(err);
    if (status >= 400)
        return "Refused";
    return status == 201 ? "Created" : status == 304 ? "Not Modified" : "OK";
}

static void add_header(struct buf *head, const char *name, const char *value)
{
    buf_adds(head, name);
    buf_adds(head, value);
    buf_adds(head, "\r\n");
}

static void add_number(struct buf *head, int64_t number)
{
    char text[NUMBER_TEXT];
    buf_add(head, text, number_int_text(text, number));
}

void http_head(struct exchange *exchange, enum err err)
{
    const struct request *request = &exchange->request;
    struct buf *head = &exchange->http->head;
    buf_reset(head, head->cap);
    buf_adds(head, "Status: ");
    add_number(head, request->status);
    buf_addc(head, ' ');
    buf_adds(head, reason(request->status, err));
    add_header(head, "\r\nX-Request-ID: ", exchange->request_id);
    buf_adds(head, "X-API-Version: " API_VERSION "\r\nCache-Control: no-store\r\n"
                   "X-Content-Type-Options: nosniff\r\n");
    if (*exchange->etag)
        add_header(head, "ETag: ", exchange->etag);
    if (exchange->allow)
        add_header(head, "Allow: ", exchange->allow);
    const char *extra =
        exchange->replayed ? exchange->replayed_headers : http_extra_headers(exchange);
    if (!err && extra)
        buf_adds(head, extra);
    if (!err && exchange->replayed)
        buf_adds(head, "Idempotent-Replayed: true\r\n");
    if (exchange->limit)
        buf_printf(head,
                   "RateLimit-Policy: \"%s\";q=%lld;w=60\r\nRateLimit: \"%s\";r=%lld;t=%lld\r\n",
                   exchange->limit_name, (long long)exchange->limit, exchange->limit_name,
                   (long long)exchange->remaining, (long long)exchange->reset);
    if (err == ERR_INVALID_API_KEY)
        buf_adds(head, "WWW-Authenticate: Bearer\r\n");
    if (err == ERR_RATE_LIMITED)
        buf_printf(head, "Retry-After: %lld\r\n", (long long)exchange->retry_after);
    else if (err == ERR_UNAVAILABLE || err == ERR_TIMEOUT || err == ERR_IDEMPOTENCY_IN_FLIGHT ||
             err == ERR_RETRY)
        buf_adds(head, "Retry-After: 2\r\n");
    if (request->status != 304)
        add_header(head, "Content-Type: ", request->content_type);
}

void http_reply(struct exchange *exchange, enum err err)
{
    struct request *request = &exchange->request;
    struct buf *head = &exchange->http->head, *out = request->out;
    if (err)
        http_write_error(exchange, err);
    bool get = !strcmp(exchange->method, "GET") || !strcmp(exchange->method, "HEAD");
    if (!err && get && request->operation->flags & OP_RESOURCE) {
        http_etag(out, exchange->etag);
        if (*exchange->if_none_match &&
            http_etag_listed(exchange->if_none_match, exchange->etag, true))
            request->status = 304;
    }
    http_head(exchange, err);
    if (request->status == 304) {
        buf_reset(out, out->cap);
    } else {
        buf_adds(head, "Content-Length: ");
        add_number(head, (int64_t)out->len);
        buf_adds(head, "\r\n");
    }
    buf_adds(head, "\r\n");
    FCGX_PutStr(head->data, (int)head->len, exchange->fcgi->out);
    FCGX_PutStr(out->data, (int)out->len, exchange->fcgi->out);
}
