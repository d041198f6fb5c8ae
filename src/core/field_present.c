/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs as JSON without what is absent, and back. */
#include "field_present.h"

#include "arena.h"
#include "buf.h"
#include "json_in.h"

struct field_raw field_present(struct arena *arena, const struct shape *shape, const void *thing)
{
    struct buf text = {0};
    field_write_present(&text, shape, thing);
    return field_raw_take(arena, &text);
}

bool field_read_copy(const struct field_raw *text, const struct shape *shape, void *thing,
                     struct flaws *flaws, const struct field_path *path)
{
    struct json_in in;
    json_in_open(&in, arena_strndup(flaws->arena, text->text, text->len), text->len);
    field_read(&in, shape, thing, flaws, path);
    bool read = !in.failed;
    json_in_close(&in);
    return read;
}

void field_read_stored(struct arena *arena, const struct shape *shape, void *thing,
                       const struct field_raw *text)
{
    struct flaws flaws = {.arena = arena};
    field_read_copy(text, shape, thing, &flaws, NULL);
}
