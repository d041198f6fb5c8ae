/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_bias.c: shrinkage of bias factors, and the group means underneath */
#include "calc_bias.h"
#include "calc_pool.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_bias(void);

enum { BIAS_ROWS = 100, BIAS_BINS = 8 };

static double bias_scratch[3 * BIAS_ROWS];

/* Two groups: Q(t) = d^2/(v1 + v2 + 2t) = 1, so tau2 = (d^2 - v1 - v2)/2. */
static void test_tau2(void)
{
    const double y[] = {0.2, 1.7}, v[] = {0.1, 0.35}, same[] = {0.5, 0.5};
    double t = -1.0;

    CU_ASSERT_EQUAL(calc_pool_tau2(y, v, 2, &t), CALC_OK);
    CU_ASSERT(golden_close(t, (2.25 - 0.45) / 2.0, 1e-13));
    CU_ASSERT_EQUAL(calc_pool_tau2(same, v, 2, &t), CALC_OK);
    CU_ASSERT_EQUAL(t, 0.0);
    for (int i = 1; i <= 200; i++) { /* (w y)/w is y or a neighbour of it */
        const double one = log(1.0 + i / 173.0), own = 0.0625 / i;

        t = -1.0;
        CU_ASSERT_EQUAL(calc_pool_tau2(&one, &own, 1, &t), CALC_OK);
        CU_ASSERT_EQUAL(t, 0.0);
    }
    t = -1.0;
    CU_ASSERT_EQUAL(calc_pool_tau2(y, v, 0, &t), CALC_SIZE);
    CU_ASSERT_EQUAL(calc_pool_tau2(y, (const double[]){0.1, 0.0}, 2, &t), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_pool_tau2((const double[]){NAN, 0.0}, v, 2, &t), CALC_DOMAIN);
    CU_ASSERT_EQUAL(t, -1.0);
}

static void test_mean_theta(void)
{
    const double y[] = {0.2, 1.7}, v[] = {0.25, 0.5};
    struct calc_pool_mean m;
    struct calc_pool_theta t;

    /* weights 4 and 2, prior precision 4: mu = (0.8 + 3.4)/10, var = 1/10 */
    CU_ASSERT_EQUAL(calc_pool_mean(y, v, 2, 0.0, 4.0, &m), CALC_OK);
    CU_ASSERT(golden_close(m.mu, 0.42, 1e-15));
    CU_ASSERT(golden_close(m.var, 0.1, 1e-15));
    /* tau2 0.75: B = 0.25, theta = 0.42 + 0.75 * (0.2 - 0.42), var = 0.75 * 0.25 + 0.0625 * 0.1 */
    calc_pool_theta(0.2, 0.25, 0.75, &m, &t);
    CU_ASSERT(golden_close(t.shrink, 0.25, 1e-15));
    CU_ASSERT(golden_close(t.theta, 0.255, 1e-14));
    CU_ASSERT(golden_close(t.var, 0.19375, 1e-14));
    CU_ASSERT_EQUAL(calc_pool_mean(y, v, 0, 0.0, 0.0, &m), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(calc_pool_mean(y, v, 0, 0.0, 4.0, &m), CALC_OK);
    CU_ASSERT_EQUAL(m.mu, 0.0);
}

/* Scale 1, c = 1.345, x = 0, 0.1, 10: the far row pulls by c, so 2y - 0.1 = 1.345. Its weight is
 * 1.345/(10 - y). */
static void test_huber(void)
{
    const double x[] = {0.0, 0.1, 10.0};
    double w, y = calc_bias_huber(x, 3, 1.0, &w);

    CU_ASSERT(golden_close(y, 0.7225, 1e-11));
    CU_ASSERT(golden_close(w, 2.0 + 1.345 / (10.0 - 0.7225), 1e-11));
    CU_ASSERT_EQUAL(calc_bias_huber(x, 1, 1.0, NULL), 0.0);
}

/* One row: s = s0 = 0.25, v = 1/16, tau2 = 0, mu = theta = x * 16/(16 + 4). */
static void test_one_row(void)
{
    const double x = 0.75;
    const size_t start[] = {0, 1};
    struct calc_bias_bin b;
    struct calc_bias_model m;

    CU_ASSERT_EQUAL(calc_bias_fit(&x, start, 1, bias_scratch, &b, &m), CALC_OK);
    CU_ASSERT(golden_close(m.sigma_log, 0.25, 1e-15));
    CU_ASSERT(golden_close(m.mu, 0.6, 1e-14));
    CU_ASSERT(golden_close(b.theta, 0.6, 1e-14));
    CU_ASSERT(golden_close(b.theta_var, 0.05, 1e-14));
    CU_ASSERT_EQUAL(b.shrink, 1.0);
}

static void test_order_and_status(void)
{
    const double a[] = {0.3, 0.11, -0.07, 0.52, 0.9, 0.41};
    const double b[] = {-0.07, 0.3, 0.11, 0.41, 0.52, 0.9};
    const double bad[] = {0.3, INFINITY, 0.1};
    const size_t start[] = {0, 3, 6}, empty[] = {0, 3, 3};
    struct calc_bias_bin ba[2], bb[2];
    struct calc_bias_model ma, mb;

    CU_ASSERT_EQUAL(calc_bias_fit(a, start, 2, bias_scratch, ba, &ma), CALC_OK);
    CU_ASSERT_EQUAL(calc_bias_fit(b, start, 2, bias_scratch, bb, &mb), CALC_OK);
    CU_ASSERT_EQUAL(memcmp(ba, bb, sizeof ba), 0);
    CU_ASSERT_EQUAL(memcmp(&ma, &mb, sizeof ma), 0);
    CU_ASSERT(ba[0].theta > ba[0].raw && ba[1].theta < ba[1].raw);
    CU_ASSERT_EQUAL(calc_bias_fit(a, empty, 2, bias_scratch, ba, &ma), CALC_SIZE);
    CU_ASSERT_EQUAL(calc_bias_fit(a, start, 0, bias_scratch, ba, &ma), CALC_SIZE);
    CU_ASSERT_EQUAL(calc_bias_fit(bad, start, 1, bias_scratch, ba, &ma), CALC_DOMAIN);
    CU_ASSERT_EQUAL(memcmp(&ma, &mb, sizeof ma), 0);
}

static void bias_check_pool(const double *y, const double *v, size_t n, struct json_object *want,
                            double prior, double tau2)
{
    struct json_object *theta = golden_at(want, "theta");
    struct json_object *sd = golden_at(want, "sd");
    struct calc_pool_mean m;

    CU_ASSERT_EQUAL(calc_pool_mean(y, v, n, tau2, prior, &m), CALC_OK);
    CU_ASSERT(golden_close(m.mu, golden_num(want, "mu"), 1e-10));
    for (size_t i = 0; i < n; i++) {
        struct calc_pool_theta t;

        calc_pool_theta(y[i], v[i], tau2, &m, &t);
        CU_ASSERT(golden_close(t.theta, golden_item(theta, i), 1e-9));
        CU_ASSERT(golden_close(sqrt(t.var), golden_item(sd, i), 1e-10));
    }
}

/* Colditz et al. 1994, against metafor. */
static void test_golden_bcg(void)
{
    struct json_object *all = golden_load("numerics/expected.json");
    FILE *f = golden_open("numerics/t2_bcg_colditz1994.csv");
    struct json_object *ref;
    double y[20], v[20], tau2 = -1.0;
    char line[256];
    size_t n = 0;

    if (all == NULL || f == NULL)
        return;
    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "%*d,%*d,%*d,%*d,%*d,%lf,%lf", &y[n], &v[n]) == 2)
            n++;
    fclose(f);
    CU_ASSERT_EQUAL(n, 13);
    ref = golden_at(all, "t2_bcg_colditz1994/ref");
    CU_ASSERT_EQUAL(calc_pool_tau2(y, v, n, &tau2), CALC_OK);
    CU_ASSERT(golden_close(tau2, golden_num(ref, "PM/tau2"), 1e-11));
    bias_check_pool(y, v, n, golden_at(ref, "PM"), 0.0, tau2);
    bias_check_pool(y, v, n, golden_at(ref, "DL"), 0.0, golden_num(ref, "DL/tau2"));
    bias_check_pool(y, v, n, golden_at(ref, "spec_posterior_w0_0.5"), 4.0, tau2);
    json_object_put(all);
}

static void test_golden_nasa(void)
{
    static const char *const names[] = {"center1", "center2", "center3", "center5", "center6"};
    struct json_object *all = golden_load("numerics/expected.json");
    FILE *f = golden_open("numerics/t1_nasa93_cocomo81.csv");
    double x[BIAS_ROWS], row_x[BIAS_ROWS];
    size_t bin[BIAS_ROWS], start[6] = {0}, n = 0, m = 0;
    struct calc_bias_bin b[5];
    struct calc_bias_model model;
    struct json_object *want;
    char line[256], center[16];
    double p, a;

    if (all == NULL || f == NULL)
        return;
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "%*[^,],%*[^,],%15[^,],%*d,%*f,%lf,%lf", center, &p, &a) != 3)
            continue;
        for (bin[n] = 0; strcmp(names[bin[n]], center) != 0; bin[n]++)
            ;
        row_x[n++] = log(a / p);
    }
    fclose(f);
    for (size_t k = 0; k < 5; k++) {
        for (size_t i = 0; i < n; i++)
            if (bin[i] == k)
                x[m++] = row_x[i];
        start[k + 1] = m;
    }
    want = golden_at(all, "t2_nasa93_bins_center");
    CU_ASSERT_FATAL(calc_bias_scratch(n, 5) <= 3 * BIAS_ROWS);
    CU_ASSERT_EQUAL(calc_bias_fit(x, start, 5, bias_scratch, b, &model), CALC_OK);
    CU_ASSERT(golden_close(model.sigma_log, golden_num(want, "sigma_log"), 1e-10));
    CU_ASSERT(golden_close(model.tau2, golden_num(want, "tau2"), 1e-9));
    CU_ASSERT(golden_close(model.mu, golden_num(want, "mu"), 1e-9));
    CU_ASSERT(golden_close(sqrt(model.mu_var), golden_num(want, "mu_sd"), 1e-9));
    CU_ASSERT(golden_close(exp(model.mu), golden_num(want, "pooled_multiplier"), 1e-9));
    for (size_t k = 0; k < 5; k++) {
        struct json_object *w = golden_at(golden_at(want, "bins"), names[k]);

        CU_ASSERT_EQUAL(b[k].n, (size_t)golden_num(w, "n"));
        CU_ASSERT(golden_close(b[k].raw, golden_num(w, "raw"), 1e-9));
        CU_ASSERT(golden_close(b[k].v, golden_num(w, "v"), 1e-9));
        CU_ASSERT(golden_close(b[k].shrink, golden_num(w, "shrink"), 1e-9));
        CU_ASSERT(golden_close(b[k].theta, golden_num(w, "theta"), 1e-9));
        CU_ASSERT(golden_close(sqrt(b[k].theta_var), golden_num(w, "sd"), 1e-9));
        CU_ASSERT(golden_close(exp(b[k].theta), golden_num(w, "multiplier"), 1e-9));
    }
    json_object_put(all);
}

/* Bins drawn from the model: the shrunk factors are closer to the truth than the raw ones.
 * tau = 0.15, s = 0.3, 5 rows per bin: v = 0.018, B = v/(v + tau^2) = 0.44, so with known variances
 * the squared error falls to 0.56 of the raw one; 0.7 is asserted. */
static void test_shrinkage_helps(void)
{
    unsigned long long seed = 77;
    double raw = 0.0, shrunk = 0.0;

    for (int rep = 0; rep < 200; rep++) {
        double x[150], truth[30], room[400];
        size_t start[31] = {0};
        struct calc_bias_bin b[30];
        struct calc_bias_model m;

        CU_ASSERT_FATAL(calc_bias_scratch(150, 30) <= 400);
        for (size_t k = 0; k < 30; k++) {
            truth[k] = 0.1 + 0.15 * golden_normal(&seed);
            for (size_t j = 0; j < 5; j++)
                x[5 * k + j] = truth[k] + 0.3 * golden_normal(&seed);
            start[k + 1] = 5 * k + 5;
        }
        CU_ASSERT_EQUAL_FATAL(calc_bias_fit(x, start, 30, room, b, &m), CALC_OK);
        for (size_t k = 0; k < 30; k++) {
            raw += (b[k].raw - truth[k]) * (b[k].raw - truth[k]);
            shrunk += (b[k].theta - truth[k]) * (b[k].theta - truth[k]);
        }
    }
    CU_ASSERT(shrunk < 0.7 * raw);
}

void suite_calc_bias(void)
{
    CU_pSuite s = CU_add_suite("calc_bias", NULL, NULL);

    CU_ADD_TEST(s, test_tau2);
    CU_ADD_TEST(s, test_mean_theta);
    CU_ADD_TEST(s, test_huber);
    CU_ADD_TEST(s, test_one_row);
    CU_ADD_TEST(s, test_order_and_status);
    CU_ADD_TEST(s, test_golden_bcg);
    CU_ADD_TEST(s, test_golden_nasa);
    CU_ADD_TEST(s, test_shrinkage_helps);
}
