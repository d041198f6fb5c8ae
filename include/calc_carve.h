/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_carve.h: several arrays in one block of scratch */
#ifndef CALC_CARVE_H
#define CALC_CARVE_H

#include <stdalign.h>
#include <stddef.h>

/*
 * Next count elements of size bytes from the block at base, aligned for any type; *used is the
 * number of bytes handed out so far. With base = NULL the result is NULL and only *used grows: the
 * same function thus measures a block and divides it.
 */
static inline void *calc_carve(void *base, size_t *used, size_t count, size_t size)
{
    size_t at = *used;
    size_t unit = alignof(max_align_t);

    *used = at + (count * size + unit - 1) / unit * unit;
    return base != NULL ? (char *)base + at : NULL;
}

#endif
