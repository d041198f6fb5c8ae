/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows into arrays, totals of pages. */
#include "store_list.h"

#include "store_db.h"

enum err store_list_rows(struct db *db, struct arena *arena, const struct sql *sql,
                         const struct db_value *args, size_t n_args, const struct shape *shape,
                         void *list, size_t *n)
{
    struct db_rows *rows;
    char *items = NULL;
    size_t count = 0;
    enum err err = db_query(db, &rows, sql, args, n_args);
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, shape->size);
        db_get_shape(rows, 0, shape, items + count++ * shape->size, arena);
    }
    err = db_end(rows);
    if (err)
        return err;
    *(void **)list = items;
    *n = count;
    return ERR_OK;
}

#define PART_ROWS 1000

enum err store_list_parts(const struct store_page *page,
                          enum err (*part)(void *context, int64_t most, int64_t *n), void *context)
{
    int64_t left = store_page_limit(page), most, n = 0;
    enum err err;
    do {
        most = left < PART_ROWS ? left : PART_ROWS;
        err = part(context, most, &n);
        left -= n;
    } while (!err && left && n == most);
    return err;
}

enum err store_list_total(struct db *db, const struct store_page *page, size_t n,
                          const struct sql *count, const struct db_value *args, size_t n_args,
                          int64_t *total)
{
    *total = page->offset + (int64_t)n;
    if (store_page_is_last(page, n))
        return ERR_OK;
    return db_query_int(db, count, args, n_args, total);
}
