/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_vote.c: majority and weighted votes, the tie rule, combination of corrections */
#include "calc_vote.h"

#include "calc_order.h"
#include "calc_sum.h"

#include <math.h>

#define TIE         1e-9
#define HALF_SLACK  1e-12
#define TRUST_FLOOR 0.01 /* above guessing */
#define TRUST_CEIL  0.99

enum calc_status calc_vote_majority(const uint32_t *votes, uint32_t k, double *posterior)
{
    uint64_t n = 0;

    for (uint32_t t = 0; t < k; t++)
        n += votes[t];
    if (n == 0)
        return CALC_UNDEFINED;
    for (uint32_t t = 0; t < k; t++)
        posterior[t] = (double)votes[t] / (double)n;
    return CALC_OK;
}

static double trust_weight(double trust, uint32_t k)
{
    double p = fmin(fmax(trust, 1.0 / (double)k + TRUST_FLOOR), TRUST_CEIL);

    return log((double)(k - 1) * p / (1.0 - p));
}

enum calc_status calc_vote_weighted(const struct calc_vote_trusted *row, size_t n, uint32_t k,
                                    double *posterior)
{
    double score[CALC_LABELS_MAX_K] = {0}, top = 0.0, sum = 0.0;

    if (k == 0 || k > CALC_LABELS_MAX_K)
        return CALC_DOMAIN;
    for (size_t s = 0; s < n; s++)
        if (row[s].label >= k || !(row[s].trust >= 0.0 && row[s].trust <= 1.0))
            return CALC_DOMAIN;
    if (n == 0)
        return CALC_UNDEFINED;

    if (k > 1) /* a single class needs no weights, and has none */
        for (size_t s = 0; s < n; s++)
            score[row[s].label] += trust_weight(row[s].trust, k);
    for (uint32_t t = 0; t < k; t++)
        top = fmax(top, score[t]);
    for (uint32_t t = 0; t < k; t++)
        sum += exp(score[t] - top);
    for (uint32_t t = 0; t < k; t++)
        posterior[t] = exp(score[t] - top) / sum;
    return CALC_OK;
}

void calc_vote_decide(const double *posterior, const uint32_t *votes, uint32_t k,
                      uint32_t predicted, struct calc_vote_decision *out)
{
    double top = posterior[0];
    uint32_t best = CALC_LABEL_NONE, candidates = 0, n = 0;

    for (uint32_t t = 0; t < k; t++) {
        top = fmax(top, posterior[t]);
        n += votes[t];
    }
    for (uint32_t t = 0; t < k; t++) {
        if (posterior[t] < top - TIE)
            continue;
        candidates++;
        if (best == CALC_LABEL_NONE || votes[t] > votes[best] ||
            (votes[t] == votes[best] && t == predicted))
            best = t;
    }
    *out = (struct calc_vote_decision){
        .label = best,
        .tied = candidates > 1,
        .confidence = top,
        .agreement = n > 0 ? (double)votes[best] / (double)n : 0.0,
        .n_votes = n,
    };
}

static int by_value(const void *a, const void *b)
{
    const struct calc_vote_number *x = a, *y = b;
    int c = calc_order_numbers(x->value, y->value);

    return c ? c : calc_order_numbers(x->weight, y->weight);
}

enum calc_status calc_vote_median(struct calc_vote_number *row, size_t n, double *median)
{
    struct calc_sum total, below;

    for (size_t s = 0; s < n; s++)
        if (!isfinite(row[s].value) || !(row[s].weight >= 0.0) || !isfinite(row[s].weight))
            return CALC_DOMAIN;
    calc_order_sort(row, n, sizeof *row, by_value);
    calc_sum_init(&total);
    calc_sum_init(&below);
    for (size_t s = 0; s < n; s++)
        calc_sum_add(&total, row[s].weight);

    double half = 0.5 * calc_sum_value(&total) * (1.0 - HALF_SLACK);

    for (size_t s = 0; s < n; s++) {
        calc_sum_add(&below, row[s].weight);
        if (row[s].weight > 0.0 && calc_sum_value(&below) >= half) {
            *median = row[s].value;
            return CALC_OK;
        }
    }
    return CALC_UNDEFINED;
}
