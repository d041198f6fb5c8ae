/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauges of the whole installation. Seats, not tasks, are counted: a campaign has few of them. */
#include "store_metrics.h"

#include "store_db.h"

static const struct sql select_gauges = {
    "SET STATEMENT max_statement_time = 2 FOR SELECT"
    " (SELECT COUNT(*) FROM labeling_seat s JOIN labeling_task t ON t.org_id = s.org_id"
    " AND t.campaign_id = s.campaign_id AND t.id = s.task_id WHERE t.status = 'open'"
    " AND COALESCE(t.claimed_by_user_id, t.claimed_by_annotator_account_id) = s.actor_id"
    " AND t.claim_expires_at > ?),"
    " (SELECT CAST(COALESCE(SUM(s.n_tasks - s.n_resolved), 0) AS SIGNED) FROM labeling_seat s"
    " JOIN labeling_campaign c ON c.org_id = s.org_id AND c.id = s.campaign_id"
    " WHERE c.status = 'open'),"
    " (SELECT COUNT(*) FROM calibration_run),"
    " (SELECT COUNT(*) FROM calibration_active WHERE run_id IS NOT NULL),"
    " (SELECT COUNT(*) FROM drift_alert WHERE resolved_at IS NULL),"
    " (SELECT MIN(created_at) FROM idempotency)"};

enum err store_metrics_read(struct db *db, int64_t now, struct store_metrics *metrics)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, &select_gauges, DB_ARGS(db_time(now)));
    if (err)
        return err;
    *metrics = (struct store_metrics){
        .leases = db_get_int(rows, 0),
        .queue = db_get_int(rows, 1),
        .runs = db_get_int(rows, 2),
        .active = db_get_int(rows, 3),
        .alerts = db_get_int(rows, 4),
        .idempotency_from = db_get_time(rows, 5),
    };
    return db_end(rows);
}
