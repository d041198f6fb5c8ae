/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_price.c: rates by date, machine choice, the price equation */
#include "calc_price.h"
#include "golden.h"

#include <CUnit/CUnit.h>
#include <string.h>

void suite_calc_price(void);

enum { DAY = 20567 }; /* 2026-04-24 */

/* An environment in CHF. Labour and machines are EUR, the material is USD; EUR -> CHF is booked as
   it is used, USD only the other way round. */
static struct price_rate labour[] = {
    {"setter", NULL, DAY + 1, PRICE_OPEN, "EUR", false, 41.5, NAN, 2},
    {"setter", NULL, DAY - 400, PRICE_OPEN, "EUR", false, 38.4, NAN, 0},
    {"setter", NULL, DAY - 30, DAY - 2, "EUR", false, 99.9, NAN, 1},
    {"robot", NULL, DAY - 400, PRICE_OPEN, "GBP", false, 3.1, NAN, 3},
};
static struct price_rate overheads[] = {
    {"manufacturing", NULL, DAY - 9, PRICE_OPEN, "CHF", false, 0.21, NAN, 0},
    {"material", NULL, DAY - 9, PRICE_OPEN, "CHF", false, 0.07, NAN, 1},
    {"manufacturing", "b", DAY - 9, PRICE_OPEN, "CHF", true, 0.13, NAN, 2},
    {"sales", NULL, DAY - 9, PRICE_OPEN, "CHF", false, 0.046, NAN, 3},
    {"administration", NULL, DAY - 9, PRICE_OPEN, "CHF", false, 0.083, NAN, 4},
    {"profit", NULL, DAY - 9, PRICE_OPEN, "CHF", false, 0.05, NAN, 5},
};
static struct price_rate materials[] = {
    {"steel", NULL, DAY - 9, DAY, "USD", false, 4.35, 0.62, 0},
    {"foil", NULL, DAY - 9, DAY, "CHF", false, 1.7, 5.9, 1},
};
static struct price_rate fx[] = {
    {"CHF", "USD", DAY - 9, PRICE_OPEN, "CHF", false, 1.25, NAN, 0},
    {"EUR", "CHF", DAY - 9, PRICE_OPEN, "CHF", false, 0.9375, NAN, 1},
    {"GBP", "EUR", DAY - 9, PRICE_OPEN, "CHF", false, 1.17, NAN, 2},
};

#define NO_LIMITS                                                                                  \
    .envelope = {NAN}, .spindle_rpm = NAN, .power_kw = NAN, .thickness_mm = NAN,                   \
    .tool_diameter_mm = NAN, .it_grade = PRICE_NO_GRADE

static const struct price_machine machines[] = {
    {.id = {9},
     .ref = "a",
     .klass = "milling.3axis_vmc",
     .hourly = 61.7,
     .burden = 8.3,
     .operator_hourly = 50.0,
     .priority = 7,
     .enabled = true,
     .valid_from = DAY - 500,
     .valid_to = PRICE_OPEN,
     NO_LIMITS,
     .row = 0},
    {.id = {2},
     .ref = "b",
     .klass = "cutting.saw",
     .hourly = 24.9,
     .burden = NAN,
     .operator_hourly = 0.4 * 31.5,
     .priority = 7,
     .enabled = true,
     .valid_from = DAY - 500,
     .valid_to = PRICE_OPEN,
     NO_LIMITS,
     .row = 1},
    {.id = {1},
     .ref = "c",
     .klass = "cutting.saw",
     .hourly = 79.5,
     .burden = NAN,
     .priority = 8,
     .enabled = true,
     .valid_from = DAY - 500,
     .valid_to = PRICE_OPEN,
     NO_LIMITS,
     .row = 2},
    {.id = {3},
     .ref = "d",
     .klass = "cutting.saw",
     .hourly = 2.5,
     .burden = NAN,
     .priority = 1,
     .enabled = false,
     .valid_from = DAY - 500,
     .valid_to = PRICE_OPEN,
     NO_LIMITS,
     .row = 3},
    {.id = {4},
     .ref = "e",
     .klass = "cutting.saw",
     .hourly = 2.5,
     .burden = NAN,
     .priority = 1,
     .enabled = true,
     .valid_from = DAY - 500,
     .valid_to = DAY - 1,
     NO_LIMITS,
     .row = 4},
};

static struct price_book book_of_test(void)
{
    struct price_book book = {
        .currency = "CHF",
        .valid_from = DAY - 700,
        .valid_to = DAY + 2,
        .machines = machines,
        .n_machines = sizeof machines / sizeof *machines,
        .rates = {labour, overheads, materials, fx},
        .n_rates = {sizeof labour / sizeof *labour, sizeof overheads / sizeof *overheads,
                    sizeof materials / sizeof *materials, sizeof fx / sizeof *fx},
    };
    calc_price_order(&book);
    return book;
}

#define NO_NEEDS                                                                                   \
    .spindle_rpm = NAN, .power_kw = NAN, .thickness_mm = NAN, .tool_diameter_mm = NAN,             \
    .it_grade = PRICE_NO_GRADE

static const struct price_operation steps_of_test[] = {
    {.sequence = 10,
     .klass = "milling.3axis_vmc",
     .setup_s = 1350.0,
     .cycle_s = 97.5,
     .parts_per_cycle = 2.0,
     .labour_category = "setter",
     .attendance = 0.35,
     NO_NEEDS},
    {.sequence = 20,
     .klass = "cutting.saw",
     .setup_s = 240.0,
     .cycle_s = 18.0,
     .parts_per_cycle = 1.0,
     .attendance = 1.0,
     NO_NEEDS},
};

static struct price_plan plan_of_test(void)
{
    return (struct price_plan){
        .material_ref = "steel",
        .gross_mass_kg = 2.385,
        .net_mass_kg = 1.71,
        .scrap_rate = 0.03,
        .tooling_cost = 1234.0,
        .external_per_part = 0.55,
        .external_per_lot = 83.2,
        .purchased = 3.0 * 0.41,
        .envelope = {NAN},
        .operations = steps_of_test,
        .n_operations = 2,
    };
}

/* Computed with exact fractions from the equation of calc_price.h, by another program. */
static void test_hand(void)
{
    struct price_book book = book_of_test();
    struct price_plan plan = plan_of_test();
    struct price_coefficients c;
    struct price_faults faults;
    struct price_step steps[2];
    struct price_source sources[PRICE_SOURCES(2)];
    struct price_detail detail = {steps, sources, 0, PRICE_SOURCES(2)};
    struct price_cost cost;

    CU_ASSERT_EQUAL(calc_price_resolve(&book, &plan, DAY, NULL, &c, &detail, &faults), CALC_OK);
    CU_ASSERT_EQUAL(calc_price_at(&c, 37.0, 870.0, NAN, &cost), PRICE_OK);
    CU_ASSERT(golden_close(cost.material, 8.2113402061855663, 1e-14));
    CU_ASSERT(golden_close(cost.labour, 0.23679123711340205, 1e-14));
    CU_ASSERT(golden_close(cost.machine, 1.0364851804123711, 1e-14));
    CU_ASSERT(golden_close(cost.setup, 1.0933277027027026, 1e-14));
    CU_ASSERT(golden_close(cost.tooling, 1.4183908045977012, 1e-14));
    CU_ASSERT(golden_close(cost.external, 4.028648648648649, 1e-14));
    CU_ASSERT(golden_close(cost.overhead_variable, 1.3289671339209366, 1e-14));
    CU_ASSERT(golden_close(cost.overhead_fixed, 2.2386596678519917, 1e-14));
    CU_ASSERT(golden_close(cost.uncalibrated, 19.59261058143332, 1e-14));
    CU_ASSERT(golden_close(cost.driver[PRICE_DRIVER_MATERIAL], 9.9195453092783499, 1e-14));
    CU_ASSERT(golden_close(cost.driver[PRICE_DRIVER_RUN], 1.7053819611791237, 1e-14));
    CU_ASSERT(golden_close(cost.driver[PRICE_DRIVER_SETUP], 1.4816894923986486, 1e-14));
    CU_ASSERT(golden_close(cost.driver[PRICE_DRIVER_OTHER], 6.4859938185771977, 1e-14));
    CU_ASSERT_EQUAL(c.profit, 0.05);
    /* lifetime goes before annual volume: 1234/493.6 = 2.5 */
    CU_ASSERT_EQUAL(calc_price_at(&c, 37.0, 870.0, 493.6, &cost), PRICE_OK);
    CU_ASSERT(golden_close(cost.tooling, 2.5, 1e-14));

    CU_ASSERT_EQUAL(steps[0].machine, 0);
    CU_ASSERT_EQUAL(steps[1].machine, 1);
    CU_ASSERT_EQUAL(steps[0].setup_s, 1350.0);
    /* 0.375 h (70 + 38.4) 0.9375 */
    CU_ASSERT(golden_close(steps[0].setup_cost, 38.109375, 1e-14));
    /* steel; USD; EUR; setter; manufacturing, that of b; material, administration, sales, profit */
    CU_ASSERT_EQUAL(detail.n_sources, 10);
    CU_ASSERT_EQUAL(sources[0].kind, PRICE_MATERIAL);
    CU_ASSERT_EQUAL(book.rates[PRICE_MATERIAL][sources[0].index].row, 0);
    CU_ASSERT_EQUAL(sources[1].kind, PRICE_FX);
    CU_ASSERT_EQUAL(book.rates[PRICE_FX][sources[1].index].row, 0);

    detail.sources_size = 3;
    CU_ASSERT_EQUAL(calc_price_resolve(&book, &plan, DAY, NULL, &c, &detail, &faults), CALC_SIZE);
}

static void test_factors(void)
{
    struct price_book book = book_of_test();
    struct price_plan plan = plan_of_test();
    struct price_coefficients c, slow;
    struct price_faults faults;
    const uint32_t machine[] = {PRICE_NONE, 2};
    const double setup[] = {1.5, 1.5}, cycle[] = {2.0, 2.0};
    struct price_choice factors = {NULL, setup, cycle}, other = {machine, NULL, NULL};

    CU_ASSERT_EQUAL(calc_price_resolve(&book, &plan, DAY, NULL, &c, NULL, &faults), CALC_OK);
    CU_ASSERT_EQUAL(calc_price_resolve(&book, &plan, DAY, &factors, &slow, NULL, &faults), CALC_OK);
    CU_ASSERT(golden_close(slow.setup, 1.5 * c.setup, 1e-14));
    CU_ASSERT(golden_close(slow.machine, 2.0 * c.machine, 1e-14));
    CU_ASSERT(golden_close(slow.labour, 2.0 * c.labour, 1e-14));
    CU_ASSERT_EQUAL(slow.material, c.material);
    /* 18 s on machine c instead of b: (79.5 - 24.9) 0.9375 * 18/3600/0.97 */
    CU_ASSERT_EQUAL(calc_price_resolve(&book, &plan, DAY, &other, &slow, NULL, &faults), CALC_OK);
    CU_ASSERT(golden_close(slow.machine - c.machine, 54.6 * 0.9375 * 0.005 / 0.97, 1e-12));
}

static const struct {
    enum price_kind kind;
    const char *key, *key2;
    int32_t date;
    uint32_t row; /* PRICE_NONE: nothing valid */
} lookups[] = {
    {PRICE_LABOUR, "setter", NULL, DAY, 0},
    {PRICE_LABOUR, "setter", NULL, DAY - 1, 0}, /* the newer row had ended the day before */
    {PRICE_LABOUR, "setter", NULL, DAY - 2, 1},
    {PRICE_LABOUR, "setter", NULL, DAY - 30, 1},
    {PRICE_LABOUR, "setter", NULL, DAY - 31, 0},
    {PRICE_LABOUR, "setter", NULL, DAY + 1, 2},
    {PRICE_LABOUR, "setter", NULL, DAY - 401, PRICE_NONE},
    {PRICE_LABOUR, "Setter", NULL, DAY, PRICE_NONE},
    {PRICE_LABOUR, "set", NULL, DAY, PRICE_NONE},
    {PRICE_MATERIAL, "steel", NULL, DAY, 0},
    {PRICE_MATERIAL, "steel", NULL, DAY + 1, PRICE_NONE},
    {PRICE_MATERIAL, "zinc", NULL, DAY, PRICE_NONE},
    {PRICE_OVERHEAD, "manufacturing", NULL, DAY, 0},
    {PRICE_OVERHEAD, "manufacturing", "b", DAY, 2},
    {PRICE_OVERHEAD, "manufacturing", "a", DAY, PRICE_NONE},
    {PRICE_FX, "CHF", "USD", DAY, 0},
    {PRICE_FX, "USD", "CHF", DAY, PRICE_NONE},
};

static void test_lookup(void)
{
    struct price_book book = book_of_test();

    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        uint32_t at = calc_price_rate(&book, lookups[i].kind, lookups[i].key, lookups[i].key2,
                                      lookups[i].date);

        CU_ASSERT_EQUAL(at == PRICE_NONE ? at : book.rates[lookups[i].kind][at].row,
                        lookups[i].row);
    }
}

static void test_fx(void)
{
    struct price_book book = book_of_test();
    double factor = -1.0;
    uint32_t index = 5;

    CU_ASSERT(calc_price_fx(&book, "CHF", DAY, &factor, &index));
    CU_ASSERT_EQUAL(factor, 1.0);
    CU_ASSERT_EQUAL(index, PRICE_NONE);
    CU_ASSERT(calc_price_fx(&book, "EUR", DAY, &factor, &index));
    CU_ASSERT_EQUAL(factor, 0.9375);
    CU_ASSERT(calc_price_fx(&book, "USD", DAY, &factor, &index));
    CU_ASSERT(golden_close(factor, 0.8, 1e-15));
    CU_ASSERT_FALSE(calc_price_fx(&book, "GBP", DAY, &factor, &index)); /* would be a cross */
    CU_ASSERT_FALSE(calc_price_fx(&book, "EUR", DAY - 10, &factor, &index));
}

static const struct {
    const char *what;
    int32_t date;
    const char *material, *labour, *machine, *klass;
    double tooling_units;
    enum price_failure failure;
    const char *a, *b;
    int64_t sequence;
} missing[] = {
    {"date", DAY + 3, NULL, NULL, NULL, NULL, 1, PRICE_ENVIRONMENT_NOT_VALID, NULL, NULL,
     INT64_MIN},
    {"material", DAY, "zinc", NULL, NULL, NULL, 1, PRICE_NO_MATERIAL_RATE, "zinc", NULL, INT64_MIN},
    {"scrap", DAY, "foil", NULL, NULL, NULL, 1, PRICE_OK, NULL, NULL, 0},
    {"labour", DAY, NULL, "welder", NULL, NULL, 1, PRICE_NO_LABOUR_RATE, "welder", NULL, 10},
    {"fx", DAY, NULL, "robot", NULL, NULL, 1, PRICE_NO_FX, "GBP", "CHF", 10},
    {"machine", DAY, NULL, NULL, NULL, "edm.wire", 1, PRICE_NO_MACHINE, "edm.wire", NULL, 10},
    {"foreign", DAY, NULL, NULL, "x", NULL, 1, PRICE_MACHINE_UNKNOWN, "x", NULL, 10},
    {"disabled", DAY, NULL, NULL, "d", NULL, 1, PRICE_MACHINE_DISABLED, "d", NULL, 10},
    {"sold", DAY, NULL, NULL, "e", NULL, 1, PRICE_MACHINE_NOT_VALID, "e", NULL, 10},
    {"other klass", DAY, NULL, NULL, "b", NULL, 1, PRICE_OK, NULL, NULL, 0},
    {"volume", DAY, NULL, NULL, NULL, NULL, 0, PRICE_NO_TOOLING_UNITS, NULL, NULL, 0},
    {"range", DAY, NULL, NULL, NULL, NULL, 1e-307, PRICE_NOT_FINITE, NULL, NULL, 0},
};

static bool texts_equal(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static void test_missing(void)
{
    struct price_book book = book_of_test();

    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        struct price_plan plan = plan_of_test();
        struct price_operation steps[2] = {steps_of_test[0], steps_of_test[1]};
        struct price_coefficients c;
        struct price_faults faults;
        struct price_cost cost;
        enum price_failure failure;

        plan.operations = steps;
        if (missing[i].material)
            plan.material_ref = missing[i].material;
        if (missing[i].labour)
            steps[0].labour_category = missing[i].labour;
        if (missing[i].machine)
            steps[0].machine_ref = missing[i].machine;
        if (missing[i].klass)
            steps[0].klass = missing[i].klass;
        if (calc_price_resolve(&book, &plan, missing[i].date, NULL, &c, NULL, &faults) == CALC_OK) {
            CU_ASSERT_EQUAL(faults.n, 0);
            failure = calc_price_at(&c, 37.0, missing[i].tooling_units, NAN, &cost);
            CU_ASSERT_EQUAL(failure, missing[i].failure);
            continue;
        }
        CU_ASSERT(faults.n >= 1);
        CU_ASSERT_EQUAL(faults.at[0].failure, missing[i].failure);
        CU_ASSERT(texts_equal(faults.at[0].a, missing[i].a));
        CU_ASSERT(texts_equal(faults.at[0].b, missing[i].b));
        CU_ASSERT_EQUAL(faults.at[0].sequence, missing[i].sequence);
    }
    for (int f = 0; f < PRICE_FAILURES; f++)
        CU_ASSERT_PTR_NOT_NULL(calc_price_failure_text((enum price_failure)f));
}

/* everything missing is named once, and nothing is priced */
static void test_all_missing(void)
{
    struct price_book book = book_of_test();
    struct price_plan plan = plan_of_test();
    struct price_operation steps[4] = {steps_of_test[0], steps_of_test[0], steps_of_test[1],
                                       steps_of_test[1]};
    struct price_coefficients c = {.setup = -7.5};
    struct price_faults faults;

    plan.operations = steps;
    plan.n_operations = 4;
    plan.material_ref = "zinc";
    steps[0].labour_category = steps[1].labour_category = "welder";
    steps[2].klass = steps[3].klass = "edm.wire";
    CU_ASSERT_EQUAL(calc_price_resolve(&book, &plan, DAY - 900, NULL, &c, NULL, &faults),
                    CALC_UNDEFINED);
    CU_ASSERT_EQUAL(faults.n, 5);
    CU_ASSERT_EQUAL(faults.at[0].failure, PRICE_ENVIRONMENT_NOT_VALID);
    CU_ASSERT_EQUAL(c.setup, -7.5);
    /* scrap worth more than what is bought: 2.385 * 1.7 - 1.385 * 5.9 < 0 */
    plan = plan_of_test();
    plan.material_ref = "foil";
    plan.net_mass_kg = 1.0;
    CU_ASSERT_EQUAL(calc_price_resolve(&book, &plan, DAY, NULL, &c, NULL, &faults), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(faults.at[0].failure, PRICE_NEGATIVE_MATERIAL);
    /* nothing bought needs no price */
    plan.material_ref = "zinc";
    plan.gross_mass_kg = 0.0;
    CU_ASSERT_EQUAL(calc_price_resolve(&book, &plan, DAY, NULL, &c, NULL, &faults), CALC_OK);
    CU_ASSERT_EQUAL(c.material, 0.0);
}

static uint64_t state = 0x5eed2385;

static double uniform(double low, double high)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(state >> 11) / 9007199254740992.0;
}

/* Both sums of the price equation, and its shape in the lot size: fixed + per lot / n. */
static void test_identities(void)
{
    struct price_book book = book_of_test();
    bool sums = true, shape = true;

    for (int run = 0; run < 2000; run++) {
        struct price_plan plan = plan_of_test();
        struct price_operation steps[2] = {steps_of_test[0], steps_of_test[1]};
        struct price_coefficients c;
        struct price_faults faults;
        struct price_cost cost, one, many;
        double n = uniform(0.25, 4000.0), volume = uniform(1.0, 90000.0), fixed, lot;

        plan.operations = steps;
        plan.n_operations = (size_t)uniform(0.0, 2.99);
        plan.gross_mass_kg = uniform(0.001, 800.0);
        plan.net_mass_kg = uniform(0.0, 1.0) < 0.3 ? NAN : uniform(0.0, 900.0);
        plan.scrap_rate = uniform(0.0, 0.999);
        plan.tooling_cost = uniform(0.0, 1.0) < 0.3 ? NAN : uniform(0.0, 1e6);
        plan.external_per_lot = uniform(0.0, 1e4);
        steps[0].setup_s = uniform(0.0, 1e5);
        steps[1].cycle_s = uniform(0.0, 1e5);
        steps[0].attendance = uniform(0.0, 1.0);
        if (calc_price_resolve(&book, &plan, DAY, NULL, &c, NULL, &faults) != CALC_OK ||
            calc_price_at(&c, n, volume, NAN, &cost) != PRICE_OK ||
            calc_price_at(&c, 1.0, volume, NAN, &one) != PRICE_OK ||
            calc_price_at(&c, 1000.0, volume, NAN, &many) != PRICE_OK) {
            CU_FAIL("not priced");
            return;
        }
        sums &=
            golden_close(cost.material + cost.labour + cost.machine + cost.setup + cost.tooling +
                             cost.external + cost.overhead_variable + cost.overhead_fixed,
                         cost.uncalibrated, 1e-12);
        sums &= golden_close(cost.driver[0] + cost.driver[1] + cost.driver[2] + cost.driver[3],
                             cost.uncalibrated, 1e-12);
        lot = (one.uncalibrated - many.uncalibrated) / 0.999;
        fixed = one.uncalibrated - lot;
        shape &= golden_close(fixed + lot / n, cost.uncalibrated, 1e-9);
    }
    CU_ASSERT(sums);
    CU_ASSERT(shape);
}

void suite_calc_price(void)
{
    CU_pSuite s = CU_add_suite("calc_price", NULL, NULL);

    CU_ADD_TEST(s, test_hand);
    CU_ADD_TEST(s, test_factors);
    CU_ADD_TEST(s, test_lookup);
    CU_ADD_TEST(s, test_fx);
    CU_ADD_TEST(s, test_missing);
    CU_ADD_TEST(s, test_all_missing);
    CU_ADD_TEST(s, test_identities);
}
