/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Things of a field table as lines of CSV (RFC 4180), as csv_in.h reads them back. */
#ifndef COSTWRIGHT_CSV_OUT_H
#define COSTWRIGHT_CSV_OUT_H

#include "field.h"

#include <stdbool.h>

struct buf;

/* The line of names, then a line per thing; hidden fields are no columns, and a shape with objects
   or lists has no CSV. Texts stand as they are, free JSON as its text, so that "1" and 1 stay
   apart; nothing is an empty cell. A text that a spreadsheet would take for a formula gets an
   apostrophe before it, which spreadsheets and csv_read take off again. */
void csv_names(struct buf *out, const struct shape *shape);
void csv_line(struct buf *out, const struct shape *shape, const void *thing);

/* Does text begin with what spreadsheets take for a formula, behind apostrophes or none? One of
   them is then put before it on the way out and taken off on the way in. */
bool csv_is_formula(const char *text, size_t len);

#endif
