/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_honeypot.h: which gold task an annotator meets when, and how many to plant */
#ifndef CALC_HONEYPOT_H
#define CALC_HONEYPOT_H

#include "calc_order.h"
#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The rule, per annotator: of the n tasks served so far g were gold; f in [0, 1) is the share
 * wanted. The next one is to be gold iff u < f (n + 1) - g, with u in [0, 1) from a keyed hash.
 * Then |g - f n| < 1 at every moment while gold and normal work last, and the gaps vary, so that
 * "every tenth" cannot be learned. Count tasks served, not submitted; a task served again after
 * its lease expired counts once.
 */

/* u = h64(prefix|number) / 2^64, prefix = "secret|campaign|annotator", number = n + 1 >= 1. */
double calc_honeypot_draw(struct calc_key prefix, uint64_t number);

/* Whether task n + 1 is to be gold. */
bool calc_honeypot_due(double f, uint64_t n, uint64_t g, double u);

/* Gold tasks come to an annotator by rising h64(prefix|task), prefix = "secret|annotator". */
uint64_t calc_honeypot_rank(struct calc_key prefix, struct calc_key task);

/*
 * Gold tasks to plant among n_tasks normal ones so that they make up the share f of all:
 * floor(f n_tasks / (1 - f) + 1/2), at most available. CALC_DOMAIN: f outside [0, 1).
 */
enum calc_status calc_honeypot_count(double f, uint64_t n_tasks, uint64_t available,
                                     uint64_t *count);

#endif
