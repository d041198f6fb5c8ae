/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV bodies: rows become the JSON that the same field table reads, so that both have the same
   checks. */
#ifndef COSTWRIGHT_CSV_IN_H
#define COSTWRIGHT_CSV_IN_H

#include "field.h"

struct arena;
struct buf;

/* Comma, semicolon or tab: whichever the first line of text has most of, outside of quotes. */
char csv_separator(const char *text, size_t len);

/* Where the rows of a body stood in its CSV. */
struct csv_rows {
    const char *list; /* name of the body's list */
    size_t *lines;    /* line of each row, from 1 */
    size_t n;
};

/*
 * RFC 4180 text with a header line of field names (any case; the list's fields) to {"<list>":
 * [{…}, …], …}. Cells are separated as csv_separator says; a number may have a decimal comma unless
 * commas separate; a byte order mark is passed over; an empty cell is an absent field, a row of
 * them no row; a cell of a list or of free JSON holds JSON; a text loses the apostrophe that keeps
 * a spreadsheet from taking it for a formula (csv_out.h). query: the members of the body beside the
 * list, as in a URL; what else it holds is left in *rest. Flaws are found at ["body", "line", n].
 */
void csv_read(struct arena *arena, const char *text, size_t len, const char *query,
              const struct shape *shape, struct buf *out, const char **rest, struct csv_rows *rows,
              struct flaws *flaws);

/* A flaw's place in rows as its place in the text; others stay. */
const char *csv_place(struct arena *arena, const struct csv_rows *rows, const char *loc);

#endif
