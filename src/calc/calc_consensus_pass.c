/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_consensus_pass.c: fused E step and counting, in scaled linear space, two classes at a time
 */
#include "calc_consensus_pass.h"

#include <float.h>
#include <math.h>

#ifdef __clang__ /* unrolls constant loops unasked */
#pragma clang diagnostic ignored "-Wunknown-pragmas"
#endif

/* Labels between renormalisations: (1e-19)^16 is still a normal number. */
#define RESCALE_EVERY 16u

static bool informs_pi(const struct calc_consensus *c, uint32_t task)
{
    return !(c->gold && c->gold[task]);
}

/* Counts start from the pseudo-counts, the mass of pi from nothing. */
static void counts_reset(struct calc_consensus *c)
{
    size_t k = c->labels->k, cells = (size_t)c->labels->n_annotators * k;

    for (size_t cell = 0; cell < cells; cell++)
        for (size_t t = 0; t < k; t++)
            c->counts[cell * k + t] = cell % k == t ? c->options.right : c->options.wrong;
    for (size_t t = 0; t < k; t++)
        c->mass[t] = 0.0;
}

void calc_consensus_pass_count(struct calc_consensus *c, bool all)
{
    const struct calc_labels *d = c->labels;
    size_t k = d->k;

    counts_reset(c);
    for (uint32_t i = 0; i < d->n_tasks; i++) {
        const double *post = c->posterior + i * k;
        bool decided = calc_consensus_known(c, i) != CALC_LABEL_NONE || d->counted[i] > d->begin[i];

        for (uint32_t s = d->begin[i]; s < (all ? d->begin[i + 1] : d->counted[i]); s++)
            for (size_t t = 0; t < k; t++)
                c->counts[d->cell[s] * k + t] += post[t];
        for (size_t t = 0; t < k && decided && informs_pi(c, i); t++)
            c->mass[t] += post[t];
    }
}

/* A product of many probabilities, kept as a number and the logarithm of what left it. */
struct scaled_product {
    double value;
    double log;
};

static inline void product_times(struct scaled_product *p, double x)
{
    if (x < 1e-100) { /* rare: value * x could underflow */
        p->log += log(fmax(x, 0x1p-1074));
        return;
    }
    p->value *= x;
    if (p->value < 1e-100) {
        p->log += log(p->value);
        p->value = 1.0;
    }
}

/* A task whose class is known only informs the matrices and the likelihood. */
static void e_step_known(struct calc_consensus *c, uint32_t task, uint32_t fixed,
                         struct scaled_product *likelihood)
{
    const struct calc_labels *d = c->labels;
    size_t k = d->k;

    for (uint32_t s = d->begin[task]; s < d->counted[task]; s++) {
        product_times(likelihood, c->theta[d->cell[s] * k + fixed]);
        c->counts[d->cell[s] * k + fixed] += 1.0;
    }
    if (informs_pi(c, task)) {
        product_times(likelihood, c->pi[fixed]);
        c->mass[fixed] += 1.0;
    }
}

/*
 * Two classes side by side, as every 64-bit processor computes them; odd k ends with a pair whose
 * second half is idle. may_alias and the alignment of a double make any table row readable.
 */
typedef double pair __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64_t pair_bits __attribute__((vector_size(16)));

static inline pair pair_get(const double *x, size_t t, size_t k)
{
    return t + 1 < k ? *(const pair *)(x + t) : (pair){x[t], 0.0};
}

static inline void pair_put(double *x, size_t t, size_t k, pair v)
{
    if (t + 1 < k)
        *(pair *)(x + t) = v;
    else
        x[t] = v[0];
}

/* The larger of m and |v|, in both halves. */
static inline pair pair_max_abs(pair m, pair v)
{
    pair_bits abs = (pair_bits)v & INT64_MAX;
    pair_bits take = (pair)abs > m;

    return (pair)((take & abs) | (~take & (pair_bits)m));
}

/* One sum over the k halves; the classes are always added in the same order. */
static inline __attribute__((always_inline)) double pair_sum(const pair *p, const size_t pairs)
{
    pair all = p[0];

#pragma GCC unroll 6
    for (size_t h = 1; h < pairs; h++)
        all += p[h];
    return all[0] + all[1];
}

/*
 * E step and the counts for the next M step. Inlined once per k: with k a constant the inner loops
 * vanish and the k numbers of a task stay in registers.
 */
static inline __attribute__((always_inline)) void e_step_k(struct calc_consensus *c, const size_t k)
{
    const struct calc_labels *d = c->labels;
    const size_t pairs = (k + 1) / 2;
    const double *theta = c->theta;
    double *counts = c->counts;
    struct scaled_product likelihood = {1.0, 0.0};
    pair pi[CALC_LABELS_MAX_K / 2], mass[CALC_LABELS_MAX_K / 2], p[CALC_LABELS_MAX_K / 2];
    pair change = {0.0, 0.0};

#pragma GCC unroll 6
    for (size_t h = 0; h < pairs; h++) {
        pi[h] = p[h] = pair_get(c->pi, 2 * h, k);
        mass[h] = (pair){0.0, 0.0};
    }
    for (uint32_t i = 0; i < d->n_tasks; i++) {
        const uint32_t *cell = d->cell + d->begin[i];
        const uint32_t *end = d->cell + d->counted[i];
        double *post = c->posterior + i * k;
        uint32_t fixed = calc_consensus_known(c, i), step = 0;
        double sum;

        if (fixed != CALC_LABEL_NONE) {
            e_step_known(c, i, fixed, &likelihood);
            continue;
        }
        if (cell == end)
            continue;

#pragma GCC unroll 6
        for (size_t h = 0; h < pairs; h++)
            p[h] = pi[h];
        for (const uint32_t *s = cell; s < end; s++) {
            const double *row = theta + *s * k;

#pragma GCC unroll 6
            for (size_t h = 0; h < pairs; h++)
                p[h] *= pair_get(row, 2 * h, k);
            if (++step % RESCALE_EVERY == 0) {
                sum = pair_sum(p, pairs);
                product_times(&likelihood, sum);
                for (size_t h = 0; h < pairs && sum >= DBL_MIN; h++)
                    p[h] *= 1.0 / sum;
            }
        }
        sum = pair_sum(p, pairs);
        product_times(&likelihood, sum);

        double inverse = 1.0 / sum;
#pragma GCC unroll 6
        for (size_t h = 0; h < pairs; h++) {
            pair old = pair_get(post, 2 * h, k);

            if (sum >= DBL_MIN)
                p[h] *= inverse;
            else /* maximum likelihood ran out of range: the posterior stays */
                p[h] = old;
            change = pair_max_abs(change, p[h] - old);
            mass[h] += p[h];
            pair_put(post, 2 * h, k, p[h]);
        }
        for (const uint32_t *s = cell; s < end; s++) {
            double *n = counts + *s * k;

#pragma GCC unroll 6
            for (size_t h = 0; h < pairs; h++)
                pair_put(n, 2 * h, k, pair_get(n, 2 * h, k) + p[h]);
        }
    }
    for (size_t t = 0; t < k; t++)
        c->mass[t] += mass[t / 2][t % 2];
    c->change = fmax(change[0], change[1]);
    c->log_likelihood = likelihood.log + log(likelihood.value);
}

void calc_consensus_pass_e_step(struct calc_consensus *c)
{
    counts_reset(c);
    switch (c->labels->k) {
    case 2:
        e_step_k(c, 2);
        break;
    case 3:
        e_step_k(c, 3);
        break;
    case 4:
        e_step_k(c, 4);
        break;
    case 5:
        e_step_k(c, 5);
        break;
    case 6:
        e_step_k(c, 6);
        break;
    default:
        e_step_k(c, c->labels->k);
    }
}
