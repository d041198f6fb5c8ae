/* SPDX-License-Identifier: GPL-3.0-or-later */
/* learning-curve-fit: what a part costs as more of it is made. */
#include "api.h"

#include "arena.h"
#include "calc_curve.h"
#include "calibration_input.h"
#include "field_present.h"
#include "observe_shapes.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct curve_job {
    enum calc_curve_model model;
    const char *model_text;
    struct calc_curve_lot *lots;
    double *midpoints;
    size_t n;
    struct calc_curve_fit fit;
};

struct place {
    int64_t index;
    size_t row;
};

static int by_index(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Every lot whose index was given before. */
static void check_lots(struct request *request, const struct curve_body *body)
{
    const struct field_path root = {.key = "body"}, list = {.up = &root, .key = "lots"};
    const struct lot_row *rows = body->lots.at;
    size_t n = body->lots.n;
    struct place *places = ARENA_ARRAY(request->arena, n, struct place);
    for (size_t i = 0; i < n; i++)
        places[i] = (struct place){rows[i].lot_index, i};
    qsort(places, n, sizeof *places, by_index);
    for (size_t i = 1; i < n; i++)
        if (places[i].index == places[i - 1].index) {
            const struct field_path lot = {.up = &list, .index = places[i].row};
            flaw_add_at(request->flaws, &lot, "lot_index", "duplicate",
                        "lot %zu has the same index", places[i - 1].row);
        }
}

static enum err fit_lots(struct request *request, const struct curve_body *body,
                         struct curve_job *job)
{
    const struct lot_row *rows = body->lots.at;
    job->n = body->lots.n;
    job->model_text = body->model;
    job->model = strcmp(body->model, "crawford_unit") ? CALC_CURVE_WRIGHT : CALC_CURVE_CRAWFORD;
    job->lots = ARENA_ARRAY(request->arena, job->n, struct calc_curve_lot);
    job->midpoints = ARENA_ARRAY(request->arena, job->n, double);
    double *scratch = ARENA_ARRAY(request->arena, 2 * job->n, double);
    for (size_t i = 0; i < job->n; i++)
        job->lots[i] = (struct calc_curve_lot){rows[i].lot_index, (uint64_t)rows[i].lot_size,
                                               rows[i].lot_total_cost};
    enum calc_status status =
        calc_curve_fit(job->model, job->lots, job->n, scratch, job->midpoints, &job->fit);
    if (status == CALC_OK)
        return ERR_OK;
    request_flaw(request, "lots", "no_curve",
                 status == CALC_DOMAIN ? "there are more than 2^53 pieces in all"
                                       : "no learning curve fits these lots");
    return ERR_VALIDATION_ERROR;
}

static void report(struct request *request, const struct curve_job *job,
                   struct calibration_result *result)
{
    const struct calc_curve_fit *fit = &job->fit;
    struct buf out = {0};
    json_object(&out);
    json_put_text(&out, "model", job->model_text);
    json_put_num12(&out, "se_b", fit->se_b);
    json_put_num12(&out, "lot_sigma_log", fit->has_lot_sigma ? fit->lot_sigma_log : NAN);
    json_put_int(&out, "units", (int64_t)fit->units);
    json_key(&out, "lots");
    json_array(&out);
    for (size_t i = 0; i < job->n; i++) {
        json_object(&out);
        json_put_int(&out, "lot_index", job->lots[i].index);
        json_put_num12(&out, "midpoint", job->midpoints[i]);
        json_object_end(&out);
    }
    json_array_end(&out);
    json_object_end(&out);
    result->fit = field_raw_take(request->arena, &out);
    result->a = fit->a;
    result->b = fit->b;
    result->learning_rate = fit->learning_rate;
    result->r_squared = fit->r_squared;
    result->residual_sigma_log = fit->residual_sigma_log;
    result->n_lots = result->samples = result->samples_applied = (int64_t)fit->n_lots;
    result->ingested = result->matched = (int64_t)fit->n_lots;
    result->n_iterations = fit->n_iterations;
    result->status = fit->no_learning ? STATUS_NO_LEARNING : STATUS_ACTIVATED;
    result->message =
        fit->no_learning ? "Cost rises with the quantity made: the curve is reported and not used."
                         : arena_printf(request->arena,
                                        "Run costs of this revision now follow a curve of %.4g %%.",
                                        100 * fit->learning_rate);
}

static void hash_lots(struct calibration_step *step, const struct curve_job *job)
{
    crypto_generichash_state state;
    calibration_basis(step, &state);
    crypto_generichash_update(&state, (const uint8_t *)job->model_text, strlen(job->model_text));
    for (size_t i = 0; i < job->n; i++) {
        crypto_generichash_update(&state, (const uint8_t *)&job->lots[i].index, 8);
        crypto_generichash_update(&state, (const uint8_t *)&job->lots[i].size, 8);
        crypto_generichash_update(&state, (const uint8_t *)&job->lots[i].cost, 8);
    }
    crypto_generichash_final(&state, step->run.basis, RUN_BASIS);
}

static enum err check_revision(struct request *request, struct uuid id)
{
    struct store_plan plan;
    enum err err = store_plan_list(request->db, request->arena, request->caller.org, &id, 1, &plan);
    if (!err && uuid_is_nil(&plan.part_id))
        err = api_unknown_reference(request, "part_revision_id", ERR_NOT_FOUND);
    return err;
}

enum err calibration_learning_curve(struct request *request)
{
    const struct curve_body *body = request->body;
    struct calibration_step *steps[2] = {ARENA_NEW(request->arena, struct calibration_step),
                                         ARENA_NEW(request->arena, struct calibration_step)};
    struct calibration_step *step = steps[0];
    struct calibration_call call;
    struct curve_job job = {0};
    char revision[UUID_TEXT];
    enum err err = input_environment(request);
    if (err)
        return err;
    check_lots(request, body);
    err = check_revision(request, body->part_revision_id);
    if (!err || err == ERR_VALIDATION_ERROR)
        err = request_flawed(request);
    if (!err)
        err = fit_lots(request, body, &job);
    if (err)
        return err;
    input_begin(request, &call, "learning_curve_fit", "", "lots", 0);
    uuid_text(&body->part_revision_id, revision);
    step->call = &call;
    step->slot = arena_printf(request->arena, SLOT_CURVE "%s", revision);
    step->subject = body->part_revision_id;
    err = store_active_find(request->db, call.org, call.env, step->slot, &step->active);
    if (err)
        return err;
    hash_lots(step, &job);
    err = calibration_again(request, step);
    if (err)
        return err;
    if (!step->again) {
        const struct curve_model model = {job.model_text, job.fit.a, job.fit.b,
                                          (double)job.fit.units};
        step->result = call.result;
        step->result.scope = SCOPE_TEXT_ENVIRONMENT;
        step->result.env_id = call.env;
        step->result.target_metric = metric_text(METRIC_UNIT_COST);
        step->result.part_revision_id = body->part_revision_id;
        report(request, &job, &step->result);
        step->keep = true;
        step->activate = !job.fit.no_learning;
        step->run.id = uuid_v7();
        step->run.posterior = field_present(request->arena, &shape_curve_model, &model);
        step->run.posterior_count = 1;
        err = calibration_refit(request, steps, 1, steps[1]);
        if (!err && calibration_follows(steps[1]))
            calibration_refit_note(request->arena, steps[1], &step->result);
    }
    return err ? err : calibration_finish(request, steps, steps[1]->call ? 2 : 1, &step->result);
}
