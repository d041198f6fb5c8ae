/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labeling tasks and submissions: rows and statements. */
#ifndef COSTWRIGHT_STORE_LABEL_TASK_H
#define COSTWRIGHT_STORE_LABEL_TASK_H

#include "err.h"
#include "field.h"
#include "store_list.h"
#include "uuid.h"

struct arena;
struct db;
struct store_label_actor;
struct store_label_campaign;

struct store_label_task {
    struct uuid id, campaign_id;
    const char *status; /* open, resolved, needs_adjudication, adjudicated */
    int8_t is_gold;
    struct uuid claimed_by_user_id, claimed_by_annotator_account_id;
    int64_t claimed_at, claim_expires_at;
    int64_t n_required, submission_count;
    const char *target_kind;
    struct uuid part_revision_id, calculation_id, feature_id, face_uuid, pmi_id, dfm_issue_id;
    const char *detail_kind, *field_name, *field_path;
    struct field_raw drawing_bbox, position; /* arrays of numbers */
    const char *prompt;
    struct field_raw predicted_value;
    double predicted_confidence;
    const char *consensus_verdict;
    struct field_raw consensus_value;
    double agreement, confidence; /* confidence: largest posterior; not shown */
    int64_t resolved_at, created_at;
    /* not shown */
    int64_t counted;      /* submissions that count toward n_required */
    int64_t unsure_count; /* submissions that said unsure */
    const char *gold_answer;
    int64_t place;            /* rnd: place in the queue */
    struct field_raw subject; /* 16 bytes; written, not read */
};

extern const struct shape shape_label_task;        /* the owner's view: LabelingTaskPublic */
extern const struct shape shape_label_task_served; /* the annotator's: the same struct */
/* its columns, of a labeling_task named t */
#define STORE_LABEL_SERVED                                                                         \
    "t.id, t.campaign_id, t.status, t.claim_expires_at, t.n_required, t.target_kind,"              \
    " t.part_revision_id, t.calculation_id, t.feature_id, t.face_uuid, t.pmi_id, t.dfm_issue_id,"  \
    " t.detail_kind, t.field_name, t.field_path, t.drawing_bbox, t.position, t.prompt,"            \
    " t.predicted_value"

/* what an answer to it needs: the same struct */
extern const struct shape shape_label_task_answered;
#define STORE_LABEL_ANSWERED                                                                       \
    "t.id, t.campaign_id, t.status, t.is_gold, t.claimed_by_user_id,"                              \
    " t.claimed_by_annotator_account_id, t.claim_expires_at, t.n_required, t.counted,"             \
    " t.unsure_count, t.gold_answer, t.predicted_value, t.created_at"

/* ERR_NOT_FOUND. lock: STORE_READ or STORE_UPDATE. */
enum err store_label_task_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                              enum store_lock lock, struct store_label_task *task);
/* status NULL: all, in the order of creation; else in the order of the queue. *total counts
   honeypots too. */
enum err store_label_task_list(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid campaign, const char *status,
                               const struct store_page *page, struct store_label_task **list,
                               size_t *n, int64_t *total);
/* Many at once, open, not leased, each with id, place, created_at. The caller adds to the counts
   (store_label_campaign_add). */
enum err store_label_task_insert(struct db *db, struct arena *arena, struct uuid org,
                                 const struct store_label_task *tasks, size_t n);

/* Other places in the queue (labeling.h). */
struct store_label_place;
enum err store_label_task_move(struct db *db, struct uuid org, struct uuid campaign,
                               const struct store_label_place *places, size_t n);

/* A decision. status: resolved, needs_adjudication, adjudicated; resolved_at becomes now, or none
   for needs_adjudication. Ends the lease. */
struct store_label_decision {
    struct uuid task;
    const char *status, *verdict;
    struct field_raw value; /* JSON text */
    double agreement, confidence;
};
enum err store_label_task_decide(struct db *db, struct uuid org, struct uuid campaign,
                                 const struct store_label_decision *decision, int64_t now);

struct store_label_submission {
    struct uuid task_id, annotator_id, id;
    int8_t is_user;
    const char *verdict; /* confirm, reject, correct, unsure */
    struct field_raw corrected_value;
    double confidence;
    int64_t duration_ms;
    int8_t is_imported;
    int64_t created_at;
};

extern const struct shape shape_label_submission; /* LabelingSubmissionPublic */

#define STORE_LABEL_INSERT                                                                         \
    "INSERT INTO labeling_submission (org_id, campaign_id, " STORE_LABEL_SUBMISSION ")"
#define STORE_LABEL_SUBMISSION                                                                     \
    "id, task_id, annotator_id, is_user, verdict, corrected_value, confidence, duration_ms,"       \
    " is_imported, created_at"
enum err store_label_submission_exists(struct db *db, struct uuid org, struct uuid campaign,
                                       struct uuid task, struct uuid annotator, bool *exists);
/* All of one task, by annotator. In a transaction that holds the task's lock: the newest. */
enum err store_label_submission_of_task(struct db *db, struct arena *arena, struct uuid org,
                                        struct uuid campaign, struct uuid task,
                                        struct store_label_submission **list, size_t *n);
#endif
