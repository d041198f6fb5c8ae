/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labeling projects. */
#include "api.h"
#include "label_shapes.h"
#include "store_label_campaign.h"

/* A JSON array of texts, each once. */
static struct field_raw texts(struct arena *arena, const struct field_list *list)
{
    const char *const *items = list->at;
    struct buf text = {0};
    json_array(&text);
    for (size_t i = 0; i < list->n; i++) {
        bool known = false;
        for (size_t j = 0; j < i && !known; j++)
            known = !strcmp(items[i], items[j]);
        if (!known)
            json_text(&text, items[i]);
    }
    json_array_end(&text);
    return field_raw_take(arena, &text);
}

enum err label_project_create(struct request *request)
{
    const struct label_project_create *create = request->body;
    const struct store_label_project project = {
        .id = uuid_v7(),
        .org_id = request->caller.org,
        .name = create->name,
        .description = create->description,
        .guideline_id = create->guideline_id,
        .ontology_id = create->ontology_id,
        .target_kinds = texts(request->arena, &create->target_kinds),
        .selection_policy = create->selection_policy,
        .uses_platform_pool = create->uses_platform_pool,
        .status = "active",
        .created_by_user_id = request->caller.user,
        .created_at = request->now,
    };
    enum err err = store_label_project_insert(request->db, request->caller.org, &project);
    if (err)
        return err;
    return api_answer_created(request, &project.id, &project);
}

enum err label_project_list(struct request *request)
{
    const struct store_page *page = request->query;
    struct store_label_project *list;
    struct counted_list answer;
    enum err err = store_label_project_list(request->db, request->arena, request->caller.org, page,
                                            &list, &answer.data.n, &answer.count);
    answer.data.at = list;
    return err ? err : api_answer(request, &answer);
}

enum err label_project_show(struct request *request)
{
    struct store_label_project project;
    enum err err = store_label_project_get(request->db, request->arena, request->caller.org,
                                           request->id[0], &project);
    return err ? err : api_answer(request, &project);
}
