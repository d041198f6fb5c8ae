/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts. */
#include "api.h"
#include "part_shapes.h"
#include "store_part.h"

static enum err number_taken(struct request *request, enum err err, const char *number)
{
    if (err != ERR_DUPLICATE)
        return err;
    return request_conflict(request, "part_number_taken", "There is a part %s already.", number);
}

enum err part_create(struct request *request)
{
    const struct part_create *create = request->body;
    const struct store_part part = {
        .id = uuid_v7(),
        .part_number = create->part_number,
        .name = create->name,
        .attributes = create->attributes,
        .created_at = request->now,
    };
    enum err err = store_part_insert(request->db, request->arena, request->caller.org, &part, 1);
    if (err)
        return number_taken(request, err, part.part_number);
    return api_answer_created(request, &part.id, &part);
}

enum err part_list(struct request *request)
{
    const struct part_query *query = request->query;
    struct store_part *list;
    struct counted_list answer;
    enum err err =
        store_part_list(request->db, request->arena, request->caller.org, query->part_number,
                        &query->page, &list, &answer.data.n, &answer.count);
    answer.data.at = list;
    return err ? err : api_answer(request, &answer);
}

enum err part_show(struct request *request)
{
    struct store_part part;
    enum err err = store_part_get(request->db, request->arena, request->caller.org, request->id[0],
                                  STORE_READ, &part);
    return err ? err : api_answer(request, &part);
}

enum err part_update(struct request *request)
{
    const struct part_create *change = request->body;
    struct store_part part;
    enum err err = store_part_get(request->db, request->arena, request->caller.org, request->id[0],
                                  STORE_UPDATE, &part);
    if (err)
        return err;
    if (change->part_number)
        part.part_number = change->part_number;
    if (change->name)
        part.name = change->name;
    if (change->attributes.text)
        part.attributes = change->attributes;
    err = store_part_update(request->db, request->arena, request->caller.org, &part);
    return err ? number_taken(request, err, part.part_number) : api_answer(request, &part);
}

enum err part_remove(struct request *request)
{
    struct uuid org = request->caller.org;
    struct store_part part;
    bool has_evidence = false;
    enum err err =
        store_part_get(request->db, request->arena, org, request->id[0], STORE_UPDATE, &part);
    if (!err)
        err = store_part_has_evidence(request->db, org, part.id, &has_evidence);
    if (err)
        return err;
    if (has_evidence)
        return request_conflict(request, "part_has_evidence",
                                "Calibration evidence names the part %s; delete that first.",
                                part.part_number);
    err = store_part_delete(request->db, org, part.id);
    return err ? err : api_say(request, "The part and its revisions are deleted.");
}
