/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of the calibrating calls: their field tables. */
#include "calibrate_shapes.h"

#include "store_evidence.h"

#define ROWS_MAX 20000

static const char *const modes[] = {"add", "replace", NULL};
/* the times and the cost; choices of machines are not taught by numbers */
static const char *const taught_metrics[] = {"unit_cost", "cycle_time_s", "setup_time_s", NULL};

/* clang-format off */
#define OPTION(type, member)                                                                       \
    .name = #member, .offset = offsetof(type, options) + offsetof(struct calibrate_options, member)
#define OPTIONS(type)                                                                              \
    {OPTION(type, holdout_pct), .kind = FIELD_NUM, FIELD_BETWEEN(0.05, 0.5), .otherwise = "0.2",   \
     .help = "Share of the evidence set aside to measure the first fit."},                         \
    {OPTION(type, target_alpha), .kind = FIELD_NUM, .flags = FIELD_ABOVE_MIN,                      \
     FIELD_BETWEEN(0, 0.999), .otherwise = "0.1",                                                  \
     .help = "Miscoverage the intervals aim at; 0.1 = 90 % intervals."},                           \
    {OPTION(type, mode), .kind = FIELD_TEXT, .flags = FIELD_ADDED, .choices = modes,               \
     .otherwise = "\"add\"",                                                                       \
     .help =                                                                                       \
         "add: the rows join the evidence; replace: earlier rows of the same source go first."}

#define ACTUAL(member) FIELD_OF(struct actual_row, member)
static const struct field actual_fields[] = {
    {ACTUAL(part_revision_id), .kind = FIELD_UUID, .flags = FIELD_REQUIRED,
     .help = "Revision that was made; it needs a succeeded quote in this environment."},
    {ACTUAL(actual_unit_cost), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN,
     FIELD_FROM(0), .help = "What a piece really cost, in the environment's currency."},
    {ACTUAL(lot_size), .kind = FIELD_INT, FIELD_BETWEEN(1, 1e12), .otherwise = "50",
     .help = "Pieces of the order, whole; a finished work order may have a fraction."},
    {ACTUAL(annual_volume), .kind = FIELD_INT, FIELD_BETWEEN(1, 1e12), .otherwise = "500",
     .help = "Pieces a year: tooling is spread over them."},
    {ACTUAL(bin), .kind = FIELD_TEXT, FIELD_UP_TO(200),
     .help = "Supplier, plant or other group whose corrections are learned together."},
    {ACTUAL(tooling_lifetime_units), .kind = FIELD_INT, FIELD_BETWEEN(1, 1e12),
     .help = "Pieces a tool lasts; replaces annual_volume for tooling."},
    {ACTUAL(occurred_on), .kind = FIELD_DATE, .flags = FIELD_ADDED,
     .help = "Day it was made: priced with the rates of that day. Absent: today."},
    {ACTUAL(external_ref), .kind = FIELD_TEXT, .flags = FIELD_ADDED | FIELD_NAME_TEXT,
     FIELD_UP_TO(200), .help = "Your number of the row: sent again it replaces instead of adding."},
};

static const struct shape shape_actual = {.name = "AutoCalibrateActualRow",
                                          SHAPE_OF(struct actual_row, actual_fields),
                                          .nulls = SHAPE_NO_NULLS,
                                          .help = "One actual unit cost."};

static const struct field auto_fields[] = {
    {FIELD_OF(struct auto_calibrate_body, actuals), .kind = FIELD_LIST, .flags = FIELD_REQUIRED,
     FIELD_UP_TO(ROWS_MAX), .item = FIELD_OBJECT, .shape = &shape_actual,
     .help = "Actual unit costs; their order does not matter."},
    OPTIONS(struct auto_calibrate_body),
};

const struct shape shape_auto_calibrate = {.name = "AutoCalibrate",
                                           SHAPE_OF(struct auto_calibrate_body, auto_fields),
                                           .nulls = SHAPE_NO_NULLS};

#define ORDER(member) FIELD_OF(struct work_order_row, member)
static const struct field work_order_fields[] = {
    {ORDER(part_number), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT,
     FIELD_UP_TO(200),
     .help = "Part number; matched exactly, else without case and spaces where unambiguous."},
    {ORDER(work_order_id), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT,
     FIELD_UP_TO(200),
     .help = "Order number of the ERP: sent again it replaces instead of adding."},
    {ORDER(quantity), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, FIELD_FROM(0),
     .help = "Pieces made."},
    {ORDER(total_cost), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, FIELD_FROM(0),
     .help = "What the order cost in all, in the environment's currency."},
    {ORDER(annual_forecast), .kind = FIELD_INT, FIELD_BETWEEN(1, 1e12),
     .help = "Pieces a year: tooling is spread over them. Absent: 500."},
    {ORDER(bin), .kind = FIELD_TEXT, .flags = FIELD_ADDED, FIELD_UP_TO(200),
     .help = "Supplier, plant or other group whose corrections are learned together."},
    {ORDER(occurred_on), .kind = FIELD_DATE, .flags = FIELD_ADDED,
     .help = "Day the order was finished: priced with the rates of that day. Absent: today."},
};

static void check_work_order(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct work_order_row *row = thing;
    double piece = row->total_cost / row->quantity;
    if (!(piece > 0 && isfinite(piece)))
        flaw_add_at(flaws, path, "total_cost", "out_of_range",
                    "divided by quantity it is beyond the range of numbers");
}

static const struct field_rule work_order_rules[] = {
    {check_work_order, {"quantity", "total_cost"}}};

static const struct shape shape_work_order = {.name = "ErpWorkOrderPayload",
                                              SHAPE_OF(struct work_order_row, work_order_fields),
                                              .nulls = SHAPE_NO_NULLS,
                                              SHAPE_RULES(work_order_rules),
                                              .help = "One finished work order."};

static const struct field erp_fields[] = {
    {FIELD_OF(struct from_erp_body, work_orders), .kind = FIELD_LIST, .flags = FIELD_REQUIRED,
     FIELD_UP_TO(ROWS_MAX), .item = FIELD_OBJECT, .shape = &shape_work_order,
     .help = "Finished work orders; their order does not matter."},
    OPTIONS(struct from_erp_body),
};

const struct shape shape_from_erp = {.name = "AutoCalibrateFromErp",
                                     SHAPE_OF(struct from_erp_body, erp_fields),
                                     .nulls = SHAPE_NO_NULLS};

#define TAUGHT(member) FIELD_OF(struct teach_row, member)
static const struct field teach_row_fields[] = {
    {TAUGHT(part_revision_id), .kind = FIELD_UUID, .flags = FIELD_REQUIRED,
     .help = "Revision that was quoted."},
    {TAUGHT(predicted), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, FIELD_FROM(0),
     .help = "What the quote said: its unit_cost or uncalibrated_unit_cost within 0.5 %; or "
             "planned seconds, before any calibration."},
    {TAUGHT(actual), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, FIELD_FROM(0),
     .help = "What it really was, in the unit of predicted."},
    {TAUGHT(bin), .kind = FIELD_TEXT, FIELD_UP_TO(200),
     .help = "Group whose corrections are learned together; of times: the operation's klass."},
    {TAUGHT(target_metric), .kind = FIELD_TEXT, .choices = taught_metrics,
     .otherwise = "\"unit_cost\"", .help = "What predicted and actual measure."},
    {TAUGHT(occurred_on), .kind = FIELD_DATE, .flags = FIELD_ADDED,
     .help = "Day it was made. Absent: today."},
    {TAUGHT(external_ref), .kind = FIELD_TEXT, .flags = FIELD_ADDED | FIELD_NAME_TEXT,
     FIELD_UP_TO(200), .help = "Your number of the row: sent again it replaces instead of adding."},
};

static const struct shape shape_teach_row = {.name = "TeachRow",
                                             SHAPE_OF(struct teach_row, teach_row_fields),
                                             .nulls = SHAPE_NO_NULLS,
                                             .help = "One prediction and what became of it."};

static const struct field teach_fields[] = {
    {FIELD_OF(struct teach_body, rows), .kind = FIELD_LIST, .flags = FIELD_REQUIRED,
     FIELD_BETWEEN(1, ROWS_MAX), .item = FIELD_OBJECT, .shape = &shape_teach_row,
     .help = "Predictions with their actuals; their order does not matter."},
    OPTIONS(struct teach_body),
};

const struct shape shape_teach = {
    .name = "Teach", SHAPE_OF(struct teach_body, teach_fields), .nulls = SHAPE_NO_NULLS};

static const struct field query_fields[] = {
    {FIELD_OF(struct calibration_query, dry_run), .kind = FIELD_BOOL, .flags = FIELD_ADDED,
     .otherwise = "false", .help = "Say what would change and store nothing."},
};

const struct shape shape_calibration_query = {.name = "CalibrationQuery",
                                              SHAPE_OF(struct calibration_query, query_fields),
                                              .nulls = SHAPE_NO_NULLS};
/* clang-format on */
