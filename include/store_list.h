/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows: one under a lock, many into an array in an arena, pages of a list. */
#ifndef COSTWRIGHT_STORE_LIST_H
#define COSTWRIGHT_STORE_LIST_H

#include "arena.h"
#include "field.h"

#include <string.h>

/* How a row is read. */
enum store_lock {
    STORE_READ,   /* as of the transaction's snapshot */
    STORE_SHARE,  /* newest state, which nobody changes before this transaction ends */
    STORE_UPDATE, /* the same, and nobody else holds a lock: whoever else asks so waits */
};

#define STORE_LIST_FIRST 16

/* Room for one more item behind the n that items holds: items itself or its larger copy. Ask before
   every item; the array doubles at 16, 32, 64, … items. */
static inline void *store_list_room(struct arena *arena, void *items, size_t n, size_t size)
{
    if (!n)
        return arena_array(arena, STORE_LIST_FIRST, size);
    if (n < STORE_LIST_FIRST || (n & (n - 1)))
        return items;
    return memcpy(arena_array(arena, 2 * n, size), items, n * size);
}

/* What a list asks for. limit INT_NONE: everything. */
struct store_page {
    int64_t limit, offset;
};

static inline int64_t store_page_limit(const struct store_page *page)
{
    return page->limit == INT_NONE ? INT64_MAX : page->limit;
}

/* Does the page that gave n rows tell the number of all rows by itself? A page that is not full
   does, unless it lies behind the end. */
static inline bool store_page_is_last(const struct store_page *page, size_t n)
{
    return (int64_t)n < store_page_limit(page) && (n || !page->offset);
}

struct db;
struct db_value;
struct sql;

/* Every row of a statement as shape, into a new array of structs of its size: *list is pointed at
 * it. */
enum err store_list_rows(struct db *db, struct arena *arena, const struct sql *sql,
                         const struct db_value *args, size_t n_args, const struct shape *shape,
                         void *list, size_t *n);
/* A list of any length, read in order by one statement behind the other: few enough rows each that
   a caller who takes them slowly keeps no statement open for long. part reads at most `most` rows
   that follow those of the call before, and says how many there were. */
enum err store_list_parts(const struct store_page *page,
                          enum err (*part)(void *context, int64_t most, int64_t *n), void *context);
/* How many there are behind a page that gave n: asks count only where the page does not tell. */
enum err store_list_total(struct db *db, const struct store_page *page, size_t n,
                          const struct sql *count, const struct db_value *args, size_t n_args,
                          int64_t *total);

#endif
