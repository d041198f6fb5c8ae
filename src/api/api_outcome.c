/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outcomes: observations that wait for finalize; the platform's, for conformal-recalibrate. */
#include "api.h"

#include "arena.h"
#include "calibrate_shapes.h"
#include "calibration_input.h"
#include "drift.h"
#include "json_in.h"
#include "observe_shapes.h"
#include "policy_choice.h"
#include "pricing.h"
#include "scope.h"

#include <stdlib.h>
#include <string.h>

/* One call on its way in. */
struct outcomes {
    struct scope_place place;
    const struct outcomes_body *body;
    struct input_revisions revisions;
    struct pricing_plan *plans; /* by revision; NULL: no row needs one */
    struct calibration_call calls[METRIC_COUNT];
    const char **choices; /* by row: machine_choice, canonical */
    size_t count[METRIC_COUNT], matched;
};

static const struct observation_row *row_at(const struct outcomes *outcomes, size_t i)
{
    return (const struct observation_row *)outcomes->body->observations.at + i;
}

/* The number in a row's actual; false: it is none, or not above 0. */
static bool actual_number(const struct observation_row *row, double *value)
{
    char *end;
    if (!row->actual.text || !strchr("-0123456789", row->actual.text[0]))
        return false;
    *value = strtod(row->actual.text, &end);
    return !*end && isfinite(*value) && *value > 0;
}

/* The text in a row's actual, as JSON; NULL: it is none. */
static const char *actual_text(struct arena *arena, const struct observation_row *row)
{
    struct json_in in;
    char *text = NULL;
    size_t len;
    json_in_open(&in, arena_strndup(arena, row->actual.text, row->actual.len), row->actual.len);
    bool is_text = json_in_peek(&in) == JSON_STRING && json_in_string(&in, &text, &len) && len &&
                   len <= 200 && strlen(text) == len;
    json_in_close(&in);
    return is_text ? text : NULL;
}

/* The choice as it is kept. */
static const char *check_choice(struct request *request, struct arena *scratch, bool platform,
                                const struct observation_row *row, const struct field_path *path)
{
    const char *chosen = actual_text(scratch, row);
    if (platform)
        flaw_add_at(request->flaws, path, "target_metric", "not_a_choice",
                    "machine_choice is learned in environments only");
    if (!chosen)
        flaw_add_at(request->flaws, path, "actual", "type_error",
                    "must be the id of the machine that was chosen");
    if (row->candidates.at)
        return policy_choice_text(request->arena, scratch, &row->candidates, chosen, request->flaws,
                                  path);
    flaw_add_at(request->flaws, path, "candidates", "missing", "is required of machine_choice");
    return NULL;
}

static void check_number(struct request *request, bool platform, const struct observation_row *row,
                         enum metric metric, const struct field_path *path)
{
    double value;
    if (!actual_number(row, &value))
        flaw_add_at(request->flaws, path, "actual", "type_error", "must be a number above 0");
    if (metric == METRIC_UNIT_COST && !platform && uuid_is_nil(&row->part_revision_id))
        flaw_add_at(request->flaws, path, "part_revision_id", "missing",
                    "is required of unit_cost in an environment");
    if ((platform || metric != METRIC_UNIT_COST) && isnan(row->predicted))
        flaw_add_at(request->flaws, path, "predicted", "missing",
                    "is required of times and at platform scope");
}

static enum err check_rows(struct request *request, struct outcomes *outcomes)
{
    const struct field_path body = {.key = "body"}, list = {.up = &body, .key = "observations"};
    size_t n = outcomes->body->observations.n;
    bool platform = outcomes->place.platform;
    struct arena *scratch = arena_new(); /* of one row */
    outcomes->choices = ARENA_ARRAY(request->arena, n, const char *);
    for (size_t i = 0; i < n; i++) {
        const struct field_path path = {.up = &list, .index = i};
        const struct observation_row *row = row_at(outcomes, i);
        enum metric metric = metric_find(row->target_metric);
        outcomes->count[metric]++;
        if (metric != METRIC_MACHINE_CHOICE) {
            check_number(request, platform, row, metric, &path);
            continue;
        }
        outcomes->choices[i] = check_choice(request, scratch, platform, row, &path);
        arena_reset(scratch);
    }
    arena_free(scratch);
    return request_flawed(request);
}

static enum err load_revisions(struct request *request, struct outcomes *outcomes)
{
    size_t n = outcomes->body->observations.n;
    unsigned need = 0;
    bool plans = false;
    if (outcomes->place.platform || !n)
        return ERR_OK;
    for (size_t i = 0; i < n; i++) {
        const struct observation_row *row = row_at(outcomes, i);
        bool cost = !strcmp(row->target_metric, metric_text(METRIC_UNIT_COST));
        need |= !cost                   ? INPUT_PARTS
                : isnan(row->predicted) ? INPUT_QUOTED
                                        : INPUT_PARTS | INPUT_QUOTES;
        plans |= !cost && !row->bin && row->operation_sequence != INT_NONE;
    }
    enum err err =
        input_revisions(request, outcomes->place.env, &row_at(outcomes, 0)->part_revision_id,
                        &row_at(outcomes, 0)->predicted, sizeof(struct observation_row), n, need,
                        &outcomes->revisions);
    if (err || !plans || !outcomes->revisions.n)
        return err;
    outcomes->plans = ARENA_ARRAY(request->arena, outcomes->revisions.n, struct pricing_plan);
    return pricing_plans(request, outcomes->revisions.ids, outcomes->revisions.n, outcomes->plans);
}

/* The class of the plan's operation: what times are binned by. */
static const char *klass_of(const struct outcomes *outcomes, size_t revision, int64_t sequence)
{
    const struct price_plan *plan = &outcomes->plans[revision].plan;
    for (size_t i = 0; i < plan->n_operations; i++)
        if (plan->operations[i].sequence == sequence)
            return plan->operations[i].klass;
    return "";
}

/* Part and revision of a row; false: the revision is unknown, or no quote fits. */
static bool match(struct outcomes *outcomes, const struct observation_row *row, enum metric metric,
                  struct evidence_new *new)
{
    struct input_revisions *revisions = &outcomes->revisions;
    const struct uuid *id = &row->part_revision_id;
    new->row.predicted = row->predicted;
    new->row.revision = *id;
    if (outcomes->place.platform || uuid_is_nil(id))
        return true;
    if (metric == METRIC_UNIT_COST)
        return isnan(row->predicted) ? input_priced(revisions, id, new)
                                     : input_quoted(revisions, id, row->predicted, new);
    size_t at = input_revision_at(revisions, id);
    new->row.part = revisions->parts[at];
    revisions->missed[at] |= uuid_is_nil(&new->row.part);
    if (!row->bin && row->operation_sequence != INT_NONE && outcomes->plans)
        new->row.bin = klass_of(outcomes, at, row->operation_sequence);
    return !uuid_is_nil(&new->row.part);
}

static void take_row(struct request *request, struct outcomes *outcomes, size_t index)
{
    const struct observation_row *row = row_at(outcomes, index);
    enum metric metric = metric_find(row->target_metric);
    struct calibration_call *call = &outcomes->calls[metric];
    struct evidence_new *new = &call->rows[call->n];
    *new = input_row(request, outcomes->body->oracle, index);
    if (!match(outcomes, row, metric, new))
        return;
    if (row->bin)
        new->row.bin = row->bin;
    new->row.observation_type = row->observation_type;
    new->row.reference = row->external_ref;
    new->row.operation_sequence = row->operation_sequence;
    new->row.applied = 0;
    if (!isnan(row->lot_size) && isnan(new->row.lot_size))
        new->row.lot_size = row->lot_size;
    if (metric == METRIC_UNIT_COST) {
        if (isnan(new->row.lot_size))
            new->row.lot_size = INPUT_LOT_SIZE;
        new->row.annual_volume = INPUT_ANNUAL_VOLUME;
    }
    new->row.choice = outcomes->choices[index];
    if (metric != METRIC_MACHINE_CHOICE)
        actual_number(row, &new->row.actual);
    input_date(new, row->occurred_on);
    call->n++;
}

static enum err take_rows(struct request *request, struct outcomes *outcomes)
{
    size_t n = outcomes->body->observations.n;
    enum err err = load_revisions(request, outcomes);
    if (err)
        return err;
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        input_begin(request, &outcomes->calls[metric], "outcomes", outcomes->body->oracle,
                    "observations", outcomes->count[metric]);
        outcomes->calls[metric].metric = metric;
        outcomes->calls[metric].org = outcomes->place.org;
        outcomes->calls[metric].env = outcomes->place.env;
    }
    for (size_t i = 0; i < n; i++)
        take_row(request, outcomes, i);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        outcomes->matched += outcomes->calls[metric].n;
    return calibration_identify_all(request, outcomes->calls, METRIC_COUNT);
}

/* Before anything is read: whoever fits meanwhile finds its base changed, and calls that bring
   observations of one metric follow one another, each after what the one before it has stored. */
static enum err raise_slots(struct request *request, const struct outcomes *outcomes)
{
    enum err err = ERR_OK;
    for (enum metric metric = 0; metric < METRIC_COUNT && !err; metric++)
        if (outcomes->count[metric])
            err = store_active_raise(request->db, outcomes->place.org, outcomes->place.env,
                                     metric_text(metric), request->now);
    return err;
}

static enum err store_metric(struct request *request, struct calibration_call *call)
{
    /* in the same memory: a second copy of 20,000 rows would be a third of what the call takes */
    struct evidence *rows = (struct evidence *)call->rows;
    bool known;
    for (size_t i = 0; i < call->n; i++)
        memmove(&rows[i], &call->rows[i].row, sizeof *rows);
    call->rows = NULL;
    enum err err = store_evidence_upsert(request->db, call->org, call->env, call->metric, rows,
                                         call->n, &known);
    return err ? err
               : drift_observe(request, call->org, call->env, call->metric, rows, call->n, known);
}

static void put_answer(struct request *request, const struct outcomes *outcomes, bool dry_run)
{
    const struct calibration_call *calls = outcomes->calls;
    struct calibration_result result;
    int only = -1, metrics = 0;
    calibration_result_clear(&result);
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        if (calls[metric].n) {
            only = metric;
            metrics++;
        }
    if (!outcomes->place.platform)
        result.env_id = outcomes->place.env;
    result.scope = outcomes->body->scope;
    result.target_metric = metrics == 1 ? metric_text((enum metric)only) : NULL;
    result.ingested = result.matched = (int64_t)outcomes->matched;
    result.samples = (int64_t)outcomes->body->observations.n;
    result.status = dry_run ? STATUS_DRY_RUN : STATUS_PENDING;
    result.unmatched_part_ids = input_missed(request->arena, &outcomes->revisions);
    result.message = arena_printf(
        request->arena,
        dry_run ? "Nothing was stored; %zu observations would wait for %s."
                : "%zu observations were taken in; they wait for %s.",
        outcomes->matched, outcomes->place.platform ? "conformal-recalibrate" : "finalize");
    api_answer(request, &result);
}

enum err calibration_outcomes(struct request *request)
{
    const struct calibration_query *query = request->query;
    struct outcomes *outcomes = ARENA_NEW(request->arena, struct outcomes);
    outcomes->body = request->body;
    enum err err =
        scope_place(request, outcomes->body->scope, outcomes->body->env_id, &outcomes->place);
    if (!err || err == ERR_VALIDATION_ERROR)
        err = check_rows(request, outcomes);
    bool dry_run = query->dry_run == 1;
    if (!err && !dry_run)
        err = raise_slots(request, outcomes);
    if (!err)
        err = take_rows(request, outcomes);
    for (enum metric metric = 0; metric < METRIC_COUNT && !err && !dry_run; metric++)
        if (outcomes->calls[metric].n)
            err = store_metric(request, &outcomes->calls[metric]);
    if (!err)
        put_answer(request, outcomes, dry_run);
    return err;
}

enum err calibration_finalize(struct request *request)
{
    const struct finalize_body *body = request->body;
    struct calibration_call call;
    enum err err = input_environment(request);
    if (err)
        return err;
    input_begin(request, &call, "finalize", "", "observations", 0);
    call.metric = metric_find(body->target_metric);
    call.alpha = body->target_alpha;
    call.holdout = INPUT_HOLDOUT;
    call.with_pending = true;
    call.notes = body->notes;
    return calibration_metric(request, &call);
}
