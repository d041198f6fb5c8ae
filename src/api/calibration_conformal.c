/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conformal-recalibrate: a new interval around predictions that stay as they are. */
#include "api.h"

#include "arena.h"
#include "calc_conformal.h"
#include "calc_hash.h"
#include "calibrate_shapes.h"
#include "calibration_input.h"
#include "field_present.h"
#include "intern.h"
#include "observe_shapes.h"
#include "pricing.h"
#include "scope.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* What became of one prediction, hashed as it stands. It is in logarithms: a model may multiply a
   prediction beyond the range of numbers. */
struct pair {
    uint64_t bin;
    double residual; /* ln(actual/predicted) */
};

struct pairs {
    struct pair *at;
    size_t n, considered;
    struct intern names; /* of the bins, as they come */
    const char **bins;   /* of them bytewise: what the pairs' bin counts, once numbered */
    size_t n_bins;
    struct left_out left_out;
};

static void pairs_new(struct arena *arena, struct pairs *pairs, size_t most)
{
    pairs->at = ARENA_ARRAY(arena, most, struct pair);
    pairs->considered = most;
    intern_init(&pairs->names, arena);
}

static void pairs_add(struct pairs *pairs, const char *bin, double residual)
{
    const char *name = bin ? bin : "";
    pairs->at[pairs->n++] = (struct pair){intern_put(&pairs->names, name, strlen(name)), residual};
}

static int by_text(const void *a, const void *b)
{
    const struct intern_entry *const *x = a, *const *y = b;
    return strcmp((*x)->text, (*y)->text);
}

static void number_bins(struct arena *arena, struct pairs *pairs)
{
    const struct intern *names = &pairs->names;
    const struct intern_entry **sorted = ARENA_ARRAY(arena, names->n, const struct intern_entry *);
    size_t *place = ARENA_ARRAY(arena, names->n, size_t);
    pairs->bins = ARENA_ARRAY(arena, names->n, const char *);
    pairs->n_bins = names->n;
    for (uint32_t i = 0; i < names->n; i++)
        sorted[i] = &names->entries[i];
    qsort(sorted, names->n, sizeof *sorted, by_text);
    for (uint32_t i = 0; i < names->n; i++) {
        place[sorted[i] - names->entries] = i;
        pairs->bins[i] = sorted[i]->text;
    }
    for (size_t i = 0; i < pairs->n; i++)
        pairs->at[i].bin = place[pairs->at[i].bin];
}

static void take_samples(struct arena *arena, const struct field_list *samples, struct pairs *pairs)
{
    const struct sample_row *rows = samples->at;
    pairs_new(arena, pairs, samples->n);
    for (size_t i = 0; i < samples->n; i++)
        pairs_add(pairs, rows[i].bin, calc_conformal_log_ratio(rows[i].predicted, rows[i].actual));
}

/* Unit cost: what the model says of each row without that row. Predictions of rows that were fitted
   would be too close to be told from. */
static enum err take_unit_cost(struct request *request, const struct calibration_step *step,
                               bool has_active, struct pairs *pairs)
{
    struct pricing_models models;
    struct calibration_rows *rows = ARENA_NEW(request->arena, struct calibration_rows);
    struct calibration_fit *fitted = ARENA_NEW(request->arena, struct calibration_fit);
    enum err err = pricing_models(request, step->call->env, &models);
    if (!err)
        err = calibration_price(request, step->call->env, &models, &step->set, rows);
    if (!err && has_active)
        err = calibration_fit(request, step->call, rows, NULL, fitted);
    if (err)
        return err;
    pairs->left_out = rows->left_out;
    const struct calc_driver_fit *fit = &fitted->fit;
    for (size_t i = 0; i < rows->n; i++) {
        size_t at = i;
        double r;
        if (has_active) {
            at = fit->set->order[i];
            r = fit->history[i] ? fit->part_r[i] : fit->bin_r[i];
        } else {
            const struct calc_driver_row *row = &rows->rows[i];
            double sum = row->c[0] + row->c[1] + row->c[2] + row->c[3];
            r = calc_conformal_log_ratio(sum > 0 ? sum : row->predicted, row->actual);
        }
        pairs_add(pairs, rows->evidence[at]->bin, r);
    }
    return ERR_OK;
}

/* Platform rows as they are; times by what the active fit multiplies them with. */
static enum err take_predicted(struct request *request, const struct calibration_step *step,
                               bool platform, struct pairs *pairs)
{
    struct pricing_models models = {0};
    const struct times_model *model = NULL;
    enum err err = platform ? ERR_OK : pricing_models(request, step->call->env, &models);
    if (step->call->metric != METRIC_UNIT_COST)
        model =
            models.times[step->call->metric == METRIC_CYCLE_TIME ? PRICING_CYCLE : PRICING_SETUP];
    for (size_t i = 0; i < step->set.n && !err; i++) {
        const struct evidence *row = step->set.rows[i];
        if (strcmp(row->model_version, PRICING_MODEL_VERSION) != 0) {
            left_out_add(&pairs->left_out, LEFT_OUT_VERSION, 1);
            continue;
        }
        double theta = model ? pricing_time_theta(model, row->bin, NULL) : 0;
        pairs_add(pairs, row->bin, calc_conformal_log_ratio(row->predicted, row->actual) - theta);
    }
    return err;
}

static enum err take_evidence(struct request *request, struct calibration_step *step, bool platform,
                              struct pairs *pairs)
{
    struct calibration_call *call = step->call;
    call->with_pending = platform;
    /* evidence belongs to the metric's slot, which must not change meanwhile */
    step->check_slot = metric_text(call->metric);
    enum err err =
        store_active_find(request->db, call->org, call->env, step->check_slot, &step->check);
    if (!err)
        err = calibration_evidence(request, step, true);
    if (!err)
        err = store_active_find(request->db, call->org, call->env, step->slot, &step->active);
    if (err)
        return err;
    pairs_new(request->arena, pairs, step->set.n);
    err = call->metric == METRIC_UNIT_COST && !platform
              ? take_unit_cost(request, step, !uuid_is_nil(&step->check.run), pairs)
              : take_predicted(request, step, platform, pairs);
    left_out_add(&pairs->left_out, LEFT_OUT_OLDER, (size_t)step->set.older);
    return err;
}

static void put_bins(struct buf *out, const struct pairs *pairs,
                     const struct calc_conformal_group *groups)
{
    json_key(out, "bins");
    json_array(out);
    for (size_t i = 0; i < pairs->n_bins && i < CALIBRATION_BINS_SHOWN; i++) {
        bool own = groups[i].method == CALC_CONFORMAL_BIN;
        json_object(out);
        json_put_text(out, "bin", pairs->bins[i]);
        json_put_int(out, "n", (int64_t)groups[i].n);
        json_put_num12(out, "q", own ? groups[i].q : NAN);
        json_put_num12(out, "coverage",
                       groups[i].method == CALC_CONFORMAL_NONE ? NAN : groups[i].coverage);
        json_object_end(out);
    }
    json_array_end(out);
}

/* k: the rank that sizes the interval; 0: the pairs carry none. */
static struct field_raw fit_text(struct arena *arena, const struct pairs *pairs,
                                 const struct calc_conformal_group *groups, double alpha, size_t k,
                                 const double limits[2])
{
    struct buf out = {0};
    json_object(&out);
    json_put_text(&out, "method", "split");
    json_put_int(&out, "n", (int64_t)pairs->n);
    json_put_int(&out, "n_min", (int64_t)calc_conformal_min_rows(alpha));
    if (k) {
        json_put_int(&out, "k", (int64_t)k);
        json_put_num12(&out, "asymmetric_lo", limits[0]);
        json_put_num12(&out, "asymmetric_hi", limits[1]);
    }
    put_bins(&out, pairs, groups);
    left_out_write(&out, &pairs->left_out);
    json_object_end(&out);
    return field_raw_take(arena, &out);
}

/* Nothing is borrowed: what all pairs together cannot carry stays as it is. */
static enum err report(struct request *request, struct calibration_step *step,
                       const struct pairs *pairs)
{
    struct arena *arena = request->arena;
    const double alpha = step->call->alpha;
    const size_t n = pairs->n;
    struct calibration_result *result = &step->result;
    struct calc_conformal_row *rows = ARENA_ARRAY(arena, n, struct calc_conformal_row);
    struct calc_conformal_group all,
        *groups = ARENA_ARRAY(arena, pairs->n_bins, struct calc_conformal_group);
    double *residuals = ARENA_ARRAY(arena, n, double), limits[2] = {NAN, NAN};
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        residuals[i] = pairs->at[i].residual;
        rows[i] = (struct calc_conformal_row){pairs->at[i].bin, fabs(residuals[i])};
    }
    calc_conformal_asymmetric(residuals, n, alpha, &limits[0], &limits[1]); /* may be none */
    if (calc_conformal_mondrian(rows, n, alpha, residuals, groups, pairs->n_bins, &all) != CALC_OK)
        return request_fail(request, ERR_INTERNAL, NULL);
    bool carried = calc_conformal_rank(n, alpha, &k) == CALC_OK;
    result->fit = fit_text(arena, pairs, groups, alpha, carried ? k : 0, limits);
    result->samples = (int64_t)pairs->considered;
    result->samples_applied = result->n_calibration = (int64_t)n;
    if (!carried) {
        result->status = STATUS_INSUFFICIENT;
        result->message = arena_printf(
            arena, "%zu rows cannot carry alpha %g: that takes %zu. The active interval stays.", n,
            alpha, calc_conformal_min_rows(alpha));
        return ERR_OK;
    }
    const struct interval_model model = {alpha, all.q, (int64_t)n, (int64_t)k};
    result->status = STATUS_ACTIVATED;
    result->message = arena_printf(arena,
                                   "The interval of %s is now the prediction times "
                                   "e^-q .. e^q, q from %zu rows.",
                                   metric_text(step->call->metric), n);
    result->q_alpha = all.q;
    result->observed_coverage = all.coverage;
    step->run.posterior = field_present(arena, &shape_interval_model, &model);
    step->activate = true;
    return ERR_OK;
}

/* Equal pairs have one basis, in whatever order they come: what goes into it is the sum of their
   hashes. That a hash is fast is enough: nobody but the caller could make two of its own calls look
   equal. */
static void hash_pairs(struct calibration_step *step, const struct pairs *pairs)
{
    crypto_generichash_state state;
    uint64_t sum[2] = {0};
    for (size_t i = 0; i < pairs->n; i++) {
        uint64_t words[2];
        memcpy(words, &pairs->at[i], sizeof words);
        uint64_t hash = calc_hash_mix(calc_hash_mix(words[0]) ^ words[1]);
        sum[0] += hash;
        sum[1] += calc_hash_mix(~hash);
    }
    calibration_basis(step, &state);
    for (size_t i = 0; i < pairs->n_bins; i++)
        crypto_generichash_update(&state, (const uint8_t *)pairs->bins[i],
                                  strlen(pairs->bins[i]) + 1);
    crypto_generichash_update(&state, (const uint8_t *)&pairs->n, sizeof pairs->n);
    crypto_generichash_update(&state, (const uint8_t *)sum, sizeof sum);
    crypto_generichash_final(&state, step->run.basis, RUN_BASIS);
}

enum err calibration_recalibrate(struct request *request)
{
    const struct recalibrate_body *body = request->body;
    struct calibration_step *step = ARENA_NEW(request->arena, struct calibration_step);
    struct calibration_call call;
    struct scope_place place;
    struct pairs pairs = {0};
    enum err err = scope_place(request, body->scope, body->env_id, &place);
    if (err)
        return err;
    input_begin(request, &call, "conformal_recalibrate", "", "samples", 0);
    call.org = place.org;
    call.env = place.env;
    call.metric = metric_find(body->target_metric);
    call.alpha = body->target_alpha;
    call.holdout = INPUT_HOLDOUT;
    step->call = &call;
    step->slot = arena_printf(request->arena, SLOT_INTERVAL "%s", body->target_metric);
    if (body->samples.at) {
        take_samples(request->arena, &body->samples, &pairs);
        call.result.ingested = call.result.matched = (int64_t)pairs.n;
        err = store_active_find(request->db, call.org, call.env, step->slot, &step->active);
    } else {
        err = take_evidence(request, step, place.platform, &pairs);
    }
    if (err)
        return err;
    number_bins(request->arena, &pairs);
    hash_pairs(step, &pairs);
    err = calibration_again(request, step);
    if (err)
        return err;
    if (!step->again) {
        step->result = call.result;
        step->result.alpha = call.alpha;
        step->result.scope = body->scope;
        if (!place.platform)
            step->result.env_id = call.env;
        step->result.target_metric = body->target_metric;
        err = report(request, step, &pairs);
        if (err)
            return err;
        step->result.message = left_out_tell(request->arena, step->result.message, &pairs.left_out);
        step->keep = true;
        step->run.id = uuid_v7();
    }
    return calibration_finish(request, &step, 1, &step->result);
}
