/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Things a process keeps for the requests that follow: at most 8 of a kind and 4 MiB of them; the
   least recently used goes first. A static struct cache is empty. */
#ifndef COSTWRIGHT_CACHE_H
#define COSTWRIGHT_CACHE_H

#include "uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define CACHE_THINGS 8
#define CACHE_BYTES  ((size_t)4 << 20)

struct cache_key {
    struct uuid org, id; /* org nil where the id says it all */
};

struct cache {
    struct cache_entry {
        struct cache_key key;
        struct arena *arena; /* holds the thing and nothing else; NULL: the place is empty */
        const void *thing;
        uint64_t used; /* when, counted in uses */
    } at[CACHE_THINGS];
    uint64_t uses;
};

/* NULL: it is not there. Lives until the next cache_put. */
const void *cache_find(struct cache *cache, const struct cache_key *key);
/* In place of what the key had. The cache owns the arena then; false: it is too large to be kept,
   and still the caller's. */
bool cache_put(struct cache *cache, const struct cache_key *key, struct arena *arena,
               const void *thing) __attribute__((warn_unused_result));
void cache_clear(struct cache *cache);

#endif
