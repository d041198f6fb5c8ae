/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CalibrationResult: its field table. */
#include "calibration_result.h"

#include "field_present.h"

#include <string.h>

/* clang-format off */
#define OR_NULL(member, of_kind, text)                                                             \
    {FIELD_OF(struct calibration_result, member), .kind = (of_kind), .flags = FIELD_NULLABLE,      \
     .help = (text)}
#define FITTED(member, text)                                                                       \
    {FIELD_OF(struct calibration_result, member), .kind = FIELD_NUM,                               \
     .flags = FIELD_NULLABLE | FIELD_FITTED, .help = (text)}

static const struct field fields[] = {
    FITTED(a, "Learning curve: cost of the first unit, environment currency."),
    FITTED(alpha, "Miscoverage the interval aims at; 0.1 = 90 % intervals."),
    FITTED(b, "Learning curve: exponent; the learning rate is 2^b."),
    OR_NULL(env_id, FIELD_UUID, "Environment; null at platform scope."),
    {FIELD_OF(struct calibration_result, fit), .kind = FIELD_JSON,
     .flags = FIELD_NULLABLE | FIELD_OBJECT_JSON,
     .help = "What was learned, in detail: model, drivers, intervals by history, what was left "
             "out; of at most 2,000 bins: the run's report has all."},
    FITTED(fitted_accuracy, "Machine policy: share of training choices the fitted policy repeats."),
    {FIELD_OF(struct calibration_result, fitted_policy), .kind = FIELD_JSON,
     .flags = FIELD_NULLABLE | FIELD_OBJECT_JSON, .help = "Machine policy: weight by feature."},
    OR_NULL(grid_size, FIELD_INT, "Machine policy: distinct candidate policies evaluated."),
    FITTED(holdout_accuracy, "Machine policy: the same share on rows held out."),
    FITTED(holdout_coverage,
           "Share of held-out rows inside their interval; these rows neither fitted nor sized "
           "anything."),
    FITTED(holdout_mape, "Mean |predicted/actual - 1| on held-out rows, as a fraction."),
    OR_NULL(id, FIELD_UUID, "The run, same as run_id."),
    OR_NULL(ingested, FIELD_INT, "Rows of this call that were taken in."),
    FITTED(learning_rate, "Cost of a unit after doubling the quantity, as a fraction: 2^b."),
    OR_NULL(matched, FIELD_INT, "Rows of this call that belong to a known part (or prediction)."),
    OR_NULL(message, FIELD_TEXT, "What happened, in words."),
    OR_NULL(n_calibration, FIELD_INT, "Rows that sized the reported interval."),
    OR_NULL(n_holdout, FIELD_INT, "Rows set aside to measure the first fit."),
    OR_NULL(n_iterations, FIELD_INT, "Rounds of the iterative part of the fit."),
    OR_NULL(n_lots, FIELD_INT, "Learning curve: lots used."),
    OR_NULL(n_train, FIELD_INT, "Rows of the first fit, that the held-out rows measure."),
    FITTED(observed_coverage,
           "Share inside the interval of the rows that sized it: close to 1 - alpha by "
           "construction, not a proof."),
    OR_NULL(part_revision_id, FIELD_UUID, "Learning curve: the part revision."),
    OR_NULL(policy_history_id, FIELD_UUID, "Machine policy: the run that holds the history."),
    FITTED(q_alpha,
           "Half-width of the interval in log, in units of the predicted standard deviation "
           "(unit cost) or absolute; null: no interval can be given."),
    FITTED(r_squared, "Learning curve: share of variance explained."),
    FITTED(residual_sigma_log, "Residual scale in log."),
    OR_NULL(run_id, FIELD_UUID,
            "The run that holds the evidence and the fit; null when none was stored."),
    OR_NULL(samples, FIELD_INT, "Rows of evidence considered."),
    OR_NULL(samples_applied, FIELD_INT, "Rows of evidence fitted."),
    OR_NULL(scope, FIELD_TEXT, "environment or platform."),
    FITTED(seed_accuracy, "Machine policy: share of training choices the seed policy repeats."),
    OR_NULL(status, FIELD_TEXT,
            "activated, not_improved, insufficient_data, no_learning, pending (outcomes, until "
            "finalize) or dry_run."),
    OR_NULL(target_metric, FIELD_TEXT,
            "unit_cost, cycle_time_s, setup_time_s or machine_choice; null when the rows "
            "disagree."),
    {FIELD_OF(struct calibration_result, unknown_part_numbers), .kind = FIELD_LIST,
     .flags = FIELD_NULLABLE, .item = FIELD_TEXT,
     .help = "Part numbers of work orders that no part carries."},
    {FIELD_OF(struct calibration_result, unmatched_part_ids), .kind = FIELD_LIST,
     .flags = FIELD_NULLABLE, .item = FIELD_TEXT,
     .help = "Part revisions that are unknown or have no quote here to compare with."},
    OR_NULL(work_orders_received, FIELD_INT, "Work orders in this call."),
    OR_NULL(work_orders_resolved, FIELD_INT, "Work orders whose part is known."),
};
/* clang-format on */

const struct shape shape_calibration_result = {
    .name = "CalibrationResult",
    SHAPE_OF(struct calibration_result, fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "What a calibrating call did and learned. Keys that do not apply to the call are null.",
};

void calibration_result_clear(struct calibration_result *result)
{
    field_defaults(&shape_calibration_result, result);
}

enum err calibration_result_parse(struct arena *arena, const char *document,
                                  struct calibration_result *result)
{
    struct flaws flaws = {.arena = arena};
    const struct field_path root = {.key = "document"};
    const struct field_raw text = {document, strlen(document)};
    bool read = field_read_copy(&text, &shape_calibration_result, result, &flaws, &root);
    return read && !flaws.total ? ERR_OK : ERR_INTERNAL;
}
