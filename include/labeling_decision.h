/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions of tasks from posteriors and votes. */
#ifndef COSTWRIGHT_LABELING_DECISION_H
#define COSTWRIGHT_LABELING_DECISION_H

#include "calc_vote.h"
#include "labeling_fit.h"

#include <stdbool.h>

#define LABELING_SURE 0.6 /* least posterior that resolves a task */

/* Who weighs what, and what the labels are weighed with. */
struct labeling_judge {
    struct arena *arena;
    const char *method; /* dawid_skene, majority, weighted_majority */
    const struct labeling_set *set;
    const uint8_t *blocked; /* per annotator of set */
    const double *trust;    /* per annotator of set */
    /* The classes posteriors are over: those of set, or those of an earlier fit. */
    uint32_t k;
    const struct labeling_class *classes;
    const uint32_t *class_of; /* set's class to one of these; NULL: the same */
    /* Dawid-Skene: posteriors of a fit over this very set, else weights (NULL: never fitted) */
    const double *posterior; /* set->n_tasks * k */
    const struct labeling_weights *weights;
    const uint32_t *weight_of; /* per annotator of set: place in weights, weights->n: new */
};

/* Everything about a fit's own tasks. */
struct labeling_judge labeling_judge_fit(struct arena *arena, const struct labeling_fit *fit,
                                         const char *method);
/* A few tasks by the weights of the last fit. Weights NULL or of another mode, or a task with a
   class they do not know: as if never fitted, by the classes of that task alone (two at least), so
   that it does not matter which tasks are decided together. */
struct labeling_judge labeling_judge_weights(struct arena *arena, const struct labeling_set *set,
                                             const uint8_t *blocked, const char *method,
                                             const struct labeling_weights *weights);

/* Task u of the set: *vote is what the method says, *entropy its uncertainty as a share of the
   greatest possible one; decision what is to be stored: resolved or needs_adjudication. */
void labeling_judge_task(const struct labeling_judge *judge, uint32_t u,
                         struct store_label_decision *decision, struct calc_vote_decision *vote,
                         double *entropy);

#endif
