/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least recently used goes first. */
#include "cache.h"

#include "arena.h"

static struct cache_entry *entry_of(struct cache *cache, const struct cache_key *key)
{
    for (struct cache_entry *entry = cache->at; entry < cache->at + CACHE_THINGS; entry++)
        if (entry->arena && uuid_equal(&entry->key.id, &key->id) &&
            uuid_equal(&entry->key.org, &key->org))
            return entry;
    return NULL;
}

static void drop(struct cache_entry *entry)
{
    arena_free(entry->arena);
    *entry = (struct cache_entry){.arena = NULL};
}

/* An empty place, where there is room for so many bytes more. */
static struct cache_entry *make_room(struct cache *cache, size_t bytes)
{
    for (;;) {
        struct cache_entry *empty = NULL, *oldest = NULL;
        size_t held = bytes;
        for (struct cache_entry *entry = cache->at; entry < cache->at + CACHE_THINGS; entry++) {
            if (!entry->arena) {
                empty = entry;
                continue;
            }
            held += arena_bytes(entry->arena);
            if (!oldest || entry->used < oldest->used)
                oldest = entry;
        }
        if (empty && held <= CACHE_BYTES)
            return empty;
        drop(oldest);
    }
}

const void *cache_find(struct cache *cache, const struct cache_key *key)
{
    struct cache_entry *entry = entry_of(cache, key);
    if (!entry)
        return NULL;
    entry->used = ++cache->uses;
    return entry->thing;
}

bool cache_put(struct cache *cache, const struct cache_key *key, struct arena *arena,
               const void *thing)
{
    struct cache_entry *before = entry_of(cache, key);
    size_t bytes = arena_bytes(arena);
    if (before)
        drop(before);
    if (bytes > CACHE_BYTES)
        return false;
    *make_room(cache, bytes) = (struct cache_entry){*key, arena, thing, ++cache->uses};
    return true;
}

void cache_clear(struct cache *cache)
{
    for (struct cache_entry *entry = cache->at; entry < cache->at + CACHE_THINGS; entry++)
        drop(entry);
}
