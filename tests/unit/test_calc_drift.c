/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_drift.c: drift signals and their false alarms */
#include "calc_conformal.h"
#include "calc_drift.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_drift(void);

/* z = 1.2, 0.3, 2.0, -3.0 and k = 0.5: C+ = 0.7, 0.5, 2.0, 0; C- = 0, 0, 0, 2.5. */
static void test_cusum_steps(void)
{
    const double z[] = {1.2, 0.3, 2.0, -3.0};
    const double up[] = {0.7, 0.5, 2.0, 0.0}, down[] = {0.0, 0.0, 0.0, 2.5};
    struct calc_drift_cusum c = {0};
    struct calc_drift_reading r;

    calc_drift_cusum_read(&c, &r);
    CU_ASSERT_EQUAL(r.since, 0);
    CU_ASSERT_EQUAL(r.ratio, 0.0);
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(calc_drift_cusum_update(&c, z[i]), CALC_OK);
        CU_ASSERT(fabs(c.up - up[i]) < 1e-15);
        CU_ASSERT(fabs(c.down - down[i]) < 1e-15);
    }
    calc_drift_cusum_read(&c, &r);
    CU_ASSERT_EQUAL(r.since, 4);
    CU_ASSERT(golden_close(r.ratio, 0.5, 1e-15));
    CU_ASSERT(golden_close(r.shift_z, -3.0, 1e-15)); /* -(0.5 + 2.5/1) */
    CU_ASSERT(golden_close(c.worst, 0.5, 1e-15));
    CU_ASSERT_EQUAL(calc_drift_cusum_update(&c, NAN), CALC_DOMAIN);
    CU_ASSERT_EQUAL(c.n, 4);
    /* one wild value counts as 4: 3.5 is below the limit of 5 */
    c = (struct calc_drift_cusum){0};
    CU_ASSERT_EQUAL(calc_drift_cusum_update(&c, 1e6), CALC_OK);
    CU_ASSERT_EQUAL(c.up, 3.5);
}

/* Mean run length of the CUSUM over runs repetitions, data shifted by shift. */
static double drift_run_length(int runs, double shift, unsigned long long seed)
{
    double total = 0.0;

    for (int i = 0; i < runs; i++) {
        struct calc_drift_cusum c = {0};

        while (c.worst <= 1.0)
            calc_drift_cusum_update(&c, shift + golden_normal(&seed));
        total += (double)c.n;
    }
    return total / runs;
}

/* Montgomery, table 9.3 (k = 1/2, h = 5): 465 in control, 10.4 at one sigma, 4.01 at two. Standard
 * errors 465/sqrt(1500) = 12, 5.5/sqrt(4000) = 0.09 and 0.02; the bounds are four of them. */
static void test_cusum_run_length(void)
{
    CU_ASSERT(fabs(drift_run_length(1500, 0.0, 31) - 465.0) < 48.0);
    CU_ASSERT(fabs(drift_run_length(4000, 1.0, 32) - 10.4) < 0.36);
    CU_ASSERT(fabs(drift_run_length(4000, 2.0, 33) - 4.01) < 0.08);
}

/* x = 1, 3 in units of s = 2: mean 1 then 2, allowance 0.01. */
static void test_page(void)
{
    struct calc_drift_page p;
    unsigned long long seed = 8;
    double ratio = -1.0;
    int when = 0;

    calc_drift_page_init(&p);
    CU_ASSERT_EQUAL(calc_drift_page_update(&p, NAN, 2.0, &ratio), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_drift_page_update(&p, 1.0, 0.0, &ratio), CALC_DOMAIN);
    CU_ASSERT_EQUAL(ratio, -1.0);
    calc_drift_page_update(&p, 1.0, 2.0, &ratio);
    CU_ASSERT(golden_close(p.up, -0.01, 1e-15));
    CU_ASSERT(golden_close(p.down, 0.01, 1e-15));
    calc_drift_page_update(&p, 3.0, 2.0, &ratio);
    CU_ASSERT(golden_close(p.up, -0.009999 + 1.0 - 0.01, 1e-14));
    CU_ASSERT(golden_close(p.down, 0.009999 + 1.0 + 0.01, 1e-14));
    CU_ASSERT_EQUAL(p.up_min, -0.01);
    CU_ASSERT_EQUAL(ratio, 0.0);
    /* 300 in control, then one sigma up: found within 100, not before the shift */
    calc_drift_page_init(&p);
    for (int i = 1; i <= 400 && when == 0; i++) {
        double x = 0.3 * golden_normal(&seed) + (i > 300 ? 0.3 : 0.0);

        CU_ASSERT_EQUAL(calc_drift_page_update(&p, x, 0.3, &ratio), CALC_OK);
        if (ratio > 1.0)
            when = i;
    }
    CU_ASSERT(when > 300);
}

/* By hand: m = 1 gives a/(a + b) with a = n + 1 - k, b = k; uniform when a = b = 1. */
static void test_coverage_hand(void)
{
    double p = -1.0;

    CU_ASSERT_EQUAL(calc_drift_coverage_p(1, 1, 19, 18, &p), CALC_OK);
    CU_ASSERT(golden_close(p, 0.1, 1e-15));
    CU_ASSERT_EQUAL(calc_drift_coverage_p(3, 7, 1, 1, &p), CALC_OK);
    CU_ASSERT(golden_close(p, 5.0 / 8.0, 1e-15));
    CU_ASSERT_EQUAL(calc_drift_coverage_p(0, 50, 19, 18, &p), CALC_OK);
    CU_ASSERT_EQUAL(p, 1.0);
    CU_ASSERT_EQUAL(calc_drift_coverage_p(0, 0, 19, 18, &p), CALC_OK);
    CU_ASSERT_EQUAL(p, 1.0);
    CU_ASSERT_EQUAL(calc_drift_coverage_p(100000, 100000, 19999, 18001, &p), CALC_OK);
    CU_ASSERT(p >= 0.0 && p < 1e-300);
    p = -1.0;
    CU_ASSERT_EQUAL(calc_drift_coverage_p(2, 1, 19, 18, &p), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_drift_coverage_p(1, 1, 19, 0, &p), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_drift_coverage_p(1, 1, 19, 20, &p), CALC_DOMAIN);
    CU_ASSERT_EQUAL(p, -1.0);
}

/* Public data folder, t1_betabinomial_vectors. */
static void test_coverage_vectors(void)
{
    static const struct {
        uint64_t x, m, n, k;
        double p;
    } v[] = {
        {5, 20, 19, 18, 0.10216810216810185},
        {10, 50, 99, 90, 0.054643829971278736},
        {20, 100, 499, 450, 0.004703350994501222},
        {1, 5, 9, 9, 0.3571428571428564},
    };

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        double p = -1.0;

        CU_ASSERT_EQUAL(calc_drift_coverage_p(v[i].x, v[i].m, v[i].n, v[i].k, &p), CALC_OK);
        CU_ASSERT(golden_close(p, v[i].p, 1e-11));
    }
}

/*
 * False alarms of the coverage signal at a nominal 1 % with intervals from only 19 scores and 50
 * later rows. By construction at most 1 %; 4,000 repetitions have a standard error of 0.16 %.
 */
static void test_coverage_false_alarms(void)
{
    unsigned long long seed = 1912;
    int alarms = 0;

    for (int rep = 0; rep < 4000; rep++) {
        double s[19], q = 1.0, p = 1.0;
        uint64_t misses = 0;

        for (size_t i = 0; i < 19; i++)
            s[i] = golden_uniform(&seed);
        calc_conformal_quantile(s, 19, 0.1, &q);
        for (int i = 0; i < 50; i++)
            misses += golden_uniform(&seed) > q;
        calc_drift_coverage_p(misses, 50, 19, 18, &p);
        alarms += p < 0.01;
    }
    CU_ASSERT(alarms <= 64);
    CU_ASSERT(alarms >= 8); /* and it is not simply silent */
}

static void test_severity(void)
{
    CU_ASSERT_EQUAL(calc_drift_severity_ratio(0.79, 9.0), CALC_DRIFT_NONE);
    CU_ASSERT_EQUAL(calc_drift_severity_ratio(0.8, 9.0), CALC_DRIFT_INFO);
    CU_ASSERT_EQUAL(calc_drift_severity_ratio(1.0, 0.2), CALC_DRIFT_WARNING);
    CU_ASSERT_EQUAL(calc_drift_severity_ratio(1.1, -0.23), CALC_DRIFT_CRITICAL);
    CU_ASSERT_EQUAL(calc_drift_severity_ratio(2.0, 0.0), CALC_DRIFT_CRITICAL);
    CU_ASSERT_EQUAL(calc_drift_severity_p(0.05, 9.0), CALC_DRIFT_NONE);
    CU_ASSERT_EQUAL(calc_drift_severity_p(0.049, 9.0), CALC_DRIFT_INFO);
    CU_ASSERT_EQUAL(calc_drift_severity_p(0.0099, 0.2), CALC_DRIFT_WARNING);
    CU_ASSERT_EQUAL(calc_drift_severity_p(0.0099, 0.23), CALC_DRIFT_CRITICAL);
    CU_ASSERT_EQUAL(calc_drift_severity_p(0.00009, 0.0), CALC_DRIFT_CRITICAL);
}

/* Montgomery, tables 9.1 and 9.2. */
static void test_golden(void)
{
    struct json_object *all = golden_load("numerics/expected.json");
    FILE *f = golden_open("numerics/t2_cusum_montgomery_table9_1.csv");
    struct calc_drift_cusum c = {0};
    struct calc_drift_reading r;
    struct json_object *want;
    uint64_t first = 0;
    char line[128];
    double x;

    if (all == NULL || f == NULL)
        return;
    want = golden_at(all, "t2_cusum_montgomery_table9_1/ref");
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%*d,%lf", &x) != 1)
            continue;
        CU_ASSERT_EQUAL(calc_drift_cusum_update(&c, x - 10.0), CALC_OK);
        CU_ASSERT(fabs(c.up - golden_item(golden_at(want, "C_plus"), c.n - 1)) < 1e-12);
        CU_ASSERT(fabs(c.down - golden_item(golden_at(want, "C_minus"), c.n - 1)) < 1e-12);
        if (first == 0 && c.worst > 1.0)
            first = c.n;
    }
    fclose(f);
    CU_ASSERT_EQUAL(c.n, 30);
    CU_ASSERT_EQUAL(first, 29);
    calc_drift_cusum_read(&c, &r);
    CU_ASSERT_EQUAL(r.since, 23);
    CU_ASSERT(golden_close(c.worst, golden_num(want, "max_ratio"), 1e-12));
    json_object_put(all);
}

void suite_calc_drift(void)
{
    CU_pSuite s = CU_add_suite("calc_drift", NULL, NULL);

    CU_ADD_TEST(s, test_cusum_steps);
    CU_ADD_TEST(s, test_cusum_run_length);
    CU_ADD_TEST(s, test_page);
    CU_ADD_TEST(s, test_coverage_hand);
    CU_ADD_TEST(s, test_coverage_vectors);
    CU_ADD_TEST(s, test_coverage_false_alarms);
    CU_ADD_TEST(s, test_severity);
    CU_ADD_TEST(s, test_golden);
}
