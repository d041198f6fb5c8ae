/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs and active slots. */
#include "store_run.h"

#include "arena.h"
#include "store_db.h"

#include <stdlib.h>
#include <string.h>

static const struct sql select_active = {
    "SELECT run_id, version FROM calibration_active WHERE org_id = ? AND env_id = ? AND slot = ?"};

static const struct sql insert_active = {
    "INSERT INTO calibration_active (org_id, env_id, slot, run_id, version, changed_at)"
    " VALUES (?, ?, ?, ?, 1, ?)"};

static const struct sql update_active = {
    "UPDATE calibration_active SET run_id = ?, version = version + 1, changed_at = ?"
    " WHERE org_id = ? AND env_id = ? AND slot = ? AND version = ?"};

static const struct sql raise_active = {
    "UPDATE calibration_active SET version = version + 1, changed_at = ?"
    " WHERE org_id = ? AND env_id = ? AND slot = ? AND version = ?"};

static const struct sql insert_run = {
    "INSERT INTO calibration_run (org_id, id, env_id, kind, metric, subject_id, status,"
    " base_run_id, basis, document, record, posterior, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

#define RUN_COLUMNS                                                                                \
    "id, env_id, kind, metric, subject_id, status, base_run_id, basis, document, created_at"

static const struct sql select_run = {"SELECT " RUN_COLUMNS " FROM calibration_run"
                                      " WHERE org_id = ? AND env_id = ? AND id = ?"};

static const struct sql select_basis = {
    "SELECT " RUN_COLUMNS " FROM calibration_run"
    " WHERE org_id = ? AND env_id = ? AND metric = ? AND basis = ? ORDER BY id DESC LIMIT 1"};

static const struct sql select_posterior = {
    "SELECT posterior FROM calibration_run WHERE org_id = ? AND env_id = ? AND id = ?"};

static const struct sql select_record = {
    "SELECT record FROM calibration_run WHERE org_id = ? AND env_id = ? AND id = ?"};

enum err store_active_find(struct db *db, struct uuid org, struct uuid env, const char *slot,
                           struct active *active)
{
    struct db_rows *rows;
    enum err err =
        db_query_one(db, &rows, &select_active, DB_ARGS(db_uuid(org), db_uuid(env), db_text(slot)));
    *active = (struct active){.version = 0};
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err)
        return err;
    active->run = db_get_uuid(rows, 0);
    active->version = db_get_int(rows, 1);
    return ERR_OK;
}

enum err store_active_set(struct db *db, struct uuid org, struct uuid env, const char *slot,
                          const struct active *before, bool activate, struct uuid run, int64_t now)
{
    enum err err;
    if (!before->version) {
        struct uuid none = {{0}};
        err = db_run(db, &insert_active,
                     DB_ARGS(db_uuid(org), db_uuid(env), db_text(slot),
                             db_uuid(activate ? run : none), db_time(now)));
        return err == ERR_DUPLICATE ? ERR_CONFLICT : err;
    }
    if (activate)
        err = db_run(db, &update_active,
                     DB_ARGS(db_uuid(run), db_time(now), db_uuid(org), db_uuid(env), db_text(slot),
                             db_int(before->version)));
    else
        err = db_run(db, &raise_active,
                     DB_ARGS(db_time(now), db_uuid(org), db_uuid(env), db_text(slot),
                             db_int(before->version)));
    if (!err && db_affected(db) != 1)
        return ERR_CONFLICT;
    return err;
}

enum err store_run_insert(struct db *db, struct uuid org, const struct run *run)
{
    return db_run(db, &insert_run,
                  DB_ARGS(db_uuid(org), db_uuid(run->id), db_uuid(run->env), db_text(run->kind),
                          db_int(run->metric), db_uuid(run->subject), db_text(run->status),
                          db_uuid(run->base), db_blob(run->basis, sizeof run->basis),
                          db_text(run->document), db_blob(run->record.text, run->record.len),
                          db_blob(run->posterior.text, run->posterior.len),
                          db_time(run->created_at)));
}

static enum err get_run(enum err err, struct db_rows *rows, struct arena *arena, struct run *run)
{
    if (err)
        return err;
    size_t len;
    *run = (struct run){
        .id = db_get_uuid(rows, 0),
        .env = db_get_uuid(rows, 1),
        .kind = arena_strdup(arena, db_get_text(rows, 2, NULL)),
        .metric = (enum metric)db_get_int(rows, 3),
        .subject = db_get_uuid(rows, 4),
        .status = arena_strdup(arena, db_get_text(rows, 5, NULL)),
        .base = db_get_uuid(rows, 6),
        .document = arena_strdup(arena, db_get_text(rows, 8, NULL)),
        .created_at = db_get_time(rows, 9),
    };
    const char *basis = db_get_text(rows, 7, &len);
    if (len != sizeof run->basis)
        abort();
    memcpy(run->basis, basis, len);
    return ERR_OK;
}

enum err store_run_find(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                        struct uuid id, struct run *run)
{
    struct db_rows *rows;
    enum err err =
        db_query_one(db, &rows, &select_run, DB_ARGS(db_uuid(org), db_uuid(env), db_uuid(id)));
    return get_run(err, rows, arena, run);
}

enum err store_run_find_basis(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                              enum metric metric, const uint8_t basis[RUN_BASIS], struct run *run)
{
    struct db_rows *rows;
    enum err err = db_query_one(
        db, &rows, &select_basis,
        DB_ARGS(db_uuid(org), db_uuid(env), db_int(metric), db_blob(basis, RUN_BASIS)));
    return get_run(err, rows, arena, run);
}

static enum err get_blob(struct db *db, struct arena *arena, const struct sql *sql, struct uuid org,
                         struct uuid env, struct uuid id, struct field_raw *blob)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, sql, DB_ARGS(db_uuid(org), db_uuid(env), db_uuid(id)));
    if (err)
        return err;
    const char *bytes = db_get_text(rows, 0, &blob->len);
    blob->text = bytes ? arena_strndup(arena, bytes, blob->len) : NULL;
    return ERR_OK;
}

enum err store_run_posterior(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             struct uuid id, struct field_raw *posterior)
{
    return get_blob(db, arena, &select_posterior, org, env, id, posterior);
}

enum err store_run_record(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                          struct uuid id, struct field_raw *record)
{
    return get_blob(db, arena, &select_record, org, env, id, record);
}
