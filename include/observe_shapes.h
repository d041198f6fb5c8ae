/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of outcomes, finalize, conformal-recalibrate, learning-curve-fit, policy/calibrate. */
#ifndef COSTWRIGHT_OBSERVE_SHAPES_H
#define COSTWRIGHT_OBSERVE_SHAPES_H

#include "field.h"

struct observation_row {
    const char *target_metric, *observation_type, *bin, *external_ref;
    double predicted, lot_size;
    struct field_raw actual; /* a number, or the machine that was chosen */
    struct uuid part_revision_id;
    int64_t operation_sequence;
    int32_t occurred_on;
    struct field_list candidates; /* machine_choice: objects, as text */
};

struct outcomes_body {
    struct uuid env_id;
    struct field_list observations; /* struct observation_row */
    const char *oracle, *scope;
};

struct finalize_body {
    const char *notes, *target_metric;
    double target_alpha;
};

struct sample_row {
    double predicted, actual;
    const char *bin, *external_ref;
    struct uuid part_revision_id;
};

struct recalibrate_body {
    struct uuid env_id;
    struct field_list samples; /* struct sample_row */
    const char *scope, *target_metric;
    double target_alpha;
};

struct lot_row {
    int64_t lot_index, lot_size;
    double lot_total_cost;
};

struct curve_body {
    struct field_list lots; /* struct lot_row */
    const char *model;
    struct uuid part_revision_id;
};

struct history_row {
    struct field_list candidates; /* objects, as text */
    const char *chosen_machine_id, *klass, *external_ref;
    int32_t occurred_on;
};

struct policy_body {
    struct field_list history; /* struct history_row */
    const char *region;
};

extern const struct shape shape_outcomes, shape_finalize, shape_recalibrate, shape_curve,
    shape_policy;

#endif
