/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A calibrating call from its rows to its answer. */
#include "calibration.h"

#include "arena.h"

enum err calibration_unit_cost(struct request *request, struct calibration_call *call)
{
    struct calibration_step *step = ARENA_NEW(request->arena, struct calibration_step);
    step->call = call;
    enum err err = calibration_identify(request, call);
    if (!err)
        err = calibration_unit_step(request, NULL, 0, step);
    return err ? err : calibration_finish(request, &step, 1, &step->result);
}

/* What the answer of one metric says about the fit of another that it caused. */
void calibration_refit_note(struct arena *arena, const struct calibration_step *refit,
                            struct calibration_result *result)
{
    struct buf out = {0};
    char id[UUID_TEXT] = "";
    if (!uuid_is_nil(&refit->run.id))
        uuid_text(&refit->run.id, id);
    json_object(&out);
    json_put_text(&out, "run_id", *id ? id : NULL);
    json_put_text(&out, "status", refit->result.status);
    json_put_int(&out, "samples_applied", refit->result.samples_applied);
    json_put_num12(&out, "q_alpha", refit->result.q_alpha);
    json_object_end(&out);
    calibration_fit_add(arena, result, "unit_cost", buf_text(&out));
    buf_clear(&out);
    result->message = arena_printf(
        arena, "%s %s", result->message,
        refit->keep ? "The evidence of unit cost was priced again with it and fitted again."
                    : "No evidence of unit cost is left to fit again with it: the correction that "
                      "had learned from other prices is out of use.");
}

enum err calibration_metric(struct request *request, struct calibration_call *call)
{
    if (call->metric == METRIC_UNIT_COST)
        return calibration_unit_cost(request, call);
    struct calibration_step *steps[2] = {ARENA_NEW(request->arena, struct calibration_step),
                                         ARENA_NEW(request->arena, struct calibration_step)};
    steps[0]->call = call;
    enum err err = calibration_identify(request, call);
    if (!err)
        err = call->metric == METRIC_MACHINE_CHOICE ? calibration_policy_step(request, steps[0])
                                                    : calibration_times_step(request, steps[0]);
    if (!err)
        err = calibration_refit(request, steps, 1, steps[1]);
    if (!err && calibration_follows(steps[1]))
        calibration_refit_note(request->arena, steps[1], &steps[0]->result);
    return err ? err
               : calibration_finish(request, steps, steps[1]->call ? 2 : 1, &steps[0]->result);
}
