/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flaws: what is wrong with a request, and where. */
#include "arena.h"
#include "buf.h"
#include "field.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define KEY_SHOWN     80   /* bytes of a name the caller made up */
#define MESSAGE_LIMIT 2000 /* room for the longest list of choices */

static void put_path(struct buf *out, const struct field_path *path)
{
    if (!path)
        return;
    put_path(out, path->up);
    if (!path->key) {
        json_int(out, (int64_t)path->index);
        return;
    }
    size_t len = strnlen(path->key, KEY_SHOWN + 1);
    if (len > KEY_SHOWN) /* cut in front of a character, not inside it */
        for (len = KEY_SHOWN; len && ((unsigned char)path->key[len] & 0xc0) == 0x80;)
            len--;
    json_text_len(out, path->key, len);
}

static void add(struct flaws *flaws, const struct field_path *path, const char *type,
                const char *format, va_list args)
{
    if (flaws->total++ >= FLAWS_KEPT)
        return;
    struct buf loc = {0};
    char message[MESSAGE_LIMIT];
    json_array(&loc);
    put_path(&loc, path);
    json_array_end(&loc);
    vsnprintf(message, sizeof message, format, args);
    flaws->kept[flaws->total - 1] = (struct flaw){
        .loc = arena_strndup(flaws->arena, loc.data, loc.len),
        .type = type,
        .message = arena_strdup(flaws->arena, message),
    };
    buf_clear(&loc);
}

void flaw_add(struct flaws *flaws, const struct field_path *path, const char *type,
              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(flaws, path, type, format, args);
    va_end(args);
}

void flaw_add_at(struct flaws *flaws, const struct field_path *path, const char *key,
                 const char *type, const char *format, ...)
{
    struct field_path at = {.up = path, .key = key};
    va_list args;
    va_start(args, format);
    add(flaws, &at, type, format, args);
    va_end(args);
}
