/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fit of observed times: one step of a calibrating call. */
#include "calibration.h"

#include "arena.h"
#include "calc_times.h"
#include "field_present.h"
#include "pricing.h"

#include <sodium.h>
#include <string.h>

#define ROWS_NEEDED 3 /* fewer tell nothing about a shop, whatever they say */

struct times_fit {
    struct calc_times_row *rows;
    size_t n;
    struct calc_times_bin *bins;
    struct calc_times_fit fit;
    const struct times_model *active; /* NULL: none */
    struct left_out left_out;
    bool kept_interval; /* the active one's q stands: the rows carry none */
    size_t n_compared;  /* gate: rows, and mean |ln(actual/predicted) - theta| */
    double error, error_active;
};

static void load_rows(struct arena *arena, const struct calibration_step *step,
                      struct times_fit *times)
{
    times->rows = ARENA_ARRAY(arena, step->set.n + 1, struct calc_times_row);
    for (size_t i = 0; i < step->set.n; i++) {
        const struct evidence *row = step->set.rows[i];
        if (strcmp(row->model_version, PRICING_MODEL_VERSION) != 0) {
            left_out_add(&times->left_out, LEFT_OUT_VERSION, 1);
            continue;
        }
        const void *key = uuid_is_nil(&row->revision) ? row->natural.b : row->revision.b;
        times->rows[times->n++] = (struct calc_times_row){
            .bin = {row->bin, strlen(row->bin)},
            .key = {key, 16},
            .lot_size = isnan(row->lot_size) ? 0 : row->lot_size,
            .predicted = row->predicted,
            .actual = row->actual,
        };
    }
    left_out_add(&times->left_out, LEFT_OUT_OLDER, (size_t)step->set.older);
}

/* The bin's place; n_bins where no row of the fit has it. */
static size_t place_of(const struct times_fit *times, struct calc_key bin)
{
    for (size_t low = 0, high = times->fit.n_bins; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = calc_order_keys(times->bins[middle].bin, bin);
        if (!order)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return times->fit.n_bins;
}

/* On the rows set aside, on all where none were: does the new correction predict better? */
static enum calc_status compare(struct arena *arena, struct calc_key salt, double holdout,
                                struct times_fit *times)
{
    size_t n = times->n, n_held;
    struct calc_key *keys = ARENA_ARRAY(arena, n, struct calc_key);
    struct calc_split_row *scratch = ARENA_ARRAY(arena, n, struct calc_split_row);
    bool *held = ARENA_ARRAY(arena, n, bool);
    double *errors = ARENA_ARRAY(arena, 2 * n, double);
    for (size_t i = 0; i < n; i++)
        keys[i] = times->rows[i].key;
    enum calc_status status = calc_split_holdout(salt, keys, n, holdout, scratch, held, &n_held);
    for (size_t i = 0; i < n && status == CALC_OK; i++) {
        if (n_held && !held[i])
            continue;
        const struct calc_times_row *row = &times->rows[i];
        double x = calc_conformal_log_ratio(row->predicted, row->actual);
        const char *bin = arena_strndup(arena, row->bin.n ? row->bin.s : "", row->bin.n);
        double old = times->active ? pricing_time_theta(times->active, bin, NULL) : 0;
        size_t place = place_of(times, row->bin);
        double theta = place < times->fit.n_bins ? times->bins[place].theta : times->fit.model.mu;
        errors[times->n_compared] = fabs(x - theta);
        errors[n + times->n_compared++] = fabs(x - old);
    }
    /* ascending: the sums do not depend on the order of the rows */
    calc_order_sort_numbers(errors, times->n_compared);
    calc_order_sort_numbers(errors + n, times->n_compared);
    for (size_t i = 0; i < times->n_compared; i++) {
        times->error += errors[i] / (double)times->n_compared;
        times->error_active += errors[n + i] / (double)times->n_compared;
    }
    return status;
}

/* NUMERICS' last rung but one: without an interval of its own the fit keeps the active one's. */
static void keep_interval(struct times_fit *times)
{
    if (times->fit.interval.method != CALC_CONFORMAL_NONE || !times->active ||
        isnan(times->active->q))
        return;
    times->kept_interval = true;
    times->fit.interval.q = times->active->q;
    for (size_t i = 0; i < times->fit.n_bins; i++)
        times->bins[i].interval.q = times->active->q;
}

static bool bounded(const struct times_fit *times, const struct calc_conformal_group *group)
{
    return group->method != CALC_CONFORMAL_NONE || times->kept_interval;
}

static const char *method_text(const struct times_fit *times,
                               const struct calc_conformal_group *group)
{
    static const char *const texts[] = {[CALC_CONFORMAL_BIN] = "bin",
                                        [CALC_CONFORMAL_POOLED] = "pooled",
                                        [CALC_CONFORMAL_JACKKNIFE] = "jackknife+",
                                        [CALC_CONFORMAL_NONE] = "insufficient_data"};
    if (group->method == CALC_CONFORMAL_NONE && times->kept_interval)
        return "kept";
    return texts[group->method];
}

static void put_bin(struct buf *out, const struct times_fit *times,
                    const struct calc_times_bin *bin)
{
    json_object(out);
    json_key(out, "bin");
    json_text_len(out, bin->bin.n ? bin->bin.s : "", bin->bin.n);
    json_put_int(out, "n", (int64_t)bin->n);
    json_put_int(out, "n_holdout", (int64_t)bin->n_holdout);
    json_put_num12(out, "raw", bin->trained ? bin->raw : NAN);
    json_put_num12(out, "v", bin->trained ? bin->v : NAN);
    json_put_num12(out, "shrink", bin->trained ? bin->shrink : NAN);
    json_put_num12(out, "theta", bin->theta);
    json_put_num12(out, "sd", sqrt(bin->theta_var));
    json_put_num12(out, "multiplier", exp(bin->theta));
    json_put_num12(out, "q", bounded(times, &bin->interval) ? bin->interval.q : NAN);
    json_put_text(out, "method", method_text(times, &bin->interval));
    json_put_num12(out, "coverage",
                   bin->interval.method != CALC_CONFORMAL_NONE && bin->interval.n
                       ? bin->interval.coverage
                       : NAN);
    json_object_end(out);
}

/* The same model on every row, nothing set aside: to compare with other programs. */
static void put_all_rows(struct arena *arena, struct buf *out, const struct times_fit *times)
{
    size_t n = times->n, n_bins = times->fit.n_bins;
    double *x = ARENA_ARRAY(arena, n, double);
    size_t *start = ARENA_ARRAY(arena, n_bins + 1, size_t);
    size_t *at = ARENA_ARRAY(arena, n_bins + 1, size_t);
    struct calc_bias_bin *bins = ARENA_ARRAY(arena, n_bins, struct calc_bias_bin);
    double *scratch = ARENA_ARRAY(arena, calc_bias_scratch(n, n_bins), double);
    struct calc_bias_model model;
    for (size_t b = 0; b < n_bins; b++)
        at[b + 1] = start[b + 1] = start[b] + times->bins[b].n;
    for (size_t i = 0; i < n; i++) {
        size_t b = place_of(times, times->rows[i].bin);
        x[at[b]++] = calc_conformal_log_ratio(times->rows[i].predicted, times->rows[i].actual);
    }
    for (size_t b = 0; b < n_bins; b++)
        calc_order_sort_numbers(x + start[b], times->bins[b].n);
    json_key(out, "all_rows");
    if (calc_bias_fit(x, start, n_bins, scratch, bins, &model) != CALC_OK) {
        json_null(out);
        return;
    }
    json_object(out);
    json_put_num12(out, "mu", model.mu);
    json_put_num12(out, "mu_sd", sqrt(model.mu_var));
    json_put_num12(out, "tau2", model.tau2);
    json_put_num12(out, "sigma_log", model.sigma_log);
    json_key(out, "bins");
    json_array(out);
    for (size_t b = 0; b < n_bins && b < CALIBRATION_BINS_SHOWN; b++) {
        json_object(out);
        json_key(out, "bin");
        json_text_len(out, times->bins[b].bin.n ? times->bins[b].bin.s : "", times->bins[b].bin.n);
        json_put_int(out, "n", (int64_t)bins[b].n);
        json_put_num12(out, "raw", bins[b].raw);
        json_put_num12(out, "v", bins[b].v);
        json_put_num12(out, "shrink", bins[b].shrink);
        json_put_num12(out, "theta", bins[b].theta);
        json_put_num12(out, "sd", sqrt(bins[b].theta_var));
        json_put_num12(out, "multiplier", exp(bins[b].theta));
        json_object_end(out);
    }
    json_array_end(out);
    json_object_end(out);
}

static void put_fit(struct arena *arena, struct buf *out, const struct times_fit *times)
{
    const struct calc_times_fit *fit = &times->fit;
    json_put_text(out, "model", "bias");
    json_put_num12(out, "mu", fit->model.mu);
    json_put_num12(out, "mu_sd", sqrt(fit->model.mu_var));
    json_put_num12(out, "tau2", fit->model.tau2);
    json_put_num12(out, "sigma_log", fit->model.sigma_log);
    json_put_text(out, "method", method_text(times, &fit->interval));
    json_key(out, "bins");
    json_array(out);
    for (size_t i = 0; i < fit->n_bins && i < CALIBRATION_BINS_SHOWN; i++)
        put_bin(out, times, &times->bins[i]);
    json_array_end(out);
    json_key(out, "held_out");
    json_object(out);
    json_put_int(out, "n", (int64_t)fit->n_holdout);
    json_put_num12(out, "mape", fit->n_holdout ? fit->holdout_mape : NAN);
    json_put_num12(out, "median_log", fit->n_holdout ? fit->holdout_median_log : NAN);
    json_object_end(out);
    json_key(out, "gate");
    json_object(out);
    json_put_int(out, "rows", (int64_t)times->n_compared);
    json_put_num12(out, "mean_abs_log", times->error);
    json_put_num12(out, "mean_abs_log_active", times->error_active);
    json_object_end(out);
    put_all_rows(arena, out, times);
}

static struct field_raw pack(struct arena *arena, const struct calibration_call *call,
                             const struct times_fit *times)
{
    const struct calc_times_fit *fit = &times->fit;
    struct times_model_bin *bins = ARENA_ARRAY(arena, fit->n_bins, struct times_model_bin);
    for (size_t i = 0; i < fit->n_bins; i++) {
        const struct calc_times_bin *bin = &times->bins[i];
        const struct calc_conformal_group *sized =
            bin->interval.method == CALC_CONFORMAL_BIN ? &bin->interval : &fit->interval;
        bins[i] = (struct times_model_bin){
            .bin = arena_strndup(arena, bin->bin.n ? bin->bin.s : "", bin->bin.n),
            .theta = bin->theta,
            .q = bounded(times, &bin->interval) ? bin->interval.q : NAN,
            .n = (int64_t)sized->n,
        };
    }
    const struct times_model model = {
        .mu = fit->model.mu,
        .sigma_log = fit->model.sigma_log,
        .alpha = call->alpha,
        .q = bounded(times, &fit->interval) ? fit->interval.q : NAN,
        .n = (int64_t)fit->interval.n,
        .bins = {bins, fit->n_bins},
    };
    return field_present(arena, &shape_times_model, &model);
}

static void judge(struct arena *arena, const struct calibration_call *call,
                  const struct times_fit *times, struct calibration_result *result)
{
    const char *metric = metric_text(call->metric);
    if (!times->n) {
        result->status = STATUS_INSUFFICIENT;
        result->message = "There is no evidence that could be fitted.";
    } else if (times->n < ROWS_NEEDED) {
        result->status = STATUS_INSUFFICIENT;
        result->message = arena_printf(arena,
                                       "Too few observations to tell a correction from chance "
                                       "(%zu); they are kept.",
                                       times->n);
    } else if (!bounded(times, &times->fit.interval)) {
        result->status = STATUS_INSUFFICIENT;
        result->message =
            arena_printf(arena,
                         "%zu observations cannot carry an interval at alpha %g: that takes %zu; "
                         "they are kept.",
                         times->n, call->alpha, calc_conformal_min_rows(call->alpha));
    } else if (!(times->error < times->error_active)) {
        result->status = STATUS_NOT_IMPROVED;
        result->message = arena_printf(
            arena,
            "The new fit of %s does not predict the rows set aside better than what is "
            "active; the evidence is kept, the active calibration stays.",
            metric);
    } else {
        result->status = STATUS_ACTIVATED;
        result->message = arena_printf(
            arena, "Planned times (%s) are now multiplied by what %zu observations say.", metric,
            times->n);
    }
}

static void report(struct arena *arena, const struct calibration_call *call,
                   const struct times_fit *times, struct calibration_result *result)
{
    const struct calc_times_fit *fit = &times->fit;
    struct buf out = {0};
    json_object(&out);
    if (times->n)
        put_fit(arena, &out, times);
    left_out_write(&out, &times->left_out);
    if (call->notes)
        json_put_text(&out, "notes", call->notes);
    json_object_end(&out);
    result->fit = field_raw_take(arena, &out);
    result->alpha = call->alpha;
    result->scope = SCOPE_TEXT_ENVIRONMENT;
    result->env_id = call->env;
    result->target_metric = metric_text(call->metric);
    result->samples_applied = (int64_t)times->n;
    result->n_train = (int64_t)fit->n_train;
    result->n_holdout = (int64_t)fit->n_holdout;
    result->n_calibration = (int64_t)fit->interval.n;
    if (times->n) {
        result->residual_sigma_log = fit->model.sigma_log;
        if (bounded(times, &fit->interval))
            result->q_alpha = fit->interval.q;
        if (fit->interval.method != CALC_CONFORMAL_NONE)
            result->observed_coverage = fit->interval.coverage;
    }
    judge(arena, call, times, result);
    result->message = left_out_tell(arena, result->message, &times->left_out);
}

static enum err load_active(struct request *request, const struct calibration_step *step,
                            struct times_fit *times)
{
    struct field_raw posterior;
    if (uuid_is_nil(&step->active.run))
        return ERR_OK;
    enum err err = store_run_posterior(request->db, request->arena, step->call->org,
                                       step->call->env, step->active.run, &posterior);
    if (err)
        return err;
    struct times_model *model = ARENA_NEW(request->arena, struct times_model);
    field_read_stored(request->arena, &shape_times_model, model, &posterior);
    times->active = model;
    return ERR_OK;
}

enum err calibration_times_step(struct request *request, struct calibration_step *step)
{
    struct calibration_call *call = step->call;
    struct arena *arena = request->arena;
    struct times_fit *times = ARENA_NEW(arena, struct times_fit);
    const struct calc_key salt = {metric_text(call->metric), strlen(metric_text(call->metric))};
    step->slot = metric_text(call->metric);
    enum err err = calibration_gather(request, step);
    if (err)
        return err;
    crypto_generichash_state state;
    calibration_basis(step, &state);
    crypto_generichash_final(&state, step->run.basis, RUN_BASIS);
    err = calibration_again(request, step);
    if (err || step->again)
        return err;
    err = load_active(request, step, times);
    if (err)
        return err;
    load_rows(arena, step, times);
    if (times->n) {
        void *scratch = arena_alloc(arena, calc_times_scratch(times->n));
        times->bins = ARENA_ARRAY(arena, times->n, struct calc_times_bin);
        enum calc_status status = calc_times_fit(salt, times->rows, times->n, call->alpha,
                                                 call->holdout, scratch, times->bins, &times->fit);
        if (status == CALC_OK)
            status = compare(arena, salt, call->holdout, times);
        if (status == CALC_UNDEFINED) {
            request_flaw(request, call->list, "out_of_range",
                         "observations of %s are so far from what was predicted that no factor "
                         "leads from one to the other",
                         metric_text(call->metric));
            return ERR_VALIDATION_ERROR;
        }
        if (status != CALC_OK)
            return request_fail(request, ERR_INTERNAL, NULL);
        keep_interval(times);
    }
    step->result = call->result;
    step->result.samples = (int64_t)step->set.n;
    report(arena, call, times, &step->result);
    step->keep = times->n > 0;
    step->activate = status_is(step->result.status, STATUS_ACTIVATED);
    if (step->keep) {
        step->run.id = uuid_v7();
        step->run.posterior = pack(arena, call, times);
        step->run.posterior_count = 1 + (int64_t)times->fit.n_bins;
    }
    return ERR_OK;
}
