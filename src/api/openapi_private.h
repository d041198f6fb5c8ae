/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files that write the API description. */
#ifndef COSTWRIGHT_OPENAPI_PRIVATE_H
#define COSTWRIGHT_OPENAPI_PRIVATE_H

#include "buf.h"
#include "field.h"
#include "operation.h"

#define ADDED "x-costwright-added" /* beyond the documented surface */

/* openapi_schema.c: the shapes that the operations use, each once. A shape that requests and
   answers share has two schemas: NameInput and Name. */
void openapi_schemas(struct buf *out);
const char *openapi_ref(const struct shape *shape, bool answer);

/* openapi_operation.c: the members of one path item's method */
void openapi_operation(struct buf *out, const struct operation *operation);
/* the errors that operations answer with, one response a status */
void openapi_error_responses(struct buf *out);

/* examples.c, made out of examples.txt: what a test run sent and was answered, at most one of each
   an operation. JSON. */
struct openapi_example {
    const char *operation;
    bool answer;
    const char *text;
};
extern const struct openapi_example openapi_examples[];
extern const size_t openapi_n_examples;

#endif
