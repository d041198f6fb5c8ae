/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status, runs, evidence: their field tables. */
#include "run_shapes.h"

#include "api.h"
#include "store_evidence.h"
#include "store_run.h"

#include <string.h>

static const char *slot_check(const char *slot)
{
    const char *of_interval = slot_behind(slot, SLOT_INTERVAL);
    const char *revision = slot_behind(slot, SLOT_CURVE);
    struct uuid id;
    enum metric known = metric_find(of_interval ? of_interval : slot);
    bool right = known != METRIC_COUNT && !(of_interval && known == METRIC_MACHINE_CHOICE);
    if (revision)
        right = uuid_parse(&id, revision, strlen(revision));
    return right ? NULL
                 : "must be a metric (unit_cost, cycle_time_s, setup_time_s, machine_choice), "
                   "conformal:<metric> of a cost or time, or curve:<part revision>";
}

/* clang-format off */
#define INTERVAL(member) FIELD_OF(struct status_interval, member)
static const struct field interval_fields[] = {
    {INTERVAL(id), .kind = FIELD_UUID, .help = "The run."},
    {INTERVAL(kind), .kind = FIELD_TEXT, .help = "The call that made it."},
    {INTERVAL(target_metric), .kind = FIELD_TEXT},
    {INTERVAL(alpha), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {INTERVAL(q_alpha), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Half-width, as in CalibrationResult."},
    {INTERVAL(observed_coverage), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {INTERVAL(n_calibration), .kind = FIELD_INT, .flags = FIELD_NULLABLE},
    {INTERVAL(status), .kind = FIELD_TEXT},
    {INTERVAL(active), .kind = FIELD_BOOL, .help = "Quotes use it."},
    {INTERVAL(created_at), .kind = FIELD_TIME},
};

static const struct shape shape_interval = {
    .name = "CalibrationInterval", SHAPE_OF(struct status_interval, interval_fields),
    .nulls = SHAPE_NO_NULLS};

#define ALERT(member) FIELD_OF(struct status_alert, member)
static const struct field alert_fields[] = {
    {ALERT(id), .kind = FIELD_UUID},
    {ALERT(target_metric), .kind = FIELD_TEXT},
    {ALERT(bin), .kind = FIELD_TEXT},
    {ALERT(signal), .kind = FIELD_TEXT,
     .help = "bias (CUSUM), coverage (beta-binomial), shift (Page-Hinkley)."},
    {ALERT(severity), .kind = FIELD_TEXT, .help = "info, warning, critical: the worst so far."},
    {ALERT(status), .kind = FIELD_TEXT, .help = "open or resolved; a new fit resolves."},
    {ALERT(statistic), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "bias, shift: share of the decision limit; coverage: p."},
    {ALERT(log_shift), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "Estimated shift of ln(actual/predicted)."},
    {ALERT(n), .kind = FIELD_INT, .help = "Observations when it was worst."},
    {ALERT(run_id), .kind = FIELD_UUID, .help = "The run that no longer holds."},
    {ALERT(opened_at), .kind = FIELD_TIME},
    {ALERT(updated_at), .kind = FIELD_TIME},
    {ALERT(resolved_at), .kind = FIELD_TIME, .flags = FIELD_NULLABLE},
};

static const struct shape shape_alert = {
    .name = "DriftAlert", SHAPE_OF(struct status_alert, alert_fields), .nulls = SHAPE_NO_NULLS};

#define OBSERVED(member) FIELD_OF(struct status_observations, member)
static const struct field observations_fields[] = {
    {OBSERVED(oracle), .kind = FIELD_TEXT},
    {OBSERVED(target_metric), .kind = FIELD_TEXT},
    {OBSERVED(pending), .kind = FIELD_INT, .help = "Wait for finalize."},
    {OBSERVED(applied), .kind = FIELD_INT},
};

static const struct shape shape_observations = {
    .name = "ObservationCount", SHAPE_OF(struct status_observations, observations_fields),
    .nulls = SHAPE_NO_NULLS};

#define STATUS(member) FIELD_OF(struct calibration_status, member)
static const struct field calibration_status_fields[] = {
    {STATUS(active_posterior_count), .kind = FIELD_INT,
     .help = "Quantities that active runs correct."},
    {STATUS(conformal), .kind = FIELD_LIST, .item = FIELD_OBJECT, .shape = &shape_interval,
     .help = "The latest 10 runs that sized an interval."},
    {STATUS(drift_alerts), .kind = FIELD_LIST, .item = FIELD_OBJECT, .shape = &shape_alert,
     .help = "The latest 20, open ones first."},
    {STATUS(env_id), .kind = FIELD_UUID},
    {STATUS(last_fit_at), .kind = FIELD_TIME, .flags = FIELD_NULLABLE},
    {STATUS(observations), .kind = FIELD_LIST, .item = FIELD_OBJECT, .shape = &shape_observations,
     .help = "By oracle and metric."},
};

const struct shape shape_calibration_status = {
    .name = "CalibrationStatus", SHAPE_OF(struct calibration_status, calibration_status_fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "Where the calibration of an environment stands."};

static const struct field run_query_fields[] = {
    API_PAGE(offsetof(struct run_query, page), 0),
    {FIELD_OF(struct run_query, slot), .kind = FIELD_TEXT, FIELD_UP_TO(64), .check = slot_check,
     .help = "Only runs of that slot: a metric, conformal:<metric>, curve:<part revision>."},
};

const struct shape shape_run_query = {
    .name = "RunQuery", SHAPE_OF(struct run_query, run_query_fields), .nulls = SHAPE_NO_NULLS};

/* A run, at the place `at` of the struct. */
#define RUN(at, member) .name = #member, .offset = (at) + offsetof(struct run_item, member)
#define RUN_FIELDS(at)                                                                             \
    {RUN(at, id), .kind = FIELD_UUID},                                                             \
    {RUN(at, kind), .kind = FIELD_TEXT, .help = "The call that made it."},                         \
    {RUN(at, slot), .kind = FIELD_TEXT, .help = "What it can be active as."},                      \
    {RUN(at, target_metric), .kind = FIELD_TEXT},                                                  \
    {RUN(at, subject_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE,                             \
     .help = "Learning curve: the part revision."},                                                \
    {RUN(at, status), .kind = FIELD_TEXT},                                                         \
    {RUN(at, active), .kind = FIELD_BOOL},                                                         \
    {RUN(at, base_run_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE,                            \
     .help = "What was active before."},                                                           \
    {RUN(at, posterior_count), .kind = FIELD_INT},                                                 \
    {RUN(at, created_at), .kind = FIELD_TIME}

static const struct field run_item_fields[] = {RUN_FIELDS(0)};

static const struct shape shape_run_item = {
    .name = "CalibrationRun", SHAPE_OF(struct run_item, run_item_fields), .nulls = SHAPE_NO_NULLS};

static const struct field run_list_fields[] = {API_COUNTED(&shape_run_item, NULL)};

const struct shape shape_run_list = {
    .name = "CalibrationRunList", SHAPE_OF(struct counted_list, run_list_fields),
    .nulls = SHAPE_NO_NULLS};

#define REPORT(member) FIELD_OF(struct run_report, member)
static const struct field run_report_fields[] = {
    RUN_FIELDS(offsetof(struct run_report, run)),
    {REPORT(result), .kind = FIELD_JSON, .help = "What the call answered."},
    {REPORT(effects), .kind = FIELD_JSON, .flags = FIELD_NULLABLE,
     .help = "Unit cost: every driver by environment, bin and part with its 90 % interval; else "
             "the stored model."},
    {REPORT(rows), .kind = FIELD_INT, .help = "Rows fitted."},
    {REPORT(left_out), .kind = FIELD_JSON, .flags = FIELD_NULLABLE,
     .help = "Rows left out, by reason."},
};

const struct shape shape_run_report = {
    .name = "CalibrationRunReport", SHAPE_OF(struct run_report, run_report_fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "A run in full."};

#define ROW(member) FIELD_OF(struct run_row, member)
static const struct field run_row_fields[] = {
    {ROW(part_id), .kind = FIELD_UUID},
    {ROW(part_revision_id), .kind = FIELD_UUID},
    {ROW(bin), .kind = FIELD_TEXT},
    {ROW(lot_size), .kind = FIELD_NUM},
    {ROW(material), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {ROW(run), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {ROW(setup), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {ROW(other), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {ROW(uncalibrated), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {ROW(predicted), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED,
     .help = "By this run, which has fitted the row."},
    {ROW(lower), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {ROW(upper), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
    {ROW(actual), .kind = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_FITTED},
};

const struct shape shape_run_row = {
    .name = "CalibrationRunRow", SHAPE_OF(struct run_row, run_row_fields), .nulls = SHAPE_NO_NULLS};

static const struct field run_rows_fields[] = {API_COUNTED(&shape_run_row, NULL)};

const struct shape shape_run_rows = {
    .name = "CalibrationRunRows", SHAPE_OF(struct counted_list, run_rows_fields),
    .nulls = SHAPE_NO_NULLS};

static const struct field slot_body_fields[] = {
    {FIELD_OF(struct slot_body, slot), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED,
     FIELD_BETWEEN(1, 64), .check = slot_check,
     .help = "A metric, conformal:<metric>, curve:<part revision>."},
};

const struct shape shape_slot_body = {
    .name = "CalibrationSlot", SHAPE_OF(struct slot_body, slot_body_fields),
    .nulls = SHAPE_NO_NULLS};

#define SLOT(member) FIELD_OF(struct activation, member)
static const struct field activation_fields[] = {
    {SLOT(slot), .kind = FIELD_TEXT},
    {SLOT(run_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE, .help = "Active now."},
    {SLOT(previous_run_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {SLOT(refit_run_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE,
     .help = "The run of unit cost that followed."},
    {SLOT(message), .kind = FIELD_TEXT},
};

const struct shape shape_activation = {
    .name = "CalibrationActivation", SHAPE_OF(struct activation, activation_fields),
    .nulls = SHAPE_NO_NULLS};

#define ASKED(member) FIELD_OF(struct evidence_query, member)
static const struct field evidence_query_fields[] = {
    API_PAGE(offsetof(struct evidence_query, page), 0),
    {ASKED(source), .kind = FIELD_TEXT, FIELD_UP_TO(64),
     .help = "auto_calibrate, erp, teach, policy or an oracle; absent: all."},
    {ASKED(target_metric), .kind = FIELD_TEXT, .choices = metric_texts, .help = "Absent: all."},
};

const struct shape shape_evidence_query = {
    .name = "EvidenceQuery", SHAPE_OF(struct evidence_query, evidence_query_fields),
    .nulls = SHAPE_NO_NULLS};

#define EVIDENCE(member) FIELD_OF(struct evidence_item, member)
static const struct field evidence_item_fields[] = {
    {EVIDENCE(source), .kind = FIELD_TEXT},
    {EVIDENCE(target_metric), .kind = FIELD_TEXT},
    {EVIDENCE(observation_type), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {EVIDENCE(external_ref), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {EVIDENCE(part_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {EVIDENCE(part_revision_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {EVIDENCE(bin), .kind = FIELD_TEXT},
    {EVIDENCE(operation_sequence), .kind = FIELD_INT, .flags = FIELD_NULLABLE},
    {EVIDENCE(lot_size), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {EVIDENCE(annual_volume), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {EVIDENCE(tooling_lifetime_units), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {EVIDENCE(predicted), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {EVIDENCE(actual), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {EVIDENCE(choice), .kind = FIELD_JSON, .flags = FIELD_NULLABLE},
    {EVIDENCE(occurred_on), .kind = FIELD_DATE, .flags = FIELD_NULLABLE},
    {EVIDENCE(model_version), .kind = FIELD_TEXT},
    {EVIDENCE(applied), .kind = FIELD_BOOL, .help = "A fit has used it."},
    {EVIDENCE(received_at), .kind = FIELD_TIME},
};

const struct shape shape_evidence_item = {
    .name = "Evidence", SHAPE_OF(struct evidence_item, evidence_item_fields),
    .nulls = SHAPE_NO_NULLS};

static const struct field evidence_list_fields[] = {API_COUNTED(&shape_evidence_item, NULL)};

const struct shape shape_evidence_list = {
    .name = "EvidenceList", SHAPE_OF(struct counted_list, evidence_list_fields),
    .nulls = SHAPE_NO_NULLS};

#define SOURCE(member) FIELD_OF(struct evidence_source, member)
static const struct field evidence_source_fields[] = {
    {SOURCE(source), .kind = FIELD_TEXT},
    {SOURCE(target_metric), .kind = FIELD_TEXT},
    {SOURCE(rows), .kind = FIELD_INT},
    {SOURCE(pending), .kind = FIELD_INT},
    {SOURCE(first_at), .kind = FIELD_TIME},
    {SOURCE(last_at), .kind = FIELD_TIME},
};

const struct shape shape_evidence_source = {
    .name = "EvidenceSource", SHAPE_OF(struct evidence_source, evidence_source_fields),
    .nulls = SHAPE_NO_NULLS};

#define REMOVED(member) FIELD_OF(struct evidence_removal, member)
static const struct field evidence_removal_fields[] = {
    {REMOVED(source), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, FIELD_BETWEEN(1, 64),
     .help = "Whose rows go."},
    {REMOVED(target_metric), .kind = FIELD_TEXT, .choices = metric_texts,
     .help = "Absent: of every metric."},
};

const struct shape shape_evidence_removal = {
    .name = "EvidenceRemoval", SHAPE_OF(struct evidence_removal, evidence_removal_fields),
    .nulls = SHAPE_NO_NULLS};
/* clang-format on */
