/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annotators: accounts, assignments to campaigns, magic links, sessions. */
#include "store_label_assignment.h"

#include "store_db.h"

#define COLUMNS                                                                                    \
    "id, org_id, campaign_id, annotator_account_id, email, display_name, status, invited_at,"      \
    " link_expires_at"
#define FROM "SELECT " COLUMNS " FROM labeling_assignment WHERE "

static const struct sql select_email = {FROM "org_id = ? AND campaign_id = ? AND email = ?"
                                             " FOR UPDATE"};
static const struct sql select_id = {FROM "org_id = ? AND campaign_id = ? AND id = ? FOR UPDATE"};
/* the link is how the tenant is found */
static const struct sql select_link = {FROM "link_digest = ? FOR UPDATE"};
static const struct sql select_page = {FROM "org_id = ? AND campaign_id = ? ORDER BY id"
                                            " LIMIT ? OFFSET ?"};
static const struct sql select_count = {
    "SELECT COUNT(*) FROM labeling_assignment WHERE org_id = ? AND campaign_id = ?"};
static const struct sql insert_one = {
    "INSERT INTO labeling_assignment (org_id, id, campaign_id, email, display_name,"
    " annotator_account_id, status, link_digest, link_expires_at, invited_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql update_one = {
    "UPDATE labeling_assignment SET display_name = ?, annotator_account_id = ?, status = ?,"
    " link_digest = ?, link_expires_at = ?, invited_at = ? WHERE org_id = ? AND id = ?"};

static const struct sql select_account = {
    "SELECT id FROM annotator_account WHERE org_id = ? AND email = ?"};
/* flagged by the operator for every tenant */
static const struct sql select_platform = {
    "SELECT id FROM annotator_account WHERE is_platform = 1 AND email = ? ORDER BY id LIMIT 1"};
static const struct sql insert_account = {
    "INSERT INTO annotator_account (org_id, id, email, display_name, is_platform, created_at)"
    " VALUES (?, ?, ?, ?, 0, ?)"};

static const struct sql flag_account = {
    "UPDATE annotator_account SET is_platform = ? WHERE org_id = ? AND id = ?"};

static const struct sql select_session = {
    "SELECT s.org_id, s.id, a.campaign_id, a.annotator_account_id, s.created_at, s.last_used_at"
    " FROM annotator_session s JOIN labeling_assignment a ON a.org_id = s.org_id"
    " AND a.id = s.assignment_id WHERE s.digest = ? AND s.ended_at IS NULL"
    " AND a.status = 'active'"};
static const struct sql insert_session = {
    "INSERT INTO annotator_session (org_id, id, assignment_id, digest, created_at, last_used_at)"
    " VALUES (?, ?, ?, ?, ?, ?)"};
static const struct sql touch_session = {
    "UPDATE annotator_session SET last_used_at = ? WHERE org_id = ? AND id = ?"};
static const struct sql end_sessions = {"UPDATE annotator_session SET ended_at = ?"
                                        " WHERE org_id = ? AND assignment_id = ?"
                                        " AND ended_at IS NULL"};

#define AT(member) FIELD_OF(struct store_label_assignment, member)

/* in the order of COLUMNS */
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(org_id), .kind = FIELD_UUID},
    {AT(campaign_id), .kind = FIELD_UUID},
    {AT(annotator_account_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE,
     .help = "null until the link was used, unless the address has an account."},
    {AT(annotator_email), .kind = FIELD_TEXT, .help = "In lower case."},
    {AT(display_name), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE | FIELD_ADDED},
    {AT(status), .kind = FIELD_TEXT, .help = "invited, active or revoked."},
    {AT(invited_at), .kind = FIELD_TIME},
    {AT(link_expires_at), .kind = FIELD_TIME, .flags = FIELD_HIDDEN},
};

const struct shape shape_label_assignment = {
    .name = "CampaignAssignmentPublic",
    SHAPE_OF(struct store_label_assignment, fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "An annotator invited to a campaign.",
};

static enum err get(struct db *db, struct arena *arena, const struct sql *sql,
                    const struct db_value *args, size_t n_args,
                    struct store_label_assignment *assignment)
{
    return db_query_shape(db, sql, args, n_args, &shape_label_assignment, assignment, arena);
}

enum err store_label_assignment_find(struct db *db, struct arena *arena, struct uuid org,
                                     struct uuid campaign, const char *email,
                                     struct store_label_assignment *assignment)
{
    return get(db, arena, &select_email, DB_ARGS(db_uuid(org), db_uuid(campaign), db_text(email)),
               assignment);
}

enum err store_label_assignment_get(struct db *db, struct arena *arena, struct uuid org,
                                    struct uuid campaign, struct uuid id,
                                    struct store_label_assignment *assignment)
{
    return get(db, arena, &select_id, DB_ARGS(db_uuid(org), db_uuid(campaign), db_uuid(id)),
               assignment);
}

enum err store_label_assignment_by_link(struct db *db, struct arena *arena,
                                        const uint8_t digest[APIKEY_DIGEST],
                                        struct store_label_assignment *assignment)
{
    return get(db, arena, &select_link, DB_ARGS(db_blob(digest, APIKEY_DIGEST)), assignment);
}

enum err store_label_assignment_list(struct db *db, struct arena *arena, struct uuid org,
                                     struct uuid campaign, const struct store_page *page,
                                     struct store_label_assignment **list, size_t *n,
                                     int64_t *total)
{
    enum err err = store_list_rows(db, arena, &select_page,
                                   DB_ARGS(db_uuid(org), db_uuid(campaign),
                                           db_int(store_page_limit(page)), db_int(page->offset)),
                                   &shape_label_assignment, list, n);
    return err ? err
               : store_list_total(db, page, *n, &select_count,
                                  DB_ARGS(db_uuid(org), db_uuid(campaign)), total);
}

enum err store_label_assignment_insert(struct db *db,
                                       const struct store_label_assignment *assignment,
                                       const uint8_t link[APIKEY_DIGEST])
{
    return db_run(db, &insert_one,
                  DB_ARGS(db_uuid(assignment->org_id), db_uuid(assignment->id),
                          db_uuid(assignment->campaign_id), db_text(assignment->annotator_email),
                          db_text(assignment->display_name),
                          db_uuid(assignment->annotator_account_id), db_text(assignment->status),
                          db_blob(link, APIKEY_DIGEST), db_time(assignment->link_expires_at),
                          db_time(assignment->invited_at)));
}

enum err store_label_assignment_update(struct db *db,
                                       const struct store_label_assignment *assignment,
                                       const uint8_t *link)
{
    return db_run(db, &update_one,
                  DB_ARGS(db_text(assignment->display_name),
                          db_uuid(assignment->annotator_account_id), db_text(assignment->status),
                          db_blob(link, APIKEY_DIGEST), db_time(assignment->link_expires_at),
                          db_time(assignment->invited_at), db_uuid(assignment->org_id),
                          db_uuid(assignment->id)));
}

enum err store_label_account_find(struct db *db, struct uuid org, const char *email, bool platform,
                                  struct uuid *id)
{
    struct db_rows *rows;
    enum err err =
        platform ? db_query_one(db, &rows, &select_platform, DB_ARGS(db_text(email)))
                 : db_query_one(db, &rows, &select_account, DB_ARGS(db_uuid(org), db_text(email)));
    if (err)
        return err;
    *id = db_get_uuid(rows, 0);
    return db_end(rows);
}

enum err store_label_account_insert(struct db *db, struct uuid org,
                                    const struct store_label_account *account)
{
    return db_run(db, &insert_account,
                  DB_ARGS(db_uuid(org), db_uuid(account->id), db_text(account->email),
                          db_text(account->display_name), db_time(account->created_at)));
}

enum err store_label_account_flag(struct db *db, struct uuid org, struct uuid id, bool platform)
{
    return db_run(db, &flag_account, DB_ARGS(db_bool(platform), db_uuid(org), db_uuid(id)));
}

enum err store_label_session_find(struct db *db, const uint8_t digest[APIKEY_DIGEST],
                                  struct store_label_session *session)
{
    struct db_rows *rows;
    enum err err =
        db_query_one(db, &rows, &select_session, DB_ARGS(db_blob(digest, APIKEY_DIGEST)));
    if (err)
        return err;
    *session = (struct store_label_session){
        .org = db_get_uuid(rows, 0),
        .id = db_get_uuid(rows, 1),
        .campaign = db_get_uuid(rows, 2),
        .account = db_get_uuid(rows, 3),
        .created_at = db_get_time(rows, 4),
        .last_used_at = db_get_time(rows, 5),
    };
    return db_end(rows);
}

enum err store_label_session_insert(struct db *db, struct uuid org, struct uuid id,
                                    struct uuid assignment, const uint8_t digest[APIKEY_DIGEST],
                                    int64_t now)
{
    return db_run(db, &insert_session,
                  DB_ARGS(db_uuid(org), db_uuid(id), db_uuid(assignment),
                          db_blob(digest, APIKEY_DIGEST), db_time(now), db_time(now)));
}

enum err store_label_session_touch(struct db *db, struct uuid org, struct uuid id, int64_t now)
{
    return db_run(db, &touch_session, DB_ARGS(db_time(now), db_uuid(org), db_uuid(id)));
}

enum err store_label_session_end(struct db *db, struct uuid org, struct uuid assignment,
                                 int64_t now)
{
    return db_run(db, &end_sessions, DB_ARGS(db_time(now), db_uuid(org), db_uuid(assignment)));
}
