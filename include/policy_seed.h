/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies to start from, by region: the one table. */
#ifndef COSTWRIGHT_POLICY_SEED_H
#define COSTWRIGHT_POLICY_SEED_H

struct policy_seed_weight {
    const char *feature; /* NULL ends the list */
    double weight;
};

#define SEED_FEATURES 5

struct policy_seed {
    const char *region; /* "" is the default */
    struct policy_seed_weight weights[SEED_FEATURES + 1];
};

/* DE-BY, else DE, else the default: the longest part of region, cut at '-', that is in the table.
   Never NULL. */
const struct policy_seed *policy_seed(const char *region);

#endif
