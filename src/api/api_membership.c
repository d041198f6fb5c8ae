/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memberships: machines of an environment. */
#include "api.h"
#include "machine_definition.h"
#include "store_environment.h"
#include "validity.h"

struct membership_create {
    struct uuid machine_id;
    const struct machine_definition *new_machine;
    int64_t fleet_priority;
    int8_t is_enabled;
    int32_t valid_from, valid_to;
};

struct membership_change {
    int64_t fleet_priority;
    int8_t is_enabled;
    int32_t valid_from, valid_to;
};

/* what the column holds */
#define PRIORITY FIELD_BETWEEN(INT32_MIN, INT32_MAX)

static void check_machine(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct membership_create *create = thing;
    bool known = !uuid_is_nil(&create->machine_id);
    if (known && create->new_machine)
        flaw_add_at(flaws, path, "new_machine", "exactly_one",
                    "must not be there together with machine_id");
    if (!known && !create->new_machine)
        flaw_add_at(flaws, path, "machine_id", "missing",
                    "is required, unless new_machine is given");
}

static void check_dates(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct membership_create *create = thing;
    validity_check(create->valid_from, create->valid_to, flaws, path);
}

#define AT(member) FIELD_OF(struct membership_create, member)
static const struct field create_fields[] = {
    {AT(machine_id), .kind = FIELD_UUID,
     .help = "A machine of the organisation; this or new_machine."},
    {AT(new_machine), .kind = FIELD_OBJECT, .shape = &shape_machine_create,
     .help = "A machine to be defined by this call."},
    {AT(fleet_priority), .kind = FIELD_INT, PRIORITY, .otherwise = "100",
     .help = "Lower is tried first."},
    {AT(is_enabled), .kind = FIELD_BOOL, .otherwise = "true", .help = "False: never chosen."},
    {AT(valid_from), .kind = FIELD_DATE,
     .help = "First day; absent: the later of the environment's and the machine's."},
    {AT(valid_to), .kind = FIELD_DATE, .help = "Last day; absent: the machine's."},
};
#undef AT

static const struct field_rule create_rules[] = {
    {check_machine, {"machine_id", "new_machine"}},
    {check_dates, {"valid_from", "valid_to"}},
};

const struct shape shape_membership_create = {
    .name = "EnvironmentMachineCreate",
    SHAPE_OF(struct membership_create, create_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(create_rules),
};

#define AT(member) FIELD_OF(struct membership_change, member)
static const struct field change_fields[] = {
    {AT(fleet_priority), .kind = FIELD_INT, PRIORITY},
    {AT(is_enabled), .kind = FIELD_BOOL},
    {AT(valid_from), .kind = FIELD_DATE},
    {AT(valid_to), .kind = FIELD_DATE, .help = "Last day."},
};
#undef AT

const struct shape shape_membership_change = {
    .name = "EnvironmentMachineChange",
    SHAPE_OF(struct membership_change, change_fields),
    .nulls = SHAPE_NO_NULLS,
};

/* The machine that is named, or the new one. */
static enum err find_machine(struct request *request, const struct membership_create *create,
                             struct store_machine *machine)
{
    if (!create->new_machine) {
        /* locked: its deletion waits for this membership */
        enum err err = store_machine_get(request->db, request->arena, request->caller.org,
                                         create->machine_id, STORE_UPDATE, machine);
        return api_unknown_reference(request, "machine_id", err);
    }
    *machine = (struct store_machine){.id = uuid_v7(), .created_at = request->now};
    machine_definition_fill(request->arena, create->new_machine, machine);
    return store_machine_insert(request->db, request->caller.org, machine, request->now);
}

/* Dates in order and no other membership of the machine on one of its days. given: which of the
   dates the caller wrote, to blame it. */
static enum err check_membership(struct request *request, const struct store_membership *membership,
                                 const char *given)
{
    if (membership->valid_to != DATE_NONE && membership->valid_to < membership->valid_from) {
        char from[DATE_TEXT], to[DATE_TEXT];
        date_text(membership->valid_from, from);
        date_text(membership->valid_to, to);
        request_flaw(request, given, "date_order",
                     "makes the membership end before it begins: valid_from %s, valid_to %s", from,
                     to);
        return ERR_VALIDATION_ERROR;
    }
    bool overlaps;
    enum err err = store_membership_overlaps(request->db, request->caller.org, request->id[0],
                                             membership, &overlaps);
    if (err || !overlaps)
        return err;
    return request_conflict(request, "overlapping_membership",
                            "The machine is a member of this environment on some of these days "
                            "already.");
}

static enum err lock_environment(struct request *request, struct store_environment *environment)
{
    return store_environment_get(request->db, request->arena, request->caller.org, request->id[0],
                                 STORE_UPDATE, environment);
}

enum err membership_create(struct request *request)
{
    const struct membership_create *create = request->body;
    struct store_environment environment;
    struct store_machine machine;
    enum err err = lock_environment(request, &environment);
    if (!err)
        err = find_machine(request, create, &machine);
    if (err)
        return err;
    struct store_membership membership = {
        .id = uuid_v7(),
        .machine_id = machine.id,
        .fleet_priority = create->fleet_priority,
        .is_enabled = create->is_enabled,
        .valid_from = create->valid_from,
        .valid_to = create->valid_to,
        .machine = &machine,
    };
    if (membership.valid_from == DATE_NONE)
        membership.valid_from = environment.valid_from > machine.valid_from ? environment.valid_from
                                                                            : machine.valid_from;
    if (membership.valid_to == DATE_NONE)
        membership.valid_to = machine.valid_to;
    err = check_membership(request, &membership,
                           create->valid_to != DATE_NONE ? "valid_to" : "valid_from");
    if (!err)
        err = store_membership_insert(request->db, request->caller.org, request->id[0], &membership,
                                      request->now);
    if (err)
        return err;
    return api_answer_created(request, &membership.id, &membership);
}

enum err membership_list(struct request *request)
{
    const struct store_page *page = request->query;
    struct store_environment environment;
    struct store_membership *list;
    size_t n;
    int64_t total;
    enum err err = store_membership_page(request->db, request->arena, request->caller.org,
                                         request->id[0], page, &list, &n, &total);
    if (!err && !total)
        err = store_environment_get(request->db, request->arena, request->caller.org,
                                    request->id[0], STORE_READ, &environment);
    return err ? err : api_answer_list(request, list, n, total);
}

enum err membership_show(struct request *request)
{
    struct store_membership membership;
    enum err err = store_membership_get(request->db, request->arena, request->caller.org,
                                        request->id[0], request->id[1], &membership);
    return err ? err : api_answer(request, &membership);
}

enum err membership_update(struct request *request)
{
    const struct membership_change *change = request->body;
    struct store_environment environment;
    struct store_membership membership;
    enum err err = lock_environment(request, &environment);
    if (!err)
        err = store_membership_get(request->db, request->arena, request->caller.org, request->id[0],
                                   request->id[1], &membership);
    if (err)
        return err;
    if (change->fleet_priority != INT_NONE)
        membership.fleet_priority = change->fleet_priority;
    if (change->is_enabled != BOOL_NONE)
        membership.is_enabled = change->is_enabled;
    if (change->valid_from != DATE_NONE)
        membership.valid_from = change->valid_from;
    if (change->valid_to != DATE_NONE)
        membership.valid_to = change->valid_to;
    err = check_membership(request, &membership,
                           change->valid_to != DATE_NONE ? "valid_to" : "valid_from");
    if (!err)
        err =
            store_membership_update(request->db, request->caller.org, request->id[0], &membership);
    return err ? err : api_answer(request, &membership);
}

enum err membership_remove(struct request *request)
{
    enum err err =
        store_membership_delete(request->db, request->caller.org, request->id[0], request->id[1]);
    return err ? err : api_say(request, "Machine removed from the environment.");
}
