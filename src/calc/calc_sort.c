/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_sort.c: linear-time sorting inside caller memory (private to the numeric module) */
#include "calc_sort.h"

#include <string.h>

enum { RUN = 8 };                                   /* shorter runs are sorted by insertion */
enum { DIGIT = 12, DIGITS = 1 << DIGIT, FEW = 64 }; /* of a selection: sign and exponent first */

void calc_sort_radix(uint64_t *key, uint32_t *value, uint64_t *key2, uint32_t *value2, size_t n)
{
    uint32_t count[8][256];
    uint64_t *from = key, *to = key2;
    uint32_t *vfrom = value, *vto = value2;

    if (n < 2)
        return;
    memset(count, 0, sizeof count);
    for (size_t i = 0; i < n; i++)
        for (unsigned b = 0; b < 8; b++)
            count[b][(key[i] >> (8 * b)) & 255]++;
    for (unsigned b = 0; b < 8; b++) {
        uint32_t start = 0;

        if (count[b][(key[0] >> (8 * b)) & 255] == n)
            continue;
        for (unsigned v = 0; v < 256; v++) {
            uint32_t c = count[b][v];

            count[b][v] = start;
            start += c;
        }
        for (size_t i = 0; i < n; i++) {
            uint32_t at = count[b][(from[i] >> (8 * b)) & 255]++;

            to[at] = from[i];
            vto[at] = vfrom[i];
        }
        uint64_t *k = from;
        uint32_t *v = vfrom;
        from = to;
        to = k;
        vfrom = vto;
        vto = v;
    }
    if (from != key) {
        memcpy(key, from, n * sizeof *key);
        memcpy(value, vfrom, n * sizeof *value);
    }
}

static void insertion(uint32_t *index, size_t n, struct calc_sort_compare by)
{
    for (size_t i = 1; i < n; i++) {
        uint32_t v = index[i];
        size_t j = i;

        for (; j > 0 && by.cmp(by.context, index[j - 1], v) > 0; j--)
            index[j] = index[j - 1];
        index[j] = v;
    }
}

static void merge(const uint32_t *from, uint32_t *to, size_t a, size_t mid, size_t end,
                  struct calc_sort_compare by)
{
    size_t b = mid, out = a;

    while (a < mid && b < end) {
        if (by.cmp(by.context, from[a], from[b]) <= 0)
            to[out++] = from[a++];
        else
            to[out++] = from[b++];
    }
    while (a < mid)
        to[out++] = from[a++];
    while (b < end)
        to[out++] = from[b++];
}

void calc_sort_merge(uint32_t *index, uint32_t *scratch, size_t n, struct calc_sort_compare by)
{
    uint32_t *from = index, *to = scratch;

    for (size_t a = 0; a < n; a += RUN)
        insertion(index + a, n - a < RUN ? n - a : RUN, by);
    for (size_t width = RUN; width < n; width *= 2) {
        for (size_t a = 0; a < n; a += 2 * width) {
            size_t mid = n - a < width ? n : a + width;
            size_t end = n - a < 2 * width ? n : a + 2 * width;

            merge(from, to, a, mid, end, by);
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != index)
        memcpy(index, from, n * sizeof *index);
}

void calc_sort_numbers(const double *x, uint32_t *index, uint32_t *index2, uint64_t *key,
                       uint64_t *key2, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        key[i] = calc_sort_bits(x[i]);
        index[i] = (uint32_t)i;
    }
    calc_sort_radix(key, index, key2, index2, n);
}

double calc_sort_select(double *x, size_t n, size_t k)
{
    for (unsigned shift = 64; n > FEW && shift > 0;) {
        uint32_t count[DIGITS] = {0};
        size_t digit = 0, alike = 0;

        shift = shift > DIGIT ? shift - DIGIT : 0;
        for (size_t i = 0; i < n; i++)
            count[calc_sort_digit(x[i], shift, DIGITS)]++;
        for (; k >= count[digit]; digit++)
            k -= count[digit];
        /* those that share the digit come first; without a branch, which would be a guess */
        for (size_t i = 0; i < n; i++) {
            double v = x[i];

            x[i] = x[alike];
            x[alike] = v;
            alike += calc_sort_digit(v, shift, DIGITS) == digit;
        }
        n = alike;
    }
    if (n <= FEW) /* more are equal */
        calc_order_sort_numbers(x, n);
    return x[k];
}
