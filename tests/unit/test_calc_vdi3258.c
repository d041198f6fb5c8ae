/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_vdi3258.c: machine-hour rate */
#include "calc_vdi3258.h"
#include "golden.h"

#include <CUnit/CUnit.h>

void suite_calc_vdi3258(void);

/* 2,000 h: 90000/15000 = 6; 0.5*90000*0.06/2000 = 1.35; 12.5*96/2000 = 0.6; 8*0.25 = 2;
 * 4600/2000 = 2.3; 1700/2000 = 0.85; machine 13.1; operator 0.4*38.5 = 15.4; total 28.5. */
static const struct calc_vdi3258_input vdi_hand = {
    .acquisition_cost_eur = 90000.0,
    .depreciation_life_h = 15000.0,
    .annual_hours_T_G = 2350.0,
    .annual_hours_T_ST = 270.0,
    .annual_hours_T_IH = 80.0,
    .capital_interest_rate = 0.06,
    .energy_kw = 8.0,
    .energy_eur_per_kwh = 0.25,
    .floor_space_m2 = 12.5,
    .space_eur_per_m2_y = 96.0,
    .maintenance_eur_per_year = 4600.0,
    .tooling_eur_per_year = 1700.0,
    .operator_hourly_eur = 38.5,
    .operator_share = 0.4,
};

static void test_hand(void)
{
    struct calc_vdi3258_rate r;
    const char *field = "x";

    CU_ASSERT_EQUAL(calc_vdi3258(&vdi_hand, &r, &field), CALC_OK);
    CU_ASSERT_PTR_NULL(field);
    CU_ASSERT(golden_close(r.run_hours, 2000.0, 1e-15));
    CU_ASSERT(golden_close(r.depreciation, 6.0, 1e-15));
    CU_ASSERT(golden_close(r.interest, 1.35, 1e-15));
    CU_ASSERT(golden_close(r.space, 0.6, 1e-15));
    CU_ASSERT(golden_close(r.energy, 2.0, 1e-15));
    CU_ASSERT(golden_close(r.maintenance, 2.3, 1e-15));
    CU_ASSERT(golden_close(r.tooling, 0.85, 1e-15));
    CU_ASSERT(golden_close(r.machine, 13.1, 1e-15));
    CU_ASSERT(golden_close(r.labour, 15.4, 1e-15));
    CU_ASSERT(golden_close(r.total, 28.5, 1e-15));
}

static const struct {
    size_t offset;
    double value;
    enum calc_status status;
    const char *field;
} vdi_cases[] = {
#define AT(f) offsetof(struct calc_vdi3258_input, f)
    {AT(acquisition_cost_eur), -1.5, CALC_DOMAIN, "acquisition_cost_eur"},
    {AT(acquisition_cost_eur), NAN, CALC_DOMAIN, "acquisition_cost_eur"},
    {AT(depreciation_life_h), 0.0, CALC_DOMAIN, "depreciation_life_h"},
    {AT(depreciation_life_h), 1e-320, CALC_UNDEFINED, "depreciation_life_h"},
    {AT(annual_hours_T_G), 350.0, CALC_DOMAIN, "annual_hours_T_G"},
    {AT(annual_hours_T_ST), INFINITY, CALC_DOMAIN, "annual_hours_T_ST"},
    {AT(annual_hours_T_IH), -0.5, CALC_DOMAIN, "annual_hours_T_IH"},
    {AT(capital_interest_rate), 6.0, CALC_DOMAIN, "capital_interest_rate"},
    {AT(capital_interest_rate), 1.0, CALC_DOMAIN, "capital_interest_rate"},
    {AT(capital_interest_rate), 0.99, CALC_OK, NULL},
    {AT(energy_kw), 1.7e308, CALC_OK, NULL},
    {AT(energy_eur_per_kwh), 1e308, CALC_UNDEFINED, "energy_kw"},
    {AT(floor_space_m2), 1e307, CALC_UNDEFINED, "floor_space_m2"},
    {AT(maintenance_eur_per_year), -3.0, CALC_DOMAIN, "maintenance_eur_per_year"},
    {AT(operator_share), 1.01, CALC_DOMAIN, "operator_share"},
    {AT(operator_share), 1.0, CALC_OK, NULL},
#undef AT
};

static void test_statuses(void)
{
    for (size_t i = 0; i < sizeof vdi_cases / sizeof vdi_cases[0]; i++) {
        struct calc_vdi3258_input in = vdi_hand;
        struct calc_vdi3258_rate r = {.total = -7.0};
        const char *field = "x";

        memcpy((char *)&in + vdi_cases[i].offset, &vdi_cases[i].value, sizeof(double));
        CU_ASSERT_EQUAL(calc_vdi3258(&in, &r, &field), vdi_cases[i].status);
        if (vdi_cases[i].field == NULL)
            CU_ASSERT_PTR_NULL(field)
        else
            CU_ASSERT_STRING_EQUAL(field, vdi_cases[i].field);
        CU_ASSERT((r.total == -7.0) == (vdi_cases[i].status != CALC_OK));
        CU_ASSERT(isfinite(r.total));
    }
}

/* Missing values are 0: only hours are needed, and a life is needed only for a price. */
static void test_missing(void)
{
    struct calc_vdi3258_input in = {.annual_hours_T_G = 1725.0, .maintenance_eur_per_year = 3450.0};
    struct calc_vdi3258_rate r;
    const char *field;

    CU_ASSERT_EQUAL(calc_vdi3258(&in, &r, &field), CALC_OK);
    CU_ASSERT(golden_close(r.total, 2.0, 1e-15));
    in.annual_hours_T_G = 0.0;
    CU_ASSERT_EQUAL(calc_vdi3258(&in, &r, &field), CALC_DOMAIN);
    CU_ASSERT_STRING_EQUAL(field, "annual_hours_T_G");
}

static void test_golden(void)
{
    struct json_object *all = golden_load("numerics/expected.json");
    struct json_object *given = golden_load("numerics/t9_vdi3258.json");
    struct json_object *want;

    if (all == NULL || given == NULL)
        return;
    want = golden_at(all, "t9_vdi3258");
    CU_ASSERT_EQUAL(json_object_array_length(given), 3);
    for (size_t i = 0; i < json_object_array_length(given); i++) {
        struct json_object *in = golden_at(json_object_array_get_idx(given, i), "input");
        struct json_object *ref = golden_at(json_object_array_get_idx(want, i), "ref");
        struct calc_vdi3258_input x;
        struct calc_vdi3258_rate r;
        const char *field;

#define TAKE(f) x.f = golden_num(in, #f)
        TAKE(acquisition_cost_eur);
        TAKE(depreciation_life_h);
        TAKE(annual_hours_T_G);
        TAKE(annual_hours_T_ST);
        TAKE(annual_hours_T_IH);
        TAKE(capital_interest_rate);
        TAKE(energy_kw);
        TAKE(energy_eur_per_kwh);
        TAKE(floor_space_m2);
        TAKE(space_eur_per_m2_y);
        TAKE(maintenance_eur_per_year);
        TAKE(tooling_eur_per_year);
        TAKE(operator_hourly_eur);
        TAKE(operator_share);
#undef TAKE
        CU_ASSERT_EQUAL(calc_vdi3258(&x, &r, &field), CALC_OK);
        CU_ASSERT(golden_close(r.run_hours, golden_num(ref, "run_hours"), 1e-12));
        CU_ASSERT(golden_close(r.depreciation, golden_num(ref, "depreciation_per_h"), 1e-12));
        CU_ASSERT(golden_close(r.interest, golden_num(ref, "interest_per_h"), 1e-12));
        CU_ASSERT(golden_close(r.space, golden_num(ref, "space_per_h"), 1e-12));
        CU_ASSERT(golden_close(r.energy, golden_num(ref, "energy_per_h"), 1e-12));
        CU_ASSERT(golden_close(r.maintenance, golden_num(ref, "maintenance_per_h"), 1e-12));
        CU_ASSERT(golden_close(r.tooling, golden_num(ref, "tooling_per_h"), 1e-12));
        CU_ASSERT(golden_close(r.labour, golden_num(ref, "operator_per_h"), 1e-12));
        CU_ASSERT(golden_close(r.machine, golden_num(ref, "machine_per_h"), 1e-12));
        CU_ASSERT(golden_close(r.total, golden_num(ref, "total_per_h"), 1e-12));
    }
    json_object_put(all);
    json_object_put(given);
}

void suite_calc_vdi3258(void)
{
    CU_pSuite s = CU_add_suite("calc_vdi3258", NULL, NULL);

    CU_ADD_TEST(s, test_hand);
    CU_ADD_TEST(s, test_statuses);
    CU_ADD_TEST(s, test_missing);
    CU_ADD_TEST(s, test_golden);
}
