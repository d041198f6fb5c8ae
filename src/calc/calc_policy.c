/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_policy.c: scoring a choice set with a policy */
#include "calc_policy.h"

#include <math.h>

/* Smallest and largest known value of one feature in a set; both 0 where none is known. */
struct policy_range {
    double min;
    double max;
};

static enum calc_status policy_find_range(const struct calc_policy_candidate *c, size_t n, size_t f,
                                          struct policy_range *r)
{
    bool any = false;

    *r = (struct policy_range){0.0, 0.0};
    for (size_t i = 0; i < n; i++) {
        double x = c[i].features[f];

        if (isnan(x))
            continue;
        if (isinf(x))
            return CALC_DOMAIN;
        if (!any || x < r->min)
            r->min = x;
        if (!any || x > r->max)
            r->max = x;
        any = true;
    }
    return CALC_OK;
}

/* Halves keep the span of extreme values finite. */
static double policy_z(double x, const struct policy_range *r)
{
    double span = 0.5 * r->max - 0.5 * r->min;

    if (!(span > 0.0))
        return 0.0;
    return isnan(x) ? 1.0 : (0.5 * x - 0.5 * r->min) / span;
}

enum calc_status calc_policy_normalise(const struct calc_policy_candidate *c, size_t n,
                                       size_t n_features, double *z)
{
    for (size_t f = 0; f < n_features; f++) {
        struct policy_range r;

        if (policy_find_range(c, n, f, &r) != CALC_OK)
            return CALC_DOMAIN;
        for (size_t i = 0; i < n; i++)
            z[i * n_features + f] = policy_z(c[i].features[f], &r);
    }
    return CALC_OK;
}

int calc_policy_tie(const struct calc_policy_candidate *a, const struct calc_policy_candidate *b)
{
    int c = calc_order_numbers(a->fleet_priority, b->fleet_priority);

    return c != 0 ? c : calc_order_keys(a->machine, b->machine);
}

enum calc_status calc_policy_choose(const struct calc_policy_candidate *c, size_t n,
                                    size_t n_features, const double *weights, double *scores,
                                    size_t *best)
{
    size_t b = 0;

    if (n == 0)
        return CALC_SIZE;
    for (size_t f = 0; f < n_features; f++)
        if (!isfinite(weights[f]) || weights[f] < 0.0)
            return CALC_DOMAIN;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(c[i].fleet_priority))
            return CALC_DOMAIN;
        scores[i] = 0.0;
    }
    for (size_t f = 0; f < n_features; f++) {
        struct policy_range r;

        if (weights[f] == 0.0)
            continue;
        if (policy_find_range(c, n, f, &r) != CALC_OK)
            return CALC_DOMAIN;
        for (size_t i = 0; i < n; i++)
            scores[i] += weights[f] * policy_z(c[i].features[f], &r);
    }
    for (size_t i = 1; i < n; i++) {
        int order = calc_order_numbers(rint(scores[i] * 1e12), rint(scores[b] * 1e12));

        if (order < 0 || (order == 0 && calc_policy_tie(&c[i], &c[b]) < 0))
            b = i;
    }
    *best = b;
    return CALC_OK;
}
