/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Struct -> JSON by the field table. */
#include "buf.h"
#include "field_private.h"

static void write_list(struct buf *out, const struct field *field, const struct field_list *list);

static void write_value(struct buf *out, const struct field *field, enum field_kind kind,
                        const void *place)
{
    switch (kind) {
    case FIELD_TEXT:
        json_text(out, *(const char *const *)place);
        break;
    case FIELD_UUID:
        json_uuid(out, place);
        break;
    case FIELD_DATE:
        json_date(out, *(const int32_t *)place);
        break;
    case FIELD_TIME:
        json_time(out, *(const int64_t *)place);
        break;
    case FIELD_INT:
        if (*(const int64_t *)place == INT_NONE)
            json_null(out);
        else
            json_int(out, *(const int64_t *)place);
        break;
    case FIELD_NUM:
        if (field->flags & FIELD_FITTED)
            json_num12(out, *(const double *)place);
        else
            json_num(out, *(const double *)place);
        break;
    case FIELD_BOOL:
        if (*(const int8_t *)place == BOOL_NONE)
            json_null(out);
        else
            json_bool(out, *(const int8_t *)place);
        break;
    case FIELD_JSON: {
        const struct field_raw *raw = place;
        json_raw_len(out, raw->text, raw->len);
        break;
    }
    case FIELD_OBJECT: {
        const void *thing = *(const void *const *)place;
        if (thing)
            field_write(out, field->shape, thing);
        else
            json_null(out);
        break;
    }
    case FIELD_LIST:
        write_list(out, field, place);
        break;
    }
}

static void write_list(struct buf *out, const struct field *field, const struct field_list *list)
{
    if (!list->at && field->flags & FIELD_NULLABLE) {
        json_null(out);
        return;
    }
    size_t size = field_item_size(field);
    json_array(out);
    for (size_t i = 0; i < list->n; i++) {
        const char *item = (const char *)list->at + i * size;
        if (field->item == FIELD_OBJECT)
            field_write(out, field->shape, item);
        else
            write_value(out, field, field->item, item);
    }
    json_array_end(out);
}

void field_write(struct buf *out, const struct shape *shape, const void *thing)
{
    json_object(out);
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->flags & FIELD_HIDDEN)
            continue;
        json_key(out, field->name);
        write_value(out, field, field->kind, (const char *)thing + field->offset);
    }
    json_object_end(out);
}
