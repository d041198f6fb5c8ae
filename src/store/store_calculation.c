/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calculations: rows and statements. */
#include "store_calculation.h"

#include "store_db.h"
#include "store_keys.h"
#include "store_run.h"

#define INSERT                                                                                     \
    "INSERT INTO calculation (org_id, id, part_id, part_revision_id, env_id, status, unit_cost,"   \
    " uncalibrated_unit_cost, c_material, c_run, c_setup, c_other, lot_size, model_version,"       \
    " document, created_at)"

static const struct sql insert_calculation = {
    INSERT " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
/* What it looks at it holds until it is stored. */
const struct sql store_calculation_sql_insert = {
    INSERT
    " SELECT s.org_id, CAST(? AS UUID), p.part_id, p.id, s.env_id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
    " FROM pricing_stamp s JOIN part_revision p LEFT JOIN " STORE_PLATFORM_STAMP
    " WHERE s.org_id = ? AND s.env_id = ? AND s.stamp = ? AND p.org_id = s.org_id"
    " AND p.id = ? AND f.stamp <=> ?"};
static const struct sql select_one = {
    "SELECT document FROM calculation WHERE org_id = ? AND id = ?"};

/* One statement per combination of filters. The keys are named: where nearly all quotes are of one
   status the optimizer reads the rows themselves, which means the documents. */
#define OF_TENANT(key) " FROM calculation FORCE INDEX (" key ") WHERE org_id = ?"
#define WHERE_STATUS   OF_TENANT("calculation_status") " AND status = ?"
#define WHERE_PART     OF_TENANT("calculation_part") " AND part_id = ?"
#define WHERE_BOTH     WHERE_PART " AND status = ?"
#define PAGE           " ORDER BY id DESC LIMIT ? OFFSET ?"

static const struct sql select_page[] = {{"SELECT document" OF_TENANT("PRIMARY") PAGE},
                                         {"SELECT document" WHERE_STATUS PAGE},
                                         {"SELECT document" WHERE_PART PAGE},
                                         {"SELECT document" WHERE_BOTH PAGE}};
static const struct sql count_all = {"SELECT COUNT(*)" OF_TENANT("calculation_status")};
static const struct sql count_status = {"SELECT COUNT(*)" WHERE_STATUS};
static const struct sql count_part = {"SELECT COUNT(*)" WHERE_PART};
static const struct sql count_both = {"SELECT COUNT(*)" WHERE_BOTH};
const struct sql *const store_calculation_sql_count[] = {&count_all, &count_status, &count_part,
                                                         &count_both};

#define BY_REVISION "calculation c FORCE INDEX (calculation_revision)"
#define OF_REVISION                                                                                \
    " c.org_id = ? AND c.env_id = ? AND c.part_revision_id = CAST(k.id AS UUID)"                   \
    " AND c.status = '" CALCULATION_SUCCEEDED "'"

static const struct sql select_quoted = {
    "SELECT k.i, c.id, c.unit_cost, c.uncalibrated_unit_cost, c.c_material, c.c_run, c.c_setup,"
    " c.c_other, c.lot_size, c.created_at FROM " STORE_KEYS_IDS " STRAIGHT_JOIN " BY_REVISION
    " ON" OF_REVISION " AND (? IS NULL OR c.model_version = ?)"};
static const struct sql select_documents = {
    "SELECT k.i, c.document FROM " STORE_KEYS_IDS " STRAIGHT_JOIN calculation c"
    " FORCE INDEX (PRIMARY) ON c.org_id = ? AND c.id = CAST(k.id AS UUID)"};
#define SELECT_PARTS                                                                               \
    "SELECT k.i, r.part_id FROM " STORE_KEYS_IDS                                                   \
    " STRAIGHT_JOIN part_revision r FORCE INDEX (PRIMARY)"                                         \
    " ON r.org_id = ? AND r.id = CAST(k.id AS UUID)"

static const struct sql select_parts = {SELECT_PARTS};
/* It ends at the first quote of each revision. A semi-join would do that too, but with statistics
   from before an import the optimizer first collects all revisions that were ever quoted. */
static const struct sql select_quoted_parts = {
    SELECT_PARTS " WHERE EXISTS (SELECT 1 FROM " BY_REVISION " WHERE" OF_REVISION ")"};

enum err store_calculation_insert(struct db *db, struct uuid org,
                                  const struct store_calculation *list, size_t n)
{
    const size_t stride = sizeof *list;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &list->id, stride},
        {DB_UUID, &list->part_id, stride},
        {DB_UUID, &list->part_revision_id, stride},
        {DB_UUID, &list->env_id, stride},
        {DB_TEXT, &list->status, stride},
        {DB_NUM, &list->unit_cost, stride},
        {DB_NUM, &list->uncalibrated_unit_cost, stride},
        {DB_NUM, &list->driver[0], stride},
        {DB_NUM, &list->driver[1], stride},
        {DB_NUM, &list->driver[2], stride},
        {DB_NUM, &list->driver[3], stride},
        {DB_NUM, &list->lot_size, stride},
        {DB_TEXT, &list->model_version, stride},
        {DB_BLOB, &list->document, stride},
        {DB_TIME, &list->created_at, stride},
    };
    return db_bulk(db, &insert_calculation, columns, sizeof columns / sizeof *columns, n);
}

enum err store_calculation_insert_current(struct db *db, struct uuid org,
                                          const struct store_calculation *one,
                                          const struct store_state *state)
{
    enum err err = db_run(
        db, &store_calculation_sql_insert,
        DB_ARGS(db_uuid(one->id), db_text(one->status), db_num(one->unit_cost),
                db_num(one->uncalibrated_unit_cost), db_num(one->driver[0]), db_num(one->driver[1]),
                db_num(one->driver[2]), db_num(one->driver[3]), db_num(one->lot_size),
                db_text(one->model_version), db_blob(one->document.text, one->document.len),
                db_time(one->created_at), db_uuid(org), db_uuid(one->env_id), db_uuid(state->stamp),
                db_uuid(one->part_revision_id), db_uuid(state->platform)));
    return err || db_affected(db) ? err : ERR_RETRY;
}

enum err store_calculation_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                               struct field_raw *document)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, &select_one, DB_ARGS(db_uuid(org), db_uuid(id)));
    if (err)
        return err;
    *document = db_copy_raw(rows, 0, arena);
    return db_end(rows);
}

enum err store_calculation_list(struct db *db, struct arena *arena, struct uuid org,
                                const struct store_calculation_filter *filter,
                                const struct store_page *page, struct field_raw **documents,
                                size_t *n, int64_t *total)
{
    struct db_value args[5] = {db_uuid(org)};
    size_t n_args = 1, which = 0, count = 0;
    struct field_raw *items = NULL;
    struct db_rows *rows;
    if (!uuid_is_nil(&filter->part_id)) {
        args[n_args++] = db_uuid(filter->part_id);
        which |= 2;
    }
    if (filter->status) {
        args[n_args++] = db_text(filter->status);
        which |= 1;
    }
    args[n_args] = db_int(store_page_limit(page));
    args[n_args + 1] = db_int(page->offset);
    enum err err = db_query(db, &rows, &select_page[which], args, n_args + 2);
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        items[count++] = db_copy_raw(rows, 0, arena);
    }
    err = db_end(rows);
    if (err)
        return err;
    *documents = items;
    *n = count;
    return store_list_total(db, page, count, store_calculation_sql_count[which], args, n_args,
                            total);
}

enum err store_calculation_quoted(struct db *db, struct uuid org, struct uuid env,
                                  const struct uuid *revisions, size_t n, const char *model_version,
                                  void (*take)(void *context, const struct store_quoted *quoted),
                                  void *context)
{
    struct buf keys = {0};
    struct db_rows *rows;
    store_keys_ids(&keys, revisions, n);
    enum err err = db_query(db, &rows, &select_quoted,
                            DB_ARGS(db_text(buf_text(&keys)), db_uuid(org), db_uuid(env),
                                    db_text(model_version), db_text(model_version)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        struct store_quoted quoted = {
            .revision = (size_t)db_get_int(rows, 0) - 1,
            .id = db_get_uuid(rows, 1),
            .unit_cost = db_get_num(rows, 2),
            .uncalibrated_unit_cost = db_get_num(rows, 3),
            .lot_size = db_get_num(rows, 8),
            .created_at = db_get_time(rows, 9),
        };
        for (unsigned k = 0; k < 4; k++)
            quoted.driver[k] = db_get_num(rows, 4 + k);
        take(context, &quoted);
    }
    return db_end(rows);
}

enum err
store_calculation_documents(struct db *db, struct uuid org, const struct uuid *ids, size_t n,
                            void (*take)(void *context, size_t i, const struct field_raw *document),
                            void *context)
{
    struct buf keys = {0};
    struct db_rows *rows;
    store_keys_ids(&keys, ids, n);
    enum err err =
        db_query(db, &rows, &select_documents, DB_ARGS(db_text(buf_text(&keys)), db_uuid(org)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        struct field_raw document;
        document.text = db_get_text(rows, 1, &document.len);
        take(context, (size_t)db_get_int(rows, 0) - 1, &document);
    }
    return db_end(rows);
}

enum err store_calculation_parts(struct db *db, struct uuid org, struct uuid quoted_in,
                                 const struct uuid *revisions, size_t n, struct uuid *parts)
{
    struct buf keys = {0};
    struct db_rows *rows;
    bool all = uuid_is_nil(&quoted_in);
    store_keys_ids(&keys, revisions, n);
    const struct db_value args[] = {db_text(buf_text(&keys)), db_uuid(org), db_uuid(org),
                                    db_uuid(quoted_in)};
    enum err err =
        db_query(db, &rows, all ? &select_parts : &select_quoted_parts, args, all ? 2 : 4);
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows))
        parts[db_get_int(rows, 0) - 1] = db_get_uuid(rows, 1);
    return db_end(rows);
}
