/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many keys in one statement: a JSON array that the server joins with. */
#ifndef COSTWRIGHT_STORE_KEYS_H
#define COSTWRIGHT_STORE_KEYS_H

#include "buf.h"
#include "uuid.h"

/* In a FROM list: one row per key, k.i = 1, 2, … in the order of the array, k.number or k.id the
   key. Joined by STRAIGHT_JOIN and FORCE INDEX: where a table has grown quicker than its statistics
   the optimizer reads it first and looks through all keys for each of its rows. A text that no part
   number can be (too long) joins with nothing. */
#define STORE_KEYS_NUMBERS                                                                         \
    "JSON_TABLE(?, '$[*]' COLUMNS(i FOR ORDINALITY, number VARCHAR(200) CHARACTER SET utf8mb4"     \
    " COLLATE utf8mb4_nopad_bin PATH '$')) k"
#define STORE_KEYS_IDS "JSON_TABLE(?, '$[*]' COLUMNS(i FOR ORDINALITY, id CHAR(36) PATH '$')) k"

/* The array for the placeholder; the caller clears keys. */
static inline void store_keys_ids(struct buf *keys, const struct uuid *ids, size_t n)
{
    json_array(keys);
    for (size_t i = 0; i < n; i++)
        json_uuid(keys, &ids[i]);
    json_array_end(keys);
}

#endif
