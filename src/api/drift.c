/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Observations compared with the active calibration, as they arrive. */
#include "drift.h"

#include "arena.h"
#include "calc_conformal.h"
#include "calc_drift.h"
#include "calibration.h"
#include "calibration_input.h"
#include "pricing.h"
#include "store_drift.h"

#include <stdlib.h>
#include <string.h>

#define STATE_VERSION 2

/* Of one bin, as it is stored; little-endian, as every record. */
struct state {
    uint32_t version, reserved;
    struct calc_drift_cusum cusum;
    struct calc_drift_page page;
    uint64_t m, misses; /* rows with an interval, and those outside */
    uint64_t n_scores;  /* fewest scores that sized an interval used here */
    double alpha;
    struct uuid interval; /* recalibrated one that these concern; nil: the fit's own */
};
_Static_assert(sizeof(struct state) <= DRIFT_STATE_BYTES, "a state fits its column");

struct context {
    struct request *request;
    struct uuid org, env, run;
    enum metric metric;
};

/* One observation against the active fit. */
struct residual {
    const char *bin;
    struct evidence_hash natural;
    double x, scale; /* ln(actual/predicted) - theta; its standard deviation */
    bool bounded, outside;
    size_t n_scores;
    double alpha;
    struct uuid interval;
};

static int by_bin_natural(const void *a, const void *b)
{
    const struct residual *x = a, *y = b;
    int order = strcmp(x->bin, y->bin);
    return order ? order : memcmp(&x->natural, &y->natural, sizeof x->natural);
}

static size_t times_residuals(const struct times_model *model, const struct evidence *const *rows,
                              size_t n, struct residual *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct times_model_bin *bin;
        double theta = pricing_time_theta(model, rows[i]->bin, &bin);
        double x = calc_conformal_log_ratio(rows[i]->predicted, rows[i]->actual) - theta;
        double q = bin ? bin->q : model->q;
        out[i] = (struct residual){
            .bin = rows[i]->bin,
            .natural = rows[i]->natural,
            .x = x,
            .scale = model->sigma_log,
            .bounded = !isnan(q),
            .outside = fabs(x) > q,
            .n_scores = (size_t)(bin ? bin->n : model->n),
            .alpha = model->alpha,
        };
    }
    return n;
}

/* The scores that sized a group's interval; 0 where it is borrowed, which promises no coverage. */
static size_t scores_of(const struct calc_driver_view *view, const struct calc_driver_group *group)
{
    size_t seen = 0;
    switch (group->method) {
    case CALC_DRIVER_OWN:
        return group->units;
    case CALC_DRIVER_ALL_BINS:
        return view->n_units;
    case CALC_DRIVER_ALL_SEEN:
        for (size_t i = CALC_DRIVER_PART4; i <= CALC_DRIVER_PART1; i++)
            seen += calc_driver_view_group(view, i).units;
        return seen;
    default:
        return 0;
    }
}

/* The environment's recalibrated interval, where there is one, is what quotes carry. */
static void take_interval(const struct pricing_models *models, struct residual *residual)
{
    residual->bounded = true;
    residual->outside = fabs(residual->x) > models->interval->q;
    residual->n_scores = (size_t)models->interval->n;
    residual->alpha = models->interval->alpha;
    residual->interval = models->interval_run;
}

/* Rows are by natural key, as calls bring them. */
static bool is_among(const struct evidence *const *rows, size_t n, const struct evidence *row)
{
    return bsearch(&row, rows, n, sizeof *rows, evidence_at_by_natural) != NULL;
}

/* What is stored of the parts that rows on a learning curve are of. */
static enum err find_stored(const struct context *context, const struct pricing_models *models,
                            const struct evidence *const *rows, size_t n,
                            struct evidence_stored *stored)
{
    struct arena *arena = context->request->arena;
    struct uuid *parts = ARENA_ARRAY(arena, n, struct uuid);
    struct input_revisions distinct;
    size_t n_parts = 0;
    for (size_t i = 0; i < n; i++)
        if (pricing_curve(models, &rows[i]->revision))
            parts[n_parts++] = rows[i]->part;
    input_distinct(arena, parts, sizeof *parts, n_parts, &distinct);
    if (!distinct.n)
        return ERR_OK;
    return store_evidence_priced(context->request->db, arena, context->org, context->env,
                                 context->metric, distinct.ids, distinct.n, stored);
}

/* The rows first and, where a learning curve is active, what is stored of its revision: what a
   piece costs depends on how many were made before. */
static enum err gather(const struct context *context, const struct pricing_models *models,
                       const struct evidence *const *rows, size_t n, struct evidence_set *set)
{
    struct evidence_stored stored = {.n = 0};
    enum err err = models->n_curves ? find_stored(context, models, rows, n, &stored) : ERR_OK;
    *set = (struct evidence_set){
        .rows = ARENA_ARRAY(context->request->arena, n + stored.n, const struct evidence *)};
    for (size_t i = 0; i < n; i++)
        set->rows[set->n++] = rows[i];
    for (size_t i = 0; i < stored.n; i++) {
        const struct evidence *row = &stored.rows[i];
        if (pricing_curve(models, &row->revision) && !is_among(rows, n, row))
            set->rows[set->n++] = row;
    }
    return err;
}

static enum err unit_residuals(const struct context *context, const struct pricing_active *active,
                               const struct evidence *const *rows, size_t n, struct residual *out,
                               size_t *n_out)
{
    struct request *request = context->request;
    struct pricing_models models;
    struct calibration_rows priced;
    struct evidence_set set;
    enum err err = pricing_models(request, context->env, &models);
    if (!err)
        err = gather(context, &models, rows, n, &set);
    if (!err)
        err = calibration_price(request, context->env, &models, &set, &priced);
    if (err)
        return err;
    *n_out = 0;
    for (size_t i = 0; i < priced.n; i++) {
        struct calc_driver_site site;
        struct calc_driver_prediction p;
        const struct evidence *row = priced.evidence[i];
        if ((set.n > n && !is_among(rows, n, row)) ||
            calc_driver_predict(&active->view, &priced.rows[i], &site, &p) != CALC_OK)
            continue;
        struct calc_driver_group group = calc_driver_view_group(&active->view, site.group);
        double y = log(row->actual);
        out[(*n_out)++] = (struct residual){
            .bin = row->bin,
            .natural = row->natural,
            .x = y - p.log_median,
            .scale = p.sigma,
            .bounded = p.bounded,
            .outside = y < p.log_lower || y > p.log_upper,
            .n_scores = scores_of(&active->view, &group),
            .alpha = active->view.alpha,
        };
        if (models.interval && !models.interval_platform)
            take_interval(&models, &out[*n_out - 1]);
    }
    return ERR_OK;
}

/* The worst the rows of one call led to: what a later one made good again has signalled all the
   same. */
struct peak {
    enum calc_drift_severity severity;
    double bias, shift; /* C/h and its shift in log, at n observations */
    uint64_t n;
    double page; /* ratio of the Page-Hinkley test */
};

static void keep_peak(struct peak *peak, const struct state *state, double scale)
{
    struct calc_drift_reading reading;
    calc_drift_cusum_read(&state->cusum, &reading);
    double shift = reading.shift_z * scale;
    enum calc_drift_severity severity = calc_drift_severity_ratio(reading.ratio, shift);
    if (severity < peak->severity || (severity == peak->severity && reading.ratio <= peak->bias))
        return;
    peak->severity = severity;
    peak->bias = reading.ratio;
    peak->shift = shift;
    peak->n = state->cusum.n;
}

static void feed(struct state *state, const struct residual *residual, struct peak *peak)
{
    double z = residual->x / residual->scale, ratio, capped;
    size_t k;
    if (!isfinite(z))
        return;
    capped = fmax(-CALC_DRIFT_Z_MAX, fmin(CALC_DRIFT_Z_MAX, z));
    calc_drift_cusum_update(&state->cusum, capped);
    keep_peak(peak, state, residual->scale);
    if (calc_drift_page_update(&state->page, capped, 1, &ratio) == CALC_OK) {
        peak->page = fmax(peak->page, ratio);
        if (ratio > 1)
            calc_drift_page_init(&state->page);
    }
    if (!uuid_equal(&state->interval, &residual->interval)) {
        /* what another interval missed says nothing of this one */
        state->interval = residual->interval;
        state->m = state->misses = state->n_scores = 0;
    }
    if (!residual->bounded ||
        calc_conformal_rank(residual->n_scores, residual->alpha, &k) != CALC_OK)
        return;
    state->m++;
    state->misses += residual->outside;
    if (!state->n_scores || residual->n_scores < state->n_scores)
        state->n_scores = residual->n_scores;
    state->alpha = residual->alpha;
}

/* What the signal says is set; nothing is stored of one that is none. */
static enum err raise_alert(const struct context *context, struct store_drift_alert alert)
{
    if (alert.severity == CALC_DRIFT_NONE)
        return ERR_OK;
    alert.id = uuid_v7();
    alert.metric = context->metric;
    alert.opened_at = context->request->now;
    return store_drift_alert(context->request->db, context->org, context->env, &alert);
}

static enum err judge(const struct context *context, const char *bin, const struct state *state,
                      const struct peak *peak)
{
    double p;
    size_t k;
    enum err err = raise_alert(context, (struct store_drift_alert){.run = context->run,
                                                                   .bin = bin,
                                                                   .signal = "bias",
                                                                   .severity = peak->severity,
                                                                   .statistic = peak->bias,
                                                                   .log_shift = peak->shift,
                                                                   .n = (int64_t)peak->n});
    if (!err)
        err = raise_alert(context, (struct store_drift_alert){
                                       .run = context->run,
                                       .bin = bin,
                                       .signal = "shift",
                                       .severity = calc_drift_severity_ratio(peak->page, 0),
                                       .statistic = peak->page,
                                       .log_shift = NAN,
                                       .n = (int64_t)state->cusum.n});
    if (!err && state->m && calc_conformal_rank(state->n_scores, state->alpha, &k) == CALC_OK &&
        calc_drift_coverage_p(state->misses, state->m, state->n_scores, k, &p) == CALC_OK)
        err = raise_alert(context,
                          (struct store_drift_alert){
                              .run = uuid_is_nil(&state->interval) ? context->run : state->interval,
                              .bin = bin,
                              .signal = "coverage",
                              .severity = calc_drift_severity_p(p, 0),
                              .statistic = p,
                              .log_shift = NAN,
                              .n = (int64_t)state->m});
    return err;
}

static struct state *find_state(struct arena *arena, const struct context *context,
                                const struct store_drift_state *stored, size_t n, const char *bin)
{
    struct state *state = ARENA_NEW(arena, struct state);
    state->version = STATE_VERSION;
    calc_drift_page_init(&state->page);
    for (size_t i = 0; i < n; i++) {
        const struct field_raw *raw = &stored[i].state;
        struct state known;
        if (strcmp(stored[i].bin, bin) != 0 || !uuid_equal(&stored[i].run, &context->run) ||
            raw->len != sizeof known)
            continue;
        memcpy(&known, raw->text, sizeof known);
        if (known.version == STATE_VERSION)
            *state = known;
    }
    return state;
}

static enum err update(const struct context *context, struct residual *residuals, size_t n)
{
    struct request *request = context->request;
    struct store_drift_state *stored, *saved;
    size_t n_stored, n_saved = 0;
    enum err err = store_drift_states(request->db, request->arena, context->org, context->env,
                                      context->metric, &stored, &n_stored);
    if (err)
        return err;
    saved = ARENA_ARRAY(request->arena, n, struct store_drift_state);
    qsort(residuals, n, sizeof *residuals, by_bin_natural);
    for (size_t i = 0; i < n && !err;) {
        const char *bin = residuals[i].bin;
        struct state *state = find_state(request->arena, context, stored, n_stored, bin);
        struct peak peak = {0};
        for (; i < n && !strcmp(residuals[i].bin, bin); i++)
            feed(state, &residuals[i], &peak);
        saved[n_saved++] =
            (struct store_drift_state){bin, context->run, {(const char *)state, sizeof *state}};
        err = judge(context, bin, state, &peak);
    }
    return err ? err
               : store_drift_save(request->db, context->org, context->env, context->metric, saved,
                                  n_saved, request->now);
}

enum err drift_observe(struct request *request, struct uuid org, struct uuid env,
                       enum metric metric, const struct evidence *rows, size_t n, bool known)
{
    struct context context = {request, org, env, {{0}}, metric};
    if (!n || metric == METRIC_MACHINE_CHOICE || uuid_equal(&org, &store_platform_org))
        return ERR_OK;
    struct active slot;
    enum err err = store_active_find(request->db, org, env, metric_text(metric), &slot);
    if (err || uuid_is_nil(&slot.run))
        return err;
    context.run = slot.run;
    const struct evidence **fresh = ARENA_ARRAY(request->arena, n, const struct evidence *);
    size_t n_fresh = 0;
    /* rows that replaced themselves have the time they had */
    for (size_t i = 0; i < n; i++)
        if (rows[i].received_at == request->now)
            fresh[n_fresh++] = &rows[i];
    if (known)
        err = store_evidence_arrived(request->db, org, env, metric, request->now, fresh, &n_fresh);
    if (err || !n_fresh)
        return err;
    n = n_fresh;
    struct residual *residuals = ARENA_ARRAY(request->arena, n, struct residual);
    if (metric == METRIC_UNIT_COST) {
        const struct pricing_active *active;
        err = pricing_active_run(request, env, slot.run, &active);
        if (!err)
            err = unit_residuals(&context, active, fresh, n, residuals, &n);
    } else {
        struct pricing_models models = {0};
        err = pricing_models(request, env, &models);
        const struct times_model *model =
            models.times[metric == METRIC_CYCLE_TIME ? PRICING_CYCLE : PRICING_SETUP];
        n = model ? times_residuals(model, fresh, n, residuals) : 0;
    }
    return err ? err : update(&context, residuals, n);
}
