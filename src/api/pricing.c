/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans and the active calibration of unit cost, as the price equation needs them. */
#include "pricing.h"

#include "arena.h"
#include "process_plan.h"
#include "store_part.h"
#include "store_run.h"

#include <stdlib.h>
#include <string.h>

#define CACHED_MOST ((size_t)4 << 20) /* a posterior beyond this is read anew by every request */

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

/* The last posterior of this process. */
static struct {
    struct pricing_active active;
    void *record;
} cached;

static void cache(const struct uuid *run, const struct field_raw *record)
{
    void *copy = malloc(record->len);
    if (!copy)
        return;
    memcpy(copy, record->text, record->len);
    free(cached.record);
    cached.record = copy;
    cached.active.run = *run;
    if (calc_driver_unpack(&cached.active.view, copy, record->len) != CALC_OK)
        cached.active.run = (struct uuid){{0}};
}

const struct pricing_active *pricing_active_kept(struct uuid run)
{
    return cached.record && uuid_equal(&cached.active.run, &run) ? &cached.active : NULL;
}

enum err pricing_active_run(struct request *request, struct uuid environment, struct uuid run,
                            const struct pricing_active **active)
{
    struct field_raw record;
    *active = NULL;
    if (uuid_is_nil(&run))
        return ERR_OK;
    *active = pricing_active_kept(run);
    if (*active)
        return ERR_OK;
    enum err err = store_run_posterior(request->db, request->arena, request->caller.org,
                                       environment, run, &record);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
    if (record.len <= CACHED_MOST) {
        cache(&run, &record);
        *active = pricing_active_kept(run);
        if (*active)
            return ERR_OK;
    }
    struct pricing_active *own = ARENA_NEW(request->arena, struct pricing_active);
    own->run = run;
    if (calc_driver_unpack(&own->view, record.text, record.len) != CALC_OK)
        return request_fail(request, ERR_INTERNAL, NULL);
    *active = own;
    return ERR_OK;
}
