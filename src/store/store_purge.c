/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that nobody can use any more, of all organisations. */
#include "store_purge.h"

#include "store_db.h"
#include "store_idempotency.h"
#include "store_label_assignment.h"

static const struct sql delete_answers = {
    "DELETE FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT ?"};

static const struct sql delete_sessions = {
    "DELETE FROM annotator_session WHERE created_at < ? OR last_used_at < ?"
    " OR ended_at IS NOT NULL ORDER BY org_id, id LIMIT ?"};

static const struct sql forget_links = {
    "UPDATE labeling_assignment SET link_digest = NULL, link_expires_at = NULL"
    " WHERE link_expires_at < ? ORDER BY org_id, id LIMIT ?"};

static enum err purge_answers(struct db *db, int64_t now, int64_t rows)
{
    return db_run(db, &delete_answers, DB_ARGS(db_time(now - IDEMPOTENCY_LIFE), db_int(rows)));
}

static enum err purge_sessions(struct db *db, int64_t now, int64_t rows)
{
    return db_run(db, &delete_sessions,
                  DB_ARGS(db_time(now - LABEL_SESSION_LIFE), db_time(now - LABEL_SESSION_IDLE),
                          db_int(rows)));
}

/* What is left of one says as little as a link that never was. */
static enum err purge_links(struct db *db, int64_t now, int64_t rows)
{
    return db_run(db, &forget_links, DB_ARGS(db_time(now), db_int(rows)));
}

const struct store_purge store_purges[] = {
    {"stored answers", purge_answers},
    {"annotator sessions", purge_sessions},
    {"annotator links", purge_links},
};
const size_t n_store_purges = sizeof store_purges / sizeof *store_purges;

struct batch {
    struct db *db;
    const struct store_purge *purge;
    int64_t now, rows, gone;
};

static enum err run_batch(void *context)
{
    struct batch *batch = context;
    enum err err = batch->purge->batch(batch->db, batch->now, batch->rows);
    if (!err)
        batch->gone = db_affected(batch->db);
    return err;
}

enum err store_purge_batch(struct db *db, const struct store_purge *purge, int64_t now,
                           int64_t rows, int64_t *gone)
{
    struct batch batch = {db, purge, now, rows, 0};
    bool unknown;
    enum err err = db_transact(db, run_batch, &batch, &unknown);
    *gone = batch.gone;
    return err;
}
