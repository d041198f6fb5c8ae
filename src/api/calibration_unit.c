/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fit of unit cost: one step of a calibrating call; and the fit that follows when what prices
   rest on has changed. */
#include "calibration.h"

#include "arena.h"
#include "pricing.h"

#include <sodium.h>
#include <string.h>

/* Same evidence, prices, alpha, holdout: same basis. */
static void hash_basis(struct calibration_step *step, const struct calibration_rows *rows)
{
    crypto_generichash_state state;
    calibration_basis(step, &state);
    for (size_t i = 0; i < rows->n; i++) {
        crypto_generichash_update(&state, rows->evidence[i]->natural.b, 16);
        crypto_generichash_update(&state, (const uint8_t *)rows->rows[i].c, sizeof rows->rows[i].c);
    }
    crypto_generichash_final(&state, step->run.basis, RUN_BASIS);
}

static enum err load_active(struct request *request, const struct calibration_step *step,
                            struct calc_driver_view *view, bool *there)
{
    *there = !uuid_is_nil(&step->active.run);
    if (!*there)
        return ERR_OK;
    struct field_raw posterior;
    enum err err = store_run_posterior(request->db, request->arena, step->call->org,
                                       step->call->env, step->active.run, &posterior);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
    return calc_driver_unpack(view, posterior.text, posterior.len) == CALC_OK ? ERR_OK
                                                                              : ERR_INTERNAL;
}

/* A fit on other components than the active one's: it cannot stay, whatever the gate says. */
static void force(struct request *request, bool has_active, struct calibration_result *result)
{
    if (!has_active || !strcmp(result->status, "activated"))
        return;
    result->status = "activated";
    result->message =
        arena_printf(request->arena, "What prices rest on has changed: this fit replaces the one "
                                     "before, which had learned from other prices.");
}

enum err calibration_unit_step(struct request *request, const struct pricing_models *models,
                               struct calibration_step *step)
{
    struct calibration_call *call = step->call;
    struct calibration_rows *rows = ARENA_NEW(request->arena, struct calibration_rows);
    struct calibration_fit *fit = ARENA_NEW(request->arena, struct calibration_fit);
    step->slot = metric_text(METRIC_UNIT_COST);
    enum err err = calibration_gather(request, step);
    if (!err)
        err = calibration_price(request, call->env, models, &step->set, rows);
    if (err)
        return err;
    left_out_add(&rows->left_out, "older_than_newest_rows", (size_t)step->set.older);
    hash_basis(step, rows);
    err = calibration_again(request, step);
    if (err || step->again)
        return err;
    struct calc_driver_view active;
    bool has_active;
    err = load_active(request, step, &active, &has_active);
    if (!err)
        err = calibration_fit(request, call, rows, has_active && !call->repriced ? &active : NULL,
                              fit);
    if (err)
        return err;
    step->result = call->result;
    step->result.samples = (int64_t)step->set.n;
    calibration_report(request, call, rows, fit, &step->result);
    calibration_fit_release(fit); /* before the record is packed and written: both are megabytes */
    step->keep = rows->n > 0;
    if (call->repriced && step->keep)
        force(request, has_active, &step->result);
    step->activate = !strcmp(step->result.status, "activated");
    if (step->keep) {
        step->run.id = uuid_v7();
        step->run.record = calibration_record_pack(request->arena, rows);
        step->run.posterior = fit->posterior;
        step->run.posterior_count = (int64_t)fit->view.active_posterior_count;
    }
    return ERR_OK;
}

enum err calibration_refit(struct request *request, struct calibration_step *const *steps,
                           size_t n_steps, struct calibration_step *refit)
{
    const struct calibration_call *cause = steps[0]->call;
    struct pricing_models models;
    struct active active;
    bool changed = false;
    for (size_t i = 0; i < n_steps; i++)
        changed |= steps[i]->activate && !steps[i]->again;
    if (!changed || !uuid_compare(&cause->env, &store_platform_env))
        return ERR_OK;
    enum err err = pricing_models(request, cause->env, NULL, &models);
    if (!err)
        err = store_active_find(request->db, cause->org, cause->env, metric_text(METRIC_UNIT_COST),
                                &active);
    if (err)
        return err;
    for (size_t i = 0; i < n_steps; i++)
        if (steps[i]->activate && !steps[i]->again)
            pricing_models_put(request->arena, &models, steps[i]->slot, steps[i]->run.id,
                               steps[i]->subject, &steps[i]->run.posterior);
    struct calibration_call *call = refit->call;
    if (!call) {
        call = refit->call = ARENA_NEW(request->arena, struct calibration_call);
        *call = (struct calibration_call){
            .kind = "refit",
            .source = "",
            .list = "rows",
            .org = cause->org,
            .env = cause->env,
            .metric = METRIC_UNIT_COST,
            .alpha = cause->alpha > 0 ? cause->alpha : 0.1,
            .holdout = cause->holdout > 0 ? cause->holdout : 0.2,
            .dry_run = cause->dry_run,
        };
        calibration_result_clear(&call->result);
        const struct pricing_active *before = NULL;
        err = pricing_active(request, cause->env, &before);
        if (err)
            return err;
        if (before)
            call->alpha = before->view.alpha;
    }
    call->repriced = true;
    err = calibration_unit_step(request, &models, refit);
    /* where nothing was corrected before, a fit that corrects nothing is not worth keeping */
    if (!err && !strcmp(call->kind, "refit") && uuid_is_nil(&active.run) && !refit->activate)
        refit->keep = false;
    return err;
}
