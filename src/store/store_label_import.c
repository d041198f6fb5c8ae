/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels in and out: rows and statements. */
#include "store_label_import.h"

#include "arena.h"
#include "memory.h"
#include "store_db.h"
#include "store_keys.h"
#include "store_label_campaign.h"

#define STORE_KEYS_EMAILS                                                                          \
    "JSON_TABLE(?, '$[*]' COLUMNS(i FOR ORDINALITY, email VARCHAR(254) CHARACTER SET utf8mb4"      \
    " COLLATE utf8mb4_nopad_bin PATH '$')) k"

static const struct sql select_people = {
    "SELECT k.i, COALESCE(u.id, a.id), u.id IS NOT NULL FROM " STORE_KEYS_EMAILS
    " LEFT JOIN app_user u ON u.org_id = ? AND u.email = k.email"
    " LEFT JOIN annotator_account a ON a.org_id = ? AND a.email = k.email"};
static const struct sql insert_account = {
    "INSERT INTO annotator_account (org_id, id, email, is_platform, created_at)"
    " VALUES (?, ?, ?, 0, ?)"};
static const struct sql insert_submission = {
    "INSERT INTO labeling_submission (org_id, campaign_id, task_id, annotator_id, id, is_user,"
    " verdict, corrected_value, confidence, duration_ms, is_imported, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)"};
/* assignments are made from left to right: unsure counts toward n_required once */
static const struct sql update_counts = {
    "UPDATE labeling_task SET submission_count = submission_count + ?,"
    " counted = counted + ? + IF(unsure_count = 0 AND ? > 0, 1, 0),"
    " unsure_count = unsure_count + ? WHERE org_id = ? AND campaign_id = ? AND id = ?"};
#define NEW_SEAT STORE_LABEL_NEW_SEAT("0, 0, 0, ?, 1, ?, ?")
static const struct sql upsert_seat = {
    "INSERT " NEW_SEAT
    " ON DUPLICATE KEY UPDATE n_submissions = n_submissions + VALUES(n_submissions),"
    " n_changes = n_changes + 1, gold_answered = gold_answered + VALUES(gold_answered),"
    " gold_correct = gold_correct + VALUES(gold_correct)"};
#define RECORDS                                                                                    \
    "SELECT CAST(task_id AS BINARY(16)), CAST(annotator_id AS BINARY(16)), verdict,"               \
    " corrected_value, confidence, duration_ms, created_at"                                        \
    " FROM labeling_submission FORCE INDEX (PRIMARY) WHERE org_id = ? AND campaign_id = ?"
#define RECORDS_IN_ORDER " ORDER BY task_id, annotator_id LIMIT ?"

static const struct sql select_records = {RECORDS RECORDS_IN_ORDER " OFFSET ?"};
static const struct sql select_records_after = {
    RECORDS " AND (task_id > ? OR (task_id = ? AND annotator_id > ?))" RECORDS_IN_ORDER};

#define AT(member) FIELD_OF(struct label_record, member)

static const struct field record_fields[] = {
    {AT(task_id), .kind = FIELD_UUID},
    {AT(annotator_email), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(verdict), .kind = FIELD_TEXT, .help = "confirm, reject, correct or unsure."},
    {AT(corrected_value), .kind = FIELD_JSON, .flags = FIELD_NULLABLE},
    {AT(confidence), .kind = FIELD_NUM, .flags = FIELD_NULLABLE, .help = "0 to 1."},
    {AT(duration_ms), .kind = FIELD_INT, .flags = FIELD_NULLABLE, .help = "Milliseconds."},
    {AT(submitted_at), .kind = FIELD_TIME},
};

const struct shape shape_label_record = {.name = "LabelRecord",
                                         SHAPE_OF(struct label_record, record_fields),
                                         .nulls = SHAPE_NO_NULLS,
                                         .help = "A label as it is imported and exported."};

enum err store_label_people_find(struct db *db, struct uuid org, struct label_person *people,
                                 size_t n)
{
    struct db_rows *rows;
    struct buf keys = {0};
    if (!n)
        return ERR_OK;
    json_array(&keys);
    for (size_t i = 0; i < n; i++)
        json_text(&keys, people[i].email);
    json_array_end(&keys);
    enum err err = db_query(db, &rows, &select_people,
                            DB_ARGS(db_text(buf_text(&keys)), db_uuid(org), db_uuid(org)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        struct label_person *person = &people[db_get_int(rows, 0) - 1];
        person->id = db_get_uuid(rows, 1);
        person->is_user = db_get_int(rows, 2) == 1;
    }
    return db_end(rows);
}

enum err store_label_people_insert(struct db *db, struct arena *arena, struct uuid org,
                                   struct label_person *people, size_t n, int64_t now)
{
    struct label_person *added = ARENA_ARRAY(arena, n + 1, struct label_person);
    size_t n_added = 0;
    for (size_t i = 0; i < n; i++)
        if (uuid_is_nil(&people[i].id)) {
            people[i].id = uuid_v7();
            people[i].is_user = 0;
            added[n_added++] = people[i];
        }
    const size_t stride = sizeof *added;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &added->id, stride},
        {DB_TEXT, &added->email, stride},
        {DB_TIME, &now, 0},
    };
    return db_bulk(db, &insert_account, columns, sizeof columns / sizeof *columns, n_added);
}

enum err store_label_import_insert(struct db *db, struct uuid org, struct uuid campaign,
                                   const struct store_label_submission *list, size_t n)
{
    int64_t *users = n ? memory_new(n * sizeof *users) : NULL;
    for (size_t i = 0; i < n; i++)
        users[i] = list[i].is_user;
    const size_t stride = sizeof *list;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &campaign, 0},
        {DB_UUID, &list->task_id, stride},
        {DB_UUID, &list->annotator_id, stride},
        {DB_UUID, &list->id, stride},
        {DB_INT, users, sizeof *users},
        {DB_TEXT, &list->verdict, stride},
        {DB_BLOB, &list->corrected_value, stride},
        {DB_NUM, &list->confidence, stride},
        {DB_INT, &list->duration_ms, stride},
        {DB_TIME, &list->created_at, stride},
    };
    enum err err = db_bulk(db, &insert_submission, columns, sizeof columns / sizeof *columns, n);
    free(users);
    return err;
}

enum err store_label_import_count(struct db *db, struct uuid org, struct uuid campaign,
                                  const struct label_task_gain *gains, size_t n)
{
    const size_t stride = sizeof *gains;
    const struct db_column columns[] = {
        {DB_INT, &gains->submissions, stride},
        {DB_INT, &gains->said, stride},
        {DB_INT, &gains->unsure, stride},
        {DB_INT, &gains->unsure, stride},
        {DB_UUID, &org, 0},
        {DB_UUID, &campaign, 0},
        {DB_UUID, &gains->task, stride},
    };
    return db_bulk(db, &update_counts, columns, sizeof columns / sizeof *columns, n);
}

enum err store_label_import_seats(struct db *db, struct uuid org, struct uuid campaign,
                                  const struct label_seat_gain *gains, size_t n)
{
    const size_t stride = sizeof *gains;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &campaign, 0},
        {DB_UUID, &gains->actor, stride},
        {DB_INT, &gains->is_user, stride},
        {DB_INT, &gains->submissions, stride},
        {DB_INT, &gains->gold_answered, stride},
        {DB_INT, &gains->gold_correct, stride},
    };
    return db_bulk(db, &upsert_seat, columns, sizeof columns / sizeof *columns, n);
}

struct record_reading {
    struct db *db;
    struct uuid org, campaign, task, annotator; /* the last two: of the row before */
    const struct label_emails *emails;
    int64_t offset;
    enum err (*take)(void *context, const struct label_record *record);
    void *context;
};

static enum err read_records(void *context, int64_t most, int64_t *n)
{
    struct record_reading *reading = context;
    const struct db_value org = db_uuid(reading->org), campaign = db_uuid(reading->campaign),
                          task = db_uuid(reading->task);
    struct db_rows *rows;
    enum err err = uuid_is_nil(&reading->task)
                       ? db_query(reading->db, &rows, &select_records,
                                  DB_ARGS(org, campaign, db_int(most), db_int(reading->offset)))
                       : db_query(reading->db, &rows, &select_records_after,
                                  DB_ARGS(org, campaign, task, task, db_uuid(reading->annotator),
                                          db_int(most)));
    if (err)
        return err;
    for (*n = 0; !err && db_next(rows); ++*n) {
        size_t len;
        const char *value = db_get_text(rows, 3, &len);
        reading->task = db_get_uuid(rows, 0);
        reading->annotator = db_get_uuid(rows, 1);
        const struct label_record record = {
            .task_id = reading->task,
            .annotator_email = label_email_of(reading->emails, &reading->annotator),
            .verdict = db_get_text(rows, 2, NULL),
            .corrected_value = {value, len},
            .confidence = db_get_num(rows, 4),
            .duration_ms = db_get_int(rows, 5),
            .submitted_at = db_get_time(rows, 6),
        };
        err = reading->take(reading->context, &record);
    }
    enum err end = db_end(rows);
    return err ? err : end;
}

enum err store_label_record_each(struct db *db, struct uuid org, struct uuid campaign,
                                 const struct label_emails *emails, const struct store_page *page,
                                 enum err (*take)(void *context, const struct label_record *record),
                                 void *context)
{
    struct record_reading reading = {.db = db,
                                     .org = org,
                                     .campaign = campaign,
                                     .emails = emails,
                                     .offset = page->offset,
                                     .take = take,
                                     .context = context};
    return store_list_parts(page, read_records, &reading);
}
