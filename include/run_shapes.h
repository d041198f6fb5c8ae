/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status, runs and evidence as answers show them. */
#ifndef COSTWRIGHT_RUN_SHAPES_H
#define COSTWRIGHT_RUN_SHAPES_H

#include "field.h"
#include "store_list.h"

struct status_interval {
    struct uuid id;
    const char *kind, *target_metric, *status;
    double alpha, q_alpha, observed_coverage;
    int64_t n_calibration;
    int8_t active;
    int64_t created_at;
};

struct status_alert {
    struct uuid id, run_id;
    const char *target_metric, *bin, *signal, *severity, *status;
    double statistic, log_shift;
    int64_t n, opened_at, updated_at, resolved_at;
};

struct status_observations {
    const char *oracle, *target_metric;
    int64_t pending, applied;
};

struct calibration_status {
    int64_t active_posterior_count;
    struct field_list conformal;    /* struct status_interval */
    struct field_list drift_alerts; /* struct status_alert */
    struct uuid env_id;
    int64_t last_fit_at;
    struct field_list observations; /* struct status_observations */
};

struct run_query {
    struct store_page page;
    const char *slot;
};

struct run_item {
    struct uuid id, base_run_id, subject_id;
    const char *kind, *slot, *target_metric, *status;
    int8_t active;
    int64_t posterior_count, created_at;
};

struct run_report {
    struct run_item run;
    struct field_raw result;   /* what the call answered */
    struct field_raw effects;  /* unit cost: [{level, bin, part_id, driver, theta, …}]; else the
                                  stored model */
    int64_t rows;              /* fitted; at .../rows */
    struct field_raw left_out; /* rows by reason */
};

struct run_row {
    struct uuid part_id, part_revision_id;
    const char *bin;
    double lot_size, material, run, setup, other, uncalibrated, predicted, lower, upper, actual;
};

struct slot_body {
    const char *slot;
};

struct activation {
    const char *slot;
    struct uuid run_id, previous_run_id, refit_run_id;
    const char *message;
};

struct evidence_query {
    struct store_page page;
    const char *source, *target_metric;
};

struct evidence_item {
    const char *source, *target_metric, *observation_type, *external_ref, *bin, *model_version;
    struct uuid part_id, part_revision_id;
    int64_t operation_sequence;
    double lot_size, annual_volume, tooling_lifetime_units, predicted, actual;
    struct field_raw choice;
    int32_t occurred_on;
    int8_t applied;
    int64_t received_at;
};

struct evidence_source {
    const char *source, *target_metric;
    int64_t rows, pending, first_at, last_at;
};

struct evidence_removal {
    const char *source, *target_metric;
};

extern const struct shape shape_calibration_status, shape_run_query, shape_run_list,
    shape_run_report, shape_run_rows, shape_run_row, shape_slot_body, shape_activation,
    shape_evidence_query, shape_evidence_list, shape_evidence_item, shape_evidence_source,
    shape_evidence_removal;

#endif
