/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evidence rows. */
#include "store_evidence.h"

#include "arena.h"
#include "store_db.h"
#include "store_keys.h"
#include "store_list.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "natural_key, content, source, observation_type, reference, part_id, part_revision_id, bin,"   \
    " operation_sequence, lot_size, annual_volume, tooling_lifetime_units, predicted, actual,"     \
    " c_material, c_run, c_setup, c_other, choice, occurred_on, model_version, applied,"           \
    " received_at"

static const struct sql count_rows = {
    "SELECT COUNT(*) FROM evidence WHERE org_id = ? AND env_id = ? AND metric = ?"};

static const struct sql select_rows = {
    "SELECT " COLUMNS " FROM evidence WHERE org_id = ? AND env_id = ? AND metric = ?"};

static const struct sql select_newest = {"SELECT " COLUMNS
                                         " FROM evidence FORCE INDEX (evidence_newest)"
                                         " WHERE org_id = ? AND env_id = ? AND metric = ?"
                                         " ORDER BY received_at DESC, natural_key DESC LIMIT ?"};

static const struct sql select_priced = {"SELECT " COLUMNS " FROM " STORE_KEYS_IDS
                                         " STRAIGHT_JOIN evidence FORCE INDEX (evidence_part)"
                                         " ON org_id = ? AND part_id = k.id"
                                         " WHERE env_id = ? AND metric = ? AND c_material IS NULL"};

static const struct sql upsert_row = {
    "INSERT INTO evidence (org_id, env_id, metric, " COLUMNS ")"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    /* first, while content is still the old one: what is known and unchanged stays as it is */
    " ON DUPLICATE KEY UPDATE applied = IF(LAST_INSERT_ID(1 + applied)"
    " AND content = VALUES(content) AND applied = 1, 1, VALUES(applied)),"
    " received_at = IF(content = VALUES(content), received_at, VALUES(received_at)),"
    " content = VALUES(content), source = VALUES(source),"
    " observation_type = VALUES(observation_type), reference = VALUES(reference),"
    " part_id = VALUES(part_id), part_revision_id = VALUES(part_revision_id), bin = VALUES(bin),"
    " operation_sequence = VALUES(operation_sequence), lot_size = VALUES(lot_size),"
    " annual_volume = VALUES(annual_volume),"
    " tooling_lifetime_units = VALUES(tooling_lifetime_units), predicted = VALUES(predicted),"
    " actual = VALUES(actual), c_material = VALUES(c_material), c_run = VALUES(c_run),"
    " c_setup = VALUES(c_setup), c_other = VALUES(c_other), choice = VALUES(choice),"
    " occurred_on = VALUES(occurred_on), model_version = VALUES(model_version)"};

static const struct sql select_arrived = {
    "SELECT natural_key FROM evidence FORCE INDEX (evidence_newest) WHERE org_id = ?"
    " AND env_id = ? AND received_at = ? AND metric = ? ORDER BY natural_key"};

static const struct sql delete_source = {
    "DELETE FROM evidence WHERE org_id = ? AND env_id = ? AND metric = ? AND source = ?"
    " AND observation_type IS NULL"};

static const struct sql mark_applied = {
    "UPDATE evidence SET applied = 1 WHERE org_id = ? AND env_id = ? AND metric = ?"
    " AND applied = 0"};

int evidence_by_natural(const void *a, const void *b)
{
    const struct evidence *x = a, *y = b;
    return memcmp(x->natural.b, y->natural.b, sizeof x->natural.b);
}

int evidence_at_by_natural(const void *a, const void *b)
{
    return evidence_by_natural(*(const struct evidence *const *)a,
                               *(const struct evidence *const *)b);
}

const char *const metric_texts[] = {"unit_cost", "cycle_time_s", "setup_time_s", "machine_choice",
                                    NULL};

const char *metric_text(enum metric metric)
{
    return metric_texts[metric];
}

enum metric metric_find(const char *text)
{
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        if (!strcmp(metric_texts[metric], text))
            return metric;
    return METRIC_COUNT;
}

/* A text that most rows repeat: one copy as long as it stays the same. */
static const char *shared_text(struct arena *arena, const struct db_rows *rows, unsigned column,
                               const char *before)
{
    const char *text = db_get_text(rows, column, NULL);
    if (text && before && !strcmp(before, text))
        return before;
    return db_copy_text(rows, column, arena);
}

static void get_hash(const struct db_rows *rows, unsigned column, struct evidence_hash *hash)
{
    size_t len;
    const char *bytes = db_get_text(rows, column, &len);
    if (!bytes || len != sizeof hash->b)
        abort();
    memcpy(hash->b, bytes, len);
}

/* Row i of a list whose earlier rows are there. */
static void get_row(struct arena *arena, const struct db_rows *rows, struct evidence *list,
                    size_t i)
{
    static const struct evidence nothing;
    const struct evidence *before = i ? &list[i - 1] : &nothing;
    struct evidence *row = &list[i];
    get_hash(rows, 0, &row->natural);
    get_hash(rows, 1, &row->content);
    row->source = shared_text(arena, rows, 2, before->source);
    row->observation_type = shared_text(arena, rows, 3, before->observation_type);
    row->reference = db_copy_text(rows, 4, arena);
    row->part = db_get_uuid(rows, 5);
    row->revision = db_get_uuid(rows, 6);
    row->bin = shared_text(arena, rows, 7, before->bin);
    row->operation_sequence = db_get_int(rows, 8);
    row->lot_size = db_get_num(rows, 9);
    row->annual_volume = db_get_num(rows, 10);
    row->tooling_units = db_get_num(rows, 11);
    row->predicted = db_get_num(rows, 12);
    row->actual = db_get_num(rows, 13);
    for (unsigned k = 0; k < 4; k++)
        row->c[k] = db_get_num(rows, 14 + k);
    row->choice = db_copy_text(rows, 18, arena);
    row->occurred_on = db_get_date(rows, 19);
    row->model_version = shared_text(arena, rows, 20, before->model_version);
    row->applied = db_get_int(rows, 21);
    row->received_at = db_get_time(rows, 22);
}

enum err store_evidence_list(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             enum metric metric, int64_t most, struct evidence_stored *stored)
{
    struct db_rows *rows;
    int64_t total;
    enum err err =
        db_query_int(db, &count_rows, DB_ARGS(db_uuid(org), db_uuid(env), db_int(metric)), &total);
    if (err)
        return err;
    int64_t kept = total < most ? total : most;
    struct evidence *list = ARENA_ARRAY(arena, (size_t)kept, struct evidence);
    if (total <= most)
        err =
            db_query(db, &rows, &select_rows, DB_ARGS(db_uuid(org), db_uuid(env), db_int(metric)));
    else
        err = db_query(db, &rows, &select_newest,
                       DB_ARGS(db_uuid(org), db_uuid(env), db_int(metric), db_int(most)));
    if (err)
        return err;
    size_t count = 0;
    while (count < (size_t)kept && db_next(rows))
        get_row(arena, rows, list, count++);
    err = db_end(rows);
    *stored = (struct evidence_stored){list, count, total - kept};
    return err;
}

enum err store_evidence_priced(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                               enum metric metric, const struct uuid *parts, size_t n_parts,
                               struct evidence_stored *stored)
{
    struct evidence *list = NULL;
    struct buf keys = {0};
    struct db_rows *rows;
    size_t count = 0;
    store_keys_ids(&keys, parts, n_parts);
    enum err err =
        db_query(db, &rows, &select_priced,
                 DB_ARGS(db_text(buf_text(&keys)), db_uuid(org), db_uuid(env), db_int(metric)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        list = store_list_room(arena, list, count, sizeof *list);
        get_row(arena, rows, list, count++);
    }
    *stored = (struct evidence_stored){list, count, 0};
    return db_end(rows);
}

#define COLUMN(kind, member)                                                                       \
    {                                                                                              \
        kind, &rows->member, sizeof *rows                                                          \
    }

enum err store_evidence_upsert(struct db *db, struct uuid org, struct uuid env, enum metric metric,
                               const struct evidence *rows, size_t n, bool *known)
{
    *known = false;
    if (!n)
        return ERR_OK;
    const int64_t metric_number = metric;
    /* stride 0: the same value for every row; a hash binds as the 16 bytes it is */
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &env, 0},
        {DB_INT, &metric_number, 0},
        COLUMN(DB_UUID, natural),
        COLUMN(DB_UUID, content),
        COLUMN(DB_TEXT, source),
        COLUMN(DB_TEXT, observation_type),
        COLUMN(DB_TEXT, reference),
        COLUMN(DB_UUID, part),
        COLUMN(DB_UUID, revision),
        COLUMN(DB_TEXT, bin),
        COLUMN(DB_INT, operation_sequence),
        COLUMN(DB_NUM, lot_size),
        COLUMN(DB_NUM, annual_volume),
        COLUMN(DB_NUM, tooling_units),
        COLUMN(DB_NUM, predicted),
        COLUMN(DB_NUM, actual),
        COLUMN(DB_NUM, c[0]),
        COLUMN(DB_NUM, c[1]),
        COLUMN(DB_NUM, c[2]),
        COLUMN(DB_NUM, c[3]),
        COLUMN(DB_TEXT, choice),
        COLUMN(DB_DATE, occurred_on),
        COLUMN(DB_TEXT, model_version),
        COLUMN(DB_INT, applied),
        COLUMN(DB_TIME, received_at),
    };
    enum err err = db_bulk(db, &upsert_row, columns, sizeof columns / sizeof *columns, n);
    *known = db_marked(db);
    return err;
}

enum err store_evidence_arrived(struct db *db, struct uuid org, struct uuid env, enum metric metric,
                                int64_t now, const struct evidence **rows, size_t *n)
{
    struct db_rows *found;
    size_t i = 0, kept = 0;
    enum err err = db_query(db, &found, &select_arrived,
                            DB_ARGS(db_uuid(org), db_uuid(env), db_time(now), db_int(metric)));
    if (err)
        return err;
    while (db_next(found)) {
        struct evidence key;
        get_hash(found, 0, &key.natural);
        while (i < *n && evidence_by_natural(rows[i], &key) < 0)
            i++;
        if (i < *n && !evidence_by_natural(rows[i], &key))
            rows[kept++] = rows[i];
    }
    *n = kept;
    return db_end(found);
}

enum err store_evidence_delete_source(struct db *db, struct uuid org, struct uuid env,
                                      enum metric metric, const char *source)
{
    return db_run(db, &delete_source,
                  DB_ARGS(db_uuid(org), db_uuid(env), db_int(metric), db_text(source)));
}

enum err store_evidence_applied(struct db *db, struct uuid org, struct uuid env, enum metric metric)
{
    return db_run(db, &mark_applied, DB_ARGS(db_uuid(org), db_uuid(env), db_int(metric)));
}
