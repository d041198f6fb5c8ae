/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of a field table as CSV (RFC 4180) or JSON Lines. */
#ifndef COSTWRIGHT_CSV_OUT_H
#define COSTWRIGHT_CSV_OUT_H

#include "field.h"

struct buf;

enum csv_form { CSV_FORM_JSON, CSV_FORM_CSV, CSV_FORM_LINES };

/* What an Accept header asks for: text/csv, application/x-ndjson or application/jsonl; anything
   else is JSON. */
enum csv_form csv_form(const char *accept);

/* n things of shape, one a line; CSV with a header line of the fields' names, an empty cell where
   there is nothing. Returns the media type. */
const char *csv_write(struct buf *out, enum csv_form form, const struct shape *shape,
                      const void *things, size_t n);

#endif
