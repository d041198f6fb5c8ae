/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_policy.c: conditional logit and machine-choice policies */
#include "calc_logit.h"
#include "calc_policy.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_policy(void);

enum { POL_SETS = 900, POL_WIDTH = 5, POL_MAX_FEATURES = 8 };

static struct {
    double x[POL_SETS][POL_WIDTH][POL_MAX_FEATURES];
    struct calc_policy_candidate c[POL_SETS][POL_WIDTH];
    struct calc_policy_set set[POL_SETS], shuffled[POL_SETS];
    struct calc_policy_candidate back[POL_SETS][POL_WIDTH];
    size_t start[POL_SETS + 1], chosen[POL_SETS];
    double flat[POL_SETS * POL_WIDTH * POL_MAX_FEATURES];
    _Alignas(16) char scratch[1 << 20];
} pd;

static const char *const pol_names[POL_WIDTH] = {"m-a", "m-b", "m-c", "m-d", "m-e"};

/* One set, two alternatives, one feature that differs by d: P = 1/(1 + e^(-beta d)). With n sets of
 * which s take the larger one the maximum is beta = ln(s/(n - s))/d, var = n/(s(n - s) d^2). */
static void test_logit_hand(void)
{
    const double x[] = {0.3, 2.8, 0.3, 2.8, 0.3, 2.8, 0.3, 2.8};
    const size_t start[] = {0, 2, 4, 6, 8}, chosen[] = {1, 3, 4, 7}, all[] = {1, 3, 5, 7};
    const size_t outside[] = {1, 3, 6, 7};
    const double same[8] = {1, 1, 1, 1, 1, 1, 1, 1}, nan_x[8] = {NAN};
    struct calc_logit_data d = {4, 1, start, chosen, x};
    struct calc_logit_fit fit = {.iterations = -1};
    double scratch[32], beta = -9.0, se = -9.0;

    CU_ASSERT_FATAL(calc_logit_scratch(1, 2) <= 32);
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.0, scratch, &beta, &se, &fit), CALC_OK);
    CU_ASSERT(golden_close(beta, log(3.0) / 2.5, 1e-13));
    CU_ASSERT(golden_close(se, sqrt(4.0 / 3.0) / 2.5, 1e-12));
    CU_ASSERT(golden_close(fit.loglik, 3.0 * log(0.75) + log(0.25), 1e-14));
    d.chosen = all;
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.0, scratch, &beta, &se, &fit), CALC_NOT_CONVERGED);
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.004, scratch, &beta, &se, &fit), CALC_OK);
    /* the ridge's own condition: 4 d P(not taken) = ridge * beta */
    CU_ASSERT(golden_close(4.0 * 2.5 / (1.0 + exp(beta * 2.5)), 0.004 * beta, 1e-9));
    d.chosen = outside;
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.0, scratch, &beta, &se, &fit), CALC_DOMAIN);
    d.chosen = chosen;
    d.x = nan_x;
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.0, scratch, &beta, &se, &fit), CALC_DOMAIN);
    d.x = same;
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.0, scratch, &beta, &se, &fit), CALC_SINGULAR);
    CU_ASSERT_EQUAL(calc_logit_fit(&d, -1.0, scratch, &beta, &se, &fit), CALC_DOMAIN);
    d.n_sets = 0;
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.0, scratch, &beta, &se, &fit), CALC_SIZE);
}

/* Quasi-separation: the first feature predicts two of three sets and ties in the third. */
static void test_logit_separated(void)
{
    const double x[] = {0, 0.2, 1, 0.9, 0, 0.7, 1, 0.1, 1, 0.4, 1, 0.6, 1, 0.3, 1, 0.5};
    const size_t start[] = {0, 2, 4, 6, 8}, chosen[] = {1, 3, 4, 7};
    struct calc_logit_data d = {4, 2, start, chosen, x};
    struct calc_logit_fit fit;
    double scratch[64], beta[2];

    CU_ASSERT_FATAL(calc_logit_scratch(2, 2) <= 64);
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.0, scratch, beta, NULL, &fit), CALC_NOT_CONVERGED);
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.004, scratch, beta, NULL, &fit), CALC_OK);
}

/* Costs 10, 30, 20 and hours 4, 1, missing: z = (0, 1, 0.5) and (1, 0, 1). */
static void test_choose(void)
{
    const double fa[] = {10, 4}, fb[] = {30, 1}, fc[] = {20, NAN}, inf[] = {10, INFINITY};
    struct calc_policy_candidate c[] = {
        {{"m-a", 3}, 5, fa}, {{"m-b", 3}, 5, fb}, {{"m-c", 3}, 2, fc}};
    double z[6], s[3], w[] = {0.75, 0.25};
    const double want[] = {0, 1, 1, 0, 0.5, 1};
    size_t best = 99;

    CU_ASSERT_EQUAL(calc_policy_normalise(c, 3, 2, z), CALC_OK);
    for (size_t i = 0; i < 6; i++)
        CU_ASSERT_EQUAL(z[i], want[i]);
    CU_ASSERT_EQUAL(calc_policy_choose(c, 3, 2, w, s, &best), CALC_OK);
    CU_ASSERT_EQUAL(best, 0);
    CU_ASSERT_EQUAL(s[0], 0.25);
    CU_ASSERT_EQUAL(s[1], 0.75);
    CU_ASSERT_EQUAL(s[2], 0.625);
    w[0] = w[1] = 0.5; /* a and b tie at 0.5: same priority, smaller name */
    CU_ASSERT_EQUAL(calc_policy_choose(c, 3, 2, w, s, &best), CALC_OK);
    CU_ASSERT_EQUAL(best, 0);
    c[1].fleet_priority = 4; /* lower priority number first */
    CU_ASSERT_EQUAL(calc_policy_choose(c, 3, 2, w, s, &best), CALC_OK);
    CU_ASSERT_EQUAL(best, 1);
    w[0] = w[1] = 0.0; /* all tie */
    CU_ASSERT_EQUAL(calc_policy_choose(c, 3, 2, w, s, &best), CALC_OK);
    CU_ASSERT_EQUAL(best, 2);
    w[1] = -0.1;
    CU_ASSERT_EQUAL(calc_policy_choose(c, 3, 2, w, s, &best), CALC_DOMAIN);
    w[1] = 0.5;
    c[2].features = inf;
    CU_ASSERT_EQUAL(calc_policy_choose(c, 3, 2, w, s, &best), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_policy_normalise(c, 3, 2, z), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_policy_choose(c, 0, 2, w, s, &best), CALC_SIZE);
    CU_ASSERT_EQUAL(best, 2);
}

/* n sets of four machines and k features; the shop follows `truth`, but takes any machine in one
 * set out of ten. */
static void pol_make(size_t n, size_t k, const double *truth, unsigned long long seed)
{
    for (size_t i = 0; i < n; i++) {
        double s[4];

        for (size_t j = 0; j < 4; j++) {
            for (size_t f = 0; f < k; f++)
                pd.x[i][j][f] = 10.0 + 90.0 * golden_uniform(&seed);
            pd.c[i][j] = (struct calc_policy_candidate){{pol_names[j], 3}, (double)j, pd.x[i][j]};
        }
        pd.set[i] = (struct calc_policy_set){pd.c[i], 4, 0};
        calc_policy_choose(pd.c[i], 4, k, truth, s, &pd.set[i].chosen);
        if (golden_uniform(&seed) < 0.1)
            pd.set[i].chosen = (size_t)(golden_uniform(&seed) * 4.0);
    }
}

static struct calc_policy_fit pol_fit(const struct calc_policy_set *sets, size_t n, size_t k,
                                      const double *seed, double *weights)
{
    const struct calc_policy_options o = {.holdout_pct = 0.2, .salt = {"env", 3}};
    struct calc_policy_fit f = {0};

    CU_ASSERT_FATAL(calc_policy_scratch(sets, n, k) <= sizeof pd.scratch);
    CU_ASSERT_EQUAL(calc_policy_fit(sets, n, k, seed, &o, pd.scratch, weights, &f), CALC_OK);
    return f;
}

static void test_fit_recovers(void)
{
    const double truth[] = {0.2, 0.5, 0.3}, seed[] = {1, 0, 1};
    struct calc_policy_fit f;
    double w[3];

    pol_make(400, 3, truth, 12);
    f = pol_fit(pd.set, 400, 3, seed, w);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT(fabs(w[i] - truth[i]) < 0.07);
    CU_ASSERT(fabs(w[0] + w[1] + w[2] - 1.0) < 1e-12);
    CU_ASSERT(f.improved);
    CU_ASSERT(f.fitted_accuracy > f.seed_accuracy + 0.2);
    CU_ASSERT(f.holdout_accuracy > 0.8); /* 0.925 is the ceiling of the noise */
    CU_ASSERT_EQUAL(f.n_train + f.n_holdout, 400);
    CU_ASSERT_EQUAL(f.n_holdout, 80);
    CU_ASSERT(f.logit_used);
    CU_ASSERT_EQUAL(f.grid_size, 232); /* C(22, 2) = 231 with the seed among them, and the logit */
}

static void test_fit_keeps_seed(void)
{
    const double truth[] = {0.5, 0.5};
    struct calc_policy_fit f;
    double w[2];

    pol_make(60, 2, truth, 13);
    for (size_t i = 0; i < 60; i++) /* no noise: nothing beats the seed */
        calc_policy_choose(pd.c[i], 4, 2, truth, (double[4]){0}, &pd.set[i].chosen);
    f = pol_fit(pd.set, 60, 2, truth, w);
    CU_ASSERT_FALSE(f.improved);
    CU_ASSERT_EQUAL(f.seed_accuracy, 1.0);
    CU_ASSERT_EQUAL(f.fitted_accuracy, 1.0);
    CU_ASSERT_EQUAL(f.holdout_accuracy, 1.0);
}

static void test_fit_order(void)
{
    const double truth[] = {0.1, 0.2, 0.3, 0.4}, seed[] = {1, 1, 1, 1};
    struct calc_policy_fit a, b;
    double wa[4], wb[4];

    pol_make(120, 4, truth, 14);
    pd.x[3][1][2] = NAN;
    a = pol_fit(pd.set, 120, 4, seed, wa);
    for (size_t i = 0; i < 120; i++) { /* sets by 7 i mod 120, candidates backwards */
        const struct calc_policy_set *s = &pd.set[i * 7 % 120];

        for (size_t j = 0; j < 4; j++)
            pd.back[i][3 - j] = s->candidates[j];
        pd.shuffled[i] = (struct calc_policy_set){pd.back[i], 4, 3 - s->chosen};
    }
    b = pol_fit(pd.shuffled, 120, 4, seed, wb);
    CU_ASSERT_EQUAL(memcmp(wa, wb, sizeof wa), 0);
    CU_ASSERT_EQUAL(a.holdout_accuracy, b.holdout_accuracy);
    CU_ASSERT_EQUAL(a.fitted_accuracy, b.fitted_accuracy);
    CU_ASSERT_EQUAL(a.n_holdout, b.n_holdout);
    CU_ASSERT_EQUAL(a.grid_size, b.grid_size);
}

/* Eight features: sweeps instead of a grid. */
static void test_fit_sweeps(void)
{
    const double truth[] = {0, 0.6, 0, 0, 0.4, 0, 0, 0}, seed[] = {1, 0, 0, 0, 0, 0, 0, 1};
    struct calc_policy_fit f;
    double w[8], total = 0.0;

    pol_make(200, 8, truth, 15);
    f = pol_fit(pd.set, 200, 8, seed, w);
    for (size_t i = 0; i < 8; i++)
        total += w[i];
    CU_ASSERT(fabs(total - 1.0) < 1e-12);
    CU_ASSERT(w[1] + w[4] > 0.8);
    CU_ASSERT(f.improved);
    CU_ASSERT(f.holdout_accuracy > 0.7);
    CU_ASSERT(f.grid_size > 50 && f.grid_size <= 450);
}

static void test_fit_statuses(void)
{
    const double truth[] = {0.5, 0.5}, zero[] = {0, 0}, bad[] = {1, NAN};
    struct calc_policy_options o = {.holdout_pct = 0.2};
    struct calc_policy_fit f = {.samples = 31};
    double w[2];

    pol_make(10, 2, truth, 16);
    pd.set[0].n = 1;
    pd.set[0].chosen = 0;
    pd.set[1].chosen = 4;
    f = pol_fit(pd.set, 10, 2, truth, w);
    CU_ASSERT_EQUAL(f.samples, 10);
    CU_ASSERT_EQUAL(f.samples_applied, 8);
    CU_ASSERT_EQUAL(f.dropped_single, 1);
    CU_ASSERT_EQUAL(f.dropped_absent, 1);
    CU_ASSERT_EQUAL(calc_policy_fit(pd.set, 2, 2, truth, &o, pd.scratch, w, &f), CALC_SIZE);
    CU_ASSERT_EQUAL(f.samples, 2);
    CU_ASSERT_EQUAL(f.samples_applied, 0);
    CU_ASSERT_EQUAL(f.dropped_single, 1);
    CU_ASSERT_EQUAL(f.dropped_absent, 1);
    CU_ASSERT_EQUAL(calc_policy_fit(pd.set, 10, 0, truth, &o, pd.scratch, w, &f), CALC_SIZE);
    f.samples = 31;
    CU_ASSERT_EQUAL(calc_policy_fit(pd.set, 10, 2, zero, &o, pd.scratch, w, &f), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_policy_fit(pd.set, 10, 2, bad, &o, pd.scratch, w, &f), CALC_DOMAIN);
    o.holdout_pct = 1.0;
    CU_ASSERT_EQUAL(calc_policy_fit(pd.set, 10, 2, truth, &o, pd.scratch, w, &f), CALC_DOMAIN);
    o.holdout_pct = 0.2;
    pd.x[5][2][1] = INFINITY;
    CU_ASSERT_EQUAL(calc_policy_fit(pd.set, 10, 2, truth, &o, pd.scratch, w, &f), CALC_DOMAIN);
    CU_ASSERT_EQUAL(f.samples, 31);
    pol_make(1, 1, truth, 17); /* one row, one feature: nothing to choose between */
    f = pol_fit(pd.set, 1, 1, truth, w);
    CU_ASSERT_EQUAL(f.n_train, 1);
    CU_ASSERT_EQUAL(f.n_holdout, 0);
    CU_ASSERT_EQUAL(f.grid_size, 1);
    CU_ASSERT_EQUAL(w[0], 1.0);
}

static bool pol_load_heating(void)
{
    FILE *f = golden_open("numerics/t5_heating_choice.csv");
    char line[128];
    size_t n = 0;

    if (f == NULL)
        return false;
    while (fgets(line, sizeof line, f) != NULL) {
        int row, taken;
        double ic, oc;
        char name[8];
        size_t i = n / POL_WIDTH, j = n % POL_WIDTH;

        if (sscanf(line, "%d,%7[^,],%d,%lf,%lf", &row, name, &taken, &ic, &oc) != 5)
            continue;
        pd.flat[2 * n] = pd.x[i][j][0] = ic;
        pd.flat[2 * n + 1] = pd.x[i][j][1] = oc;
        pd.c[i][j] = (struct calc_policy_candidate){{pol_names[j], 3}, 0, pd.x[i][j]};
        if (taken) {
            pd.set[i] = (struct calc_policy_set){pd.c[i], POL_WIDTH, j};
            pd.chosen[i] = n;
        }
        pd.start[i + 1] = ++n;
    }
    fclose(f);
    CU_ASSERT_EQUAL(n, (size_t)POL_SETS * POL_WIDTH);
    return true;
}

/* Train's heating data: mlogit's published coefficients and an independent policy grid. */
static void test_golden(void)
{
    struct json_object *all = golden_load("numerics/expected.json");
    struct calc_logit_data d = {POL_SETS, 2, pd.start, pd.chosen, pd.flat};
    struct calc_policy_options o = {.grid = 10};
    struct calc_logit_fit fit;
    struct calc_policy_fit p;
    double scratch[64], beta[2], se[2], w[2];
    const double seed[] = {0.5, 0.5};
    struct json_object *ref, *grid;

    if (all == NULL || !pol_load_heating())
        return;
    ref = golden_at(all, "t5_heating/ref");
    CU_ASSERT_EQUAL(calc_logit_fit(&d, 0.0, scratch, beta, se, &fit), CALC_OK);
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT(golden_close(beta[i], golden_item(golden_at(ref, "beta"), i), 1e-11));
        CU_ASSERT(golden_close(se[i], golden_item(golden_at(ref, "se"), i), 1e-9));
    }
    CU_ASSERT(golden_close(fit.loglik, golden_num(ref, "loglik"), 1e-12));
    grid = golden_at(ref, "policy_grid_all_rows");
    CU_ASSERT_FATAL(calc_policy_scratch(pd.set, POL_SETS, 2) <= sizeof pd.scratch);
    CU_ASSERT_EQUAL(calc_policy_fit(pd.set, POL_SETS, 2, seed, &o, pd.scratch, w, &p), CALC_OK);
    CU_ASSERT_EQUAL(p.n_holdout, 0);
    CU_ASSERT_EQUAL(p.seed_accuracy, golden_num(grid, "seed_accuracy"));
    CU_ASSERT_EQUAL(p.grid_size, (size_t)golden_num(grid, "grid_size") + 1); /* and the logit */
    CU_ASSERT(p.fitted_accuracy >= golden_num(grid, "fitted_accuracy"));
    for (size_t g = 0; g <= 10; g++) { /* the grid alone, as in the reference */
        double gw[] = {(double)g / 10.0, 1.0 - (double)g / 10.0}, s[POL_WIDTH];
        size_t hits = 0, best = 0;

        for (size_t i = 0; i < POL_SETS; i++) {
            calc_policy_choose(pd.c[i], POL_WIDTH, 2, gw, s, &best);
            hits += best == pd.set[i].chosen;
        }
        CU_ASSERT((double)hits / POL_SETS <= golden_num(grid, "fitted_accuracy"));
        if (g == 6)
            CU_ASSERT_EQUAL((double)hits / POL_SETS, golden_num(grid, "fitted_accuracy"));
    }
    json_object_put(all);
}

void suite_calc_policy(void)
{
    CU_pSuite s = CU_add_suite("calc_policy", NULL, NULL);

    CU_ADD_TEST(s, test_logit_hand);
    CU_ADD_TEST(s, test_logit_separated);
    CU_ADD_TEST(s, test_choose);
    CU_ADD_TEST(s, test_fit_recovers);
    CU_ADD_TEST(s, test_fit_keeps_seed);
    CU_ADD_TEST(s, test_fit_order);
    CU_ADD_TEST(s, test_fit_sweeps);
    CU_ADD_TEST(s, test_fit_statuses);
    CU_ADD_TEST(s, test_golden);
}
