/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_bias.h: multiplicative bias per bin, shrunk towards the environment */
#ifndef CALC_BIAS_H
#define CALC_BIAS_H

#include "calc_status.h"

#include <stddef.h>

/*
 * Model (NUMERICS 2): x = ln(actual/predicted) of bin b, x ~ theta_b + sigma * eps,
 * theta_b ~ N(mu, tau2), mu ~ N(0, omega0^2), omega0 = 0.5. A prediction is multiplied by
 * e^theta_b, or e^mu where the bin was never seen: a median correction (mean: times e^(s2/2)).
 */

struct calc_bias_model {
    size_t n;
    size_t n_bins;
    double sigma_log; /* s: pooled robust scale of the rows about their bin */
    double tau2;      /* variance between bins (Paule-Mandel) */
    double mu;
    double mu_var;
};

struct calc_bias_bin {
    size_t n;
    double raw;    /* y_b: Huber location of the bin alone */
    double v;      /* its variance s^2 / sum w */
    double shrink; /* v / (v + tau2): share taken from mu */
    double theta;
    double theta_var;
};

/* Doubles of scratch for n rows in n_bins bins. */
size_t calc_bias_scratch(size_t n, size_t n_bins);

/*
 * Fit. x[start[b]] .. x[start[b + 1] - 1] are the rows of bin b (start has n_bins + 1 entries,
 * start[0] = 0); each bin has at least one. Rows may come in any order; bins in a canonical one.
 *
 *   s^2 = (nu0 s0^2 + df mad^2)/(nu0 + df), nu0 = 4, s0 = 0.25, df = n - n_bins,
 *         mad = 1.4826 * median of the non-zero |x - median_b|
 *   y_b = Huber location, c = 1.345, scale s, reweighted from the median to a step of 1e-12
 *   tau2, mu, theta_b: calc_pool.h with prior precision 1/omega0^2
 *
 * CALC_SIZE    no row, or a bin without rows
 * CALC_DOMAIN  an x is not finite
 */
enum calc_status calc_bias_fit(const double *x, const size_t *start, size_t n_bins, double *scratch,
                               struct calc_bias_bin *bins, struct calc_bias_model *model);

/*
 * Huber's M-estimate of location (1964) for a known scale: the root of
 * sum psi_c((x_i - y)/scale) = 0 with c = 1.345, by reweighting from the median, at most 1000
 * rounds. x[0..n-1] ascending, n >= 1, scale > 0. *weight (may be NULL) is sum w at the root,
 * w = min(1, c scale/|x - y|).
 */
double calc_bias_huber(const double *x, size_t n, double scale, double *weight);

#endif
