/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_consensus_leap.h: extrapolation of slow EM; nobody but calc_consensus calls it */
#ifndef CALC_CONSENSUS_LEAP_H
#define CALC_CONSENSUS_LEAP_H

#include "calc_consensus.h"

/*
 * Squared extrapolation (Varadhan & Roland, Scandinavian Journal of Statistics 35, 2008, step
 * length 3) in the expected counts: of three states x0, x1, x2 in a row, r = x1 - x0, v = x2 - 2 x1
 * + x0, a = -max(1, |r|/|v|), the next is x0 - 2 a r + a^2 v, no count below its pseudo-count. One
 * that turns out to lower the log posterior is taken back, and the next is at most half as long;
 * one of the longest allowed that holds doubles what is allowed. The fixed points are those of EM.
 * For positive pseudo-counts: a count of zero would stay zero.
 */
struct calc_consensus_leap {
    enum {
        CALC_CONSENSUS_FIRST,
        CALC_CONSENSUS_SECOND,
        CALC_CONSENSUS_THIRD,
        CALC_CONSENSUS_LEAPT
    } phase;
    double before;          /* log posterior that a leap must not fall below */
    double length, longest; /* |a| of the last leap, and the most of the next */
};

/* Doubles of c->spare. */
size_t calc_consensus_leap_size(size_t n_annotators, size_t k);

/* After an iteration that did not end the fit; *state starts zeroed, its longest infinite. May
 * change counts and mass. */
void calc_consensus_leap_after(struct calc_consensus *c, struct calc_consensus_leap *state);

#endif
