/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user of a connection may do in its database. */
#ifndef COSTWRIGHT_STORE_GRANTS_H
#define COSTWRIGHT_STORE_GRANTS_H

#include "err.h"

struct buf;
struct db;

/* Appends to missing, comma-separated, those of the privileges (NULL-ended) that SHOW GRANTS gives
   neither on the database nor on all databases. Names of databases with wildcards are not read. */
enum err store_grants_missing(struct db *db, const char *database, const char *const *privileges,
                              struct buf *missing);

#endif
