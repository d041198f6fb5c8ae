/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes that may be longer than a packet of the server, in pieces: the first stands in the row they
   belong to, the others in rows of a table beside it. */
#ifndef COSTWRIGHT_STORE_PIECES_H
#define COSTWRIGHT_STORE_PIECES_H

#include "err.h"
#include "field.h"
#include "store_db.h"

#include <stdbool.h>

struct arena;

/* Bytes of a piece. A first piece that is full is always followed by others, if only by an empty
   one: where there are none, somebody has deleted them meanwhile. */
#define STORE_PIECE ((size_t)4 << 20)

/* The statements of such a table, whose first arguments are the owner's. */
struct store_pieces {
    struct sql insert; /* owner, seq from 1, bytes */
    struct sql size;   /* owner; one row: the sum of their lengths */
    struct sql select; /* owner; the bytes, by seq */
};
/* Of a table (owner, seq, bytes); columns: the owner's, marks: as many question marks, is: the
   condition that they are the owner's. */
#define STORE_PIECES(table, columns, marks, is)                                                    \
    {                                                                                              \
        .insert = {"INSERT INTO " table " (" columns ", seq, bytes) VALUES (" marks ", ?, ?)"},    \
        .size = {"SELECT CAST(COALESCE(SUM(LENGTH(bytes)), 0) AS SIGNED) FROM " table              \
                 " WHERE " is},                                                                    \
        .select = {"SELECT bytes FROM " table " WHERE " is " ORDER BY seq"},                       \
    }

/* For the row itself. */
struct db_value store_pieces_first(const struct field_raw *whole);
/* What the row has no room for. */
enum err store_pieces_insert(struct db *db, const struct store_pieces *pieces,
                             const struct db_value *owner, size_t n_owner,
                             const struct field_raw *whole);
/* Makes the first piece, where it is full, the whole. *any, unless NULL: others were there. */
enum err store_pieces_append(struct db *db, struct arena *arena, const struct store_pieces *pieces,
                             const struct db_value *owner, size_t n_owner, struct field_raw *whole,
                             bool *any);

#endif
