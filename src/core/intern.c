/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for distinct byte strings. */
#include "intern.h"

#include "arena.h"

#include <sodium.h>
#include <string.h>

#define FIRST_SLOTS 64

/* FNV-1a over 8 bytes at a time, mixed at the end (Fowler, Noll, Vo; splitmix64's finaliser). It
   begins with a secret of this process, so that nobody can prepare texts that collide. */
static uint64_t hash_bytes(const char *text, size_t len)
{
    static uint64_t secret;
    while (!secret)
        randombytes_buf(&secret, sizeof secret);
    uint64_t hash = secret ^ len;
    for (; len >= 8; text += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        hash = (hash ^ word) * 1099511628211u;
        hash ^= hash >> 32;
    }
    uint64_t rest = 0;
    for (; len; text++, len--)
        rest = rest << 8 | (unsigned char)*text;
    hash = (hash ^ rest) * 1099511628211u;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
    return hash ^ hash >> 31;
}

void intern_init(struct intern *intern, struct arena *arena)
{
    *intern = (struct intern){
        .arena = arena,
        .entries = ARENA_ARRAY(arena, FIRST_SLOTS / 2, struct intern_entry),
        .room = FIRST_SLOTS / 2,
        .slots = ARENA_ARRAY(arena, FIRST_SLOTS, uint32_t),
        .n_slots = FIRST_SLOTS,
    };
}

/* The slot that holds text, or the free one where it belongs. */
static uint32_t *slot_of(const struct intern *intern, const char *text, size_t len, uint64_t hash)
{
    uint32_t mask = intern->n_slots - 1;
    for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &intern->slots[i];
        if (!*slot)
            return slot;
        const struct intern_entry *entry = &intern->entries[*slot - 1];
        if (entry->hash == hash && entry->len == len && !memcmp(entry->text, text, len))
            return slot;
    }
}

static void grow(struct intern *intern)
{
    struct intern_entry *entries =
        ARENA_ARRAY(intern->arena, 2 * (size_t)intern->room, struct intern_entry);
    memcpy(entries, intern->entries, intern->n * sizeof *entries);
    intern->entries = entries;
    intern->room *= 2;
    intern->n_slots *= 2;
    intern->slots = ARENA_ARRAY(intern->arena, intern->n_slots, uint32_t);
    for (uint32_t i = 0; i < intern->n; i++)
        *slot_of(intern, entries[i].text, entries[i].len, entries[i].hash) = i + 1;
}

uint32_t intern_find(const struct intern *intern, const char *text, size_t len)
{
    uint32_t slot = *slot_of(intern, text, len, hash_bytes(text, len));
    return slot ? slot - 1 : INTERN_NONE;
}

uint32_t intern_put(struct intern *intern, const char *text, size_t len)
{
    uint64_t hash = hash_bytes(text, len);
    uint32_t *slot = slot_of(intern, text, len, hash);
    if (*slot)
        return *slot - 1;
    if (intern->n == intern->room) {
        grow(intern);
        slot = slot_of(intern, text, len, hash);
    }
    intern->entries[intern->n] =
        (struct intern_entry){arena_strndup(intern->arena, text, len), len, hash};
    *slot = ++intern->n;
    return intern->n - 1;
}
