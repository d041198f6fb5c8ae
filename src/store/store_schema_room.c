/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database as the container of tables: made, emptied. */
#include "store_schema.h"

#include "arena.h"
#include "settings.h"
#include "store_db.h"

#include <string.h>

enum err store_schema_create(const struct settings *settings, struct buf *why)
{
    struct buf make = {0};
    buf_adds(&make, "CREATE DATABASE IF NOT EXISTS `");
    for (const char *p = settings->db_name; *p; p++)
        buf_printf(&make, *p == '`' ? "``" : "%c", *p);
    buf_adds(&make, "` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
    struct db *db = db_open(settings, DB_ADMIN);
    enum err err = db_script(db, buf_text(&make));
    buf_clear(&make);
    if (err)
        buf_printf(why, "%u %s", db_error(db), db_error_text(db));
    db_close(db); /* a connection selects the database when it is made */
    return err;
}

bool store_schema_is_own(const char *table)
{
    return !strncmp(table, "schema_", 7);
}

enum err store_schema_empty(struct db *db, struct arena *arena, const char *const *tables, size_t n)
{
    enum err err = db_script(db, "SET SESSION foreign_key_checks = 0");
    for (int own = 1; own >= 0; own--)
        for (size_t i = 0; !err && i < n; i++)
            if (store_schema_is_own(tables[i]) == own)
                err = db_script(db, arena_printf(arena, "DROP TABLE `%s`", tables[i]));
    if (!err)
        err = db_script(db, "SET SESSION foreign_key_checks = 1");
    return err;
}
