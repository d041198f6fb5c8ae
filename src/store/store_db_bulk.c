/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bulk insert by array binding. */
#include "store_db_private.h"

#include "arena.h"

#include <string.h>

#define CHUNK_ROWS  1000
#define CHUNK_BYTES ((size_t)512 << 10) /* a packet that the next one can take the memory of */

/* The arrays that one column of a chunk is bound from. */
struct array {
    int64_t *ints;
    double *nums;
    MYSQL_TIME *times;
    const void **data;
    unsigned long *lengths;
    char *indicators;
};

static struct array array_new(struct arena *arena, enum db_kind kind, size_t n)
{
    struct array array = {.indicators = ARENA_ARRAY(arena, n, char)};
    switch (kind) {
    case DB_NULL:
        break;
    case DB_INT:
        array.ints = ARENA_ARRAY(arena, n, int64_t);
        break;
    case DB_NUM:
        array.nums = ARENA_ARRAY(arena, n, double);
        break;
    case DB_DATE:
    case DB_TIME:
        /* of types without a fixed length the library takes an array of pointers */
        array.times = ARENA_ARRAY(arena, n, MYSQL_TIME);
        array.data = ARENA_ARRAY(arena, n, const void *);
        for (size_t i = 0; i < n; i++)
            array.data[i] = &array.times[i];
        break;
    case DB_TEXT:
    case DB_BLOB:
    case DB_UUID:
        array.data = ARENA_ARRAY(arena, n, const void *);
        array.lengths = ARENA_ARRAY(arena, n, unsigned long);
        break;
    }
    return array;
}

/* Cell of one row into place i of the arrays; returns its bytes on the wire. */
static size_t fill(struct array *array, size_t i, enum db_kind kind, const void *at)
{
    bool null = false;
    size_t bytes = 8;
    switch (kind) {
    case DB_NULL:
        null = true;
        break;
    case DB_INT:
        array->ints[i] = *(const int64_t *)at;
        null = array->ints[i] == INT_NONE;
        break;
    case DB_NUM:
        array->nums[i] = *(const double *)at;
        null = isnan(array->nums[i]);
        break;
    case DB_DATE:
        null = *(const int32_t *)at == DATE_NONE;
        if (!null)
            array->times[i] = db_mysql_time(kind, *(const int32_t *)at);
        break;
    case DB_TIME:
        null = *(const int64_t *)at == TIME_NONE;
        if (!null)
            array->times[i] = db_mysql_time(kind, *(const int64_t *)at);
        break;
    case DB_TEXT:
        array->data[i] = *(const char *const *)at;
        null = !array->data[i];
        array->lengths[i] = null ? 0 : strlen(array->data[i]);
        bytes += array->lengths[i];
        break;
    case DB_BLOB:
        array->data[i] = ((const struct field_raw *)at)->text;
        null = !array->data[i];
        array->lengths[i] = null ? 0 : ((const struct field_raw *)at)->len;
        bytes += array->lengths[i];
        break;
    case DB_UUID:
        array->data[i] = at;
        array->lengths[i] = sizeof(struct uuid);
        null = uuid_is_nil(at);
        bytes += sizeof(struct uuid);
        break;
    }
    array->indicators[i] = null ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
    return bytes;
}

static void bind_array(MYSQL_BIND *bind, struct array *array, enum db_kind kind)
{
    static const enum enum_field_types types[] = {
        [DB_NULL] = MYSQL_TYPE_NULL,  [DB_INT] = MYSQL_TYPE_LONGLONG,
        [DB_NUM] = MYSQL_TYPE_DOUBLE, [DB_TEXT] = MYSQL_TYPE_STRING,
        [DB_BLOB] = MYSQL_TYPE_BLOB,  [DB_UUID] = MYSQL_TYPE_BLOB,
        [DB_DATE] = MYSQL_TYPE_DATE,  [DB_TIME] = MYSQL_TYPE_DATETIME,
    };
    memset(bind, 0, sizeof *bind);
    bind->buffer_type = types[kind];
    bind->u.indicator = array->indicators;
    bind->length = array->lengths;
    bind->buffer = array->ints   ? (void *)array->ints
                   : array->nums ? (void *)array->nums
                                 : (void *)array->data;
}

enum err db_bulk(struct db *db, const struct sql *sql, const struct db_column *columns,
                 size_t n_columns, size_t n_rows)
{
    if (!n_rows)
        return ERR_OK;
    struct statement *statement;
    enum err err = db_prepare(db, sql, &statement);
    if (err)
        return err;
    if (n_columns > MAX_ARGS || n_columns != mysql_stmt_param_count(statement->stmt))
        abort();
    struct arena *arena = arena_new();
    struct array arrays[MAX_ARGS];
    MYSQL_BIND binds[MAX_ARGS];
    for (size_t c = 0; c < n_columns; c++) {
        arrays[c] = array_new(arena, columns[c].kind, n_rows < CHUNK_ROWS ? n_rows : CHUNK_ROWS);
        bind_array(&binds[c], &arrays[c], columns[c].kind);
    }
    db->affected = 0;
    db->marked = false;
    for (size_t row = 0; row < n_rows && !err;) {
        size_t bytes = 0;
        unsigned int n = 0;
        for (; n < CHUNK_ROWS && row < n_rows && bytes < CHUNK_BYTES; n++, row++)
            for (size_t c = 0; c < n_columns; c++)
                bytes += fill(&arrays[c], n, columns[c].kind,
                              (const char *)columns[c].base + row * columns[c].stride);
        mysql_stmt_attr_set(statement->stmt, STMT_ATTR_ARRAY_SIZE, &n);
        if (mysql_stmt_bind_param(statement->stmt, binds) || mysql_stmt_execute(statement->stmt))
            err = db_failed(db, statement->stmt, sql->text);
        else
            db->affected += (int64_t)mysql_stmt_affected_rows(statement->stmt);
        db->marked |= !err && mysql_stmt_insert_id(statement->stmt);
    }
    arena_free(arena);
    return err;
}

bool db_marked(const struct db *db)
{
    return db->marked;
}
