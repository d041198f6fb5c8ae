/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV exports, record by record, whatever their separator and encoding. */
#include "ctl_erp.h"

#include "arena.h"
#include "buf.h"
#include "csv_in.h"
#include "json_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define RECORD_MOST 65536 /* bytes */

bool erp_file_open(struct erp_file *file, const char *name)
{
    *file = (struct erp_file){.in = strcmp(name, "-") ? fopen(name, "re") : stdin};
    return file->in;
}

void erp_file_close(struct erp_file *file)
{
    if (file->in && file->in != stdin)
        fclose(file->in);
    free(file->text);
    *file = (struct erp_file){0};
}

/* One more physical line behind what out holds, its end as it is. */
static bool take_line(struct erp_file *file, struct buf *out)
{
    ssize_t len = getline(&file->text, &file->cap, file->in);
    if (len < 0) {
        if (ferror(file->in))
            file->fault = strerror(errno);
        return false;
    }
    const char *text = file->text;
    if (!file->line++ && len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        file->mark = true;
        text += 3;
        len -= 3;
    }
    if (memchr(text, 0, (size_t)len))
        file->fault = "is neither UTF-8 nor Windows-1252 (is it UTF-16?)";
    buf_add(out, text, (size_t)len);
    if (out->len > RECORD_MOST)
        file->fault = "is longer than 65,536 bytes: does a quoted cell not end?";
    return !file->fault;
}

/* What Windows-1252 has where latin-1 has controls; five bytes that it does not use stay controls.
 */
static const char windows[32][4] = {
    "€", "\xc2\x81", "‚",        "ƒ", "„",        "…",        "†", "‡",        "ˆ", "‰", "Š",
    "‹", "Œ",        "\xc2\x8d", "Ž", "\xc2\x8f", "\xc2\x90", "‘", "’",        "“", "”", "•",
    "–", "—",        "˜",        "™", "š",        "›",        "œ", "\xc2\x9d", "ž", "Ÿ"};

/* A cell in UTF-8, without blanks around it. */
static const char *cell_text(struct arena *arena, const struct buf *cell)
{
    if (!cell->len)
        return "";
    const char *from = cell->data, *end = cell->data + cell->len;
    while (from < end && (*from == ' ' || *from == '\t'))
        from++;
    while (end > from && strchr(" \t\r\n", end[-1]))
        end--;
    size_t len = (size_t)(end - from);
    if (!len)
        return "";
    if (utf8_valid(from, len))
        return arena_strndup(arena, from, len);
    char *out = arena_alloc(arena, 3 * len + 1), *to = out;
    for (; from < end; from++) {
        unsigned char c = (unsigned char)*from;
        if (c >= 0x80 && c < 0xa0) {
            to = stpcpy(to, windows[c - 0x80]);
            continue;
        }
        if (c >= 0x80)
            *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c);
    }
    return out;
}

/* Cells of a record; false: it ends inside quotes. */
static bool take_cells(const struct erp_file *file, struct arena *arena, const struct buf *text,
                       struct erp_record *record)
{
    const char *at = text->len ? text->data : "", *end = at + text->len;
    struct buf cell = {0};
    size_t room = 1;
    bool closed = true;
    for (const char *p = at; p < end; p++)
        room += *p == file->separator;
    record->cells = ARENA_ARRAY(arena, room, const char *);
    record->n = 0;
    while (closed) {
        buf_reset(&cell, cell.cap);
        if (at < end && *at == '"') {
            closed = false;
            for (at++; at < end && !closed; at++) {
                if (*at != '"')
                    buf_addc(&cell, *at);
                else if (at + 1 < end && at[1] == '"')
                    buf_addc(&cell, *at++);
                else
                    closed = true;
            }
        }
        while (closed && at < end && *at != file->separator)
            buf_addc(&cell, *at++);
        record->cells[record->n++] = cell_text(arena, &cell);
        if (at >= end)
            break;
        at++;
    }
    buf_clear(&cell);
    return closed;
}

static bool is_empty(const struct erp_record *record)
{
    for (size_t i = 0; i < record->n; i++)
        if (*record->cells[i])
            return false;
    return true;
}

static bool take_record(struct erp_file *file, struct arena *arena, struct buf *text,
                        struct erp_record *record)
{
    *record = (struct erp_record){.line = file->line + 1};
    buf_reset(text, text->cap);
    while (take_line(file, text)) {
        if (!file->separator)
            file->separator = csv_separator(text->data, text->len);
        if (!take_cells(file, arena, text, record))
            continue;
        while (text->len && strchr("\r\n", text->data[text->len - 1]))
            text->len--;
        record->text = arena_strndup(arena, text->len ? text->data : "", text->len);
        return true;
    }
    if (!file->fault && text->len)
        file->fault = "has a quoted cell that does not end";
    return false;
}

bool erp_file_next(struct erp_file *file, struct arena *arena, struct erp_record *record)
{
    struct buf text = {0};
    bool found;
    do
        found = take_record(file, arena, &text, record);
    while (found && is_empty(record));
    buf_clear(&text);
    return found;
}
