/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_curve.h: learning curves from lot costs */
#ifndef CALC_CURVE_H
#define CALC_CURVE_H

#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A lot in production order. Units are numbered through all lots, starting at 1. */
struct calc_curve_lot {
    int64_t index; /* order only; distinct */
    uint64_t size; /* >= 1 */
    double cost;   /* total of the lot, finite and > 0 */
};

enum calc_curve_model {
    CALC_CURVE_WRIGHT,         /* cumulative average: mean cost of units 1..N is a N^b */
    CALC_CURVE_CRAWFORD,       /* unit x costs a x^b; exact lot midpoints */
    CALC_CURVE_CRAWFORD_ASHER, /* the same with algebraic midpoints, to compare with spreadsheets */
};

struct calc_curve_fit {
    double a;             /* cost of the first unit */
    double b;             /* slope; as fitted also when > 0 */
    double learning_rate; /* 2^b */
    double r_squared;
    double residual_sigma_log; /* sqrt(SSE/(n - 2)) of the fitted log-log line */
    double se_b;               /* standard error of the slope on that line */
    double lot_sigma_log;      /* root mean square of ln(lot cost / fitted lot cost) */
    bool has_lot_sigma;        /* false: a Wright slope <= -1 leaves later lots without cost */
    bool no_learning;          /* b > 0 (beyond rounding): cost rises; report, do not activate */
    size_t n_lots;
    uint64_t units;   /* all lots together */
    int n_iterations; /* least-squares refits; 0 for Wright */
};

/*
 * Fit (NUMERICS 3), unweighted least squares on logarithms, predictions are medians.
 * Wright: ln(cumulative cost/N) on ln N, N = cumulative units after each lot.
 * Crawford: ln(cost/size) on ln K, where the midpoint K depends on b: fixed point from the slope on
 * rule-of-thumb midpoints, to |change of b| <= 1e-12 (1e-9 would do), halving the step when the
 * change grows twice in a row, bisection as the last resort.
 *
 * lots[n] is sorted in place by index. midpoints[n] (may be NULL) gets K per lot, N for Wright.
 * scratch: 2n doubles.
 *
 * CALC_SIZE           n < 3
 * CALC_DOMAIN         two lots with one index, size 0, more than 2^53 units, a cost out of domain
 * CALC_UNDEFINED      a or b leaves the range that double carries
 * CALC_NOT_CONVERGED  no fixed point between b = -64 and 64
 */
enum calc_status calc_curve_fit(enum calc_curve_model model, struct calc_curve_lot *lots, size_t n,
                                double *scratch, double *midpoints, struct calc_curve_fit *fit);

#endif
