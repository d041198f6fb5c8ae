/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user of a connection may do: SHOW GRANTS, read. */
#include "store_grants.h"

#include "buf.h"
#include "store_db.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PRIVILEGES_MOST 32

static const struct sql show_grants = {"SHOW GRANTS"};

/* Is `data\_base`.* or *.* what stands at object? */
static bool is_about(const char *object, const char *database)
{
    if (!strncmp(object, "*.*", 3))
        return true;
    if (*object++ != '`')
        return false;
    while (*database && *object) {
        object += *object == '\\';
        if (*object++ != *database++)
            return false;
    }
    return !*database && !strncmp(object, "`.*", 3);
}

/* Is the privilege one of the list that ends at end? */
static bool is_listed(const char *list, const char *end, const char *privilege)
{
    size_t len = strlen(privilege);
    while (list < end) {
        size_t n = strcspn(list, ",");
        if (list + n > end)
            n = (size_t)(end - list);
        if ((n == len && !memcmp(list, privilege, n)) || !strncmp(list, "ALL PRIVILEGES", 14))
            return true;
        list += n + 2; /* ", " */
    }
    return false;
}

enum err store_grants_missing(struct db *db, const char *database, const char *const *privileges,
                              struct buf *missing)
{
    struct db_rows *rows;
    uint32_t granted = 0;
    enum err err = db_query(db, &rows, &show_grants, DB_NO_ARGS);
    if (err)
        return err;
    while (db_next(rows)) {
        const char *line = db_get_text(rows, 0, NULL);
        const char *on = line ? strstr(line, " ON ") : NULL;
        if (!on || strncmp(line, "GRANT ", 6) || !is_about(on + 4, database))
            continue;
        for (size_t i = 0; i < PRIVILEGES_MOST && privileges[i]; i++)
            if (is_listed(line + 6, on, privileges[i]))
                granted |= UINT32_C(1) << i;
    }
    err = db_end(rows);
    for (size_t i = 0; !err && i < PRIVILEGES_MOST && privileges[i]; i++)
        if (!(granted >> i & 1))
            buf_printf(missing, "%s%s", missing->len ? ", " : "", privileges[i]);
    return err;
}
