/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status, runs, evidence: their field tables. */
#include "run_shapes.h"

#include "store_evidence.h"
#include "store_run.h"

#include <string.h>

static const char *slot_check(const char *slot)
{
    const char *metric = strncmp(slot, SLOT_INTERVAL, strlen(SLOT_INTERVAL)) != 0
                             ? slot
                             : slot + strlen(SLOT_INTERVAL);
    struct uuid revision;
    enum metric known = metric_find(metric);
    bool right = known != METRIC_COUNT && (metric == slot || known != METRIC_MACHINE_CHOICE);
    if (!strncmp(slot, SLOT_CURVE, strlen(SLOT_CURVE)))
        right = uuid_parse(&revision, slot + strlen(SLOT_CURVE), strlen(slot) - strlen(SLOT_CURVE));
    return right ? NULL
                 : "must be a metric (unit_cost, cycle_time_s, setup_time_s, machine_choice), "
                   "conformal:<metric> of a cost or time, or curve:<part revision>";
}

/* clang-format off */
static const struct field interval_fields[] = {
    {.name = "id", .kind = FIELD_UUID, .offset = offsetof(struct status_interval, id),
     .help = "The run."},
    {.name = "kind", .kind = FIELD_TEXT, .offset = offsetof(struct status_interval, kind),
     .help = "The call that made it."},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct status_interval, target_metric)},
    {.name = "alpha", .kind = FIELD_NUM, .offset = offsetof(struct status_interval, alpha), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "q_alpha", .kind = FIELD_NUM, .offset = offsetof(struct status_interval, q_alpha), .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Half-width, as in CalibrationResult."},
    {.name = "observed_coverage", .kind = FIELD_NUM, .offset = offsetof(struct status_interval, observed_coverage), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "n_calibration", .kind = FIELD_INT, .offset = offsetof(struct status_interval, n_calibration), .flags = FIELD_NULLABLE},
    {.name = "status", .kind = FIELD_TEXT, .offset = offsetof(struct status_interval, status)},
    {.name = "active", .kind = FIELD_BOOL, .offset = offsetof(struct status_interval, active),
     .help = "Quotes use it."},
    {.name = "created_at", .kind = FIELD_TIME, .offset = offsetof(struct status_interval, created_at)},
};

static const struct shape shape_interval = {
    .name = "CalibrationInterval", SHAPE_OF(struct status_interval, interval_fields), .nulls = SHAPE_NO_NULLS};

static const struct field alert_fields[] = {
    {.name = "id", .kind = FIELD_UUID, .offset = offsetof(struct status_alert, id)},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct status_alert, target_metric)},
    {.name = "bin", .kind = FIELD_TEXT, .offset = offsetof(struct status_alert, bin)},
    {.name = "signal", .kind = FIELD_TEXT, .offset = offsetof(struct status_alert, signal),
     .help = "bias (CUSUM), coverage (beta-binomial), shift (Page-Hinkley)."},
    {.name = "severity", .kind = FIELD_TEXT, .offset = offsetof(struct status_alert, severity),
     .help = "info, warning, critical: the worst so far."},
    {.name = "status", .kind = FIELD_TEXT, .offset = offsetof(struct status_alert, status),
     .help = "open or resolved; a new fit resolves."},
    {.name = "statistic", .kind = FIELD_NUM, .offset = offsetof(struct status_alert, statistic), .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "bias, shift: share of the decision limit; coverage: p."},
    {.name = "log_shift", .kind = FIELD_NUM, .offset = offsetof(struct status_alert, log_shift), .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Estimated shift of ln(actual/predicted)."},
    {.name = "n", .kind = FIELD_INT, .offset = offsetof(struct status_alert, n),
     .help = "Observations when it was worst."},
    {.name = "run_id", .kind = FIELD_UUID, .offset = offsetof(struct status_alert, run_id),
     .help = "The run that no longer holds."},
    {.name = "opened_at", .kind = FIELD_TIME, .offset = offsetof(struct status_alert, opened_at)},
    {.name = "updated_at", .kind = FIELD_TIME, .offset = offsetof(struct status_alert, updated_at)},
    {.name = "resolved_at", .kind = FIELD_TIME, .offset = offsetof(struct status_alert, resolved_at), .flags = FIELD_NULLABLE},
};

static const struct shape shape_alert = {
    .name = "DriftAlert", SHAPE_OF(struct status_alert, alert_fields), .nulls = SHAPE_NO_NULLS};

static const struct field observations_fields[] = {
    {.name = "oracle", .kind = FIELD_TEXT, .offset = offsetof(struct status_observations, oracle)},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct status_observations, target_metric)},
    {.name = "pending", .kind = FIELD_INT, .offset = offsetof(struct status_observations, pending),
     .help = "Wait for finalize."},
    {.name = "applied", .kind = FIELD_INT, .offset = offsetof(struct status_observations, applied)},
};

static const struct shape shape_observations = {
    .name = "ObservationCount", SHAPE_OF(struct status_observations, observations_fields), .nulls = SHAPE_NO_NULLS};

static const struct field calibration_status_fields[] = {
    {.name = "active_posterior_count", .kind = FIELD_INT, .offset = offsetof(struct calibration_status, active_posterior_count),
     .help = "Quantities that active runs correct."},
    {.name = "conformal", .kind = FIELD_LIST, .offset = offsetof(struct calibration_status, conformal), .item = FIELD_OBJECT, .shape = &shape_interval,
     .help = "The latest 10 runs that sized an interval."},
    {.name = "drift_alerts", .kind = FIELD_LIST, .offset = offsetof(struct calibration_status, drift_alerts), .item = FIELD_OBJECT, .shape = &shape_alert,
     .help = "The latest 20, open ones first."},
    {.name = "env_id", .kind = FIELD_UUID, .offset = offsetof(struct calibration_status, env_id)},
    {.name = "last_fit_at", .kind = FIELD_TIME, .offset = offsetof(struct calibration_status, last_fit_at), .flags = FIELD_NULLABLE},
    {.name = "observations", .kind = FIELD_LIST, .offset = offsetof(struct calibration_status, observations), .item = FIELD_OBJECT, .shape = &shape_observations,
     .help = "By oracle and metric."},
};

const struct shape shape_calibration_status = {
    .name = "CalibrationStatus", SHAPE_OF(struct calibration_status, calibration_status_fields), .nulls = SHAPE_NO_NULLS,
    .help = "Where the calibration of an environment stands."};

static const struct field run_query_fields[] = {
    {.name = "limit", .kind = FIELD_INT, .offset = offsetof(struct run_query, limit), .min = 1, .max = 500, .otherwise = "100",
     .help = "Most items of one page."},
    {.name = "offset", .kind = FIELD_INT, .offset = offsetof(struct run_query, offset), .min = 0, .max = NAN, .otherwise = "0",
     .help = "Items to pass over."},
    {.name = "slot", .kind = FIELD_TEXT, .offset = offsetof(struct run_query, slot), .min = NAN, .max = 64, .check = slot_check,
     .help = "Only runs of that slot: a metric, conformal:<metric>, curve:<part revision>."},
};

const struct shape shape_run_query = {
    .name = "RunQuery", SHAPE_OF(struct run_query, run_query_fields), .nulls = SHAPE_NO_NULLS};

static const struct field run_item_fields[] = {
    {.name = "id", .kind = FIELD_UUID, .offset = offsetof(struct run_item, id)},
    {.name = "kind", .kind = FIELD_TEXT, .offset = offsetof(struct run_item, kind),
     .help = "The call that made it."},
    {.name = "slot", .kind = FIELD_TEXT, .offset = offsetof(struct run_item, slot),
     .help = "What it can be active as."},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct run_item, target_metric)},
    {.name = "subject_id", .kind = FIELD_UUID, .offset = offsetof(struct run_item, subject_id), .flags = FIELD_NULLABLE,
     .help = "Learning curve: the part revision."},
    {.name = "status", .kind = FIELD_TEXT, .offset = offsetof(struct run_item, status)},
    {.name = "active", .kind = FIELD_BOOL, .offset = offsetof(struct run_item, active)},
    {.name = "base_run_id", .kind = FIELD_UUID, .offset = offsetof(struct run_item, base_run_id), .flags = FIELD_NULLABLE,
     .help = "What was active before."},
    {.name = "posterior_count", .kind = FIELD_INT, .offset = offsetof(struct run_item, posterior_count)},
    {.name = "created_at", .kind = FIELD_TIME, .offset = offsetof(struct run_item, created_at)},
};

static const struct shape shape_run_item = {
    .name = "CalibrationRun", SHAPE_OF(struct run_item, run_item_fields), .nulls = SHAPE_NO_NULLS};

static const struct field run_list_fields[] = {
    {.name = "count", .kind = FIELD_INT, .offset = offsetof(struct run_list, count)},
    {.name = "data", .kind = FIELD_LIST, .offset = offsetof(struct run_list, data), .item = FIELD_OBJECT, .shape = &shape_run_item},
};

const struct shape shape_run_list = {
    .name = "CalibrationRunList", SHAPE_OF(struct run_list, run_list_fields), .nulls = SHAPE_NO_NULLS};

static const struct field run_report_fields[] = {
    {.name = "id", .kind = FIELD_UUID, .offset = offsetof(struct run_report, run.id)},
    {.name = "kind", .kind = FIELD_TEXT, .offset = offsetof(struct run_report, run.kind),
     .help = "The call that made it."},
    {.name = "slot", .kind = FIELD_TEXT, .offset = offsetof(struct run_report, run.slot),
     .help = "What it can be active as."},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct run_report, run.target_metric)},
    {.name = "subject_id", .kind = FIELD_UUID, .offset = offsetof(struct run_report, run.subject_id), .flags = FIELD_NULLABLE,
     .help = "Learning curve: the part revision."},
    {.name = "status", .kind = FIELD_TEXT, .offset = offsetof(struct run_report, run.status)},
    {.name = "active", .kind = FIELD_BOOL, .offset = offsetof(struct run_report, run.active)},
    {.name = "base_run_id", .kind = FIELD_UUID, .offset = offsetof(struct run_report, run.base_run_id), .flags = FIELD_NULLABLE,
     .help = "What was active before."},
    {.name = "posterior_count", .kind = FIELD_INT, .offset = offsetof(struct run_report, run.posterior_count)},
    {.name = "created_at", .kind = FIELD_TIME, .offset = offsetof(struct run_report, run.created_at)},
    {.name = "result", .kind = FIELD_JSON, .offset = offsetof(struct run_report, result),
     .help = "What the call answered."},
    {.name = "effects", .kind = FIELD_JSON, .offset = offsetof(struct run_report, effects), .flags = FIELD_NULLABLE,
     .help = "Unit cost: every driver by environment, bin and part with its 90 % interval; else the stored model."},
    {.name = "rows", .kind = FIELD_INT, .offset = offsetof(struct run_report, rows),
     .help = "Rows fitted."},
    {.name = "left_out", .kind = FIELD_JSON, .offset = offsetof(struct run_report, left_out), .flags = FIELD_NULLABLE,
     .help = "Rows left out, by reason."},
};

const struct shape shape_run_report = {
    .name = "CalibrationRunReport", SHAPE_OF(struct run_report, run_report_fields), .nulls = SHAPE_NO_NULLS,
    .help = "A run in full."};

static const struct field run_row_fields[] = {
    {.name = "part_id", .kind = FIELD_UUID, .offset = offsetof(struct run_row, part_id)},
    {.name = "part_revision_id", .kind = FIELD_UUID, .offset = offsetof(struct run_row, part_revision_id)},
    {.name = "bin", .kind = FIELD_TEXT, .offset = offsetof(struct run_row, bin)},
    {.name = "lot_size", .kind = FIELD_NUM, .offset = offsetof(struct run_row, lot_size)},
    {.name = "material", .kind = FIELD_NUM, .offset = offsetof(struct run_row, material), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "run", .kind = FIELD_NUM, .offset = offsetof(struct run_row, run), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "setup", .kind = FIELD_NUM, .offset = offsetof(struct run_row, setup), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "other", .kind = FIELD_NUM, .offset = offsetof(struct run_row, other), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "uncalibrated", .kind = FIELD_NUM, .offset = offsetof(struct run_row, uncalibrated), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "predicted", .kind = FIELD_NUM, .offset = offsetof(struct run_row, predicted), .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "By this run, which has fitted the row."},
    {.name = "lower", .kind = FIELD_NUM, .offset = offsetof(struct run_row, lower), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "upper", .kind = FIELD_NUM, .offset = offsetof(struct run_row, upper), .flags = FIELD_NULLABLE | FIELD_FITTED},
    {.name = "actual", .kind = FIELD_NUM, .offset = offsetof(struct run_row, actual), .flags = FIELD_NULLABLE | FIELD_FITTED},
};

const struct shape shape_run_row = {
    .name = "CalibrationRunRow", SHAPE_OF(struct run_row, run_row_fields), .nulls = SHAPE_NO_NULLS};

static const struct field run_rows_fields[] = {
    {.name = "count", .kind = FIELD_INT, .offset = offsetof(struct run_rows, count)},
    {.name = "data", .kind = FIELD_LIST, .offset = offsetof(struct run_rows, data), .item = FIELD_OBJECT, .shape = &shape_run_row},
};

const struct shape shape_run_rows = {
    .name = "CalibrationRunRows", SHAPE_OF(struct run_rows, run_rows_fields), .nulls = SHAPE_NO_NULLS};

static const struct field slot_body_fields[] = {
    {.name = "slot", .kind = FIELD_TEXT, .offset = offsetof(struct slot_body, slot), .flags = FIELD_REQUIRED, .min = 1, .max = 64,
     .check = slot_check, .help = "A metric, conformal:<metric>, curve:<part revision>."},
};

const struct shape shape_slot_body = {
    .name = "CalibrationSlot", SHAPE_OF(struct slot_body, slot_body_fields), .nulls = SHAPE_NO_NULLS};

static const struct field activation_fields[] = {
    {.name = "slot", .kind = FIELD_TEXT, .offset = offsetof(struct activation, slot)},
    {.name = "run_id", .kind = FIELD_UUID, .offset = offsetof(struct activation, run_id), .flags = FIELD_NULLABLE,
     .help = "Active now."},
    {.name = "previous_run_id", .kind = FIELD_UUID, .offset = offsetof(struct activation, previous_run_id), .flags = FIELD_NULLABLE},
    {.name = "refit_run_id", .kind = FIELD_UUID, .offset = offsetof(struct activation, refit_run_id), .flags = FIELD_NULLABLE,
     .help = "The run of unit cost that followed."},
    {.name = "message", .kind = FIELD_TEXT, .offset = offsetof(struct activation, message)},
};

const struct shape shape_activation = {
    .name = "CalibrationActivation", SHAPE_OF(struct activation, activation_fields), .nulls = SHAPE_NO_NULLS};

static const struct field evidence_query_fields[] = {
    {.name = "limit", .kind = FIELD_INT, .offset = offsetof(struct evidence_query, limit), .min = 1, .max = 500, .otherwise = "100",
     .help = "Most items of one page."},
    {.name = "offset", .kind = FIELD_INT, .offset = offsetof(struct evidence_query, offset), .min = 0, .max = NAN, .otherwise = "0",
     .help = "Items to pass over."},
    {.name = "source", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_query, source), .min = NAN, .max = 64,
     .help = "auto_calibrate, erp, teach, policy or an oracle; absent: all."},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_query, target_metric), .choices = metric_texts,
     .help = "Absent: all."},
};

const struct shape shape_evidence_query = {
    .name = "EvidenceQuery", SHAPE_OF(struct evidence_query, evidence_query_fields), .nulls = SHAPE_NO_NULLS};

static const struct field evidence_item_fields[] = {
    {.name = "source", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_item, source)},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_item, target_metric)},
    {.name = "observation_type", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_item, observation_type), .flags = FIELD_NULLABLE},
    {.name = "external_ref", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_item, external_ref), .flags = FIELD_NULLABLE},
    {.name = "part_id", .kind = FIELD_UUID, .offset = offsetof(struct evidence_item, part_id), .flags = FIELD_NULLABLE},
    {.name = "part_revision_id", .kind = FIELD_UUID, .offset = offsetof(struct evidence_item, part_revision_id), .flags = FIELD_NULLABLE},
    {.name = "bin", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_item, bin)},
    {.name = "operation_sequence", .kind = FIELD_INT, .offset = offsetof(struct evidence_item, operation_sequence), .flags = FIELD_NULLABLE},
    {.name = "lot_size", .kind = FIELD_NUM, .offset = offsetof(struct evidence_item, lot_size), .flags = FIELD_NULLABLE},
    {.name = "annual_volume", .kind = FIELD_NUM, .offset = offsetof(struct evidence_item, annual_volume), .flags = FIELD_NULLABLE},
    {.name = "tooling_lifetime_units", .kind = FIELD_NUM, .offset = offsetof(struct evidence_item, tooling_lifetime_units), .flags = FIELD_NULLABLE},
    {.name = "predicted", .kind = FIELD_NUM, .offset = offsetof(struct evidence_item, predicted), .flags = FIELD_NULLABLE},
    {.name = "actual", .kind = FIELD_NUM, .offset = offsetof(struct evidence_item, actual), .flags = FIELD_NULLABLE},
    {.name = "choice", .kind = FIELD_JSON, .offset = offsetof(struct evidence_item, choice), .flags = FIELD_NULLABLE},
    {.name = "occurred_on", .kind = FIELD_DATE, .offset = offsetof(struct evidence_item, occurred_on), .flags = FIELD_NULLABLE},
    {.name = "model_version", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_item, model_version)},
    {.name = "applied", .kind = FIELD_BOOL, .offset = offsetof(struct evidence_item, applied),
     .help = "A fit has used it."},
    {.name = "received_at", .kind = FIELD_TIME, .offset = offsetof(struct evidence_item, received_at)},
};

const struct shape shape_evidence_item = {
    .name = "Evidence", SHAPE_OF(struct evidence_item, evidence_item_fields), .nulls = SHAPE_NO_NULLS};

static const struct field evidence_list_fields[] = {
    {.name = "count", .kind = FIELD_INT, .offset = offsetof(struct evidence_list, count)},
    {.name = "data", .kind = FIELD_LIST, .offset = offsetof(struct evidence_list, data), .item = FIELD_OBJECT, .shape = &shape_evidence_item},
};

const struct shape shape_evidence_list = {
    .name = "EvidenceList", SHAPE_OF(struct evidence_list, evidence_list_fields), .nulls = SHAPE_NO_NULLS};

static const struct field evidence_source_fields[] = {
    {.name = "source", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_source, source)},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_source, target_metric)},
    {.name = "rows", .kind = FIELD_INT, .offset = offsetof(struct evidence_source, rows)},
    {.name = "pending", .kind = FIELD_INT, .offset = offsetof(struct evidence_source, pending)},
    {.name = "first_at", .kind = FIELD_TIME, .offset = offsetof(struct evidence_source, first_at)},
    {.name = "last_at", .kind = FIELD_TIME, .offset = offsetof(struct evidence_source, last_at)},
};

const struct shape shape_evidence_source = {
    .name = "EvidenceSource", SHAPE_OF(struct evidence_source, evidence_source_fields), .nulls = SHAPE_NO_NULLS};

static const struct field evidence_removal_fields[] = {
    {.name = "source", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_removal, source), .flags = FIELD_REQUIRED, .min = 1, .max = 64,
     .help = "Whose rows go."},
    {.name = "target_metric", .kind = FIELD_TEXT, .offset = offsetof(struct evidence_removal, target_metric), .choices = metric_texts,
     .help = "Absent: of every metric."},
};

const struct shape shape_evidence_removal = {
    .name = "EvidenceRemoval", SHAPE_OF(struct evidence_removal, evidence_removal_fields), .nulls = SHAPE_NO_NULLS};
/* clang-format on */
