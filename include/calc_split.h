/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_split.h: hold-out split by keyed hash, whole groups at a time */
#ifndef CALC_SPLIT_H
#define CALC_SPLIT_H

#include "calc_order.h"
#include "calc_status.h"

#include <stdbool.h>
#include <stdint.h>

/* Scratch of one row; the caller gives an array of n and need not initialise it. */
struct calc_split_row {
    uint64_t hash;
    struct calc_key key;
    size_t row;
};

/*
 * Decide which of n rows are held out. Rows with the same key form a group that never sits on both
 * sides. Groups are taken in the order of (h64("salt|key"), key) until at least
 *     want = clamp(floor(n * holdout_pct + 1/2), 1, n - 1)
 * rows are held out; one group always stays for training. The choice depends on keys, salt and n
 * only: not on values (so held-out rows stay exchangeable with the others) and not on row order.
 * With distinct keys this is the split row by row that the driver posterior uses.
 *
 * holdout_pct  fraction, 0 <= holdout_pct < 1
 * held[n]      out: true for the rows held out
 * n_held       out: their number; 0 where there is only one group (or row, or none)
 *
 * CALC_DOMAIN  holdout_pct outside its range, NaN included
 */
enum calc_status calc_split_holdout(struct calc_key salt, const struct calc_key *keys, size_t n,
                                    double holdout_pct, struct calc_split_row *scratch, bool *held,
                                    size_t *n_held);

#endif
