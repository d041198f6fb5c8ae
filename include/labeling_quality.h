/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quality of a campaign: agreement, and what each annotator's answers are worth. */
#ifndef COSTWRIGHT_LABELING_QUALITY_H
#define COSTWRIGHT_LABELING_QUALITY_H

#include "field.h"
#include "labeling_fit.h"
#include "store_label_campaign.h"

struct request;

struct label_annotator_quality {
    struct uuid annotator_user_id; /* user or annotator account */
    const char *annotator_email;
    int64_t n_submissions, n_gold;
    double gold_accuracy, consensus_agreement, reliability, trust;
    int8_t blocked;
    const char *blocked_reason; /* NULL: not blocked */
};

struct label_quality {
    double alpha, alpha_jackknife_error, alpha_with_gold; /* NAN: undefined */
    const char *alpha_undefined_reason;                   /* NULL: defined */
    double acceptance_alpha;
    int8_t accepted;
    int64_t n_tasks, n_submissions, n_labels;
    struct field_list annotators; /* of struct label_annotator_quality, by address */
};

extern const struct shape shape_label_quality;

/* Tells what a fit found; counts are those of the same state. */
void labeling_quality(struct arena *arena, const struct store_label_campaign *campaign,
                      const struct labeling_fit *fit, const struct store_label_counts *counts,
                      struct label_quality *quality);
/* Keeps fit and quality as those of counts->changes, and makes the seats say who is blocked. */
enum err labeling_quality_keep(struct request *request, const struct store_label_campaign *campaign,
                               const struct labeling_fit *fit,
                               const struct store_label_counts *counts,
                               const struct label_quality *quality);

#endif
