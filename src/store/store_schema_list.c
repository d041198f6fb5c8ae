/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which schema files the database has. */
#include "store_schema.h"

#include "arena.h"
#include "store_db.h"

#include <string.h>

static const struct sql is_there = {"SELECT COUNT(*) FROM information_schema.tables"
                                    " WHERE table_schema = DATABASE() AND table_name = "
                                    "'schema_migration'"};
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

static enum err table_exists(struct db *db, bool *exists)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, &is_there, DB_NO_ARGS);
    if (err)
        return err;
    *exists = db_get_int(rows, 0) > 0;
    return db_end(rows);
}

enum err store_schema_version(struct db *db, int *version)
{
    bool exists;
    struct db_rows *rows;
    enum err err = table_exists(db, &exists);
    if (!err && !exists) {
        *version = 0;
        return ERR_OK;
    }
    if (!err)
        err = db_query_one(db, &rows, &select_version, DB_NO_ARGS);
    if (err)
        return err;
    *version = (int)db_get_int(rows, 0);
    return db_end(rows);
}

enum err store_schema_list(struct db *db, struct arena *arena, struct schema_row **out, size_t *n)
{
    bool exists;
    struct db_rows *rows;
    size_t used = 0, cap = 0;
    struct schema_row *list = NULL;
    enum err err = table_exists(db, &exists);
    if (!err && exists)
        err = db_query(db, &rows, &select_rows, DB_NO_ARGS);
    if (err)
        return err;
    while (exists && db_next(rows)) {
        if (used == cap) {
            cap = cap ? 2 * cap : 16;
            struct schema_row *more = ARENA_ARRAY(arena, cap, struct schema_row);
            if (used)
                memcpy(more, list, used * sizeof *list);
            list = more;
        }
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
    if (exists && (err = db_end(rows)))
        return err;
    *out = list;
    *n = used;
    return ERR_OK;
}
