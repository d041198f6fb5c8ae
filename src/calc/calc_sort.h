/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_sort.h: linear-time sorting inside caller memory (private to the numeric module) */
#ifndef CALC_SORT_H
#define CALC_SORT_H

#include "calc_order.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Where the rows of a sort come from: order of two of them by index, ties included. */
struct calc_sort_compare {
    int (*cmp)(const void *context, uint32_t a, uint32_t b);
    const void *context;
};

/*
 * Stable radix sort of value[0..n-1] by key[0..n-1], both reordered; key2 and value2 are scratch of
 * the same length. Bytes that are equal in all keys cost nothing.
 */
void calc_sort_radix(uint64_t *key, uint32_t *value, uint64_t *key2, uint32_t *value2, size_t n);

/* Stable merge sort of index[0..n-1]; scratch has the same length. */
void calc_sort_merge(uint32_t *index, uint32_t *scratch, size_t n, struct calc_sort_compare by);

/*
 * Sort x[i] for i in 0..n-1, all >= 0 and finite: index becomes 0..n-1 in ascending order of x
 * (equal values in ascending index). key, key2, index2 are scratch.
 */
void calc_sort_numbers(const double *x, uint32_t *index, uint32_t *index2, uint64_t *key,
                       uint64_t *key2, size_t n);

/*
 * The number that ascending order would put at x[k], k < n; none is NaN. x[n] is reordered. Linear
 * time whatever the numbers: digit by digit, only those that share the digits so far are looked at.
 */
double calc_sort_select(double *x, size_t n, size_t k);

/* The bit pattern of a number >= 0 orders like the number; -0 counts as 0. */
static inline uint64_t calc_sort_bits(double x)
{
    double v = x + 0.0;
    uint64_t bits;

    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* A digit, of so many, of the number's bits from shift on; digit by digit they order like numbers
 * of either sign. */
static inline size_t calc_sort_digit(double x, unsigned shift, size_t digits)
{
    const uint64_t sign = UINT64_C(1) << 63;
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return ((bits & sign ? ~bits : bits | sign) >> shift) % digits;
}

/* The first 8 bytes of a text as a number that orders like them. */
static inline uint64_t calc_sort_prefix(struct calc_key text)
{
    uint64_t v = 0;

    for (size_t i = 0; i < 8; i++)
        v = v << 8 | (i < text.n ? (unsigned char)text.s[i] : 0U);
    return v;
}

#endif
