/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fit of unit cost: one step of a calibrating call; and the fit that follows when what prices
   rest on has changed. */
#include "calibration.h"

#include "arena.h"
#include "calibration_input.h"
#include "pricing.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SAME_PRICE 1e-9 /* of the whole: what a change of times or rates is well above */

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

static int by_natural(const void *a, const void *b)
{
    const struct calibration_record_row *x = a, *y = b;
    return memcmp(&x->natural, &y->natural, sizeof x->natural);
}

/* What the run that is to come back knew of a row; NULL: it did not, or the row says something else
   now. */
static const struct calibration_record_row *known_as(const struct calibration_call *call,
                                                     const struct evidence *row)
{
    const struct calibration_record_row key = {.natural = row->natural};
    const struct calibration_record_row *found =
        bsearch(&key, call->only, call->n_only, sizeof key, by_natural);
    return found && !memcmp(&found->content, &row->content, sizeof row->content) ? found : NULL;
}

static void keep_known(const struct calibration_call *call, struct evidence_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        if (known_as(call, set->rows[i]))
            set->rows[n++] = set->rows[i];
    set->n = n;
}

static bool priced_as_then(const struct calibration_call *call, const struct calibration_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        const double *then = known_as(call, rows->evidence[i])->c, *now = rows->rows[i].c;
        double sum = then[0] + then[1] + then[2] + then[3];
        for (int k = 0; k < PRICE_DRIVERS; k++)
            if (fabs(now[k] - then[k]) > SAME_PRICE * sum)
                return false;
    }
    return true;
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
static void force(struct request *request, bool replaces, struct calibration_result *result)
{
    if (!replaces || status_is(result->status, STATUS_ACTIVATED))
        return;
    result->status = STATUS_ACTIVATED;
    result->message =
        arena_printf(request->arena, "What prices rest on has changed: this fit replaces the one "
                                     "before, which had learned from other prices.");
}

static bool changes_prices(const struct calibration_step *step)
{
    return step->activate && !step->again;
}

enum err calibration_unit_step(struct request *request, struct calibration_step *const *changes,
                               size_t n_changes, struct calibration_step *step)
{
    struct calibration_call *call = step->call;
    struct calibration_rows *rows = ARENA_NEW(request->arena, struct calibration_rows);
    struct calibration_fit *fit = ARENA_NEW(request->arena, struct calibration_fit);
    struct pricing_models models;
    step->slot = metric_text(METRIC_UNIT_COST);
    enum err err = calibration_gather(request, step);
    if (!err && call->only)
        keep_known(call, &step->set);
    /* behind the slot's version, which is raised by whatever changes them */
    if (!err)
        err = pricing_models(request, call->env, &models);
    for (size_t i = 0; i < n_changes && !err; i++)
        if (changes_prices(changes[i]))
            pricing_models_put(request->arena, &models, changes[i]->slot, changes[i]->run.id,
                               changes[i]->subject, &changes[i]->run.posterior);
    if (!err)
        err = calibration_price(request, call->env, &models, &step->set, rows);
    if (err || (call->only && priced_as_then(call, rows)))
        return err;
    left_out_add(&rows->left_out, LEFT_OUT_OLDER, (size_t)step->set.older);
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
        force(request, has_active || call->only, &step->result);
    step->activate = status_is(step->result.status, STATUS_ACTIVATED);
    if (step->keep) {
        step->run.id = uuid_v7();
        step->run.record = calibration_record_pack(request->arena, rows);
        step->run.posterior = fit->posterior;
        step->run.posterior_count = (int64_t)fit->view.active_posterior_count;
    }
    return ERR_OK;
}

static struct calibration_call *refit_call(struct arena *arena,
                                           const struct calibration_call *cause)
{
    struct calibration_call *call = ARENA_NEW(arena, struct calibration_call);
    *call = (struct calibration_call){
        .kind = "refit",
        .source = "",
        .list = "rows",
        .org = cause->org,
        .env = cause->env,
        .metric = METRIC_UNIT_COST,
        .alpha = cause->alpha > 0 ? cause->alpha : INPUT_ALPHA,
        .holdout = cause->holdout > 0 ? cause->holdout : INPUT_HOLDOUT,
        .dry_run = cause->dry_run,
        .repriced = true,
    };
    calibration_result_clear(&call->result);
    return call;
}

enum err calibration_refit(struct request *request, struct calibration_step *const *steps,
                           size_t n_steps, struct calibration_step *refit)
{
    const struct calibration_call *cause = steps[0]->call;
    struct active active;
    bool changed = false, own = refit->call;
    for (size_t i = 0; i < n_steps; i++)
        changed |= changes_prices(steps[i]);
    if (!changed || !uuid_compare(&cause->env, &store_platform_env))
        return ERR_OK;
    refit->slot = metric_text(METRIC_UNIT_COST);
    enum err err = store_active_find(request->db, cause->org, cause->env, refit->slot, &active);
    if (err)
        return err;
    refit->active = active;
    if (!own)
        refit->call = refit_call(request->arena, cause);
    struct calibration_call *call = refit->call;
    call->repriced = true;
    /* what was taken out of use stays out until its own evidence is fitted */
    bool taken_out = false;
    if (!own && uuid_is_nil(&active.run))
        err = store_run_corrected(request->db, cause->org, cause->env, &taken_out);
    if (err || taken_out)
        return err;
    const struct pricing_active *before = NULL;
    if (!own)
        err = pricing_active_run(request, cause->env, active.run, &before);
    if (err)
        return err;
    if (before)
        call->alpha = before->view.alpha;
    err = calibration_unit_step(request, steps, n_steps, refit);
    /* where nothing was corrected before, a fit that corrects nothing is not worth keeping */
    if (!err && !strcmp(call->kind, "refit") && uuid_is_nil(&active.run) && !refit->activate)
        refit->keep = false;
    /* what is active learned from other prices, and nothing is left to learn from */
    if (!err && !uuid_is_nil(&active.run))
        refit->activate |= !refit->keep;
    return err;
}

enum err calibration_restore(struct request *request, const struct calibration_call *cause,
                             const struct run *run, struct calibration_step *refit)
{
    struct calibration_call *call = refit->call = refit_call(request->arena, cause);
    struct calibration_record_row *rows;
    struct calc_driver_view view;
    struct field_raw record;
    enum err err =
        store_run_record(request->db, request->arena, call->org, call->env, run->id, &record);
    if (!err)
        err = calibration_record_unpack(request->arena, &record, &rows, &call->n_only);
    if (!err && calc_driver_unpack(&view, run->posterior.text, run->posterior.len) != CALC_OK)
        err = ERR_INTERNAL;
    if (err)
        return err;
    qsort(rows, call->n_only, sizeof *rows, by_natural);
    call->only = rows;
    call->alpha = view.alpha;
    return calibration_unit_step(request, NULL, 0, refit);
}
