/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Struct -> JSON by the field table. */
#include "arena.h"
#include "buf.h"
#include "field_present.h"
#include "field_private.h"

/* What is absent is null, or (present) left out. */
static void write_shape(struct buf *out, const struct shape *shape, const void *thing,
                        bool present);
static void write_list(struct buf *out, const struct field *field, const struct field_list *list,
                       bool present);

static void write_value(struct buf *out, const struct field *field, enum field_kind kind,
                        const void *place, bool present)
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
        if (field->flags & FIELD_FITTED && !present)
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
            write_shape(out, field->shape, thing, present);
        else
            json_null(out);
        break;
    }
    case FIELD_LIST:
        write_list(out, field, place, present);
        break;
    }
}

static void write_list(struct buf *out, const struct field *field, const struct field_list *list,
                       bool present)
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
            write_shape(out, field->shape, item, present);
        else
            write_value(out, field, field->item, item, present);
    }
    json_array_end(out);
}

static void write_shape(struct buf *out, const struct shape *shape, const void *thing, bool present)
{
    json_object(out);
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        const void *place = (const char *)thing + field->offset;
        if (field->flags & FIELD_HIDDEN || (present && field_is_absent(field->kind, place)))
            continue;
        json_key(out, field->name);
        write_value(out, field, field->kind, place, present);
    }
    json_object_end(out);
}

void field_write(struct buf *out, const struct shape *shape, const void *thing)
{
    write_shape(out, shape, thing, false);
}

void field_write_present(struct buf *out, const struct shape *shape, const void *thing)
{
    write_shape(out, shape, thing, true);
}

struct field_raw field_raw_take(struct arena *arena, struct buf *out)
{
    struct field_raw raw = {0};
    if (out->len)
        raw = (struct field_raw){arena_strndup(arena, out->data, out->len), out->len};
    buf_clear(out);
    return raw;
}
