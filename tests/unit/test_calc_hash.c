/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_hash.c: the keyed hash, the hold-out split and the ordering helpers */
#include "calc_hash.h"
#include "calc_order.h"
#include "calc_split.h"
#include "calc_sum.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_hash(void);

enum { HASH_ROWS = 100 };

/* From an independent implementation of FNV-1a and splitmix64 (public data folder, t1). */
static const struct {
    const char *text;
    uint64_t want;
} hash_cases[] = {
    {"", UINT64_C(0xf52a15e9a9b5e89b)},
    {"a", UINT64_C(0x02c0bdbf481420f8)},
    {"|a", UINT64_C(0x05980c7ea8ad45af)},
    {"|nasa-001", UINT64_C(0x420654f652d76efe)},
    {"unit_cost|3fa85f64-5717-4562-b3fc-2c963f66afa6", UINT64_C(0x7174af02e85150b7)},
    {"camp|u0|1", UINT64_C(0xc03dd089f359776d)},
    {"gr\xc3\xbcn", UINT64_C(0x2763d91c2b7c9701)},
};

static void test_vectors(void)
{
    for (size_t i = 0; i < sizeof hash_cases / sizeof hash_cases[0]; i++) {
        const char *s = hash_cases[i].text;
        struct calc_hash h;

        CU_ASSERT_EQUAL(calc_hash_h64(s, strlen(s)), hash_cases[i].want);
        calc_hash_init(&h);
        for (const char *p = s; *p != '\0'; p++)
            calc_hash_add(&h, p, 1);
        CU_ASSERT_EQUAL(calc_hash_value(&h), hash_cases[i].want);
    }
    CU_ASSERT(calc_hash_unit(UINT64_MAX) < 1.0);
    CU_ASSERT_EQUAL(calc_hash_unit(0), 0.0);
    CU_ASSERT_EQUAL(calc_hash_unit(UINT64_C(1) << 63), 0.5);
}

/* Plain addition gives 2.385: both ones drown in 1e100. */
static void test_sum(void)
{
    const double x[] = {1.0, 1e100, 1.0, -1e100, 2.385};

    CU_ASSERT_EQUAL(calc_sum_of(x, 5), 4.385);
    CU_ASSERT_EQUAL(calc_sum_of(x, 0), 0.0);
}

static void test_order(void)
{
    double x[] = {2.385, -1.5, 0.7, 9.25};

    CU_ASSERT(calc_order_keys((struct calc_key){"ab", 2}, (struct calc_key){"abc", 3}) < 0);
    CU_ASSERT(calc_order_keys((struct calc_key){"\xc3", 1}, (struct calc_key){"z", 1}) > 0);
    CU_ASSERT(calc_order_keys((struct calc_key){NULL, 0}, (struct calc_key){"", 0}) == 0);
    calc_order_sort_numbers(x, 4);
    CU_ASSERT_EQUAL(x[0], -1.5);
    CU_ASSERT_EQUAL(calc_order_median(x, 4), 0.5 * (0.7 + 2.385));
    CU_ASSERT_EQUAL(calc_order_median(x, 3), 0.7);
}

static int order_doubles(const void *a, const void *b)
{
    return calc_order_numbers(*(const double *)a, *(const double *)b);
}

/* Shapes that trouble quicksort, lengths around the switch to insertion, against each other. */
static void test_sort_shapes(void)
{
    static double x[2000], sum, before;
    unsigned long long seed = 99;
    size_t bad = 0;

    for (int shape = 0; shape < 6; shape++)
        for (size_t n = 0; n <= 2000; n = n < 40 ? n + 1 : n * 7 / 4) {
            before = sum = 0.0;
            for (size_t i = 0; i < n; i++) {
                double t = (double)i;
                double shapes[] = {golden_uniform(&seed),    t, -t, 1.0, floor(t / 64.0),
                                   fabs(t - (double)n / 2.0)};

                x[i] = shapes[shape];
                before += x[i] * 1e-3;
            }
            calc_order_sort(x, n, sizeof x[0], order_doubles);
            for (size_t i = 0; i < n; i++) {
                bad += i > 0 && x[i - 1] > x[i];
                sum += x[i] * 1e-3;
            }
            bad += fabs(sum - before) > 1e-9;
        }
    CU_ASSERT_EQUAL(bad, 0);
}

static size_t split_run(struct calc_key *keys, size_t n, double pct, bool *held)
{
    struct calc_split_row scratch[HASH_ROWS];
    size_t taken = 999;

    CU_ASSERT_EQUAL(
        calc_split_holdout((struct calc_key){"env|t", 5}, keys, n, pct, scratch, held, &taken),
        CALC_OK);
    return taken;
}

static void test_split_rules(void)
{
    struct calc_key one[] = {{"p", 1}, {"p", 1}, {"p", 1}};
    struct calc_key keys[40], back[40];
    char text[40][8];
    bool held[40], held_back[40];
    size_t n, bad = 0;

    CU_ASSERT_EQUAL(split_run(one, 0, 0.2, held), 0);
    CU_ASSERT_EQUAL(split_run(one, 1, 0.2, held), 0);
    CU_ASSERT_EQUAL(split_run(one, 3, 0.2, held), 0); /* one group stays whole */
    CU_ASSERT_FALSE(held[0] || held[1] || held[2]);
    for (size_t i = 0; i < 40; i++) {
        int len = snprintf(text[i], sizeof text[i], "k%zu", i / 3);

        keys[i] = (struct calc_key){text[i], (size_t)len};
        back[39 - i] = keys[i];
    }
    n = split_run(keys, 40, 0.2, held);
    CU_ASSERT(n >= 8 && n <= 10); /* want 8, whole groups of three */
    CU_ASSERT_EQUAL(split_run(back, 40, 0.2, held_back), n);
    for (size_t i = 0; i < 40; i++) {
        bad += held[i] != held_back[39 - i];
        bad += held[i] != held[i / 3 * 3];
    }
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT_EQUAL(split_run(keys, 2, 0.0, held), 0); /* the first two are one group */
    CU_ASSERT_EQUAL(split_run(keys + 2, 2, 0.0, held), 1);
    n = 7;
    CU_ASSERT_EQUAL(calc_split_holdout((struct calc_key){"", 0}, keys, 40, NAN, NULL, held, &n),
                    CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_split_holdout((struct calc_key){"", 0}, keys, 40, 1.0, NULL, held, &n),
                    CALC_DOMAIN);
    CU_ASSERT_EQUAL(n, 7);
}

static void test_split_golden(void)
{
    struct json_object *all = golden_load("numerics/expected.json");
    FILE *f = golden_open("numerics/t1_nasa93_cocomo81.csv");
    struct calc_split_row scratch[HASH_ROWS];
    struct calc_key keys[HASH_ROWS];
    char text[HASH_ROWS][16], line[256];
    bool held[HASH_ROWS];
    size_t n = 0, taken = 0, bad = 0, at = 0;

    if (all == NULL || f == NULL || fgets(line, sizeof line, f) == NULL)
        return;
    while (n < HASH_ROWS && fgets(line, sizeof line, f) != NULL) {
        CU_ASSERT_EQUAL(sscanf(line, "%15[^,]", text[n]), 1);
        keys[n] = (struct calc_key){text[n], strlen(text[n])};
        n++;
    }
    fclose(f);
    CU_ASSERT_EQUAL(n, 93);
    CU_ASSERT_EQUAL(
        calc_split_holdout((struct calc_key){"", 0}, keys, n, 0.2, scratch, held, &taken), CALC_OK);
    CU_ASSERT_EQUAL(taken, 19);
    for (size_t i = 0; i < n; i++) {
        struct json_object *want =
            golden_at(all, "t1_nasa93_cocomo81/split_hash_demo/holdout_keys");

        if (!held[i])
            continue;
        /* both lists are in the order of the file */
        bad += strcmp(text[i], json_object_get_string(json_object_array_get_idx(want, at++))) != 0;
    }
    CU_ASSERT_EQUAL(bad, 0);
    json_object_put(all);
}

void suite_calc_hash(void)
{
    CU_pSuite s = CU_add_suite("calc_hash", NULL, NULL);

    CU_ADD_TEST(s, test_vectors);
    CU_ADD_TEST(s, test_sum);
    CU_ADD_TEST(s, test_order);
    CU_ADD_TEST(s, test_sort_shapes);
    CU_ADD_TEST(s, test_split_rules);
    CU_ADD_TEST(s, test_split_golden);
}
