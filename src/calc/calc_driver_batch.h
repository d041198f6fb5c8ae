/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_batch.h: units in batches, one a lane (private to the driver posterior) */
#ifndef CALC_DRIVER_BATCH_H
#define CALC_DRIVER_BATCH_H

#include "calc_driver_internal.h"

/*
 * Rows of the units of a batch side by side: row j of lane l is the unit's row j. A lane that has
 * fewer rows ends in rows of weight 0, which change nothing: their shares are 1 and x is 0, so that
 * whatever is computed from them is finite.
 */
struct driver_batch_rows {
    size_t n;
    driver_lanes *share, *x, *w, *r, *jac; /* r and jac belong to the location last evaluated */
};

/*
 * Units with the same number of folds, by number of rows, four to a batch. What is left of a batch
 * repeats its first unit, with rows of weight 0 only.
 */
struct driver_batches {
    size_t n;                          /* batches */
    uint32_t *unit;                    /* [4 n] */
    uint32_t *row;                     /* [n + 1] first row of a batch */
    driver_lanes *live;                /* [n] 1, or 0 in a lane that repeats */
    driver_lanes *cavity, *cavity_var; /* [n k], [n t] q_p, Vq */
    driver_lanes *phi, *lambda;        /* [n k], [n] */
    struct driver_batch_rows rows;     /* all batches one after the other */
    struct driver_batch_rows fold;     /* those of one fold of one batch */
    driver_lanes *sd;                  /* of the rows of one batch */
    uint32_t *order, *order2;          /* [units] for sorting */
    uint64_t *key, *key2;              /* [units] for sorting */
};

/* Arrays for k drivers, cut from m. */
void driver_batches_cut(struct calc_driver_memory *m, struct driver_batches *b,
                        const struct calc_driver_set *set, size_t k);

/* Batches of a candidate's units with their rows and cavities; weights are 1. */
void driver_batches_fill(struct driver_batches *b, const struct driver_candidate *c);

#endif
