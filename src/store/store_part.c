/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts: rows and statements. */
#include "store_part.h"

#include "store_db.h"

#define COLUMNS "id, part_number, name, attributes, current_revision_id, created_at"
#define ONE     "SELECT " COLUMNS " FROM part WHERE org_id = ? AND id = ?"

static const struct sql select_one = {ONE};
static const struct sql select_locked = {ONE " FOR UPDATE"};
static const struct sql select_page = {"SELECT " COLUMNS
                                       " FROM part WHERE org_id = ? ORDER BY id LIMIT ? OFFSET ?"};
/* by a narrow index, not by the rows themselves */
static const struct sql select_count = {
    "SELECT COUNT(*) FROM part FORCE INDEX (part_folded) WHERE org_id = ?"};
static const struct sql select_number = {"SELECT " COLUMNS
                                         " FROM part WHERE org_id = ? AND part_number = ?"};
static const struct sql insert_part = {
    "INSERT INTO part (org_id, id, part_number, folded_number, name, attributes,"
    " current_revision_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql update_part = {
    "UPDATE part SET part_number = ?, folded_number = ?, name = ?, attributes = ?"
    " WHERE org_id = ? AND id = ?"};
static const struct sql delete_part = {"DELETE FROM part WHERE org_id = ? AND id = ?"};
static const struct sql select_evidence = {
    "SELECT 1 FROM evidence FORCE INDEX (evidence_part) WHERE org_id = ? AND part_id = ? LIMIT 1"};

#define AT(member) FIELD_OF(struct store_part, member)

/* in the order of COLUMNS */
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(part_number), .kind = FIELD_TEXT, .help = "Unique in the organisation."},
    {AT(name), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(attributes), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON, .help = "Free object."},
    {AT(current_revision_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE,
     .help = "The newest revision; null: none yet."},
    {AT(created_at), .kind = FIELD_TIME},
};

const struct shape shape_part = {.name = "PartPublic",
                                 SHAPE_OF(struct store_part, fields),
                                 .nulls = SHAPE_NO_NULLS,
                                 .help = "A part; what it costs to make stands in its revisions."};

enum err store_part_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                        enum store_lock lock, struct store_part *part)
{
    return db_query_shape(db, lock == STORE_READ ? &select_one : &select_locked,
                          DB_ARGS(db_uuid(org), db_uuid(id)), &shape_part, part, arena);
}

enum err store_part_list(struct db *db, struct arena *arena, struct uuid org,
                         const char *part_number, const struct store_page *page,
                         struct store_part **list, size_t *n, int64_t *total)
{
    enum err err;
    if (part_number) {
        err = store_list_rows(db, arena, &select_number,
                              DB_ARGS(db_uuid(org), db_text(part_number)), &shape_part, list, n);
        if (err)
            return err;
        *total = (int64_t)*n;
        if (page->offset)
            *n = 0;
        return ERR_OK;
    }
    err =
        store_list_rows(db, arena, &select_page,
                        DB_ARGS(db_uuid(org), db_int(store_page_limit(page)), db_int(page->offset)),
                        &shape_part, list, n);
    if (err)
        return err;
    return store_list_total(db, page, *n, &select_count, DB_ARGS(db_uuid(org)), total);
}

enum err store_part_insert(struct db *db, struct arena *arena, struct uuid org,
                           const struct store_part *parts, size_t n)
{
    const char **folded = ARENA_ARRAY(arena, n ? n : 1, const char *);
    for (size_t i = 0; i < n; i++)
        folded[i] = store_part_fold(arena, parts[i].part_number);
    const size_t stride = sizeof *parts;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &parts->id, stride},
        {DB_TEXT, &parts->part_number, stride},
        {DB_TEXT, folded, sizeof *folded},
        {DB_TEXT, &parts->name, stride},
        {DB_BLOB, &parts->attributes, stride},
        {DB_UUID, &parts->current_revision_id, stride},
        {DB_TIME, &parts->created_at, stride},
    };
    return db_bulk(db, &insert_part, columns, sizeof columns / sizeof *columns, n);
}

enum err store_part_update(struct db *db, struct arena *arena, struct uuid org,
                           const struct store_part *part)
{
    return db_run(db, &update_part,
                  DB_ARGS(db_text(part->part_number),
                          db_text(store_part_fold(arena, part->part_number)), db_text(part->name),
                          db_text(part->attributes.text), db_uuid(org), db_uuid(part->id)));
}

enum err store_part_delete(struct db *db, struct uuid org, struct uuid id)
{
    enum err err = db_run(db, &delete_part, DB_ARGS(db_uuid(org), db_uuid(id)));
    return !err && !db_affected(db) ? ERR_NOT_FOUND : err;
}

enum err store_part_has_evidence(struct db *db, struct uuid org, struct uuid id, bool *has)
{
    return db_query_any(db, &select_evidence, DB_ARGS(db_uuid(org), db_uuid(id)), has);
}
