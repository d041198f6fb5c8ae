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

#define NAMED(member) .name = #member, .offset = offsetof(struct store_label_submission, member)

/* in the order of STORE_LABEL_SUBMISSION */
static const struct field fields[] = {
    {NAMED(id), .kind = FIELD_UUID},
    {NAMED(task_id), .kind = FIELD_UUID},
    {NAMED(annotator_id), .kind = FIELD_UUID, .flags = FIELD_HIDDEN},
    {NAMED(is_user), .kind = FIELD_BOOL, .flags = FIELD_HIDDEN},
    {NAMED(verdict), .kind = FIELD_TEXT, .help = "confirm, reject, correct or unsure."},
    {NAMED(corrected_value), .kind = FIELD_JSON, .flags = FIELD_NULLABLE},
    {NAMED(confidence), .kind = FIELD_NUM, .flags = FIELD_NULLABLE, .help = "0 to 1."},
    {NAMED(duration_ms), .kind = FIELD_INT, .flags = FIELD_NULLABLE, .help = "Milliseconds."},
    {NAMED(is_imported), .kind = FIELD_BOOL, .flags = FIELD_HIDDEN},
    {NAMED(created_at), .kind = FIELD_TIME},
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
    struct db_rows *rows;
    enum err err =
        db_query(db, &rows, &select_own,
                 DB_ARGS(db_uuid(org), db_uuid(campaign), db_uuid(task), db_uuid(annotator)));
    if (err)
        return err;
    *exists = db_next(rows);
    return db_end(rows);
}

enum err store_label_submission_of_task(struct db *db, struct arena *arena, struct uuid org,
                                        struct uuid campaign, struct uuid task,
                                        struct store_label_submission **list, size_t *n)
{
    struct db_rows *rows;
    struct store_label_submission *items = NULL;
    size_t count = 0;
    enum err err =
        db_query(db, &rows, &select_task, DB_ARGS(db_uuid(org), db_uuid(campaign), db_uuid(task)));
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        db_get_shape(rows, 0, &shape_label_submission, &items[count++], arena);
    }
    *list = items;
    *n = count;
    return db_end(rows);
}
