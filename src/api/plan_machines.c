/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machines that process plans name. */
#include "plan_machines.h"

#include "arena.h"
#include "process_plan.h"
#include "request.h"
#include "store_reference.h"

#include <stdlib.h>

static int compare_ids(const void *a, const void *b)
{
    return uuid_compare(a, b);
}

/* The distinct machines of all operations, in order. */
static struct uuid *named_machines(struct arena *arena, const struct plan_at *plans, size_t n,
                                   size_t *n_ids)
{
    size_t named = 0, kept = 0;
    for (size_t i = 0; i < n; i++)
        named += plans[i].plan->operations.n;
    struct uuid *ids = ARENA_ARRAY(arena, named + 1, struct uuid);
    named = 0;
    for (size_t i = 0; i < n; i++) {
        const struct process_operation *steps = plans[i].plan->operations.at;
        for (size_t j = 0; j < plans[i].plan->operations.n; j++)
            if (!uuid_is_nil(&steps[j].machine_id))
                ids[named++] = steps[j].machine_id;
    }
    qsort(ids, named, sizeof *ids, compare_ids);
    for (size_t i = 0; i < named; i++)
        if (!kept || !uuid_equal(&ids[kept - 1], &ids[i]))
            ids[kept++] = ids[i];
    *n_ids = kept;
    return ids;
}

enum err plan_machines_check(struct request *request, const struct plan_at *plans, size_t n)
{
    size_t n_ids, n_missing = 0;
    struct uuid *ids = named_machines(request->arena, plans, n, &n_ids);
    bool *missing = ARENA_ARRAY(request->arena, n_ids + 1, bool);
    enum err err = store_reference_missing(request->db, request->caller.org, REFERENCE_MACHINE, ids,
                                           n_ids, missing);
    if (err)
        return err;
    for (size_t i = 0; i < n_ids; i++)
        if (missing[i])
            ids[n_missing++] = ids[i];
    for (size_t i = 0; n_missing && i < n; i++) {
        const struct field_path plan = {.up = &plans[i].of, .key = "process_plan"};
        const struct field_path list = {.up = &plan, .key = "operations"};
        const struct process_operation *steps = plans[i].plan->operations.at;
        for (size_t j = 0; j < plans[i].plan->operations.n; j++)
            if (bsearch(&steps[j].machine_id, ids, n_missing, sizeof *ids, compare_ids))
                flaw_add_at(request->flaws, &(struct field_path){.up = &list, .index = j},
                            "machine_id", "unknown_reference", "there is no such machine");
    }
    return request_flawed(request);
}
