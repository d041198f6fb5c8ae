/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an operation takes and answers, as JSON Schema: for the API description and for agents'
 * tools. */
#ifndef COSTWRIGHT_OPERATION_SCHEMA_H
#define COSTWRIGHT_OPERATION_SCHEMA_H

#include "buf.h"
#include "operation.h"

/* Members of the schema of a path parameter (from operation_parameter), without its description. */
void operation_parameter_schema(struct buf *out, const char *name, size_t len);
const char *operation_parameter_help(const char *name, size_t len);
/* The group it belongs to: environments, calibration, ... */
const char *operation_tag(const struct operation *operation);

/* One object for everything it takes: path, query and body members side by side (no operation uses
   a name twice), and idempotency_key where it changes something. Nested shapes stand in place. */
void operation_arguments_schema(struct buf *out, const struct operation *operation);

/* What it answers, as one object: a bare list or null stands in it as data. The operation has an
   answer's shape. */
void operation_answer_schema(struct buf *out, const struct operation *operation);
bool operation_answers_bare(const struct operation *operation); /* a list, or null */

#endif
