/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory of one request: allocated piecemeal, released at once. */
#ifndef COSTWRIGHT_ARENA_H
#define COSTWRIGHT_ARENA_H

#include <stddef.h>

struct arena;
struct buf;

/* Allocation succeeds or ends the process (the master replaces the worker), so nothing here
   returns NULL. Memory is zeroed and aligned for any type. */
struct arena *arena_new(void) __attribute__((returns_nonnull, warn_unused_result));
void arena_free(struct arena *arena);

/* Runs the deferred functions (last first), then forgets every allocation; keeps one small block.
 */
void arena_reset(struct arena *arena) __attribute__((nonnull));

/* The memory it holds, what is not yet used of it included. */
size_t arena_bytes(const struct arena *arena) __attribute__((nonnull));

void *arena_alloc(struct arena *arena, size_t size)
    __attribute__((nonnull, returns_nonnull, warn_unused_result, alloc_size(2)));
/* n objects of size bytes; an overflow of the product ends the process. */
void *arena_array(struct arena *arena, size_t n, size_t size)
    __attribute__((nonnull, returns_nonnull, warn_unused_result, alloc_size(2, 3)));
char *arena_strdup(struct arena *arena, const char *text)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
char *arena_strndup(struct arena *arena, const char *text, size_t len)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
/* A copy with the letters A to Z in lower case: how e-mail addresses are kept and looked for. */
char *arena_lower(struct arena *arena, const char *text)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((nonnull(1, 2), returns_nonnull, warn_unused_result, format(printf, 2, 3)));

/* A buffer whose memory goes with the arena's. */
struct buf *arena_buf(struct arena *arena) __attribute__((nonnull, returns_nonnull));

/* release(what) runs at the next reset or free: the line after anything that has its own release
   function. */
void arena_defer(struct arena *arena, void (*release)(void *), void *what)
    __attribute__((nonnull(1, 2)));

/* other is freed when the memory of arena is. */
void arena_adopt(struct arena *arena, struct arena *other) __attribute__((nonnull));

#define ARENA_NEW(arena, type)      ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, n, type) ((type *)arena_array((arena), (n), sizeof(type)))

#endif
