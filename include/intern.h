/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for distinct byte strings: 0, 1, 2, … in the order in which they were first met. */
#ifndef COSTWRIGHT_INTERN_H
#define COSTWRIGHT_INTERN_H

#include "uuid.h"

#include <stddef.h>
#include <stdint.h>

struct arena;

#define INTERN_NONE UINT32_MAX

struct intern_entry {
    const char *text; /* in the arena, NUL-terminated */
    size_t len;
    uint64_t hash; /* of this process: no answer may depend on it */
};

/* Read entries and n freely. */
struct intern {
    struct arena *arena;
    struct intern_entry *entries;
    uint32_t n;
    uint32_t room;   /* entries there is memory for */
    uint32_t *slots; /* open addressing, a power of two; n + 1, 0 = free */
    uint32_t n_slots;
};

void intern_init(struct intern *intern, struct arena *arena);
/* Number of text, a new one where it is new. */
uint32_t intern_put(struct intern *intern, const char *text, size_t len);
/* INTERN_NONE: never met. */
uint32_t intern_find(const struct intern *intern, const char *text, size_t len);

static inline uint32_t intern_put_uuid(struct intern *intern, const struct uuid *id)
{
    return intern_put(intern, (const char *)id->b, sizeof id->b);
}

static inline uint32_t intern_find_uuid(const struct intern *intern, const struct uuid *id)
{
    return intern_find(intern, (const char *)id->b, sizeof id->b);
}

#endif
