/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one error catalogue: every way a call can end, its status, wire code and default text. */
#ifndef COSTWRIGHT_ERR_H
#define COSTWRIGHT_ERR_H

#include <stdbool.h>

/* name, HTTP status, wire code, safe to retry as it is, default message, what the caller can do.
   Everything outside the calc room returns enum err; ERR_OK is 0.
   A caller's mistake maps to one row; the world's failure to UNAVAILABLE or INTERNAL. */
#define ERR_CATALOGUE(X)                                                                           \
    X(BAD_REQUEST, 400, "bad_request", false, "The request body is not strict JSON.",              \
      "Send one JSON text in UTF-8: no trailing commas, comments, NaN, byte order mark or "        \
      "duplicate member names, at most 32 levels deep.")                                           \
    X(INVALID_API_KEY, 401, "invalid_api_key", false,                                              \
      "The API key is missing, malformed, expired or revoked.",                                    \
      "Send the key in X-API-Key (or Authorization: Bearer). An operator makes a new one with "    \
      "costwrightctl key create.")                                                                 \
    X(INSUFFICIENT_SCOPE, 403, "insufficient_scope", false,                                        \
      "The API key does not carry the scope that this operation needs.",                           \
      "details.required names the scope that is missing.")                                         \
    X(NOT_FOUND, 404, "not_found", false, "There is no such resource.",                            \
      "The path is unknown, or the id belongs to nobody or to another organisation.")              \
    X(METHOD_NOT_ALLOWED, 405, "method_not_allowed", false,                                        \
      "This path does not take that method; see the Allow header.",                                \
      "It lists what the path takes.")                                                             \
    X(REQUEST_TIMEOUT, 408, "request_timeout", true, "The request body did not arrive in time.",   \
      "Send again; the body must arrive without long pauses.")                                     \
    X(CONFLICT, 409, "conflict", false, "The request conflicts with the present state.",           \
      "details.reason says what stands in the way.")                                               \
    X(IDEMPOTENCY_CONFLICT, 409, "idempotency_conflict", false,                                    \
      "This Idempotency-Key was used with another request.",                                       \
      "A key stands for one request: method, path, query and exact body. Take a new key for "      \
      "another request.")                                                                          \
    X(IDEMPOTENCY_IN_FLIGHT, 409, "idempotency_in_flight", true,                                   \
      "The first request with this Idempotency-Key is still running.",                             \
      "Wait a moment and send the same again.")                                                    \
    X(PRECONDITION_FAILED, 412, "precondition_failed", false,                                      \
      "The resource is not in the state that If-Match names.",                                     \
      "Read the resource again and send its new ETag in If-Match.")                                \
    X(PAYLOAD_TOO_LARGE, 413, "payload_too_large", false, "The request body is too large.",        \
      "details.limit_bytes is the limit. Split the rows over several calls.")                      \
    X(URI_TOO_LONG, 414, "uri_too_long", false, "The request target is too long.",                 \
      "Shorten the query.")                                                                        \
    X(UNSUPPORTED_MEDIA_TYPE, 415, "unsupported_media_type", false,                                \
      "The request body must be application/json in UTF-8.",                                       \
      "Send Content-Type: application/json.")                                                      \
    X(VALIDATION_ERROR, 422, "validation_error", false, "The request has invalid fields.",         \
      "details.errors lists every flaw: loc (where), type, message.")                              \
    X(RATE_LIMITED, 429, "rate_limited", true, "Too many requests; retry after a pause.",          \
      "Wait as long as Retry-After says; details names the limit.")                                \
    X(HEADERS_TOO_LARGE, 431, "headers_too_large", false, "The request headers are too large.",    \
      "Send fewer or shorter headers.")                                                            \
    X(INTERNAL, 500, "internal", true, "Internal error; nothing was changed.",                     \
      "Report the request_id to the operator.")                                                    \
    X(UPSTREAM_FAILED, 502, "upstream_failed", true,                                               \
      "The service did not answer; retry with the same Idempotency-Key.",                          \
      "The process that worked on the request ended. Send again with the same Idempotency-Key: "   \
      "the effect happens once.")                                                                  \
    X(UNAVAILABLE, 503, "unavailable", true,                                                       \
      "The service cannot answer now; retry with the same Idempotency-Key.",                       \
      "The service is starting, ending, overloaded or without its database. Send again with the "  \
      "same Idempotency-Key after Retry-After.")                                                   \
    X(TIMEOUT, 504, "timeout", true, "No answer in time; retry with the same Idempotency-Key.",    \
      "Send again with the same Idempotency-Key, perhaps with fewer rows.")

enum err {
    ERR_OK,
#define X(name, status, code, retry, text, mend) ERR_##name,
    ERR_CATALOGUE(X)
#undef X
    /* never on the wire: the transaction lost a race (1213, 1205, 1020) and is to be run again */
    ERR_RETRY,
    /* never on the wire: a unique key was hit; the caller turns it into the conflict it means */
    ERR_DUPLICATE,
    ERR_COUNT
};

int err_status(enum err err);
const char *err_code(enum err err);
const char *err_message(enum err err);
const char *err_mend(enum err err); /* what the caller can do about it */
bool err_retry_safe(enum err err);

#endif
