/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_vote.h: from votes and posteriors to one decision per task; combining corrections */
#ifndef CALC_VOTE_H
#define CALC_VOTE_H

#include "calc_labels.h"
#include "calc_status.h"

#include <stdbool.h>

/*
 * votes[0..k-1] counts the labels of a task that weigh (calc_labels_votes()); posterior[0..k-1]
 * comes from calc_consensus or from one of the two votes below. 1 <= k <= CALC_LABELS_MAX_K.
 */

/* Majority: posterior = vote shares. CALC_UNDEFINED without votes. */
enum calc_status calc_vote_majority(const uint32_t *votes, uint32_t k, double *posterior);

/*
 * Weighted majority: each label adds ln((k-1) p / (1-p)) to its class, p = trust of its annotator
 * clipped to [1/k + 0.01, 0.99]; posterior = softmax of the sums, which is the exact posterior
 * under a uniform prior and one-coin annotators of accuracy p. Blocked annotators are left out by
 * the caller. Sums run in the order of the rows: pass them by annotator.
 * CALC_UNDEFINED: n = 0. CALC_DOMAIN: a label >= k, a trust outside [0, 1].
 */
struct calc_vote_trusted {
    uint32_t label;
    double trust;
};
enum calc_status calc_vote_weighted(const struct calc_vote_trusted *row, size_t n, uint32_t k,
                                    double *posterior);

/*
 * The decision: the class of the largest posterior; posteriors within 1e-9 of it are tied and the
 * tie is broken by more votes, then by the class the model predicted, then by the smaller index
 * (bytewise smaller text).
 */
struct calc_vote_decision {
    uint32_t label;
    bool tied;         /* more than one class within 1e-9 of the largest posterior */
    double confidence; /* largest posterior */
    double agreement;  /* share of the votes equal to label; 0 without votes */
    uint32_t n_votes;
};

/* predicted: the class the model predicted, or CALC_LABEL_NONE. */
void calc_vote_decide(const double *posterior, const uint32_t *votes, uint32_t k,
                      uint32_t predicted, struct calc_vote_decision *out);

/*
 * Trust-weighted median of corrected numbers: the smallest value that carries at least half of
 * the total weight with everything below it, hence the lower of two middle values. Half is taken
 * with a slack of 1e-12, so that equal weights count like whole numbers. Sorts row in place.
 * Weight 0 counts nothing. CALC_DOMAIN: a value not finite, a weight negative or not finite.
 * CALC_UNDEFINED: no weight at all.
 */
struct calc_vote_number {
    double value;
    double weight;
};
enum calc_status calc_vote_median(struct calc_vote_number *row, size_t n, double *median);

#endif
