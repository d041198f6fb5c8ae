/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Costing environments: rows and statements. */
#include "store_environment.h"

#include "store_db.h"
#include "store_evidence.h"
#include "store_stamp.h"

#include <string.h>

#define COLUMNS                                                                                    \
    "id, name, region, currency, description, valid_from, valid_to, enabled_extractors, "          \
    "is_baseline, attributes"
#define ONE "SELECT " COLUMNS " FROM environment WHERE org_id = ? AND id = ?"

static const struct sql select_one = {ONE};
static const struct sql select_shared = {ONE " LOCK IN SHARE MODE"};
static const struct sql select_locked = {ONE " FOR UPDATE"};
static const struct sql select_page = {
    "SELECT " COLUMNS " FROM environment WHERE org_id = ? ORDER BY id LIMIT ? OFFSET ?"};
/* by a narrow index, not by the rows themselves */
static const struct sql select_count = {
    "SELECT COUNT(*) FROM environment FORCE INDEX (environment_name) WHERE org_id = ?"};
static const struct sql insert_one = {"INSERT INTO environment (org_id, " COLUMNS ", created_at)"
                                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql update_one = {
    "UPDATE environment SET name = ?, region = ?, currency = ?, description = ?, valid_from = ?,"
    " valid_to = ?, enabled_extractors = ?, attributes = ? WHERE org_id = ? AND id = ?"};
/* of what goes with an environment the one thing that may be millions of rows */
static const struct sql delete_evidence = {
    "DELETE FROM evidence WHERE org_id = ? AND env_id = ? AND metric = ?"
    " AND natural_key BETWEEN ? AND ?"};
static const struct sql delete_one = {"DELETE FROM environment WHERE org_id = ? AND id = ?"};
static const struct sql select_money[] = {
    {"SELECT 1 FROM rate WHERE org_id = ? AND env_id = ? LIMIT 1 LOCK IN SHARE MODE"},
    {"SELECT 1 FROM evidence WHERE org_id = ? AND env_id = ? LIMIT 1 LOCK IN SHARE MODE"},
    {"SELECT 1 FROM calibration_run WHERE org_id = ? AND env_id = ? LIMIT 1 LOCK IN SHARE MODE"},
};

#define AT(member) FIELD_OF(struct store_environment, member)

/* in the order of COLUMNS */
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(name), .kind = FIELD_TEXT, .help = "Unique in the organisation."},
    {AT(region), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(currency), .kind = FIELD_TEXT, .help = "ISO 4217 code of the environment's money."},
    {AT(description), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(valid_from), .kind = FIELD_DATE, .help = "First day."},
    {AT(valid_to), .kind = FIELD_DATE, .flags = FIELD_NULLABLE, .help = "Last day; null: open."},
    {AT(enabled_extractors), .kind = FIELD_JSON, .flags = FIELD_ARRAY_JSON, .item = FIELD_TEXT,
     .help = "Array of slugs; arcnm, the canonical geometry source, comes first."},
    {AT(is_baseline), .kind = FIELD_BOOL, .help = "Made with the organisation; cannot be deleted."},
    {AT(attributes), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON, .help = "Free object."},
};

const struct shape shape_environment_detail = {
    .name = "EnvironmentDetail",
    SHAPE_OF(struct store_environment, fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "A costing environment: what parts are priced in.",
};

/* attributes come last and are left out */
const struct shape shape_environment = {
    .name = "EnvironmentPublic",
    .fields = fields,
    .n = sizeof fields / sizeof *fields - 1,
    .size = sizeof(struct store_environment),
    .nulls = SHAPE_NO_NULLS,
    .help = "A costing environment, as lists show it.",
};

enum err store_environment_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                               enum store_lock lock, struct store_environment *environment)
{
    static const struct sql *const by_lock[] = {[STORE_READ] = &select_one,
                                                [STORE_SHARE] = &select_shared,
                                                [STORE_UPDATE] = &select_locked};
    return db_query_shape(db, by_lock[lock], DB_ARGS(db_uuid(org), db_uuid(id)),
                          &shape_environment_detail, environment, arena);
}

enum err store_environment_list(struct db *db, struct arena *arena, struct uuid org,
                                const struct store_page *page, struct store_environment **list,
                                size_t *n, int64_t *total)
{
    enum err err =
        store_list_rows(db, arena, &select_page,
                        DB_ARGS(db_uuid(org), db_int(store_page_limit(page)), db_int(page->offset)),
                        &shape_environment_detail, list, n);
    if (err)
        return err;
    return store_list_total(db, page, *n, &select_count, DB_ARGS(db_uuid(org)), total);
}

enum err store_environment_insert(struct db *db, struct uuid org,
                                  const struct store_environment *environment, int64_t now)
{
    return db_run(db, &insert_one,
                  DB_ARGS(db_uuid(org), db_uuid(environment->id), db_text(environment->name),
                          db_text(environment->region), db_text(environment->currency),
                          db_text(environment->description), db_date(environment->valid_from),
                          db_date(environment->valid_to),
                          db_text(environment->enabled_extractors.text),
                          db_bool(environment->is_baseline), db_text(environment->attributes.text),
                          db_time(now)));
}

enum err store_environment_update(struct db *db, struct uuid org,
                                  const struct store_environment *environment)
{
    enum err err = db_run(db, &update_one,
                          DB_ARGS(db_text(environment->name), db_text(environment->region),
                                  db_text(environment->currency), db_text(environment->description),
                                  db_date(environment->valid_from), db_date(environment->valid_to),
                                  db_text(environment->enabled_extractors.text),
                                  db_text(environment->attributes.text), db_uuid(org),
                                  db_uuid(environment->id)));
    return err ? err : store_stamp_environment(db, org, environment->id);
}

/* In 16 parts of each metric, by the first digit of the keys, which are hashes: a statement may
   take 10 s, and by its foreign key all would go in one. By LIMIT each part would pass over what
   the others have deleted. */
static enum err delete_evidence_of(struct db *db, struct uuid org, struct uuid id)
{
    enum err err = ERR_OK;
    for (int64_t metric = 0; metric < METRIC_COUNT; metric++)
        for (int digit = 0; digit < 16 && !err; digit++) {
            uint8_t first[16] = {0}, last[16];
            memset(last, 0xff, sizeof last);
            first[0] = (uint8_t)(digit << 4);
            last[0] = (uint8_t)(digit << 4 | 15);
            err = db_run(db, &delete_evidence,
                         DB_ARGS(db_uuid(org), db_uuid(id), db_int(metric),
                                 db_blob(first, sizeof first), db_blob(last, sizeof last)));
        }
    return err;
}

enum err store_environment_delete(struct db *db, struct uuid org, struct uuid id)
{
    enum err err = delete_evidence_of(db, org, id);
    if (!err)
        err = db_run(db, &delete_one, DB_ARGS(db_uuid(org), db_uuid(id)));
    return err ? err : db_affected(db) ? ERR_OK : ERR_NOT_FOUND;
}

enum err store_environment_has_money(struct db *db, struct uuid org, struct uuid id, bool *has)
{
    enum err err = ERR_OK;
    *has = false;
    for (size_t i = 0; i < sizeof select_money / sizeof *select_money && !err && !*has; i++)
        err = db_query_any(db, &select_money[i], DB_ARGS(db_uuid(org), db_uuid(id)), has);
    return err;
}
