/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numeric functions of the benchmark and the rows they are given. */
#ifndef BENCH_NUMERIC_H
#define BENCH_NUMERIC_H

#include "arena.h"
#include "calc_agreement.h"
#include "calc_bias.h"
#include "calc_conformal.h"
#include "calc_consensus.h"
#include "calc_curve.h"
#include "calc_drift.h"
#include "calc_driver.h"
#include "calc_logit.h"
#include "calc_policy.h"
#include "calc_price.h"
#include "calc_split.h"
#include "calc_times.h"
#include "calc_trust.h"
#include "calc_vote.h"
#include "calc_workorder.h"

enum { BINS = 8 };

/* What a round works on; filled in before the clock starts. */
extern struct numeric_work {
    struct arena *arena;
    size_t n, n_train;
    double *x, *y, *scratch;
    size_t *start, *chosen;
    void *memory;
    size_t size; /* of memory */
    struct calc_driver_row *rows;
    struct calc_labels labels;
    struct calc_conformal_row *scores;
    struct calc_times_row *times;
    struct calc_times_bin *times_bins;
    struct calc_curve_lot *lots;
    struct calc_workorder_part *parts;
    struct calc_policy_set *sets;
    struct calc_key *keys;
    struct calc_split_row *split;
    bool *held;
    struct calc_vote_number *numbers;
    double check;
    unsigned iterations;
} work;

#define ARRAY(n, type) ARENA_ARRAY(work.arena, (n) + 1, type)

/* splitmix64 of a number: the same in C and numpy */
uint64_t mix(uint64_t z);
/* a number of (0, 1), and a standard normal one (of two streams), of row i */
double uniform(uint64_t i, uint64_t stream);
double normal(uint64_t i, uint64_t stream);
void must(enum calc_status status);
/* memory of the round; work.size becomes its size */
void *block(size_t size);

/* prepare fills in work before the clock starts */
struct function {
    const char *name;
    void (*prepare)(void), (*run)(void);
};
extern const struct function cost_functions[], label_functions[]; /* to a name NULL */

#endif
