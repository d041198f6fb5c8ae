/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of the calibrating calls. */
#ifndef COSTWRIGHT_CALIBRATE_SHAPES_H
#define COSTWRIGHT_CALIBRATE_SHAPES_H

#include "field.h"

/* What each of these calls says of the fit. */
struct calibrate_options {
    double holdout_pct, target_alpha;
    const char *mode; /* add or replace */
};

struct actual_row {
    struct uuid part_revision_id;
    double actual_unit_cost;
    int64_t lot_size, annual_volume, tooling_lifetime_units;
    const char *bin, *external_ref;
    int32_t occurred_on;
};

struct auto_calibrate_body {
    struct field_list actuals; /* struct actual_row */
    struct calibrate_options options;
};

struct work_order_row {
    const char *part_number, *work_order_id, *bin;
    double quantity, total_cost;
    int64_t annual_forecast;
    int32_t occurred_on;
};

struct from_erp_body {
    struct field_list work_orders; /* struct work_order_row */
    struct calibrate_options options;
};

struct teach_row {
    struct uuid part_revision_id;
    double predicted, actual;
    const char *bin, *target_metric, *external_ref;
    int32_t occurred_on;
};

struct teach_body {
    struct field_list rows; /* struct teach_row */
    struct calibrate_options options;
};

struct calibration_query {
    int8_t dry_run;
};

extern const struct shape shape_auto_calibrate, shape_from_erp, shape_teach,
    shape_calibration_query;

#endif
