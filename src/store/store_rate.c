/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates: rows and statements. */
#include "store_rate.h"

#include "store_db.h"
#include "store_stamp.h"

#define COLUMNS "id, env_id, kind, fields, currency, valid_from, valid_to, created_at, rate_key"
#define SELECT  "SELECT " COLUMNS " FROM rate WHERE org_id = ? AND env_id = ?"
#define ORDER   " ORDER BY kind, rate_key, valid_from"

static const struct sql select_all = {SELECT ORDER};
static const struct sql select_page = {SELECT ORDER " LIMIT ? OFFSET ?"};
static const struct sql select_page_of_kind = {SELECT " AND kind = ?" ORDER " LIMIT ? OFFSET ?"};
static const struct sql select_count = {
    "SELECT COUNT(*) FROM rate WHERE org_id = ? AND env_id = ? AND (? IS NULL OR kind = ?)"};
static const struct sql select_one = {SELECT " AND kind = ? AND id = ?"};
static const struct sql select_natural = {SELECT
                                          " AND kind = ? AND rate_key = ? AND valid_from = ?"};
static const struct sql insert_one = {
    "INSERT INTO rate (org_id, " COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE fields = VALUES(fields), currency = VALUES(currency),"
    " valid_to = VALUES(valid_to)"};
static const struct sql delete_one = {
    "DELETE FROM rate WHERE org_id = ? AND env_id = ? AND kind = ? AND id = ?"};

#define AT(member) FIELD_OF(struct store_rate, member)

/* in the order of COLUMNS */
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(env_id), .kind = FIELD_UUID},
    {AT(kind), .kind = FIELD_TEXT, .help = "labour, overhead, material or fx."},
    {AT(fields), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON,
     .help = "Key fields and values of the kind."},
    {AT(currency), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE,
     .help = "ISO 4217 code of the money in fields."},
    {AT(valid_from), .kind = FIELD_DATE, .help = "First day."},
    {AT(valid_to), .kind = FIELD_DATE, .flags = FIELD_NULLABLE, .help = "Last day; null: open."},
    {AT(created_at), .kind = FIELD_TIME},
    {.name = "rate_key",
     .kind = FIELD_TEXT,
     .flags = FIELD_HIDDEN,
     .offset = offsetof(struct store_rate, key)},
};

const struct shape shape_rate = {
    .name = "RatePublic",
    SHAPE_OF(struct store_rate, fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "An effective-dated rate. Pricing at a date takes the row of the same key with the "
            "latest valid_from that is valid then.",
};

enum err store_rate_list(struct db *db, struct arena *arena, struct uuid org,
                         struct uuid environment, struct store_rate **list, size_t *n)
{
    return store_list_rows(db, arena, &select_all, DB_ARGS(db_uuid(org), db_uuid(environment)),
                           &shape_rate, list, n);
}

enum err store_rate_page(struct db *db, struct arena *arena, struct uuid org,
                         struct uuid environment, const char *kind, const struct store_page *page,
                         struct store_rate **list, size_t *n, int64_t *total)
{
    const struct db_value limit = db_int(store_page_limit(page)), offset = db_int(page->offset);
    enum err err = kind
                       ? store_list_rows(db, arena, &select_page_of_kind,
                                         DB_ARGS(db_uuid(org), db_uuid(environment), db_text(kind),
                                                 limit, offset),
                                         &shape_rate, list, n)
                       : store_list_rows(db, arena, &select_page,
                                         DB_ARGS(db_uuid(org), db_uuid(environment), limit, offset),
                                         &shape_rate, list, n);
    if (err)
        return err;
    return store_list_total(
        db, page, *n, &select_count,
        DB_ARGS(db_uuid(org), db_uuid(environment), db_text(kind), db_text(kind)), total);
}

enum err store_rate_get(struct db *db, struct arena *arena, struct uuid org,
                        struct uuid environment, const char *kind, struct uuid id,
                        struct store_rate *rate)
{
    return db_query_shape(db, &select_one,
                          DB_ARGS(db_uuid(org), db_uuid(environment), db_text(kind), db_uuid(id)),
                          &shape_rate, rate, arena);
}

enum err store_rate_put(struct db *db, struct arena *arena, struct uuid org,
                        struct store_rate *rate)
{
    enum err err = db_run(
        db, &insert_one,
        DB_ARGS(db_uuid(org), db_uuid(rate->id), db_uuid(rate->env_id), db_text(rate->kind),
                db_text(rate->fields.text), db_text(rate->currency), db_date(rate->valid_from),
                db_date(rate->valid_to), db_time(rate->created_at), db_text(rate->key)));
    if (!err)
        err = store_stamp_environment(db, org, rate->env_id);
    if (err)
        return err;
    return db_query_shape(db, &select_natural,
                          DB_ARGS(db_uuid(org), db_uuid(rate->env_id), db_text(rate->kind),
                                  db_text(rate->key), db_date(rate->valid_from)),
                          &shape_rate, rate, arena);
}

enum err store_rate_delete(struct db *db, struct uuid org, struct uuid environment,
                           const char *kind, struct uuid id)
{
    enum err err = db_run(db, &delete_one,
                          DB_ARGS(db_uuid(org), db_uuid(environment), db_text(kind), db_uuid(id)));
    if (err)
        return err;
    return db_affected(db) ? store_stamp_environment(db, org, environment) : ERR_NOT_FOUND;
}
