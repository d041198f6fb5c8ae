/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_conformal.c: conformal ranks, quantiles and intervals */
#include "calc_conformal.h"
#include "calc_order.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_conformal(void);

enum { CF_ROWS = 100 };

/* From the public data folder (t1_rank_vectors); k = 0 stands for unbounded. */
static const struct {
    size_t n;
    double alpha;
    size_t k;
} cf_ranks[] = {
    {9, 0.1, 9},       {9, 0.05, 0},      {19, 0.05, 19},    {18, 0.05, 0},
    {999, 0.059, 941}, {999, 0.061, 939}, {249, 0.172, 207}, {999, 0.174, 826},
    {124, 0.176, 103}, {4, 0.2, 4},       {3, 0.2, 0},       {99, 0.01, 99},
    {98, 0.01, 0},     {1, 0.5, 1},       {0, 0.1, 0},       {20000, 0.1, 18001},
};

static void test_rank_vectors(void)
{
    for (size_t i = 0; i < sizeof cf_ranks / sizeof cf_ranks[0]; i++) {
        size_t k = 0;
        enum calc_status st = calc_conformal_rank(cf_ranks[i].n, cf_ranks[i].alpha, &k);

        CU_ASSERT_EQUAL(st, cf_ranks[i].k > 0 ? CALC_OK : CALC_UNDEFINED);
        CU_ASSERT_EQUAL(k, cf_ranks[i].k);
    }
}

/* Against whole-number arithmetic, k = n + 1 - floor((n + 1) j / 1000), for every alpha = j/1000.
 */
static void test_rank_exact(void)
{
    size_t bad = 0;

    for (size_t n = 0; n <= 400; n++)
        for (size_t j = 1; j < 1000; j++) {
            size_t m = (n + 1) * j / 1000, k = 0;

            calc_conformal_rank(n, (double)j / 1000.0, &k);
            bad += k != (m > 0 ? n + 1 - m : 0);
        }
    CU_ASSERT_EQUAL(bad, 0);
}

static void test_min_rows(void)
{
    size_t bad = 0;

    CU_ASSERT_EQUAL(calc_conformal_min_rows(0.1), 9);
    CU_ASSERT_EQUAL(calc_conformal_min_rows(0.05), 19);
    CU_ASSERT_EQUAL(calc_conformal_min_rows(0.2), 4);
    CU_ASSERT_EQUAL(calc_conformal_min_rows(0.01), 99);
    CU_ASSERT_EQUAL(calc_conformal_min_rows(0.3), 3);
    CU_ASSERT(calc_conformal_min_rows(1e-300) > 900000000000000);
    CU_ASSERT_EQUAL(calc_conformal_min_rows(0.0), 0);
    CU_ASSERT_EQUAL(calc_conformal_min_rows(NAN), 0);
    for (size_t j = 1; j < 1000; j++)
        bad += calc_conformal_min_rows((double)j / 1000.0) != (1000 + j - 1) / j - 1 &&
               j < 500; /* from 1/2 on one row is enough, the formula says 1 or 0 */
    CU_ASSERT_EQUAL(bad, 0);
}

/* Scores 1..9 upside down: alpha 0.1 takes the 9th, 0.2 the 8th, 0.25 the 8th (m = 2). */
static void test_quantile(void)
{
    double s[] = {9.5, 8.5, 7.5, 6.5, 5.5, 4.5, 3.5, 2.5, 1.5};
    double q = -1.0, lo = -1.0, hi = -1.0;

    CU_ASSERT_EQUAL(calc_conformal_quantile(s, 9, 0.05, &q), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(q, -1.0);
    CU_ASSERT_EQUAL(calc_conformal_quantile(s, 9, 0.1, &q), CALC_OK);
    CU_ASSERT_EQUAL(q, 9.5);
    CU_ASSERT_EQUAL(calc_conformal_quantile(s, 9, 0.25, &q), CALC_OK);
    CU_ASSERT_EQUAL(q, 8.5);
    CU_ASSERT_EQUAL(calc_conformal_coverage(s, 9, q), 8.0 / 9.0);
    CU_ASSERT_EQUAL(calc_conformal_coverage(s, 0, q), 0.0);
    CU_ASSERT_EQUAL(calc_conformal_quantile(s, 9, 0.0, &q), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_conformal_quantile(s, 9, NAN, &q), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_conformal_asymmetric(s, 9, 0.1, &lo, &hi), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(calc_conformal_asymmetric(s, 9, 0.4, &lo, &hi), CALC_OK);
    CU_ASSERT_EQUAL(lo, 2.5); /* m = floor(10 * 0.2) = 2 */
    CU_ASSERT_EQUAL(hi, 8.5);
}

/* Numbers of each kind that a selection by digits could trip over: both signs, few distinct ones,
 * all exponents down to the subnormal ones, equal but for their last bits. */
static double any_number(unsigned kind, unsigned long long *seed)
{
    double z = golden_normal(seed);

    switch (kind) {
    case 0:
        return z;
    case 1:
        return round(2.0 * z) + 0.0; /* no -0, which equals 0 */
    case 2:
        return copysign(pow(10.0, 75.0 * z), golden_normal(seed));
    case 3:
        return 1.0 + 0x1p-52 * round(100.0 * fabs(z));
    default:
        return -7.25;
    }
}

static int by_value(const void *a, const void *b)
{
    return calc_order_numbers(*(const double *)a, *(const double *)b);
}

/* Selection and sort by digits against the sort that compares. */
static void test_selected_as_sorted(void)
{
    static const size_t sizes[] = {1, 2, 63, 64, 65, 700, 3000};
    static const double alphas[] = {0.001, 0.05, 0.1, 0.5, 0.9};
    static double x[3000], y[3000], sorted[3000];
    unsigned long long seed = 3;
    int wrong = 0;

    for (unsigned run = 0; run < 5 * 7 * 5; run++) {
        const size_t n = sizes[run / 5 % 7];
        const double alpha = alphas[run / 35];
        double q = NAN, lo = NAN, hi = NAN;
        size_t k;

        for (size_t i = 0; i < n; i++)
            x[i] = y[i] = sorted[i] = any_number(run % 5, &seed);
        calc_order_sort(sorted, n, sizeof *sorted, by_value);
        if (calc_conformal_quantile(x, n, alpha, &q) == CALC_OK) {
            calc_conformal_rank(n, alpha, &k);
            wrong += !(q == sorted[k - 1]);
        }
        if (calc_conformal_asymmetric(y, n, alpha, &lo, &hi) == CALC_OK) {
            size_t m = (size_t)floor((double)(n + 1) * alpha / 2.0 + 1e-9);

            wrong += !(lo == sorted[m - 1] && hi == sorted[n - m]);
        }
        calc_order_sort_numbers(x, n); /* selection only reorders */
        wrong += memcmp(x, sorted, n * sizeof *x) != 0;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* x = 0.1, 0.4, 0.7 at alpha 0.5: m = 2. Leave-one-out means 0.55, 0.4, 0.25, R = 0.45, 0, 0.45:
 * lows 0.1, 0.4, -0.2 and highs 1.0, 0.4, 0.7. Second smallest 0.1, second largest 0.7. */
static void test_jackknife(void)
{
    double x[] = {0.7, 0.1, 0.4}, scratch[6], lo = 9.0, hi = 9.0;

    CU_ASSERT_EQUAL(calc_conformal_jackknife(x, 3, 0.2, scratch, &lo, &hi), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(calc_conformal_jackknife(x, 1, 0.5, scratch, &lo, &hi), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(calc_conformal_jackknife(x, 3, 1.0, scratch, &lo, &hi), CALC_DOMAIN);
    CU_ASSERT_EQUAL(lo, 9.0);
    CU_ASSERT_EQUAL(calc_conformal_jackknife(x, 3, 0.5, scratch, &lo, &hi), CALC_OK);
    CU_ASSERT(fabs(lo - 0.1) < 1e-15);
    CU_ASSERT(fabs(hi - 0.7) < 1e-15);
}

/* Bin 0 has 4 rows (enough for 0.2), bin 1 two: it shares the pooled quantile of 6 rows (k = 6),
 * bin 2 none. */
static void test_mondrian(void)
{
    struct calc_conformal_row r[] = {{1, 0.9}, {0, 0.2}, {0, 0.4}, {1, 0.05}, {0, 0.1}, {0, 0.3}};
    struct calc_conformal_group bins[3], all;
    double scratch[6];

    CU_ASSERT_EQUAL(calc_conformal_mondrian(r, 6, 0.2, scratch, bins, 3, &all), CALC_OK);
    CU_ASSERT_EQUAL(all.q, 0.9);
    CU_ASSERT_EQUAL(all.method, CALC_CONFORMAL_POOLED);
    CU_ASSERT_EQUAL(all.coverage, 1.0);
    CU_ASSERT_EQUAL(bins[0].method, CALC_CONFORMAL_BIN);
    CU_ASSERT_EQUAL(bins[0].q, 0.4);
    CU_ASSERT_EQUAL(bins[1].method, CALC_CONFORMAL_POOLED);
    CU_ASSERT_EQUAL(bins[1].q, 0.9);
    CU_ASSERT_EQUAL(bins[2].n, 0);
    CU_ASSERT_EQUAL(bins[2].q, 0.9);
    CU_ASSERT_EQUAL(calc_conformal_mondrian(r, 3, 0.2, scratch, bins, 3, &all), CALC_OK);
    CU_ASSERT_EQUAL(bins[0].method, CALC_CONFORMAL_NONE);
    CU_ASSERT_EQUAL(calc_conformal_mondrian(r, 6, 0.2, scratch, bins, 1, &all), CALC_DOMAIN);
    r[2].score = -0.1;
    CU_ASSERT_EQUAL(calc_conformal_mondrian(r, 6, 0.2, scratch, bins, 3, &all), CALC_DOMAIN);
    r[2].score = INFINITY;
    CU_ASSERT_EQUAL(calc_conformal_mondrian(r, 6, 0.2, scratch, bins, 3, &all), CALC_DOMAIN);
}

/* finite also where the ratio of the numbers is not */
static void test_log_ratio(void)
{
    CU_ASSERT(golden_close(calc_conformal_log_ratio(200, 150), log(0.75), 1e-15));
    CU_ASSERT(golden_close(calc_conformal_log_ratio(1e-300, 1e300), 600.0 * log(10.0), 1e-14));
    CU_ASSERT(golden_close(calc_conformal_log_ratio(1e300, 1e-300), -600.0 * log(10.0), 1e-14));
}

/*
 * With continuous scores the coverage of later rows is Beta(k, n + 1 - k): mean k/(n + 1) = 0.9 and
 * variance 0.9 * 0.1/51 at n = 49. The mean of 4,000 repetitions has a standard error of 0.00066;
 * the bound is four of them.
 */
static void test_coverage_simulated(void)
{
    unsigned long long seed = 20240917;
    double sum = 0.0, s[49], q;

    for (int rep = 0; rep < 4000; rep++) {
        for (size_t i = 0; i < 49; i++)
            s[i] = fabs(golden_normal(&seed));
        calc_conformal_quantile(s, 49, 0.1, &q);
        sum += erf(q / sqrt(2.0)); /* exact coverage of a standard normal residual */
    }
    CU_ASSERT(fabs(sum / 4000.0 - 0.9) < 0.0027);
}

static size_t cf_load(char mode[][16], double *p, double *a)
{
    FILE *f = golden_open("numerics/t1_nasa93_cocomo81.csv");
    char line[256];
    size_t n = 0;

    if (f == NULL)
        return 0;
    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "%*[^,],%15[^,],%*[^,],%*d,%*f,%lf,%lf", mode[n], &p[n], &a[n]) == 3)
            n++;
    fclose(f);
    return n;
}

static void test_golden(void)
{
    static const char *const alphas[] = {"0.05", "0.1", "0.2", "0.3"};
    static const char *const modes[] = {"embedded", "organic", "semidetached"};
    struct json_object *all = golden_load("numerics/expected.json");
    char mode[CF_ROWS][16];
    double p[CF_ROWS], a[CF_ROWS], x[CF_ROWS], scratch[2 * CF_ROWS], lo, hi;
    size_t n = cf_load(mode, p, a);

    if (all == NULL || n == 0)
        return;
    CU_ASSERT_EQUAL(n, 93);
    for (size_t i = 0; i < 4; i++) {
        struct json_object *by = golden_at(all, "t1_nasa93_cocomo81/by_alpha");
        struct json_object *want = golden_at(by, alphas[i]);
        struct json_object *jack = golden_at(want, "jackknife_plus");
        struct calc_conformal_row rows[CF_ROWS];
        struct calc_conformal_group bins[3], pooled;
        size_t k;
        double alpha = strtod(alphas[i], NULL);

        for (size_t j = 0; j < n; j++) {
            size_t b = 0;

            x[j] = calc_conformal_log_ratio(p[j], a[j]);
            while (strcmp(modes[b], mode[j]) != 0)
                b++;
            rows[j] = (struct calc_conformal_row){b, fabs(x[j])};
        }
        CU_ASSERT_EQUAL(calc_conformal_jackknife(x, n, alpha, scratch, &lo, &hi), CALC_OK);
        CU_ASSERT(golden_close(lo, golden_item(jack, 0), 1e-12));
        CU_ASSERT(golden_close(hi, golden_item(jack, 1), 1e-12));
        CU_ASSERT_EQUAL(calc_conformal_asymmetric(x, n, alpha, &lo, &hi), CALC_OK);
        CU_ASSERT(golden_close(lo, golden_num(want, "asym_lo"), 1e-12));
        CU_ASSERT(golden_close(hi, golden_num(want, "asym_hi"), 1e-12));
        CU_ASSERT_EQUAL(calc_conformal_rank(n, alpha, &k), CALC_OK);
        CU_ASSERT_EQUAL(k, (size_t)golden_num(want, "k"));
        CU_ASSERT_EQUAL(calc_conformal_mondrian(rows, n, alpha, scratch, bins, 3, &pooled),
                        CALC_OK);
        CU_ASSERT(golden_close(pooled.q, golden_num(want, "q_alpha"), 1e-12));
        CU_ASSERT(golden_close(pooled.coverage, golden_num(want, "observed_coverage"), 1e-15));
        for (size_t b = 0; b < 3; b++) {
            struct json_object *bin = golden_at(golden_at(want, "mondrian"), modes[b]);
            bool own = golden_at(bin, "k") != NULL;

            CU_ASSERT_EQUAL(bins[b].n, (size_t)golden_num(bin, "n"));
            CU_ASSERT_EQUAL(bins[b].method, own ? CALC_CONFORMAL_BIN : CALC_CONFORMAL_POOLED);
            CU_ASSERT(golden_close(bins[b].q, own ? golden_num(bin, "q_alpha") : pooled.q, 1e-12));
        }
    }
    json_object_put(all);
}

void suite_calc_conformal(void)
{
    CU_pSuite s = CU_add_suite("calc_conformal", NULL, NULL);

    CU_ADD_TEST(s, test_rank_vectors);
    CU_ADD_TEST(s, test_rank_exact);
    CU_ADD_TEST(s, test_min_rows);
    CU_ADD_TEST(s, test_quantile);
    CU_ADD_TEST(s, test_selected_as_sorted);
    CU_ADD_TEST(s, test_jackknife);
    CU_ADD_TEST(s, test_mondrian);
    CU_ADD_TEST(s, test_log_ratio);
    CU_ADD_TEST(s, test_coverage_simulated);
    CU_ADD_TEST(s, test_golden);
}
