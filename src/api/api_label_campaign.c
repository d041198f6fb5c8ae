/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labeling campaigns. */
#include "api.h"
#include "label_shapes.h"
#include "store_label_campaign.h"

struct store_label_campaign label_campaign_new(const struct request *request,
                                               const struct label_campaign_create *create,
                                               struct uuid project)
{
    return (struct store_label_campaign){
        .id = uuid_v7(),
        .org_id = request->caller.org,
        .project_id = project,
        .name = create->name,
        .description = create->description,
        .status = "open",
        .consensus_method = create->consensus_method,
        .acceptance_alpha = create->acceptance_alpha,
        .gold_fraction = create->gold_fraction,
        .target_redundancy = create->target_redundancy,
        .adaptive_redundancy = create->adaptive_redundancy,
        .created_by_user_id = request->caller.user,
        .created_at = request->now,
        .closed_at = TIME_NONE,
    };
}

enum err label_campaign_create(struct request *request)
{
    const struct label_campaign_create *create = request->body;
    const struct store_label_campaign campaign =
        label_campaign_new(request, create, create->project_id);
    enum err err = store_label_campaign_insert(request->db, request->caller.org, &campaign);
    if (err)
        return api_unknown_reference(request, "project_id", err);
    return api_answer_created(request, &campaign.id, &campaign);
}

enum err label_campaign_list(struct request *request)
{
    const struct label_status_query *query = request->query;
    struct store_label_campaign *list;
    struct counted_list answer;
    enum err err =
        store_label_campaign_list(request->db, request->arena, request->caller.org, query->status,
                                  &query->page, &list, &answer.data.n, &answer.count);
    answer.data.at = list;
    return err ? err : api_answer(request, &answer);
}

enum err label_campaign_show(struct request *request)
{
    struct store_label_campaign campaign;
    enum err err = store_label_campaign_get(request->db, request->arena, request->caller.org,
                                            request->id[0], STORE_READ, &campaign);
    return err ? err : api_answer(request, &campaign);
}
