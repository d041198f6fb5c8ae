/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All rows of one organisation: statements made from the schema. */
#include "store_tenant.h"

#include "arena.h"
#include "buf.h"
#include "store_db.h"
#include "store_list.h"

#include <sodium.h>
#include <string.h>

struct tenant_column {
    const char *name;
    enum {
        COLUMN_INT,
        COLUMN_NUM,
        COLUMN_TEXT,
        COLUMN_JSON,
        COLUMN_UUID,
        COLUMN_DATE,
        COLUMN_TIME,
        COLUMN_BYTES
    } kind;
};

static const struct sql select_columns = {
    "SELECT c.table_name, c.column_name, c.data_type, k.check_clause IS NOT NULL"
    " FROM information_schema.columns c LEFT JOIN information_schema.check_constraints k"
    " ON k.constraint_schema = c.table_schema AND k.table_name = c.table_name"
    " AND k.check_clause = CONCAT('json_valid(`', c.column_name, '`)')"
    " WHERE c.table_schema = DATABASE() AND (c.table_name = 'org' OR c.table_name IN"
    " (SELECT o.table_name FROM information_schema.columns o"
    " WHERE o.table_schema = DATABASE() AND o.column_name = 'org_id'))"
    " ORDER BY c.table_name, c.ordinal_position"};
static const struct sql select_keys = {
    "SELECT table_name, GROUP_CONCAT('`', column_name, '`' ORDER BY ordinal_position)"
    " FROM information_schema.key_column_usage"
    " WHERE table_schema = DATABASE() AND constraint_name = 'PRIMARY' GROUP BY table_name"};
static const struct sql select_references = {
    "SELECT table_name, referenced_table_name FROM information_schema.referential_constraints"
    " WHERE constraint_schema = DATABASE()"};

static int kind_of(const char *type, bool json)
{
    static const struct {
        const char *type;
        int kind;
    } kinds[] = {
        {"tinyint", COLUMN_INT},  {"smallint", COLUMN_INT},     {"mediumint", COLUMN_INT},
        {"int", COLUMN_INT},      {"bigint", COLUMN_INT},       {"double", COLUMN_NUM},
        {"float", COLUMN_NUM},    {"decimal", COLUMN_NUM},      {"uuid", COLUMN_UUID},
        {"date", COLUMN_DATE},    {"datetime", COLUMN_TIME},    {"timestamp", COLUMN_TIME},
        {"binary", COLUMN_BYTES}, {"varbinary", COLUMN_BYTES},  {"tinyblob", COLUMN_BYTES},
        {"blob", COLUMN_BYTES},   {"mediumblob", COLUMN_BYTES}, {"longblob", COLUMN_BYTES},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kinds[i].type, type))
            return kinds[i].kind;
    return json ? COLUMN_JSON : COLUMN_TEXT;
}

struct reader {
    struct arena *arena;
    struct tenant_table *tables;
    size_t n;
};

static struct tenant_table *find(const struct reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->n; i++)
        if (!strcmp(reader->tables[i].name, name))
            return &reader->tables[i];
    return NULL;
}

static enum err read_columns(struct db *db, struct reader *reader)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, &select_columns, DB_NO_ARGS);
    if (err)
        return err;
    while (db_next(rows)) {
        const char *name = db_get_text(rows, 0, NULL);
        struct tenant_table *table = reader->n ? &reader->tables[reader->n - 1] : NULL;
        if (!table || strcmp(table->name, name)) {
            reader->tables =
                store_list_room(reader->arena, reader->tables, reader->n, sizeof *table);
            table = &reader->tables[reader->n++];
            *table = (struct tenant_table){.name = arena_strdup(reader->arena, name),
                                           .owner = strcmp(name, "org") ? "org_id" : "id",
                                           .order = "1"};
        }
        table->columns = store_list_room(reader->arena, table->columns, table->n_columns,
                                         sizeof *table->columns);
        table->columns[table->n_columns++] = (struct tenant_column){
            .name = db_copy_text(rows, 1, reader->arena),
            .kind = kind_of(db_get_text(rows, 2, NULL), db_get_int(rows, 3) > 0),
        };
    }
    return db_end(rows);
}

static enum err read_keys(struct db *db, const struct reader *reader)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, &select_keys, DB_NO_ARGS);
    if (err)
        return err;
    while (db_next(rows)) {
        struct tenant_table *table = find(reader, db_get_text(rows, 0, NULL));
        if (table)
            table->order = db_copy_text(rows, 1, reader->arena);
    }
    return db_end(rows);
}

struct reference {
    struct tenant_table *from, *to;
};

static enum err read_references(struct db *db, const struct reader *reader,
                                struct reference **references, size_t *n)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, &select_references, DB_NO_ARGS);
    if (err)
        return err;
    *references = NULL;
    *n = 0;
    while (db_next(rows)) {
        struct reference reference = {.from = find(reader, db_get_text(rows, 0, NULL)),
                                      .to = find(reader, db_get_text(rows, 1, NULL))};
        if (!reference.from || !reference.to || reference.from == reference.to)
            continue;
        *references = store_list_room(reader->arena, *references, *n, sizeof **references);
        (*references)[(*n)++] = reference;
    }
    return db_end(rows);
}

/* A statement's address is its name in the connection's cache: it stays in the arena. */
static const struct sql *statement(struct arena *arena, struct buf *text)
{
    struct sql *sql = ARENA_NEW(arena, struct sql);
    sql->text = arena_strdup(arena, buf_text(text));
    buf_clear(text);
    return sql;
}

static const struct sql *removal_of(struct arena *arena, const struct tenant_table *table)
{
    struct buf text = {0};
    buf_printf(&text, "DELETE FROM `%s` WHERE `%s` = ? ORDER BY %s LIMIT ?", table->name,
               table->owner, table->order);
    return statement(arena, &text);
}

/* Takes, again and again, a table that no table which is left refers to; org only when it alone is
   left. Of tables that refer to each other in a ring the first is taken. */
static struct tenant_table *sorted(const struct reader *reader, const struct reference *references,
                                   size_t n_references)
{
    struct tenant_table *out = ARENA_ARRAY(reader->arena, reader->n, struct tenant_table);
    bool *taken = ARENA_ARRAY(reader->arena, reader->n, bool);
    bool *wanted =
        ARENA_ARRAY(reader->arena, reader->n, bool); /* a table that is left refers to it */
    for (size_t done = 0; done < reader->n; done++) {
        size_t best = reader->n, any = reader->n;
        memset(wanted, 0, reader->n * sizeof *wanted);
        for (size_t i = 0; i < n_references; i++)
            if (!taken[references[i].from - reader->tables])
                wanted[references[i].to - reader->tables] = true;
        for (size_t i = 0; i < reader->n; i++) {
            bool last = !strcmp(reader->tables[i].name, "org") && done + 1 < reader->n;
            if (taken[i] || last)
                continue;
            if (any == reader->n)
                any = i;
            if (best == reader->n && !wanted[i])
                best = i;
        }
        if (best == reader->n)
            best = any;
        taken[best] = true;
        out[done] = reader->tables[best];
        out[done].removal = removal_of(reader->arena, &out[done]);
    }
    return out;
}

enum err store_tenant_tables(struct db *db, struct arena *arena, struct tenant_table **tables,
                             size_t *n)
{
    struct reader reader = {.arena = arena};
    struct reference *references;
    size_t n_references;
    enum err err = read_columns(db, &reader);
    if (!err)
        err = read_keys(db, &reader);
    if (!err)
        err = read_references(db, &reader, &references, &n_references);
    if (err)
        return err;
    *tables = sorted(&reader, references, n_references);
    *n = reader.n;
    return ERR_OK;
}

static void put_bytes(struct buf *row, const char *bytes, size_t len)
{
    size_t most = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
    char *at;
    buf_addc(row, '"');
    at = buf_reserve(row, most);
    sodium_bin2base64(at, most, (const uint8_t *)bytes, len, sodium_base64_VARIANT_ORIGINAL);
    row->len += most - 1;
    buf_addc(row, '"');
}

static void put_cell(struct buf *row, const struct db_rows *rows, unsigned i,
                     const struct tenant_column *column)
{
    size_t len;
    const char *text;
    struct uuid id;
    json_key(row, column->name);
    if (db_is_null(rows, i)) {
        json_null(row);
        return;
    }
    switch (column->kind) {
    case COLUMN_INT:
        json_int(row, db_get_int(rows, i));
        break;
    case COLUMN_NUM:
        json_num(row, db_get_num(rows, i));
        break;
    case COLUMN_DATE:
        json_date(row, db_get_date(rows, i));
        break;
    case COLUMN_TIME:
        json_time(row, db_get_time(rows, i));
        break;
    case COLUMN_UUID:
        id = db_get_uuid(rows, i);
        json_uuid(row, &id);
        break;
    case COLUMN_BYTES:
        text = db_get_text(rows, i, &len);
        put_bytes(row, text, len);
        break;
    case COLUMN_JSON:
        text = db_get_text(rows, i, &len);
        json_raw_len(row, text, len);
        break;
    case COLUMN_TEXT:
        text = db_get_text(rows, i, &len);
        json_text_len(row, text, len);
    }
}

enum err store_tenant_rows(struct db *db, const struct tenant_table *table, struct uuid org,
                           struct arena *arena, enum err (*take)(void *context, struct buf *row),
                           void *context, int64_t *count)
{
    struct buf text = {0}, row = {0};
    struct db_rows *rows;
    *count = 0;
    for (size_t i = 0; i < table->n_columns; i++)
        buf_printf(&text, "%s`%s`", i ? ", " : "SELECT ", table->columns[i].name);
    buf_printf(&text, " FROM `%s` WHERE `%s` = ? ORDER BY %s", table->name, table->owner,
               table->order);
    enum err err = db_query(db, &rows, statement(arena, &text), DB_ARGS(db_uuid(org)));
    while (!err && db_next(rows)) {
        buf_reset(&row, row.cap);
        json_object(&row);
        for (size_t i = 0; i < table->n_columns; i++)
            put_cell(&row, rows, (unsigned)i, &table->columns[i]);
        json_object_end(&row);
        err = take(context, &row);
        ++*count;
    }
    buf_clear(&row);
    return err ? err : db_end(rows);
}

struct removal {
    struct db *db;
    const struct sql *sql;
    struct uuid org;
    int64_t rows, gone;
};

static enum err remove_rows(void *context)
{
    struct removal *removal = context;
    enum err err =
        db_run(removal->db, removal->sql, DB_ARGS(db_uuid(removal->org), db_int(removal->rows)));
    if (!err)
        removal->gone = db_affected(removal->db);
    return err;
}

enum err store_tenant_delete(struct db *db, const struct tenant_table *table, struct uuid org,
                             int64_t rows, int64_t *gone)
{
    bool unknown;
    struct removal removal = {db, table->removal, org, rows, 0};
    enum err err = db_transact(db, remove_rows, &removal, &unknown);
    *gone = removal.gone;
    return err;
}
