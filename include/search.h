/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted arrays: comparisons, and bsearch for what must be there. */
#ifndef COSTWRIGHT_SEARCH_H
#define COSTWRIGHT_SEARCH_H

#include <stdlib.h>
#include <string.h>

/* For qsort and bsearch: of const char *, bytewise. */
static inline int search_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The place of key among n things in the order of compare; that it is not there is a broken
   invariant, which ends the process. */
static inline size_t search_place(const void *key, const void *things, size_t n, size_t size,
                                  int (*compare)(const void *, const void *))
{
    const char *at = n ? bsearch(key, things, n, size, compare) : NULL;
    if (!at)
        abort();
    return (size_t)(at - (const char *)things) / size;
}

#endif
