/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one answer shape of every calibrating call. */
#ifndef COSTWRIGHT_CALIBRATION_RESULT_H
#define COSTWRIGHT_CALIBRATION_RESULT_H

#include "field.h"

#include <stdbool.h>
#include <string.h>

struct arena;
struct buf;

/* 38 documented keys; the none of each kind prints null. Lists with at == NULL print null, lists
   that apply but are empty point at something. */
struct calibration_result {
    double a;
    double alpha;
    double b;
    struct uuid env_id;
    struct field_raw fit;
    double fitted_accuracy;
    struct field_raw fitted_policy;
    int64_t grid_size;
    double holdout_accuracy;
    double holdout_coverage;
    double holdout_mape;
    struct uuid id;
    int64_t ingested;
    double learning_rate;
    int64_t matched;
    const char *message;
    int64_t n_calibration;
    int64_t n_holdout;
    int64_t n_iterations;
    int64_t n_lots;
    int64_t n_train;
    double observed_coverage;
    struct uuid part_revision_id;
    struct uuid policy_history_id;
    double q_alpha;
    double r_squared;
    double residual_sigma_log;
    struct uuid run_id;
    int64_t samples;
    int64_t samples_applied;
    const char *scope;
    double seed_accuracy;
    const char *status;
    const char *target_metric;
    struct field_list unknown_part_numbers;
    struct field_list unmatched_part_ids;
    int64_t work_orders_received;
    int64_t work_orders_resolved;
};

extern const struct shape shape_calibration_result;

#define SCOPE_TEXT_PLATFORM    "platform"
#define SCOPE_TEXT_ENVIRONMENT "environment"

/* What a call came to. A run has one of the first four. */
#define STATUS_ACTIVATED    "activated"
#define STATUS_NOT_IMPROVED "not_improved"      /* kept; what is active predicts no worse */
#define STATUS_INSUFFICIENT "insufficient_data" /* kept, for a later call */
#define STATUS_NO_LEARNING  "no_learning"       /* cost rises with the quantity made */
#define STATUS_PENDING      "pending"           /* outcomes, until finalize */
#define STATUS_DRY_RUN      "dry_run"

static inline bool status_is(const char *status, const char *which)
{
    return !strcmp(status, which);
}

/* Every key none. */
void calibration_result_clear(struct calibration_result *result);
/* Reads a stored document; it was written through the same table. */
enum err calibration_result_parse(struct arena *arena, const char *document,
                                  struct calibration_result *result);

#endif
