/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of outcomes, finalize, conformal-recalibrate, learning-curve-fit, policy/calibrate: their
   field tables. */
#include "observe_shapes.h"

#include "calibration_result.h"
#include "policy_choice.h"
#include "slug.h"
#include "store_evidence.h"

#define ROWS_MAX 20000
#define POSITIVE .min = 0, .max = NAN

static const char *const scopes[] = {SCOPE_TEXT_PLATFORM, SCOPE_TEXT_ENVIRONMENT, NULL};
static const char *const measured_metrics[] = {"cycle_time_s", "setup_time_s", "unit_cost", NULL};
static const char *const curve_models[] = {"crawford_unit", "wright_cumulative", NULL};

/* clang-format off */
#define AT(member) FIELD_OF(struct observation_row, member)
static const struct field observation_fields[] = {
    {AT(target_metric), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .choices = metric_texts, .help = "What was observed."},
    {AT(observation_type), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED,
     .check = slug_check, .help = "How it came about: a slug of your own."},
    {AT(predicted), .kind = FIELD_NUM, .flags = FIELD_ABOVE_MIN, POSITIVE,
     .help = "What was predicted; of times the planned seconds, before any calibration: they need "
             "it. Of unit_cost it is matched with a quote; absent: the revision is priced at the fit."},
    {AT(actual), .kind = FIELD_JSON, .flags = FIELD_REQUIRED,
     .help = "What it was: a number above 0; of machine_choice the id of the machine chosen."},
    {AT(part_revision_id), .kind = FIELD_UUID,
     .help = "Revision; required of unit_cost in an environment."},
    {AT(bin), .kind = FIELD_TEXT, FIELD_UP_TO(200),
     .help = "Group whose corrections are learned together; of times the operation's klass, "
             "absent: that of operation_sequence in the revision's plan."},
    {AT(operation_sequence), .kind = FIELD_INT,
     FIELD_BETWEEN(-2147483647.0, 2147483647.0), .help = "Which operation of the plan."},
    {AT(lot_size), .kind = FIELD_NUM, .flags = FIELD_ABOVE_MIN,
     FIELD_BETWEEN(0, 1e12), .help = "Pieces of the order; of unit_cost 50 where absent."},
    {AT(external_ref), .kind = FIELD_TEXT, .flags = FIELD_NAME_TEXT,
     FIELD_UP_TO(200), .help = "Your number: sent again by this oracle it replaces."},
    {AT(occurred_on), .kind = FIELD_DATE, .help = "Day. Absent: today."},
    {AT(candidates), .kind = FIELD_LIST, .item = FIELD_JSON,
     FIELD_UP_TO(CHOICE_CANDIDATES),
     .help = "machine_choice: what could have been chosen, {machine_id, numeric features}."},
};
#undef AT

static const struct shape shape_observation = {
    .name = "Observation", SHAPE_OF(struct observation_row, observation_fields),
    .nulls = SHAPE_NO_NULLS, .help = "One observation of what was predicted."};

#define AT(member) FIELD_OF(struct outcomes_body, member)
static const struct field outcomes_fields[] = {
    {AT(env_id), .kind = FIELD_UUID,
     .help = "Environment; required unless scope is platform."},
    {AT(observations), .kind = FIELD_LIST, .item = FIELD_OBJECT,
     FIELD_UP_TO(ROWS_MAX), .shape = &shape_observation,
     .help = "Observations; their order does not matter."},
    {AT(oracle), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT,
     FIELD_UP_TO(64), .help = "Who observed."},
    {AT(scope), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .choices = scopes,
     .help = "platform needs the scope platform:admin."},
};
#undef AT

const struct shape shape_outcomes = {
    .name = "Outcomes", SHAPE_OF(struct outcomes_body, outcomes_fields), .nulls = SHAPE_NO_NULLS};

#define ALPHA(type)                                                                                \
    {FIELD_OF(type, target_alpha), .kind = FIELD_NUM, .flags = FIELD_ABOVE_MIN, FIELD_BETWEEN(0, 0.999), .otherwise = "0.1",          \
     .help = "Miscoverage the intervals aim at; 0.1 = 90 % intervals."}

#define AT(member) FIELD_OF(struct finalize_body, member)
static const struct field finalize_fields[] = {
    {AT(notes), .kind = FIELD_TEXT, .help = "Kept with the run, in fit.notes."},
    ALPHA(struct finalize_body),
    {AT(target_metric), .kind = FIELD_TEXT, .choices = metric_texts,
     .otherwise = "\"unit_cost\"", .help = "Whose pending observations join the evidence."},
};
#undef AT

const struct shape shape_finalize = {
    .name = "Finalize", SHAPE_OF(struct finalize_body, finalize_fields), .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct sample_row, member)
static const struct field sample_fields[] = {
    {AT(predicted), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, POSITIVE, .help = "What is predicted now, calibrated, in the unit of target_metric."},
    {AT(actual), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN,
     POSITIVE, .help = "What it was, in the unit of target_metric."},
    {AT(bin), .kind = FIELD_TEXT, FIELD_UP_TO(200),
     .help = "Group, for the report of coverage by group."},
    {AT(part_revision_id), .kind = FIELD_UUID},
    {AT(external_ref), .kind = FIELD_TEXT, FIELD_UP_TO(200)},
};
#undef AT

static const struct shape shape_sample = {
    .name = "ConformalSample", SHAPE_OF(struct sample_row, sample_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct recalibrate_body, member)
static const struct field recalibrate_fields[] = {
    {AT(env_id), .kind = FIELD_UUID,
     .help = "Environment; required unless scope is platform."},
    {AT(samples), .kind = FIELD_LIST, .item = FIELD_OBJECT,
     FIELD_UP_TO(ROWS_MAX), .shape = &shape_sample,
     .help = "Predictions and what became of them; absent: the stored evidence of that scope and "
             "metric."},
    {AT(scope), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .choices = scopes,
     .help = "platform needs the scope platform:admin."},
    ALPHA(struct recalibrate_body),
    {AT(target_metric), .kind = FIELD_TEXT, .choices = measured_metrics,
     .otherwise = "\"unit_cost\""},
};
#undef AT

const struct shape shape_recalibrate = {
    .name = "ConformalRecalibrate", SHAPE_OF(struct recalibrate_body, recalibrate_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct lot_row, member)
static const struct field lot_fields[] = {
    {AT(lot_index), .kind = FIELD_INT, .flags = FIELD_REQUIRED,
     .help = "Order of production; distinct."},
    {AT(lot_size), .kind = FIELD_INT, .flags = FIELD_REQUIRED,
     FIELD_BETWEEN(1, 1e12), .help = "Pieces of the lot."},
    {AT(lot_total_cost), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, POSITIVE, .help = "Cost of all pieces of the lot, in the environment's currency."},
};
#undef AT

static const struct shape shape_lot = {
    .name = "LearningCurveLotPayload", SHAPE_OF(struct lot_row, lot_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct curve_body, member)
static const struct field curve_fields[] = {
    {AT(lots), .kind = FIELD_LIST, .item = FIELD_OBJECT, .flags = FIELD_REQUIRED,
     FIELD_BETWEEN(3, ROWS_MAX), .shape = &shape_lot,
     .help = "Every lot from the first on: later units are counted from them."},
    {AT(model), .kind = FIELD_TEXT, .choices = curve_models,
     .otherwise = "\"wright_cumulative\"",
     .help = "wright_cumulative: the mean cost of units 1..N is a N^b; crawford_unit: unit x costs "
             "a x^b."},
    {AT(part_revision_id), .kind = FIELD_UUID, .flags = FIELD_REQUIRED},
};
#undef AT

const struct shape shape_curve = {
    .name = "LearningCurveFit", SHAPE_OF(struct curve_body, curve_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct history_row, member)
static const struct field history_fields[] = {
    {AT(candidates), .kind = FIELD_LIST, .item = FIELD_JSON, .flags = FIELD_REQUIRED, FIELD_UP_TO(CHOICE_CANDIDATES),
     .help = "What could have been chosen: {machine_id, numeric features}, better when smaller."},
    {AT(chosen_machine_id), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT, FIELD_UP_TO(200)},
    {AT(klass), .kind = FIELD_TEXT, FIELD_UP_TO(200),
     .help = "Operation class; kept with the row."},
    {AT(external_ref), .kind = FIELD_TEXT, .flags = FIELD_NAME_TEXT,
     FIELD_UP_TO(200), .help = "Your number of the row: sent again it replaces."},
    {AT(occurred_on), .kind = FIELD_DATE, .help = "Day. Absent: today."},
};
#undef AT

static const struct shape shape_history = {
    .name = "PolicyHistoryRow", SHAPE_OF(struct history_row, history_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct policy_body, member)
static const struct field policy_fields[] = {
    {AT(history), .kind = FIELD_LIST, .item = FIELD_OBJECT, .flags = FIELD_REQUIRED, FIELD_UP_TO(ROWS_MAX), .shape = &shape_history,
     .help = "Past choices; their order does not matter."},
    {AT(region), .kind = FIELD_TEXT, FIELD_UP_TO(200),
     .help = "Whose seed policy to start from: DE-BY, else DE, else the default."},
};
#undef AT
/* clang-format on */

const struct shape shape_policy = {.name = "PolicyCalibrate",
                                   SHAPE_OF(struct policy_body, policy_fields),
                                   .nulls = SHAPE_NO_NULLS};
