/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_memory.h: cutting arrays from caller memory (private to the driver posterior) */
#ifndef CALC_DRIVER_MEMORY_H
#define CALC_DRIVER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    size_t at = m->used;

    m->used += (n * size + 15) & ~(size_t)15;
    return m->base == NULL || m->used > m->size ? NULL : m->base + at;
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
