/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_consensus_leap.c: extrapolation of slow EM */
#include "calc_consensus_leap.h"

#include <math.h>
#include <string.h>

/* State: the numbers the next M step reads, counts and then mass. */
static size_t state_size(const struct calc_consensus *c)
{
    size_t k = c->labels->k;

    return c->labels->n_annotators * k * k + k;
}

static void save(const struct calc_consensus *c, double *x)
{
    size_t k = c->labels->k, table = state_size(c) - k;

    memcpy(x, c->counts, sizeof *x * table);
    memcpy(x + table, c->mass, sizeof *x * k);
}

static void restore(struct calc_consensus *c, const double *x)
{
    size_t k = c->labels->k, table = state_size(c) - k;

    memcpy(c->counts, x, sizeof *x * table);
    memcpy(c->mass, x + table, sizeof *x * k);
}

/* What a count cannot be below: its pseudo-count. */
static double least(const struct calc_consensus *c, size_t i)
{
    size_t k = c->labels->k, table = state_size(c) - k;

    if (i >= table)
        return 0.0;
    return i / k % k == i % k ? c->options.right : c->options.wrong;
}

size_t calc_consensus_leap_size(size_t n_annotators, size_t k)
{
    return 3 * (n_annotators * k * k + k);
}

/* From x0, x1 and the present state x2, which is kept in x2. */
static void leap(struct calc_consensus *c, struct calc_consensus_leap *state, const double *x0,
                 const double *x1, double *x2)
{
    size_t n = state_size(c), k = c->labels->k;
    double rr = 0.0, vv = 0.0;

    save(c, x2);
    for (size_t i = 0; i < n; i++) {
        double r = x1[i] - x0[i], v = x2[i] - x1[i] - r;

        rr += r * r;
        vv += v * v;
    }
    if (!(vv > 0.0) || !(rr > 0.0))
        return;
    state->length = fmin(state->longest, fmax(1.0, sqrt(rr / vv)));
    double a = -state->length;

    for (size_t i = 0; i < n; i++) {
        double r = x1[i] - x0[i], v = x2[i] - x1[i] - r;
        double x = fmax(least(c, i), x0[i] - 2.0 * a * r + a * a * v);

        if (i < n - k)
            c->counts[i] = x;
        else
            c->mass[i - (n - k)] = x;
    }
}

void calc_consensus_leap_after(struct calc_consensus *c, struct calc_consensus_leap *state)
{
    size_t n = state_size(c);
    double *x0 = c->spare, *x1 = x0 + n, *x2 = x1 + n;
    double reached = calc_consensus_log_posterior(c);

    if (state->phase == CALC_CONSENSUS_LEAPT) {
        state->phase = CALC_CONSENSUS_FIRST;
        if (!(reached >= state->before)) {
            state->longest = fmax(1.0, state->length / 2.0);
            restore(c, x2);
            return;
        }
        if (state->length == state->longest)
            state->longest *= 2.0;
    }
    if (state->phase == CALC_CONSENSUS_FIRST) {
        save(c, x0);
        state->phase = CALC_CONSENSUS_SECOND;
    } else if (state->phase == CALC_CONSENSUS_SECOND) {
        save(c, x1);
        state->phase = CALC_CONSENSUS_THIRD;
    } else {
        state->before = reached;
        leap(c, state, x0, x1, x2);
        state->phase = CALC_CONSENSUS_LEAPT;
    }
}
