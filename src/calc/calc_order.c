/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_order.c: comparisons and sorting shared by the numeric module */
#include "calc_order.h"

#include <gsl/gsl_heapsort.h>
#include <gsl/gsl_sort.h>
#include <string.h>

int calc_order_keys(struct calc_key a, struct calc_key b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n > 0 ? memcmp(a.s, b.s, n) : 0;

    if (c != 0)
        return c;
    return (a.n > b.n) - (a.n < b.n);
}

int calc_order_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

void calc_order_sort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
    if (n > 1)
        gsl_heapsort(base, n, size, cmp);
}

void calc_order_sort_numbers(double *x, size_t n)
{
    if (n > 1)
        gsl_sort(x, 1, n);
}

double calc_order_median(const double *x, size_t n)
{
    double hi = x[n / 2];

    return n % 2 == 1 ? hi : 0.5 * (x[n / 2 - 1] + hi);
}
