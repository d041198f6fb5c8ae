/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Revisions of parts. */
#include "api.h"
#include "arena.h"
#include "part_shapes.h"
#include "plan_machines.h"
#include "store_part.h"

enum err revision_create(struct request *request)
{
    const struct revision_create *create = request->body;
    const struct plan_at plan = {create->process_plan, {.key = "body"}};
    struct uuid org = request->caller.org;
    struct store_part part;
    /* the part stays locked, so that of two new revisions the one with the newer id is current */
    enum err err =
        store_part_get(request->db, request->arena, org, request->id[0], STORE_UPDATE, &part);
    if (!err)
        err = plan_machines_check(request, &plan, 1);
    if (err)
        return err;
    struct store_revision revision = {
        .id = uuid_v7(), .part_id = part.id, .created_at = request->now};
    revision_fill(request->arena, create, &revision);
    err = store_revision_insert(request->db, org, &revision, 1);
    if (!err)
        err = store_revision_make_current(request->db, org, &revision, 1);
    if (err)
        return err;
    return api_answer_created(request, &revision.id, &revision);
}

enum err revision_list(struct request *request)
{
    const struct store_page *page = request->query;
    struct uuid org = request->caller.org;
    struct store_part part;
    struct store_revision *list;
    struct counted_list answer;
    enum err err =
        store_part_get(request->db, request->arena, org, request->id[0], STORE_READ, &part);
    if (!err)
        err = store_revision_list(request->db, request->arena, org, part.id, page, &list,
                                  &answer.data.n, &answer.count);
    if (err)
        return err;
    answer.data.at = list;
    return api_answer(request, &answer);
}

enum err revision_show(struct request *request)
{
    struct store_revision revision;
    enum err err = store_revision_get(request->db, request->arena, request->caller.org,
                                      request->id[0], request->id[1], &revision);
    return err ? err : api_answer(request, &revision);
}

void revision_fill(struct arena *arena, const struct revision_create *create,
                   struct store_revision *revision)
{
    uint8_t *hash = arena_alloc(arena, PLAN_HASH);
    revision->revision_code = create->revision_code;
    revision->process_plan = process_plan_text(arena, create->process_plan);
    revision->predictions = predictions_text(arena, &create->predictions);
    process_plan_hash(&revision->process_plan, &revision->predictions, hash);
    revision->content_hash = (struct field_raw){(const char *)hash, PLAN_HASH};
}
