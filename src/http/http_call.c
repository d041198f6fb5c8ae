/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handler runs another operation for its own caller: the same checks, transaction and
   idempotency as if the caller had sent it. Only the rate limit is not counted twice. */
#include "http_private.h"

#include "arena.h"
#include "store_db.h"
#include "when.h"

enum err http_call(struct request *request, struct call *call)
{
    const struct exchange *outer = http_exchange_of(request);
    struct http *http = outer->http;
    struct exchange *exchange = ARENA_NEW(http->arena, struct exchange);
    *exchange = (struct exchange){
        .http = http,
        .fcgi = outer->fcgi,
        .method = call->operation->method,
        .path = call->path,
        .query = call->query,
        .remote = outer->remote,
        .request_id = outer->request_id,
        .content_type = "application/json",
        .idempotency_key = call->idempotency_key,
        .if_match = "",
        .if_none_match = "",
        .started = time_monotonic(),
        .flaws = {.arena = http->arena},
        .body = call->body,
        .request = *request,
    };
    struct request *inner = &exchange->request;
    inner->operation = call->operation;
    inner->accept = "application/json";
    inner->out = call->out;
    inner->send = NULL; /* whole, into out */
    inner->flaws = &exchange->flaws;
    inner->query = inner->body = NULL;
    inner->word = NULL;
    inner->total = -1;
    int64_t retries = db_retries(http->db);
    http_route_parameters(exchange);
    enum err err = http_authorize(exchange);
    if (!err)
        err = http_share(exchange);
    if (!err)
        err = http_run(exchange);
    if (err)
        http_write_error(exchange, err);
    http_log(exchange, err, db_retries(http->db) - retries);
    call->answer = inner;
    return err;
}
