/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One text for equal JSON values. */
#include "json_canonical.h"

#include "buf.h"
#include "json_in.h"
#include "memory.h"

#include <string.h>

struct member {
    char *name;
    struct buf value;
};

static void put_value(struct buf *out, struct json_in *in);

static int compare_members(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static void put_object(struct buf *out, struct json_in *in)
{
    struct member *members = NULL;
    size_t n = 0, room = 0;
    char *name;
    size_t len;
    if (!json_in_object(in))
        return;
    while (json_in_member(in, &name, &len)) {
        if (n == room) {
            room = room ? 2 * room : 8;
            members = memory_resize(members, room * sizeof *members);
        }
        members[n] = (struct member){.name = name};
        put_value(&members[n++].value, in);
    }
    if (n)
        qsort(members, n, sizeof *members, compare_members);
    json_object(out);
    for (size_t i = 0; i < n; i++) {
        json_key(out, members[i].name);
        json_raw_len(out, members[i].value.data, members[i].value.len);
        buf_clear(&members[i].value);
    }
    json_object_end(out);
    free(members);
}

static void put_value(struct buf *out, struct json_in *in)
{
    struct json_number number;
    char *text;
    size_t len;
    switch (json_in_peek(in)) {
    case JSON_OBJECT:
        put_object(out, in);
        break;
    case JSON_ARRAY:
        json_array(out);
        if (json_in_array(in))
            while (json_in_element(in))
                put_value(out, in);
        json_array_end(out);
        break;
    case JSON_STRING:
        if (json_in_string(in, &text, &len))
            json_text_len(out, text, len);
        break;
    case JSON_NUMBER:
        if (!json_in_number(in, &number))
            break;
        if (number.is_integer)
            json_int(out, number.integer);
        else
            json_num(out, number.value);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        json_bool(out, json_in_peek(in) == JSON_TRUE);
        json_in_literal(in);
        break;
    case JSON_NULL:
        json_null(out);
        json_in_literal(in);
        break;
    case JSON_BAD:
        break;
    }
}

bool json_canonical(struct buf *out, const char *text, size_t len)
{
    struct buf copy = {0}, value = {0};
    struct json_in in;
    buf_add(&copy, text, len);
    buf_text(&copy);
    json_in_open(&in, copy.data, len);
    put_value(&value, &in);
    bool good = !in.failed && json_in_finish(&in);
    json_in_close(&in);
    if (good)
        buf_add(out, value.data, value.len);
    buf_clear(&copy);
    buf_clear(&value);
    return good;
}

bool json_same(const struct field_raw *a, const struct field_raw *b)
{
    struct buf x = {0}, y = {0};
    if (!a->text || !b->text)
        return false;
    bool same = json_canonical(&x, a->text, a->len) && json_canonical(&y, b->text, b->len) &&
                x.len == y.len && !memcmp(x.data, y.data, x.len);
    buf_clear(&x);
    buf_clear(&y);
    return same;
}
