/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_redundancy.c: stop rule and priority */
#include "calc_redundancy.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_redundancy(void);

static void test_open(void)
{
    static const struct {
        bool adaptive;
        uint32_t n, required, votes;
        double confidence;
        bool open;
    } cases[] = {
        {false, 2, 3, 2, 1.0, true},
        {false, 3, 3, 3, 0.4, false},
        {true, 1, 3, 1, 1.0, true},
        {true, 2, 3, 2, 0.99, false},
        {true, 2, 3, 2, 0.98, true},
        {true, 2, 3, 1, 1.0, true}, /* the other was unsure, or is blocked */
        {true, 3, 4, 2, 0.99, false},
        {true, 3, 3, 3, 0.95, false},
        {true, 3, 3, 1, 0.95, false},
        {true, 3, 3, 3, 0.949, true},
        {true, 5, 3, 5, 0.5, true},
        {true, 6, 3, 6, 0.5, false},
        {true, 0, 1, 0, 0.0, true},
        {true, 1, 1, 1, 0.94, true},
        {true, 1, 1, 1, 0.95, false},
        {true, 2, 1, 2, 0.1, false},
        {true, 7, UINT32_MAX, 7, 0.5, true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CU_ASSERT_EQUAL(calc_redundancy_open(cases[i].adaptive, cases[i].n, cases[i].required,
                                             cases[i].votes, cases[i].confidence),
                        cases[i].open);
}

static void test_entropy(void)
{
    CU_ASSERT_EQUAL(calc_redundancy_entropy((const double[]){0.0, 1.0, 0.0}, 3), 0.0);
    CU_ASSERT(golden_close(calc_redundancy_entropy((const double[]){0.25, 0.25, 0.25, 0.25}, 4),
                           log(4.0), 1e-15));
    CU_ASSERT(golden_close(calc_redundancy_entropy((const double[]){0.5, 0.25, 0.25}, 3),
                           1.5 * log(2.0), 1e-15));
}

void suite_calc_redundancy(void)
{
    CU_pSuite s = CU_add_suite("calc_redundancy", NULL, NULL);

    CU_add_test(s, "stop rule", test_open);
    CU_add_test(s, "entropy", test_entropy);
}
