/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evidence by source. */
#include "store_evidence_list.h"

#include "arena.h"
#include "store_db.h"

/* The indexes are named: the optimizer takes the primary key for either, which means all the rows
   of the environment, sorted. */
#define BY_SOURCE  " FROM evidence FORCE INDEX (evidence_source)"
#define BY_ARRIVAL " FROM evidence FORCE INDEX (evidence_newest)"

#define SOURCES                                                                                    \
    "SELECT source, metric, COUNT(*), CAST(SUM(applied = 0) AS SIGNED), MIN(received_at),"         \
    " MAX(received_at)" BY_SOURCE " WHERE org_id = ? AND env_id = ?"
#define GROUPED " GROUP BY source, metric ORDER BY source, metric"

static const struct sql select_sources = {SOURCES GROUPED};
static const struct sql select_oracles = {SOURCES " AND observation_type IS NOT NULL" GROUPED};

/* metric + 0: see struct sql on what is ordered by */
#define FILTER                                                                                     \
    " WHERE org_id = ? AND env_id = ? AND (? IS NULL OR source = ?)"                               \
    " AND (? IS NULL OR metric + 0 = ?)"
#define ROWS                                                                                       \
    "SELECT metric, source, observation_type, reference, part_id, part_revision_id, bin,"          \
    " operation_sequence, lot_size, annual_volume, tooling_lifetime_units, predicted, actual,"     \
    " choice, occurred_on, model_version, applied, received_at, natural_key"
#define ORDER " ORDER BY received_at, metric, natural_key LIMIT ?"

static const struct sql select_page = {ROWS BY_ARRIVAL FILTER ORDER " OFFSET ?"};
static const struct sql select_page_of_source = {ROWS BY_SOURCE FILTER ORDER " OFFSET ?"};
/* the rows behind one, as ranges of the index: a comparison of lists would be none */
static const struct sql select_after = {
    ROWS BY_ARRIVAL FILTER " AND (received_at > ? OR received_at = ? AND metric > ?"
                           " OR received_at = ? AND metric = ? AND natural_key > ?)" ORDER};

static const struct sql count_page = {"SELECT COUNT(*)" BY_SOURCE FILTER};
static const struct sql remove_rows = {"DELETE FROM evidence" FILTER};

static void put_filter(struct db_value args[6], struct uuid org, struct uuid env,
                       const struct store_evidence_filter *filter)
{
    args[0] = db_uuid(org);
    args[1] = db_uuid(env);
    args[2] = args[3] = db_text(filter->source);
    args[4] = args[5] = db_int(filter->metric == METRIC_COUNT ? INT_NONE : (int64_t)filter->metric);
}

enum err store_evidence_sources(struct db *db, struct arena *arena, struct uuid org,
                                struct uuid env, bool outcomes_only,
                                struct store_evidence_source **list, size_t *n)
{
    struct store_evidence_source *items = NULL;
    struct db_rows *rows;
    size_t count = 0;
    enum err err = db_query(db, &rows, outcomes_only ? &select_oracles : &select_sources,
                            DB_ARGS(db_uuid(org), db_uuid(env)));
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        items[count++] = (struct store_evidence_source){
            db_copy_text(rows, 0, arena), (enum metric)db_get_int(rows, 1),
            db_get_int(rows, 2),          db_get_int(rows, 3),
            db_get_time(rows, 4),         db_get_time(rows, 5),
        };
    }
    *list = items;
    *n = count;
    return db_end(rows);
}

static struct evidence get_row(struct arena *arena, const struct db_rows *rows)
{
    return (struct evidence){
        .source = db_copy_text(rows, 1, arena),
        .observation_type = db_copy_text(rows, 2, arena),
        .reference = db_copy_text(rows, 3, arena),
        .part = db_get_uuid(rows, 4),
        .revision = db_get_uuid(rows, 5),
        .bin = db_copy_text(rows, 6, arena),
        .operation_sequence = db_get_int(rows, 7),
        .lot_size = db_get_num(rows, 8),
        .annual_volume = db_get_num(rows, 9),
        .tooling_units = db_get_num(rows, 10),
        .predicted = db_get_num(rows, 11),
        .actual = db_get_num(rows, 12),
        .choice = db_copy_text(rows, 13, arena),
        .occurred_on = db_get_date(rows, 14),
        .model_version = db_copy_text(rows, 15, arena),
        .applied = db_get_int(rows, 16),
        .received_at = db_get_time(rows, 17),
    };
}

enum err store_evidence_page(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             const struct store_evidence_filter *filter,
                             const struct store_page *page, struct evidence **rows_out,
                             enum metric **metrics_out, size_t *n, int64_t *total)
{
    struct db_value args[8];
    struct evidence *items = NULL;
    enum metric *metrics = NULL;
    struct db_rows *rows;
    size_t count = 0;
    put_filter(args, org, env, filter);
    args[6] = db_int(store_page_limit(page));
    args[7] = db_int(page->offset);
    enum err err =
        db_query(db, &rows, filter->source ? &select_page_of_source : &select_page, args, 8);
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        metrics = store_list_room(arena, metrics, count, sizeof *metrics);
        metrics[count] = (enum metric)db_get_int(rows, 0);
        items[count++] = get_row(arena, rows);
    }
    *rows_out = items;
    *metrics_out = metrics;
    *n = count;
    err = db_end(rows);
    return err ? err : store_list_total(db, page, count, &count_page, args, 6, total);
}

struct evidence_reading {
    struct db *db;
    struct arena *arena; /* of one row */
    struct db_value args[13];
    uint8_t natural[16]; /* of the last row */
    enum err (*take)(void *context, const struct evidence *row, enum metric metric);
    void *context;
};

static void put_place(struct db_value args[12], int64_t received_at, enum metric metric)
{
    args[6] = args[7] = args[9] = db_time(received_at);
    args[8] = args[10] = db_int(metric);
}

static enum err read_evidence(void *context, int64_t most, int64_t *n)
{
    struct evidence_reading *reading = context;
    struct db_value *args = reading->args;
    struct db_rows *rows;
    args[12] = db_int(most);
    enum err err = db_query(reading->db, &rows, &select_after, args, 13);
    if (err)
        return err;
    for (*n = 0; !err && db_next(rows); ++*n) {
        struct evidence row = get_row(reading->arena, rows);
        enum metric metric = (enum metric)db_get_int(rows, 0);
        memcpy(reading->natural, db_get_text(rows, 18, NULL), sizeof reading->natural);
        put_place(args, row.received_at, metric);
        err = reading->take(reading->context, &row, metric);
        arena_reset(reading->arena);
    }
    enum err end = db_end(rows);
    return err ? err : end;
}

enum err store_evidence_each(
    struct db *db, struct uuid org, struct uuid env, const struct store_evidence_filter *filter,
    enum err (*take)(void *context, const struct evidence *row, enum metric metric), void *context)
{
    struct evidence_reading reading = {
        .db = db, .arena = arena_new(), .take = take, .context = context};
    put_filter(reading.args, org, env, filter);
    put_place(reading.args, 0, 0);
    reading.args[11] = db_blob(reading.natural, sizeof reading.natural);
    enum err err = store_list_parts(&(struct store_page){INT_NONE, 0}, read_evidence, &reading);
    arena_free(reading.arena);
    return err;
}

enum err store_evidence_remove(struct db *db, struct uuid org, struct uuid env,
                               const struct store_evidence_filter *filter, int64_t *removed)
{
    struct db_value args[6];
    put_filter(args, org, env, filter);
    enum err err = db_run(db, &remove_rows, args, 6);
    if (!err)
        *removed = db_affected(db);
    return err;
}
