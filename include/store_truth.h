/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ground truth: promoted answers in datasets. */
#ifndef COSTWRIGHT_STORE_TRUTH_H
#define COSTWRIGHT_STORE_TRUTH_H

#include "err.h"
#include "field.h"
#include "store_label_task.h"
#include "store_list.h"
#include "uuid.h"

struct arena;
struct db;

struct store_truth_dataset {
    struct uuid id;
    const char *name;
    struct uuid project_id, campaign_id;
    int64_t item_count, created_at;
};

extern const struct shape shape_truth_dataset;

/* The dataset of the project, or of the campaign where that has none; made where there is none. */
enum err store_truth_dataset_make(struct db *db, struct uuid org, struct uuid project,
                                  struct uuid campaign, const char *name, int64_t now,
                                  struct uuid *id);
enum err store_truth_dataset_get(struct db *db, struct arena *arena, struct uuid org,
                                 struct uuid id, struct store_truth_dataset *dataset);
/* In the order of creation. */
enum err store_truth_dataset_list(struct db *db, struct arena *arena, struct uuid org,
                                  const struct store_page *page, struct store_truth_dataset **list,
                                  size_t *n, int64_t *total);

/* Resolved and adjudicated normal tasks of the campaign that are not ground truth yet become it. */
enum err store_truth_promote(struct db *db, struct arena *arena, struct uuid org,
                             struct uuid dataset, struct uuid campaign, int64_t now,
                             int64_t *promoted);

/* The item that came of an adjudicated task, where there is one, says what was decided. */
enum err store_truth_follow_task(struct db *db, struct uuid org, struct uuid task);
/* Tasks of the campaign were decided again: their items say what they say now, and are no ground
   truth any more where the task is left to adjudication. */
enum err store_truth_follow(struct db *db, struct uuid org, struct uuid campaign);

/* An item with the target of its task. */
struct store_truth_item {
    struct uuid id, task_id, campaign_id;
    const char *verdict;
    struct field_raw value;
    double confidence, agreement;
    const char *target_kind;
    struct uuid part_revision_id, calculation_id, feature_id, face_uuid, pmi_id, dfm_issue_id;
    const char *detail_kind, *field_name, *field_path;
    struct field_raw drawing_bbox, position;
    const char *prompt;
    struct field_raw predicted_value;
    double predicted_confidence;
    int64_t created_at;
};

extern const struct shape shape_truth_item;

/* In the order of promotion; read part by part, to be called in a snapshot (db_snapshot). take may
   not use the database, its error ends the call; the item's texts live until it returns. */
enum err store_truth_item_each(struct db *db, struct uuid org, struct uuid dataset,
                               const struct store_page *page,
                               enum err (*take)(void *context, const struct store_truth_item *item),
                               void *context);

#endif
