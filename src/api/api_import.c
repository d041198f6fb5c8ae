/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bulk import of parts: all or nothing, with a handful of statements. */
#include "api.h"
#include "arena.h"
#include "part_shapes.h"
#include "plan_machines.h"
#include "store_part.h"

#include <string.h>

/* What one import writes. Revisions of new parts come first, as many as there are parts. */
struct import {
    struct store_part *parts;
    struct store_revision *revisions, *revised;
    struct plan_at *plans; /* of both */
    size_t n_parts, n_revised;
};

static void import_part(struct request *request, const struct import_part *from,
                        const struct field_path *at, const struct store_part_ref *known,
                        struct import *import, struct imported_part *to)
{
    struct store_revision revision = {.part_id = known->part_id, .created_at = request->now};
    to->part_number = from->part_number;
    to->part_id = known->part_id;
    to->part_revision_id = known->revision_id;
    revision_fill(request->arena, &from->revision, &revision);
    if (known->has_hash &&
        !memcmp(known->content_hash, revision.content_hash.text, sizeof known->content_hash))
        return;
    import->plans[import->n_parts + import->n_revised] =
        (struct plan_at){from->revision.process_plan, *at};
    to->part_revision_id = revision.id = uuid_v7();
    if (!uuid_is_nil(&known->part_id)) {
        import->revised[import->n_revised++] = revision;
        return;
    }
    to->part_id = revision.part_id = uuid_v7();
    import->revisions[import->n_parts] = revision;
    import->parts[import->n_parts++] = (struct store_part){
        .id = to->part_id,
        .part_number = from->part_number,
        .name = from->name,
        .attributes = from->attributes,
        .current_revision_id = revision.id,
        .created_at = request->now,
    };
}

static enum err store(struct request *request, const struct import *import)
{
    struct uuid org = request->caller.org;
    enum err err =
        store_part_insert(request->db, request->arena, org, import->parts, import->n_parts);
    /* another request made the same part meanwhile: seen by the next run of this transaction */
    if (err == ERR_DUPLICATE)
        return ERR_RETRY;
    if (!err)
        err = store_revision_insert(request->db, org, import->revisions, import->n_parts);
    if (!err)
        err = store_revision_insert(request->db, org, import->revised, import->n_revised);
    if (!err)
        err = store_revision_make_current(request->db, org, import->revised, import->n_revised);
    /* a part that was to be revised is gone meanwhile */
    return err == ERR_CONFLICT ? ERR_RETRY : err;
}

enum err part_import(struct request *request)
{
    const struct part_import *body = request->body;
    const struct import_part *parts = body->parts.at;
    const struct field_path root = {.key = "body"}, list = {.up = &root, .key = "parts"};
    struct arena *arena = request->arena;
    size_t n = body->parts.n;
    const char **numbers = ARENA_ARRAY(arena, n + 1, const char *);
    struct store_part_ref *known = ARENA_ARRAY(arena, n + 1, struct store_part_ref);
    struct imported_part *data = ARENA_ARRAY(arena, n + 1, struct imported_part);
    struct import import = {
        .parts = ARENA_ARRAY(arena, n + 1, struct store_part),
        .revisions = ARENA_ARRAY(arena, n + 1, struct store_revision),
        .revised = ARENA_ARRAY(arena, n + 1, struct store_revision),
        .plans = ARENA_ARRAY(arena, n + 1, struct plan_at),
    };
    for (size_t i = 0; i < n; i++)
        numbers[i] = parts[i].part_number;
    enum err err = store_part_find(request->db, arena, request->caller.org, numbers, n, known);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++)
        import_part(request, &parts[i], &(struct field_path){.up = &list, .index = i}, &known[i],
                    &import, &data[i]);
    err = plan_machines_check(request, import.plans, import.n_parts + import.n_revised);
    if (!err)
        err = store(request, &import);
    if (err)
        return err;
    const struct part_imported answer = {
        .created = (int64_t)import.n_parts,
        .revised = (int64_t)import.n_revised,
        .unchanged = (int64_t)(n - import.n_parts - import.n_revised),
        .data = {data, n},
    };
    return api_answer(request, &answer);
}
