/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_logit.h: conditional logit of choices among alternatives */
#ifndef CALC_LOGIT_H
#define CALC_LOGIT_H

#include "calc_status.h"

#include <stddef.h>

/* Choice sets, one after the other: set i has the rows start[i] .. start[i + 1] - 1 of x. */
struct calc_logit_data {
    size_t n_sets;
    size_t n_features;
    const size_t *start;  /* n_sets + 1 */
    const size_t *chosen; /* n_sets: row taken, start[i] <= chosen[i] < start[i + 1] */
    const double *x;      /* rows x n_features, row-major, finite */
};

struct calc_logit_fit {
    double loglik; /* without the ridge term */
    int iterations;
};

/* Doubles of scratch; max_set is the number of alternatives in the largest set. */
size_t calc_logit_scratch(size_t n_features, size_t max_set);

/*
 * Maximum likelihood of P(j) = e^(beta'x_j) / sum e^(beta'x) (McFadden 1974) with the penalty
 * ridge/2 |beta|^2, by Newton's method with step halving from beta = 0. beta[n_features]; se (may
 * be NULL) gets the standard errors from the inverse Hessian. Sums run in the order of the sets:
 * pass them in a canonical one.
 *
 * CALC_SIZE           no set, or no feature
 * CALC_DOMAIN         an x or the ridge is not finite, ridge < 0, a choice outside its set
 * CALC_SINGULAR       the sets do not tell the features apart (ridge 0)
 * CALC_NOT_CONVERGED  100 iterations: with ridge 0, features that separate the choices send beta
 *                     to infinity
 */
enum calc_status calc_logit_fit(const struct calc_logit_data *data, double ridge, double *scratch,
                                double *beta, double *se, struct calc_logit_fit *fit);

#endif
