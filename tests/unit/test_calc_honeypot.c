/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_honeypot.c: share, order and number of gold tasks */
#include "calc_honeypot.h"

#include "calc_hash.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_honeypot(void);

static struct calc_key key(const char *s)
{
    return (struct calc_key){s, strlen(s)};
}

/* |g - f n| < 1 at every moment, for many annotators and shares; gaps that cannot be learned. */
static void test_share(void)
{
    const double shares[] = {0.0, 0.01, 0.05, 0.1, 0.2385, 0.5, 0.9};
    char prefix[64];

    for (size_t x = 0; x < sizeof shares / sizeof shares[0]; x++) {
        double f = shares[x], worst = 0.0;
        unsigned gaps[64] = {0}, kinds = 0;

        for (int annotator = 0; annotator < 200; annotator++) {
            uint64_t g = 0, last = 0;

            snprintf(prefix, sizeof prefix, "secret|campaign|annotator %d", annotator);
            for (uint64_t n = 0; n < 600; n++) {
                if (calc_honeypot_due(f, n, g, calc_honeypot_draw(key(prefix), n + 1))) {
                    g++;
                    gaps[n + 1 - last < 64 ? n + 1 - last : 63]++;
                    last = n + 1;
                }
                worst = fmax(worst, fabs((double)g - f * (double)(n + 1)));
            }
        }
        CU_ASSERT(worst < 1.0);
        for (size_t i = 0; i < 64; i++)
            kinds += gaps[i] > 0;
        CU_ASSERT(f != 0.1 || kinds >= 12);
    }
}

/* After a spell without gold the deficit is made up at once, and u = 0 alone is not enough. */
static void test_due(void)
{
    CU_ASSERT_TRUE(calc_honeypot_due(0.1, 40, 0, 0.999));
    CU_ASSERT_FALSE(calc_honeypot_due(0.1, 8, 1, 0.0));
    CU_ASSERT_FALSE(calc_honeypot_due(0.0, 1000, 0, 0.0));
    CU_ASSERT_TRUE(calc_honeypot_due(0.5, 0, 0, 0.25));
    CU_ASSERT_FALSE(calc_honeypot_due(0.5, 0, 0, 0.5));
}

/* The hash of "camp|u0|1" is a vector of the numerics page: c03dd089f359776d. */
static void test_keys(void)
{
    CU_ASSERT_EQUAL(calc_honeypot_rank(key("camp|u0"), key("1")), UINT64_C(0xc03dd089f359776d));
    CU_ASSERT(golden_close(calc_honeypot_draw(key("camp|u0"), 1), 0xc03dd089f359776dp-64, 1e-15));
    CU_ASSERT_EQUAL(calc_honeypot_draw(key("s|c|a"), UINT64_MAX),
                    calc_hash_unit(calc_hash_h64("s|c|a|18446744073709551615", 26)));
}

static void test_count(void)
{
    static const struct {
        double f;
        uint64_t tasks, available, want;
    } cases[] = {
        {0.1, 90, 100, 10}, {0.1, 94, 100, 10}, {0.1, 95, 100, 11},
        {0.1, 90, 7, 7},    {0.0, 90, 100, 0},  {0.5, 33, 100, 33},
        {0.05, 9, 100, 0},  {0.05, 10, 100, 1}, {0.999, 5000, 12, 12},
    };
    uint64_t n = 77;

    CU_ASSERT_EQUAL(calc_honeypot_count(1.0, 9, 9, &n), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_honeypot_count(-0.1, 9, 9, &n), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_honeypot_count(NAN, 9, 9, &n), CALC_DOMAIN);
    CU_ASSERT_EQUAL(n, 77);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CU_ASSERT_EQUAL(calc_honeypot_count(cases[i].f, cases[i].tasks, cases[i].available, &n),
                        CALC_OK);
        CU_ASSERT_EQUAL(n, cases[i].want);
    }
}

static void test_golden(void)
{
    struct json_object *expected = golden_load("numerics/expected.json"), *want, *list;
    uint64_t g = 0;

    if (expected == NULL)
        return;
    want = golden_at(expected, "t8_honeypot_demo");
    list = golden_at(want, "gold_positions_first_60");
    for (uint64_t n = 0; n < 60; n++) {
        const char *seed = json_object_get_string(golden_at(want, "seed"));

        if (calc_honeypot_due(golden_num(want, "f"), n, g, calc_honeypot_draw(key(seed), n + 1)))
            CU_ASSERT_EQUAL(n + 1, (uint64_t)golden_item(list, g++));
    }
    CU_ASSERT_EQUAL(g, json_object_array_length(list));
    json_object_put(expected);
}

void suite_calc_honeypot(void)
{
    CU_pSuite s = CU_add_suite("calc_honeypot", NULL, NULL);

    CU_add_test(s, "|g - f n| < 1 in a simulation", test_share);
    CU_add_test(s, "deficit rule", test_due);
    CU_add_test(s, "keys", test_keys);
    CU_add_test(s, "number of gold tasks", test_count);
    CU_add_test(s, "golden: first 60 tasks", test_golden);
}
