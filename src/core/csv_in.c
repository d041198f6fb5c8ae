/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV to JSON by a field table. */
#include "csv_in.h"

#include "arena.h"
#include "buf.h"
#include "csv_out.h"
#include "field_private.h"
#include "json_in.h"
#include "json_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COLUMNS_MAX 100

/* A column without a name, as a spreadsheet leaves beside the others: nothing may stand in it. */
static const struct field nameless;

struct reader {
    struct arena *arena;
    const char *at, *end;
    char separator;
    size_t line, row_line; /* of at, of the row's first cell */
    const struct shape *item;
    const struct field *columns[COLUMNS_MAX];
    size_t n_columns;
    struct flaws *flaws;
    struct buf cell;
};

static const struct field *list_of(const struct shape *shape)
{
    const struct field *found = NULL;
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->kind != FIELD_LIST || field->item != FIELD_OBJECT)
            continue;
        if (found)
            return NULL;
        found = field;
    }
    return found;
}

static void flag(struct reader *reader, const char *key, const char *type, const char *message)
{
    const struct field_path body = {.key = "body"}, line = {.up = &body, .key = "line"};
    const struct field_path at = {.up = &line, .index = reader->row_line};
    char excerpt[FIELD_EXCERPT]; /* a column's name may be anything */
    if (key)
        flaw_add_at(reader->flaws, &at, field_excerpt(excerpt, key, strlen(key)), type, "%s",
                    message);
    else
        flaw_add(reader->flaws, &at, type, "%s", message);
}

char csv_separator(const char *text, size_t len)
{
    static const char signs[] = ",;\t";
    size_t counts[3] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < len && (quoted || text[i] != '\n'); i++) {
        quoted ^= text[i] == '"';
        for (size_t k = 0; k < 3 && !quoted; k++)
            counts[k] += text[i] == signs[k];
    }
    for (size_t k = 1; k < 3; k++)
        if (counts[k] > counts[best])
            best = k;
    return signs[best];
}

/* The next cell into reader->cell; false: the row ended with it. */
static bool take_cell(struct reader *reader)
{
    struct buf *cell = &reader->cell;
    buf_reset(cell, cell->cap);
    if (reader->at < reader->end && *reader->at == '"') {
        bool closed = false;
        for (reader->at++; reader->at < reader->end; reader->at++) {
            if (*reader->at == '"') {
                reader->at++;
                closed = reader->at >= reader->end || *reader->at != '"';
                if (closed)
                    break;
            }
            reader->line += *reader->at == '\n';
            buf_addc(cell, *reader->at);
        }
        if (!closed)
            flag(reader, NULL, "malformed", "a quoted cell does not end");
    }
    while (reader->at < reader->end && *reader->at != reader->separator && *reader->at != '\n' &&
           *reader->at != '\r')
        buf_addc(cell, *reader->at++);
    if (reader->at < reader->end && *reader->at == reader->separator) {
        reader->at++;
        return true;
    }
    if (reader->at < reader->end && *reader->at == '\r')
        reader->at++;
    if (reader->at < reader->end && *reader->at == '\n')
        reader->at++;
    reader->line++;
    return false;
}

/* JSON's idea of a number */
static bool is_number(const char *text, size_t len)
{
    const char *why;
    size_t where;
    return len && strchr("-0123456789", text[0]) && json_check(text, len, &why, &where);
}

static void put_value(struct buf *out, const struct field *field, char *text, size_t len,
                      bool decimal_comma)
{
    const char *why;
    size_t where;
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_NUM: {
        char *comma = decimal_comma && !memchr(text, '.', len) ? memchr(text, ',', len) : NULL;
        if (comma)
            *comma = '.';
        if (is_number(text, len)) {
            json_raw_len(out, text, len);
            return;
        }
        if (comma)
            *comma = ',';
        break;
    }
    case FIELD_BOOL:
        if (!strcmp(text, "true") || !strcmp(text, "false")) {
            json_raw_len(out, text, len);
            return;
        }
        break;
    case FIELD_JSON:
    case FIELD_LIST:
    case FIELD_OBJECT:
        if (json_check(text, len, &why, &where)) {
            json_raw_len(out, text, len);
            return;
        }
        break;
    case FIELD_TEXT:
        if (*text == '\'' && csv_is_formula(text, len)) {
            text++;
            len--;
        }
        break;
    case FIELD_UUID:
    case FIELD_DATE:
    case FIELD_TIME:
        break;
    }
    json_text_len(out, text, len); /* whatever is wrong with it, the table says */
}

static const struct field *field_named(const struct shape *shape, const char *name, size_t len)
{
    for (size_t i = 0; i < shape->n; i++)
        if (strlen(shape->fields[i].name) == len && !strncasecmp(shape->fields[i].name, name, len))
            return &shape->fields[i];
    return NULL;
}

static void take_header(struct reader *reader)
{
    bool more = true, named = false;
    reader->row_line = reader->line;
    while (more) {
        more = take_cell(reader);
        const char *name = buf_text(&reader->cell);
        size_t len = reader->cell.len;
        const struct field *field = len ? field_named(reader->item, name, len) : &nameless;
        named |= field != &nameless;
        if (!field)
            flag(reader, name, "extra_forbidden", "is not a column of these rows");
        for (size_t i = 0; i < reader->n_columns && field; i++) {
            if (reader->columns[i] == field && field != &nameless) {
                flag(reader, name, "duplicate", "is there twice");
                field = NULL;
            }
        }
        if (reader->n_columns == COLUMNS_MAX) {
            flag(reader, NULL, "too_many", "there are at most 100 columns");
            return;
        }
        reader->columns[reader->n_columns++] = field;
    }
    if (!named)
        flag(reader, NULL, "missing", "names no column");
}

static void take_row(struct reader *reader, struct buf *out)
{
    size_t n = 0;
    bool more = true;
    reader->row_line = reader->line;
    json_object(out);
    while (more) {
        more = take_cell(reader);
        if (n < reader->n_columns && reader->columns[n] && reader->cell.len) {
            const char *name = reader->columns[n]->name;
            buf_text(&reader->cell);
            if (reader->columns[n] == &nameless) {
                flag(reader, NULL, "extra_forbidden", "has a cell under no name");
            } else if (utf8_valid(reader->cell.data, reader->cell.len)) {
                json_key(out, name);
                put_value(out, reader->columns[n], reader->cell.data, reader->cell.len,
                          reader->separator != ',');
            } else {
                flag(reader, name, "malformed", "is not UTF-8");
            }
        }
        n++;
    }
    json_object_end(out);
    if (n != reader->n_columns)
        flag(reader, NULL, "cells", "has another number of cells than the header");
}

/* Nothing in the line, or empty cells only, as a spreadsheet leaves them. */
static bool blank_row(const struct reader *reader)
{
    const char *at = reader->at;
    while (at < reader->end && *at == reader->separator)
        at++;
    return at == reader->end || *at == '\n' || *at == '\r';
}

/* Members of the body beside its list, out of the query. */
static void take_query(struct reader *reader, const char *query, const struct shape *shape,
                       struct buf *out, const char **rest)
{
    const struct field_path root = {.key = "query"};
    struct flaws *flaws = reader->flaws;
    struct buf left = {0};
    bool seen[SHAPE_FIELDS] = {false};
    while (*query) {
        size_t len = strcspn(query, "&"), name = strcspn(query, "=&"), value_len;
        const struct field *field = field_named(shape, query, name);
        if (field && field->kind != FIELD_LIST && name < len) {
            char *value =
                field_query_decode(reader->arena, query + name + 1, len - name - 1, &value_len);
            bool *before = &seen[field - shape->fields];
            if (*before)
                flaw_add_at(flaws, &root, field->name, "duplicate", "is given more than once");
            else if (!value)
                flaw_add_at(flaws, &root, field->name, "malformed", "is not percent-encoded UTF-8");
            if (!*before && value) {
                json_key(out, field->name);
                put_value(out, field, value, value_len, false);
            }
            *before = true;
        } else if (len) {
            if (left.len)
                buf_addc(&left, '&');
            buf_add(&left, query, len);
        }
        query += len + (query[len] == '&');
    }
    *rest = arena_strndup(reader->arena, left.len ? left.data : "", left.len);
    buf_clear(&left);
}

void csv_read(struct arena *arena, const char *text, size_t len, const char *query,
              const struct shape *shape, struct buf *out, const char **rest, struct csv_rows *rows,
              struct flaws *flaws)
{
    const struct field *list = list_of(shape);
    struct reader reader = {.arena = arena,
                            .at = text,
                            .end = text + len,
                            .line = 1,
                            .item = list->shape,
                            .flaws = flaws};
    size_t room = 0;
    *rows = (struct csv_rows){.list = list->name};
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        reader.at += 3;
    reader.separator = csv_separator(reader.at, (size_t)(reader.end - reader.at));
    json_object(out);
    json_key(out, list->name);
    json_array(out);
    take_header(&reader);
    while (reader.at < reader.end) {
        if (blank_row(&reader)) {
            while (take_cell(&reader))
                ;
            continue;
        }
        if (rows->n == room) {
            size_t *more = ARENA_ARRAY(arena, room ? 2 * room : 1024, size_t);
            if (room)
                memcpy(more, rows->lines, room * sizeof *more);
            rows->lines = more;
            room = room ? 2 * room : 1024;
        }
        rows->lines[rows->n++] = reader.line;
        take_row(&reader, out);
    }
    json_array_end(out);
    take_query(&reader, query, shape, out, rest);
    json_object_end(out);
    buf_clear(&reader.cell);
}

const char *csv_place(struct arena *arena, const struct csv_rows *rows, const char *loc)
{
    const char *head = arena_printf(arena, "[\"body\",\"%s\",", rows->list);
    size_t len = strlen(head);
    char *end;
    if (strncmp(loc, head, len) != 0)
        return loc;
    unsigned long row = strtoul(loc + len, &end, 10);
    if (end == loc + len || row >= rows->n)
        return loc;
    return arena_printf(arena, "[\"body\",\"line\",%zu%s", rows->lines[row], end);
}
