/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_curve.c: learning curves and the sums of powers underneath */
#include "calc_curve.h"
#include "calc_powsum.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_curve(void);

enum { CURVE_LOTS = 12 };

/* Against term-by-term sums in long double, over the exponents that occur and around -1 and 0. */
static void test_powsum_direct(void)
{
    static const double bs[] = {-3.7, -1.2,    -1.0 - 1e-9, -1.0,  -1.0 + 1e-9,
                                -0.9, -0.3219, -0.0913,     -1e-7, 0.0,
                                0.3,  1.0,     2.5,         -40.0, 40.0};
    static const uint64_t ranges[][2] = {{1, 1},   {1, 5},     {1, 30},      {1, 31},
                                         {1, 200}, {29, 2000}, {1, 100000},  {500, 700},
                                         {31, 61}, {1, 61},    {4000, 9000}, {7, 12}};
    double worst = 0.0;

    for (size_t i = 0; i < sizeof bs / sizeof bs[0]; i++)
        for (size_t j = 0; j < sizeof ranges / sizeof ranges[0]; j++) {
            long double s = 0.0L;
            double got = calc_powsum_log(ranges[j][0], ranges[j][1], bs[i]);

            for (uint64_t x = ranges[j][0]; x <= ranges[j][1]; x++)
                s += powl((long double)x, (long double)bs[i]);
            /* a difference of logarithms is a relative error */
            worst = fmax(worst, fabs((double)((long double)got - logl(s))));
        }
    CU_ASSERT(worst < 2e-13);
}

static void test_midpoint(void)
{
    /* K of units 1..3 at b = -1: (1 + 1/2 + 1/3)/3 = 11/18, K = 18/11; geometric mean at b = 0 */
    CU_ASSERT(golden_close(exp(calc_powsum_log_midpoint(1, 3, -1.0)), 18.0 / 11.0, 1e-14));
    CU_ASSERT(golden_close(exp(calc_powsum_log_midpoint(1, 3, 0.0)), cbrt(6.0), 1e-14));
    CU_ASSERT(golden_close(exp(calc_powsum_log_midpoint(1, 3, 1.0)), 2.0, 1e-14));
    CU_ASSERT(golden_close(exp(calc_powsum_log_midpoint(17, 17, -0.4)), 17.0, 1e-14));
    CU_ASSERT(golden_close(exp(calc_powsum_log_midpoint_asher(17, 17, -0.4)), 17.0, 1e-14));
    /* no jump where the formula changes to its limit */
    for (int s = -1; s <= 1; s += 2) {
        CU_ASSERT(fabs(calc_powsum_log_midpoint(1, 11, s * 1.01e-8) -
                       calc_powsum_log_midpoint(1, 11, s * 0.99e-8)) < 1e-7);
        CU_ASSERT(fabs(calc_powsum_log_midpoint_asher(1, 11, s * 1.01e-8) -
                       calc_powsum_log_midpoint_asher(1, 11, s * 0.99e-8)) < 1e-7);
    }
    /* the two ways to the geometric mean meet where one takes over */
    CU_ASSERT(fabs(calc_powsum_log_midpoint(1, 1000, 0.0) - lgamma(1001.0) / 1000.0) < 1e-13);
}

/* Published values: R package learningCurve, GAO Cost Guide; b = log2 of the learning rate. */
static void test_published(void)
{
    double b85 = log2(0.85), b75 = log2(0.75);

    CU_ASSERT(fabs(100.0 * exp(calc_powsum_log(1, 125, b85)) - 5201.085) < 5e-4);
    CU_ASSERT(fabs(exp(calc_powsum_log_midpoint_asher(201, 500, b75)) - 334.6103) < 5e-5);
    CU_ASSERT(
        golden_close(exp(calc_powsum_log_midpoint(201, 500, b75)), 334.61046600757084, 1e-11));
    CU_ASSERT(golden_close(exp(calc_powsum_log_midpoint(1, 11, 0.0)), 4.9092387795843955, 1e-13));
    CU_ASSERT(
        golden_close(exp(calc_powsum_log_midpoint_asher(1, 11, 0.0)), 4.878654671214716, 1e-13));
    CU_ASSERT(golden_close(exp(calc_powsum_log(1, 1000000, -0.3219)), 17269.6103556106, 1e-12));
    CU_ASSERT(golden_close(exp(calc_powsum_log(500, 700, -1.0)), 0.3381866856007061, 1e-13));
}

/* b = -1: units 4..6 have mean (1/4 + 1/5 + 1/6)/3; fractions count a share of a unit. */
static void test_mean(void)
{
    static const struct {
        double produced, n, b, want;
    } c[] = {
        {3.0, 3.0, -1.0, (0.25 + 0.2 + 1.0 / 6.0) / 3.0},
        {0.0, 1.0, -0.7, 1.0},
        {0.0, 0.25, -0.7, 1.0},
        {1.25, 0.5, -1.0, 0.5},
        {0.5, 1.0, -1.0, 0.75},
        {2.5, 2.25, -1.0, (0.5 / 3.0 + 0.25 + 0.75 / 5.0) / 2.25},
        {7.0, 12.0, 0.0, 1.0},
    };
    double m = -1.0;

    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        CU_ASSERT_EQUAL(calc_powsum_mean(c[i].produced, c[i].n, c[i].b, &m), CALC_OK);
        CU_ASSERT(golden_close(m, c[i].want, 1e-14));
    }
    m = -1.0;
    CU_ASSERT_EQUAL(calc_powsum_mean(0.0, 0.0, -0.3, &m), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_powsum_mean(-1.0, 5.0, -0.3, &m), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_powsum_mean(0.0, INFINITY, -0.3, &m), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_powsum_mean(0.0, 5.0, -65.0, &m), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_powsum_mean(1e12, 5.0, -60.0, &m), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(m, -1.0);
}

/* Lots computed from the curve itself come back, out of order too. */
static void test_recovered(void)
{
    static const uint64_t sizes[] = {1, 7, 12, 40, 5};
    static const double bs[] = {-1.1, -0.6, -0.152, -1e-3, 0.2};
    struct calc_curve_lot lots[5];
    struct calc_curve_fit f;
    double scratch[10], mid[5];

    for (size_t k = 0; k < 5; k++) {
        double b = bs[k];
        uint64_t done = 0;

        for (size_t i = 0; i < 5; i++) { /* 3 i mod 5 shuffles */
            uint64_t last = done + sizes[i];

            lots[i * 3 % 5] = (struct calc_curve_lot){
                (int64_t)i * 10 - 7, sizes[i], 2385.0 * exp(calc_powsum_log(done + 1, last, b))};
            done = last;
        }
        CU_ASSERT_EQUAL(calc_curve_fit(CALC_CURVE_CRAWFORD, lots, 5, scratch, mid, &f), CALC_OK);
        CU_ASSERT(golden_close(f.a, 2385.0, 1e-7));
        CU_ASSERT(fabs(f.b - b) < 1e-8);
        CU_ASSERT(golden_close(f.learning_rate, exp2(b), 1e-7));
        CU_ASSERT_EQUAL(f.no_learning, b > 0.0);
        CU_ASSERT(f.residual_sigma_log < 1e-8);
        CU_ASSERT(f.n_iterations >= 1 && f.n_iterations <= 30);
        CU_ASSERT_EQUAL(f.units, 65);
        CU_ASSERT_EQUAL(mid[0], 1.0);
        if (b <= -1.0)
            continue;
        for (size_t i = 0, n = 0; i < 5; i++) { /* Wright: T(N) = a N^(b + 1) */
            double before = (double)n;

            n += lots[i].size;
            lots[i].cost = 2385.0 * (pow((double)n, b + 1.0) - pow(before, b + 1.0));
        }
        CU_ASSERT_EQUAL(calc_curve_fit(CALC_CURVE_WRIGHT, lots, 5, scratch, mid, &f), CALC_OK);
        CU_ASSERT(golden_close(f.a, 2385.0, 1e-12));
        CU_ASSERT(fabs(f.b - b) < 1e-13);
        CU_ASSERT_EQUAL(f.n_iterations, 0);
        CU_ASSERT(f.has_lot_sigma && f.lot_sigma_log < 1e-12);
        CU_ASSERT(golden_close(mid[4], 65.0, 1e-14));
    }
}

static void test_flat(void)
{
    struct calc_curve_lot lots[] = {{1, 8, 80.0}, {2, 3, 30.0}, {3, 11, 110.0}};
    struct calc_curve_fit f;
    double scratch[6];

    for (int m = CALC_CURVE_WRIGHT; m <= CALC_CURVE_CRAWFORD_ASHER; m++) {
        CU_ASSERT_EQUAL(calc_curve_fit((enum calc_curve_model)m, lots, 3, scratch, NULL, &f),
                        CALC_OK);
        CU_ASSERT(fabs(f.b) < 1e-9);
        CU_ASSERT_EQUAL(f.r_squared, 1.0);
        CU_ASSERT_FALSE(f.no_learning);
        CU_ASSERT(golden_close(f.a, 10.0, 1e-9));
    }
}

static void test_statuses(void)
{
    struct calc_curve_lot good[] = {{1, 8, 80.0}, {2, 3, 25.0}, {3, 11, 70.0}};
    struct calc_curve_lot lots[3];
    struct calc_curve_fit f = {.n_lots = 44};
    double s[6];

    CU_ASSERT_EQUAL(calc_curve_fit(CALC_CURVE_WRIGHT, good, 2, s, NULL, &f), CALC_SIZE);
    for (int k = 0; k < 5; k++) {
        memcpy(lots, good, sizeof lots);
        lots[1].index = k == 0 ? 3 : 2;
        lots[1].size = k == 1 ? 0 : k == 2 ? UINT64_MAX : 3;
        lots[1].cost = k == 3 ? 0.0 : k == 4 ? INFINITY : 25.0;
        CU_ASSERT_EQUAL(calc_curve_fit(CALC_CURVE_CRAWFORD, lots, 3, s, NULL, &f), CALC_DOMAIN);
    }
    memcpy(lots, good, sizeof lots);
    lots[0].cost = 1.7e308;
    lots[1].cost = 1.7e308;
    CU_ASSERT_EQUAL(calc_curve_fit(CALC_CURVE_WRIGHT, lots, 3, s, NULL, &f), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(f.n_lots, 44);
    /* a slope below -1: later lots would cost less than nothing under Wright */
    lots[0] = (struct calc_curve_lot){1, 2, 1000.0};
    lots[1] = (struct calc_curve_lot){2, 20, 0.5};
    lots[2] = (struct calc_curve_lot){3, 50, 1e-3};
    CU_ASSERT_EQUAL(calc_curve_fit(CALC_CURVE_WRIGHT, lots, 3, s, NULL, &f), CALC_OK);
    CU_ASSERT(f.has_lot_sigma == (f.b > -1.0));
    CU_ASSERT(isfinite(f.lot_sigma_log));
}

/* Noisy lots over a wide range of slopes always end, and in few rounds nearly always. */
static void test_always_ends(void)
{
    unsigned long long seed = 321;
    int failed = 0, slow = 0;

    for (int rep = 0; rep < 3000; rep++) {
        struct calc_curve_lot lots[CURVE_LOTS];
        struct calc_curve_fit f;
        double scratch[2 * CURVE_LOTS], b = -1.2 + 1.5 * golden_uniform(&seed);
        size_t n = 3 + (size_t)(golden_uniform(&seed) * (CURVE_LOTS - 3));
        uint64_t done = 0;

        for (size_t i = 0; i < n; i++) {
            uint64_t q = 1 + (uint64_t)(golden_uniform(&seed) * 60.0);

            lots[i] = (struct calc_curve_lot){
                (int64_t)i, q,
                500.0 * exp(calc_powsum_log(done + 1, done + q, b) + 0.3 * golden_normal(&seed))};
            done += q;
        }
        failed += calc_curve_fit(CALC_CURVE_CRAWFORD, lots, n, scratch, NULL, &f) != CALC_OK;
        slow += f.n_iterations > 60;
    }
    CU_ASSERT_EQUAL(failed, 0);
    CU_ASSERT(slow < 30);
}

static size_t curve_read(const char *name, struct calc_curve_lot *lots)
{
    FILE *f = golden_open(name);
    char line[128];
    size_t n = 0;

    if (f == NULL)
        return 0;
    while (n < CURVE_LOTS && fgets(line, sizeof line, f) != NULL) {
        long index;
        unsigned long size;

        if (sscanf(line, "%ld,%lu,%lf", &index, &size, &lots[n].cost) != 3)
            continue;
        lots[n].index = index;
        lots[n++].size = size;
    }
    fclose(f);
    return n;
}

static void curve_check_golden(struct json_object *ref, const char *key,
                               enum calc_curve_model model, struct calc_curve_lot *lots, size_t n)
{
    struct json_object *want = golden_at(ref, key), *mids = NULL;
    struct calc_curve_fit f;
    double scratch[2 * CURVE_LOTS], mid[CURVE_LOTS];

    CU_ASSERT_EQUAL(calc_curve_fit(model, lots, n, scratch, mid, &f), CALC_OK);
    CU_ASSERT(golden_close(f.a, golden_num(want, "a"), 1e-9));
    CU_ASSERT(golden_close(f.b, golden_num(want, "b"), 1e-8));
    CU_ASSERT(golden_close(f.learning_rate, golden_num(want, "learning_rate"), 1e-9));
    CU_ASSERT(golden_close(f.r_squared, golden_num(want, "r_squared"), 1e-8));
    CU_ASSERT(golden_close(f.residual_sigma_log, golden_num(want, "residual_sigma_log"), 1e-7));
    CU_ASSERT(golden_close(f.se_b, golden_num(want, "se_b"), 1e-7));
    CU_ASSERT_EQUAL(f.n_lots, (size_t)golden_num(want, "n_lots"));
    CU_ASSERT_EQUAL(f.n_iterations, (int)golden_num(want, "n_iterations"));
    if (json_object_object_get_ex(want, "midpoints", &mids))
        for (size_t i = 0; i < n; i++)
            CU_ASSERT(golden_close(mid[i], golden_item(mids, i), 1e-8));
}

static void test_golden(void)
{
    static const char *const files[] = {"numerics/t3_reference_program_lots.csv",
                                        "numerics/t3_example_lots.csv"};
    static const char *const keys[] = {"t3_reference_program/ref", "t3_example_lots/ref"};
    struct json_object *all = golden_load("numerics/expected.json");

    if (all == NULL)
        return;
    for (size_t k = 0; k < 2; k++) {
        struct json_object *ref = golden_at(all, keys[k]);
        struct calc_curve_lot lots[CURVE_LOTS];
        size_t n = curve_read(files[k], lots);

        CU_ASSERT_EQUAL(n, 6);
        curve_check_golden(ref, "wright_cumulative", CALC_CURVE_WRIGHT, lots, n);
        curve_check_golden(ref, "crawford_exact", CALC_CURVE_CRAWFORD, lots, n);
        curve_check_golden(ref, "crawford_asher", CALC_CURVE_CRAWFORD_ASHER, lots, n);
    }
    json_object_put(all);
}

void suite_calc_curve(void)
{
    CU_pSuite s = CU_add_suite("calc_curve", NULL, NULL);

    CU_ADD_TEST(s, test_powsum_direct);
    CU_ADD_TEST(s, test_midpoint);
    CU_ADD_TEST(s, test_published);
    CU_ADD_TEST(s, test_mean);
    CU_ADD_TEST(s, test_recovered);
    CU_ADD_TEST(s, test_flat);
    CU_ADD_TEST(s, test_statuses);
    CU_ADD_TEST(s, test_always_ends);
    CU_ADD_TEST(s, test_golden);
}
