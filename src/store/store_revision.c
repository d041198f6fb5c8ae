/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Revisions of parts: rows and statements. */
#include "store_part.h"

#include "store_db.h"

#define COLUMNS "id, part_id, revision_code, process_plan, predictions, created_at"

static const struct sql select_one = {"SELECT " COLUMNS " FROM part_revision"
                                      " WHERE org_id = ? AND part_id = ? AND id = ?"};
static const struct sql select_page = {"SELECT " COLUMNS
                                       " FROM part_revision WHERE org_id = ? AND part_id = ?"
                                       " ORDER BY id DESC LIMIT ? OFFSET ?"};
static const struct sql select_count = {
    "SELECT COUNT(*) FROM part_revision WHERE org_id = ? AND part_id = ?"};
static const struct sql insert_revision = {"INSERT INTO part_revision (org_id, " COLUMNS
                                           ", content_hash)"
                                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql update_current = {
    "UPDATE part SET current_revision_id = ? WHERE org_id = ? AND id = ?"};

#define AT(member) FIELD_OF(struct store_revision, member)

/* in the order of COLUMNS */
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(part_id), .kind = FIELD_UUID},
    {AT(revision_code), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(process_plan), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON,
     .help = "Cost drivers, with defaults filled in."},
    {AT(predictions), .kind = FIELD_JSON, .help = "What extractors claimed: array."},
    {AT(created_at), .kind = FIELD_TIME},
};

const struct shape shape_revision = {.name = "PartRevisionPublic",
                                     SHAPE_OF(struct store_revision, fields),
                                     .nulls = SHAPE_NO_NULLS,
                                     .help = "A revision of a part; it never changes."};

enum err store_revision_insert(struct db *db, struct uuid org,
                               const struct store_revision *revisions, size_t n)
{
    const size_t stride = sizeof *revisions;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &revisions->id, stride},
        {DB_UUID, &revisions->part_id, stride},
        {DB_TEXT, &revisions->revision_code, stride},
        {DB_BLOB, &revisions->process_plan, stride},
        {DB_BLOB, &revisions->predictions, stride},
        {DB_TIME, &revisions->created_at, stride},
        {DB_BLOB, &revisions->content_hash, stride},
    };
    return db_bulk(db, &insert_revision, columns, sizeof columns / sizeof *columns, n);
}

enum err store_revision_make_current(struct db *db, struct uuid org,
                                     const struct store_revision *revisions, size_t n)
{
    const size_t stride = sizeof *revisions;
    const struct db_column columns[] = {
        {DB_UUID, &revisions->id, stride},
        {DB_UUID, &org, 0},
        {DB_UUID, &revisions->part_id, stride},
    };
    return db_bulk(db, &update_current, columns, sizeof columns / sizeof *columns, n);
}

enum err store_revision_get(struct db *db, struct arena *arena, struct uuid org, struct uuid part,
                            struct uuid id, struct store_revision *revision)
{
    return db_query_shape(db, &select_one, DB_ARGS(db_uuid(org), db_uuid(part), db_uuid(id)),
                          &shape_revision, revision, arena);
}

enum err store_revision_list(struct db *db, struct arena *arena, struct uuid org, struct uuid part,
                             const struct store_page *page, struct store_revision **list, size_t *n,
                             int64_t *total)
{
    enum err err = store_list_rows(
        db, arena, &select_page,
        DB_ARGS(db_uuid(org), db_uuid(part), db_int(store_page_limit(page)), db_int(page->offset)),
        &shape_revision, list, n);
    if (err)
        return err;
    return store_list_total(db, page, *n, &select_count, DB_ARGS(db_uuid(org), db_uuid(part)),
                            total);
}
