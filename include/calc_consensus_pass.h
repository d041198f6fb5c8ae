/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_consensus_pass.h: the passes of calc_consensus over all labels; nobody else calls them */
#ifndef CALC_CONSENSUS_PASS_H
#define CALC_CONSENSUS_PASS_H

#include "calc_consensus.h"

/*
 * counts and mass from the posteriors as they stand; all = from labels of blocked annotators too.
 * O(labels * k).
 */
void calc_consensus_pass_count(struct calc_consensus *c, bool all);

/*
 * Posteriors from pi and theta, with counts and mass for the next M step in the same pass, change
 * and log_likelihood. Works on products of probabilities instead of sums of logarithms, which
 * takes one logarithm per some hundred tasks instead of one per label and class.
 */
void calc_consensus_pass_e_step(struct calc_consensus *c);

#endif
