/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drift states and alerts. */
#include "store_drift.h"

#include "store_db.h"

static const struct sql select_states = {
    "SELECT bin, run_id, state FROM drift_state WHERE org_id = ? AND env_id = ? AND metric = ?"
    " FOR UPDATE"};

static const struct sql upsert_state = {
    "INSERT INTO drift_state (org_id, env_id, metric, bin, run_id, state, updated_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE run_id = VALUES(run_id),"
    " state = VALUES(state), updated_at = VALUES(updated_at)"};

/* One alert per signal keeps its worst: of equal severity the larger statistic, of coverage, a
   probability, the smaller. One that was resolved opens anew: an earlier run is active again. What
   the others compare with is set last. */
#define WORSE                                                                                      \
    "IF(resolved_at IS NOT NULL OR VALUES(severity) > severity OR VALUES(severity) = severity"     \
    " AND IF(drift_signal = 'coverage', VALUES(statistic) < statistic,"                            \
    " VALUES(statistic) > statistic), "

static const struct sql upsert_alert = {
    "INSERT INTO drift_alert (org_id, env_id, id, metric, bin, drift_signal, run_id, severity,"
    " statistic, log_shift, n, opened_at, updated_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE"
    " log_shift = " WORSE "VALUES(log_shift), log_shift),"
    " n = " WORSE "VALUES(n), n),"
    " updated_at = " WORSE "VALUES(updated_at), updated_at),"
    " statistic = " WORSE "VALUES(statistic), statistic),"
    " severity = IF(resolved_at IS NULL, GREATEST(severity, VALUES(severity)), VALUES(severity)),"
    " opened_at = IF(resolved_at IS NULL, opened_at, VALUES(opened_at)), resolved_at = NULL"};

static const struct sql resolve_alerts = {
    "UPDATE drift_alert SET resolved_at = ? WHERE org_id = ? AND env_id = ? AND metric = ?"
    " AND resolved_at IS NULL"};

static const struct sql resolve_coverage = {
    "UPDATE drift_alert SET resolved_at = ? WHERE org_id = ? AND env_id = ? AND metric = ?"
    " AND drift_signal = 'coverage' AND resolved_at IS NULL"};

static const struct sql delete_states = {
    "DELETE FROM drift_state WHERE org_id = ? AND env_id = ? AND metric = ?"};

static const struct sql select_alerts = {
    "SELECT id, run_id, metric, bin, drift_signal, severity, statistic, log_shift, n, opened_at,"
    " updated_at, resolved_at FROM drift_alert WHERE org_id = ? AND env_id = ?"
    " ORDER BY resolved_at IS NOT NULL, id DESC LIMIT ?"};

enum err store_drift_states(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                            enum metric metric, struct store_drift_state **list, size_t *n)
{
    struct store_drift_state *items = NULL;
    struct db_rows *rows;
    size_t count = 0;
    enum err err =
        db_query(db, &rows, &select_states, DB_ARGS(db_uuid(org), db_uuid(env), db_int(metric)));
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        struct store_drift_state *state = &items[count++];
        state->bin = db_copy_text(rows, 0, arena);
        state->run = db_get_uuid(rows, 1);
        state->state = db_copy_raw(rows, 2, arena);
    }
    *list = items;
    *n = count;
    return db_end(rows);
}

enum err store_drift_save(struct db *db, struct uuid org, struct uuid env, enum metric metric,
                          const struct store_drift_state *states, size_t n, int64_t now)
{
    const int64_t metric_number = metric;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &env, 0},
        {DB_INT, &metric_number, 0},
        {DB_TEXT, &states->bin, sizeof *states},
        {DB_UUID, &states->run, sizeof *states},
        {DB_BLOB, &states->state, sizeof *states},
        {DB_TIME, &now, 0},
    };
    return n ? db_bulk(db, &upsert_state, columns, sizeof columns / sizeof *columns, n) : ERR_OK;
}

enum err store_drift_alert(struct db *db, struct uuid org, struct uuid env,
                           const struct store_drift_alert *alert)
{
    return db_run(db, &upsert_alert,
                  DB_ARGS(db_uuid(org), db_uuid(env), db_uuid(alert->id), db_int(alert->metric),
                          db_text(alert->bin), db_text(alert->signal), db_uuid(alert->run),
                          db_int(alert->severity), db_num(alert->statistic),
                          db_num(alert->log_shift), db_int(alert->n), db_time(alert->opened_at),
                          db_time(alert->opened_at)));
}

enum err store_drift_resolve(struct db *db, struct uuid org, struct uuid env, enum metric metric,
                             int64_t now)
{
    enum err err = db_run(db, &resolve_alerts,
                          DB_ARGS(db_time(now), db_uuid(org), db_uuid(env), db_int(metric)));
    if (!err)
        err = db_run(db, &delete_states, DB_ARGS(db_uuid(org), db_uuid(env), db_int(metric)));
    return err;
}

enum err store_drift_list(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                          int64_t most, struct store_drift_alert **list, size_t *n)
{
    struct store_drift_alert *items = NULL;
    struct db_rows *rows;
    size_t count = 0;
    enum err err =
        db_query(db, &rows, &select_alerts, DB_ARGS(db_uuid(org), db_uuid(env), db_int(most)));
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        items[count++] = (struct store_drift_alert){
            .id = db_get_uuid(rows, 0),
            .run = db_get_uuid(rows, 1),
            .metric = (enum metric)db_get_int(rows, 2),
            .bin = db_copy_text(rows, 3, arena),
            .signal = db_copy_text(rows, 4, arena),
            .severity = db_get_int(rows, 5),
            .statistic = db_get_num(rows, 6),
            .log_shift = db_get_num(rows, 7),
            .n = db_get_int(rows, 8),
            .opened_at = db_get_time(rows, 9),
            .updated_at = db_get_time(rows, 10),
            .resolved_at = db_get_time(rows, 11),
        };
    }
    *list = items;
    *n = count;
    return db_end(rows);
}

enum err store_drift_resolve_coverage(struct db *db, struct uuid org, struct uuid env,
                                      enum metric metric, int64_t now)
{
    return db_run(db, &resolve_coverage,
                  DB_ARGS(db_time(now), db_uuid(org), db_uuid(env), db_int(metric)));
}
