/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is active: an earlier run again, the one before, none. */
#include "api.h"

#include "arena.h"
#include "calibration_input.h"
#include "run_shapes.h"

#include <string.h>

static enum err cannot(struct request *request, const char *reason, const char *message)
{
    return request_conflict(request, reason, "%s", message);
}

static const char *answer_text(struct request *request, const struct activation *activation)
{
    struct buf out = {0};
    field_write(&out, &shape_activation, activation);
    return field_raw_take(request->arena, &out).text;
}

/* Puts run (NULL: nothing) into a slot, fits unit cost again where prices change by that, or where
   they have changed since the run of unit cost that comes back. */
static enum err put_active(struct request *request, struct uuid org, struct uuid env,
                           const char *slot, const struct active *active, const struct run *run)
{
    struct calibration_step *steps[2] = {ARENA_NEW(request->arena, struct calibration_step),
                                         ARENA_NEW(request->arena, struct calibration_step)};
    struct calibration_step *step = steps[0];
    struct calibration_call call;
    enum err err = ERR_OK;
    input_begin(request, &call, "activate", "", "rows", 0);
    call.org = org;
    call.env = env;
    enum metric metric = metric_find(slot);
    call.metric = metric == METRIC_COUNT ? METRIC_UNIT_COST : metric;
    step->call = &call;
    step->slot = slot;
    step->active = *active;
    step->activate = true;
    const char *revision = slot_behind(slot, SLOT_CURVE);
    if (revision)
        uuid_parse(&step->subject, revision, strlen(revision));
    if (run) {
        step->run = *run;
        err = store_run_posterior(request->db, request->arena, call.org, call.env, run->id,
                                  &step->run.posterior);
    }
    if (!err && run && metric == METRIC_UNIT_COST)
        err = calibration_restore(request, &call, &step->run, steps[1]);
    bool prices = metric != METRIC_UNIT_COST && !slot_behind(slot, SLOT_INTERVAL);
    if (!err && prices)
        err = calibration_refit(request, steps, 1, steps[1]);
    if (err)
        return err;
    bool restored = !prices && steps[1]->keep;
    bool gone = !steps[1]->keep && steps[1]->activate;
    const struct activation answer = {
        .slot = slot,
        .run_id = restored ? steps[1]->run.id : step->run.id,
        .previous_run_id = active->run,
        .refit_run_id = steps[1]->keep ? steps[1]->run.id : (struct uuid){{0}},
        .message = gone       ? "No evidence of unit cost is left to fit again with it: the "
                                "correction that had learned from other prices is out of use."
                   : !run     ? "Nothing is active there any more."
                   : restored ? "Prices have changed since that run: its rows were fitted again "
                                "at the prices of now, and that fit is active."
                   : steps[1]->keep ? "The run is active; unit cost was fitted again."
                                    : "The run is active.",
    };
    return restored ? calibration_commit(request, steps + 1, 1, answer_text(request, &answer))
                    : calibration_commit(request, steps, prices && steps[1]->call ? 2 : 1,
                                         answer_text(request, &answer));
}

enum err run_activate(struct request *request)
{
    struct run run;
    struct active active;
    struct uuid org = request->caller.org, env = request->id[0];
    enum err err = input_environment(request);
    if (!err)
        err = store_run_find(request->db, request->arena, org, env, request->id[1], &run);
    if (!err)
        err = store_active_find(request->db, org, env, run.slot, &active);
    if (err)
        return err;
    if (!status_is(run.status, STATUS_ACTIVATED))
        return cannot(request, "never_activated",
                      "That run was kept but never activated: it did not do better.");
    if (uuid_equal(&run.id, &active.run))
        return cannot(request, "already_active", "That run is active.");
    return put_active(request, org, env, run.slot, &active, &run);
}

static enum err find_active(struct request *request, struct uuid org, struct uuid env,
                            const char *slot, struct active *active)
{
    enum err err = store_active_find(request->db, org, env, slot, active);
    if (!err && uuid_is_nil(&active->run))
        err = cannot(request, "nothing_active", "Nothing is active in that slot.");
    return err;
}

enum err calibration_revert(struct request *request)
{
    const struct slot_body *body = request->body;
    struct uuid org = request->caller.org, env = request->id[0];
    struct active active;
    struct run run, before;
    enum err err = input_environment(request);
    if (!err)
        err = find_active(request, org, env, body->slot, &active);
    if (!err)
        err = store_run_find(request->db, request->arena, org, env, active.run, &run);
    if (err)
        return err;
    if (uuid_is_nil(&run.base))
        return put_active(request, org, env, body->slot, &active, NULL);
    err = store_run_find(request->db, request->arena, org, env, run.base, &before);
    return err ? err : put_active(request, org, env, body->slot, &active, &before);
}

static enum err deactivate(struct request *request, struct uuid org, struct uuid env)
{
    const struct slot_body *body = request->body;
    struct active active;
    enum err err = find_active(request, org, env, body->slot, &active);
    return err ? err : put_active(request, org, env, body->slot, &active, NULL);
}

enum err calibration_deactivate(struct request *request)
{
    enum err err = input_environment(request);
    return err ? err : deactivate(request, request->caller.org, request->id[0]);
}

enum err calibration_deactivate_platform(struct request *request)
{
    return deactivate(request, store_platform_org, store_platform_env);
}
