/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which schema files the database has. */
#include "store_schema.h"

#include "store_db.h"
#include "store_list.h"

static const struct sql select_table = {
    "SELECT 1 FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name = 'schema_migration'"};
static const struct sql select_version = {
    "SELECT COALESCE(MIN(CASE WHEN state = 'running' THEN version END) - 1, MAX(version), 0)"
    " FROM schema_migration"};
static const struct sql select_rows = {
    "SELECT version, name, checksum, state, begun, finished, started_at, finished_at"
    " FROM schema_migration ORDER BY version"};

int store_schema_needed(void)
{
    return schema_files_n ? schema_files[schema_files_n - 1].version : 0;
}

enum err store_schema_version(struct db *db, int *version)
{
    bool exists;
    int64_t newest = 0;
    enum err err = db_query_any(db, &select_table, DB_NO_ARGS, &exists);
    if (!err && exists)
        err = db_query_int(db, &select_version, DB_NO_ARGS, &newest);
    if (!err)
        *version = (int)newest;
    return err;
}

enum err store_schema_list(struct db *db, struct arena *arena, struct schema_row **out, size_t *n)
{
    bool exists;
    struct db_rows *rows;
    *n = 0;
    enum err err = db_query_any(db, &select_table, DB_NO_ARGS, &exists);
    if (err || !exists)
        return err;
    err = db_query(db, &rows, &select_rows, DB_NO_ARGS);
    if (err)
        return err;
    size_t used = 0;
    struct schema_row *list = NULL;
    while (db_next(rows)) {
        list = store_list_room(arena, list, used, sizeof *list);
        list[used++] = (struct schema_row){
            .version = (int)db_get_int(rows, 0),
            .name = db_copy_text(rows, 1, arena),
            .checksum = db_copy_text(rows, 2, arena),
            .state = db_copy_text(rows, 3, arena),
            .begun = (int)db_get_int(rows, 4),
            .finished = (int)db_get_int(rows, 5),
            .started_at = db_get_time(rows, 6),
            .finished_at = db_get_time(rows, 7),
        };
    }
    *out = list;
    *n = used;
    return db_end(rows);
}
