/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One operation, from the bytes of its body to its answer: the same for every way a call comes in.
 */
#include "http_private.h"

#include "arena.h"
#include "json_in.h"
#include "store_db.h"

#include <sodium.h>
#include <string.h>

static const struct shape no_body = {.name = "Empty", .n = 0, .nulls = SHAPE_NO_NULLS};

static void check_idempotency_key(struct exchange *exchange)
{
    const char *key = exchange->idempotency_key;
    size_t len = strlen(key);
    if (!len)
        return;
    bool quoted = len >= 2 && key[0] == '"' && key[len - 1] == '"';
    bool printable = len <= (quoted ? 257 : 255) && !(quoted && len == 2);
    for (const char *p = key; *p && printable; p++)
        printable = *p >= 0x20 && *p <= 0x7e;
    if (!printable)
        flaw_add(&exchange->flaws,
                 &(struct field_path){&(struct field_path){.key = "header"}, "Idempotency-Key", 0},
                 "not_printable", "must be 1 to 255 printable ASCII characters");
}

/* The body as the JSON it stands for; what came is not needed any more. */
static struct buf *read_csv(struct exchange *exchange, const char **query)
{
    struct arena *arena = exchange->request.arena;
    struct buf *json = arena_buf(arena);
    csv_read(arena, exchange->body->data ? exchange->body->data : "", exchange->body->len,
             exchange->query, exchange->request.operation->body, json, query, &exchange->rows,
             &exchange->flaws);
    buf_forget(exchange->body, KEEP_BODY);
    buf_text(json);
    return json;
}

static void check_path(struct exchange *exchange)
{
    const struct field_path path = {.key = "path"};
    for (size_t i = 0; i < exchange->n_path_flaws; i++) {
        const struct path_flaw *flaw = &exchange->path_flaws[i];
        flaw_add_at(&exchange->flaws, &path, flaw->name, flaw->missing ? "missing" : "not_a_uuid",
                    flaw->missing ? "is required" : "must be a UUID");
    }
}

static void read_query(struct exchange *exchange, const char *query)
{
    struct request *request = &exchange->request;
    const struct shape *shape = request->operation->query;
    if (!shape && !*query)
        return;
    void *thing = shape ? arena_alloc(request->arena, shape->size) : NULL;
    field_read_query(query, shape ? shape : &no_body, thing, &exchange->flaws);
    request->query = thing;
}

static enum err read_body(struct exchange *exchange, struct buf *body)
{
    struct request *request = &exchange->request;
    const struct shape *shape = request->operation->body;
    const struct field_path root = {.key = "body"};
    if (!shape && !body->len)
        return ERR_OK;
    if (!shape)
        shape = &no_body;
    void *thing = arena_alloc(request->arena, shape->size);
    struct json_in in;
    json_in_open(&in, body->data, body->len);
    field_read(&in, shape, thing, &exchange->flaws, &root);
    if (!in.failed)
        json_in_finish(&in);
    const char *why = in.why;
    size_t where = in.where, kept = (size_t)(in.kept - in.start);
    bool failed = in.failed;
    json_in_close(&in);
    buf_forget(body, kept > KEEP_BODY ? kept : KEEP_BODY);
    request->body = thing;
    if (!failed)
        return ERR_OK;
    request->fail_details = arena_printf(request->arena, "{\"offset\":%zu}", where);
    return request_fail(request, ERR_BAD_REQUEST,
                        "The request body is not strict JSON: %s at byte %zu.", why, where);
}

/* JSON and fields of body, query and path: syntax is 400, everything else is collected. */
static enum err read_fields(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    struct buf *body = exchange->body;
    const char *query = exchange->query;
    enum err err = ERR_OK;
    check_path(exchange);
    if (exchange->csv)
        body = read_csv(exchange, &query);
    read_query(exchange, query);
    if (request->operation->flags & OP_RAW)
        request->raw = (struct field_raw){buf_text(body), body->len};
    else
        err = read_body(exchange, body);
    if (err)
        return err;
    check_idempotency_key(exchange);
    return exchange->flaws.total ? ERR_VALIDATION_ERROR : ERR_OK;
}

/* If-Match: the resource as its GET shows it now must carry the tag. Inside the transaction, so
   that what was compared cannot change before the effect (innodb_snapshot_isolation). */
static enum err check_precondition(struct exchange *exchange)
{
    struct http *http = exchange->http;
    const struct operation *twin = operation_twin(exchange->request.operation);
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
    return http_etag_listed(exchange->if_match, etag, false) ? ERR_OK : ERR_PRECONDITION_FAILED;
}

static void start_over(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    buf_reset(request->out, request->out->cap);
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
    return !err && keyed ? http_idempotency_save(exchange) : err;
}

static enum err outcome_unknown(struct request *request)
{
    request->fail_details = "{\"reason\":\"outcome_unknown\"}";
    return request_fail(request, ERR_UNAVAILABLE,
                        "The database went away while it was storing this: it may be stored or "
                        "not. Repeat it with the same Idempotency-Key.");
}

enum err http_transact(struct request *request,
                       enum err (*body)(struct request *request, void *context), void *context,
                       bool last)
{
    struct exchange *exchange = http_exchange_of(request);
    struct effect effect = {exchange, body, context, last};
    struct db *db = exchange->http->db;
    bool block = request->operation->flags & OP_BLOCK && !request->keyed, unknown;
    enum err err = block ? db_transact_block(db, run_effect, &effect, &unknown)
                         : db_transact(db, run_effect, &effect, &unknown);
    if (!err || !unknown)
        return err;
    /* COMMIT was sent and its answer is lost: the stored answer tells what became of it */
    if (last && *exchange->idempotency_key && http_idempotency_find(exchange) == ERR_OK)
        return ERR_OK;
    return outcome_unknown(request);
}

static enum err run_alone(void *context)
{
    struct effect *effect = context;
    return effect->body(&effect->exchange->request, effect->context);
}

enum err http_alone(struct request *request,
                    enum err (*body)(struct request *request, void *context), void *context)
{
    struct exchange *exchange = http_exchange_of(request);
    struct effect effect = {exchange, body, context, true};
    bool unknown;
    enum err err = db_alone(exchange->http->db, run_alone, &effect, &unknown);
    return unknown ? outcome_unknown(request) : err;
}

static enum err call_handler(struct request *request, void *context)
{
    (void)context;
    return request->operation->handler(request);
}

static enum err keep_answer(void *context)
{
    struct exchange *exchange = context;
    enum err err = http_idempotency_claim(exchange);
    return err || exchange->replayed ? err : http_idempotency_save(exchange);
}

static enum err perform(struct exchange *exchange)
{
    struct request *request = &exchange->request;
    const struct operation *operation = request->operation;
    start_over(exchange);
    request->keyed = *exchange->idempotency_key;
    if (!operation_mutates(operation))
        return operation->handler(request);
    if (!(operation->flags & OP_OWN_TRANSACTION))
        return http_transact(request, call_handler, NULL, true);
    if (*exchange->idempotency_key) {
        enum err err = http_idempotency_find(exchange);
        if (err != ERR_NOT_FOUND)
            return err;
    }
    enum err err = operation->handler(request);
    if (err || !*exchange->idempotency_key || exchange->kept)
        return err;
    /* it has found nothing to store: its answer is all there is to keep */
    bool unknown;
    return db_transact(exchange->http->db, keep_answer, exchange, &unknown);
}

enum err http_run(struct exchange *exchange)
{
    const struct buf *body = exchange->body;
    if (*exchange->idempotency_key)
        crypto_generichash(exchange->body_hash, sizeof exchange->body_hash,
                           (const uint8_t *)body->data, body->len, NULL, 0);
    enum err err = read_fields(exchange);
    return err ? err : perform(exchange);
}
