/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_pool.h: two-level normal model: variance between groups and shrunk group means */
#ifndef CALC_POOL_H
#define CALC_POOL_H

#include "calc_status.h"

#include <stddef.h>

/*
 * Model: y_g ~ N(theta_g, v_g), theta_g ~ N(mu, tau2), g = 0..n-1, v_g > 0 known.
 * Sums run in the order of the arrays: pass groups in a canonical order.
 */

/*
 * Paule-Mandel estimate of tau2 (J. Res. NBS 87, 1982): the root of
 *     Q(t) = sum (y_g - mu(t))^2 / (v_g + t) = n - 1,   mu(t) = weighted mean,
 * and 0 when Q(0) <= n - 1 or n = 1. Q is convex and falls, so Newton's method from 0 approaches
 * the root from the left without a bracket. Relative accuracy about 1e-14.
 *
 * CALC_SIZE           n = 0
 * CALC_DOMAIN         a y_g is not finite, or a v_g is not finite and positive
 * CALC_NOT_CONVERGED  never seen; the limit is 500 steps
 */
enum calc_status calc_pool_tau2(const double *y, const double *v, size_t n, double *tau2);

/* What is known of mu. */
struct calc_pool_mean {
    double mu;
    double var;
};

/*
 * Mean: w_g = 1/(v_g + tau2), precision = sum w + prior_precision,
 *     mu = sum w y / precision, var = 1 / precision
 * for the prior mu ~ N(0, 1/prior_precision); prior_precision 0 is a flat one.
 *
 * CALC_UNDEFINED  n = 0 with a flat prior
 */
enum calc_status calc_pool_mean(const double *y, const double *v, size_t n, double tau2,
                                double prior_precision, struct calc_pool_mean *mean);

/* What is known of one theta_g. */
struct calc_pool_theta {
    double shrink; /* B = v / (v + tau2): share taken from mu */
    double theta;  /* mu + (1 - B)(y - mu) */
    double var;    /* (1 - B) v + B^2 var(mu) */
};

/* Empirical Bayes estimate of one group. tau2 = 0 pools completely (theta = mu). */
void calc_pool_theta(double y, double v, double tau2, const struct calc_pool_mean *mean,
                     struct calc_pool_theta *theta);

#endif
