/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labeling tasks: rows and statements. */
#include "store_label_task.h"

#include "arena.h"
#include "store_db.h"
#include "store_label_campaign.h"
#include "store_label_queue.h"

#define COLUMNS                                                                                    \
    "t.id, t.campaign_id, t.status, t.is_gold, t.claimed_by_user_id,"                              \
    " t.claimed_by_annotator_account_id, t.claimed_at, t.claim_expires_at, t.n_required,"          \
    " t.submission_count, t.target_kind, t.part_revision_id, t.calculation_id, t.feature_id,"      \
    " t.face_uuid, t.pmi_id, t.dfm_issue_id, t.detail_kind, t.field_name, t.field_path,"           \
    " t.drawing_bbox, t.position, t.prompt, t.predicted_value, t.predicted_confidence,"            \
    " t.consensus_verdict, t.consensus_value, t.agreement, t.confidence, t.resolved_at,"           \
    " t.created_at, t.counted, t.unsure_count, t.gold_answer, t.rnd"
#define ONE "SELECT " COLUMNS " FROM labeling_task t WHERE t.org_id = ? AND t.id = ?"

static const struct sql select_one = {ONE};
static const struct sql select_locked = {ONE " FOR UPDATE"};
static const struct sql select_page = {
    "SELECT " COLUMNS " FROM labeling_task t FORCE INDEX (labeling_task_created)"
    " WHERE t.org_id = ? AND t.campaign_id = ? ORDER BY t.created_at, t.id LIMIT ? OFFSET ?"};
static const struct sql select_page_of = {
    "SELECT " COLUMNS " FROM labeling_task t FORCE INDEX (labeling_task_queue)"
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.status = ? ORDER BY t.is_gold, t.rnd, t.id"
    " LIMIT ? OFFSET ?"};
static const struct sql count_all = {
    "SELECT COALESCE(SUM(n_tasks + n_gold_tasks), 0) FROM labeling_seat"
    " WHERE org_id = ? AND campaign_id = ?"};
static const struct sql count_of = {
    "SELECT COUNT(*) FROM labeling_task FORCE INDEX (labeling_task_queue)"
    " WHERE org_id = ? AND campaign_id = ? AND status = ?"};
static const struct sql insert_task = {
    "INSERT INTO labeling_task (org_id, campaign_id, id, status, is_gold, rnd, n_required,"
    " submission_count, counted, unsure_count, target_kind, subject, part_revision_id,"
    " calculation_id, feature_id, face_uuid, pmi_id, dfm_issue_id, detail_kind, field_name,"
    " field_path, drawing_bbox, position, prompt, predicted_value, predicted_confidence,"
    " gold_answer, created_at) VALUES (?, ?, ?, 'open', ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?,"
    " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql update_place = {"UPDATE labeling_task FORCE INDEX (PRIMARY) SET rnd = ? "
                                        "WHERE org_id = ? AND campaign_id = ? AND id = ?"};
static const struct sql update_decision = {
    "UPDATE labeling_task SET status = ?, consensus_verdict = ?, consensus_value = ?,"
    " agreement = ?, confidence = ?, resolved_at = IF(status = 'needs_adjudication', NULL, ?),"
    " claimed_by_user_id = NULL, claimed_by_annotator_account_id = NULL, claimed_at = NULL,"
    " claim_expires_at = NULL WHERE org_id = ? AND campaign_id = ? AND id = ?"};
#define AT(member) FIELD_OF(struct store_label_task, member)
#define UUID_OR_NONE(id)                                                                           \
    {                                                                                              \
        AT(id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE                                        \
    }
#define TEXT_OR_NONE(at)                                                                           \
    {                                                                                              \
        AT(at), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE                                        \
    }
#define TIME_OR_NONE(at)                                                                           \
    {                                                                                              \
        AT(at), .kind = FIELD_TIME, .flags = FIELD_NULLABLE                                        \
    }

#define NUMBERS_OR_NONE(at)                                                                        \
    {                                                                                              \
        AT(at), .kind = FIELD_JSON, .item = FIELD_NUM, .flags = FIELD_NULLABLE | FIELD_ARRAY_JSON  \
    }

/* in the order of COLUMNS */
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(campaign_id), .kind = FIELD_UUID},
    {AT(status), .kind = FIELD_TEXT,
     .help = "open, resolved, needs_adjudication or adjudicated; honeypots stay open."},
    {AT(is_gold), .kind = FIELD_BOOL, .help = "A honeypot: its answer is known."},
    UUID_OR_NONE(claimed_by_user_id),
    UUID_OR_NONE(claimed_by_annotator_account_id),
    TIME_OR_NONE(claimed_at),
    TIME_OR_NONE(claim_expires_at),
    {AT(n_required), .kind = FIELD_INT, .help = "Submissions that decide it."},
    {AT(submission_count), .kind = FIELD_INT},
    {AT(target_kind), .kind = FIELD_TEXT},
    UUID_OR_NONE(part_revision_id),
    UUID_OR_NONE(calculation_id),
    UUID_OR_NONE(feature_id),
    UUID_OR_NONE(face_uuid),
    UUID_OR_NONE(pmi_id),
    UUID_OR_NONE(dfm_issue_id),
    TEXT_OR_NONE(detail_kind),
    TEXT_OR_NONE(field_name),
    TEXT_OR_NONE(field_path),
    NUMBERS_OR_NONE(drawing_bbox),
    NUMBERS_OR_NONE(position),
    TEXT_OR_NONE(prompt),
    {AT(predicted_value), .kind = FIELD_JSON, .flags = FIELD_NULLABLE},
    {AT(predicted_confidence), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {AT(consensus_verdict), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE,
     .help = "confirm, reject or correct; provisional while needs_adjudication."},
    {AT(consensus_value), .kind = FIELD_JSON, .flags = FIELD_NULLABLE},
    {AT(agreement), .kind = FIELD_NUM, .flags = FIELD_NULLABLE,
     .help = "Share of the submissions equal to the consensus."},
    {AT(confidence), .kind = FIELD_NUM, .flags = FIELD_HIDDEN},
    TIME_OR_NONE(resolved_at),
    {AT(created_at), .kind = FIELD_TIME},
    {AT(counted), .kind = FIELD_INT, .flags = FIELD_HIDDEN},
    {AT(unsure_count), .kind = FIELD_INT, .flags = FIELD_HIDDEN},
    {AT(gold_answer), .kind = FIELD_TEXT, .flags = FIELD_HIDDEN},
    {AT(place), .kind = FIELD_INT, .flags = FIELD_HIDDEN},
};

const struct shape shape_label_task = {
    .name = "LabelingTaskPublic",
    SHAPE_OF(struct store_label_task, fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "A task as its owner sees it.",
};

static const struct field answered_fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(campaign_id), .kind = FIELD_UUID},
    {AT(status), .kind = FIELD_TEXT},
    {AT(is_gold), .kind = FIELD_BOOL},
    UUID_OR_NONE(claimed_by_user_id),
    UUID_OR_NONE(claimed_by_annotator_account_id),
    TIME_OR_NONE(claim_expires_at),
    {AT(n_required), .kind = FIELD_INT},
    {AT(counted), .kind = FIELD_INT},
    {AT(unsure_count), .kind = FIELD_INT},
    TEXT_OR_NONE(gold_answer),
    {AT(predicted_value), .kind = FIELD_JSON, .flags = FIELD_NULLABLE},
    {AT(created_at), .kind = FIELD_TIME},
};

const struct shape shape_label_task_answered = {
    .name = "LabelingTaskAnswered",
    SHAPE_OF(struct store_label_task, answered_fields),
    .nulls = SHAPE_NO_NULLS,
};

static const struct field served_fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(campaign_id), .kind = FIELD_UUID},
    {AT(status), .kind = FIELD_TEXT},
    {AT(claim_expires_at), .kind = FIELD_TIME, .flags = FIELD_ADDED,
     .help = "Until then nobody else gets the task."},
    {AT(n_required), .kind = FIELD_INT},
    {AT(target_kind), .kind = FIELD_TEXT},
    UUID_OR_NONE(part_revision_id),
    UUID_OR_NONE(calculation_id),
    UUID_OR_NONE(feature_id),
    UUID_OR_NONE(face_uuid),
    UUID_OR_NONE(pmi_id),
    UUID_OR_NONE(dfm_issue_id),
    TEXT_OR_NONE(detail_kind),
    TEXT_OR_NONE(field_name),
    TEXT_OR_NONE(field_path),
    NUMBERS_OR_NONE(drawing_bbox),
    NUMBERS_OR_NONE(position),
    TEXT_OR_NONE(prompt),
    {AT(predicted_value), .kind = FIELD_JSON, .flags = FIELD_NULLABLE},
};

const struct shape shape_label_task_served = {
    .name = "LabelingTaskServed",
    SHAPE_OF(struct store_label_task, served_fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "A task as an annotator sees it: nothing tells honeypots from normal tasks.",
};

enum err store_label_task_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                              enum store_lock lock, struct store_label_task *task)
{
    return db_query_shape(db, lock == STORE_READ ? &select_one : &select_locked,
                          DB_ARGS(db_uuid(org), db_uuid(id)), &shape_label_task, task, arena);
}

enum err store_label_task_list(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid campaign, const char *status,
                               const struct store_page *page, struct store_label_task **list,
                               size_t *n, int64_t *total)
{
    const struct db_value args[] = {db_uuid(org), db_uuid(campaign), db_text(status),
                                    db_int(store_page_limit(page)), db_int(page->offset)};
    enum err err =
        status
            ? store_list_rows(db, arena, &select_page_of, args, 5, &shape_label_task, list, n)
            : store_list_rows(db, arena, &select_page, DB_ARGS(args[0], args[1], args[3], args[4]),
                              &shape_label_task, list, n);
    if (err)
        return err;
    return status ? store_list_total(db, page, *n, &count_of, args, 3, total)
                  : store_list_total(db, page, *n, &count_all, args, 2, total);
}

enum err store_label_task_insert(struct db *db, struct arena *arena, struct uuid org,
                                 const struct store_label_task *tasks, size_t n)
{
    int64_t *gold = ARENA_ARRAY(arena, n ? n : 1, int64_t);
    for (size_t i = 0; i < n; i++)
        gold[i] = tasks[i].is_gold == 1;
    const size_t stride = sizeof *tasks;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &tasks->campaign_id, stride},
        {DB_UUID, &tasks->id, stride},
        {DB_INT, gold, sizeof *gold},
        {DB_INT, &tasks->place, stride},
        {DB_INT, &tasks->n_required, stride},
        {DB_TEXT, &tasks->target_kind, stride},
        {DB_BLOB, &tasks->subject, stride},
        {DB_UUID, &tasks->part_revision_id, stride},
        {DB_UUID, &tasks->calculation_id, stride},
        {DB_UUID, &tasks->feature_id, stride},
        {DB_UUID, &tasks->face_uuid, stride},
        {DB_UUID, &tasks->pmi_id, stride},
        {DB_UUID, &tasks->dfm_issue_id, stride},
        {DB_TEXT, &tasks->detail_kind, stride},
        {DB_TEXT, &tasks->field_name, stride},
        {DB_TEXT, &tasks->field_path, stride},
        {DB_BLOB, &tasks->drawing_bbox, stride},
        {DB_BLOB, &tasks->position, stride},
        {DB_TEXT, &tasks->prompt, stride},
        {DB_BLOB, &tasks->predicted_value, stride},
        {DB_NUM, &tasks->predicted_confidence, stride},
        {DB_TEXT, &tasks->gold_answer, stride},
        {DB_TIME, &tasks->created_at, stride},
    };
    return db_bulk(db, &insert_task, columns, sizeof columns / sizeof *columns, n);
}

enum err store_label_task_move(struct db *db, struct uuid org, struct uuid campaign,
                               const struct store_label_place *places, size_t n)
{
    const struct db_column columns[] = {
        {DB_INT, &places->place, sizeof *places},
        {DB_UUID, &org, 0},
        {DB_UUID, &campaign, 0},
        {DB_UUID, &places->id, sizeof *places},
    };
    return db_bulk(db, &update_place, columns, sizeof columns / sizeof *columns, n);
}

enum err store_label_task_decide(struct db *db, struct uuid org, struct uuid campaign,
                                 const struct store_label_decision *decision, int64_t now)
{
    return db_run(db, &update_decision,
                  DB_ARGS(db_text(decision->status), db_text(decision->verdict),
                          db_text(decision->value.text), db_num(decision->agreement),
                          db_num(decision->confidence), db_time(now), db_uuid(org),
                          db_uuid(campaign), db_uuid(decision->task)));
}
