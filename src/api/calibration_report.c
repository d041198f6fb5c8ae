/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a calibrating call learned, as the answer tells it. */
#include "calibration.h"

#include "arena.h"
#include "buf.h"

#include <string.h>

static void put_key(struct buf *out, const char *name, struct calc_key text)
{
    json_key(out, name);
    json_text_len(out, text.s ? text.s : "", text.n);
}

static void put_guard(struct buf *out, const struct calc_driver_fit *fit)
{
    json_key(out, "guard");
    json_array(out);
    for (unsigned i = 0; i < fit->n_guard; i++) {
        const struct calc_driver_guard *guard = &fit->guard[i];
        json_object(out);
        json_put_text(out, "model", calc_driver_model_text(guard->model));
        json_put_num12(out, "score", guard->score);
        json_put_num12(out, "deficit", guard->deficit);
        json_put_num12(out, "se", guard->se);
        json_object_end(out);
    }
    json_array_end(out);
}

const char *calibration_level_text(enum calc_driver_level level)
{
    static const char *const levels[] = {[CALC_DRIVER_ENVIRONMENT] = "environment",
                                         [CALC_DRIVER_IN_BIN] = "bin",
                                         [CALC_DRIVER_IN_PART] = "part"};
    return levels[level];
}

void calibration_put_effect(struct buf *out, const struct calc_driver_view *view,
                            enum calc_driver_level level, size_t index, unsigned k)
{
    struct calc_driver_effect effect = calc_driver_effect(view, level, index, k);
    json_put_text(out, "driver", calc_driver_name_text(view->driver[k]));
    json_put_num12(out, "theta", effect.theta);
    json_put_num12(out, "sd", effect.sd);
    json_put_num12(out, "multiplier", effect.multiplier);
    json_key(out, "ci90");
    json_array(out);
    json_num12(out, effect.lower);
    json_num12(out, effect.upper);
    json_array_end(out);
    json_put_num12(out, "informed", effect.has_informed ? effect.informed : NAN);
}

static void put_effects(struct buf *out, const struct calc_driver_view *view,
                        enum calc_driver_level level, size_t index, struct calc_key key)
{
    for (unsigned k = 0; k < view->k; k++) {
        json_object(out);
        json_put_text(out, "level", calibration_level_text(level));
        put_key(out, "key", key);
        calibration_put_effect(out, view, level, index, k);
        json_object_end(out);
    }
}

static void put_taus(struct buf *out, const char *name, const double *tau, unsigned k)
{
    json_key(out, name);
    json_array(out);
    for (unsigned i = 0; i < k; i++)
        json_num12(out, tau[i]);
    json_array_end(out);
}

static void put_groups(struct buf *out, const struct calc_driver_view *view)
{
    json_key(out, "conformal");
    json_array(out);
    for (size_t i = 0; i < view->n_groups; i++) {
        struct calc_driver_group group = calc_driver_view_group(view, i);
        json_object(out);
        json_key(out, "group");
        if (group.kind == CALC_DRIVER_LABEL) {
            struct calc_key label = calc_driver_view_bin(view, group.bin).label;
            struct buf text = {0};
            buf_adds(&text, "bin:");
            buf_add(&text, label.s, label.n);
            json_text_len(out, text.data, text.len);
            buf_clear(&text);
        } else {
            json_text(out, calc_driver_kind_text(group.kind));
        }
        json_put_num12(out, "q", group.bounded ? group.q : NAN);
        json_put_text(out, "method", calc_driver_method_text(group.method));
        json_put_int(out, "units", group.units);
        json_put_int(out, "n", group.n);
        json_put_num12(out, "coverage", group.bounded && group.n ? group.coverage : NAN);
        json_object_end(out);
    }
    json_array_end(out);
}

static void put_metrics(struct buf *out, const char *name, const struct calc_driver_metrics *of)
{
    json_key(out, name);
    json_object(out);
    json_put_int(out, "n", (int64_t)of->n);
    json_put_num12(out, "rmse_log", of->n ? of->rmse_log : NAN);
    json_put_num12(out, "mape", of->n ? of->mape : NAN);
    json_put_num12(out, "median_ape", of->n ? of->median_ape : NAN);
    json_object_end(out);
}

void left_out_write(struct buf *out, const struct left_out *left_out)
{
    json_key(out, "left_out");
    json_object(out);
    for (size_t i = 0; i < left_out->n; i++)
        json_put_int(out, left_out->reason[i], (int64_t)left_out->count[i]);
    json_object_end(out);
}

static void put_gate(struct buf *out, const struct calc_driver_gate *gate)
{
    json_key(out, "gate");
    json_object(out);
    json_put_text(out, "status", calc_driver_verdict_text(gate->verdict));
    json_put_int(out, "new_rows", (int64_t)gate->new_rows);
    json_put_int(out, "units", (int64_t)gate->units);
    json_put_num12(out, "gain", gate->gain);
    json_put_num12(out, "se", gate->has_se ? gate->se : NAN);
    json_object_end(out);
}

static void put_fit(struct buf *out, const struct calibration_fit *fitted)
{
    const struct calc_driver_view *view = &fitted->view;
    const struct calc_driver_fit *fit = &fitted->fit;
    json_put_text(out, "model", calc_driver_model_text(fit->model));
    json_put_text(out, "best", calc_driver_model_text(fit->best));
    put_guard(out, fit);
    json_key(out, "drivers");
    json_array(out);
    put_effects(out, view, CALC_DRIVER_ENVIRONMENT, 0, (struct calc_key){"", 0});
    for (size_t bin = 0; bin < view->n_bins && bin < CALIBRATION_BINS_SHOWN; bin++)
        put_effects(out, view, CALC_DRIVER_IN_BIN, bin, calc_driver_view_bin(view, bin).label);
    json_array_end(out);
    json_put_num12(out, "sigma_log", view->s);
    json_key(out, "tau");
    json_object(out);
    put_taus(out, "bin", view->tau_bin, view->k);
    put_taus(out, "part", view->tau_part, view->k);
    json_object_end(out);
    put_groups(out, view);
    json_key(out, "held_out");
    json_object(out);
    put_metrics(out, "seen_part", &fit->seen_part);
    put_metrics(out, "unseen_part", &fit->unseen_part);
    put_metrics(out, "unseen_bin", &fit->unseen_bin);
    json_object_end(out);
    json_key(out, "set_aside");
    json_object(out);
    json_put_int(out, "n", (int64_t)fitted->n_held);
    json_put_num12(out, "median_ape", fitted->n_held ? fitted->held_out.error.median_ape : NAN);
    json_put_num12(out, "rmse_log", fitted->n_held ? fitted->held_out.error.rmse_log : NAN);
    json_object_end(out);
    put_gate(out, &fitted->gate);
    json_put_int(out, "bins", (int64_t)view->n_bins);
    json_put_int(out, "parts", (int64_t)view->n_units);
}

const char *left_out_tell(struct arena *arena, const char *message, const struct left_out *left_out)
{
    size_t n = 0;
    for (size_t i = 0; i < left_out->n; i++)
        n += left_out->count[i];
    return n ? arena_printf(arena, "%s %zu rows were left out; fit.left_out says why.", message, n)
             : message;
}

/* What stands against a fit that is not activated. */
static const char *against(struct arena *arena, const struct calibration_fit *fitted)
{
    const char *model = calc_driver_model_text(fitted->fit.model);
    bool plain = fitted->fit.model == CALC_DRIVER_IDENTITY;
    if (plain && fitted->has_active && fitted->gate.gain > 0)
        return "The price as it stands predicts the new rows better than the active calibration, "
               "which stays: deactivate it to quote without. The evidence is kept.";
    if (plain)
        return "The price as it stands predicts the evidence as well as any correction does; the "
               "evidence is kept, nothing was activated.";
    if (!fitted->gate.new_rows)
        return arena_printf(arena,
                            "No row is new to what is active, by which the new fit (%s) could be "
                            "judged; the evidence is kept, the active calibration stays.",
                            model);
    return arena_printf(arena,
                        "The new fit (%s) does not predict the new rows better than what is "
                        "active; the evidence is kept, the active calibration stays.",
                        model);
}

static const char *message_of(struct arena *arena, const struct calibration_result *result,
                              const struct calibration_rows *rows,
                              const struct calibration_fit *fitted)
{
    if (!rows->n)
        return "There is no evidence that could be fitted.";
    if (status_is(result->status, STATUS_INSUFFICIENT))
        return arena_printf(
            arena, "Too few rows to tell a correction from chance (%zu); they are kept.", rows->n);
    if (status_is(result->status, STATUS_NOT_IMPROVED))
        return against(arena, fitted);
    const char *wide =
        isnan(result->q_alpha) ? " No interval can be given yet: too few rows for this alpha." : "";
    return arena_printf(arena, "Quotes are now corrected by the model \"%s\" from %zu rows.%s",
                        calc_driver_model_text(fitted->fit.model), rows->n, wide);
}

void calibration_report(struct request *request, const struct calibration_call *call,
                        const struct calibration_rows *rows, const struct calibration_fit *fitted,
                        struct calibration_result *result)
{
    struct arena *arena = request->arena;
    struct buf out = {0};
    json_object(&out);
    if (rows->n)
        put_fit(&out, fitted);
    left_out_write(&out, &rows->left_out);
    if (call->notes)
        json_put_text(&out, "notes", call->notes);
    if (!strcmp(call->kind, "auto_calibrate_from_erp"))
        calibration_report_orders(request, rows, &out);
    json_object_end(&out);
    result->fit = field_raw_take(arena, &out);

    result->alpha = call->alpha;
    result->scope = SCOPE_TEXT_ENVIRONMENT;
    result->env_id = call->env;
    result->target_metric = metric_text(METRIC_UNIT_COST);
    result->samples_applied = (int64_t)rows->n;
    result->n_train = (int64_t)fitted->n_train;
    result->n_holdout = (int64_t)fitted->n_held;
    result->n_calibration = 0;
    if (fitted->n_held)
        result->holdout_mape = fitted->held_out.error.mape;
    if (fitted->held_out.n_interval)
        result->holdout_coverage = fitted->held_out.coverage;
    if (rows->n) {
        struct calc_driver_group main =
            calc_driver_view_group(&fitted->view, fitted->view.main_group);
        result->n_iterations = fitted->fit.iterations;
        result->residual_sigma_log = fitted->fit.s;
        result->n_calibration = main.n;
        if (main.bounded) {
            result->q_alpha = main.q;
            if (main.n)
                result->observed_coverage = main.coverage;
        }
    }
    bool improved = rows->n && fitted->gate.verdict == CALC_DRIVER_IMPROVED;
    bool too_few = !rows->n || fitted->gate.verdict == CALC_DRIVER_TOO_FEW;
    result->status = improved  ? STATUS_ACTIVATED
                     : too_few ? STATUS_INSUFFICIENT
                               : STATUS_NOT_IMPROVED;
    result->message =
        left_out_tell(arena, message_of(arena, result, rows, fitted), &rows->left_out);
}
