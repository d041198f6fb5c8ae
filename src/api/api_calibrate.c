/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auto-calibrate, auto-calibrate-from-erp, teach: rows of the wire become evidence. */
#include "api.h"

#include "arena.h"
#include "calibrate_shapes.h"
#include "calibration_input.h"
#include "search.h"

#include <stdlib.h>
#include <string.h>

static double number_or_none(int64_t value)
{
    return value == INT_NONE ? NAN : (double)value;
}

static void set_options(struct calibration_call *call, const struct calibrate_options *options)
{
    call->alpha = options->target_alpha;
    call->holdout = options->holdout_pct;
    call->replace = !strcmp(options->mode, "replace");
}

enum err calibration_auto(struct request *request)
{
    const struct auto_calibrate_body *body = request->body;
    const struct actual_row *rows = body->actuals.at;
    size_t n = body->actuals.n;
    struct input_revisions revisions;
    enum err err = input_environment(request);
    if (!err)
        err = input_revisions(request, request->id[0], n ? &rows[0].part_revision_id : NULL, NULL,
                              sizeof *rows, n, INPUT_QUOTED, &revisions);
    if (err)
        return err;
    struct calibration_call call;
    input_begin(request, &call, "auto_calibrate", "auto_calibrate", "actuals", n);
    set_options(&call, &body->options);
    for (size_t i = 0; i < n; i++) {
        struct evidence_new *new = &call.rows[call.n];
        *new = input_row(request, call.source, i);
        if (!input_priced(&revisions, &rows[i].part_revision_id, new))
            continue;
        new->row.bin = rows[i].bin ? rows[i].bin : "";
        new->row.reference = rows[i].external_ref;
        new->row.lot_size = (double)rows[i].lot_size;
        new->row.annual_volume = (double)rows[i].annual_volume;
        new->row.tooling_units = number_or_none(rows[i].tooling_lifetime_units);
        new->row.actual = rows[i].actual_unit_cost;
        input_date(new, rows[i].occurred_on);
        call.n++;
    }
    call.result.matched = call.result.ingested = (int64_t)call.n;
    call.result.unmatched_part_ids = input_missed(request->arena, &revisions);
    return calibration_unit_cost(request, &call);
}

static struct field_list distinct_texts(const char **texts, size_t n)
{
    qsort(texts, n, sizeof *texts, search_texts);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!kept || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    return (struct field_list){texts, kept};
}

enum err calibration_from_erp(struct request *request)
{
    const struct from_erp_body *body = request->body;
    const struct work_order_row *rows = body->work_orders.at;
    struct arena *arena = request->arena;
    size_t n = body->work_orders.n, n_unknown = 0;
    enum err err = input_environment(request);
    if (err)
        return err;
    const char **numbers = ARENA_ARRAY(arena, n, const char *);
    const char **unknown = ARENA_ARRAY(arena, n, const char *);
    struct store_part_ref *refs = ARENA_ARRAY(arena, n, struct store_part_ref);
    for (size_t i = 0; i < n; i++)
        numbers[i] = rows[i].part_number;
    err = store_part_resolve(request->db, arena, request->caller.org, numbers, n, refs);
    if (err)
        return err;
    struct calibration_call call;
    input_begin(request, &call, "auto_calibrate_from_erp", "erp", "work_orders", n);
    set_options(&call, &body->options);
    for (size_t i = 0; i < n; i++) {
        if (uuid_is_nil(&refs[i].revision_id)) {
            unknown[n_unknown++] = rows[i].part_number;
            continue;
        }
        struct evidence_new *new = &call.rows[call.n++];
        *new = input_row(request, call.source, i);
        new->row.part = refs[i].part_id;
        new->row.revision = refs[i].revision_id;
        new->row.bin = rows[i].bin ? rows[i].bin : "";
        new->row.reference = rows[i].work_order_id;
        new->row.lot_size = rows[i].quantity;
        new->row.annual_volume = number_or_none(rows[i].annual_forecast);
        if (isnan(new->row.annual_volume))
            new->row.annual_volume = INPUT_ANNUAL_VOLUME;
        new->row.actual = rows[i].total_cost / rows[i].quantity;
        input_date(new, rows[i].occurred_on);
    }
    call.result.work_orders_received = (int64_t)n;
    call.result.work_orders_resolved = (int64_t)call.n;
    call.result.matched = call.result.ingested = (int64_t)call.n;
    call.result.unknown_part_numbers = distinct_texts(unknown, n_unknown);
    return calibration_unit_cost(request, &call);
}

/* A time is what the planner said, not what a quote said: it only needs a known revision. */
static bool teach_time(struct input_revisions *revisions, const struct teach_row *row,
                       struct evidence_new *new)
{
    size_t at = input_revision_at(revisions, &row->part_revision_id);
    if (uuid_is_nil(&revisions->parts[at])) {
        revisions->missed[at] = true;
        return false;
    }
    new->row.part = revisions->parts[at];
    new->row.revision = row->part_revision_id;
    new->row.predicted = row->predicted;
    return true;
}

static void teach_row(struct request *request, struct input_revisions *revisions,
                      const struct teach_row *row, size_t index, struct calibration_call *call)
{
    struct evidence_new *new = &call->rows[call->n];
    *new = input_row(request, call->source, index);
    bool matched = call->metric == METRIC_UNIT_COST
                       ? input_quoted(revisions, &row->part_revision_id, row->predicted, new)
                       : teach_time(revisions, row, new);
    if (!matched)
        return;
    new->row.bin = row->bin ? row->bin : "";
    new->row.reference = row->external_ref;
    new->row.actual = row->actual;
    input_date(new, row->occurred_on);
    call->n++;
}

/* Several metrics in one call: their figures by metric. */
static void put_metric(struct buf *out, const struct calibration_step *step)
{
    const struct calibration_result *of = &step->result;
    json_key(out, metric_text(step->call->metric));
    json_object(out);
    json_put_uuid(out, "run_id", &of->run_id);
    json_put_text(out, "status", of->status);
    json_put_text(out, "message", of->message);
    json_put_int(out, "samples", of->samples);
    json_put_int(out, "samples_applied", of->samples_applied);
    json_put_int(out, "n_train", of->n_train);
    json_put_int(out, "n_holdout", of->n_holdout);
    json_put_num12(out, "holdout_mape", of->holdout_mape);
    json_put_num12(out, "holdout_coverage", of->holdout_coverage);
    json_put_num12(out, "q_alpha", of->q_alpha);
    json_put_num12(out, "observed_coverage", of->observed_coverage);
    json_put_num12(out, "residual_sigma_log", of->residual_sigma_log);
    json_key(out, "fit");
    json_raw(out, of->fit.text);
    json_object_end(out);
}

static void combine(struct request *request, struct calibration_step *const *steps, size_t n,
                    struct calibration_result *result)
{
    struct buf out = {0};
    *result = steps[0]->call->result;
    result->env_id = steps[0]->call->env;
    result->scope = SCOPE_TEXT_ENVIRONMENT;
    result->alpha = steps[0]->call->alpha;
    result->samples = result->samples_applied = 0;
    result->status = STATUS_INSUFFICIENT;
    json_object(&out);
    for (size_t i = 0; i < n; i++) {
        const struct calibration_result *of = &steps[i]->result;
        put_metric(&out, steps[i]);
        result->samples += of->samples;
        result->samples_applied += of->samples_applied;
        if (status_is(of->status, STATUS_ACTIVATED) ||
            (status_is(of->status, STATUS_NOT_IMPROVED) &&
             !status_is(result->status, STATUS_ACTIVATED)))
            result->status = of->status;
    }
    json_object_end(&out);
    result->fit = field_raw_take(request->arena, &out);
    result->message = "Rows of several metrics; fit has the figures of each.";
}

/* Times first: what they change is what unit cost is fitted on. */
static enum err teach_metrics(struct request *request, struct calibration_call *calls)
{
    static const enum metric times[] = {METRIC_CYCLE_TIME, METRIC_SETUP_TIME};
    struct calibration_step *steps[3];
    size_t n = 0, n_times = 0;
    enum err err = calibration_identify_all(request, calls, METRIC_MACHINE_CHOICE);
    for (size_t i = 0; i < 2 && !err; i++) {
        struct calibration_call *call = &calls[times[i]];
        if (!call->n)
            continue;
        steps[n] = ARENA_NEW(request->arena, struct calibration_step);
        steps[n]->call = call;
        err = calibration_times_step(request, steps[n++]);
    }
    n_times = n;
    bool changed = false;
    for (size_t i = 0; i < n_times; i++)
        changed |= steps[i]->activate && !steps[i]->again;
    if (err)
        return err;
    steps[n] = ARENA_NEW(request->arena, struct calibration_step);
    bool taught = calls[METRIC_UNIT_COST].n > 0;
    if (taught)
        steps[n]->call = &calls[METRIC_UNIT_COST];
    if (changed) {
        err = calibration_refit(request, steps, n_times, steps[n]);
    } else if (taught) {
        err = calibration_unit_step(request, NULL, 0, steps[n]);
    }
    if (err)
        return err;
    if (changed && !taught && calibration_follows(steps[n]))
        calibration_refit_note(request->arena, steps[n], &steps[0]->result);
    size_t answered = n + taught;
    n += steps[n]->call != NULL;
    if (answered == 1)
        return calibration_finish(request, steps, n, &steps[0]->result);
    struct calibration_result result;
    combine(request, steps, answered, &result);
    return calibration_finish(request, steps, n, &result);
}

enum err calibration_teach(struct request *request)
{
    const struct teach_body *body = request->body;
    const struct teach_row *rows = body->rows.at;
    struct input_revisions revisions;
    struct calibration_call calls[METRIC_COUNT];
    size_t n = body->rows.n, matched = 0;
    enum err err = input_environment(request);
    if (!err)
        err =
            input_revisions(request, request->id[0], &rows[0].part_revision_id, &rows[0].predicted,
                            sizeof *rows, n, INPUT_PARTS | INPUT_QUOTES, &revisions);
    if (err)
        return err;
    for (enum metric metric = 0; metric < METRIC_MACHINE_CHOICE; metric++) {
        input_begin(request, &calls[metric], "teach", "teach", "rows", n);
        set_options(&calls[metric], &body->options);
        calls[metric].metric = metric;
    }
    for (size_t i = 0; i < n; i++)
        teach_row(request, &revisions, &rows[i], i, &calls[metric_find(rows[i].target_metric)]);
    for (enum metric metric = 0; metric < METRIC_MACHINE_CHOICE; metric++)
        matched += calls[metric].n;
    for (enum metric metric = 0; metric < METRIC_MACHINE_CHOICE; metric++) {
        calls[metric].result.matched = calls[metric].result.ingested = (int64_t)matched;
        calls[metric].result.unmatched_part_ids = input_missed(request->arena, &revisions);
    }
    if (!matched)
        return calibration_metric(request, &calls[metric_find(rows[0].target_metric)]);
    return teach_metrics(request, calls);
}
