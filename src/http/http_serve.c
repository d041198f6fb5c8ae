/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request, a straight line. */
#include "http_private.h"

#include "arena.h"
#include "json_in.h"
#include "log.h"
#include "settings.h"
#include "shared.h"
#include "store_db.h"
#include "when.h"

#include <malloc.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LARGE_BYTES ((size_t)1024 * 1024) /* a request that is worth tidying up after */
#define KEEP_BYTES  ((size_t)64 * 1024)   /* what a buffer keeps between requests */

static const struct shape no_body = {.name = "Empty", .n = 0, .nulls = SHAPE_NO_NULLS};

enum err http_new(struct http **out, const struct settings *settings, struct shared *shared)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        abort();
    enum err err = pepper_load(settings, &http->pepper);
    if (err) {
        free(http);
        return ERR_VALIDATION_ERROR;
    }
    http->settings = settings;
    http->shared = shared;
    http->epoch = shared_epoch_open(settings->state_dir);
    http->db = db_open(settings, DB_SERVICE);
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

static bool is_mutation(const struct operation *operation)
{
    return strcmp(operation->method, "GET") != 0 && !(operation->flags & OP_READ_ONLY);
}

static enum err check_media_type(const struct exchange *exchange)
{
    const char *type = exchange->content_type;
    if (exchange->content_length <= 0)
        return ERR_OK;
    size_t len = strcspn(type, "; \t");
    if (len != 16 || strncasecmp(type, "application/json", 16) != 0)
        return ERR_UNSUPPORTED_MEDIA_TYPE;
    const char *charset = strcasestr(type + len, "charset=");
    if (!charset)
        return ERR_OK;
    charset += 8 + (charset[8] == '"');
    return strncasecmp(charset, "utf-8", 5) ? ERR_UNSUPPORTED_MEDIA_TYPE : ERR_OK;
}

static enum err check_idempotency_key(struct exchange *exchange)
{
    const char *key = exchange->idempotency_key;
    size_t len = strlen(key);
    if (!len)
        return ERR_OK;
    bool printable = len <= 257;
    for (const char *p = key; *p && printable; p++)
        printable = *p >= 0x20 && *p <= 0x7e;
    if (len > 255 && !(len <= 257 && key[0] == '"' && key[len - 1] == '"'))
        printable = false;
    if (!printable)
        flaw_add(&exchange->flaws,
                 &(struct field_path){&(struct field_path){.key = "header"}, "Idempotency-Key", 0},
                 "not_printable", "must be 1 to 255 printable ASCII characters");
    return ERR_OK;
}

/* JSON and fields of body, query and path: syntax is 400, everything else is collected. */
static enum err read_fields(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const struct operation *operation = request->operation;
    struct buf *body = &exchange->http->body;
    const struct field_path root = {.key = "body"};
    if (exchange->path_flaw) {
        const struct field_path path = {.key = "path"};
        flaw_add_at(&exchange->flaws, &path, exchange->path_flaw, "not_a_uuid", "must be a UUID");
    }
    if (operation->query) {
        void *query = arena_alloc(request->arena, operation->query->size);
        field_read_query(exchange->query, operation->query, query, &exchange->flaws);
        request->query = query;
    } else if (*exchange->query) {
        field_read_query(exchange->query, &no_body, NULL, &exchange->flaws);
    }
    if (operation->body || body->len) {
        const struct shape *shape = operation->body ? operation->body : &no_body;
        bool absent = !body->len;
        if (absent && operation->flags & OP_BODY_OPTIONAL) {
            buf_adds(body, "{}");
            buf_text(body);
        }
        struct json_in in;
        void *thing = arena_alloc(request->arena, shape->size);
        json_in_open(&in, body->data, body->len);
        field_read(&in, shape, thing, &exchange->flaws, &root);
        if (!in.failed)
            json_in_finish(&in);
        const char *why = in.why;
        size_t where = in.where;
        bool failed = in.failed;
        json_in_close(&in);
        if (failed) {
            request->fail_details = arena_printf(request->arena, "{\"offset\":%zu}", where);
            return request_fail(request, ERR_BAD_REQUEST,
                                "The request body is not strict JSON: %s at byte %zu.", why, where);
        }
        request->body = thing;
    }
    check_idempotency_key(exchange);
    return exchange->flaws.total ? ERR_VALIDATION_ERROR : ERR_OK;
}

/* If-Match: the resource as its GET shows it now must carry the tag. Inside the transaction, so
   that what was compared cannot change before the effect (innodb_snapshot_isolation). */
static enum err check_precondition(struct exchange *exchange)
{
    struct http *http = exchange->http;
    const struct operation *twin = http_route_twin(exchange->request.operation);
    if (!*exchange->if_match || !twin)
        return ERR_OK;
    struct request shown = exchange->request;
    shown.operation = twin;
    shown.out = &http->twin;
    shown.query = shown.body = NULL;
    buf_reset(&http->twin, http->twin.cap);
    enum err err = twin->handler(&shown);
    if (err)
        return err;
    char etag[ETAG_TEXT];
    http_etag(&http->twin, etag);
    return http_etag_listed(exchange->if_match, etag) ? ERR_OK : ERR_PRECONDITION_FAILED;
}

static void start_over(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    buf_reset(&exchange->http->out, exchange->http->out.cap);
    request->status = request->operation->status;
    request->total = -1;
    request->queue_state = request->location = NULL;
    request->fail_message = request->fail_details = NULL;
    exchange->flaws.total = 0;
}

struct effect {
    struct exchange *exchange;
    enum err (*body)(struct request *request, void *context);
    void *context;
    bool last;
};

static enum err run_effect(void *context)
{
    struct effect *effect = context;
    struct exchange *exchange = effect->exchange;
    bool keyed = effect->last && *exchange->idempotency_key;
    if (effect->last)
        start_over(exchange);
    enum err err = keyed ? http_idempotency_claim(exchange) : ERR_OK;
    if (err || exchange->replayed)
        return err;
    if (effect->last)
        err = check_precondition(exchange);
    if (!err)
        err = effect->body(&exchange->request, effect->context);
    if (!err && keyed)
        err = http_idempotency_save(exchange);
    return err;
}

static enum err transact(struct request *request,
                         enum err (*body)(struct request *request, void *context), void *context,
                         bool last)
{
    struct exchange *exchange =
        (struct exchange *)((char *)request - offsetof(struct exchange, request));
    struct effect effect = {exchange, body, context, last};
    bool unknown;
    enum err err = db_transact(exchange->http->db, run_effect, &effect, &unknown);
    /* COMMIT was sent and the server went away: the stored answer tells what became of it */
    if (err && unknown && last && *exchange->idempotency_key)
        err = http_idempotency_find(exchange) == ERR_OK ? ERR_OK : ERR_UNAVAILABLE;
    return err;
}

static enum err call_handler(struct request *request, void *context)
{
    (void)context;
    return request->operation->handler(request);
}

static enum err perform(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const struct operation *operation = request->operation;
    start_over(exchange);
    if (!is_mutation(operation))
        return operation->handler(request);
    if (!(operation->flags & OP_OWN_TRANSACTION))
        return transact(request, call_handler, NULL, true);
    if (*exchange->idempotency_key) {
        enum err err = http_idempotency_find(exchange);
        if (err != ERR_NOT_FOUND)
            return err;
    }
    return operation->handler(request);
}

static bool waited_too_long(const struct exchange *exchange)
{
    const char *received = FCGX_GetParam("REQUEST_RECEIVED", exchange->fcgi->envp);
    if (!received || !*received)
        return false;
    double age = (double)exchange->request.now / 1e6 - strtod(received, NULL);
    return age > (double)exchange->http->settings->queue_seconds;
}

static enum err handle(struct exchange *exchange)
{
    if (waited_too_long(exchange))
        return ERR_UNAVAILABLE;
    enum err err = http_request_read(exchange);
    if (!err)
        err = http_route(exchange);
    if (!err)
        err = http_authenticate(exchange);
    if (!err)
        err = http_limit(exchange);
    if (!err)
        err = check_media_type(exchange);
    if (!err)
        err = http_request_body(exchange);
    if (!err && *exchange->idempotency_key)
        crypto_generichash(exchange->body_hash, sizeof exchange->body_hash,
                           (const uint8_t *)exchange->http->body.data, exchange->http->body.len,
                           NULL, 0);
    if (!err)
        err = read_fields(exchange);
    return err ? err : perform(exchange);
}

static void write_log(const struct exchange *exchange, enum err err, int64_t retries)
{
    const struct request *request = &exchange->request;
    log_request(&(struct log_request){
        .request_id = exchange->request_id,
        .method = exchange->method,
        .path = exchange->path,
        .operation = request->operation ? request->operation->name : NULL,
        .code = err ? err_code(err) : NULL,
        .key_prefix = *request->caller.prefix ? request->caller.prefix : NULL,
        .remote = exchange->remote,
        .status = request->status,
        .bytes_in = (int64_t)exchange->http->body.len,
        .bytes_out = (int64_t)exchange->http->out.len,
        .microseconds = time_monotonic() - exchange->started,
        .retries = retries,
    });
}

void http_serve(struct http *http, FCGX_Request *fcgi)
{
    struct exchange exchange = {
        .http = http,
        .fcgi = fcgi,
        .method = "",
        .path = "",
        .query = "",
        .remote = "",
        .request_id = "",
        .started = time_monotonic(),
        .flaws = {.arena = http->arena},
        .request = {.arena = http->arena,
                    .db = http->db,
                    .settings = http->settings,
                    .now = time_now(),
                    .accept = "",
                    .secret = (const char *)http->pepper.choice,
                    .out = &http->out,
                    .total = -1,
                    .content_type = "application/json",
                    .transact = transact},
    };
    exchange.request.flaws = &exchange.flaws;
    buf_reset(&http->body, KEEP_BYTES);
    int64_t retries = db_retries(http->db);
    enum err err = handle(&exchange);
    http_reply(&exchange, err);
    write_log(&exchange, err, db_retries(http->db) - retries);
    bool large = http->body.cap + http->out.cap > LARGE_BYTES;
    buf_reset(&http->body, KEEP_BYTES);
    buf_reset(&http->out, KEEP_BYTES);
    buf_reset(&http->head, KEEP_BYTES);
    buf_reset(&http->twin, KEEP_BYTES);
    arena_reset(http->arena);
    if (large)
        malloc_trim(0); /* the pages between what is kept, too */
}
