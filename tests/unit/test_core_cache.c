/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept, and what goes first. */
#include "arena.h"
#include "cache.h"

#include <CUnit/CUnit.h>

void suite_core_cache(void);

static struct cache cache;

static struct cache_key key_of(uint8_t id)
{
    return (struct cache_key){.id = {{id}}};
}

/* A thing of so many bytes; was it kept? */
static bool put(uint8_t id, size_t bytes)
{
    struct cache_key key = key_of(id);
    struct arena *arena = arena_new();
    uint8_t *thing = arena_alloc(arena, bytes);
    *thing = id;
    bool kept = cache_put(&cache, &key, arena, thing);
    if (!kept)
        arena_free(arena);
    return kept;
}

static bool holds(uint8_t id)
{
    struct cache_key key = key_of(id);
    const uint8_t *thing = cache_find(&cache, &key);
    return thing && *thing == id;
}

static void test_number(void)
{
    cache_clear(&cache);
    for (uint8_t id = 1; id <= CACHE_THINGS; id++)
        CU_ASSERT(put(id, 1));
    CU_ASSERT(holds(1));
    CU_ASSERT(put(CACHE_THINGS + 1, 1));
    CU_ASSERT(holds(1));
    CU_ASSERT_FALSE(holds(2));
    for (uint8_t id = 3; id <= CACHE_THINGS + 1; id++)
        CU_ASSERT(holds(id));
    CU_ASSERT(put(3, 1)); /* in place of itself */
    CU_ASSERT(holds(1));
    struct cache_key other = {.org = {{1}}, .id = {{1}}};
    CU_ASSERT_PTR_NULL(cache_find(&cache, &other));
    cache_clear(&cache);
    CU_ASSERT_FALSE(holds(1));
}

static void test_bytes(void)
{
    cache_clear(&cache);
    CU_ASSERT(put(1, CACHE_BYTES / 3));
    CU_ASSERT(put(2, CACHE_BYTES / 3));
    CU_ASSERT(holds(1));
    CU_ASSERT(put(3, CACHE_BYTES / 2));
    CU_ASSERT(holds(1));
    CU_ASSERT_FALSE(holds(2));
    CU_ASSERT_FALSE(put(3, CACHE_BYTES)); /* with the arena's own bytes it is too large */
    CU_ASSERT_FALSE(holds(3));
    CU_ASSERT(holds(1));
    CU_ASSERT(put(4, CACHE_BYTES - 4096));
    CU_ASSERT_FALSE(holds(1));
    cache_clear(&cache);
}

void suite_core_cache(void)
{
    CU_pSuite s = CU_add_suite("core cache", NULL, NULL);
    CU_ADD_TEST(s, test_number);
    CU_ADD_TEST(s, test_bytes);
}
