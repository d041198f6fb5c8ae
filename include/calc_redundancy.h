/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_redundancy.h: when a task has labels enough, and which one needs a label most */
#ifndef CALC_REDUNDANCY_H
#define CALC_REDUNDANCY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a task with n answers, n_votes of which weigh something, needs another; confidence = its
 * largest posterior, in [0, 1]. Fixed redundancy: until n_required answers. Adaptive redundancy
 * ends early, from two votes on, at confidence >= 0.99, and goes on to at most 2 n_required answers
 * while confidence < 0.95.
 */
bool calc_redundancy_open(bool adaptive, uint32_t n, uint32_t n_required, uint32_t n_votes,
                          double confidence);

/*
 * Entropy of a posterior in nats, 0 .. ln k: -sum p ln p with 0 ln 0 = 0. Adaptive redundancy
 * serves the open task of largest entropy first, then the oldest, then by id.
 */
double calc_redundancy_entropy(const double *posterior, uint32_t k);

#endif
