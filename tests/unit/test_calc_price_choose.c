/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_price_choose.c: which machine makes an operation */
#include "calc_price.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void suite_calc_price_choose(void);

enum { DAY = 20567 }; /* 2026-04-24 */

#define NO_LIMITS                                                                                  \
    .envelope = {NAN}, .spindle_rpm = NAN, .power_kw = NAN, .thickness_mm = NAN,                   \
    .tool_diameter_mm = NAN, .it_grade = PRICE_NO_GRADE, .valid_from = DAY - 500,                  \
    .valid_to = PRICE_OPEN
#define NO_NEEDS                                                                                   \
    .klass = "cutting.saw", .spindle_rpm = NAN, .power_kw = NAN, .thickness_mm = NAN,              \
    .tool_diameter_mm = NAN, .it_grade = PRICE_NO_GRADE

static const struct price_machine saw = {
    .id = {7}, .ref = "b", .klass = "cutting.saw", .priority = 7, .enabled = true, NO_LIMITS};
static const struct price_operation sawing = {NO_NEEDS};
static const struct price_plan any_part = {.envelope = {NAN}};

static const char *const held[] = {"ISO 13485", "EN 9100"};
static const char *const wanted_one[] = {"EN 9100"};
static const char *const wanted_more[] = {"EN 9100", "NADCAP"};

static void test_suits(void)
{
    const struct price_machine limited = {.klass = "cutting.saw",
                                          .enabled = true,
                                          .valid_from = DAY,
                                          .valid_to = DAY,
                                          .envelope = {310.0, 95.5, 200.0},
                                          .spindle_rpm = 12000.0,
                                          .power_kw = 18.5,
                                          .thickness_mm = 40.0,
                                          .tool_diameter_mm = 32.0,
                                          .it_grade = 7,
                                          .certifications = held,
                                          .n_certifications = 2};

    const struct {
        double envelope[3], rpm, power, thickness, tool;
        int32_t grade;
        const char *const *certifications;
        size_t n;
        int32_t date;
        bool suits;
    } cases[] = {
        {{NAN}, NAN, NAN, NAN, NAN, PRICE_NO_GRADE, NULL, 0, DAY, true},
        {{NAN}, NAN, NAN, NAN, NAN, PRICE_NO_GRADE, NULL, 0, DAY + 1, false},
        {{NAN}, NAN, NAN, NAN, NAN, PRICE_NO_GRADE, NULL, 0, DAY - 1, false},
        {{200.0, 310.0, 95.5}, 12000.0, 18.5, 40.0, 32.0, 7, held, 2, DAY, true},
        {{200.0, 310.0, 95.6}, NAN, NAN, NAN, NAN, PRICE_NO_GRADE, NULL, 0, DAY, false},
        {{201.0, 95.5, 201.0}, NAN, NAN, NAN, NAN, PRICE_NO_GRADE, NULL, 0, DAY, false},
        {{NAN}, 12001.0, NAN, NAN, NAN, PRICE_NO_GRADE, NULL, 0, DAY, false},
        {{NAN}, NAN, 18.6, NAN, NAN, PRICE_NO_GRADE, NULL, 0, DAY, false},
        {{NAN}, NAN, NAN, 40.5, NAN, PRICE_NO_GRADE, NULL, 0, DAY, false},
        {{NAN}, NAN, NAN, NAN, 32.5, PRICE_NO_GRADE, NULL, 0, DAY, false},
        {{NAN}, NAN, NAN, NAN, NAN, 8, NULL, 0, DAY, true},
        {{NAN}, NAN, NAN, NAN, NAN, 6, NULL, 0, DAY, false},
        {{NAN}, NAN, NAN, NAN, NAN, PRICE_NO_GRADE, wanted_one, 1, DAY, true},
        {{NAN}, NAN, NAN, NAN, NAN, PRICE_NO_GRADE, wanted_more, 2, DAY, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct price_plan plan = any_part;
        struct price_operation o = sawing;

        memcpy(plan.envelope, cases[i].envelope, sizeof plan.envelope);
        o.spindle_rpm = cases[i].rpm;
        o.power_kw = cases[i].power;
        o.thickness_mm = cases[i].thickness;
        o.tool_diameter_mm = cases[i].tool;
        o.it_grade = cases[i].grade;
        o.certifications = cases[i].certifications;
        o.n_certifications = cases[i].n;
        CU_ASSERT_EQUAL(calc_price_suits(&limited, &plan, &o, cases[i].date), cases[i].suits);
    }
    /* a machine without limits takes whatever is asked */
    struct price_plan plan = any_part;
    struct price_operation o = sawing;
    o.spindle_rpm = 90000.0;
    o.it_grade = 1;
    o.certifications = wanted_more;
    o.n_certifications = 2;
    plan.envelope[0] = plan.envelope[1] = plan.envelope[2] = 9000.0;
    CU_ASSERT(calc_price_suits(&saw, &plan, &o, DAY));
    struct price_machine off = saw, mill = saw;
    off.enabled = false;
    mill.klass = "milling.gantry";
    CU_ASSERT_FALSE(calc_price_suits(&off, &plan, &o, DAY));
    CU_ASSERT_FALSE(calc_price_suits(&mill, &plan, &o, DAY));
}

/* priority first, then id: of two equals the lower id, however they are listed */
static void test_choose(void)
{
    struct price_machine saws[] = {saw, saw, saw};
    const struct price_book book = {.machines = saws, .n_machines = 3};
    struct price_operation welding = sawing;
    enum price_failure failure;

    saws[0].id[0] = 6;
    saws[2].id[0] = 5;
    saws[1].priority = 8;
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &sawing, DAY, &failure), 2);
    saws[1].priority = -3;
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &sawing, DAY, &failure), 1);
    CU_ASSERT_EQUAL(failure, PRICE_OK);
    saws[1].enabled = false;
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &sawing, DAY, &failure), 2);
    welding.klass = "welding.tig";
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &welding, DAY, &failure), PRICE_NONE);
    CU_ASSERT_EQUAL(failure, PRICE_NO_MACHINE);
}

/* a machine that left and came back is a member twice: the membership of the day counts */
static void test_named(void)
{
    struct price_machine twice[] = {saw, saw};
    const struct price_book book = {.machines = twice, .n_machines = 2};
    struct price_operation o = sawing;
    enum price_failure failure;

    o.machine_ref = "b";
    twice[0].valid_to = DAY - 9;
    twice[1].valid_from = DAY - 3;
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &o, DAY, &failure), 1);
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &o, DAY - 9, &failure), 0);
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &o, DAY - 5, &failure), PRICE_NONE);
    CU_ASSERT_EQUAL(failure, PRICE_MACHINE_NOT_VALID);
    twice[1].enabled = false;
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &o, DAY, &failure), PRICE_NONE);
    CU_ASSERT_EQUAL(failure, PRICE_MACHINE_DISABLED);
    o.machine_ref = "q";
    CU_ASSERT_EQUAL(calc_price_choose(&book, &any_part, &o, DAY, &failure), PRICE_NONE);
    CU_ASSERT_EQUAL(failure, PRICE_MACHINE_UNKNOWN);
}

void suite_calc_price_choose(void)
{
    CU_pSuite s = CU_add_suite("calc_price_choose", NULL, NULL);

    CU_ADD_TEST(s, test_suits);
    CU_ADD_TEST(s, test_choose);
    CU_ADD_TEST(s, test_named);
}
