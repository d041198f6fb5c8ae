/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs as JSON without what is absent, and back. */
#include "field_present.h"

#include "arena.h"
#include "buf.h"
#include "json_in.h"

/* One value of this kind, or nothing where it is absent; key NULL: an item of a list. */
static void write_value(struct buf *out, const struct field *field, enum field_kind kind,
                        const void *at, const char *key);

static void write_list(struct buf *out, const struct field *field, const struct field_list *list,
                       size_t size)
{
    json_key(out, field->name);
    json_array(out);
    for (size_t i = 0; i < list->n; i++)
        write_value(out, field, field->item, (const char *)list->at + i * size, NULL);
    json_array_end(out);
}

static size_t item_size(const struct field *field)
{
    static const size_t sizes[] = {
        [FIELD_TEXT] = sizeof(const char *), [FIELD_UUID] = sizeof(struct uuid),
        [FIELD_DATE] = sizeof(int32_t),      [FIELD_TIME] = sizeof(int64_t),
        [FIELD_INT] = sizeof(int64_t),       [FIELD_NUM] = sizeof(double),
        [FIELD_BOOL] = sizeof(int8_t),       [FIELD_JSON] = sizeof(struct field_raw),
    };
    return field->item == FIELD_OBJECT ? field->shape->size : sizes[field->item];
}

static bool is_absent(enum field_kind kind, const void *at)
{
    switch (kind) {
    case FIELD_TEXT:
    case FIELD_OBJECT:
        return !*(const void *const *)at;
    case FIELD_UUID:
        return uuid_is_nil(at);
    case FIELD_DATE:
        return *(const int32_t *)at == DATE_NONE;
    case FIELD_TIME:
    case FIELD_INT:
        return *(const int64_t *)at == INT_NONE;
    case FIELD_NUM:
        return isnan(*(const double *)at);
    case FIELD_BOOL:
        return *(const int8_t *)at == BOOL_NONE;
    case FIELD_JSON:
        return !((const struct field_raw *)at)->text;
    case FIELD_LIST:
        return !((const struct field_list *)at)->at;
    }
    return true;
}

static void write_value(struct buf *out, const struct field *field, enum field_kind kind,
                        const void *at, const char *key)
{
    const struct field_raw *raw = at;
    if (key && is_absent(kind, at))
        return;
    if (key && kind != FIELD_LIST)
        json_key(out, key);
    switch (kind) {
    case FIELD_TEXT:
        json_text(out, *(const char *const *)at);
        break;
    case FIELD_UUID:
        json_uuid(out, at);
        break;
    case FIELD_DATE:
        json_date(out, *(const int32_t *)at);
        break;
    case FIELD_TIME:
        json_time(out, *(const int64_t *)at);
        break;
    case FIELD_INT:
        json_int(out, *(const int64_t *)at);
        break;
    case FIELD_NUM:
        json_num(out, *(const double *)at);
        break;
    case FIELD_BOOL:
        json_bool(out, *(const int8_t *)at == 1);
        break;
    case FIELD_JSON:
        json_raw_len(out, raw->text, raw->len);
        break;
    case FIELD_OBJECT:
        field_write_present(out, field->shape, key ? *(const void *const *)at : at);
        break;
    case FIELD_LIST:
        write_list(out, field, at, item_size(field));
        break;
    }
}

void field_write_present(struct buf *out, const struct shape *shape, const void *thing)
{
    json_object(out);
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (!(field->flags & FIELD_HIDDEN))
            write_value(out, field, field->kind, (const char *)thing + field->offset, field->name);
    }
    json_object_end(out);
}

struct field_raw field_present(struct arena *arena, const struct shape *shape, const void *thing)
{
    struct buf text = {0};
    field_write_present(&text, shape, thing);
    struct field_raw raw = {arena_strndup(arena, text.data, text.len), text.len};
    buf_clear(&text);
    return raw;
}

void field_read_stored(struct arena *arena, const struct shape *shape, void *thing,
                       const struct field_raw *text)
{
    struct flaws flaws = {.arena = arena};
    struct json_in in;
    json_in_open(&in, arena_strndup(arena, text->text, text->len), text->len);
    field_read(&in, shape, thing, &flaws, NULL);
    json_in_close(&in);
}
