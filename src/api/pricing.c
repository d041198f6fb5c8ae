/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans and the active calibration of unit cost, as the price equation needs them. */
#include "pricing.h"

#include "arena.h"
#include "cache.h"
#include "process_plan.h"
#include "store_part.h"
#include "store_run.h"

void pricing_plan_of(struct arena *arena, const struct store_plan *stored, struct uuid revision,
                     struct pricing_plan *plan)
{
    *plan = (struct pricing_plan){.part_id = stored->part_id, .revision_id = revision};
    if (!uuid_is_nil(&stored->part_id))
        process_plan_price(arena, &stored->process_plan, &plan->plan);
}

enum err pricing_plans(struct request *request, const struct uuid *revisions, size_t n,
                       struct pricing_plan *plans)
{
    struct arena *arena = request->arena;
    struct store_plan *stored = ARENA_ARRAY(arena, n ? n : 1, struct store_plan);
    enum err err = store_plan_list(request->db, arena, request->caller.org, revisions, n, stored);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++) {
        /* equal revisions in a row are read once */
        if (i && stored[i].process_plan.text &&
            stored[i].process_plan.text == stored[i - 1].process_plan.text)
            plans[i] = plans[i - 1];
        else
            pricing_plan_of(arena, &stored[i], revisions[i], &plans[i]);
    }
    return ERR_OK;
}

static struct cache posteriors; /* of struct pricing_active, by run */

const struct pricing_active *pricing_active_kept(struct uuid run)
{
    return cache_find(&posteriors, &(struct cache_key){.id = run});
}

void pricing_active_forget(void)
{
    cache_clear(&posteriors);
}

enum err pricing_active_run(struct request *request, struct uuid environment, struct uuid run,
                            const struct pricing_active **active)
{
    struct field_raw record;
    *active = pricing_active_kept(run);
    if (*active || uuid_is_nil(&run))
        return ERR_OK;
    struct arena *arena = arena_new();
    struct pricing_active *read = ARENA_NEW(arena, struct pricing_active);
    enum err err =
        store_run_posterior(request->db, arena, request->caller.org, environment, run, &record);
    if (err == ERR_NOT_FOUND ||
        (!err && calc_driver_unpack(&read->view, record.text, record.len) != CALC_OK))
        err = ERR_INTERNAL;
    if (err) {
        arena_free(arena);
        return err;
    }
    read->run = run;
    *active = read;
    if (!cache_put(&posteriors, &(struct cache_key){.id = run}, arena, read))
        arena_adopt(request->arena, arena);
    return ERR_OK;
}
