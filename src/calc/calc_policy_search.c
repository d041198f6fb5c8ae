/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_policy_search.c: grid, sweeps and logit direction of policy weights */
#include "calc_policy_search.h"

#include "calc_carve.h"
#include "calc_hash.h"
#include "calc_sum.h"

#include <string.h>

#define POLICY_TEMPERATURE 0.1
#define POLICY_QUANTUM     1e12 /* scores and objectives are compared in these units */
#define POLICY_RIDGE       1e-3
enum {
    POLICY_GRID_FEATURES = 6, /* above: coordinate sweeps */
    POLICY_SWEEP_STEPS = 6,
    POLICY_SWEEPS = 4,
};

static const int policy_grid[POLICY_GRID_FEATURES + 1] = {0, 20, 20, 20, 10, 8, 6};

struct policy_score {
    size_t hits;
    double softmax;  /* mean log-softmax, rounded to the quantum */
    double distance; /* to the seed, rounded likewise */
};

struct policy_work {
    const struct calc_logit_data *data;
    size_t k; /* features */
    const double *seed;
    double *best;  /* k */
    double *trial; /* k */
    double *logit; /* k: direction of the conditional logit */
    double *logit_scratch;
    uint64_t *seen; /* hashes of the vectors that sweeps evaluated */
    size_t evaluated;
    struct policy_score top;
};

static double policy_round(double x)
{
    return rint(x * POLICY_QUANTUM);
}

static double policy_row_score(const struct calc_logit_data *d, const double *weights, size_t row)
{
    double s = 0.0;

    for (size_t f = 0; f < d->n_features; f++)
        s += weights[f] * d->x[row * d->n_features + f];
    return s;
}

size_t calc_policy_search_hits(const struct calc_logit_data *data, const double *weights)
{
    size_t hits = 0;

    for (size_t i = 0; i < data->n_sets; i++) {
        size_t best = data->start[i];
        double low = policy_round(policy_row_score(data, weights, best));

        for (size_t j = best + 1; j < data->start[i + 1]; j++) {
            double s = policy_round(policy_row_score(data, weights, j));

            if (s < low) {
                low = s;
                best = j;
            }
        }
        hits += best == data->chosen[i];
    }
    return hits;
}

static double policy_softmax(const struct calc_logit_data *d, const double *weights)
{
    struct calc_sum total;

    calc_sum_init(&total);
    for (size_t i = 0; i < d->n_sets; i++) {
        double taken = policy_row_score(d, weights, d->chosen[i]);
        double sum = 0.0;

        /* scores lie in [0, 1], so the exponents in [-10, 10] */
        for (size_t j = d->start[i]; j < d->start[i + 1]; j++)
            sum += exp((taken - policy_row_score(d, weights, j)) / POLICY_TEMPERATURE);
        calc_sum_add(&total, -log(sum));
    }
    return calc_sum_value(&total) / (double)d->n_sets;
}

static bool policy_better(const struct policy_work *w, const struct policy_score *s,
                          const double *weights)
{
    if (s->hits != w->top.hits)
        return s->hits > w->top.hits;
    if (s->softmax != w->top.softmax)
        return s->softmax > w->top.softmax;
    if (s->distance != w->top.distance)
        return s->distance < w->top.distance;
    for (size_t f = 0; f < w->k; f++)
        if (weights[f] != w->best[f])
            return weights[f] < w->best[f];
    return false;
}

/* Evaluate one weight vector and keep it if it is the best so far. */
static bool policy_try(struct policy_work *w, const double *weights)
{
    struct policy_score s = {.hits = calc_policy_search_hits(w->data, weights)};
    bool first = w->evaluated++ == 0;

    if (!first && s.hits < w->top.hits)
        return false; /* spare the softmax */
    s.softmax = policy_round(policy_softmax(w->data, weights));
    for (size_t f = 0; f < w->k; f++)
        s.distance += fabs(weights[f] - w->seed[f]);
    s.distance = policy_round(s.distance);
    if (!first && !policy_better(w, &s, weights))
        return false;
    w->top = s;
    memcpy(w->best, weights, w->k * sizeof *weights);
    return true;
}

static bool policy_same(const double *a, const double *b, size_t k)
{
    for (size_t f = 0; f < k; f++)
        if (policy_round(a[f]) != policy_round(b[f]))
            return false;
    return true;
}

static bool policy_on_grid(const double *weights, size_t k, int steps)
{
    for (size_t f = 0; f < k; f++)
        if (policy_round(rint(weights[f] * steps) / steps) != policy_round(weights[f]))
            return false;
    return true;
}

/* All ways to spread `left` steps over features f.. of the trial vector. */
static void policy_grid_points(struct policy_work *w, size_t f, int left, int steps)
{
    if (f + 1 == w->k) {
        w->trial[f] = (double)left / steps;
        policy_try(w, w->trial);
        return;
    }
    for (int i = 0; i <= left; i++) {
        w->trial[f] = (double)i / steps;
        policy_grid_points(w, f + 1, left - i, steps);
    }
}

/* Evaluate unless a sweep has done so before. */
static bool policy_try_once(struct policy_work *w, const double *weights)
{
    struct calc_hash h;
    uint64_t v;

    calc_hash_init(&h);
    for (size_t f = 0; f < w->k; f++) {
        long long units = (long long)policy_round(weights[f]);

        calc_hash_add(&h, (const char *)&units, sizeof units);
    }
    v = calc_hash_value(&h);
    for (size_t i = 0; i < w->evaluated; i++)
        if (w->seen[i] == v)
            return false;
    w->seen[w->evaluated] = v;
    return policy_try(w, weights);
}

/* Give feature f the share i/steps of the weight and scale the others of `from` to the rest. */
static bool policy_move(struct policy_work *w, const double *from, size_t f, int i)
{
    double share = (double)i / POLICY_SWEEP_STEPS;
    double rest = 1.0 - from[f];

    if (rest <= 0.0 && i != POLICY_SWEEP_STEPS)
        return false;
    for (size_t g = 0; g < w->k; g++)
        w->trial[g] = g == f ? share : rest > 0.0 ? from[g] / rest * (1.0 - share) : 0.0;
    return true;
}

/*
 * Coordinate sweeps: from a start, every feature in turn takes every share; the best of all
 * vectors so far is the next sweep's start.
 */
static void policy_sweep(struct policy_work *w, const double *start)
{
    bool moved = true;

    policy_try_once(w, start);
    for (int sweep = 0; sweep < POLICY_SWEEPS && moved; sweep++) {
        moved = false;
        for (size_t f = 0; f < w->k; f++)
            for (int i = 0; i <= POLICY_SWEEP_STEPS; i++)
                if (policy_move(w, sweep == 0 ? start : w->best, f, i))
                    moved |= policy_try_once(w, w->trial);
    }
}

/* Direction of the ridge conditional logit; false when it points nowhere. */
static bool policy_logit(struct policy_work *w)
{
    struct calc_logit_fit fit;
    double total = 0.0;

    if (calc_logit_fit(w->data, POLICY_RIDGE * (double)w->data->n_sets, w->logit_scratch, w->logit,
                       NULL, &fit) != CALC_OK)
        return false;
    for (size_t f = 0; f < w->k; f++) {
        w->logit[f] = fmax(0.0, -w->logit[f]); /* a policy weighs costs, the logit utilities */
        total += w->logit[f];
    }
    if (!(total > 0.0))
        return false;
    for (size_t f = 0; f < w->k; f++)
        w->logit[f] /= total;
    return true;
}

static size_t policy_carve(void *base, size_t k, size_t max_set, struct policy_work *w)
{
    size_t used = 0;
    size_t vectors = 2 * (1 + POLICY_SWEEPS * (POLICY_SWEEP_STEPS + 1) * k);

    w->trial = calc_carve(base, &used, k, sizeof *w->trial);
    w->logit = calc_carve(base, &used, k, sizeof *w->logit);
    w->logit_scratch =
        calc_carve(base, &used, calc_logit_scratch(k, max_set), sizeof *w->logit_scratch);
    w->seen = calc_carve(base, &used, vectors, sizeof *w->seen);
    return used;
}

size_t calc_policy_search_scratch(size_t n_features, size_t max_set)
{
    struct policy_work w;

    return policy_carve(NULL, n_features, max_set, &w);
}

void calc_policy_search(const struct calc_logit_data *data, const double *seed, int grid,
                        void *scratch, size_t max_set, double *weights,
                        struct calc_policy_search *result)
{
    struct policy_work w = {.data = data, .k = data->n_features, .seed = seed, .best = weights};
    bool logit;

    policy_carve(scratch, w.k, max_set, &w);
    logit = policy_logit(&w);
    if (w.k > POLICY_GRID_FEATURES) {
        policy_sweep(&w, seed);
        if (logit)
            policy_sweep(&w, w.logit);
    } else {
        int steps = grid > 0 ? grid : policy_grid[w.k];

        policy_grid_points(&w, 0, steps, steps);
        if (!policy_on_grid(seed, w.k, steps))
            policy_try(&w, seed);
        if (logit && !policy_on_grid(w.logit, w.k, steps) && !policy_same(w.logit, seed, w.k))
            policy_try(&w, w.logit);
    }
    *result = (struct calc_policy_search){w.top.hits, w.evaluated, logit};
}
