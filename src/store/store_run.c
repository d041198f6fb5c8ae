/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs and active slots. */
#include "store_run.h"

#include "store_db.h"
#include "store_pieces.h"

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

static const struct sql raise_any = {
    "INSERT INTO calibration_active (org_id, env_id, slot, run_id, version, changed_at)"
    " VALUES (?, ?, ?, NULL, 1, ?)"
    " ON DUPLICATE KEY UPDATE version = version + 1, changed_at = VALUES(changed_at)"};

static const struct sql clear_active = {
    "UPDATE calibration_active SET run_id = NULL, version = version + 1, changed_at = ?"
    " WHERE org_id = ? AND env_id = ? AND slot = ? AND run_id IS NOT NULL"};

const struct uuid store_platform_org = {{0x01, 0x90, [6] = 0x70, [8] = 0x80, [15] = 1}};
const struct uuid store_platform_env = {{0x01, 0x90, [6] = 0x70, [8] = 0x80, [15] = 2}};

/* The order is named: with few rows active the optimizer begins at the runs, of which an
   organisation has years, and their posteriors lie in the rows. */
#define MODEL_FROM(platform)                                                                       \
    "SELECT a.slot, a.run_id, r.subject_id, r.posterior, " platform                                \
    " FROM calibration_active a FORCE INDEX (PRIMARY) STRAIGHT_JOIN calibration_run r"             \
    " ON r.org_id = a.org_id AND r.id = a.run_id"

#define MODEL_SLOTS "'conformal:unit_cost', 'cycle_time_s', 'machine_choice', 'setup_time_s'"

#define PLATFORM_INTERVAL                                                                          \
    " UNION ALL " MODEL_FROM("1") " WHERE a.org_id = '" STORE_PLATFORM_ORG "'"                     \
                                  " AND a.env_id = '" STORE_PLATFORM_ENV                           \
                                  "' AND a.slot = 'conformal:unit_cost'"

/* without its posterior, which may have megabytes: whoever wants it may have it already */
#define UNIT_COST                                                                                  \
    " UNION ALL SELECT slot, run_id, NULL, NULL, 0 FROM calibration_active"                        \
    " WHERE org_id = ? AND env_id = ? AND slot = 'unit_cost'"

/* One row: every table is read by its whole primary key. */
const struct sql store_run_sql_quote = {
    "SELECT s.stamp, f.stamp, p.part_id, p.process_plan, a.run_id, r.posterior FROM org o"
    " LEFT JOIN pricing_stamp s ON s.org_id = o.id AND s.env_id = ?"
    " LEFT JOIN part_revision p ON p.org_id = o.id AND p.id = ?"
    " LEFT JOIN " STORE_PLATFORM_STAMP
    " LEFT JOIN calibration_active a ON a.org_id = o.id AND a.env_id = ? AND a.slot = ?"
    " LEFT JOIN calibration_run r ON r.org_id = a.org_id AND r.id = a.run_id WHERE o.id = ?"};

#define MODELS(slots)                                                                              \
    MODEL_FROM("0")                                                                                \
    " WHERE a.org_id = ? AND a.env_id = ? AND (" slots ")" PLATFORM_INTERVAL UNIT_COST

static const struct sql select_models = {MODELS("a.slot IN (" MODEL_SLOTS ")")};
static const struct sql select_models_curves = {
    MODELS("a.slot IN (" MODEL_SLOTS ") OR a.slot LIKE 'curve:%'")};

static const struct sql select_posterior_count = {
    "SELECT CAST(COALESCE(SUM(r.posterior_count), 0) AS SIGNED)"
    " FROM calibration_active a JOIN calibration_run r ON r.org_id = a.org_id AND r.id = a.run_id"
    " WHERE a.org_id = ? AND a.env_id = ?"};

#define ONCE_ACTIVE(slots)                                                                         \
    "SELECT EXISTS (SELECT 1 FROM calibration_run FORCE INDEX (calibration_run_basis)"             \
    " WHERE org_id = ? AND env_id = ? AND status = 'activated' AND (" slots "))"

static const struct sql select_scaled = {
    ONCE_ACTIVE("slot IN ('cycle_time_s', 'setup_time_s') OR slot LIKE 'curve:%'")};
static const struct sql select_corrected = {ONCE_ACTIVE("slot = 'unit_cost'")};

static const struct sql insert_run = {
    "INSERT INTO calibration_run (org_id, id, env_id, kind, slot, metric, subject_id,"
    " posterior_count, status, base_run_id, basis, document, record, posterior, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

#define RUN_COLUMNS                                                                                \
    "id, env_id, kind, metric, subject_id, status, base_run_id, basis, document, created_at,"      \
    " slot, posterior_count"

static const struct sql select_run = {"SELECT " RUN_COLUMNS " FROM calibration_run"
                                      " WHERE org_id = ? AND env_id = ? AND id = ?"};

static const struct sql select_basis = {
    "SELECT " RUN_COLUMNS " FROM calibration_run"
    " WHERE org_id = ? AND env_id = ? AND slot = ? AND basis = ? ORDER BY id DESC LIMIT 1"};

/* slot NULL: any */
#define RUN_FILTER " WHERE org_id = ? AND env_id = ? AND (? IS NULL OR slot = ?)"

/* ? = 0: whatever it sized */
static const struct sql select_runs = {
    "SELECT " RUN_COLUMNS ", EXISTS (SELECT 1 FROM calibration_active a"
    " WHERE a.org_id = calibration_run.org_id AND a.env_id = calibration_run.env_id"
    " AND a.slot = calibration_run.slot AND a.run_id = calibration_run.id)"
    " FROM calibration_run" RUN_FILTER
    " AND (? = 0 OR JSON_VALUE(document, '$.q_alpha') IS NOT NULL)"
    " ORDER BY id DESC LIMIT ? OFFSET ?"};

/* by an index that has the slot: the rows mean the documents */
const struct sql store_run_sql_count = {
    "SELECT COUNT(*) FROM calibration_run FORCE INDEX (calibration_run_basis)" RUN_FILTER};

static const struct sql select_posterior = {
    "SELECT posterior FROM calibration_run WHERE org_id = ? AND env_id = ? AND id = ?"};

static const struct store_pieces pieces =
    STORE_PIECES("calibration_piece", "org_id, run_id, kind", "?, ?, ?",
                 "org_id = ? AND run_id = ? AND kind = ?");
enum piece_kind { PIECE_RECORD, PIECE_POSTERIOR };
#define OWNER(org, run, kind) DB_ARGS(db_uuid(org), db_uuid(run), db_int(kind))

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

enum err store_active_raise(struct db *db, struct uuid org, struct uuid env, const char *slot,
                            int64_t now)
{
    return db_run(db, &raise_any, DB_ARGS(db_uuid(org), db_uuid(env), db_text(slot), db_time(now)));
}

enum err store_active_clear(struct db *db, struct uuid org, struct uuid env, const char *slot,
                            int64_t now)
{
    return db_run(db, &clear_active,
                  DB_ARGS(db_time(now), db_uuid(org), db_uuid(env), db_text(slot)));
}

static void read_model(const struct db_rows *rows, struct arena *arena, struct active_model *model)
{
    *model = (struct active_model){
        .slot = db_copy_text(rows, 0, arena),
        .run = db_get_uuid(rows, 1),
        .subject = db_get_uuid(rows, 2),
        .posterior = db_copy_raw(rows, 3, arena),
        .platform = db_get_int(rows, 4) == 1,
    };
}

/* Times of very many bins have more than their first piece. */
static enum err complete_models(struct db *db, struct arena *arena, struct uuid org,
                                struct active_model *models, size_t n)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < n && !err; i++)
        err = store_pieces_append(
            db, arena, &pieces,
            OWNER(models[i].platform ? store_platform_org : org, models[i].run, PIECE_POSTERIOR),
            &models[i].posterior, NULL);
    return err;
}

enum err store_active_models(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             bool curves, struct active_model **list, size_t *n)
{
    struct active_model *items = NULL;
    struct db_rows *rows;
    size_t count = 0;
    enum err err = db_query(db, &rows, curves ? &select_models_curves : &select_models,
                            DB_ARGS(db_uuid(org), db_uuid(env), db_uuid(org), db_uuid(env)));
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        read_model(rows, arena, &items[count++]);
    }
    *list = items;
    *n = count;
    err = db_end(rows);
    return err ? err : complete_models(db, arena, org, items, count);
}

enum err store_basis_get(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                         struct uuid revision, struct store_basis *basis)
{
    char curve[RUN_SLOT + 1] = SLOT_CURVE;
    struct db_rows *rows;
    uuid_text(&revision, curve + strlen(SLOT_CURVE));
    *basis = (struct store_basis){.environment = env, .revision = revision};
    enum err err = db_query_one(
        db, &rows, &store_run_sql_quote,
        DB_ARGS(db_uuid(env), db_uuid(revision), db_uuid(env), db_text(curve), db_uuid(org)));
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    basis->state.stamp = db_get_uuid(rows, 0);
    basis->state.platform = db_get_uuid(rows, 1);
    basis->plan.part_id = db_get_uuid(rows, 2);
    basis->plan.process_plan = db_copy_raw(rows, 3, arena);
    basis->curve_run = db_get_uuid(rows, 4);
    basis->curve = db_copy_raw(rows, 5, arena);
    return db_end(rows);
}

enum err store_active_count(struct db *db, struct uuid org, struct uuid env, int64_t *count)
{
    return db_query_int(db, &select_posterior_count, DB_ARGS(db_uuid(org), db_uuid(env)), count);
}

static enum err exists(struct db *db, const struct sql *sql, struct uuid org, struct uuid env,
                       bool *found)
{
    int64_t is;
    enum err err = db_query_int(db, sql, DB_ARGS(db_uuid(org), db_uuid(env)), &is);
    if (!err)
        *found = is == 1;
    return err;
}

enum err store_run_scaled(struct db *db, struct uuid org, struct uuid env, bool *scaled)
{
    return exists(db, &select_scaled, org, env, scaled);
}

enum err store_run_corrected(struct db *db, struct uuid org, struct uuid env, bool *corrected)
{
    return exists(db, &select_corrected, org, env, corrected);
}

enum err store_run_insert(struct db *db, struct uuid org, const struct run *run)
{
    enum err err =
        db_run(db, &insert_run,
               DB_ARGS(db_uuid(org), db_uuid(run->id), db_uuid(run->env), db_text(run->kind),
                       db_text(run->slot), db_int(run->metric), db_uuid(run->subject),
                       db_int(run->posterior_count), db_text(run->status), db_uuid(run->base),
                       db_blob(run->basis, sizeof run->basis), db_text(run->document),
                       store_pieces_first(&run->record), store_pieces_first(&run->posterior),
                       db_time(run->created_at)));
    if (!err)
        err = store_pieces_insert(db, &pieces, OWNER(org, run->id, PIECE_RECORD), &run->record);
    if (!err)
        err =
            store_pieces_insert(db, &pieces, OWNER(org, run->id, PIECE_POSTERIOR), &run->posterior);
    return err;
}

static void get_columns(struct db_rows *rows, struct arena *arena, struct run *run)
{
    size_t len;
    *run = (struct run){
        .id = db_get_uuid(rows, 0),
        .env = db_get_uuid(rows, 1),
        .kind = db_copy_text(rows, 2, arena),
        .metric = (enum metric)db_get_int(rows, 3),
        .subject = db_get_uuid(rows, 4),
        .status = db_copy_text(rows, 5, arena),
        .base = db_get_uuid(rows, 6),
        .document = db_copy_text(rows, 8, arena),
        .created_at = db_get_time(rows, 9),
        .slot = db_copy_text(rows, 10, arena),
        .posterior_count = db_get_int(rows, 11),
    };
    const char *basis = db_get_text(rows, 7, &len);
    if (len != sizeof run->basis)
        abort();
    memcpy(run->basis, basis, len);
}

static enum err get_run(enum err err, struct db_rows *rows, struct arena *arena, struct run *run)
{
    if (!err)
        get_columns(rows, arena, run);
    return err;
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
                              const char *slot, const uint8_t basis[RUN_BASIS], struct run *run)
{
    struct db_rows *rows;
    enum err err =
        db_query_one(db, &rows, &select_basis,
                     DB_ARGS(db_uuid(org), db_uuid(env), db_text(slot), db_blob(basis, RUN_BASIS)));
    return get_run(err, rows, arena, run);
}

enum err store_run_list(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                        const struct run_filter *filter, const struct store_page *page,
                        struct run **list, size_t *n, int64_t *total)
{
    struct db_rows *rows;
    struct run *items = NULL;
    size_t count = 0;
    const struct db_value args[] = {db_uuid(org),
                                    db_uuid(env),
                                    db_text(filter->slot),
                                    db_text(filter->slot),
                                    db_int(filter->with_interval),
                                    db_int(store_page_limit(page)),
                                    db_int(page->offset)};
    enum err err = db_query(db, &rows, &select_runs, args, 7);
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        get_columns(rows, arena, &items[count]);
        items[count++].active = db_get_int(rows, 12) == 1;
    }
    err = db_end(rows);
    if (err)
        return err;
    *list = items;
    *n = count;
    return total ? store_list_total(db, page, count, &store_run_sql_count, args, 4, total) : ERR_OK;
}

static enum err get_blob(struct db *db, struct arena *arena, const struct sql *sql,
                         enum piece_kind kind, struct uuid org, struct uuid env, struct uuid id,
                         struct field_raw *blob)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, sql, DB_ARGS(db_uuid(org), db_uuid(env), db_uuid(id)));
    if (err)
        return err;
    *blob = db_copy_raw(rows, 0, arena);
    return store_pieces_append(db, arena, &pieces, OWNER(org, id, kind), blob, NULL);
}

enum err store_run_posterior(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             struct uuid id, struct field_raw *posterior)
{
    return get_blob(db, arena, &select_posterior, PIECE_POSTERIOR, org, env, id, posterior);
}

enum err store_run_record(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                          struct uuid id, struct field_raw *record)
{
    return get_blob(db, arena, &select_record, PIECE_RECORD, org, env, id, record);
}
