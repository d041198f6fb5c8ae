/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists as JSON pages, JSON Lines, CSV. */
#include "export.h"

#include "csv_out.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char json[] = "application/json", csv[] = "text/csv";
static const char ndjson[] = "application/x-ndjson", jsonl[] = "application/jsonl";

/* The weight that Accept gives a type by name, in thousandths (RFC 9110, 12.4.2); 0: not named, or
   refused. Ranges such as text and star name nothing. */
static int weight(const struct request *request, const char *type)
{
    size_t len = strlen(type);
    int best = 0;
    for (const char *p = request->accept; *p; p += *p == ',') {
        p += strspn(p, " \t");
        size_t item = strcspn(p, ",");
        if (!strncasecmp(p, type, len) && strchr(" \t;,", p[len])) {
            const char *q = strcasestr(p, "q=");
            double value = q && q < p + item ? strtod(q + 2, NULL) : 1;
            if (value * 1000 > best)
                best = value < 1 ? (int)(value * 1000) : 1000;
        }
        p += item;
    }
    return best;
}

enum export_form export_form(const struct request *request)
{
    int lines = weight(request, ndjson), page = weight(request, json), table = weight(request, csv);
    if (weight(request, jsonl) > lines)
        lines = weight(request, jsonl);
    if (!(lines || table) || (page > lines && page > table))
        return EXPORT_PAGE;
    return lines >= table ? EXPORT_LINES : EXPORT_CSV;
}

void export_begin(struct export *export, struct request *request, const struct shape *shape)
{
    *export = (struct export){request, shape, export_form(request)};
    switch (export->form) {
    case EXPORT_LINES:
        request->content_type = weight(request, jsonl) > weight(request, ndjson) ? jsonl : ndjson;
        break;
    case EXPORT_CSV:
        request->content_type = "text/csv; charset=utf-8; header=present";
        csv_names(request->out, shape);
        break;
    case EXPORT_PAGE:
        buf_adds(request->out, "{\"data\":[");
    }
}

enum err export_item(struct export *export, const void *item)
{
    struct buf *out = export->request->out;
    size_t begin = out->len;
    switch (export->form) {
    case EXPORT_PAGE:
        field_write(out, export->shape, item);
        return ERR_OK;
    case EXPORT_LINES:
        /* the writer's comma between two values becomes the end of the line before */
        out->len -= begin > 0;
        field_write(out, export->shape, item);
        if (begin)
            out->data[begin - 1] = '\n';
        buf_addc(out, '\n');
        break;
    case EXPORT_CSV:
        csv_line(out, export->shape, item);
    }
    return request_send(export->request);
}

void export_end(struct export *export, int64_t count)
{
    if (export->form == EXPORT_PAGE)
        buf_printf(export->request->out, "],\"count\":%lld}", (long long)count);
}
