/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_trust.c: tallies, trust, veto */
#include "calc_consensus.h"
#include "calc_trust.h"
#include "label_table.h"

#include <CUnit/CUnit.h>

void suite_calc_trust(void);

static struct label_table table;
static uint32_t labels_mem[40000];
static double fit_mem[60000];
static struct calc_trust_tally tally[TABLE_IDS];

/*
 * Task 0: annotators 0..3 say 0 0 1 1. Task 1: 0, 1, 3 say 0 1 1. Task 2: 0 alone. Task 3 is gold,
 * answer 1: 0 says 1, 1 says 0. Task 4: 0..3 say 0 1 0 1. Annotator 3 is blocked.
 */
static const struct calc_label rows[] = {
    {0, 0, 0}, {0, 1, 0}, {0, 2, 1}, {1, 0, 0}, {1, 1, 1}, {2, 0, 1}, {3, 0, 1},
    {3, 1, 0}, {4, 0, 0}, {4, 1, 1}, {4, 2, 0}, {4, 3, 1}, {0, 3, 1}, {1, 3, 1},
};

static void test_count(void)
{
    const uint8_t gold[] = {0, 0, 0, 1, 0}, blocked[] = {0, 0, 0, 1};
    const uint32_t known[] = {CALC_LABEL_NONE, CALC_LABEL_NONE, CALC_LABEL_NONE, 1,
                              CALC_LABEL_NONE};
    const double posterior[] = {0.8, 0.2, 0.5, 0.5, 0.25, 0.75, 0, 1, 0.75, 0.25};
    struct calc_trust_tally t[4];
    struct calc_labels d;
    double x = -1;

    CU_ASSERT_EQUAL_FATAL(calc_labels_build(&d, rows, sizeof rows / sizeof rows[0], 5, 4, 2,
                                            blocked, labels_mem, sizeof labels_mem),
                          CALC_OK);
    calc_trust_count(&d, known, gold, posterior, t);
    CU_ASSERT(t[0].gold == 1 && t[0].gold_right == 1);
    CU_ASSERT(t[1].gold == 1 && t[1].gold_right == 0);
    CU_ASSERT(t[2].gold == 0);
    CU_ASSERT(golden_close(t[0].agree, 0.8 + 0.5 + 0.75 + 0.75, 1e-15));
    CU_ASSERT(golden_close(t[0].disagree, 0.2 + 0.5 + 0.25 + 0.25, 1e-15));
    CU_ASSERT(golden_close(t[3].agree, 0.25 + 0.2 + 0.5, 1e-15));

    /* 0: task 0 others 0 1 (half), task 1 others 1 (none), task 2 alone, task 4 others 1 0 (half)
     */
    CU_ASSERT_EQUAL(t[0].loo_tasks, 3);
    CU_ASSERT_EQUAL(t[0].loo_credit, 1.0);
    /* 1: task 0 half, task 1 none, task 4 others 0 0 (none) */
    CU_ASSERT(t[1].loo_tasks == 3 && t[1].loo_credit == 0.5);
    /* 2: task 0 others 0 0 (none), task 4 half */
    CU_ASSERT(t[2].loo_tasks == 2 && t[2].loo_credit == 0.5);
    /* 3, blocked, against the counted: task 0 others 0 0 1 (none), 1: 0 1 (half), 4: 0 1 0 (none)
     */
    CU_ASSERT(t[3].loo_tasks == 3 && t[3].loo_credit == 0.5);

    CU_ASSERT_EQUAL(calc_trust_gold_accuracy(&t[1], &x), CALC_OK);
    CU_ASSERT_EQUAL(x, 0.0);
    CU_ASSERT_EQUAL(calc_trust_gold_accuracy(&t[2], &x), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(calc_trust_consensus_agreement(&t[0], &x), CALC_OK);
    CU_ASSERT(golden_close(x, 1.0 / 3.0, 1e-15));
    CU_ASSERT_EQUAL(calc_trust_consensus_agreement(&(struct calc_trust_tally){0}, &x),
                    CALC_UNDEFINED);
}

/* Annotators 6 of 6 and 1 of 2: g0 = (7 + 3.2)/12 = 0.85, m0 = (9.4/10 + 4.4/6)/2. */
static void test_prior(void)
{
    const struct calc_trust_tally t[] = {
        {.gold = 6, .gold_right = 6, .agree = 2.5, .disagree = 0.5}, {.gold = 2, .gold_right = 1}};
    double m0 = (0.94 + 4.4 / 6.0) / 2.0;

    CU_ASSERT(golden_close(calc_trust_prior_mean(t, 2), m0, 1e-15));
    CU_ASSERT(golden_close(calc_trust_prior_mean(t, 0), 0.8, 1e-15));
    CU_ASSERT(golden_close(calc_trust_mean(&t[0], m0), (4 * m0 + 8.5) / 13.0, 1e-15));
}

/*
 * With m0 = 3/4 the prior is Beta(3, 1), P(x < y) = y^3. After w wrong gold answers Beta(3, 1+w):
 * P = sum over j >= 3 of C(3+w, j) 0.6^j 0.4^(3+w-j), a binomial tail.
 */
static void test_veto(void)
{
    double want, p;

    for (uint32_t w = 0; w < 12; w++) {
        struct calc_trust_tally t = {.gold = w};

        want = 1.0;
        for (uint32_t j = 0; j < 3; j++)
            want -= (j == 0   ? 1.0
                     : j == 1 ? 3.0 + w
                              : (3.0 + w) * (2.0 + w) / 2.0) *
                    pow(0.6, j) * pow(0.4, 3.0 + w - j);
        bool blocked = calc_trust_blocked(&t, 0.75, &p);

        CU_ASSERT(golden_close(p, want, 1e-12));
        CU_ASSERT_EQUAL(blocked, want > 0.95);
        CU_ASSERT_EQUAL(blocked, w >= 5); /* 0.9037 at four wrong answers, 0.9502 at five */
    }
    CU_ASSERT_FALSE(calc_trust_blocked(&(struct calc_trust_tally){0}, 0.05, &p));
    CU_ASSERT(p > 0.95); /* nobody is vetoed for the failures of others */
    CU_ASSERT_FALSE(
        calc_trust_blocked(&(struct calc_trust_tally){.gold = 60, .gold_right = 60}, 0.75, NULL));
}

static void check_set(struct json_object *want, const char *file)
{
    static uint8_t gold[TABLE_IDS];
    static uint32_t known[TABLE_IDS];
    struct calc_consensus_options o;
    struct calc_consensus c;
    struct calc_labels d;

    if (!label_table_load(&table, file, true))
        return;
    for (uint32_t i = 0; i < table.tasks.n; i++) {
        gold[i] = i % 10 == 0;
        known[i] = gold[i] ? table.answer[i] : CALC_LABEL_NONE;
    }
    o = calc_consensus_defaults();
    o.tolerance = 1e-12;
    CU_ASSERT_EQUAL_FATAL(calc_labels_build(&d, table.row, table.n, table.tasks.n,
                                            table.annotators.n, table.classes.n, NULL, labels_mem,
                                            sizeof labels_mem),
                          CALC_OK);
    CU_ASSERT_EQUAL_FATAL(calc_consensus_init(&c, &d, known, gold, &o, fit_mem, sizeof fit_mem),
                          CALC_OK);
    CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
    calc_trust_count(&d, known, gold, c.posterior, tally);

    double m0 = calc_trust_prior_mean(tally, table.annotators.n), x;

    CU_ASSERT(golden_close(m0, golden_num(want, "m0"), 1e-12));
    json_object_object_foreach(golden_at(want, "annotators"), name, expect)
    {
        uint32_t j = label_id_find(&table.annotators, name);

        CU_ASSERT_EQUAL(tally[j].gold, (uint32_t)golden_num(expect, "gold_n"));
        if (calc_trust_gold_accuracy(&tally[j], &x) == CALC_OK)
            CU_ASSERT(golden_close(x, golden_num(expect, "gold_accuracy"), 1e-14));
        CU_ASSERT_EQUAL(tally[j].gold == 0, golden_at(expect, "gold_accuracy") == NULL);
        CU_ASSERT_EQUAL(calc_trust_consensus_agreement(&tally[j], &x), CALC_OK);
        CU_ASSERT(golden_close(x, golden_num(expect, "consensus_agreement"), 1e-12));
        CU_ASSERT(golden_close(calc_consensus_reliability(&c, j), golden_num(expect, "reliability"),
                               1e-7));
        CU_ASSERT(golden_close(calc_trust_mean(&tally[j], m0), golden_num(expect, "trust"), 1e-7));
    }
}

static void test_golden(void)
{
    struct json_object *expected = golden_load("numerics/expected.json");

    if (expected == NULL)
        return;
    check_set(golden_at(expected, "t6_temp_snow2008/trust_gold_every_10th_task"),
              "numerics/t6_temp_snow2008.csv");
    check_set(golden_at(expected, "t6_wsd_snow2008/trust_gold_every_10th_task"),
              "numerics/t6_wsd_snow2008.csv");
    json_object_put(expected);
}

void suite_calc_trust(void)
{
    CU_pSuite s = CU_add_suite("calc_trust", NULL, NULL);

    CU_add_test(s, "tallies by hand", test_count);
    CU_add_test(s, "prior and mean by hand", test_prior);
    CU_add_test(s, "veto against the binomial tail", test_veto);
    CU_add_test(s, "golden: TEMP, WSD with every tenth task gold", test_golden);
}
