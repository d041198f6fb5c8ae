/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_consensus.c: EM for the Dawid-Skene model: start, M step, stop, and what is read off */
#include "calc_consensus.h"

#include "calc_consensus_leap.h"
#include "calc_consensus_pass.h"

#include <math.h>
#include <string.h>

/* The one-coin p stays off 0 and 1, where a single contrary label would be impossible. */
#define COIN_MARGIN 1e-10

/* EM that takes longer than this is slow enough for extrapolation to pay. */
#define PATIENCE 64u

/* The tables start on one, so that a row of two or four numbers never lies across two. */
#define CACHE_LINE 64u

struct calc_consensus_options calc_consensus_defaults(void)
{
    return (struct calc_consensus_options){
        .model = CALC_CONSENSUS_PER_CLASS,
        .right = 1.0,
        .wrong = 0.25,
        .pi_count = 0.5,
        .tolerance = 1e-8,
        .max_iterations = 1000,
    };
}

size_t calc_consensus_size(size_t n_tasks, size_t n_annotators, size_t k)
{
    if (calc_labels_size(0, n_tasks, n_annotators, k) == 0)
        return 0;
    return CACHE_LINE + sizeof(double) * (2 * n_annotators * k * k + n_tasks * k + 2 * k +
                                          calc_consensus_leap_size(n_annotators, k));
}

enum calc_status calc_consensus_init(struct calc_consensus *c, const struct calc_labels *labels,
                                     const uint32_t *known, const uint8_t *gold,
                                     const struct calc_consensus_options *options, void *mem,
                                     size_t size)
{
    size_t k = labels->k, table = (size_t)labels->n_annotators * k * k;
    uint32_t votes[CALC_LABELS_MAX_K];

    if (size < calc_consensus_size(labels->n_tasks, labels->n_annotators, k))
        return CALC_SIZE;
    if (!(options->right >= 0.0 && options->wrong >= 0.0 && options->pi_count >= 0.0 &&
          options->tolerance >= 0.0 &&
          isfinite(options->right + options->wrong + options->pi_count + options->tolerance)))
        return CALC_DOMAIN;
    for (uint32_t i = 0; i < labels->n_tasks; i++) {
        if (known && known[i] != CALC_LABEL_NONE && known[i] >= k)
            return CALC_DOMAIN;
        if (gold && gold[i] && (!known || known[i] == CALC_LABEL_NONE))
            return CALC_DOMAIN;
    }

    *c = (struct calc_consensus){
        .labels = labels, .known = known, .gold = gold, .options = *options};
    c->theta = (double *)(((uintptr_t)mem + CACHE_LINE - 1) & ~(uintptr_t)(CACHE_LINE - 1));
    c->counts = c->theta + table;
    c->posterior = c->counts + table;
    c->pi = c->posterior + labels->n_tasks * k;
    c->mass = c->pi + k;
    c->spare = c->mass + k;
    c->change = HUGE_VAL;

    for (uint32_t i = 0; i < labels->n_tasks; i++) {
        uint32_t n = calc_labels_votes(labels, i, votes), fixed = calc_consensus_known(c, i);

        for (uint32_t t = 0; t < k; t++) {
            double share = n > 0 ? (double)votes[t] / (double)n : 0.0;

            c->posterior[i * k + t] = fixed == CALC_LABEL_NONE ? share : fixed == t;
        }
    }
    calc_consensus_pass_count(c, false);
    return CALC_OK;
}

static void theta_per_class(struct calc_consensus *c)
{
    size_t k = c->labels->k;

    for (size_t j = 0; j < c->labels->n_annotators; j++) {
        const double *n = c->counts + j * k * k;
        double *theta = c->theta + j * k * k;

        for (size_t t = 0; t < k; t++) {
            double sum = 0.0;

            for (size_t l = 0; l < k; l++)
                sum += n[l * k + t];
            for (size_t l = 0; l < k; l++)
                theta[l * k + t] = sum > 0.0 ? n[l * k + t] / sum : 1.0 / (double)k;
        }
    }
}

/* Pseudo-answers of the coin; the pseudo-counts of the k rows of the matrix are not summed up. */
static double coin_wrong(const struct calc_consensus_options *o, size_t k)
{
    return o->wrong * (double)(k - 1);
}

static void theta_one_coin(struct calc_consensus *c)
{
    const struct calc_consensus_options *o = &c->options;
    size_t k = c->labels->k;

    for (size_t j = 0; j < c->labels->n_annotators; j++) {
        const double *n = c->counts + j * k * k;
        double *theta = c->theta + j * k * k;
        double right = o->right, all = o->right + coin_wrong(o, k), p = 1.0;

        for (size_t l = 0; l < k; l++) {
            for (size_t t = 0; t < k; t++)
                all += n[l * k + t] - (l == t ? o->right : o->wrong);
            right += n[l * k + l] - o->right;
        }
        if (k > 1)
            p = all > 0.0 ? fmin(fmax(right / all, COIN_MARGIN), 1.0 - COIN_MARGIN)
                          : 1.0 / (double)k;
        for (size_t l = 0; l < k; l++)
            for (size_t t = 0; t < k; t++)
                theta[l * k + t] = l == t ? p : (1.0 - p) / (double)(k - 1);
    }
}

static void m_step(struct calc_consensus *c)
{
    size_t k = c->labels->k;
    double sum = 0.0;

    for (size_t t = 0; t < k; t++)
        sum += c->options.pi_count + c->mass[t];
    for (size_t t = 0; t < k; t++)
        c->pi[t] = sum > 0.0 ? (c->options.pi_count + c->mass[t]) / sum : 1.0 / (double)k;
    if (c->options.model == CALC_CONSENSUS_ONE_COIN)
        theta_one_coin(c);
    else
        theta_per_class(c);
}

void calc_consensus_iterate(struct calc_consensus *c)
{
    m_step(c);
    calc_consensus_pass_e_step(c);
    c->iterations++;
}

bool calc_consensus_test(const struct calc_consensus *c)
{
    return c->iterations > 0 && c->change <= c->options.tolerance;
}

void calc_consensus_finish(struct calc_consensus *c)
{
    const struct calc_labels *d = c->labels;
    size_t k = d->k;

    bool blocked = false;

    m_step(c);
    for (uint32_t i = 0; i < d->n_tasks; i++) {
        if (calc_consensus_known(c, i) == CALC_LABEL_NONE && d->counted[i] == d->begin[i])
            memcpy(c->posterior + i * k, c->pi, sizeof *c->pi * k);
        blocked |= d->counted[i] < d->begin[i + 1];
    }
    if (blocked) {
        calc_consensus_pass_count(c, true);
        m_step(c);
    }
}

enum calc_status calc_consensus_fit(struct calc_consensus *c)
{
    struct calc_consensus_leap leap = {.longest = HUGE_VAL};
    bool may_leap = c->options.right > 0.0 && c->options.wrong > 0.0 && c->options.pi_count > 0.0;

    while (!calc_consensus_test(c) && c->iterations < c->options.max_iterations) {
        calc_consensus_iterate(c);
        /* no new leap without an iteration to try it and one to come back */
        bool in_time =
            leap.phase == CALC_CONSENSUS_LEAPT || c->iterations + 2 <= c->options.max_iterations;

        if (may_leap && in_time && c->iterations >= PATIENCE && !calc_consensus_test(c))
            calc_consensus_leap_after(c, &leap);
    }
    calc_consensus_finish(c);
    return calc_consensus_test(c) ? CALC_OK : CALC_NOT_CONVERGED;
}

/* a ln x without the 0 * -inf of a = 0. */
static double weighted_log(double a, double x)
{
    return a > 0.0 ? a * log(x) : 0.0;
}

double calc_consensus_log_posterior(const struct calc_consensus *c)
{
    const struct calc_consensus_options *o = &c->options;
    size_t k = c->labels->k;
    double sum = c->log_likelihood;

    for (size_t t = 0; t < k; t++)
        sum += weighted_log(o->pi_count, c->pi[t]);
    for (size_t j = 0; j < c->labels->n_annotators && k > 1; j++) {
        const double *theta = c->theta + j * k * k;

        if (o->model == CALC_CONSENSUS_ONE_COIN) {
            sum +=
                weighted_log(o->right, theta[0]) + weighted_log(coin_wrong(o, k), 1.0 - theta[0]);
            continue;
        }
        for (size_t l = 0; l < k; l++)
            for (size_t t = 0; t < k; t++)
                sum += weighted_log(l == t ? o->right : o->wrong, theta[l * k + t]);
    }
    return sum;
}

double calc_consensus_reliability(const struct calc_consensus *c, uint32_t annotator)
{
    size_t k = c->labels->k;
    const double *theta = c->theta + annotator * k * k;
    double sum = 0.0;

    for (size_t t = 0; t < k; t++)
        sum += c->pi[t] * theta[t * k + t];
    return sum;
}

void calc_consensus_prior_theta(const struct calc_consensus_options *options, uint32_t k,
                                double *theta)
{
    double all = options->right + coin_wrong(options, k);

    for (size_t l = 0; l < k; l++)
        for (size_t t = 0; t < k; t++)
            theta[l * k + t] =
                all > 0.0 ? (l == t ? options->right : options->wrong) / all : 1.0 / (double)k;
}

enum calc_status calc_consensus_task(const struct calc_consensus_options *options, uint32_t k,
                                     const double *pi, const struct calc_consensus_vote *votes,
                                     size_t n, double *posterior)
{
    double prior[CALC_LABELS_MAX_K * CALC_LABELS_MAX_K], p[CALC_LABELS_MAX_K];

    if (k == 0 || k > CALC_LABELS_MAX_K)
        return CALC_DOMAIN;
    for (size_t s = 0; s < n; s++)
        if (votes[s].label >= k)
            return CALC_DOMAIN;

    calc_consensus_prior_theta(options, k, prior);
    for (size_t t = 0; t < k; t++)
        p[t] = pi ? pi[t] : 1.0 / (double)k;
    for (size_t s = 0; s < n; s++) {
        const double *row = (votes[s].theta ? votes[s].theta : prior) + (size_t)votes[s].label * k;
        double sum = 0.0;

        for (size_t t = 0; t < k; t++)
            sum += p[t] *= row[t];
        if (!(sum > 0.0))
            return CALC_UNDEFINED;
        for (size_t t = 0; t < k; t++)
            p[t] /= sum;
    }
    memcpy(posterior, p, sizeof *p * k);
    return CALC_OK;
}
