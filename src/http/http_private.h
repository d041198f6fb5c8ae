/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files of the http room only. */
#ifndef COSTWRIGHT_HTTP_PRIVATE_H
#define COSTWRIGHT_HTTP_PRIVATE_H

#include "apikey.h"
#include "buf.h"
#include "csv_in.h"
#include "field.h"
#include "http.h"
#include "request.h"

#include <stdatomic.h>

#define ETAG_TEXT 35                /* quote, 32 hex digits, quote, NUL */
#define KEEP_BODY ((size_t)4 << 20) /* kept of a body's memory: every new page of it is a fault */

struct http {
    const struct settings *settings;
    struct shared *shared;
    struct shared_worker *slot; /* of this process */
    _Atomic uint64_t *epoch;    /* revocations on this host; NULL: cached keys only expire */
    struct db *db;
    struct arena *arena;
    struct buf body, out, head, twin;
    struct pepper pepper;
    struct route *routes; /* the operation table, split */
};

/* One request on its way through: from the web server, or made by a handler (http_call.c). */
struct exchange {
    struct http *http;
    FCGX_Request *fcgi;     /* the caller's, also where a handler made this one */
    struct request request; /* answers into request.out */
    struct flaws flaws;
    struct buf *body; /* read in place */
    const char *method, *path, *query, *remote, *request_id;
    const char *content_type, *idempotency_key, *if_match, *if_none_match;
    const char *key_text, *bearer, *content_encoding;
    int64_t content_length; /* -1: none given */
    int64_t started;        /* time_monotonic */
    double received;        /* by the web server, seconds since 1970; 0: it did not say */
    uint8_t body_hash[32];  /* of the exact bytes, made before they are read in place */
    int claim_waits;        /* times the idempotency row was held by another request */
    bool sending, gone;     /* the answer goes out in pieces; nobody takes them any more */
    int64_t sent;           /* bytes of it */
    bool kept, replayed;    /* the answer is stored under its key; it is the stored one */
    bool csv;               /* the body is text/csv */
    struct csv_rows rows;
    const char *replayed_headers; /* header lines stored with the first answer */
    const char *allow;            /* 405: the methods there are */
    struct path_flaw {
        const char *name;
        bool missing;
    } path_flaws[REQUEST_IDS]; /* path ids that are none */
    size_t n_path_flaws;
    char etag[ETAG_TEXT];
    int64_t limit, remaining, reset; /* RateLimit; limit 0: none applies */
    const char *limit_name;
    int64_t retry_after; /* with ERR_RATE_LIMITED, seconds */
};

/* The exchange that the request is part of: all that handlers see are. */
static inline struct exchange *http_exchange_of(const struct request *request)
{
    return (struct exchange *)((uintptr_t)request - offsetof(struct exchange, request));
}

/* http_request.c: parameters out of the FastCGI environment; then the body */
const char *http_request_header(const struct request *request, const char *name);
enum err http_request_read(struct exchange *exchange);
enum err http_request_body(struct exchange *exchange);

/* http_route.c: operation, path ids. ERR_NOT_FOUND, ERR_METHOD_NOT_ALLOWED. */
struct route *http_routes_new(void);
enum err http_route(struct exchange *exchange);
/* the path ids alone, of an operation that is known and a path made for it */
void http_route_parameters(struct exchange *exchange);

/* http_auth.c: who calls, then whether they may */
enum err http_authenticate(struct exchange *exchange);
enum err http_authorize(struct exchange *exchange);

/* http_limit.c: ERR_RATE_LIMITED */
enum err http_limit(struct exchange *exchange);
/* The same where the caller's organisation has all heavy workers but one at work already. */
enum err http_share(struct exchange *exchange);

/* http_run.c: from the body's bytes to the answer in request.out: JSON, fields, transaction,
   idempotency, precondition, handler. Whoever calls it has routed and authorized. */
enum err http_run(struct exchange *exchange);
enum err http_transact(struct request *request,
                       enum err (*body)(struct request *request, void *context), void *context,
                       bool last);
enum err http_alone(struct request *request,
                    enum err (*body)(struct request *request, void *context), void *context);

/* http_call.c: request->call */
enum err http_call(struct request *request, struct call *call);

/* http_idempotency.c, inside the transaction: exchange->replayed when a stored answer is in out */
enum err http_idempotency_claim(struct exchange *exchange);
enum err http_idempotency_save(struct exchange *exchange);
/* outside: a stored answer, before the work is done; ERR_NOT_FOUND: there is none */
enum err http_idempotency_find(struct exchange *exchange);

/* http_reply.c */
void http_etag(const struct buf *body, char etag[ETAG_TEXT]);
/* Does the header's list of entity tags name etag? "*" names every one. weak: W/"x" names "x"
   (If-None-Match), else it names nothing (If-Match). */
bool http_etag_listed(const char *header, const char *etag, bool weak);
/* Header lines of the answer that its handler set and a replay repeats; NULL: none. */
const char *http_extra_headers(const struct exchange *exchange);
/* The error envelope as the body. */
void http_write_error(struct exchange *exchange, enum err err);
/* Status line and headers into http->head, but for Content-Length and the empty line. */
void http_head(struct exchange *exchange, enum err err);
void http_reply(struct exchange *exchange, enum err err);

/* http_send.c: request->send; then the end of what it began: the rest, or, after an error, a
   connection that breaks. What is to be logged. */
enum err http_send(struct request *request);
enum err http_send_end(struct exchange *exchange, enum err err);

/* http_serve.c: a request that has just come (flaws are still to be linked); the rule for its
   body's type; one line of the log, and one more in the metrics */
struct exchange http_exchange(struct http *http, FCGX_Request *fcgi);
enum err http_check_media_type(struct exchange *exchange);
void http_log(const struct exchange *exchange, enum err err, int64_t retries);

#endif
