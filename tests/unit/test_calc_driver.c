/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_driver.c: the driver posterior against vectors, a slow scalar path and its invariants
 */
#include "driver_case.h"
#include "driver_slow.h"

/* Few parts, each with any number of rows, in any number of bins, with any drivers: a fit touches
 * nothing but its arrays (a sanitizer sees that), and the order of the rows does not matter. */
static void test_shapes(void)
{
    enum { ROWS = 500, FITS = 150 };
    static const size_t lengths[] = {1, 2, 3, 5, 8, 17, 64, 100};
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    static struct calc_driver_row rows[ROWS];
    unsigned long long seed = 20261128;

    for (int f = 0; f < FITS; f++) {
        struct driver_case c, d;
        size_t n = 0, parts = 1 + (size_t)(golden_uniform(&seed) * 7);
        size_t bins = 1 + (size_t)(golden_uniform(&seed) * 4);
        unsigned drivers = (unsigned)(golden_uniform(&seed) * (CALC_DRIVER_MAX + 1));

        for (size_t p = 0; p < parts; p++) {
            size_t length = lengths[(size_t)(golden_uniform(&seed) * 8)];

            for (; length > 0 && n < ROWS; length--, n++) {
                struct calc_driver_row *row = &rows[n];

                *row = (struct calc_driver_row){
                    .part = driver_key(names[p]),
                    .bin = driver_key(names[(size_t)(golden_uniform(&seed) * (double)bins)]),
                    .predicted = 3 + golden_uniform(&seed),
                    .lot_size = 1 + (double)n,
                    .key = n + 1};
                for (unsigned k = 0; k < drivers; k++)
                    row->c[k] = exp(golden_normal(&seed));
                row->actual = (row->c[0] + 2 * row->c[1] + row->c[2] + row->c[3] + 3.1) *
                              exp(0.1 * golden_normal(&seed));
            }
        }
        CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows, n, 0.1), CALC_OK);
        driver_rows_shuffle(rows, n, seed);
        CU_ASSERT_EQUAL_FATAL(driver_case_run(&d, rows, n, 0.1), CALC_OK);
        CU_ASSERT_EQUAL_FATAL(c.record_size, d.record_size);
        CU_ASSERT_EQUAL(memcmp(c.record, d.record, c.record_size), 0);
        driver_case_clear(&c);
        driver_case_clear(&d);
    }
}

void suite_calc_driver(void);

/* Absolute on locations, deviations, scales and quantiles, relative on predictions. */
static const double tolerance = 1e-6;

/* Made by a seeded generator and answered by an independent implementation. */
static const struct {
    const char *name;
    double rounds; /* tolerance of `iterations` */
} vectors[] = {
    {"v1_ladders", 1},
    {"v2_outliers_singletons", 1},
    {"v3_few_rows", 1},
    {"v4_four_drivers", 1},
    /* The answer has two more rounds, in which rounding of Q made it refuse a step of 1e-10. */
    {"v5_line_search", 2},
    {"v6_identity", 1},
    {"v7_big_bins", 1},
    {"v8_totals", 1},
};

static void near(const char *where, const char *what, double got, double want)
{
    bool ok = fabs(got - want) <= tolerance;

    if (!ok)
        printf("%s: %s is %.12g, expected %.12g\n", where, what, got, want);
    CU_ASSERT(ok);
}

static void same(const char *where, const char *what, const char *got, struct json_object *want)
{
    bool ok = strcmp(got, json_object_get_string(want)) == 0;

    if (!ok)
        printf("%s: %s is %s, expected %s\n", where, what, got, json_object_get_string(want));
    CU_ASSERT(ok);
}

static void check_effect(const char *where, const struct calc_driver_view *view,
                         enum calc_driver_level level, size_t index, struct json_object *want)
{
    for (unsigned k = 0; k < view->k; k++) {
        struct calc_driver_effect e = calc_driver_effect(view, level, index, k);
        struct json_object *d = golden_at(want, calc_driver_name_text(view->driver[k]));

        near(where, "theta", e.theta, golden_num(d, "theta"));
        near(where, "sd", e.sd, golden_num(d, "sd"));
        near(where, "multiplier", e.multiplier / golden_num(d, "multiplier"), 1.0);
        near(where, "lower", e.lower / golden_item(golden_at(d, "ci90"), 0), 1.0);
        near(where, "upper", e.upper / golden_item(golden_at(d, "ci90"), 1), 1.0);
        CU_ASSERT_EQUAL(e.has_informed, golden_at(d, "informed") != NULL);
        if (e.has_informed)
            near(where, "informed", e.informed, golden_num(d, "informed"));
    }
}

static void check_effects(const char *name, const struct calc_driver_view *view,
                          struct json_object *want)
{
    struct json_object *parts = golden_at(want, "parts");

    check_effect(name, view, CALC_DRIVER_ENVIRONMENT, 0, golden_at(want, "environment"));
    CU_ASSERT_EQUAL(view->n_units, json_object_array_length(parts));
    json_object_object_foreach(golden_at(want, "bins"), label, bin)
    {
        size_t b = 0;

        CU_ASSERT(calc_driver_find_bin(view, driver_key(label), &b));
        check_effect(name, view, CALC_DRIVER_IN_BIN, b, bin);
        CU_ASSERT_EQUAL(calc_driver_view_bin(view, b).n_rows, (size_t)golden_num(bin, "n_rows"));
        CU_ASSERT_EQUAL(calc_driver_view_bin(view, b).n_units, (size_t)golden_num(bin, "n_parts"));
    }
    for (size_t i = 0; i < json_object_array_length(parts); i++) {
        struct json_object *p = json_object_array_get_idx(parts, i);
        size_t b = 0, u = 0;

        CU_ASSERT(calc_driver_find_bin(
            view, driver_key(json_object_get_string(golden_at(p, "bin"))), &b));
        CU_ASSERT(calc_driver_find_unit(
            view, b, driver_key(json_object_get_string(golden_at(p, "part"))), &u));
        CU_ASSERT_EQUAL(u, i);
        CU_ASSERT_EQUAL(calc_driver_view_unit(view, u).n_rows, (size_t)golden_num(p, "n_rows"));
        check_effect(name, view, CALC_DRIVER_IN_PART, u, p);
    }
}

static void check_model(const char *name, double rounds, const struct calc_driver_fit *fit,
                        struct json_object *want)
{
    struct json_object *guard = golden_at(want, "guard");
    double iterations = golden_num(want, "iterations");

    same(name, "model", calc_driver_model_text(fit->model), golden_at(want, "model"));
    same(name, "best", calc_driver_model_text(fit->best), golden_at(want, "best"));
    CU_ASSERT_EQUAL(fit->k, json_object_array_length(golden_at(want, "drivers")));
    CU_ASSERT_EQUAL(fit->n_guard, json_object_array_length(guard));
    for (unsigned i = 0; i < fit->n_guard; i++) {
        struct json_object *g = json_object_array_get_idx(guard, i);

        same(name, "guard", calc_driver_model_text(fit->guard[i].model), golden_at(g, "model"));
        near(name, "score", fit->guard[i].score, golden_num(g, "score"));
        near(name, "deficit", fit->guard[i].deficit, golden_num(g, "deficit"));
        near(name, "guard se", fit->guard[i].se, golden_num(g, "se"));
    }
    near(name, "s", fit->s, golden_num(want, "sigma_log"));
    for (unsigned k = 0; k < fit->k; k++) {
        same(name, "driver", calc_driver_name_text(fit->driver[k]),
             json_object_array_get_idx(golden_at(want, "drivers"), k));
        near(name, "tau_bin", fit->tau_bin[k], golden_item(golden_at(want, "tau_bin"), k));
        near(name, "tau_part", fit->tau_part[k], golden_item(golden_at(want, "tau_part"), k));
    }
    CU_ASSERT(fabs(fit->iterations - iterations) <= rounds);
    CU_ASSERT_EQUAL(fit->active_posterior_count,
                    (size_t)golden_num(want, "active_posterior_count"));
}

static void check_conformal(const char *name, const struct calc_driver_view *view,
                            struct json_object *want)
{
    CU_ASSERT_EQUAL(view->n_groups, (size_t)json_object_object_length(want));
    for (size_t i = 0; i < view->n_groups; i++) {
        struct calc_driver_group g = calc_driver_view_group(view, i);
        struct json_object *w = NULL;
        char basis[64];

        calc_driver_basis(view, i, basis, sizeof basis);
        *strchrnul(basis, '/') = '\0';
        CU_ASSERT(json_object_object_get_ex(want, basis, &w));
        same(basis, "method", calc_driver_method_text(g.method), golden_at(w, "method"));
        CU_ASSERT_EQUAL(g.units, (size_t)golden_num(w, "units"));
        CU_ASSERT_EQUAL(g.n, (size_t)golden_num(w, "n"));
        CU_ASSERT_EQUAL(g.bounded, golden_at(w, "q") != NULL);
        if (g.bounded)
            near(name, "q", g.q, golden_num(w, "q"));
    }
}

static void check_metrics(const char *name, struct calc_driver_metrics m, struct json_object *want)
{
    CU_ASSERT_EQUAL(m.n, (size_t)golden_num(want, "n"));
    if (m.n == 0)
        return;
    near(name, "rmse", m.rmse_log, golden_num(want, "rmse_log"));
    near(name, "mape", m.mape, golden_num(want, "mape"));
    near(name, "median", m.median_ape, golden_num(want, "median_ape"));
}

static void check_gate(const char *name, const struct calc_driver_fit *fit,
                       struct json_object *want)
{
    size_t size = calc_driver_gate_size(fit->set);
    void *memory = malloc(size);
    struct calc_driver_gate g;

    CU_ASSERT_EQUAL(calc_driver_gate(fit, NULL, NULL, memory, size, &g), CALC_OK);
    same(name, "verdict", calc_driver_verdict_text(g.verdict), golden_at(want, "status"));
    CU_ASSERT_EQUAL(g.new_rows, (size_t)golden_num(want, "new_rows"));
    CU_ASSERT_EQUAL(g.units, (size_t)golden_num(want, "units"));
    near(name, "gain", g.gain, golden_num(want, "gain"));
    near(name, "gate se", g.se, golden_num(want, "se"));
    free(memory);
}

/* The answers name bin, part, lot size and group, in the order of the quotes. */
static void check_quotes(const char *name, const struct calc_driver_view *view,
                         struct json_object *want)
{
    struct driver_rows quotes;
    char file[80];

    snprintf(file, sizeof file, "driver/%s.quotes.csv", name);
    CU_ASSERT(driver_rows_load(&quotes, file));
    CU_ASSERT_EQUAL(quotes.n, json_object_array_length(want));
    for (size_t i = 0; i < quotes.n; i++) {
        struct json_object *w = json_object_array_get_idx(want, i);
        struct calc_driver_prediction p;
        struct calc_driver_site site;
        char basis[64];

        CU_ASSERT_EQUAL(calc_driver_predict(view, &quotes.row[i], &site, &p), CALC_OK);
        calc_driver_basis(view, site.group, basis, sizeof basis);
        if (calc_driver_view_group(view, site.group).kind == CALC_DRIVER_LABEL)
            *strchr(basis, ':') = '\0'; /* the answers name only the kind */
        *strchrnul(basis, '/') = '\0';
        same(name, "group", basis, golden_at(w, "group"));
        near(name, "predicted", exp(p.log_median) / golden_num(w, "predicted"), 1.0);
        near(name, "sigma", p.sigma, golden_num(w, "sigma"));
        CU_ASSERT_EQUAL(p.bounded, golden_at(w, "lo") != NULL);
        if (p.bounded) {
            near(name, "lower", exp(p.log_lower) / golden_num(w, "lo"), 1.0);
            near(name, "upper", exp(p.log_upper) / golden_num(w, "hi"), 1.0);
        }
    }
}

static void test_vectors(void)
{
    for (size_t v = 0; v < sizeof vectors / sizeof vectors[0]; v++) {
        struct driver_rows rows;
        struct json_object *want;
        struct driver_case c;
        char file[80];

        snprintf(file, sizeof file, "driver/%s.csv", vectors[v].name);
        if (!driver_rows_load(&rows, file))
            return;
        snprintf(file, sizeof file, "driver/%s.expected.json", vectors[v].name);
        want = golden_load(file);
        CU_ASSERT_FATAL(want != NULL);
        CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows.row, rows.n, golden_num(want, "alpha")),
                              CALC_OK);
        CU_ASSERT_EQUAL(c.set.n_rows, (size_t)golden_num(want, "n_rows"));
        CU_ASSERT_EQUAL(c.set.n_units, (size_t)golden_num(want, "n_parts"));
        CU_ASSERT_EQUAL(c.set.n_bins, (size_t)golden_num(want, "n_bins"));
        check_model(vectors[v].name, vectors[v].rounds, &c.fit, want);
        check_effects(vectors[v].name, &c.view, want);
        check_conformal(vectors[v].name, &c.view, golden_at(want, "conformal"));
        check_metrics(vectors[v].name, c.fit.seen_part, golden_at(want, "held_out/seen_part"));
        check_metrics(vectors[v].name, c.fit.unseen_part, golden_at(want, "held_out/unseen_part"));
        check_metrics(vectors[v].name, c.fit.unseen_bin, golden_at(want, "held_out/unseen_bin"));
        check_gate(vectors[v].name, &c.fit, golden_at(want, "gate"));
        check_quotes(vectors[v].name, &c.view, golden_at(want, "quotes"));
        driver_case_clear(&c);
        json_object_put(want);
    }
}

static void test_slow_path(void)
{
    struct calc_driver_row rows[SLOW_ROWS] = {0};
    struct driver_case c;
    struct slow z;

    for (int i = 0; i < SLOW_ROWS; i++) {
        rows[i].bin = driver_key(slow_rows[i].bin);
        rows[i].part = driver_key(slow_rows[i].part);
        rows[i].lot_size = i; /* keeps the order of the table */
        rows[i].predicted = slow_rows[i].predicted;
        rows[i].actual = slow_rows[i].actual;
    }
    slow_fit(&z);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows, SLOW_ROWS, 0.2), CALC_OK);
    CU_ASSERT_EQUAL(c.fit.model, CALC_DRIVER_BIAS);
    CU_ASSERT_EQUAL(c.fit.n_guard, 2);
    CU_ASSERT_EQUAL(c.fit.driver[0], CALC_DRIVER_TOTAL);
    near("slow", "s", c.fit.s, sqrt(z.s2));
    near("slow", "tau_bin", c.fit.tau_bin[0], sqrt(z.tb2));
    near("slow", "tau_part", c.fit.tau_part[0], sqrt(z.tp2));
    near("slow", "mu", c.fit.mu[0], z.mu);
    near("slow", "mu_var", c.fit.mu_var[0], z.mu_var);
    for (int b = 0; b < SLOW_BINS; b++) {
        near("slow", "theta", c.fit.theta[b], z.theta[b]);
        near("slow", "theta_var", c.fit.theta_var[b], z.theta_var[b]);
    }
    for (int p = 0; p < SLOW_PARTS; p++) {
        near("slow", "phi", c.fit.phi[p], z.phi[p]);
        near("slow", "phi_var", c.fit.phi_var[p], z.phi_var[p]);
        for (int i = slow_first[p]; i < slow_first[p + 1]; i++) {
            near("slow", "bin residual", c.fit.bin_r[i], z.x[i] - z.q[p]);
            near("slow", "bin sd", c.fit.bin_sd[i], sqrt(z.s2 + z.vq[p] + z.tp2));
            CU_ASSERT_EQUAL(c.fit.history[i], (uint32_t)(slow_first[p + 1] - slow_first[p] - 1));
            if (c.fit.history[i] > 0) {
                struct slow without = z;

                slow_local(&without, p, i);
                near("slow", "part residual", c.fit.part_r[i], z.x[i] - without.phi[p]);
                near("slow", "part sd", c.fit.part_sd[i], sqrt(z.s2 + without.phi_var[p]));
            }
        }
    }
    driver_case_clear(&c);
}

/* Of five parts the two that were made often have the same rows: what is learned of them is the
 * same, although they are worked on in batches of their own. */
static void test_two_long_parts(void)
{
    enum { SHORT = 5, LONG = 100, ROWS = 3 * SHORT + 2 * LONG };
    static const char *const parts[] = {"a", "b", "c", "d", "e"};
    static struct calc_driver_row rows[ROWS];
    struct driver_case c;

    for (size_t p = 0, i = 0; p < 5; p++)
        for (size_t j = 0; j < (p < 3 ? SHORT : LONG); j++)
            rows[i++] =
                (struct calc_driver_row){.part = driver_key(parts[p]),
                                         .predicted = 2.385,
                                         .actual = 2.385 * exp((double)(j * 7 % 11) / 10 - 0.8)};
    CU_ASSERT_EQUAL(driver_case_run(&c, rows, ROWS, 0.1), CALC_OK);
    for (unsigned k = 0; c.record != NULL && k < c.view.k; k++) {
        struct calc_driver_effect d = calc_driver_effect(&c.view, CALC_DRIVER_IN_PART, 3, k);
        struct calc_driver_effect e = calc_driver_effect(&c.view, CALC_DRIVER_IN_PART, 4, k);

        near("two long parts", "theta", d.theta, e.theta);
        near("two long parts", "sd", d.sd, e.sd);
    }
    driver_case_clear(&c);
}

/* Orders of one part, booked without any noise. */
static void run_exact_orders(struct driver_case *c, size_t n)
{
    static const double lots[] = {1, 5, 10, 50, 100, 500};
    struct calc_driver_row *rows = calloc(n, sizeof *rows);

    for (size_t i = 0; i < n; i++) {
        double lot = lots[i % 6];

        rows[i] = (struct calc_driver_row){.part = driver_key("P"),
                                           .lot_size = lot,
                                           .c = {3, 2, 40 / lot, 1.5},
                                           .actual = 3 * 2 + 2 * 0.5 + 40 / lot * 1.3 + 1.5 * 0.8};
    }
    CU_ASSERT_EQUAL(driver_case_run(c, rows, n, 0.1), CALC_OK);
    free(rows);
}

/* What one part says of its bin is limited by how parts differ, not by its orders: 600 of them say
 * it, and 100 times as many, which know the part to far more digits, say the same. */
static void test_one_part_ordered_always(void)
{
    struct driver_case few, many;

    run_exact_orders(&few, 600);
    run_exact_orders(&many, 60000);
    for (unsigned k = 0; few.record != NULL && many.record != NULL && k < few.view.k; k++) {
        struct calc_driver_effect a = calc_driver_effect(&few.view, CALC_DRIVER_IN_BIN, 0, k);
        struct calc_driver_effect b = calc_driver_effect(&many.view, CALC_DRIVER_IN_BIN, 0, k);

        CU_ASSERT_DOUBLE_EQUAL(a.theta, b.theta, 1e-4);
        CU_ASSERT_DOUBLE_EQUAL(a.sd, b.sd, 1e-4);
    }
    driver_case_clear(&few);
    driver_case_clear(&many);
}

void suite_calc_driver(void)
{
    CU_pSuite s = CU_add_suite("calc_driver", NULL, NULL);

    CU_add_test(s, "vectors", test_vectors);
    CU_add_test(s, "slow scalar path", test_slow_path);
    CU_add_test(s, "shapes", test_shapes);
    CU_add_test(s, "two long parts among short ones", test_two_long_parts);
    CU_add_test(s, "one part ordered always", test_one_part_ordered_always);
}
