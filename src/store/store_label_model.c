/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions, fits, seats and addresses of a campaign: rows and statements. */
#include "store_label_data.h"

#include "store_db.h"

/* assignments are made from left to right: the new status decides about resolved_at */
static const struct sql update_decision = {
    "UPDATE labeling_task SET status = ?, consensus_verdict = ?, consensus_value = ?,"
    " agreement = ?, confidence = ?,"
    " resolved_at = IF(status = 'resolved', COALESCE(resolved_at, ?), NULL),"
    " claimed_by_user_id = NULL, claimed_by_annotator_account_id = NULL, claimed_at = NULL,"
    " claim_expires_at = NULL WHERE org_id = ? AND campaign_id = ? AND id = ?"};
static const struct sql select_weights = {
    "SELECT weights FROM labeling_model WHERE org_id = ? AND campaign_id = ?"};
static const struct sql select_quality = {
    "SELECT quality FROM labeling_model WHERE org_id = ? AND campaign_id = ? AND basis = ?"};
static const struct sql upsert_model = {
    "INSERT INTO labeling_model (org_id, campaign_id, basis, weights, quality, fitted_at)"
    " VALUES (?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE basis = VALUES(basis),"
    " weights = VALUES(weights), quality = VALUES(quality), fitted_at = VALUES(fitted_at)"};
static const struct sql select_blocked = {
    "SELECT actor_id, blocked_at FROM labeling_seat"
    " WHERE org_id = ? AND campaign_id = ? AND blocked_at IS NOT NULL"};
static const struct sql update_block = {"UPDATE labeling_seat SET blocked_at = ?"
                                        " WHERE org_id = ? AND campaign_id = ? AND actor_id = ?"
                                        " AND gold_answered = ?"};
/* an account of the platform belongs to another tenant: its address stands in the assignment */
static const struct sql select_emails = {
    "SELECT CAST(s.actor_id AS BINARY(16)), COALESCE(u.email, a.email, (SELECT MIN(g.email)"
    " FROM labeling_assignment g WHERE g.org_id = s.org_id AND g.campaign_id = s.campaign_id"
    " AND g.annotator_account_id = s.actor_id))"
    " FROM labeling_seat s"
    " LEFT JOIN app_user u ON u.org_id = s.org_id AND u.id = s.actor_id"
    " LEFT JOIN annotator_account a ON a.org_id = s.org_id AND a.id = s.actor_id"
    " WHERE s.org_id = ? AND s.campaign_id = ?"};

enum err store_label_data_decide(struct db *db, struct uuid org, struct uuid campaign,
                                 const struct store_label_decision *decisions, size_t n,
                                 int64_t now)
{
    const size_t stride = sizeof *decisions;
    const struct db_column columns[] = {
        {DB_TEXT, &decisions->status, stride},
        {DB_TEXT, &decisions->verdict, stride},
        {DB_TEXT, &decisions->value.text, stride},
        {DB_NUM, &decisions->agreement, stride},
        {DB_NUM, &decisions->confidence, stride},
        {DB_TIME, &now, 0},
        {DB_UUID, &org, 0},
        {DB_UUID, &campaign, 0},
        {DB_UUID, &decisions->task, stride},
    };
    return db_bulk(db, &update_decision, columns, sizeof columns / sizeof *columns, n);
}

enum err store_label_model_weights(struct db *db, struct arena *arena, struct uuid org,
                                   struct uuid campaign, struct field_raw *weights)
{
    struct db_rows *rows;
    *weights = (struct field_raw){NULL, 0};
    enum err err =
        db_query_one(db, &rows, &select_weights, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    *weights = db_copy_raw(rows, 0, arena);
    return db_end(rows);
}

enum err store_label_model_quality(struct db *db, struct arena *arena, struct uuid org,
                                   struct uuid campaign, int64_t basis, struct field_raw *quality)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, &select_quality,
                                DB_ARGS(db_uuid(org), db_uuid(campaign), db_int(basis)));
    if (err)
        return err;
    *quality = db_copy_raw(rows, 0, arena);
    err = db_end(rows);
    return !err && !quality->text ? ERR_NOT_FOUND : err;
}

enum err store_label_model_put(struct db *db, struct uuid org, struct uuid campaign,
                               const struct label_model *model, int64_t now)
{
    return db_run(db, &upsert_model,
                  DB_ARGS(db_uuid(org), db_uuid(campaign), db_int(model->basis),
                          db_blob(model->weights.text, model->weights.len),
                          db_text(model->quality.text), db_time(now)));
}

enum err store_label_seat_blocked(struct db *db, struct arena *arena, struct uuid org,
                                  struct uuid campaign, struct label_seat **seats, size_t *n)
{
    struct db_rows *rows;
    struct label_seat *list = NULL;
    size_t count = 0;
    enum err err = db_query(db, &rows, &select_blocked, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    if (err)
        return err;
    while (db_next(rows)) {
        list = store_list_room(arena, list, count, sizeof *list);
        list[count++] = (struct label_seat){
            .actor = db_get_uuid(rows, 0),
            .blocked_at = db_get_time(rows, 1),
        };
    }
    *seats = list;
    *n = count;
    return db_end(rows);
}

enum err store_label_seat_block(struct db *db, struct uuid org, struct uuid campaign,
                                struct uuid actor, int64_t gold_answered, int64_t blocked_at)
{
    return db_run(db, &update_block,
                  DB_ARGS(db_time(blocked_at), db_uuid(org), db_uuid(campaign), db_uuid(actor),
                          db_int(gold_answered)));
}

enum err store_label_emails(struct db *db, struct arena *arena, struct uuid org,
                            struct uuid campaign, struct label_emails *emails)
{
    struct db_rows *rows;
    intern_init(&emails->ids, arena);
    emails->emails = NULL;
    enum err err = db_query(db, &rows, &select_emails, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    if (err)
        return err;
    while (db_next(rows)) {
        struct uuid id = db_get_uuid(rows, 0);
        emails->emails =
            store_list_room(arena, emails->emails, emails->ids.n, sizeof *emails->emails);
        emails->emails[emails->ids.n] = db_copy_text(rows, 1, arena);
        intern_put_uuid(&emails->ids, &id);
    }
    return db_end(rows);
}
