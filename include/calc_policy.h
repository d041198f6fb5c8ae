/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_policy.h: which machine a shop would choose, learnt from its choices */
#ifndef CALC_POLICY_H
#define CALC_POLICY_H

#include "calc_order.h"
#include "calc_status.h"

#include <stdbool.h>

/*
 * A policy is a vector of weights w >= 0, sum 1, over features that are better when smaller. In
 * every choice set each feature is normalised, z = (x - min)/(max - min), 0 where constant; a
 * missing value (NaN) counts as the worst of the set. Score = sum w z, the lowest wins. Scores
 * equal after rounding to 1e-12 are decided by fleet_priority (lower), then the machine's bytes.
 */
struct calc_policy_candidate {
    struct calc_key machine;
    double fleet_priority;
    const double *features; /* finite, or NaN for missing */
};

/*
 * Score n candidates with weights (any finite ones >= 0; a feature with weight 0 is not looked at).
 * scores[n] gets the scores, *best the index of the winner.
 *
 * CALC_SIZE    n = 0
 * CALC_DOMAIN  a weight negative or not finite, a feature infinite, a priority not finite
 */
enum calc_status calc_policy_choose(const struct calc_policy_candidate *c, size_t n,
                                    size_t n_features, const double *weights, double *scores,
                                    size_t *best);

/*
 * Normalise one set: z[n x n_features], row-major, as described above. CALC_DOMAIN when a feature
 * is infinite.
 */
enum calc_status calc_policy_normalise(const struct calc_policy_candidate *c, size_t n,
                                       size_t n_features, double *z);

/* Order of candidates with equal scores: fleet_priority, then machine. */
int calc_policy_tie(const struct calc_policy_candidate *a, const struct calc_policy_candidate *b);

/* One past choice. */
struct calc_policy_set {
    const struct calc_policy_candidate *candidates;
    size_t n;
    size_t chosen; /* index of the machine taken; >= n when it is not among the candidates */
};

struct calc_policy_options {
    double holdout_pct; /* fraction held out; 0: none */
    int grid;           /* steps of the grid; 0: 20, 20, 20, 10, 8, 6 for 1..6 features */
    struct calc_key salt;
};

struct calc_policy_fit {
    size_t samples;         /* sets given */
    size_t dropped_single;  /* fewer than two candidates */
    size_t dropped_absent;  /* choice not among the candidates */
    size_t samples_applied; /* the rest = n_train + n_holdout */
    size_t n_train;
    size_t n_holdout;
    size_t grid_size;             /* distinct weight vectors evaluated */
    bool logit_used;              /* the logit direction was one of them */
    double seed_accuracy;         /* on training rows */
    double fitted_accuracy;       /* on training rows */
    double seed_holdout_accuracy; /* the next two are 0 when n_holdout = 0 */
    double holdout_accuracy;
    /* better than the seed on training rows, and at most one row worse on held-out ones: activate;
     * else keep the seed */
    bool improved;
};

/* Bytes of scratch, aligned like memory from malloc. */
size_t calc_policy_scratch(const struct calc_policy_set *sets, size_t n_sets, size_t n_features);

/*
 * Fit (NUMERICS 5). Evaluated are the seed, all points of the simplex grid, and the direction of a
 * ridge conditional logit (calc_logit.h, ridge n/1000, negative parts cut). Above six features
 * coordinate sweeps from the seed and from the logit direction replace the grid. Best is, in this
 * order: most hits on training rows; largest mean log-softmax at temperature 0.1 (to 1e-12); least
 * L1 distance from the seed; smallest weight vector. Rows are held out by a hash of their content,
 * so that equal rows stay together and row and candidate order are irrelevant.
 *
 * seed[n_features] >= 0, not all 0, is normalised to sum 1; weights[n_features] gets the best.
 *
 * CALC_SIZE    no usable set, or no feature: *fit says how many were given and dropped, no more
 * CALC_DOMAIN  seed, options or a set outside their domain
 */
enum calc_status calc_policy_fit(const struct calc_policy_set *sets, size_t n_sets,
                                 size_t n_features, const double *seed,
                                 const struct calc_policy_options *options, void *scratch,
                                 double *weights, struct calc_policy_fit *fit);

#endif
