/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Typed values into statements, rows out of them. */
#include "store_db_private.h"

#include "arena.h"

#include <string.h>

#define TEXT_START 256
#define TEXT_KEPT  (64 * 1024)

struct db_value db_int(int64_t value)
{
    return (struct db_value){.kind = value == INT_NONE ? DB_NULL : DB_INT, .i = value};
}

struct db_value db_bool(int8_t value)
{
    return (struct db_value){.kind = value == BOOL_NONE ? DB_NULL : DB_INT, .i = value};
}

struct db_value db_num(double value)
{
    return (struct db_value){.kind = isnan(value) ? DB_NULL : DB_NUM, .d = value};
}

struct db_value db_text(const char *text)
{
    return (struct db_value){.kind = text ? DB_TEXT : DB_NULL,
                             .s = {text, text ? strlen(text) : 0}};
}

struct db_value db_blob(const void *data, size_t n)
{
    return (struct db_value){.kind = data ? DB_BLOB : DB_NULL, .s = {data, n}};
}

struct db_value db_uuid(struct uuid id)
{
    return (struct db_value){.kind = uuid_is_nil(&id) ? DB_NULL : DB_UUID, .u = id};
}

struct db_value db_date(int32_t date)
{
    return (struct db_value){.kind = date == DATE_NONE ? DB_NULL : DB_DATE, .i = date};
}

struct db_value db_time(int64_t time)
{
    return (struct db_value){.kind = time == TIME_NONE ? DB_NULL : DB_TIME, .i = time};
}

void db_bind_columns(struct statement *statement)
{
    unsigned n = mysql_stmt_field_count(statement->stmt);
    if (!n)
        return;
    MYSQL_RES *meta = memory_got(mysql_stmt_result_metadata(statement->stmt));
    statement->n_columns = n;
    statement->cells = memory_new(n * sizeof *statement->cells);
    statement->binds = memory_new(n * sizeof *statement->binds);
    for (unsigned i = 0; i < n; i++) {
        struct cell *cell = &statement->cells[i];
        MYSQL_BIND *bind = &statement->binds[i];
        bind->is_null = &cell->null;
        bind->length = &cell->len;
        bind->error = &cell->cut;
        switch (mysql_fetch_field_direct(meta, i)->type) {
        case MYSQL_TYPE_TINY:
        case MYSQL_TYPE_SHORT:
        case MYSQL_TYPE_INT24:
        case MYSQL_TYPE_LONG:
        case MYSQL_TYPE_LONGLONG:
            bind->buffer_type = MYSQL_TYPE_LONGLONG;
            bind->buffer = &cell->i;
            break;
        case MYSQL_TYPE_FLOAT:
        case MYSQL_TYPE_DOUBLE:
        case MYSQL_TYPE_DECIMAL:
        case MYSQL_TYPE_NEWDECIMAL:
            bind->buffer_type = MYSQL_TYPE_DOUBLE;
            bind->buffer = &cell->d;
            break;
        case MYSQL_TYPE_DATE:
        case MYSQL_TYPE_NEWDATE:
        case MYSQL_TYPE_DATETIME:
        case MYSQL_TYPE_TIMESTAMP:
            bind->buffer_type = MYSQL_TYPE_DATETIME;
            bind->buffer = &cell->t;
            bind->buffer_length = sizeof cell->t;
            break;
        default:
            bind->buffer_type = MYSQL_TYPE_BLOB;
            cell->cap = TEXT_START;
            cell->text = memory_got(malloc(cell->cap + 1));
            bind->buffer = cell->text;
            bind->buffer_length = cell->cap;
        }
    }
    mysql_free_result(meta);
}

void db_shrink_columns(struct statement *statement)
{
    for (unsigned i = 0; i < statement->n_columns; i++) {
        struct cell *cell = &statement->cells[i];
        if (!cell->text || cell->cap <= TEXT_KEPT)
            continue;
        free(cell->text);
        cell->cap = TEXT_START;
        cell->text = memory_got(malloc(cell->cap + 1));
        statement->binds[i].buffer = cell->text;
        statement->binds[i].buffer_length = cell->cap;
    }
}

MYSQL_TIME db_mysql_time(enum db_kind kind, int64_t value)
{
    const int64_t day_micros = 86400000000;
    int64_t days = kind == DB_DATE ? value : value / day_micros;
    int64_t rest = kind == DB_DATE ? 0 : value % day_micros;
    if (rest < 0) {
        rest += day_micros;
        days--;
    }
    int year, month, day;
    date_to_ymd((int32_t)days, &year, &month, &day);
    return (MYSQL_TIME){
        .year = (unsigned)year,
        .month = (unsigned)month,
        .day = (unsigned)day,
        .hour = (unsigned)(rest / 3600000000),
        .minute = (unsigned)(rest / 60000000 % 60),
        .second = (unsigned)(rest / 1000000 % 60),
        .second_part = (unsigned long)(rest % 1000000),
        .time_type = kind == DB_DATE ? MYSQL_TIMESTAMP_DATE : MYSQL_TIMESTAMP_DATETIME,
    };
}

void db_bind_values(const struct db_value *args, size_t n, MYSQL_BIND *binds, MYSQL_TIME *times)
{
    for (size_t i = 0; i < n; i++) {
        const struct db_value *arg = &args[i];
        MYSQL_BIND *bind = &binds[i];
        memset(bind, 0, sizeof *bind);
        switch (arg->kind) {
        case DB_NULL:
            bind->buffer_type = MYSQL_TYPE_NULL;
            break;
        case DB_INT:
            bind->buffer_type = MYSQL_TYPE_LONGLONG;
            bind->buffer = (void *)&arg->i;
            break;
        case DB_NUM:
            bind->buffer_type = MYSQL_TYPE_DOUBLE;
            bind->buffer = (void *)&arg->d;
            break;
        case DB_TEXT:
        case DB_BLOB:
            bind->buffer_type = arg->kind == DB_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
            bind->buffer = (void *)arg->s.p;
            bind->buffer_length = arg->s.n;
            break;
        case DB_UUID:
            bind->buffer_type = MYSQL_TYPE_BLOB;
            bind->buffer = (void *)arg->u.b;
            bind->buffer_length = sizeof arg->u.b;
            break;
        case DB_DATE:
        case DB_TIME:
            times[i] = db_mysql_time(arg->kind, arg->i);
            bind->buffer_type = arg->kind == DB_DATE ? MYSQL_TYPE_DATE : MYSQL_TYPE_DATETIME;
            bind->buffer = &times[i];
            bind->buffer_length = sizeof times[i];
            break;
        }
    }
}

/* A cell that was cut is read again into a buffer of its size. The new buffers are bound before the
   next row: binding loses the lengths of this one in some releases of Connector/C (3.3.19). */
static bool refetch(struct statement *statement)
{
    for (unsigned i = 0; i < statement->n_columns; i++) {
        struct cell *cell = &statement->cells[i];
        if (!cell->text || cell->null || cell->len <= cell->cap)
            continue;
        cell->cap = cell->len + cell->len / 2;
        free(cell->text);
        cell->text = memory_got(malloc(cell->cap + 1));
        MYSQL_BIND *bind = &statement->binds[i];
        bind->buffer = cell->text;
        bind->buffer_length = cell->cap;
        statement->unbound = true;
        if (mysql_stmt_fetch_column(statement->stmt, bind, i, 0))
            return false;
    }
    return true;
}

static int fetch(struct statement *statement)
{
    if (statement->unbound && mysql_stmt_bind_result(statement->stmt, statement->binds))
        return 1;
    statement->unbound = false;
    return mysql_stmt_fetch(statement->stmt);
}

bool db_next(struct db_rows *rows)
{
    struct statement *statement = rows->statement;
    if (!statement)
        return false;
    int got = fetch(statement);
    if (got == MYSQL_NO_DATA) {
        db_close_rows(rows->db);
        return false;
    }
    if (got == 1 || (got == MYSQL_DATA_TRUNCATED && !refetch(statement))) {
        enum err err =
            db_failed(rows->db, statement->stmt, statement->sql ? statement->sql->text : "");
        if (rows->statement)
            db_close_rows(rows->db);
        rows->err = err;
        return false;
    }
    for (unsigned i = 0; i < statement->n_columns; i++)
        if (statement->cells[i].text)
            statement->cells[i].text[statement->cells[i].null ? 0 : statement->cells[i].len] = 0;
    return true;
}

enum err db_end(struct db_rows *rows)
{
    if (rows->statement)
        db_close_rows(rows->db);
    return rows->err;
}

enum err db_one(struct db_rows *rows)
{
    if (db_next(rows))
        return ERR_OK;
    enum err err = db_end(rows);
    return err ? err : ERR_NOT_FOUND;
}

enum err db_query_one(struct db *db, struct db_rows **rows, const struct sql *sql,
                      const struct db_value *args, size_t n_args)
{
    enum err err = db_query(db, rows, sql, args, n_args);
    return err ? err : db_one(*rows);
}

static const struct cell *cell_at(const struct db_rows *rows, unsigned column)
{
    const struct statement *statement = rows->statement;
    if (!statement || column >= statement->n_columns)
        abort();
    return &statement->cells[column];
}

bool db_is_null(const struct db_rows *rows, unsigned column)
{
    return cell_at(rows, column)->null;
}

int64_t db_get_int(const struct db_rows *rows, unsigned column)
{
    const struct cell *cell = cell_at(rows, column);
    if (cell->null)
        return INT_NONE;
    return rows->statement->binds[column].buffer_type == MYSQL_TYPE_DOUBLE ? (int64_t)cell->d
                                                                           : cell->i;
}

double db_get_num(const struct db_rows *rows, unsigned column)
{
    const struct cell *cell = cell_at(rows, column);
    if (cell->null)
        return NAN;
    return rows->statement->binds[column].buffer_type == MYSQL_TYPE_DOUBLE ? cell->d
                                                                           : (double)cell->i;
}

const char *db_get_text(const struct db_rows *rows, unsigned column, size_t *len)
{
    const struct cell *cell = cell_at(rows, column);
    if (cell->null || !cell->text) {
        if (len)
            *len = 0;
        return NULL;
    }
    if (len)
        *len = cell->len;
    return cell->text;
}

const char *db_copy_text(const struct db_rows *rows, unsigned column, struct arena *arena)
{
    return db_copy_raw(rows, column, arena).text;
}

struct field_raw db_copy_raw(const struct db_rows *rows, unsigned column, struct arena *arena)
{
    size_t len;
    const char *text = db_get_text(rows, column, &len);
    return (struct field_raw){text ? arena_strndup(arena, text, len) : NULL, len};
}

struct uuid db_get_uuid(const struct db_rows *rows, unsigned column)
{
    struct uuid id = {{0}};
    size_t len;
    const char *text = db_get_text(rows, column, &len);
    if (text && len == sizeof id.b)
        memcpy(id.b, text, len);
    else if (text && !uuid_parse(&id, text, len))
        abort();
    return id;
}

int32_t db_get_date(const struct db_rows *rows, unsigned column)
{
    const struct cell *cell = cell_at(rows, column);
    if (cell->null)
        return DATE_NONE;
    return date_from_ymd((int)cell->t.year, (int)cell->t.month, (int)cell->t.day);
}

int64_t db_get_time(const struct db_rows *rows, unsigned column)
{
    const struct cell *cell = cell_at(rows, column);
    if (cell->null)
        return TIME_NONE;
    int64_t seconds = (int64_t)cell->t.hour * 3600 + cell->t.minute * 60 + cell->t.second;
    return ((int64_t)db_get_date(rows, column) * 86400 + seconds) * 1000000 +
           (int64_t)cell->t.second_part;
}

unsigned db_get_shape(const struct db_rows *rows, unsigned first, const struct shape *shape,
                      void *thing, struct arena *arena)
{
    unsigned column = first;
    field_defaults(shape, thing);
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->flags & FIELD_NOT_COLUMN)
            continue;
        void *at = (char *)thing + field->offset;
        switch (field->kind) {
        case FIELD_TEXT:
            *(const char **)at = db_copy_text(rows, column, arena);
            break;
        case FIELD_JSON:
            *(struct field_raw *)at = db_copy_raw(rows, column, arena);
            break;
        case FIELD_UUID:
            *(struct uuid *)at = db_get_uuid(rows, column);
            break;
        case FIELD_DATE:
            *(int32_t *)at = db_get_date(rows, column);
            break;
        case FIELD_TIME:
            *(int64_t *)at = db_get_time(rows, column);
            break;
        case FIELD_INT:
            *(int64_t *)at = db_get_int(rows, column);
            break;
        case FIELD_NUM:
            *(double *)at = db_get_num(rows, column);
            break;
        case FIELD_BOOL:
            *(int8_t *)at = db_is_null(rows, column) ? BOOL_NONE : db_get_int(rows, column) != 0;
            break;
        case FIELD_OBJECT:
        case FIELD_LIST:
            abort(); /* not columns: the table must say FIELD_NOT_COLUMN */
        }
        column++;
    }
    return column;
}

enum err db_query_shape(struct db *db, const struct sql *sql, const struct db_value *args,
                        size_t n_args, const struct shape *shape, void *thing, struct arena *arena)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, sql, args, n_args);
    if (err)
        return err;
    db_get_shape(rows, 0, shape, thing, arena);
    return db_end(rows);
}

enum err db_query_int(struct db *db, const struct sql *sql, const struct db_value *args,
                      size_t n_args, int64_t *value)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, sql, args, n_args);
    if (err)
        return err;
    *value = db_get_int(rows, 0);
    return db_end(rows);
}

enum err db_query_any(struct db *db, const struct sql *sql, const struct db_value *args,
                      size_t n_args, bool *any)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, sql, args, n_args);
    if (err)
        return err;
    *any = db_next(rows);
    return db_end(rows);
}
