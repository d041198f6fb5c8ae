/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_honeypot.c: deficit rule with a keyed hash, order and number of gold tasks */
#include "calc_honeypot.h"

#include "calc_hash.h"

#include <math.h>

double calc_honeypot_draw(struct calc_key prefix, uint64_t number)
{
    char digits[20]; /* 2^64 has 20 */
    size_t at = sizeof digits;
    struct calc_hash h;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    calc_hash_init(&h);
    calc_hash_add(&h, prefix.s, prefix.n);
    calc_hash_add(&h, "|", 1);
    calc_hash_add(&h, digits + at, sizeof digits - at);
    return calc_hash_unit(calc_hash_value(&h));
}

bool calc_honeypot_due(double f, uint64_t n, uint64_t g, double u)
{
    return u < f * ((double)n + 1.0) - (double)g;
}

uint64_t calc_honeypot_rank(struct calc_key prefix, struct calc_key task)
{
    struct calc_hash h;

    calc_hash_init(&h);
    calc_hash_add(&h, prefix.s, prefix.n);
    calc_hash_add(&h, "|", 1);
    calc_hash_add(&h, task.s, task.n);
    return calc_hash_value(&h);
}

enum calc_status calc_honeypot_count(double f, uint64_t n_tasks, uint64_t available,
                                     uint64_t *count)
{
    if (!(f >= 0.0 && f < 1.0))
        return CALC_DOMAIN;

    double wanted = floor(f * (double)n_tasks / (1.0 - f) + 0.5);

    *count = wanted < (double)available ? (uint64_t)wanted : available;
    return CALC_OK;
}
