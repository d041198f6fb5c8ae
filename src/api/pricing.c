/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans and the active calibration of unit cost, as the price equation needs them. */
#include "pricing.h"

#include "arena.h"
#include "process_plan.h"
#include "store_part.h"
#include "store_run.h"

#include <stdlib.h>
#include <string.h>

#define KEPT       8                 /* posteriors, ... */
#define KEPT_BYTES ((size_t)4 << 20) /* ... and their memory, all together */

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

static struct kept {
    struct pricing_active active;
    void *record; /* NULL: nothing is kept here */
    size_t len;
    uint64_t used; /* when, counted in looks */
} kept[KEPT];
static uint64_t looks;

const struct pricing_active *pricing_active_kept(struct uuid run)
{
    for (size_t i = 0; i < KEPT; i++)
        if (kept[i].record && uuid_equal(&kept[i].active.run, &run)) {
            kept[i].used = ++looks;
            return &kept[i].active;
        }
    return NULL;
}

/* A free place; those whose last use is longest ago go until there is one, and len bytes are. */
static struct kept *make_room(size_t len)
{
    for (;;) {
        struct kept *free_one = NULL, *oldest = NULL;
        size_t bytes = len;
        for (size_t i = 0; i < KEPT; i++) {
            bytes += kept[i].len;
            if (!kept[i].record)
                free_one = &kept[i];
            else if (!oldest || kept[i].used < oldest->used)
                oldest = &kept[i];
        }
        if (free_one && bytes <= KEPT_BYTES)
            return free_one;
        free(oldest->record);
        *oldest = (struct kept){.record = NULL};
    }
}

static void keep(const struct uuid *run, const struct field_raw *record)
{
    struct pricing_active active = {.run = *run};
    void *copy = malloc(record->len);
    if (!copy)
        return;
    memcpy(copy, record->text, record->len);
    if (calc_driver_unpack(&active.view, copy, record->len) == CALC_OK)
        *make_room(record->len) = (struct kept){active, copy, record->len, 0};
    else
        free(copy);
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
    if (record.len <= KEPT_BYTES) {
        keep(&run, &record);
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
