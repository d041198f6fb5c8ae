/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_workorder.h: setup and variable cost separated from the totals of work orders */
#ifndef CALC_WORKORDER_H
#define CALC_WORKORDER_H

#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>

/* One work order of a part: pieces made (a fraction is kept) and what the order cost. Both > 0. */
struct calc_workorder_row {
    double quantity;
    double total_cost;
};

/* Decomposition of one part from its own orders. Setup per order, variable per piece. */
struct calc_workorder_fit {
    size_t n;
    bool identifiable; /* >= 2 distinct quantities, largest/smallest >= 1.25 */
    /* Below: only meaningful when identifiable, else 0. */
    double setup;
    double variable;
    double rel_rmse;  /* root mean square of (T - S - v q)/T */
    double s2;        /* (sum r^2 + 2 * 0.05^2) / n: relative variance with a prior of two orders */
    double var_setup; /* s2 * [W^-1]_11 for the weights 1/T^2 */
    int iterations;   /* Huber reweightings done */
};

/*
 * T = S + v q with S, v >= 0 and errors proportional to T: weighted least squares with w = 1/T^2,
 * non-negative by comparing the two one-parameter fits where the free fit leaves the quadrant
 * (Lawson & Hanson 1974, two variables). With huber and n >= 4 rows the relative residuals are
 * reweighted, w_h = min(1, c s/|r|), c = 1.345, s = max(1.4826 median|r|, 1e-6), to a relative
 * change of 1e-14 or 500 rounds.
 *
 * Row order is irrelevant. scratch: calc_workorder_scratch(n, 0) doubles.
 *
 * CALC_SIZE       n = 0
 * CALC_DOMAIN     a quantity or cost is not finite and positive
 * CALC_UNDEFINED  the rows span more than double can carry
 */
enum calc_status calc_workorder_fit(const struct calc_workorder_row *rows, size_t n, bool huber,
                                    double *scratch, struct calc_workorder_fit *fit);

/* Where the split of a part comes from. */
enum calc_workorder_source {
    CALC_WORKORDER_FITTED, /* its own orders, shrunk towards the pool */
    CALC_WORKORDER_QUOTE,  /* the split of its quote, scaled to the orders */
    CALC_WORKORDER_POOLED, /* setup borrowed from the pool: min(pooled setup, min T / 2) */
    CALC_WORKORDER_NONE,   /* nothing to borrow from: setup and variable stay 0 */
};

struct calc_workorder_part {
    /* in */
    const struct calc_workorder_row *rows;
    size_t n;
    bool has_quote; /* the matched quote carries its own split, >= 0 and not both 0: */
    double quote_setup;
    double quote_variable;
    /* out */
    struct calc_workorder_fit fit;
    enum calc_workorder_source source;
    double setup; /* final: shrunk, scaled or borrowed */
    double variable;
};

struct calc_workorder_pool {
    size_t n;            /* identifiable parts with a setup > 0 */
    double mu_ln_setup;  /* the rest is 0 when n = 0 */
    double tau2;         /* Paule-Mandel, variance of ln setup between parts */
    double pooled_setup; /* e^mu */
    double median_setup; /* robust companion */
    double sigma_rel;    /* root of the median s2 of these parts */
};

/* Doubles of scratch for parts of at most max_rows orders each. */
size_t calc_workorder_scratch(size_t max_rows, size_t n_parts);

/*
 * Decompose all parts and pool their setups (NUMERICS 4): y = ln S, v = var(S)/S^2, tau2 by
 * Paule-Mandel, mu with a flat prior, setup = e^theta, variable refitted given that setup.
 * A part with one lot size never gets a fitted setup. The scale of a quote's split is the
 * least-squares factor of relative errors, T/T_quote for a single order.
 *
 * Order of parts and rows is irrelevant. Statuses as calc_workorder_fit; CALC_DOMAIN also for a
 * quote's split out of its domain. On failure the out fields are unspecified.
 */
enum calc_status calc_workorder_decompose(struct calc_workorder_part *parts, size_t n_parts,
                                          bool huber, double *scratch,
                                          struct calc_workorder_pool *pool);

#endif
