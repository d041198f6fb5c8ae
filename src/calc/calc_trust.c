/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_trust.c: tallies of annotators, trust as the mean of a beta distribution, the gold veto */
#include "calc_trust.h"

#include "calc_sum.h"

#include <gsl/gsl_cdf.h>
#include <string.h>

#define KAPPA      4.0 /* weight of the prior, in answers */
#define GUESS      0.8 /* accuracy expected before any gold was answered */
#define VETO_LEVEL 0.6
#define VETO_PROB  0.95

/* Credit of label l against votes[] without it; false when nobody else voted. */
static bool loo_credit(const uint32_t *votes, uint32_t k, uint32_t l, uint32_t own, double *credit)
{
    uint32_t top = 0, leaders = 0;

    for (uint32_t t = 0; t < k; t++) {
        uint32_t n = votes[t] - (t == l ? own : 0);

        if (n > top) {
            top = n;
            leaders = 0;
        }
        leaders += n == top;
    }
    *credit = votes[l] - own == top ? 1.0 / (double)leaders : 0.0;
    return top > 0;
}

void calc_trust_count(const struct calc_labels *labels, const uint32_t *known, const uint8_t *gold,
                      const double *posterior, struct calc_trust_tally *tally)
{
    uint32_t k = labels->k, votes[CALC_LABELS_MAX_K];

    memset(tally, 0, sizeof *tally * labels->n_annotators);
    for (uint32_t i = 0; i < labels->n_tasks; i++) {
        const double *post = posterior + (size_t)i * k;
        bool is_gold = gold && gold[i];

        if (!is_gold)
            calc_labels_votes(labels, i, votes);
        for (uint32_t s = labels->begin[i]; s < labels->begin[i + 1]; s++) {
            struct calc_trust_tally *of = tally + labels->cell[s] / k;
            uint32_t l = labels->cell[s] % k;
            double credit;

            if (is_gold) {
                of->gold++;
                of->gold_right += known && known[i] == l;
                continue;
            }
            of->agree += post[l];
            of->disagree += 1.0 - post[l];
            if (loo_credit(votes, k, l, s < labels->counted[i], &credit)) {
                of->loo_credit += credit;
                of->loo_tasks++;
            }
        }
    }
}

enum calc_status calc_trust_gold_accuracy(const struct calc_trust_tally *tally, double *accuracy)
{
    if (tally->gold == 0)
        return CALC_UNDEFINED;
    *accuracy = (double)tally->gold_right / (double)tally->gold;
    return CALC_OK;
}

enum calc_status calc_trust_consensus_agreement(const struct calc_trust_tally *tally,
                                                double *agreement)
{
    if (tally->loo_tasks == 0)
        return CALC_UNDEFINED;
    *agreement = tally->loo_credit / (double)tally->loo_tasks;
    return CALC_OK;
}

double calc_trust_prior_mean(const struct calc_trust_tally *tally, size_t n)
{
    double right = 0.0, all = 0.0;
    struct calc_sum mean;

    for (size_t j = 0; j < n; j++) {
        right += (double)tally[j].gold_right;
        all += (double)tally[j].gold;
    }

    double g0 = (right + GUESS * KAPPA) / (all + KAPPA);

    if (n == 0)
        return g0;
    calc_sum_init(&mean);
    for (size_t j = 0; j < n; j++)
        calc_sum_add(&mean,
                     ((double)tally[j].gold_right + KAPPA * g0) / ((double)tally[j].gold + KAPPA));
    return calc_sum_value(&mean) / (double)n;
}

double calc_trust_mean(const struct calc_trust_tally *tally, double m0)
{
    double a = KAPPA * m0 + (double)tally->gold_right + tally->agree;
    double b = KAPPA * (1.0 - m0) + (double)(tally->gold - tally->gold_right) + tally->disagree;

    return a / (a + b);
}

bool calc_trust_blocked(const struct calc_trust_tally *tally, double m0, double *probability)
{
    double a = KAPPA * m0 + (double)tally->gold_right;
    double b = KAPPA * (1.0 - m0) + (double)(tally->gold - tally->gold_right);
    double p = gsl_cdf_beta_P(VETO_LEVEL, a, b);

    if (probability)
        *probability = p;
    return tally->gold > 0 && p > VETO_PROB;
}
