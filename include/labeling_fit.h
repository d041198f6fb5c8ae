/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign fitted: blocked annotators, Dawid-Skene weights, trust, alpha; and what is kept of it.
 */
#ifndef COSTWRIGHT_LABELING_FIT_H
#define COSTWRIGHT_LABELING_FIT_H

#include "calc_agreement.h"
#include "calc_consensus.h"
#include "calc_trust.h"
#include "err.h"
#include "labeling_set.h"

struct arena;
struct db;

struct labeling_fit {
    struct label_data data; /* as labeling_order leaves it */
    struct label_emails emails;
    struct labeling_set set;
    /* per annotator of set */
    uint8_t *blocked;
    double *veto; /* probability that gold accuracy is below 0.6 */
    double *trust;
    struct calc_trust_tally *tally;
    double m0; /* trust of a newcomer */
    /* set.k > 0 only */
    struct calc_labels labels;
    struct calc_consensus consensus;
    struct calc_agreement alpha,
        alpha_gold;     /* without honeypots; with them. reason tells if defined */
    double alpha_error; /* jackknife; NAN: undefined */
};

/* Loads the campaign and fits. Depends on what was said, by whom, of what: on no id, no order. */
enum err labeling_fit(struct db *db, struct arena *arena, struct uuid org, struct uuid campaign,
                      struct labeling_fit *fit);

/* What decides single tasks until the next fit. */
struct labeling_weights {
    bool value_mode;
    uint32_t k, n;
    struct labeling_class *classes; /* k; their value is not set */
    double m0;
    const double *pi;    /* k */
    const uint8_t *ids;  /* n * 16, ascending */
    const double *trust; /* n */
    const double *theta; /* n * k * k */
};

struct field_raw labeling_weights_pack(struct arena *arena, const struct labeling_fit *fit);
/* False: no weights, or not readable (a newer or damaged record): decide as if never fitted. */
bool labeling_weights_unpack(struct arena *arena, const struct field_raw *record,
                             struct labeling_weights *weights);
/* Place of an annotator; n: new since the fit. */
uint32_t labeling_weights_find(const struct labeling_weights *weights, const struct uuid *id);

#endif
