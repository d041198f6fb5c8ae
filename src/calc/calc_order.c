/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_order.c: comparisons and sorting shared by the numeric module */
#include "calc_order.h"

#include "calc_sort.h"

#include <gsl/gsl_heapsort.h>
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

enum { ORDER_SMALL = 12, ORDER_FEW = 24 };

static void order_swap(char *a, char *b, size_t size)
{
    char t[64];

    while (size > 0) {
        size_t k = size < sizeof t ? size : sizeof t;

        memcpy(t, a, k);
        memcpy(a, b, k);
        memcpy(b, t, k);
        a += k;
        b += k;
        size -= k;
    }
}

static void order_insertion(char *base, size_t n, size_t size,
                            int (*cmp)(const void *, const void *))
{
    for (size_t i = 1; i < n; i++)
        for (char *p = base + i * size; p > base && cmp(p - size, p) > 0; p -= size)
            order_swap(p - size, p, size);
}

/* Bring the median of first, middle and last to the front. */
static void order_pivot(char *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
    char *mid = base + n / 2 * size;
    char *last = base + (n - 1) * size;

    if (cmp(mid, last) > 0)
        order_swap(mid, last, size);
    if (cmp(base, mid) > 0)
        order_swap(base, mid, size);
    if (cmp(mid, last) > 0)
        order_swap(mid, last, size);
    order_swap(base, mid, size);
}

/* Hoare's partition about the first element; returns its final place. */
static size_t order_partition(char *base, size_t n, size_t size,
                              int (*cmp)(const void *, const void *))
{
    size_t i = 0, j = n;

    order_pivot(base, n, size, cmp);
    for (;;) {
        do
            i++;
        while (i < n && cmp(base + i * size, base) < 0);
        do
            j--;
        while (cmp(base + j * size, base) > 0);
        if (i >= j)
            break;
        order_swap(base + i * size, base + j * size, size);
    }
    order_swap(base, base + j * size, size);
    return j;
}

void calc_order_sort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
    char *at = base;
    int depth = 2;

    for (size_t k = n; k > 1; k /= 2)
        depth += 2;
    while (n > ORDER_SMALL) {
        size_t p;

        if (depth-- == 0) {
            gsl_heapsort(at, n, size, cmp);
            return;
        }
        p = order_partition(at, n, size, cmp);
        if (p < n - 1 - p) { /* the call takes the smaller side, so its depth is at most log2 n */
            calc_order_sort(at, p, size, cmp);
            at += (p + 1) * size;
            n -= p + 1;
        } else {
            calc_order_sort(at + (p + 1) * size, n - 1 - p, size, cmp);
            n = p;
        }
    }
    order_insertion(at, n, size, cmp);
}

static void order_insert_numbers(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double v = x[i];
        size_t j = i;

        for (; j > 0 && x[j - 1] > v; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

/* All bytes of the numbers above this one are the same. */
static void order_by_byte(double *x, size_t n, unsigned shift)
{
    if (n <= ORDER_FEW) {
        order_insert_numbers(x, n);
        return;
    }
    size_t next[256] = {0}, end[256], at = 0;
    for (size_t i = 0; i < n; i++)
        next[calc_sort_digit(x[i], shift, 256)]++;
    for (size_t d = 0; d < 256; d++) {
        at += next[d];
        end[d] = at;
        next[d] = at - next[d];
    }
    for (size_t d = 0; d < 256; d++) {
        while (next[d] < end[d]) {
            double v = x[next[d]];

            for (size_t own; (own = calc_sort_digit(v, shift, 256)) != d;) {
                double u = x[next[own]];

                x[next[own]++] = v;
                v = u;
            }
            x[next[d]++] = v;
        }
    }
    for (size_t d = 0, begin = 0; d < 256 && shift > 0; begin = end[d++])
        order_by_byte(x + begin, end[d] - begin, shift - 8);
}

void calc_order_sort_numbers(double *x, size_t n)
{
    order_by_byte(x, n, 56);
}

double calc_order_median(const double *x, size_t n)
{
    double hi = x[n / 2];

    return n % 2 == 1 ? hi : 0.5 * (x[n / 2 - 1] + hi);
}
