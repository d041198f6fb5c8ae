/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calculations (quotes) as requests ask for them and answers show them. */
#ifndef COSTWRIGHT_CALCULATION_H
#define COSTWRIGHT_CALCULATION_H

#include "field.h"
#include "pricing.h"
#include "pricing_models.h"
#include "store_list.h"

struct buf;

#define BATCH_ITEMS 1000
#define LOT_GRID    100

struct quote_create {
    struct uuid part_revision_id, costing_environment_id;
    double lot_size, annual_volume, tooling_lifetime_units, units_produced;
    struct field_list lot_grid; /* of double; n = 0: the usual one */
    const char *bin;
    int32_t priced_on; /* DATE_NONE: today */
};

struct batch_item {
    struct uuid part_revision_id;
    double lot_size, annual_volume, units_produced;
    const char *bin;
};

struct batch_create {
    struct uuid costing_environment_id;
    struct field_list items; /* of struct batch_item */
};

struct calculation_query {
    struct store_page page;
    const char *status_filter;
    struct uuid part_id;
};

struct calculation_interval {
    double alpha, lower, upper;
    const char *basis;
};

/* Per piece; all nine add up to unit_cost. */
struct calculation_costs {
    double material, labour, machine, setup, tooling, external;
    double overhead_variable, overhead_fixed, calibration_adjustment;
};

struct calculation_point {
    double quantity, unit_cost, lower, upper;
    struct field_list machine_ids; /* of struct uuid, one per operation */
};

struct calculation_operation {
    int64_t sequence;
    struct uuid machine_id;
    double score; /* of the active policy; NAN: none */
    double planned_cycle_time_s, cycle_time_s, planned_setup_time_s, setup_time_s;
};

struct calculation {
    struct uuid id, part_id, part_revision_id, costing_environment_id;
    const char *status, *error;
    double lot_size, annual_volume;
    const char *bin;
    double unit_cost, expected_unit_cost, uncalibrated_unit_cost, total_cost, setup_cost, price;
    const char *currency;
    const struct calculation_interval *interval;
    const struct calculation_costs *costs;
    struct field_list lot_curve;  /* of struct calculation_point */
    struct field_list operations; /* of struct calculation_operation */
    struct field_raw provenance;
    const char *model_version;
    int64_t created_at;
};

struct calculation_batch {
    int64_t count;
    struct field_list items; /* of struct calculation */
};

extern const struct shape shape_quote_create, shape_batch_create, shape_calculation_query;
extern const struct shape shape_calculation, shape_calculation_batch;

/* One plan in one environment: everything that does not change with the order. */
struct quote {
    const struct pricing_book *book;
    const struct pricing_active *active; /* NULL: none */
    struct pricing_models models;
    const struct pricing_plan *plan;
    int32_t date;
    struct buf *text; /* room for provenance, used anew by each price */
};

/* Prices order into *out (status, figures, operations, provenance; ids, status of storage and time
   are the caller's; the provenance lives until the next price) and, with n_grid > 0, the lot curve.
   driver: the uncalibrated drivers, NAN where the calculation failed. */
void quote_price(struct arena *arena, const struct quote *quote, const struct pricing_order *order,
                 const double *grid, size_t n_grid, struct calculation *out,
                 double driver[PRICE_DRIVERS]);

/* The object that says what a price rests on; in quote->text until the next one. */
struct field_raw quote_provenance(const struct quote *quote, const struct pricing_order *order,
                                  const struct price_detail *detail,
                                  const struct pricing_result *result);

#endif
