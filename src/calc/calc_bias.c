/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_bias.c: shrinkage fit of one factor per bin */
#include "calc_bias.h"

#include "calc_order.h"
#include "calc_pool.h"
#include "calc_sum.h"

#define BIAS_NU0          4.0
#define BIAS_S0           0.25
#define BIAS_OMEGA0       0.5
#define BIAS_HUBER_C      1.345
#define BIAS_HUBER_STEP   1e-12
#define BIAS_MAD_TO_SIGMA 1.4826
enum { BIAS_HUBER_ROUNDS = 1000 };

size_t calc_bias_scratch(size_t n, size_t n_bins)
{
    return 2 * n + 2 * n_bins;
}

double calc_bias_huber(const double *x, size_t n, double scale, double *weight)
{
    double limit = BIAS_HUBER_C * scale;
    double y = calc_order_median(x, n);
    double step = INFINITY;

    for (int round = 0;; round++) {
        struct calc_sum sw, swd;

        calc_sum_init(&sw);
        calc_sum_init(&swd);
        for (size_t i = 0; i < n; i++) {
            double d = x[i] - y;
            double w = fabs(d) > limit ? limit / fabs(d) : 1.0;

            calc_sum_add(&sw, w);
            calc_sum_add(&swd, w * d);
        }
        if (weight != NULL)
            *weight = calc_sum_value(&sw);
        if (fabs(step) <= BIAS_HUBER_STEP || round == BIAS_HUBER_ROUNDS)
            return y;
        step = calc_sum_value(&swd) / calc_sum_value(&sw);
        y += step;
    }
}

/* Pooled scale from rows sorted within their bins; resid has room for all of them. */
static double bias_scale(const double *sorted, const size_t *start, size_t n_bins, double *resid)
{
    double df = (double)(start[n_bins] - n_bins);
    double mad = 0.0;
    size_t m = 0;

    for (size_t b = 0; b < n_bins; b++) {
        double med = calc_order_median(sorted + start[b], start[b + 1] - start[b]);

        for (size_t i = start[b]; i < start[b + 1]; i++)
            if (sorted[i] != med)
                resid[m++] = fabs(sorted[i] - med);
    }
    if (m > 0) {
        calc_order_sort_numbers(resid, m);
        mad = BIAS_MAD_TO_SIGMA * calc_order_median(resid, m);
    }
    return sqrt((BIAS_NU0 * BIAS_S0 * BIAS_S0 + df * mad * mad) / (BIAS_NU0 + df));
}

static enum calc_status bias_load(const double *x, const size_t *start, size_t n_bins,
                                  double *sorted)
{
    if (n_bins == 0)
        return CALC_SIZE;
    for (size_t b = 0; b < n_bins; b++) {
        if (start[b + 1] <= start[b])
            return CALC_SIZE;
        for (size_t i = start[b]; i < start[b + 1]; i++) {
            if (!isfinite(x[i]))
                return CALC_DOMAIN;
            sorted[i] = x[i];
        }
        calc_order_sort_numbers(sorted + start[b], start[b + 1] - start[b]);
    }
    return CALC_OK;
}

enum calc_status calc_bias_fit(const double *x, const size_t *start, size_t n_bins, double *scratch,
                               struct calc_bias_bin *bins, struct calc_bias_model *model)
{
    struct calc_bias_model m = {.n_bins = n_bins};
    struct calc_pool_mean mean;
    double *sorted = scratch, *y, *v;
    enum calc_status st = bias_load(x, start, n_bins, sorted);

    if (st != CALC_OK)
        return st;
    m.n = start[n_bins];
    y = scratch + 2 * m.n;
    v = y + n_bins;
    m.sigma_log = bias_scale(sorted, start, n_bins, scratch + m.n);
    for (size_t b = 0; b < n_bins; b++) {
        double weight;

        y[b] = calc_bias_huber(sorted + start[b], start[b + 1] - start[b], m.sigma_log, &weight);
        v[b] = m.sigma_log * m.sigma_log / weight;
    }
    st = calc_pool_tau2(y, v, n_bins, &m.tau2);
    if (st == CALC_OK)
        st = calc_pool_mean(y, v, n_bins, m.tau2, 1.0 / (BIAS_OMEGA0 * BIAS_OMEGA0), &mean);
    if (st != CALC_OK)
        return st;
    m.mu = mean.mu;
    m.mu_var = mean.var;
    for (size_t b = 0; b < n_bins; b++) {
        struct calc_pool_theta t;

        calc_pool_theta(y[b], v[b], m.tau2, &mean, &t);
        bins[b] =
            (struct calc_bias_bin){start[b + 1] - start[b], y[b], v[b], t.shrink, t.theta, t.var};
    }
    *model = m;
    return CALC_OK;
}
