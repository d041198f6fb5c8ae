/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory outside the arenas: succeeds or ends the process, which the master then replaces. */
#ifndef COSTWRIGHT_MEMORY_H
#define COSTWRIGHT_MEMORY_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* the pointer, which must not be NULL */
static inline void *memory_got(void *memory)
{
    if (!memory) {
        fputs("<2>out of memory\n", stderr);
        abort();
    }
    return memory;
}

/* size > 0 in both; the owner calls free */
static inline void *memory_new(size_t size) /* zeroed */
{
    return memory_got(calloc(1, size));
}

static inline char *memory_text(const char *text) /* a copy */
{
    return memory_got(strdup(text));
}

static inline void *memory_resize(void *memory, size_t size)
{
    return memory_got(realloc(memory, size));
}

#endif
