/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_workorder.c: setup and variable cost of work orders */
#include "calc_workorder.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_workorder(void);

enum { WO_PARTS = 40, WO_ROWS = 10 };

static double wo_scratch[1000];

static struct calc_workorder_fit wo_fit(const struct calc_workorder_row *r, size_t n, bool huber)
{
    struct calc_workorder_fit f = {0};

    CU_ASSERT_FATAL(calc_workorder_scratch(n, 0) <= 1000);
    CU_ASSERT_EQUAL(calc_workorder_fit(r, n, huber, wo_scratch, &f), CALC_OK);
    return f;
}

/* T = 37.5 + 4.2 q without error; the same rows, upside down; and a two-row fit by hand. */
static void test_exact(void)
{
    const struct calc_workorder_row up[] = {
        {3, 50.1}, {8, 71.1}, {12.5, 90.0}, {40, 205.5}, {100, 457.5}};
    const struct calc_workorder_row down[] = {
        {100, 457.5}, {40, 205.5}, {12.5, 90.0}, {8, 71.1}, {3, 50.1}};
    struct calc_workorder_fit a = wo_fit(up, 5, true);
    struct calc_workorder_fit b = wo_fit(down, 5, true);

    CU_ASSERT(a.identifiable);
    CU_ASSERT(golden_close(a.setup, 37.5, 1e-13));
    CU_ASSERT(golden_close(a.variable, 4.2, 1e-13));
    CU_ASSERT(golden_close(a.s2, 0.001, 1e-9)); /* 2 * 0.05^2 / 5 */
    CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof a), 0);
    a = wo_fit(up, 2, false);
    CU_ASSERT(golden_close(a.setup, 37.5, 1e-13));
    CU_ASSERT(golden_close(a.s2, 0.0025, 1e-9));
}

/* Falling totals force v = 0: S = sum(w T)/sum w = (1/10 + 1/8)/(1/100 + 1/64) = 360/41.
 * Totals that rise faster than q force S = 0: v = sum(g)/sum(g^2), g = q/T = 1/5 and 1/8. */
static void test_bounds(void)
{
    const struct calc_workorder_row fall[] = {{1, 10}, {2, 8}};
    const struct calc_workorder_row rise[] = {{1, 5}, {4, 32}};
    struct calc_workorder_fit f = wo_fit(fall, 2, false);

    CU_ASSERT_EQUAL(f.variable, 0.0);
    CU_ASSERT(golden_close(f.setup, 360.0 / 41.0, 1e-14));
    f = wo_fit(rise, 2, false);
    CU_ASSERT_EQUAL(f.setup, 0.0);
    CU_ASSERT(golden_close(f.variable, (0.2 + 0.125) / (0.04 + 0.015625), 1e-14));
}

/* One order booked at three times its cost: Huber stays near the truth, least squares does not. */
static void test_outlier(void)
{
    const struct calc_workorder_row r[] = {{2, 45.9},   {5, 58.5},   {9, 75.3},
                                           {20, 121.5}, {15, 301.5}, {50, 247.5}};
    struct calc_workorder_fit h = wo_fit(r, 6, true);
    struct calc_workorder_fit p = wo_fit(r, 6, false);

    CU_ASSERT(fabs(h.setup - 37.5) < 0.5);
    CU_ASSERT(fabs(h.variable - 4.2) < 0.2);
    CU_ASSERT(fabs(p.variable - 4.2) > 5.0 * fabs(h.variable - 4.2));
    CU_ASSERT(h.iterations > 1 && h.iterations < 500);
}

static void test_statuses(void)
{
    const struct calc_workorder_row one[] = {{7, 66.9}};
    const struct calc_workorder_row near_one[] = {{100, 457.5}, {124, 558.3}};
    const struct calc_workorder_row bad[][1] = {
        {{0, 5}}, {{-1, 5}}, {{5, 0}}, {{NAN, 5}}, {{5, INFINITY}}};
    const struct calc_workorder_row wide[] = {{1, 1e-200}, {2, 1e200}};
    struct calc_workorder_fit f = {.n = 77};

    CU_ASSERT_EQUAL(calc_workorder_fit(one, 0, true, wo_scratch, &f), CALC_SIZE);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(calc_workorder_fit(bad[i], 1, true, wo_scratch, &f), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_workorder_fit(wide, 2, true, wo_scratch, &f), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(f.n, 77);
    f = wo_fit(one, 1, true);
    CU_ASSERT_FALSE(f.identifiable);
    CU_ASSERT_EQUAL(f.setup, 0.0);
    f = wo_fit(near_one, 2, true);
    CU_ASSERT_FALSE(f.identifiable);
}

/* Sources of the split, by hand. Two exact parts with setups 20 and 45 (equal variances of ln S
 * are not needed: only bounds are asserted), one part with a quote, one that borrows, one whose
 * cheapest order caps what may be borrowed. */
static void test_sources(void)
{
    const struct calc_workorder_row a[] = {{1, 22}, {10, 40}, {50, 120}};
    const struct calc_workorder_row b[] = {{1, 48}, {10, 75}, {50, 195}};
    const struct calc_workorder_row single[] = {{10, 130}};
    const struct calc_workorder_row cheap[] = {{1, 12}};
    struct calc_workorder_part p[] = {
        {.rows = a, .n = 3},
        {.rows = b, .n = 3},
        {.rows = single, .n = 1, .has_quote = true, .quote_setup = 50, .quote_variable = 5},
        {.rows = single, .n = 1},
        {.rows = cheap, .n = 1},
    };
    struct calc_workorder_part swapped[] = {p[4], p[2], p[1], p[0], p[3]};
    struct calc_workorder_pool pool, again;

    CU_ASSERT_EQUAL(calc_workorder_decompose(p, 5, true, wo_scratch, &pool), CALC_OK);
    CU_ASSERT_EQUAL(pool.n, 2);
    CU_ASSERT(golden_close(pool.median_setup, 32.5, 1e-12));
    CU_ASSERT(pool.pooled_setup > 20 && pool.pooled_setup < 45);
    CU_ASSERT_EQUAL(p[0].source, CALC_WORKORDER_FITTED);
    CU_ASSERT(p[0].setup > 20 && p[0].setup < pool.pooled_setup);
    CU_ASSERT(p[0].variable < 2.0);                     /* more setup leaves less to the pieces */
    CU_ASSERT_EQUAL(p[2].source, CALC_WORKORDER_QUOTE); /* 130 / (50 + 10 * 5) = 1.3 */
    CU_ASSERT(golden_close(p[2].setup, 65.0, 1e-14));
    CU_ASSERT(golden_close(p[2].variable, 6.5, 1e-14));
    CU_ASSERT_EQUAL(p[3].source, CALC_WORKORDER_POOLED);
    CU_ASSERT_EQUAL(p[3].setup, pool.pooled_setup);
    CU_ASSERT(golden_close(p[3].variable, (130 - pool.pooled_setup) / 10, 1e-13));
    CU_ASSERT(golden_close(p[4].setup, 6.0, 1e-15));
    CU_ASSERT(golden_close(p[4].variable, 6.0, 1e-15));
    CU_ASSERT_EQUAL(calc_workorder_decompose(swapped, 5, true, wo_scratch, &again), CALC_OK);
    CU_ASSERT_EQUAL(memcmp(&pool, &again, sizeof pool), 0);
    CU_ASSERT_EQUAL(swapped[3].setup, p[0].setup);
    CU_ASSERT_EQUAL(calc_workorder_decompose(p + 3, 2, true, wo_scratch, &pool), CALC_OK);
    CU_ASSERT_EQUAL(p[3].source, CALC_WORKORDER_NONE);
    CU_ASSERT_EQUAL(p[3].setup, 0.0);
    p[2].quote_setup = p[2].quote_variable = 0;
    CU_ASSERT_EQUAL(calc_workorder_decompose(p, 5, true, wo_scratch, &pool), CALC_DOMAIN);
}

struct wo_data {
    char name[WO_PARTS][16];
    struct calc_workorder_row rows[WO_PARTS][WO_ROWS];
    struct calc_workorder_part part[WO_PARTS];
    size_t n;
};

static bool wo_load(struct wo_data *d)
{
    FILE *f = golden_open("numerics/t4_tube_quotes_S0054.csv");
    char line[256], id[32], part[16];
    double q, unit, total;

    memset(d, 0, sizeof *d);
    if (f == NULL)
        return false;
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%31[^,],%15[^,],%*[^,],%lf,%lf,%lf", id, part, &q, &unit, &total) != 5)
            continue; /* the header */
        if (d->n == 0 || strcmp(d->name[d->n - 1], part) != 0)
            strcpy(d->name[d->n++], part);
        d->rows[d->n - 1][d->part[d->n - 1].n++] = (struct calc_workorder_row){q, total};
        d->part[d->n - 1].rows = d->rows[d->n - 1];
    }
    fclose(f);
    return true;
}

static void wo_check(struct json_object *ref, bool huber, double rel)
{
    static struct wo_data d;
    struct calc_workorder_pool pool;

    if (!wo_load(&d))
        return;
    CU_ASSERT_EQUAL(d.n, 25);
    CU_ASSERT_FATAL(calc_workorder_scratch(WO_ROWS, d.n) <= 1000);
    CU_ASSERT_EQUAL(calc_workorder_decompose(d.part, d.n, huber, wo_scratch, &pool), CALC_OK);
    CU_ASSERT(golden_close(pool.mu_ln_setup, golden_num(ref, "pool/mu_ln_setup"), rel));
    CU_ASSERT(golden_close(pool.tau2, golden_num(ref, "pool/tau2"), rel));
    CU_ASSERT(golden_close(pool.pooled_setup, golden_num(ref, "pool/pooled_setup"), rel));
    CU_ASSERT(golden_close(pool.median_setup, golden_num(ref, "pool/median_setup"), rel));
    CU_ASSERT(golden_close(pool.sigma_rel, golden_num(ref, "pool/sigma_rel"), rel));
    for (size_t i = 0; i < d.n; i++) {
        struct json_object *want = golden_at(golden_at(ref, "parts"), d.name[i]);
        bool own = json_object_get_boolean(golden_at(want, "identifiable"));

        CU_ASSERT_EQUAL(d.part[i].fit.n, (size_t)golden_num(want, "n"));
        CU_ASSERT_EQUAL(d.part[i].fit.identifiable, own);
        CU_ASSERT_EQUAL(d.part[i].source, own ? CALC_WORKORDER_FITTED : CALC_WORKORDER_POOLED);
        CU_ASSERT(golden_close(d.part[i].setup, golden_num(want, "setup_final"), rel));
        CU_ASSERT(golden_close(d.part[i].variable, golden_num(want, "variable_final"), rel));
        if (!own)
            continue;
        CU_ASSERT(golden_close(d.part[i].fit.setup, golden_num(want, "setup"), rel));
        CU_ASSERT(golden_close(d.part[i].fit.variable, golden_num(want, "variable"), rel));
        CU_ASSERT(golden_close(d.part[i].fit.s2, golden_num(want, "s2"), rel));
        CU_ASSERT(fabs(d.part[i].fit.rel_rmse - golden_num(want, "rel_rmse")) < 1e-9);
    }
}

static void test_golden(void)
{
    struct json_object *all = golden_load("numerics/expected.json");

    if (all == NULL)
        return;
    wo_check(golden_at(all, "t4_tube_quotes_S0054/ref_plain"), false, 1e-10);
    wo_check(golden_at(all, "t4_tube_quotes_S0054/ref_huber"), true, 1e-9);
    json_object_put(all);
}

void suite_calc_workorder(void)
{
    CU_pSuite s = CU_add_suite("calc_workorder", NULL, NULL);

    CU_ADD_TEST(s, test_exact);
    CU_ADD_TEST(s, test_bounds);
    CU_ADD_TEST(s, test_outlier);
    CU_ADD_TEST(s, test_statuses);
    CU_ADD_TEST(s, test_sources);
    CU_ADD_TEST(s, test_golden);
}
