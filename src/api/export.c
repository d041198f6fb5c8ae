/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists as JSON pages, JSON Lines, CSV. */
#include "export.h"

#include "csv_out.h"

#include <string.h>

static bool accepts(const struct request *request, const char *type)
{
    return strstr(request->accept, type) != NULL;
}

enum export_form export_form(const struct request *request)
{
    if (accepts(request, "application/x-ndjson") || accepts(request, "application/jsonl"))
        return EXPORT_LINES;
    return accepts(request, "text/csv") ? EXPORT_CSV : EXPORT_PAGE;
}

void export_begin(struct export *export, struct request *request, const struct shape *shape)
{
    *export = (struct export){request, shape, export_form(request)};
    switch (export->form) {
    case EXPORT_LINES:
        request->content_type =
            accepts(request, "application/jsonl") ? "application/jsonl" : "application/x-ndjson";
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
