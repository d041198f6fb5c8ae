/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Submissions of annotators: rows and statements. */
#include "store_label_task.h"

#include "store_db.h"

static const struct sql select_own = {
    "SELECT 1 FROM labeling_submission"
    " WHERE org_id = ? AND campaign_id = ? AND task_id = ? AND annotator_id = ?"};
static const struct sql select_task = {
    "SELECT " STORE_LABEL_SUBMISSION " FROM labeling_submission"
    " WHERE org_id = ? AND campaign_id = ? AND task_id = ? ORDER BY annotator_id"};

#define AT(member) FIELD_OF(struct store_label_submission, member)

/* in the order of STORE_LABEL_SUBMISSION */
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(task_id), .kind = FIELD_UUID},
    {AT(annotator_id), .kind = FIELD_UUID, .flags = FIELD_HIDDEN},
    {AT(is_user), .kind = FIELD_BOOL, .flags = FIELD_HIDDEN},
    {AT(verdict), .kind = FIELD_TEXT, .help = "confirm, reject, correct or unsure."},
    {AT(corrected_value), .kind = FIELD_JSON, .flags = FIELD_NULLABLE},
    {AT(confidence), .kind = FIELD_NUM, .flags = FIELD_NULLABLE, .help = "0 to 1."},
    {AT(duration_ms), .kind = FIELD_INT, .flags = FIELD_NULLABLE, .help = "Milliseconds."},
    {AT(is_imported), .kind = FIELD_BOOL, .flags = FIELD_HIDDEN},
    {AT(created_at), .kind = FIELD_TIME},
};

const struct shape shape_label_submission = {
    .name = "LabelingSubmissionPublic",
    SHAPE_OF(struct store_label_submission, fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "One annotator's answer to one task.",
};

enum err store_label_submission_exists(struct db *db, struct uuid org, struct uuid campaign,
                                       struct uuid task, struct uuid annotator, bool *exists)
{
    return db_query_any(db, &select_own,
                        DB_ARGS(db_uuid(org), db_uuid(campaign), db_uuid(task), db_uuid(annotator)),
                        exists);
}

enum err store_label_submission_of_task(struct db *db, struct arena *arena, struct uuid org,
                                        struct uuid campaign, struct uuid task,
                                        struct store_label_submission **list, size_t *n)
{
    return store_list_rows(db, arena, &select_task,
                           DB_ARGS(db_uuid(org), db_uuid(campaign), db_uuid(task)),
                           &shape_label_submission, list, n);
}
