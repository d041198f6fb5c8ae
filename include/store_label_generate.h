/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tasks are made of: predictions, what is asked or known already, ground truth for honeypots.
 */
#ifndef COSTWRIGHT_STORE_LABEL_GENERATE_H
#define COSTWRIGHT_STORE_LABEL_GENERATE_H

#include "err.h"
#include "field.h"
#include "store_label_campaign.h"
#include "store_truth.h"

struct arena;
struct db;

struct label_source {
    struct uuid calculation, revision; /* revision nil: no such calculation */
    struct field_raw predictions;      /* text NULL: the revision is gone, or named before */
};

/* sources[n] in the order of calculations, a revision's predictions with the first that names it.
   One query. */
enum err store_label_sources(struct db *db, struct arena *arena, struct uuid org,
                             const struct uuid *calculations, size_t n,
                             struct label_source *sources);

/* known[i]: a task of an open campaign asks subjects[i], or one of a closed campaign has answered
   it, or it is ground truth. subjects are n * 16 bytes. Two queries. */
enum err store_label_known(struct db *db, struct uuid org, const uint8_t *subjects, size_t n,
                           bool *known);

/* The oldest open campaign that the same definition (project, name, settings) made.
   ERR_NOT_FOUND. */
enum err store_label_campaign_alike(struct db *db, struct uuid org,
                                    const struct store_label_campaign *campaign, struct uuid *id);

/* The newest items of all datasets, at most `most`, that no honeypot of the campaign is made of. */
enum err store_label_gold_sources(struct db *db, struct arena *arena, struct uuid org,
                                  struct uuid campaign, int64_t most,
                                  struct store_truth_item **items, size_t *n);

#endif
