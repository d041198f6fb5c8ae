/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labeling tasks: adding and listing them. */
#include "api.h"
#include "arena.h"
#include "label_shapes.h"
#include "labeling.h"
#include "labeling_value.h"
#include "store_reference.h"

#include <string.h>

/* Revisions and calculations that the organisation does not have. */
static enum err check_references(struct request *request, const struct label_task_create *creates,
                                 size_t n)
{
    static const char *const keys[] = {"part_revision_id", "calculation_id"};
    const struct field_path body = {.key = "body"}, list = {.up = &body, .key = "tasks"};
    struct uuid *ids = ARENA_ARRAY(request->arena, n, struct uuid);
    bool *missing = ARENA_ARRAY(request->arena, n, bool);
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < n; i++)
            ids[i] = kind ? creates[i].calculation_id : creates[i].part_revision_id;
        enum err err = store_reference_missing(request->db, request->caller.org,
                                               kind ? REFERENCE_CALCULATION : REFERENCE_REVISION,
                                               ids, n, missing);
        if (err)
            return err;
        for (size_t i = 0; i < n; i++)
            if (missing[i])
                flaw_add_at(request->flaws, &(struct field_path){.up = &list, .index = i},
                            keys[kind], "unknown_reference", "there is no such resource");
    }
    return request_flawed(request);
}

static void fill(struct request *request, const struct store_label_campaign *campaign,
                 const struct label_task_create *create, size_t i, struct store_label_task *task)
{
    struct arena *arena = request->arena;
    field_defaults(&shape_label_task, task);
    task->id = uuid_v4();
    task->campaign_id = campaign->id;
    task->status = "open";
    task->is_gold = create->is_gold;
    task->n_required =
        create->n_required == INT_NONE ? campaign->target_redundancy : create->n_required;
    task->submission_count = task->counted = task->unsure_count = 0;
    task->target_kind = create->target_kind;
    task->part_revision_id = create->part_revision_id;
    task->calculation_id = create->calculation_id;
    task->feature_id = create->feature_id;
    task->face_uuid = create->face_uuid;
    task->pmi_id = create->pmi_id;
    task->dfm_issue_id = create->dfm_issue_id;
    task->detail_kind = create->detail_kind;
    task->field_name = create->field_name;
    task->field_path = create->field_path;
    task->drawing_bbox = labeling_numbers(arena, &create->drawing_bbox);
    task->position = labeling_numbers(arena, &create->position);
    task->prompt = create->prompt;
    task->predicted_value = create->predicted_value;
    task->predicted_confidence = create->predicted_confidence;
    task->gold_answer = create->gold_answer;
    task->created_at = request->now + (int64_t)i;
    task->place = campaign->adaptive_redundancy == 1 && create->is_gold != 1
                      ? labeling_place_uncertain(1, task->created_at)
                      : labeling_place_random();
    uint8_t *subject = arena_alloc(arena, LABELING_SUBJECT);
    if (labeling_subject(task, subject))
        task->subject = (struct field_raw){(const char *)subject, LABELING_SUBJECT};
}

enum err label_task_create(struct request *request)
{
    const struct label_tasks_create *body = request->body;
    const struct label_task_create *creates = body->tasks.at;
    const size_t n = body->tasks.n;
    const struct uuid org = request->caller.org;
    struct store_label_change change = {0};
    struct store_label_campaign campaign;
    enum err err = store_label_campaign_get(request->db, request->arena, org, request->id[0],
                                            STORE_SHARE, &campaign);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++)
        if (creates[i].is_gold == 1)
            change.gold_tasks++;
        else
            change.tasks++;
    /* first, while nothing was read without a lock: another call of this user may be under way, and
       is waited for instead of being a reason to start over */
    err = store_label_campaign_add(request->db, org, campaign.id, labeling_actor(request),
                                   labeling_is_user(request), &change);
    if (!err)
        err = check_references(request, creates, n);
    if (!err)
        err = labeling_check_open(request, &campaign);
    if (err)
        return err;
    struct store_label_task *tasks = ARENA_ARRAY(request->arena, n, struct store_label_task);
    for (size_t i = 0; i < n; i++)
        fill(request, &campaign, &creates[i], i, &tasks[i]);
    err = store_label_task_insert(request->db, request->arena, org, tasks, n);
    if (!err)
        err = labeling_value_tasks(request, campaign.id, tasks, n);
    const struct counted_list answer = {(int64_t)n, {tasks, n}};
    return err ? err : api_answer(request, &answer);
}

enum err label_task_list(struct request *request)
{
    const struct label_status_query *query = request->query;
    struct store_label_campaign campaign;
    struct store_label_task *list;
    struct counted_list answer;
    enum err err = store_label_campaign_get(request->db, request->arena, request->caller.org,
                                            request->id[0], STORE_READ, &campaign);
    if (!err)
        err = store_label_task_list(request->db, request->arena, request->caller.org, campaign.id,
                                    query->status, &query->page, &list, &answer.data.n,
                                    &answer.count);
    if (err)
        return err;
    answer.data.at = list;
    return api_answer(request, &answer);
}
