/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_conformal.h: distribution-free prediction intervals with finite-sample ranks */
#ifndef CALC_CONFORMAL_H
#define CALC_CONFORMAL_H

#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Scores are absolute residuals in log space, s = |ln(actual/predicted) - theta| >= 0, and q is a
 * half-width in log units: the interval of a prediction p is [p e^(theta - q), p e^(theta + q)].
 * alpha is the share allowed outside, 0 < alpha < 1. No result depends on the order of rows.
 */

/*
 * Rank of the conformal quantile (Vovk 2005; Lei et al. 2018): k = ceil((n + 1)(1 - alpha)),
 * computed as n + 1 - floor((n + 1) alpha + 1e-9), which is exact for decimal alpha.
 *
 * CALC_UNDEFINED  k > n: the interval is unbounded (n < calc_conformal_min_rows(alpha))
 * CALC_DOMAIN     alpha outside (0, 1)
 */
enum calc_status calc_conformal_rank(size_t n, double alpha, size_t *k);

/* Fewest rows that carry alpha: ceil(1/alpha) - 1, about 1e15 where that is more; 0 when alpha is
 * outside (0, 1). */
size_t calc_conformal_min_rows(double alpha);

/* The k-th smallest score, in linear time. scores[n] is reordered. Statuses as the rank's. */
enum calc_status calc_conformal_quantile(double *scores, size_t n, double alpha, double *q);

/* Share of scores <= q; 0 for n = 0. */
double calc_conformal_coverage(const double *scores, size_t n, double q);

/*
 * Asymmetric limits: the m-th smallest and m-th largest signed residual, m = floor((n + 1)alpha/2),
 * finite from n = 2/alpha - 1 on. residuals[n] is reordered. CALC_UNDEFINED when unbounded.
 */
enum calc_status calc_conformal_asymmetric(double *residuals, size_t n, double alpha, double *lo,
                                           double *hi);

/*
 * Jackknife+ (Barber et al. 2021) of the one-factor model: with leave-one-out means mu_i of
 * x = ln(actual/predicted) and R_i = |x_i - mu_i|, lo is the m-th smallest mu_i - R_i and hi the
 * m-th largest mu_i + R_i, m = floor((n + 1) alpha). The interval of p is [p e^lo, p e^hi].
 * Coverage is at least 1 - 2 alpha, in practice about 1 - alpha.
 *
 * x[n] is sorted in place; scratch holds 2n doubles.
 * CALC_UNDEFINED when unbounded, or n < 2
 */
enum calc_status calc_conformal_jackknife(double *x, size_t n, double alpha, double *scratch,
                                          double *lo, double *hi);

/* How the half-width of a bin was found, best first. */
enum calc_conformal_method {
    CALC_CONFORMAL_BIN,       /* quantile of the bin's own scores */
    CALC_CONFORMAL_POOLED,    /* quantile of all scores: the bin has too few */
    CALC_CONFORMAL_JACKKNIFE, /* jackknife+ over all rows: the scores are too few (calc_times.h) */
    CALC_CONFORMAL_NONE,      /* unbounded: too few rows for alpha */
};

struct calc_conformal_row {
    size_t bin; /* < n_bins */
    double score;
};

struct calc_conformal_group {
    size_t n;
    enum calc_conformal_method method;
    double q;        /* 0 when method is NONE */
    double coverage; /* share of the group's own scores <= q; 0 when n = 0 or method NONE */
};

/*
 * Mondrian intervals (Vovk 2005): every bin with enough rows has its own quantile; the others share
 * the quantile of all rows. The choice depends on counts only. Linear time; scratch holds n
 * doubles. *all describes the pooled quantile itself.
 *
 * CALC_DOMAIN  alpha outside (0, 1), a bin >= n_bins, a score negative or not finite
 */
enum calc_status calc_conformal_mondrian(const struct calc_conformal_row *rows, size_t n,
                                         double alpha, double *scratch,
                                         struct calc_conformal_group *bins, size_t n_bins,
                                         struct calc_conformal_group *all);

/* ln(actual/predicted) of two positive finite numbers, finite also where the ratio is not. */
double calc_conformal_log_ratio(double predicted, double actual);

#endif
