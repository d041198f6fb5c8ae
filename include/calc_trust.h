/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_trust.h: how far an annotator can be trusted, from gold tasks and from the consensus */
#ifndef CALC_TRUST_H
#define CALC_TRUST_H

#include "calc_labels.h"
#include "calc_status.h"

#include <stdbool.h>

/* What one annotator did. Labels of blocked annotators are tallied like any other. */
struct calc_trust_tally {
    uint32_t gold;       /* g: labels on gold tasks */
    uint32_t gold_right; /* c: of these, equal to the known answer */
    double agree;        /* sum of T_i,label over the other labels (T: calc_consensus posterior) */
    double disagree;     /* sum of 1 - T_i,label */
    double loo_credit;   /* leave-one-out majority: credit earned, see below */
    uint32_t loo_tasks;  /* labels that could be compared */
};

/*
 * Fill tally[0..n_annotators-1]. posterior is n_tasks * k; known and gold as in calc_consensus.h.
 * A label on a normal task earns 1 when it is the majority of the other counted labels of the
 * task, 1/m when m classes lead and it is one of them, else 0; tasks without another counted
 * label are not compared. O(labels * k).
 */
void calc_trust_count(const struct calc_labels *labels, const uint32_t *known, const uint8_t *gold,
                      const double *posterior, struct calc_trust_tally *tally);

/* c/g. CALC_UNDEFINED: no gold answered. */
enum calc_status calc_trust_gold_accuracy(const struct calc_trust_tally *tally, double *accuracy);

/* Mean credit of the leave-one-out majority. CALC_UNDEFINED: nothing to compare with. */
enum calc_status calc_trust_consensus_agreement(const struct calc_trust_tally *tally,
                                                double *agreement);

/*
 * What is expected of an annotator before looking at their own answers, with kappa = 4 and gold
 * answers pooled over the campaign:
 *     g0 = (sum c + 0.8 kappa) / (sum g + kappa)
 *     m0 = mean over annotators of (c + kappa g0) / (g + kappa);  m0 = g0 without annotators
 */
double calc_trust_prior_mean(const struct calc_trust_tally *tally, size_t n);

/* Mean of Beta(kappa m0 + c + agree, kappa (1-m0) + (g-c) + disagree). */
double calc_trust_mean(const struct calc_trust_tally *tally, double m0);

/*
 * The veto rests on gold alone, which collusion cannot fool: blocked when
 * P(Beta(kappa m0 + c, kappa (1-m0) + g-c) < 0.6) > 0.95. Without gold answers of their own nobody
 * is blocked, however badly the others did. *probability, unless NULL, says why.
 */
bool calc_trust_blocked(const struct calc_trust_tally *tally, double m0, double *probability);

#endif
