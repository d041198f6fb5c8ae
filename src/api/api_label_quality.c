/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quality, close, promote. */
#include "api.h"
#include "arena.h"
#include "labeling.h"
#include "labeling_consensus.h"
#include "labeling_quality.h"
#include "store_truth.h"

#include <string.h>

static enum err get_campaign(struct request *request, enum store_lock lock,
                             struct store_label_campaign *campaign)
{
    return store_label_campaign_get(request->db, request->arena, request->caller.org,
                                    request->id[0], lock, campaign);
}

static enum err get_counts(struct request *request, struct store_label_counts *counts)
{
    return store_label_campaign_counts(request->db, request->caller.org, request->id[0], counts);
}

/* counts are read before the labels: an answer computed from later ones is then kept under a basis
   that has passed already, and computed again by the next reader. */
enum err label_campaign_quality(struct request *request)
{
    struct store_label_campaign campaign;
    struct store_label_counts counts;
    struct field_raw kept;
    struct uuid org = request->caller.org;
    enum err err = get_campaign(request, STORE_READ, &campaign);
    if (!err)
        err = get_counts(request, &counts);
    if (err)
        return err;
    err = store_label_model_quality(request->db, request->arena, org, campaign.id, counts.changes,
                                    &kept);
    if (!err)
        buf_add(request->out, kept.text, kept.len);
    if (err != ERR_NOT_FOUND)
        return err;
    struct labeling_fit *fit = ARENA_NEW(request->arena, struct labeling_fit);
    struct label_quality quality;
    err = labeling_fit(request->db, request->arena, org, campaign.id, fit);
    if (err)
        return err;
    labeling_quality(request->arena, &campaign, fit, &counts, &quality);
    err = labeling_quality_keep(request, &campaign, fit, &counts, &quality);
    /* another reader or an annotator was in the way: the next reader keeps it */
    if (err == ERR_RETRY)
        err = ERR_OK;
    return err ? err : api_answer(request, &quality);
}

enum err label_campaign_close(struct request *request)
{
    struct store_label_campaign campaign;
    struct store_label_counts counts;
    struct store_label_change change = {.resolved = 0};
    struct label_quality quality;
    struct uuid org = request->caller.org;
    struct labeling_fit *fit = ARENA_NEW(request->arena, struct labeling_fit);
    enum err err = get_campaign(request, STORE_UPDATE, &campaign);
    if (!err && strcmp(campaign.status, "open") != 0)
        return request_conflict(request, "not_open", "The campaign is %s already.",
                                campaign.status);
    if (!err)
        err = labeling_fit(request->db, request->arena, org, campaign.id, fit);
    if (!err)
        err = labeling_decide_all(request, &campaign, fit, &change.resolved);
    if (!err)
        err = store_label_campaign_add(request->db, org, campaign.id, labeling_actor(request),
                                       labeling_is_user(request), &change);
    if (!err)
        err = store_label_campaign_end(request->db, org, campaign.id, "closed", request->now);
    if (!err)
        err = get_counts(request, &counts);
    if (err)
        return err;
    labeling_quality(request->arena, &campaign, fit, &counts, &quality);
    err = labeling_quality_keep(request, &campaign, fit, &counts, &quality);
    if (!err)
        err = get_campaign(request, STORE_READ, &campaign);
    return err ? err : api_answer(request, &campaign);
}

struct label_promote_query {
    int8_t force;
};

static const struct field promote_fields[] = {
    {FIELD_OF(struct label_promote_query, force), .kind = FIELD_BOOL, .flags = FIELD_ADDED,
     .otherwise = "false",
     .help = "Promote although alpha is below acceptance_alpha or undefined."},
};

const struct shape shape_label_promote = {.name = "PromoteQuery",
                                          SHAPE_OF(struct label_promote_query, promote_fields),
                                          .nulls = SHAPE_NO_NULLS};

struct label_promotion {
    int8_t accepted, forced;
    double alpha, alpha_jackknife_error;
    int64_t promoted;
    struct uuid dataset_id;
};

#define AT(member) FIELD_OF(struct label_promotion, member)
static const struct field promotion_fields[] = {
    {AT(accepted), .kind = FIELD_BOOL},
    {AT(alpha), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {AT(alpha_jackknife_error), .kind = FIELD_NUM,
     .flags = FIELD_NULLABLE | FIELD_FITTED | FIELD_ADDED},
    {AT(forced), .kind = FIELD_BOOL, .help = "Promoted although not accepted."},
    {AT(promoted), .kind = FIELD_INT, .help = "Tasks that became ground truth by this call."},
    {AT(dataset_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE | FIELD_ADDED,
     .help = "Where they are: /api/v1/parts/ground-truth/datasets/{dataset_id}/items."},
};
#undef AT

const struct shape shape_label_promotion = {.name = "CampaignPromotion",
                                            SHAPE_OF(struct label_promotion, promotion_fields),
                                            .nulls = SHAPE_NO_NULLS};

static enum err dataset_name(struct request *request, const struct store_label_campaign *campaign,
                             const char **name)
{
    struct store_label_project project;
    *name = campaign->name;
    if (uuid_is_nil(&campaign->project_id))
        return ERR_OK;
    enum err err = store_label_project_get(request->db, request->arena, request->caller.org,
                                           campaign->project_id, &project);
    if (!err)
        *name = project.name;
    return err;
}

/* What was decided and is not ground truth yet. */
static enum err promote(struct request *request, const struct store_label_campaign *campaign,
                        struct label_promotion *promotion)
{
    const char *name;
    struct uuid org = request->caller.org;
    enum err err = dataset_name(request, campaign, &name);
    if (!err)
        err = store_truth_dataset_make(request->db, org, campaign->project_id, campaign->id, name,
                                       request->now, &promotion->dataset_id);
    if (!err)
        err = store_truth_promote(request->db, request->arena, org, promotion->dataset_id,
                                  campaign->id, request->now, &promotion->promoted);
    if (!err && !strcmp(campaign->status, "closed"))
        err = store_label_campaign_end(request->db, org, campaign->id, "promoted", request->now);
    return err;
}

enum err label_campaign_promote(struct request *request)
{
    const struct label_promote_query *query = request->query;
    struct store_label_campaign campaign;
    struct store_label_counts counts;
    struct label_quality quality;
    struct labeling_fit *fit = ARENA_NEW(request->arena, struct labeling_fit);
    enum err err = get_campaign(request, STORE_UPDATE, &campaign);
    if (!err)
        err = get_counts(request, &counts);
    if (!err)
        err = labeling_fit(request->db, request->arena, request->caller.org, campaign.id, fit);
    if (err)
        return err;
    labeling_quality(request->arena, &campaign, fit, &counts, &quality);
    err = labeling_quality_keep(request, &campaign, fit, &counts, &quality);
    if (err)
        return err;
    struct label_promotion promotion = {
        .accepted = quality.accepted,
        .forced = !quality.accepted && query->force == 1,
        .alpha = quality.alpha,
        .alpha_jackknife_error = quality.alpha_jackknife_error,
    };
    if (promotion.accepted || promotion.forced)
        err = promote(request, &campaign, &promotion);
    return err ? err : api_answer(request, &promotion);
}
