/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that nobody can use any more, of all tenants: taken out in batches, so that no lock is held
   for long and a purge that is cut off has lost nothing. */
#ifndef COSTWRIGHT_STORE_PURGE_H
#define COSTWRIGHT_STORE_PURGE_H

#include "err.h"

#include <stddef.h>
#include <stdint.h>

struct db;

/* One kind of them. Leases need none: they end by themselves and are overwritten. */
struct store_purge {
    const char *what; /* for people, plural */
    enum err (*batch)(struct db *db, int64_t now, int64_t rows);
};

extern const struct store_purge store_purges[];
extern const size_t n_store_purges;

/* Takes out at most rows of them in one transaction; *gone of them: fewer than rows when none is
   left. */
enum err store_purge_batch(struct db *db, const struct store_purge *purge, int64_t now,
                           int64_t rows, int64_t *gone);

#endif
