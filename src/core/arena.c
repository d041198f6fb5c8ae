/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Request memory: a chain of blocks; a sanitizer build makes one block per object instead. */
#include "arena.h"

#include "buf.h"
#include "memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __has_feature /* clang's way of saying it */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define BLOCK_SIZE 0 /* every object its own malloc, so that an overrun is seen */
#else
#define BLOCK_SIZE ((size_t)32 * 1024)
#endif
#define ALIGN alignof(max_align_t)

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

struct deferred {
    struct deferred *next;
    void (*release)(void *);
    void *what;
};

struct arena {
    struct block *head;
    struct deferred *deferred;
};

struct arena *arena_new(void)
{
    return memory_new(sizeof(struct arena));
}

static struct block *block_new(size_t size)
{
    struct block *block = memory_new(sizeof *block + size);
    block->size = size;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        abort();
    size = size ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
    struct block *head = arena->head;
    if (head && head->size - head->used >= size) {
        void *p = head->data + head->used;
        head->used += size;
        return p;
    }
    /* a large object gets its own block behind the current one, which stays open for small ones */
    struct block *block = block_new(size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE);
    block->used = size;
    if (head && size > BLOCK_SIZE / 4) {
        block->next = head->next;
        head->next = block;
    } else {
        block->next = head;
        arena->head = block;
    }
    return block->data;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total))
        abort();
    return arena_alloc(arena, total);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_lower(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *p = copy; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + ('a' - 'A'));
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        abort();
    char *text = arena_alloc(arena, (size_t)len + 1);
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

void arena_defer(struct arena *arena, void (*release)(void *), void *what)
{
    struct deferred *deferred = ARENA_NEW(arena, struct deferred);
    *deferred = (struct deferred){arena->deferred, release, what};
    arena->deferred = deferred;
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred) {
        struct deferred *deferred = arena->deferred;
        arena->deferred = deferred->next;
        deferred->release(deferred->what);
    }
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);
    struct block *keep = NULL;
    for (struct block *block = arena->head, *next; block; block = next) {
        next = block->next;
        if (!keep && BLOCK_SIZE > 0 && block->size == BLOCK_SIZE)
            keep = block;
        else
            free(block);
    }
    if (keep) {
        memset(keep->data, 0, keep->used);
        keep->used = 0;
        keep->next = NULL;
    }
    arena->head = keep;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    run_deferred(arena);
    for (struct block *block = arena->head, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

static void release(void *arena)
{
    arena_free(arena);
}

void arena_adopt(struct arena *arena, struct arena *other)
{
    arena_defer(arena, release, other);
}

size_t arena_bytes(const struct arena *arena)
{
    size_t bytes = sizeof *arena;
    for (const struct block *block = arena->head; block; block = block->next)
        bytes += sizeof *block + block->size;
    return bytes;
}

static void clear(void *buf)
{
    buf_clear(buf);
}

struct buf *arena_buf(struct arena *arena)
{
    struct buf *buf = ARENA_NEW(arena, struct buf);
    arena_defer(arena, clear, buf);
    return buf;
}
