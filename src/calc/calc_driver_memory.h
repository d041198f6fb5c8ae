/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_memory.h: cutting arrays from caller memory (private to the driver posterior) */
#ifndef CALC_DRIVER_MEMORY_H
#define CALC_DRIVER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes behind each array that nobody may touch. */
#ifdef __SANITIZE_ADDRESS__
enum { CALC_DRIVER_FENCE = 64 };
void __asan_poison_memory_region(void const volatile *at, size_t n); /* the sanitizer's own */
#else
enum { CALC_DRIVER_FENCE = 0 };
#endif

/*
 * With base = NULL nothing is handed out and `used` becomes the size needed, so one layout function
 * serves both the size query and the real thing and the two cannot disagree.
 */
struct calc_driver_memory {
    unsigned char *base;
    size_t size, used;
};

/* n elements of size bytes, 16-byte aligned; NULL while measuring. The caller checks used. */
static inline void *calc_driver_cut(struct calc_driver_memory *m, size_t n, size_t size)
{
    size_t at = m->used, end = at + n * size;

    m->used = ((end + 15) & ~(size_t)15) + CALC_DRIVER_FENCE;
    if (m->base == NULL || m->used > m->size)
        return NULL;
#ifdef __SANITIZE_ADDRESS__
    __asan_poison_memory_region(m->base + end, m->used - end);
#endif
    return m->base + at;
}

/* From here on the arrays lie on the bytes from start on once more, unless a sanitizer watches: it
 * is to tell them apart. *most: what has been needed so far. */
static inline void calc_driver_overlay(struct calc_driver_memory *m, size_t start, size_t *most)
{
    if (m->used > *most)
        *most = m->used;
    m->used = CALC_DRIVER_FENCE > 0 ? *most : start;
}

static inline double *calc_driver_cut_numbers(struct calc_driver_memory *m, size_t n)
{
    return calc_driver_cut(m, n, sizeof(double));
}

static inline uint32_t *calc_driver_cut_indices(struct calc_driver_memory *m, size_t n)
{
    return calc_driver_cut(m, n, sizeof(uint32_t));
}

#endif
