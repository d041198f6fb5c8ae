/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_order.h: canonical order of rows, so that results do not depend on the order of a request */
#ifndef CALC_ORDER_H
#define CALC_ORDER_H

#include <stddef.h>

/* Text that is not necessarily terminated: s[0..n-1]. s may be NULL when n = 0. */
struct calc_key {
    const char *s;
    size_t n;
};

/* Bytewise order of a and b; a prefix comes first. Negative, zero or positive. */
int calc_order_keys(struct calc_key a, struct calc_key b);

/* Order of two numbers by value: -1, 0 or 1. -0 equals 0. Not for NaN. */
int calc_order_numbers(double a, double b);

/*
 * Sort n elements of size bytes in place: quicksort with median of three, heapsort where that
 * degenerates (Musser 1997), so n log n always and no memory. Not stable: cmp has to tell apart all
 * elements that differ in anything the result depends on.
 */
void calc_order_sort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *));

/*
 * Sort numbers ascending, in place; none is NaN. Byte by byte from the first (American flag sort,
 * McIlroy, Bostic, McIlroy 1993): linear time.
 */
void calc_order_sort_numbers(double *x, size_t n);

/* Median of x[0..n-1], already ascending: the mean of the middle two for even n. n >= 1. */
double calc_order_median(const double *x, size_t n);

#endif
