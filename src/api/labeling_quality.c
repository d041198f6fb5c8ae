/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quality of a campaign. */
#include "labeling_quality.h"

#include "arena.h"
#include "buf.h"
#include "labeling_consensus.h"
#include "request.h"

#define AT(member) FIELD_OF(struct label_annotator_quality, member)
static const struct field annotator_fields[] = {
    {AT(annotator_user_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE,
     .help = "User, or annotator account."},
    {AT(annotator_email), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE | FIELD_ADDED},
    {AT(n_submissions), .kind = FIELD_INT, .help = "With unsure and honeypots."},
    {AT(n_gold), .kind = FIELD_INT, .flags = FIELD_ADDED,
     .help = "Honeypots answered, unsure left out."},
    {AT(gold_accuracy), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Share of the honeypots answered right; null: none answered."},
    {AT(consensus_agreement), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Share of the tasks where the majority of the others says the same; ties count in "
             "part; null: nobody else answered."},
    {AT(reliability), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Probability of naming the true class of a random task (Dawid-Skene)."},
    {AT(trust), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Expected accuracy from honeypots and consensus, shrunk to the campaign's mean."},
    {AT(blocked), .kind = FIELD_BOOL, .flags = FIELD_ADDED,
     .help = "Gets no tasks; its labels weigh nothing."},
    {AT(blocked_reason), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE | FIELD_ADDED},
};
#undef AT

static const struct shape shape_annotator_quality = {
    .name = "AnnotatorQuality",
    SHAPE_OF(struct label_annotator_quality, annotator_fields),
    .nulls = SHAPE_NO_NULLS,
};

#define AT(member) FIELD_OF(struct label_quality, member)
static const struct field quality_fields[] = {
    {AT(acceptance_alpha), .kind = FIELD_NUM},
    {AT(accepted), .kind = FIELD_BOOL, .help = "alpha is defined and at least acceptance_alpha."},
    {AT(alpha), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Krippendorff's alpha, nominal, of the labels of normal tasks; blocked annotators and "
             "unsure left out."},
    {AT(alpha_jackknife_error), .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED | FIELD_ADDED,
     .help = "Standard error of alpha: delete-one-task jackknife."},
    {AT(alpha_undefined_reason), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE | FIELD_ADDED,
     .help = "Why there is no alpha."},
    {AT(alpha_with_gold), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED | FIELD_ADDED,
     .help = "alpha with the labels of honeypots."},
    {AT(annotators), .kind = FIELD_LIST, .item = FIELD_OBJECT, .shape = &shape_annotator_quality},
    {AT(n_labels), .kind = FIELD_INT, .flags = FIELD_ADDED,
     .help = "Labels that alpha compares: of tasks with at least two."},
    {AT(n_submissions), .kind = FIELD_INT, .help = "With honeypots'."},
    {AT(n_tasks), .kind = FIELD_INT, .help = "Without honeypots."},
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
