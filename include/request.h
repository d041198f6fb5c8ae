/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a handler sees: a checked request, and the place for its answer. */
#ifndef COSTWRIGHT_REQUEST_H
#define COSTWRIGHT_REQUEST_H

#include "buf.h"
#include "err.h"
#include "field.h"
#include "operation.h"
#include "uuid.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct db;
struct pepper;
struct settings;
struct shared;

#define REQUEST_IDS 3

struct caller {
    struct uuid org, user, key;      /* nil where there is none */
    struct uuid annotator, campaign; /* an annotator session: may act in that campaign only */
    struct uuid session;
    unsigned scopes; /* of enum scope, implied ones included */
    char prefix[16]; /* public part of the key, for the log */
};

/* An operation that a handler runs for its own caller. */
struct call {
    const struct operation *operation;
    const char *path, *query;    /* as a caller writes them: parameters in place, percent-encoded */
    const char *idempotency_key; /* "": none */
    struct buf *body;            /* JSON text or empty; is read in place */
    struct buf *out;             /* gets the answer, or the error envelope */
    const struct request *answer; /* set: status, total, queue_state; fail_message and flaws */
};

/* Handlers read query, body, id, word, caller, now; they write out (the JSON answer) or fail with
   request_fail. They run inside the transaction (mutations) and may be run again: they keep no
   state outside the request and do not change query or body. */
struct request {
    struct arena *arena;
    struct db *db;
    const struct settings *settings;
    const struct shared *shared; /* what the service counts */
    const struct operation *operation;
    struct uuid id[REQUEST_IDS]; /* path ids in path order */
    const char *word;            /* textual path parameter ({kind}) */
    const void *query, *body;    /* structs of the operation's shapes */
    struct field_raw raw;        /* OP_RAW: the body's bytes */
    struct caller caller;
    int64_t now;        /* arrival, UTC microseconds */
    const char *accept; /* Accept header or "" */
    const char *secret; /* server secret for keyed choices (32 bytes, derived from the pepper) */
    const struct pepper *pepper; /* hashes tokens (apikey_digest) */
    bool keyed; /* under an Idempotency-Key: effect and stored answer are one transaction */

    struct buf *out;          /* answer body */
    int status;               /* preset from the operation */
    int64_t total;            /* X-Total-Count; -1 = none */
    const char *queue_state;  /* X-Queue-State or NULL */
    const char *content_type; /* preset to application/json */
    const char *location;     /* Location of what was created, or NULL */

    const char *fail_message; /* set by request_fail; arena */
    const char *fail_details; /* JSON object text or NULL; arena */
    struct flaws *flaws;      /* of this request; request_flawed answers them */
    /* how the http room runs a transaction; called through request_transact */
    enum err (*transact)(struct request *request,
                         enum err (*body)(struct request *request, void *context), void *context,
                         bool last);
    /* the same without a transaction; through request_alone */
    enum err (*alone)(struct request *request,
                      enum err (*body)(struct request *request, void *context), void *context);
    /* how the http room runs another operation, and shows a header: called through request_call,
       request_header */
    enum err (*call)(struct request *request, struct call *call);
    /* how it answers piece by piece; NULL: nobody hears them. Called through request_send */
    enum err (*send)(struct request *request);
    const char *(*header)(const struct request *request, const char *name);
};

/* Returns err after noting message (NULL: the catalogue's). */
enum err request_fail(struct request *request, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* 409 conflict with details.reason. */
enum err request_conflict(struct request *request, const char *reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A flaw at body.<key>; ends the request with 422 when returned through request_flawed. */
void request_flaw(struct request *request, const char *key, const char *type, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
/* ERR_VALIDATION_ERROR if any flaw was noted, else ERR_OK. */
enum err request_flawed(struct request *request);
/* For OP_OWN_TRANSACTION: one transaction of the handler's, idempotency row included in it when
   last is true; body may be run again. */
enum err request_transact(struct request *request,
                          enum err (*body)(struct request *, void *context), void *context,
                          bool last);
/* The same for a body of one statement, which is a transaction by itself; not under an
   Idempotency-Key. ERR_RETRY: nothing was stored; request_transact does it. */
enum err request_alone(struct request *request, enum err (*body)(struct request *, void *context),
                       void *context);
/* Runs another operation for this request's caller, in its own transaction: not from inside one. */
enum err request_call(struct request *request, struct call *call);
/* For answers of any length, after each piece: what is in out goes to the caller once there is
   much, and out is empty again. What was sent cannot be taken back: an error that follows breaks
   the transfer off, so that nobody takes a part for the whole. ERR_UNAVAILABLE: the caller is gone.
 */
enum err request_send(struct request *request);
/* A header of the request by its CGI name ("ORIGIN", "MCP_NAME"); "": absent. */
const char *request_header(const struct request *request, const char *name);

#endif
