/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quality of a campaign. */
#include "labeling_quality.h"

#include "arena.h"
#include "buf.h"
#include "labeling_consensus.h"
#include "request.h"

#define AT(member) .offset = offsetof(struct label_annotator_quality, member)
static const struct field annotator_fields[] = {
    {.name = "annotator_user_id",
     .kind = FIELD_UUID,
     .flags = FIELD_NULLABLE,
     AT(annotator_user_id),
     .help = "User, or annotator account."},
    {.name = "annotator_email",
     .kind = FIELD_TEXT,
     .flags = FIELD_NULLABLE | FIELD_ADDED,
     AT(annotator_email)},
    {.name = "n_submissions",
     .kind = FIELD_INT,
     AT(n_submissions),
     .help = "With unsure and honeypots."},
    {.name = "n_gold",
     .kind = FIELD_INT,
     .flags = FIELD_ADDED,
     AT(n_gold),
     .help = "Honeypots answered, unsure left out."},
    {.name = "gold_accuracy",
     .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED,
     AT(gold_accuracy),
     .help = "Share of the honeypots answered right; null: none answered."},
    {.name = "consensus_agreement",
     .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED,
     AT(consensus_agreement),
     .help = "Share of the tasks where the majority of the others says the same; ties count in "
             "part; null: nobody else answered."},
    {.name = "reliability",
     .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED,
     AT(reliability),
     .help = "Probability of naming the true class of a random task (Dawid-Skene)."},
    {.name = "trust",
     .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED,
     AT(trust),
     .help = "Expected accuracy from honeypots and consensus, shrunk to the campaign's mean."},
    {.name = "blocked",
     .kind = FIELD_BOOL,
     .flags = FIELD_ADDED,
     AT(blocked),
     .help = "Gets no tasks; its labels weigh nothing."},
    {.name = "blocked_reason",
     .kind = FIELD_TEXT,
     .flags = FIELD_NULLABLE | FIELD_ADDED,
     AT(blocked_reason)},
};
#undef AT

static const struct shape shape_annotator_quality = {
    .name = "AnnotatorQuality",
    SHAPE_OF(struct label_annotator_quality, annotator_fields),
    .nulls = SHAPE_NO_NULLS,
};

#define AT(member) .offset = offsetof(struct label_quality, member)
static const struct field quality_fields[] = {
    {.name = "acceptance_alpha", .kind = FIELD_NUM, AT(acceptance_alpha)},
    {.name = "accepted",
     .kind = FIELD_BOOL,
     AT(accepted),
     .help = "alpha is defined and at least acceptance_alpha."},
    {.name = "alpha",
     .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED,
     AT(alpha),
     .help = "Krippendorff's alpha, nominal, of the labels of normal tasks; blocked annotators and "
             "unsure left out."},
    {.name = "alpha_jackknife_error",
     .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED | FIELD_ADDED,
     AT(alpha_jackknife_error),
     .help = "Standard error of alpha: delete-one-task jackknife."},
    {.name = "alpha_undefined_reason",
     .kind = FIELD_TEXT,
     .flags = FIELD_NULLABLE | FIELD_ADDED,
     AT(alpha_undefined_reason),
     .help = "Why there is no alpha."},
    {.name = "alpha_with_gold",
     .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED | FIELD_ADDED,
     AT(alpha_with_gold),
     .help = "alpha with the labels of honeypots."},
    {.name = "annotators",
     .kind = FIELD_LIST,
     .item = FIELD_OBJECT,
     AT(annotators),
     .shape = &shape_annotator_quality},
    {.name = "n_labels",
     .kind = FIELD_INT,
     .flags = FIELD_ADDED,
     AT(n_labels),
     .help = "Labels that alpha compares: of tasks with at least two."},
    {.name = "n_submissions", .kind = FIELD_INT, AT(n_submissions), .help = "With honeypots'."},
    {.name = "n_tasks", .kind = FIELD_INT, AT(n_tasks), .help = "Without honeypots."},
};
#undef AT

const struct shape shape_label_quality = {
    .name = "CampaignQuality",
    SHAPE_OF(struct label_quality, quality_fields),
    .nulls = SHAPE_NO_NULLS,
};

static const char *undefined_reason(enum calc_agreement_reason reason)
{
    switch (reason) {
    case CALC_AGREEMENT_NO_PAIR:
        return "No task has two labels.";
    case CALC_AGREEMENT_ONE_VALUE:
        return "All labels are equal: there is nothing to tell apart.";
    case CALC_AGREEMENT_DEFINED:
        break;
    }
    return NULL;
}

/* Of annotator number j of the set. */
static void tell_annotator(struct arena *arena, const struct labeling_fit *fit, uint32_t j,
                           struct label_annotator_quality *out)
{
    const struct calc_trust_tally *tally = &fit->tally[j];
    double value;
    out->n_gold = tally->gold;
    if (calc_trust_gold_accuracy(tally, &value) == CALC_OK)
        out->gold_accuracy = value;
    if (calc_trust_consensus_agreement(tally, &value) == CALC_OK)
        out->consensus_agreement = value;
    if (fit->set.k)
        out->reliability = calc_consensus_reliability(&fit->consensus, j);
    out->trust = fit->trust[j];
    out->blocked = fit->blocked[j];
    if (fit->blocked[j])
        out->blocked_reason = arena_printf(
            arena,
            "%u of %u honeypots answered right: the accuracy is below 0.6 with probability %.3f.",
            tally->gold_right, tally->gold, fit->veto[j]);
}

void labeling_quality(struct arena *arena, const struct store_label_campaign *campaign,
                      const struct labeling_fit *fit, const struct store_label_counts *counts,
                      struct label_quality *quality)
{
    const struct label_data *data = &fit->data;
    size_t n = data->n_annotators;
    struct label_annotator_quality *list =
        ARENA_ARRAY(arena, n + 1, struct label_annotator_quality);
    for (size_t j = 0; j < n; j++)
        list[j] = (struct label_annotator_quality){
            .annotator_user_id = data->annotators[j],
            .annotator_email = label_email_of(&fit->emails, &data->annotators[j]),
            .gold_accuracy = NAN,
            .consensus_agreement = NAN,
            .reliability = NAN,
            .trust = fit->m0,
        };
    for (size_t i = 0; i < data->n_given; i++)
        list[data->given[i].annotator].n_submissions++;
    for (uint32_t j = 0; j < fit->set.n_annotators; j++)
        tell_annotator(arena, fit, j, &list[fit->set.annotator[j]]);
    bool defined = fit->alpha.reason == CALC_AGREEMENT_DEFINED;
    *quality = (struct label_quality){
        .alpha = defined ? fit->alpha.alpha : NAN,
        .alpha_jackknife_error = defined ? fit->alpha_error : NAN,
        .alpha_with_gold =
            fit->alpha_gold.reason == CALC_AGREEMENT_DEFINED ? fit->alpha_gold.alpha : NAN,
        .alpha_undefined_reason = undefined_reason(fit->alpha.reason),
        .acceptance_alpha = campaign->acceptance_alpha,
        .accepted = defined && fit->alpha.alpha >= campaign->acceptance_alpha,
        .n_tasks = counts->tasks,
        .n_submissions = counts->submissions,
        .n_labels = fit->alpha.n,
        .annotators = {list, n},
    };
}

enum err labeling_quality_keep(struct request *request, const struct store_label_campaign *campaign,
                               const struct labeling_fit *fit,
                               const struct store_label_counts *counts,
                               const struct label_quality *quality)
{
    struct buf text = {0};
    /* the seats first: what is kept is not looked at again */
    enum err err = labeling_block(request, campaign->id, fit);
    if (err)
        return err;
    field_write(&text, &shape_label_quality, quality);
    const struct label_model model = {
        .basis = counts->changes,
        .weights = labeling_weights_pack(request->arena, fit),
        .quality = {buf_text(&text), text.len},
    };
    err =
        store_label_model_put(request->db, request->caller.org, campaign->id, &model, request->now);
    buf_clear(&text);
    return err;
}
