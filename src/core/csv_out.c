/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Field tables as CSV and JSON Lines. */
#include "csv_out.h"

#include "buf.h"
#include "json_in.h"

#include <stdlib.h>
#include <string.h>

enum csv_form csv_form(const char *accept)
{
    if (strstr(accept, "text/csv"))
        return CSV_FORM_CSV;
    if (strstr(accept, "application/x-ndjson") || strstr(accept, "application/jsonl"))
        return CSV_FORM_LINES;
    return CSV_FORM_JSON;
}

static void put_cell(struct buf *out, const char *text, size_t len)
{
    bool quoted = false;
    for (size_t i = 0; i < len && !quoted; i++)
        quoted = strchr(",\"\r\n", text[i]) != NULL;
    /* a cell that a spreadsheet would take for a formula is text */
    if (len && strchr("=+@\t", text[0]))
        quoted = true;
    if (!quoted) {
        buf_add(out, text, len);
        return;
    }
    buf_addc(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            buf_addc(out, '"');
        buf_addc(out, text[i]);
    }
    buf_addc(out, '"');
}

/* One member as JSON has it: texts without their quotes, nothing for null. */
static void put_value(struct buf *out, struct json_in *in)
{
    enum json_kind kind = json_in_peek(in);
    const char *raw;
    char *text;
    size_t len;
    if (kind == JSON_STRING) {
        if (json_in_string(in, &text, &len))
            put_cell(out, text, len);
        return;
    }
    if (json_in_skip(in, &raw, &len) && kind != JSON_NULL)
        put_cell(out, raw, len);
}

static void put_row(struct buf *out, struct buf *line)
{
    struct json_in in;
    char *name;
    size_t len;
    bool first = true;
    json_in_open(&in, (char *)buf_text(line), line->len);
    if (json_in_object(&in))
        while (json_in_member(&in, &name, &len)) {
            if (!first)
                buf_addc(out, ',');
            first = false;
            put_value(out, &in);
        }
    json_in_close(&in);
    buf_adds(out, "\r\n");
}

const char *csv_write(struct buf *out, enum csv_form form, const struct shape *shape,
                      const void *things, size_t n)
{
    struct buf line = {0};
    const char *at = things;
    if (form == CSV_FORM_CSV) {
        for (size_t i = 0; i < shape->n; i++)
            buf_printf(out, "%s%s", i ? "," : "", shape->fields[i].name);
        buf_adds(out, "\r\n");
    }
    for (size_t i = 0; i < n; i++, at += shape->size) {
        buf_reset(&line, line.cap);
        field_write(&line, shape, at);
        if (form == CSV_FORM_CSV) {
            put_row(out, &line);
        } else {
            buf_add(out, line.data, line.len);
            buf_addc(out, '\n');
        }
    }
    buf_clear(&line);
    return form == CSV_FORM_CSV ? "text/csv; charset=utf-8" : "application/x-ndjson";
}
