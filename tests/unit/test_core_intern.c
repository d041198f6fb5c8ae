/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers for byte strings, and strings that were prepared to collide. */
#include "arena.h"
#include "intern.h"

#include <CUnit/CUnit.h>

void suite_core_intern(void);

static void test_numbers(void)
{
    struct arena *arena = arena_new();
    struct intern intern;
    intern_init(&intern, arena);
    CU_ASSERT_EQUAL(intern_find(&intern, "a", 1), INTERN_NONE);
    CU_ASSERT_EQUAL(intern_put(&intern, "a", 1), 0);
    CU_ASSERT_EQUAL(intern_put(&intern, "", 0), 1);
    CU_ASSERT_EQUAL(intern_put(&intern, "a\0b", 3), 2);
    CU_ASSERT_EQUAL(intern_put(&intern, "a", 1), 0);
    for (uint32_t i = 0; i < 1000; i++)
        CU_ASSERT_EQUAL(intern_put(&intern, (const char *)&i, sizeof i), 3 + i);
    CU_ASSERT_EQUAL(intern_find(&intern, "a\0b", 3), 2);
    CU_ASSERT_EQUAL(intern.n, 1003);
    arena_free(arena);
}

static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 6; i++)
        x *= 2 - odd * x;
    return x;
}

static uint64_t unshift(uint64_t hash, int by)
{
    uint64_t x = hash;
    for (int i = 0; i < 64 / by + 1; i++)
        x = hash ^ x >> by;
    return x;
}

/* Eight bytes that without the secret have the hash k << 20: the hash backwards. */
static uint64_t prepared(uint64_t k)
{
    uint64_t hash = unshift(k << 20, 31) * inverse(0x94d049bb133111ebu);
    hash = unshift(hash, 27) * inverse(0xbf58476d1ce4e5b9u);
    hash = unshift(unshift(hash, 30), 32) * inverse(1099511628211u);
    return hash ^ 14695981039346656037u ^ 8;
}

/* Nobody can choose bins or values that all meet in one slot. */
static void test_prepared(void)
{
    struct arena *arena = arena_new();
    struct intern intern;
    intern_init(&intern, arena);
    size_t together = 0;
    for (uint64_t k = 0; k < 2000; k++) {
        uint64_t text = prepared(k);
        intern_put(&intern, (const char *)&text, sizeof text);
    }
    for (uint32_t i = 0; i < intern.n; i++)
        together += (intern.entries[i].hash & 0xffff) == (intern.entries[0].hash & 0xffff);
    CU_ASSERT_EQUAL(intern.n, 2000);
    CU_ASSERT(together < 20);
    arena_free(arena);
}

void suite_core_intern(void)
{
    CU_pSuite suite = CU_add_suite("core_intern", NULL, NULL);
    CU_add_test(suite, "numbers", test_numbers);
    CU_add_test(suite, "prepared", test_prepared);
}
