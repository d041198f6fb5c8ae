/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine definitions of the organisation. */
#include "api.h"
#include "machine_definition.h"

enum err machine_create(struct request *request)
{
    struct store_machine machine = {.id = uuid_v7(), .created_at = request->now};
    machine_definition_fill(request->arena, request->body, &machine);
    enum err err = store_machine_insert(request->db, request->caller.org, &machine, request->now);
    if (err)
        return err;
    return api_answer_created(request, &machine.id, &machine);
}

enum err machine_list(struct request *request)
{
    const struct store_page *page = request->query;
    struct store_machine *list;
    size_t n;
    int64_t total;
    enum err err = store_machine_list(request->db, request->arena, request->caller.org, page, &list,
                                      &n, &total);
    return err ? err : api_answer_list(request, list, n, total);
}

enum err machine_show(struct request *request)
{
    struct store_machine machine;
    enum err err = store_machine_get(request->db, request->arena, request->caller.org,
                                     request->id[0], STORE_READ, &machine);
    return err ? err : api_answer(request, &machine);
}

static enum err store(struct request *request, const struct machine_definition *definition,
                      struct store_machine *machine)
{
    machine_definition_fill(request->arena, definition, machine);
    enum err err = store_machine_update(request->db, request->caller.org, machine);
    return err ? err : api_answer(request, machine);
}

enum err machine_replace(struct request *request)
{
    struct store_machine machine;
    enum err err = store_machine_get(request->db, request->arena, request->caller.org,
                                     request->id[0], STORE_UPDATE, &machine);
    return err ? err : store(request, request->body, &machine);
}

enum err machine_update(struct request *request)
{
    const struct field_path body = {.key = "body"};
    struct store_machine machine;
    struct machine_definition merged;
    enum err err = store_machine_get(request->db, request->arena, request->caller.org,
                                     request->id[0], STORE_UPDATE, &machine);
    if (err)
        return err;
    machine_definition_merge(request->arena, &machine, request->body, &merged);
    machine_definition_check(&merged, request->flaws, &body);
    err = request_flawed(request);
    return err ? err : store(request, &merged, &machine);
}

enum err machine_remove(struct request *request)
{
    enum err err = store_machine_delete(request->db, request->caller.org, request->id[0]);
    if (err == ERR_CONFLICT)
        return request_conflict(request, "machine_in_use",
                                "The machine is used by an environment: end its memberships and "
                                "the overhead rates that name it first.");
    return err ? err : api_say(request, "Machine deleted.");
}
