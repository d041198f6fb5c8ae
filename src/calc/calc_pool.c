/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_pool.c: Paule-Mandel variance and shrinkage of group means */
#include "calc_pool.h"

#include "calc_sum.h"

enum { POOL_MAX_STEPS = 500 };

struct pool_q {
    double value; /* Q(t) */
    double slope; /* -dQ/dt = sum w^2 (y - mu)^2, because mu minimises Q */
};

static double pool_weighted_mean(const double *y, const double *v, size_t n, double t)
{
    struct calc_sum sw, swy;

    calc_sum_init(&sw);
    calc_sum_init(&swy);
    for (size_t i = 0; i < n; i++) {
        double w = 1.0 / (v[i] + t);

        calc_sum_add(&sw, w);
        calc_sum_add(&swy, w * y[i]);
    }
    return calc_sum_value(&swy) / calc_sum_value(&sw);
}

static struct pool_q pool_heterogeneity(const double *y, const double *v, size_t n, double t)
{
    double mu = pool_weighted_mean(y, v, n, t);
    struct calc_sum q, s;

    calc_sum_init(&q);
    calc_sum_init(&s);
    for (size_t i = 0; i < n; i++) {
        double w = 1.0 / (v[i] + t);
        double d = w * (y[i] - mu);

        calc_sum_add(&q, d * (y[i] - mu));
        calc_sum_add(&s, d * d);
    }
    return (struct pool_q){calc_sum_value(&q), calc_sum_value(&s)};
}

enum calc_status calc_pool_tau2(const double *y, const double *v, size_t n, double *tau2)
{
    double t = 0.0;

    if (n == 0)
        return CALC_SIZE;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(y[i]) || !isfinite(v[i]) || v[i] <= 0.0)
            return CALC_DOMAIN;
    if (n == 1) { /* a single y misses its own mean by rounding, which is no heterogeneity */
        *tau2 = 0.0;
        return CALC_OK;
    }
    for (int step = 0; step < POOL_MAX_STEPS; step++) {
        struct pool_q q = pool_heterogeneity(y, v, n, t);
        double excess = q.value - (double)(n - 1);
        double add;

        /* At the root rounding decides the sign of the excess: either sign ends there. */
        if (excess <= 0.0 || q.slope <= 0.0) {
            *tau2 = t;
            return CALC_OK;
        }
        add = excess / q.slope;
        if (!isfinite(add))
            return CALC_DOMAIN;
        t += add;
        if (add <= 1e-15 * t) {
            *tau2 = t;
            return CALC_OK;
        }
    }
    return CALC_NOT_CONVERGED;
}

enum calc_status calc_pool_mean(const double *y, const double *v, size_t n, double tau2,
                                double prior_precision, struct calc_pool_mean *mean)
{
    struct calc_sum sw, swy;
    double precision;

    calc_sum_init(&sw);
    calc_sum_init(&swy);
    calc_sum_add(&sw, prior_precision);
    for (size_t i = 0; i < n; i++) {
        double w = 1.0 / (v[i] + tau2);

        calc_sum_add(&sw, w);
        calc_sum_add(&swy, w * y[i]);
    }
    precision = calc_sum_value(&sw);
    if (!(precision > 0.0))
        return CALC_UNDEFINED;
    mean->mu = calc_sum_value(&swy) / precision;
    mean->var = 1.0 / precision;
    return CALC_OK;
}

void calc_pool_theta(double y, double v, double tau2, const struct calc_pool_mean *mean,
                     struct calc_pool_theta *theta)
{
    double b = v / (v + tau2);

    theta->shrink = b;
    theta->theta = mean->mu + (1.0 - b) * (y - mean->mu);
    theta->var = (1.0 - b) * v + b * b * mean->var;
}
