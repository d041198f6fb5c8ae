/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing byte buffer; growth doubles, so adding is linear in total. */
#include "buf.h"
#include "memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SMALLEST 256

static void resize(struct buf *buf, size_t cap)
{
    buf->data = memory_resize(buf->data, cap);
    buf->cap = cap;
}

void buf_clear(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_wipe(struct buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->cap);
    buf_clear(buf);
}

void buf_reset(struct buf *buf, size_t keep)
{
    buf->len = 0;
    if (buf->cap <= keep)
        return;
    if (keep)
        resize(buf, keep);
    else
        buf_clear(buf);
}

void buf_forget(struct buf *buf, size_t from)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = ((uintptr_t)buf->data + from + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)buf->data + buf->cap) / page * page;
    if (begin < end)
        madvise((void *)begin, end - begin, MADV_DONTNEED);
}

void buf_grow(struct buf *buf, size_t more)
{
    size_t need, cap = buf->cap < SMALLEST ? SMALLEST : buf->cap;
    if (__builtin_add_overflow(buf->len, more, &need) || need > SIZE_MAX / 4)
        abort();
    while (cap < need)
        cap *= 2;
    resize(buf, cap);
}

void buf_adds(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *place = buf_reserve(buf, 128);
    size_t room = buf->cap - buf->len;
    int len = vsnprintf(place, room, format, args);
    va_end(args);
    if (len < 0)
        abort();
    if ((size_t)len >= room) {
        place = buf_reserve(buf, (size_t)len + 1);
        va_start(args, format);
        vsnprintf(place, (size_t)len + 1, format, args);
        va_end(args);
    }
    buf->len += (size_t)len;
}

const char *buf_text(struct buf *buf)
{
    *buf_reserve(buf, 1) = '\0';
    return buf->data;
}
