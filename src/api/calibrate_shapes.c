/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of the calibrating calls: their field tables. */
#include "calibrate_shapes.h"

#include "store_evidence.h"

#define ROWS_MAX 20000
#define ANY      .min = NAN, .max = NAN

static const char *const modes[] = {"add", "replace", NULL};
/* the times and the cost; choices of machines are not taught by numbers */
static const char *const taught_metrics[] = {"unit_cost", "cycle_time_s", "setup_time_s", NULL};

#define COMMON(type)                                                                               \
    {.name = "holdout_pct",                                                                        \
     .kind = FIELD_NUM,                                                                            \
     .offset = offsetof(type, holdout_pct),                                                        \
     .min = 0.05,                                                                                  \
     .max = 0.5,                                                                                   \
     .otherwise = "0.2",                                                                           \
     .help = "Share of the evidence set aside to measure the first fit."},                         \
        {.name = "target_alpha",                                                                   \
         .kind = FIELD_NUM,                                                                        \
         .offset = offsetof(type, target_alpha),                                                   \
         .flags = FIELD_ABOVE_MIN,                                                                 \
         .min = 0,                                                                                 \
         .max = 0.999,                                                                             \
         .otherwise = "0.1",                                                                       \
         .help = "Miscoverage the intervals aim at; 0.1 = 90 % intervals."},                       \
    {                                                                                              \
        .name = "mode", .kind = FIELD_TEXT, .offset = offsetof(type, mode), .flags = FIELD_ADDED,  \
        ANY, .choices = modes, .otherwise = "\"add\"",                                             \
        .help =                                                                                    \
            "add: the rows join the evidence; replace: earlier rows of the same source go first."  \
    }

static const struct field actual_fields[] = {
    {.name = "part_revision_id",
     .kind = FIELD_UUID,
     .offset = offsetof(struct actual_row, part_revision_id),
     .flags = FIELD_REQUIRED,
     ANY,
     .help = "Revision that was made; it needs a succeeded quote in this environment."},
    {.name = "actual_unit_cost",
     .kind = FIELD_NUM,
     .offset = offsetof(struct actual_row, actual_unit_cost),
     .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN,
     .min = 0,
     .max = NAN,
     .help = "What a piece really cost, in the environment's currency."},
    {.name = "lot_size",
     .kind = FIELD_INT,
     .offset = offsetof(struct actual_row, lot_size),
     .min = 1,
     .max = 1e12,
     .otherwise = "50",
     .help = "Pieces of the order, whole; a finished work order may have a fraction."},
    {.name = "annual_volume",
     .kind = FIELD_INT,
     .offset = offsetof(struct actual_row, annual_volume),
     .min = 1,
     .max = 1e12,
     .otherwise = "500",
     .help = "Pieces a year: tooling is spread over them."},
    {.name = "bin",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct actual_row, bin),
     .min = NAN,
     .max = 200,
     .help = "Supplier, plant or other group whose corrections are learned together."},
    {.name = "tooling_lifetime_units",
     .kind = FIELD_INT,
     .offset = offsetof(struct actual_row, tooling_lifetime_units),
     .min = 1,
     .max = 1e12,
     .help = "Pieces a tool lasts; replaces annual_volume for tooling."},
    {.name = "occurred_on",
     .kind = FIELD_DATE,
     .offset = offsetof(struct actual_row, occurred_on),
     .flags = FIELD_ADDED,
     ANY,
     .help = "Day it was made: priced with the rates of that day. Absent: today."},
    {.name = "external_ref",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct actual_row, external_ref),
     .flags = FIELD_ADDED | FIELD_NAME_TEXT,
     .min = NAN,
     .max = 200,
     .help = "Your number of the row: sent again it replaces instead of adding."},
};

static const struct shape shape_actual = {.name = "AutoCalibrateActualRow",
                                          SHAPE_OF(struct actual_row, actual_fields),
                                          .nulls = SHAPE_NO_NULLS,
                                          .help = "One actual unit cost."};

static const struct field auto_fields[] = {
    {.name = "actuals",
     .kind = FIELD_LIST,
     .offset = offsetof(struct auto_calibrate_body, actuals),
     .flags = FIELD_REQUIRED,
     .min = NAN,
     .max = ROWS_MAX,
     .item = FIELD_OBJECT,
     .shape = &shape_actual,
     .help = "Actual unit costs; their order does not matter."},
    COMMON(struct auto_calibrate_body),
};

const struct shape shape_auto_calibrate = {.name = "AutoCalibrate",
                                           SHAPE_OF(struct auto_calibrate_body, auto_fields),
                                           .nulls = SHAPE_NO_NULLS};

static const struct field work_order_fields[] = {
    {.name = "part_number",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct work_order_row, part_number),
     .flags = FIELD_REQUIRED | FIELD_NAME_TEXT,
     .min = NAN,
     .max = 200,
     .help = "Part number; matched exactly, else without case and spaces where unambiguous."},
    {.name = "work_order_id",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct work_order_row, work_order_id),
     .flags = FIELD_REQUIRED | FIELD_NAME_TEXT,
     .min = NAN,
     .max = 200,
     .help = "Order number of the ERP: sent again it replaces instead of adding."},
    {.name = "quantity",
     .kind = FIELD_NUM,
     .offset = offsetof(struct work_order_row, quantity),
     .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN,
     .min = 0,
     .max = NAN,
     .help = "Pieces made."},
    {.name = "total_cost",
     .kind = FIELD_NUM,
     .offset = offsetof(struct work_order_row, total_cost),
     .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN,
     .min = 0,
     .max = NAN,
     .help = "What the order cost in all, in the environment's currency."},
    {.name = "annual_forecast",
     .kind = FIELD_INT,
     .offset = offsetof(struct work_order_row, annual_forecast),
     .min = 1,
     .max = 1e12,
     .help = "Pieces a year: tooling is spread over them. Absent: 500."},
    {.name = "bin",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct work_order_row, bin),
     .flags = FIELD_ADDED,
     .min = NAN,
     .max = 200,
     .help = "Supplier, plant or other group whose corrections are learned together."},
    {.name = "occurred_on",
     .kind = FIELD_DATE,
     .offset = offsetof(struct work_order_row, occurred_on),
     .flags = FIELD_ADDED,
     ANY,
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
    {.name = "work_orders",
     .kind = FIELD_LIST,
     .offset = offsetof(struct from_erp_body, work_orders),
     .flags = FIELD_REQUIRED,
     .min = NAN,
     .max = ROWS_MAX,
     .item = FIELD_OBJECT,
     .shape = &shape_work_order,
     .help = "Finished work orders; their order does not matter."},
    COMMON(struct from_erp_body),
};

const struct shape shape_from_erp = {.name = "AutoCalibrateFromErp",
                                     SHAPE_OF(struct from_erp_body, erp_fields),
                                     .nulls = SHAPE_NO_NULLS};

static const struct field teach_row_fields[] = {
    {.name = "part_revision_id",
     .kind = FIELD_UUID,
     .offset = offsetof(struct teach_row, part_revision_id),
     .flags = FIELD_REQUIRED,
     ANY,
     .help = "Revision that was quoted."},
    {.name = "predicted",
     .kind = FIELD_NUM,
     .offset = offsetof(struct teach_row, predicted),
     .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN,
     .min = 0,
     .max = NAN,
     .help =
         "What the quote said: its unit_cost or uncalibrated_unit_cost within 0.5 %; or planned "
         "seconds, before any calibration."},
    {.name = "actual",
     .kind = FIELD_NUM,
     .offset = offsetof(struct teach_row, actual),
     .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN,
     .min = 0,
     .max = NAN,
     .help = "What it really was, in the unit of predicted."},
    {.name = "bin",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct teach_row, bin),
     .min = NAN,
     .max = 200,
     .help = "Group whose corrections are learned together; of times: the operation's klass."},
    {.name = "target_metric",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct teach_row, target_metric),
     ANY,
     .choices = taught_metrics,
     .otherwise = "\"unit_cost\"",
     .help = "What predicted and actual measure."},
    {.name = "occurred_on",
     .kind = FIELD_DATE,
     .offset = offsetof(struct teach_row, occurred_on),
     .flags = FIELD_ADDED,
     ANY,
     .help = "Day it was made. Absent: today."},
    {.name = "external_ref",
     .kind = FIELD_TEXT,
     .offset = offsetof(struct teach_row, external_ref),
     .flags = FIELD_ADDED | FIELD_NAME_TEXT,
     .min = NAN,
     .max = 200,
     .help = "Your number of the row: sent again it replaces instead of adding."},
};

static const struct shape shape_teach_row = {.name = "TeachRow",
                                             SHAPE_OF(struct teach_row, teach_row_fields),
                                             .nulls = SHAPE_NO_NULLS,
                                             .help = "One prediction and what became of it."};

static const struct field teach_fields[] = {
    {.name = "rows",
     .kind = FIELD_LIST,
     .offset = offsetof(struct teach_body, rows),
     .flags = FIELD_REQUIRED,
     .min = 1,
     .max = ROWS_MAX,
     .item = FIELD_OBJECT,
     .shape = &shape_teach_row,
     .help = "Predictions with their actuals; their order does not matter."},
    COMMON(struct teach_body),
};

const struct shape shape_teach = {
    .name = "Teach", SHAPE_OF(struct teach_body, teach_fields), .nulls = SHAPE_NO_NULLS};

static const struct field query_fields[] = {
    {.name = "dry_run",
     .kind = FIELD_BOOL,
     .offset = offsetof(struct calibration_query, dry_run),
     .flags = FIELD_ADDED,
     ANY,
     .otherwise = "false",
     .help = "Say what would change and store nothing."},
};

const struct shape shape_calibration_query = {.name = "CalibrationQuery",
                                              SHAPE_OF(struct calibration_query, query_fields),
                                              .nulls = SHAPE_NO_NULLS};
