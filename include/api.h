/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The api room: handlers and request shapes, one resource a file; all of them stand in the operation table. */
#ifndef COSTWRIGHT_API_H
#define COSTWRIGHT_API_H

#include "field.h"
#include "request.h"

/* shared shapes */
extern const struct shape shape_page;    /* struct api_page: limit, offset of a list */
extern const struct shape shape_limit;   /* the same for lists that answer everything unless limit is given */
extern const struct shape shape_message; /* struct api_message: what a DELETE answers */

struct api_page {
    int64_t limit, offset; /* shape_limit: limit INT_NONE = everything */
};

struct api_message {
    const char *message;
};

/* Answers thing through the operation's answer shape. */
enum err api_answer(struct request *request, const void *thing);
/* Answers {"message": text}. */
enum err api_say(struct request *request, const char *text);
/* ERR_NOT_FOUND becomes 422 at body.<key>: an id inside a body that does not exist or is another org's. */
enum err api_unknown_reference(struct request *request, const char *key, enum err err);

/* service */
enum err service_healthz(struct request *request);
enum err service_readyz(struct request *request);

#endif
