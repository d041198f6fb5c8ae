/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_driver_gate.c: errors on unseen rows, and the gate between two fits */
#include "driver_case.h"

void suite_calc_driver_gate(void);

/* Fit on 110 rows, measure on 40: against the same sums written out, in any order. */
static void test_evaluate(void)
{
    enum { TRAIN = 110, REST = MADE_ROWS - TRAIN };
    struct driver_rows rows;
    struct driver_case c;
    struct calc_driver_evaluation a, b;
    size_t size = calc_driver_evaluate_size(REST), inside = 0, bounded = 0;
    void *memory = malloc(size);
    double mape = 0;

    driver_rows_make(&rows, 4, 23);
    driver_rows_shuffle(rows.row, rows.n, 4);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows.row, TRAIN, 0.1), CALC_OK);
    CU_ASSERT_EQUAL(calc_driver_evaluate(&c.view, rows.row + TRAIN, REST, memory, size, &a),
                    CALC_OK);
    for (size_t i = TRAIN; i < rows.n; i++) {
        struct calc_driver_prediction p;

        calc_driver_predict(&c.view, &rows.row[i], NULL, &p);
        mape += fabs(exp(p.log_median) / rows.row[i].actual - 1) / REST;
        bounded += p.bounded;
        inside += p.bounded && log(rows.row[i].actual) >= p.log_lower &&
                  log(rows.row[i].actual) <= p.log_upper;
    }
    CU_ASSERT_EQUAL(a.error.n, REST);
    CU_ASSERT_EQUAL(a.n_interval, bounded);
    CU_ASSERT_DOUBLE_EQUAL(a.error.mape, mape, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(a.coverage, (double)inside / (double)bounded, 1e-12);
    CU_ASSERT(a.coverage > 0.6);
    driver_rows_shuffle(rows.row + TRAIN, REST, 77);
    CU_ASSERT_EQUAL(calc_driver_evaluate(&c.view, rows.row + TRAIN, REST, memory, size, &b),
                    CALC_OK);
    CU_ASSERT(memcmp(&a, &b, sizeof a) == 0);
    CU_ASSERT_EQUAL(calc_driver_evaluate(&c.view, rows.row, 0, memory, size, &b), CALC_OK);
    CU_ASSERT_EQUAL(b.error.n + b.n_interval, 0);
    free(memory);
    driver_case_clear(&c);
}

/* Where nothing is corrected, a row measures as it was scored: the one that set the quantile lies
 * inside its interval, whatever the rounding. */
static void test_edge_of_interval(void)
{
    enum { ROWS = 60, SHOPS = 30 };
    static const char *const parts[] = {"a", "b", "c", "d", "e", "f"};
    size_t size = calc_driver_evaluate_size(ROWS), measured = 0;
    unsigned long long seed = 3;
    void *memory = malloc(size);

    for (int shop = 0; shop < SHOPS; shop++) {
        struct calc_driver_row rows[ROWS];
        struct calc_driver_evaluation e;
        struct driver_case c;

        for (size_t i = 0; i < ROWS; i++)
            rows[i] = (struct calc_driver_row){.part = driver_key(parts[i % 6]),
                                               .predicted = 10,
                                               .actual = 10 * exp(0.5 * golden_normal(&seed))};
        CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows, ROWS, 0.1), CALC_OK);
        CU_ASSERT_EQUAL(calc_driver_evaluate(&c.view, rows, ROWS, memory, size, &e), CALC_OK);
        if (c.fit.model == CALC_DRIVER_IDENTITY) {
            measured++;
            CU_ASSERT_EQUAL(e.coverage, c.fit.group[CALC_DRIVER_PART4].coverage);
        }
        driver_case_clear(&c);
    }
    CU_ASSERT(measured > SHOPS / 3);
    free(memory);
}

static double slow_density(const double *r, const double *sd, size_t n, size_t i)
{
    double kappa2 = 1;

    for (int it = 0; it < 50; it++) {
        double sum = 4;

        for (size_t j = 0; j < n; j++) {
            double z2 = pow(r[j] / sd[j], 2);

            sum += 5 / (4 + z2 / kappa2) * z2;
        }
        kappa2 = sum / (4 + (double)n);
    }
    return log(0.375) - 0.5 * log(kappa2) - log(sd[i]) -
           2.5 * log1p(pow(r[i] / sd[i], 2) / kappa2 / 4);
}

/* New rows against the active fit, each unit one vote. */
static void test_gate(void)
{
    struct driver_rows rows;
    struct driver_case old, new;
    struct calc_driver_gate g, same;
    uint8_t known[MADE_ROWS] = {0};
    double nr[MADE_ROWS], ns[MADE_ROWS], ar[MADE_ROWS], as[MADE_ROWS], gain = 0;
    size_t unit[MADE_ROWS], n = 0, units = 0, size;
    void *memory;

    driver_rows_make(&rows, 4, 31);
    driver_rows_shuffle(rows.row, rows.n, 8);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&old, rows.row, 60, 0.1), CALC_OK);
    CU_ASSERT_EQUAL_FATAL(driver_case_run(&new, rows.row, rows.n, 0.1), CALC_OK);
    for (size_t i = 0; i < rows.n; i++)
        known[i] = calc_driver_has_key(&old.view, rows.row[i].key);
    size = calc_driver_gate_size(&new.set);
    memory = malloc(size);
    CU_ASSERT_EQUAL(calc_driver_gate(&new.fit, &old.view, known, memory, size, &g), CALC_OK);
    for (size_t u = 0; u < new.set.n_units; u++) {
        for (size_t i = new.set.unit_row[u]; i < new.set.unit_row[u + 1]; i++) {
            const struct calc_driver_row *row = &rows.row[new.set.order[i]];
            struct calc_driver_prediction p;

            if (known[new.set.order[i]])
                continue;
            calc_driver_predict(&old.view, row, NULL, &p);
            nr[n] = new.fit.history[i] ? new.fit.part_r[i] : new.fit.bin_r[i];
            ns[n] = new.fit.history[i] ? new.fit.part_sd[i] : new.fit.bin_sd[i];
            ar[n] = log(row->actual) - p.log_median;
            as[n] = p.sigma;
            unit[n++] = u;
        }
    }
    for (size_t a = 0, b; a < n; a = b, units++) {
        double sum = 0;

        for (b = a; b < n && unit[b] == unit[a]; b++)
            sum += slow_density(nr, ns, n, b) - slow_density(ar, as, n, b);
        gain += sum / (double)(b - a);
    }
    CU_ASSERT_EQUAL(g.new_rows, 90);
    CU_ASSERT_EQUAL(g.new_rows, n);
    CU_ASSERT_EQUAL(g.units, units);
    CU_ASSERT_DOUBLE_EQUAL(g.gain, gain / (double)units, 1e-9);
    CU_ASSERT_EQUAL(g.verdict, CALC_DRIVER_IMPROVED);
    CU_ASSERT(g.has_se && g.se > 0);

    memset(known, 1, sizeof known); /* nothing new */
    CU_ASSERT_EQUAL(calc_driver_gate(&new.fit, &new.view, known, memory, size, &same), CALC_OK);
    CU_ASSERT_EQUAL(same.new_rows + same.units, 0);
    CU_ASSERT_EQUAL(same.verdict, CALC_DRIVER_NOT_IMPROVED);
    CU_ASSERT_EQUAL(calc_driver_gate(&new.fit, &new.view, known, memory, size - 1, &same),
                    CALC_SIZE);
    free(memory);
    driver_case_clear(&old);
    driver_case_clear(&new);
}

/* Too little for a verdict: fewer than 3 rows, or one unit with fewer than 5 and nothing active. */
static void test_gate_counts(void)
{
    for (size_t n = 1; n < 7; n++) {
        struct calc_driver_row rows[6] = {0};
        struct calc_driver_gate alone, against;
        struct driver_case c;
        void *memory;
        size_t size;

        for (size_t i = 0; i < n; i++) {
            driver_row_plain(&rows[i], i);
            rows[i].actual *= 2;
        }
        CU_ASSERT_EQUAL_FATAL(driver_case_run(&c, rows, n, 0.1), CALC_OK);
        size = calc_driver_gate_size(&c.set);
        memory = malloc(size);
        CU_ASSERT_EQUAL(calc_driver_gate(&c.fit, NULL, NULL, memory, size, &alone), CALC_OK);
        CU_ASSERT_EQUAL(alone.verdict == CALC_DRIVER_TOO_FEW, n < 5);
        CU_ASSERT(!alone.has_se);
        CU_ASSERT_EQUAL(calc_driver_gate(&c.fit, &c.view, NULL, memory, size, &against), CALC_OK);
        CU_ASSERT_EQUAL(against.verdict == CALC_DRIVER_TOO_FEW, n < 3);
        free(memory);
        driver_case_clear(&c);
    }
}

void suite_calc_driver_gate(void)
{
    CU_pSuite s = CU_add_suite("calc_driver_gate", NULL, NULL);

    CU_add_test(s, "evaluate", test_evaluate);
    CU_add_test(s, "edge of the interval", test_edge_of_interval);
    CU_add_test(s, "gate", test_gate);
    CU_add_test(s, "gate counts", test_gate_counts);
}
