/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_currency.c: currency codes and slugs */
#include "currency.h"
#include "slug.h"

#include <CUnit/CUnit.h>
#include <string.h>

void suite_currency(void);

static void test_codes(void)
{
    static const char *const good[] = {"AED", "EUR", "USD", "CHF", "JPY", "XOF", "ZWG"};
    static const char *const bad[] = {"",    "EU",  "EURO", "eur", "XXX", "XTS",
                                      "XAU", "DEM", "ZZZ",  "AAA", " EUR"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CU_ASSERT_PTR_NULL(currency_check(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_PTR_NOT_NULL(currency_check(bad[i]));
}

static void test_slugs(void)
{
    char longest[66];
    memset(longest, 'a', 65);
    longest[65] = 0;
    CU_ASSERT_PTR_NOT_NULL(slug_check(longest));
    longest[64] = 0;
    CU_ASSERT_PTR_NULL(slug_check(longest));
    CU_ASSERT_PTR_NULL(slug_check("arcnm"));
    CU_ASSERT_PTR_NULL(slug_check("0_-z"));
    static const char *const bad[] = {"", "A", "a b", "a.b", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_PTR_NOT_NULL(slug_check(bad[i]));
}

void suite_currency(void)
{
    CU_pSuite s = CU_add_suite("currency", NULL, NULL);
    CU_ADD_TEST(s, test_codes);
    CU_ADD_TEST(s, test_slugs);
}
