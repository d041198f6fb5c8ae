/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_driver_posterior.c: record, quotes, invariants and edges of the driver posterior
 */
#include "../../src/calc/calc_driver_record.h"
#include "driver_case.h"

void suite_calc_driver_posterior(void);

static void test_order(void)
{
    for (unsigned drivers = 1; drivers <= CALC_DRIVER_MAX; drivers++) {
        struct driver_rows rows;
        struct driver_case a, b;

        driver_rows_make(&rows, drivers, 7);
        rows.row[3] = rows.row[4];                /* the same row twice, key and all */
        for (size_t i = 0; i < rows.n; i += 11) { /* and some with a total only */
            rows.row[i].predicted = rows.row[i].c[0] * 2.385;
            memset(rows.row[i].c, 0, sizeof rows.row[i].c);
        }
        CU_ASSERT_EQUAL_FATAL(driver_case_run(&a, rows.row, rows.n, 0.1), CALC_OK);
        CU_ASSERT_EQUAL(a.fit.n_guard, drivers > 1 ? 3 : 2);
        for (unsigned long long seed = 1; seed < 6; seed++) {
            driver_rows_shuffle(rows.row, rows.n, seed);
            CU_ASSERT_EQUAL_FATAL(driver_case_run(&b, rows.row, rows.n, 0.1), CALC_OK);
            CU_ASSERT_EQUAL(a.record_size, b.record_size);
            CU_ASSERT(memcmp(a.record, b.record, a.record_size) == 0);
            driver_case_clear(&b);
        }
        driver_case_clear(&a);
    }
}

static void test_currency(void)
{
    struct driver_rows rows;
    struct driver_case a, b;

    driver_rows_make(&rows, 4, 19);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&a, rows.row, rows.n, 0.1), CALC_OK);
    for (size_t i = 0; i < rows.n; i++) {
        for (unsigned k = 0; k < CALC_DRIVER_MAX; k++)
            rows.row[i].c[k] *= 7.4605;
        rows.row[i].actual *= 7.4605;
    }
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&b, rows.row, rows.n, 0.1), CALC_OK);
    CU_ASSERT_EQUAL(a.fit.model, CALC_DRIVER_DRIVERS);
    CU_ASSERT_EQUAL(a.fit.model, b.fit.model);
    for (unsigned k = 0; k < a.fit.k; k++)
        CU_ASSERT_DOUBLE_EQUAL(a.fit.mu[k], b.fit.mu[k], 1e-9);
    for (size_t i = 0; i < a.set.n_units * a.fit.k; i++)
        CU_ASSERT_DOUBLE_EQUAL(a.fit.phi[i], b.fit.phi[i], 1e-8);
    driver_case_clear(&a);
    driver_case_clear(&b);
}

/* Everything a fit hands out is a number. */
static void check_finite(const struct driver_case *c)
{
    const struct calc_driver_view *v = &c->view;
    double sum = c->fit.s + c->fit.last_step + c->fit.seen_part.mape + c->fit.unseen_bin.mape +
                 c->fit.unseen_part.median_ape + c->fit.unseen_part.rmse_log;

    for (unsigned i = 0; i < c->fit.n_guard; i++)
        sum += c->fit.guard[i].score + c->fit.guard[i].deficit + c->fit.guard[i].se;
    for (size_t i = 0; i < c->set.n_rows; i++)
        sum += c->fit.bin_r[i] + c->fit.bin_sd[i] + c->fit.env_r[i] + c->fit.env_sd[i];
    for (size_t i = 0; i < v->n_groups; i++)
        sum += calc_driver_view_group(v, i).q + calc_driver_view_group(v, i).coverage;
    for (unsigned k = 0; k < v->k; k++) {
        for (size_t u = 0; u < v->n_units; u++) {
            struct calc_driver_effect e = calc_driver_effect(v, CALC_DRIVER_IN_PART, u, k);

            sum += e.theta + e.sd + e.informed;
            CU_ASSERT(isfinite(e.multiplier) && isfinite(e.lower) && isfinite(e.upper));
        }
    }
    for (size_t i = 0; i < c->set.n_rows; i++) {
        struct calc_driver_prediction p;

        CU_ASSERT_EQUAL(calc_driver_predict(v, &c->set.rows[i], NULL, &p), CALC_OK);
        sum += p.log_median + p.sigma + p.log_lower + p.log_upper;
    }
    CU_ASSERT(isfinite(sum));
}

/* Row builders of the edge table: row i of n. */
static void edge_same(struct calc_driver_row *r, size_t i)
{
    driver_row_plain(r, 0 * i);
}

static void edge_singletons(struct calc_driver_row *r, size_t i)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

    driver_row_plain(r, i);
    r->part = (struct calc_key){letters + i % 26, 1};
    r->bin = (struct calc_key){letters + i / 13, 1};
}

static void edge_bins(struct calc_driver_row *r, size_t i)
{
    edge_singletons(r, i);
    r->bin = r->part;
}

static void edge_totals(struct calc_driver_row *r, size_t i)
{
    r->predicted = 2.385 + (double)i;
    r->actual = 3.1 + 1.2 * (double)i;
}

static void edge_huge(struct calc_driver_row *r, size_t i)
{
    edge_singletons(r, i);
    r->c[0] = i % 2 ? 1e300 : 1e-300;
    r->c[1] = i % 3 ? 0 : 1.7e308;
    r->actual = i % 5 ? 1e-300 : 1.7e308;
}

static void edge_tiny_ratio(struct calc_driver_row *r, size_t i)
{
    driver_row_plain(r, i);
    r->c[0] = 1e300;
    r->actual = 1e-300;
}

/* One driver alone in some rows, the other alone in the rest: each row knows one effect only. */
static void edge_split(struct calc_driver_row *r, size_t i)
{
    r->c[i % 2] = 1e-4 + (double)i;
    r->c[3] = 0;
    r->actual = i % 2 ? 1e150 : 1e-150;
}

static const struct {
    const char *name;
    void (*make)(struct calc_driver_row *r, size_t i);
    size_t n;
    enum calc_status status;
    unsigned n_guard;
    size_t units, bins;
    bool bounded; /* the bin group has an interval at alpha = 0.2 */
} edges[] = {
    {"no row", driver_row_plain, 0, CALC_SIZE, 0, 0, 0, false},
    {"one row", driver_row_plain, 1, CALC_OK, 1, 1, 1, false},
    {"four rows", driver_row_plain, 4, CALC_OK, 1, 1, 1, true}, /* all_seen: 4 scores carry 0.2 */
    {"five rows of one part", driver_row_plain, 5, CALC_OK, 3, 1, 1, true},
    {"the same row 40 times", edge_same, 40, CALC_OK, 3, 1, 1, true},
    {"three parts of one row", edge_singletons, 3, CALC_OK, 1, 3, 1, false},
    {"26 parts of one row", edge_singletons, 26, CALC_OK, 3, 26, 2, true},
    {"26 bins of one row", edge_bins, 26, CALC_OK, 3, 26, 26, true},
    {"totals only", edge_totals, 12, CALC_OK, 2, 1, 1, true},
    {"1e300 and 1e-300", edge_huge, 78, CALC_OK, 3, 78, 6, true},
    {"ratio 1e-600", edge_tiny_ratio, 30, CALC_OK, 3, 1, 1, true},
    {"two effects 1e300 apart", edge_split, 40, CALC_OK, 3, 1, 1, true},
};

static void test_edges(void)
{
    for (size_t e = 0; e < sizeof edges / sizeof edges[0]; e++) {
        struct calc_driver_row rows[80] = {0};
        struct driver_case c;
        enum calc_status status;
        char basis[40];

        for (size_t i = 0; i < edges[e].n; i++) {
            rows[i].part = driver_key("P");
            edges[e].make(&rows[i], i);
        }
        status = driver_case_run(&c, rows, edges[e].n, 0.2);
        if (status != edges[e].status || c.fit.n_guard != edges[e].n_guard)
            printf("%s: status %d, %u candidates\n", edges[e].name, status, c.fit.n_guard);
        CU_ASSERT_EQUAL(status, edges[e].status);
        CU_ASSERT_EQUAL(c.fit.n_guard, edges[e].n_guard);
        if (status == CALC_OK) {
            CU_ASSERT_EQUAL(c.view.n_units, edges[e].units);
            CU_ASSERT_EQUAL(c.view.n_bins, edges[e].bins);
            check_finite(&c);
            if (c.fit.group[CALC_DRIVER_BIN].bounded != edges[e].bounded)
                printf("%s: bounded\n", edges[e].name);
            CU_ASSERT_EQUAL(c.fit.group[CALC_DRIVER_BIN].bounded, edges[e].bounded);
            CU_ASSERT(calc_driver_basis(&c.view, CALC_DRIVER_ENV, basis, sizeof basis) > 2);
        }
        driver_case_clear(&c);
    }
}

/* A row that the domain does not contain is named. */
static void test_domain(void)
{
    for (unsigned flaw = 0; flaw < 8; flaw++) {
        struct calc_driver_row rows[6] = {0};
        struct calc_driver_set set;
        size_t size = calc_driver_set_size(6), bad = 99;
        void *memory = malloc(size);

        for (size_t i = 0; i < 6; i++)
            driver_row_plain(&rows[i], i);
        CU_ASSERT_EQUAL(calc_driver_set_build(&set, rows, 6, memory, size, &bad), CALC_OK);
        CU_ASSERT_EQUAL(calc_driver_set_build(&set, rows, 6, memory, size - 1, &bad), CALC_SIZE);
        rows[4].actual = flaw == 0 ? 0 : flaw == 1 ? NAN : flaw == 2 ? INFINITY : 1;
        rows[4].c[2] = flaw == 3 ? -1e-9 : flaw == 4 ? NAN : flaw == 5 ? INFINITY : 0;
        rows[4].lot_size = flaw == 6 ? -1 : 0;
        if (flaw == 7)
            memset(rows[4].c, 0, sizeof rows[4].c); /* and no total */
        CU_ASSERT_EQUAL(calc_driver_set_build(&set, rows, 6, memory, size, &bad), CALC_DOMAIN);
        CU_ASSERT_EQUAL(bad, 4);
        free(memory);
    }
}

static void test_arguments(void)
{
    static const double alphas[] = {0, 1, -0.1, NAN};
    struct driver_rows rows;
    struct driver_case c;
    size_t size;

    driver_rows_make(&rows, 3, 5);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows.row, rows.n, 0.1), CALC_OK);
    size = calc_driver_fit_size(&c.set);
    for (size_t i = 0; i < sizeof alphas / sizeof alphas[0]; i++)
        CU_ASSERT_EQUAL(calc_driver_fit(&c.fit, &c.set, alphas[i], c.fit_memory, size),
                        CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_driver_fit(&c.fit, &c.set, 0.1, c.fit_memory, size - 1), CALC_SIZE);
    CU_ASSERT_EQUAL(calc_driver_pack(&c.fit, c.record, c.record_size - 1), CALC_SIZE);
    driver_case_clear(&c);
}

/* Read all a view offers: nothing may leave the record. */
static double read_all(const struct calc_driver_view *v)
{
    double sum = 0;
    char basis[8];

    for (size_t i = 0; i < v->n_groups; i++)
        sum += calc_driver_view_group(v, i).q + (double)calc_driver_basis(v, i, basis, 8);
    for (size_t i = 0; i < v->n_bins; i++) {
        struct calc_driver_view_bin b = calc_driver_view_bin(v, i);

        sum += b.label.n > 0 ? b.label.s[b.label.n - 1] : 0;
        sum += calc_driver_effect(v, CALC_DRIVER_IN_BIN, i, 0).sd;
        for (size_t u = b.first_unit; u < b.first_unit + b.n_units; u++) {
            struct calc_driver_row quote = {.c = {1, 2, 0, 3}, .bin = b.label};
            struct calc_driver_prediction p;
            struct calc_driver_site site;
            size_t usual;

            quote.part = calc_driver_view_unit(v, u).part;
            CU_ASSERT_EQUAL(calc_driver_predict(v, &quote, &site, &p), CALC_OK);
            CU_ASSERT_EQUAL(site.level, CALC_DRIVER_IN_PART);
            CU_ASSERT_EQUAL(site.index, u);
            CU_ASSERT(calc_driver_usual_bin(v, quote.part, &usual) && usual < v->n_bins);
            sum += p.sigma;
        }
    }
    return sum + calc_driver_has_key(v, 12345);
}

static void test_record(void)
{
    struct driver_rows rows;
    struct driver_case c;
    struct calc_driver_view view;
    unsigned char *copy;
    double sum;

    driver_rows_make(&rows, 3, 3);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows.row, rows.n, 0.1), CALC_OK);
    sum = read_all(&c.view);
    CU_ASSERT_EQUAL(c.view.n_keys, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        CU_ASSERT(calc_driver_has_key(&c.view, rows.row[i].key));
    CU_ASSERT(!calc_driver_has_key(&c.view, rows.row[0].key + 1));

    /* any alignment, the same answers */
    copy = malloc(c.record_size + 8);
    for (size_t shift = 1; shift < 8; shift++) {
        memcpy(copy + shift, c.record, c.record_size);
        CU_ASSERT_EQUAL(calc_driver_unpack(&view, copy + shift, c.record_size), CALC_OK);
        CU_ASSERT_EQUAL(read_all(&view), sum);
    }
    /* every byte counts, and so does the length */
    memcpy(copy, c.record, c.record_size);
    for (size_t i = 0; i < c.record_size; i++) {
        copy[i] ^= (unsigned char)(1 << i % 8);
        CU_ASSERT_EQUAL(calc_driver_unpack(&view, copy, c.record_size), CALC_DOMAIN);
        copy[i] ^= (unsigned char)(1 << i % 8);
    }
    for (size_t n = 0; n < c.record_size; n += 4)
        CU_ASSERT_EQUAL(calc_driver_unpack(&view, copy, n), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_driver_unpack(&view, NULL, 0), CALC_DOMAIN);
    free(copy);
    driver_case_clear(&c);
}

/* Records with a wrong word under a right checksum: refused, or harmless to read. */
static void test_forged(void)
{
    static const uint32_t values[] = {0, 1, 5, 46, 1000, UINT32_MAX, 0x7ff00000, 0x7ff80000};
    struct driver_rows rows;
    struct driver_case c;
    struct calc_driver_view view;
    unsigned char *copy;
    size_t refused = 0, tried = 0;

    driver_rows_make(&rows, 2, 3);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows.row, rows.n, 0.1), CALC_OK);
    copy = malloc(c.record_size);
    for (size_t at = RECORD_HASHED; at < c.record_size; at += 4) {
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
            memcpy(copy, c.record, c.record_size);
            record_put_u32(copy + at, values[v]);
            record_put_u64(copy + RECORD_AT_CHECKSUM,
                           record_checksum(copy + RECORD_HASHED, c.record_size - RECORD_HASHED));
            tried++;
            if (calc_driver_unpack(&view, copy, c.record_size) == CALC_OK)
                CU_ASSERT(isfinite(read_all(&view)) || at >= RECORD_AT_NUMBERS)
            else
                refused++;
        }
    }
    CU_ASSERT(refused > tried / 4);
    free(copy);
    driver_case_clear(&c);
}

/* A part in several bins: most rows win, then the first label. */
static void test_usual_bin(void)
{
    static const char *const bins[] = {"b", "a", "b", "c", "a", "c", "c"};
    static const char *const parts[] = {"p", "p", "p", "q", "q", "q", "r"};
    struct calc_driver_row rows[7] = {0};
    struct driver_case c;
    size_t bin = 9;

    for (size_t i = 0; i < 7; i++) {
        driver_row_plain(&rows[i], i);
        rows[i].bin = driver_key(bins[i]);
        rows[i].part = driver_key(parts[i]);
    }
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows, 7, 0.1), CALC_OK);
    CU_ASSERT(calc_driver_usual_bin(&c.view, driver_key("p"), &bin) && bin == 1);
    CU_ASSERT(calc_driver_usual_bin(&c.view, driver_key("q"), &bin) && bin == 2);
    CU_ASSERT(!calc_driver_usual_bin(&c.view, driver_key("pp"), &bin));
    CU_ASSERT_EQUAL(c.view.n_keys, 0);
    rows[3].part = rows[4].part = driver_key("r"); /* r: a 1, c 2... */
    driver_case_clear(&c);
    rows[6].bin = driver_key("a"); /* ...now a 2, c 1 */
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows, 7, 0.1), CALC_OK);
    CU_ASSERT(calc_driver_usual_bin(&c.view, driver_key("r"), &bin) && bin == 0);
    driver_case_clear(&c);
}

/* Unknown bin, bin "", component absent from all evidence. */
static void test_quotes(void)
{
    struct driver_rows rows;
    struct driver_case c;
    struct calc_driver_row quote = {.c = {3.1, 2.2, 4.7}, .part = {"new", 3}};
    struct calc_driver_prediction p, with, total;
    struct calc_driver_site site;
    double sum = 0;

    driver_rows_make(&rows, 3, 3);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows.row, rows.n, 0.1), CALC_OK);
    CU_ASSERT_EQUAL(calc_driver_predict(&c.view, &quote, &site, &p), CALC_OK);
    CU_ASSERT_EQUAL(site.level, CALC_DRIVER_ENVIRONMENT);
    quote.bin = driver_key("");
    CU_ASSERT_EQUAL(calc_driver_predict(&c.view, &quote, &site, &p), CALC_OK);
    CU_ASSERT_EQUAL(site.level, CALC_DRIVER_IN_BIN);
    for (unsigned k = 0; k < 3; k++)
        sum += quote.c[k] * exp(p.log_factor[k]);
    CU_ASSERT_DOUBLE_EQUAL(log(sum), p.log_median, 1e-12);

    quote.c[3] = 2.9; /* 0 in all evidence: uncorrected, variance 0.25 + 0.04 + 0.04 */
    CU_ASSERT_EQUAL(calc_driver_predict(&c.view, &quote, NULL, &with), CALC_OK);
    CU_ASSERT_EQUAL(with.log_factor[3], 0);
    CU_ASSERT_DOUBLE_EQUAL(with.log_median, log(sum + 2.9), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(pow(with.sigma, 2),
                           pow(c.view.s, 2) +
                               (pow(p.sigma, 2) - pow(c.view.s, 2)) * pow(sum / (sum + 2.9), 2) +
                               0.33 * pow(2.9 / (sum + 2.9), 2),
                           1e-12);

    memset(quote.c, 0, sizeof quote.c); /* a total alone is split by the mean shares */
    quote.predicted = 11.3;
    CU_ASSERT_EQUAL(calc_driver_predict(&c.view, &quote, NULL, &total), CALC_OK);
    for (unsigned k = 0; k < 3; k++)
        quote.c[k] = 11.3 * c.view.mean_share[k];
    CU_ASSERT_EQUAL(calc_driver_predict(&c.view, &quote, NULL, &p), CALC_OK);
    CU_ASSERT_DOUBLE_EQUAL(total.log_median, p.log_median, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(total.sigma, p.sigma, 1e-12);
    quote.c[0] = -1;
    CU_ASSERT_EQUAL(calc_driver_predict(&c.view, &quote, NULL, &p), CALC_DOMAIN);
    driver_case_clear(&c);
}

void suite_calc_driver_posterior(void)
{
    CU_pSuite s = CU_add_suite("calc_driver_posterior", NULL, NULL);

    CU_add_test(s, "row order", test_order);
    CU_add_test(s, "currency", test_currency);
    CU_add_test(s, "edges", test_edges);
    CU_add_test(s, "domain", test_domain);
    CU_add_test(s, "arguments", test_arguments);
    CU_add_test(s, "record", test_record);
    CU_add_test(s, "forged records", test_forged);
    CU_add_test(s, "usual bin", test_usual_bin);
    CU_add_test(s, "quotes", test_quotes);
}
