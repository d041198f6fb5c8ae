/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_split.c: hold-out split by keyed hash */
#include "calc_split.h"

#include "calc_hash.h"

#include <math.h>

static int split_compare(const void *pa, const void *pb)
{
    const struct calc_split_row *a = pa;
    const struct calc_split_row *b = pb;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return calc_order_keys(a->key, b->key);
}

enum { DIGIT = 8, DIGITS = 1 << DIGIT };

/*
 * The hash of rank k, 0-based: the digit of its bucket, from the highest down, until the bucket has
 * one row or the digits are out. Linear: after one pass few rows are left to count.
 */
static uint64_t split_hash_of_rank(const struct calc_split_row *rows, size_t n, size_t k)
{
    uint64_t prefix = 0, mask = 0;
    size_t left = n;

    for (int shift = 64 - DIGIT; shift >= 0 && left > 1; shift -= DIGIT) {
        size_t count[DIGITS] = {0};
        uint64_t digit = 0;

        for (size_t i = 0; i < n; i++)
            if ((rows[i].hash & mask) == prefix)
                count[(rows[i].hash >> shift) % DIGITS]++;
        for (; k >= count[digit]; digit++)
            k -= count[digit];
        left = count[digit];
        prefix |= digit << shift;
        mask |= (uint64_t)(DIGITS - 1) << shift;
    }
    for (size_t i = 0; i < n; i++)
        if ((rows[i].hash & mask) == prefix)
            return rows[i].hash;
    return prefix;
}

static size_t split_group_end(const struct calc_split_row *rows, size_t n, size_t start)
{
    size_t end = start + 1;

    while (end < n && split_compare(&rows[start], &rows[end]) == 0)
        end++;
    return end;
}

static size_t split_wanted(size_t n, double pct)
{
    double want = floor((double)n * pct + 0.5);

    if (want < 1.0)
        return 1;
    if (want > (double)(n - 1))
        return n - 1;
    return (size_t)want;
}

enum calc_status calc_split_holdout(struct calc_key salt, const struct calc_key *keys, size_t n,
                                    double holdout_pct, struct calc_split_row *scratch, bool *held,
                                    size_t *n_held)
{
    struct calc_hash salted;
    size_t taken = 0;

    if (!(holdout_pct >= 0.0 && holdout_pct < 1.0))
        return CALC_DOMAIN;
    calc_hash_init(&salted);
    calc_hash_add(&salted, salt.s, salt.n);
    calc_hash_add(&salted, "|", 1);
    for (size_t i = 0; i < n; i++) {
        struct calc_hash h = salted;

        calc_hash_add(&h, keys[i].s, keys[i].n);
        scratch[i] = (struct calc_split_row){calc_hash_value(&h), keys[i], i};
        held[i] = false;
    }
    if (n >= 2) {
        size_t want = split_wanted(n, holdout_pct), ties = 0, at = 0, end;
        uint64_t last = split_hash_of_rank(scratch, n, want - 1);

        /* Whole groups below the last hash; those that share it (nearly always one), by key. */
        for (size_t i = 0; i < n; i++) {
            held[scratch[i].row] = scratch[i].hash < last;
            taken += scratch[i].hash < last;
            if (scratch[i].hash == last)
                scratch[ties++] = scratch[i];
        }
        calc_order_sort(scratch, ties, sizeof scratch[0], split_compare);
        n -= taken;
        want -= taken;
        while (at < want && (end = split_group_end(scratch, ties, at)) < n)
            while (at < end)
                held[scratch[at++].row] = true;
        taken += at;
    }
    *n_held = taken;
    return CALC_OK;
}
