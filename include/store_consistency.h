/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold among the rows of a database whatever happened to it: every foreign key, and what
   the tables promise each other beyond them. Reads only. */
#ifndef COSTWRIGHT_STORE_CONSISTENCY_H
#define COSTWRIGHT_STORE_CONSISTENCY_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

struct consistency_check {
    const char *what;   /* that must hold */
    const char *mend;   /* where it does not */
    const char *broken; /* SELECT: a row with one text, where it is, for every place */
};

/* Those of the schema's foreign keys and those that were written down. */
enum err store_consistency_checks(struct db *db, struct arena *arena,
                                  struct consistency_check **checks, size_t *n);
/* How often it is broken, and one place, in the arena; NULL: nowhere. */
enum err store_consistency_find(struct db *db, const struct consistency_check *check,
                                struct arena *arena, int64_t *broken, const char **place);

/* Base tables by name. */
enum err store_consistency_tables(struct db *db, struct arena *arena, const char ***tables,
                                  size_t *n);
enum err store_consistency_rows(struct db *db, const char *table, struct arena *arena,
                                int64_t *rows);

#endif
