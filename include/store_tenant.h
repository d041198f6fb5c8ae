/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All rows of one organisation, whatever they are: the tables are read from the database's own
   schema (those with a column org_id, and org), so that a new one cannot be forgotten. */
#ifndef COSTWRIGHT_STORE_TENANT_H
#define COSTWRIGHT_STORE_TENANT_H

#include "err.h"
#include "uuid.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct db;
struct sql;
struct tenant_column;

struct tenant_table {
    const char *name;
    const char *owner; /* column that holds the organisation: org_id, or id of org itself */
    struct tenant_column *columns;
    size_t n_columns;
    const char *order;         /* columns of its primary key, as SQL */
    const struct sql *removal; /* one for all batches: every statement stays prepared */
};

/* Children before the tables that they refer to; org is the last. */
enum err store_tenant_tables(struct db *db, struct arena *arena, struct tenant_table **tables,
                             size_t *n);

/* Every row of the organisation in the order of the primary key, as a JSON object: numbers,
   booleans as 0 and 1, ids and moments as in the API, JSON as it is, bytes in base64. take gets it
   in row, which it may not keep; *count gets how many there were. Call in a transaction, or the
   tables do not fit together. */
enum err store_tenant_rows(struct db *db, const struct tenant_table *table, struct uuid org,
                           struct arena *arena, enum err (*take)(void *context, struct buf *row),
                           void *context, int64_t *count);

/* At most rows of them in one transaction; *gone of them: fewer than rows when none is left. What
   hangs on them by ON DELETE CASCADE must be gone already (that is what the order is for). */
enum err store_tenant_delete(struct db *db, const struct tenant_table *table, struct uuid org,
                             int64_t rows, int64_t *gone);

#endif
