/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign fitted. */
#include "labeling_fit.h"

#include "arena.h"
#include "labeling_order.h"

#include <math.h>
#include <stdlib.h>

static void judge_annotators(struct arena *arena, struct labeling_fit *fit)
{
    const struct labeling_set *set = &fit->set;
    size_t n = set->n_annotators;
    fit->blocked = ARENA_ARRAY(arena, n + 1, uint8_t);
    fit->veto = ARENA_ARRAY(arena, n + 1, double);
    fit->trust = ARENA_ARRAY(arena, n + 1, double);
    fit->tally = ARENA_ARRAY(arena, n + 1, struct calc_trust_tally);
    for (size_t j = 0; j < n; j++) {
        fit->tally[j].gold = set->gold_answered[j];
        fit->tally[j].gold_right = set->gold_right[j];
    }
    fit->m0 = calc_trust_prior_mean(fit->tally, n);
    for (size_t j = 0; j < n; j++)
        fit->blocked[j] = calc_trust_blocked(&fit->tally[j], fit->m0, &fit->veto[j]);
}

static void fit_consensus(struct arena *arena, struct labeling_fit *fit)
{
    const struct labeling_set *set = &fit->set;
    size_t size = calc_labels_size(set->n_rows, set->n_tasks, set->n_annotators, set->k);
    void *mem = arena_alloc(arena, size);
    if (calc_labels_build(&fit->labels, set->rows, set->n_rows, set->n_tasks, set->n_annotators,
                          set->k, fit->blocked, mem, size) != CALC_OK)
        abort(); /* the set numbers its things within these bounds */
    struct calc_consensus_options options = calc_consensus_defaults();
    size = calc_consensus_size(set->n_tasks, set->n_annotators, set->k);
    if (calc_consensus_init(&fit->consensus, &fit->labels, set->known, set->gold, &options,
                            arena_alloc(arena, size), size) != CALC_OK)
        abort();
    calc_consensus_fit(&fit->consensus); /* at the limit of iterations what there is is used */
}

/* Trust needs the posteriors; c and g stay those of the set, which looks at values too. */
static void measure_trust(struct labeling_fit *fit)
{
    const struct labeling_set *set = &fit->set;
    calc_trust_count(&fit->labels, set->known, set->gold, fit->consensus.posterior, fit->tally);
    for (size_t j = 0; j < set->n_annotators; j++) {
        fit->tally[j].gold = set->gold_answered[j];
        fit->tally[j].gold_right = set->gold_right[j];
    }
}

static void measure_agreement(struct arena *arena, struct labeling_fit *fit)
{
    size_t size = calc_agreement_size(fit->set.k);
    void *mem = arena_alloc(arena, size);
    struct calc_agreement_units all = calc_agreement_from_labels(&fit->labels, NULL);
    struct calc_agreement_units normal = calc_agreement_from_labels(&fit->labels, fit->set.gold);
    calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &all, mem, size, &fit->alpha_gold);
    calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &normal, mem, size, &fit->alpha);
    if (calc_agreement_jackknife(CALC_AGREEMENT_NOMINAL, &normal, mem, size, &fit->alpha_error) !=
        CALC_OK)
        fit->alpha_error = NAN;
}

enum err labeling_fit(struct db *db, struct arena *arena, struct uuid org, struct uuid campaign,
                      struct labeling_fit *fit)
{
    *fit = (struct labeling_fit){.alpha_error = NAN,
                                 .alpha.reason = CALC_AGREEMENT_NO_PAIR,
                                 .alpha_gold.reason = CALC_AGREEMENT_NO_PAIR};
    enum err err = store_label_data_load(db, arena, org, campaign, &fit->data);
    if (!err)
        err = store_label_emails(db, arena, org, campaign, &fit->emails);
    if (err)
        return err;
    labeling_order(arena, &fit->data, &fit->emails);
    labeling_set_build(arena, &fit->data, false, &fit->set);
    judge_annotators(arena, fit);
    if (fit->set.k) {
        fit_consensus(arena, fit);
        measure_trust(fit);
        measure_agreement(arena, fit);
    }
    for (size_t j = 0; j < fit->set.n_annotators; j++)
        fit->trust[j] = calc_trust_mean(&fit->tally[j], fit->m0);
    return ERR_OK;
}
