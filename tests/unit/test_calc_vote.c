/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_vote.c: votes, ties, combination of corrections */
#include "calc_vote.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_vote(void);

#define NONE CALC_LABEL_NONE

static void test_majority(void)
{
    double p[3] = {-1, -1, -1};

    CU_ASSERT_EQUAL(calc_vote_majority((const uint32_t[]){0, 0, 0}, 3, p), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(p[0], -1.0);
    CU_ASSERT_EQUAL(calc_vote_majority((const uint32_t[]){1, 0, 6}, 3, p), CALC_OK);
    CU_ASSERT(golden_close(p[2], 6.0 / 7.0, 1e-15));
    CU_ASSERT_EQUAL(p[1], 0.0);
}

/* k = 3: weight ln(2p/(1-p)), so the odds of a class multiply by 2p/(1-p). */
static void test_weighted(void)
{
    const struct calc_vote_trusted row[] = {{0, 0.6}, {1, 0.8}, {0, 0.5}};
    const struct calc_vote_trusted edge[] = {{0, 0.0}, {1, 1.0}}, bad[] = {{3, 0.5}, {0, 1.5}};
    double p[3];

    CU_ASSERT_EQUAL(calc_vote_weighted(row, 3, 3, p), CALC_OK); /* odds 3 * 2 : 8 : 1 */
    CU_ASSERT(golden_close(p[0], 6.0 / 15.0, 1e-14));
    CU_ASSERT(golden_close(p[1], 8.0 / 15.0, 1e-14));
    CU_ASSERT(golden_close(p[2], 1.0 / 15.0, 1e-14));
    CU_ASSERT_EQUAL(calc_vote_weighted(edge, 2, 2, p), CALC_OK); /* clipped to 0.51 and 0.99 */
    CU_ASSERT(golden_close(p[0] / p[1], 51.0 / 49.0 / 99.0, 1e-12));
    CU_ASSERT_EQUAL(calc_vote_weighted(edge, 1, 1, p), CALC_OK);
    CU_ASSERT_EQUAL(p[0], 1.0);
    CU_ASSERT_EQUAL(calc_vote_weighted(row, 0, 3, p), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(calc_vote_weighted(row, 3, 0, p), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_vote_weighted(bad, 1, 3, p), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_vote_weighted(bad + 1, 1, 3, p), CALC_DOMAIN);
}

static void test_decide(void)
{
    static const struct {
        double posterior[4];
        uint32_t votes[4], predicted, label;
        bool tied;
        double confidence, agreement;
    } cases[] = {
        {{0.1, 0.7, 0.1, 0.1}, {3, 1, 0, 0}, 0, 1, false, 0.7, 0.25},
        {{0.4, 0.2, 0.4, 0.0}, {1, 0, 2, 0}, 0, 2, true, 0.4, 2.0 / 3.0}, /* more votes */
        {{0.4, 0.2, 0.4, 0.0}, {2, 0, 2, 0}, 2, 2, true, 0.4, 0.5},       /* predicted */
        {{0.4, 0.2, 0.4, 0.0}, {2, 0, 2, 0}, 1, 0, true, 0.4, 0.5},       /* smaller */
        {{0.4, 0.2, 0.4, 0.0}, {2, 0, 2, 0}, NONE, 0, true, 0.4, 0.5},    /* smaller */
        {{0.25, 0.25, 0.25, 0.25}, {0, 0, 0, 0}, 3, 3, true, 0.25, 0.0},  /* no votes */
        {{0.4, 0.4 + 5e-10, 0.2, 0}, {1, 1, 1, 0}, 0, 0, true, 0.4 + 5e-10, 1.0 / 3.0},
        {{0.4, 0.4 + 2e-9, 0.2, 0}, {1, 1, 1, 0}, 0, 1, false, 0.4 + 2e-9, 1.0 / 3.0},
        {{0.3, 0.3, 0.3, 0.1}, {1, 2, 2, 9}, 0, 1, true, 0.3, 2.0 / 14.0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct calc_vote_decision d;

        calc_vote_decide(cases[i].posterior, cases[i].votes, 4, cases[i].predicted, &d);
        CU_ASSERT_EQUAL(d.label, cases[i].label);
        CU_ASSERT_EQUAL(d.tied, cases[i].tied);
        CU_ASSERT_EQUAL(d.confidence, cases[i].confidence);
        CU_ASSERT(golden_close(d.agreement, cases[i].agreement, 1e-15));
    }
}

static void test_median(void)
{
    static const struct {
        struct calc_vote_number row[5];
        size_t n;
        enum calc_status status;
        double median;
    } cases[] = {
        {{{7.25, 1}}, 1, CALC_OK, 7.25},
        {{{9, 1}, {3, 1}, {5, 1}, {4, 1}}, 4, CALC_OK, 4},              /* lower middle */
        {{{9, .7}, {3, .7}, {5, .7}, {4, .7}}, 4, CALC_OK, 4},          /* same, inexact sum */
        {{{9, .1}, {3, .3}, {5, .1}, {4, .1}, {6, .6}}, 5, CALC_OK, 6}, /* weight decides */
        {{{1, .1}, {2, .7}, {3, .8}}, 3, CALC_OK, 2}, /* .1 + .7 < .8 as doubles */
        {{{1, 0}, {2, 0.5}, {3, 0.5}}, 3, CALC_OK, 2},
        {{{-1, 0}, {2, 0}}, 2, CALC_UNDEFINED, 0},
        {{{0, 0}}, 0, CALC_UNDEFINED, 0},
        {{{NAN, 1}, {2, 1}}, 2, CALC_DOMAIN, 0},
        {{{1, -0.5}, {2, 1}}, 2, CALC_DOMAIN, 0},
        {{{1, INFINITY}, {2, 1}}, 2, CALC_DOMAIN, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct calc_vote_number row[5], back[5];
        double a = -77, b = -77;

        memcpy(row, cases[i].row, sizeof row);
        for (size_t s = 0; s < cases[i].n; s++)
            back[s] = row[cases[i].n - 1 - s];
        CU_ASSERT_EQUAL(calc_vote_median(row, cases[i].n, &a), cases[i].status);
        CU_ASSERT_EQUAL(calc_vote_median(back, cases[i].n, &b), cases[i].status);
        CU_ASSERT_EQUAL(a, cases[i].status == CALC_OK ? cases[i].median : -77);
        CU_ASSERT_EQUAL(a, b);
    }
}

void suite_calc_vote(void)
{
    CU_pSuite s = CU_add_suite("calc_vote", NULL, NULL);

    CU_add_test(s, "majority", test_majority);
    CU_add_test(s, "weighted majority", test_weighted);
    CU_add_test(s, "decision and tie rules", test_decide);
    CU_add_test(s, "trust-weighted median", test_median);
}
