/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_policy_search.h: weights that repeat the most choices */
#ifndef CALC_POLICY_SEARCH_H
#define CALC_POLICY_SEARCH_H

#include "calc_logit.h"
#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The search inside calc_policy_fit(), on choice sets that are already normalised to [0, 1]
 * (calc_policy.h) and in a canonical order; the rows of a set are in tie order, so that the first
 * of several best ones wins. The sets have the shape of a conditional logit's.
 */

/* Sets whose choice the weights repeat: lowest sum w x, compared after rounding to 1e-12. */
size_t calc_policy_search_hits(const struct calc_logit_data *data, const double *weights);

struct calc_policy_search {
    size_t hits;      /* of the weights found */
    size_t evaluated; /* distinct weight vectors */
    bool logit_used;  /* the direction of the ridge conditional logit was one of them */
};

/* Bytes of scratch, aligned like memory from malloc. */
size_t calc_policy_search_scratch(size_t n_features, size_t max_set);

/*
 * Candidates and objective as calc_policy_fit() says. seed[n_features] >= 0 with sum 1;
 * grid > 0 or 0 for the default. weights[n_features] gets the best.
 */
void calc_policy_search(const struct calc_logit_data *data, const double *seed, int grid,
                        void *scratch, size_t max_set, double *weights,
                        struct calc_policy_search *result);

#endif
