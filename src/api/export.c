/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists as JSON pages, JSON Lines, CSV. */
#include "export.h"

#include <stdlib.h>
#include <string.h>

static bool accepts(const struct request *request, const char *type)
{
    return strstr(request->accept, type) != NULL;
}

static void csv_text(struct buf *out, const char *text, size_t len)
{
    bool quoted = false;
    for (size_t i = 0; i < len && !quoted; i++)
        quoted = strchr(",\"\r\n", text[i]) != NULL || (i == 0 && text[i] == ' ');
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

/* A cell: texts as they are, everything else as its JSON text, nothing for none. */
static void csv_cell(struct buf *out, const struct field *field, const void *item)
{
    const void *at = (const char *)item + field->offset;
    if (field->kind == FIELD_TEXT) {
        const char *text = *(const char *const *)at;
        if (text)
            csv_text(out, text, strlen(text));
        return;
    }
    if (field->kind == FIELD_JSON) {
        const struct field_raw *raw = at;
        if (raw->text)
            csv_text(out, raw->text, raw->len);
        return;
    }
    struct buf json = {0};
    switch (field->kind) {
    case FIELD_UUID:
        json_uuid(&json, at);
        break;
    case FIELD_DATE:
        json_date(&json, *(const int32_t *)at);
        break;
    case FIELD_TIME:
        json_time(&json, *(const int64_t *)at);
        break;
    case FIELD_INT:
        if (*(const int64_t *)at != INT_NONE)
            json_int(&json, *(const int64_t *)at);
        break;
    case FIELD_NUM:
        json_num(&json, *(const double *)at);
        break;
    case FIELD_BOOL:
        if (*(const int8_t *)at != BOOL_NONE)
            json_bool(&json, *(const int8_t *)at);
        break;
    default:
        abort(); /* lists and objects have no cell */
    }
    const char *text = json.data;
    size_t len = json.len;
    if (len >= 2 && *text == '"') {
        text++;
        len -= 2;
    }
    if (len != 4 || memcmp(text, "null", 4) != 0)
        csv_text(out, text, len);
    buf_clear(&json);
}

static void csv_line(struct export *export, const void *item)
{
    struct buf *out = export->request->out;
    bool first = true;
    for (size_t i = 0; i < export->shape->n; i++) {
        const struct field *field = &export->shape->fields[i];
        if (field->flags & FIELD_HIDDEN)
            continue;
        if (!first)
            buf_addc(out, ',');
        first = false;
        if (item)
            csv_cell(out, field, item);
        else
            buf_adds(out, field->name);
    }
    buf_adds(out, "\r\n");
}

void export_begin(struct export *export, struct request *request, const struct shape *shape)
{
    *export = (struct export){request, shape, EXPORT_PAGE};
    if (accepts(request, "application/x-ndjson") || accepts(request, "application/jsonl")) {
        export->form = EXPORT_LINES;
        request->content_type =
            accepts(request, "application/jsonl") ? "application/jsonl" : "application/x-ndjson";
    } else if (accepts(request, "text/csv")) {
        export->form = EXPORT_CSV;
        request->content_type = "text/csv; charset=utf-8; header=present";
        csv_line(export, NULL);
    } else {
        buf_adds(request->out, "{\"data\":[");
    }
}

void export_item(struct export *export, const void *item)
{
    struct buf *out = export->request->out;
    if (export->form == EXPORT_CSV) {
        csv_line(export, item);
        return;
    }
    if (export->form == EXPORT_LINES && out->len) {
        /* the writer puts a comma where a value follows another */
        struct buf line = {0};
        field_write(&line, export->shape, item);
        buf_add(out, line.data, line.len);
        buf_clear(&line);
    } else {
        field_write(out, export->shape, item);
    }
    if (export->form == EXPORT_LINES)
        buf_addc(out, '\n');
}

void export_end(struct export *export, int64_t count)
{
    if (export->form == EXPORT_PAGE)
        buf_printf(export->request->out, "],\"count\":%lld}", (long long)count);
}
