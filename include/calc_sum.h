/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_sum.h: compensated summation */
#ifndef CALC_SUM_H
#define CALC_SUM_H

#include <math.h>
#include <stddef.h>

/*
 * Neumaier's improvement of Kahan summation (ZAMM 54, 1974): the rounding error of every addition
 * is kept and added at the end, so the result carries about one rounding of the exact sum whatever
 * its length. It still depends on the order of the terms in the last bit: sort rows canonically
 * first (calc_order.h) where the answer must not depend on the order of the request.
 */
struct calc_sum {
    double hi; /* running sum */
    double lo; /* what rounding lost so far */
};

static inline void calc_sum_init(struct calc_sum *s)
{
    s->hi = 0.0;
    s->lo = 0.0;
}

static inline void calc_sum_add(struct calc_sum *s, double x)
{
    double t = s->hi + x;

    if (fabs(s->hi) >= fabs(x))
        s->lo += (s->hi - t) + x;
    else
        s->lo += (x - t) + s->hi;
    s->hi = t;
}

static inline double calc_sum_value(const struct calc_sum *s)
{
    return s->hi + s->lo;
}

/* Sum of x[0..n-1]; 0 for n = 0. */
static inline double calc_sum_of(const double *x, size_t n)
{
    struct calc_sum s;

    calc_sum_init(&s);
    for (size_t i = 0; i < n; i++)
        calc_sum_add(&s, x[i]);
    return calc_sum_value(&s);
}

#endif
