/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Field tables as CSV. */
#include "csv_out.h"

#include "buf.h"
#include "field_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool csv_is_formula(const char *text, size_t len)
{
    while (len && *text == '\'') {
        text++;
        len--;
    }
    return len && strchr("=+-@\t\r", *text) && *text;
}

static void put_cell(struct buf *out, const char *text, size_t len, bool formula)
{
    /* a blank at either end would be lost where cells are trimmed */
    bool quoted = len && (text[0] == ' ' || text[len - 1] == ' ');
    for (size_t i = 0; i < len && !quoted; i++)
        quoted = text[i] == ',' || text[i] == '"' || text[i] == '\r' || text[i] == '\n';
    if (quoted)
        buf_addc(out, '"');
    if (formula)
        buf_addc(out, '\'');
    if (!quoted) {
        buf_add(out, text, len);
        return;
    }
    for (const char *end = text + len, *quote; text < end; text = quote) {
        quote = memchr(text, '"', (size_t)(end - text));
        quote = quote ? quote + 1 : end;
        buf_add(out, text, (size_t)(quote - text));
        if (quote[-1] == '"')
            buf_addc(out, '"');
    }
    buf_addc(out, '"');
}

static void put_text(struct buf *out, const char *text)
{
    size_t len = strlen(text);
    put_cell(out, text, len, csv_is_formula(text, len));
}

static void put_number(struct buf *out, const struct field *field, double number)
{
    char text[NUMBER_TEXT];
    if (!isfinite(number))
        return;
    if (field->flags & FIELD_FITTED)
        number = number_round12(number);
    buf_add(out, text, number_text(text, number));
}

static void put_field(struct buf *out, const struct field *field, const void *place)
{
    char text[UUID_TEXT > TIME_TEXT ? UUID_TEXT : TIME_TEXT];
    const struct field_raw *raw;
    if (field_is_absent(field->kind, place))
        return;
    switch (field->kind) {
    case FIELD_TEXT:
        put_text(out, *(const char *const *)place);
        break;
    case FIELD_JSON:
        raw = place;
        put_cell(out, raw->text, raw->len, false);
        break;
    case FIELD_UUID:
        uuid_text(place, text);
        buf_adds(out, text);
        break;
    case FIELD_DATE:
        date_text(*(const int32_t *)place, text);
        buf_adds(out, text);
        break;
    case FIELD_TIME:
        time_text(*(const int64_t *)place, text);
        buf_adds(out, text);
        break;
    case FIELD_INT:
        buf_add(out, text, number_int_text(text, *(const int64_t *)place));
        break;
    case FIELD_NUM:
        put_number(out, field, *(const double *)place);
        break;
    case FIELD_BOOL:
        buf_adds(out, *(const int8_t *)place ? "true" : "false");
        break;
    case FIELD_OBJECT:
    case FIELD_LIST:
        abort(); /* no cell */
    }
}

/* Both kinds of line: thing NULL is the one of names. */
static void put_line(struct buf *out, const struct shape *shape, const void *thing)
{
    const char *separator = "";
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->flags & FIELD_HIDDEN)
            continue;
        buf_adds(out, separator);
        separator = ",";
        if (thing)
            put_field(out, field, (const char *)thing + field->offset);
        else
            buf_adds(out, field->name);
    }
    buf_adds(out, "\r\n");
}

void csv_names(struct buf *out, const struct shape *shape)
{
    put_line(out, shape, NULL);
}

void csv_line(struct buf *out, const struct shape *shape, const void *thing)
{
    put_line(out, shape, thing);
}
