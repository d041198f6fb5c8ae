/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One plan priced into one answer. */
#include "calculation.h"

#include "arena.h"
#include "pricing_resolve.h"
#include "store_calculation.h"

#include <string.h>

static void fail(struct arena *arena, const struct quote *quote, const struct price_faults *faults,
                 struct calculation *out)
{
    out->status = CALCULATION_FAILED;
    out->error = pricing_fault_text(arena, faults, quote->book, quote->date);
}

static void fail_as(struct arena *arena, const struct quote *quote, enum price_failure failure,
                    struct calculation *out)
{
    const struct price_faults faults = {
        1, {{.failure = failure, .a = quote->plan->plan.material_ref, .sequence = INT64_MIN}}};
    fail(arena, quote, &faults, out);
}

static struct uuid machine_id(const struct quote *quote, const struct price_step *step)
{
    struct uuid id;
    memcpy(id.b, quote->book->book.machines[step->machine].id, sizeof id.b);
    return id;
}

static void put_figures(struct arena *arena, const struct price_coefficients *resolved,
                        const struct pricing_order *order, const struct pricing_result *result,
                        struct calculation *out)
{
    const struct price_cost *cost = &result->cost;
    struct calculation_costs *costs = ARENA_NEW(arena, struct calculation_costs);
    *costs = (struct calculation_costs){
        .material = cost->material,
        .labour = cost->labour,
        .machine = cost->machine,
        .setup = cost->setup,
        .tooling = cost->tooling,
        .external = cost->external,
        .overhead_variable = cost->overhead_variable,
        .overhead_fixed = cost->overhead_fixed,
        .calibration_adjustment = result->unit_cost - cost->uncalibrated,
    };
    out->costs = costs;
    out->bin = result->bin;
    out->unit_cost = result->unit_cost;
    out->expected_unit_cost = result->expected;
    out->uncalibrated_unit_cost = cost->uncalibrated;
    out->total_cost = result->unit_cost * order->lot_size;
    out->setup_cost = result->setup_cost;
    out->price = result->unit_cost * (1 + resolved->profit);
    if (isnan(result->alpha))
        return;
    struct calculation_interval *interval = ARENA_NEW(arena, struct calculation_interval);
    *interval =
        (struct calculation_interval){result->alpha, result->lower, result->upper, result->basis};
    out->interval = interval;
}

static void put_operations(struct arena *arena, const struct quote *quote,
                           const struct price_step *steps, const double *scores,
                           struct calculation *out)
{
    const struct price_plan *plan = &quote->plan->plan;
    struct calculation_operation *list =
        ARENA_ARRAY(arena, plan->n_operations + 1, struct calculation_operation);
    for (size_t i = 0; i < plan->n_operations; i++)
        list[i] = (struct calculation_operation){
            .sequence = plan->operations[i].sequence,
            .machine_id = machine_id(quote, &steps[i]),
            .score = number_round12(scores[i]),
            .planned_cycle_time_s = plan->operations[i].cycle_s,
            .cycle_time_s = steps[i].cycle_s,
            .planned_setup_time_s = plan->operations[i].setup_s,
            .setup_time_s = steps[i].setup_s,
        };
    out->operations = (struct field_list){list, plan->n_operations};
}

static struct field_list machines_of(struct arena *arena, const struct quote *quote,
                                     const struct price_step *steps)
{
    size_t n = quote->plan->plan.n_operations;
    struct uuid *machines = ARENA_ARRAY(arena, n + 1, struct uuid);
    for (size_t i = 0; i < n; i++)
        machines[i] = machine_id(quote, &steps[i]);
    return (struct field_list){machines, n};
}

static void put_curve(struct arena *arena, const struct quote *quote,
                      const struct price_coefficients *resolved, const struct pricing_site *site,
                      const struct price_step *steps, const struct pricing_order *order,
                      const double *grid, size_t n_grid, struct calculation *out)
{
    struct calculation_point *points = ARENA_ARRAY(arena, n_grid, struct calculation_point);
    bool by_lot = pricing_depends_on_lot(&quote->models, &quote->plan->revision_id);
    struct field_list machines = machines_of(arena, quote, steps);
    struct price_detail detail = pricing_detail(arena, &quote->plan->plan);
    for (size_t i = 0; i < n_grid; i++) {
        struct pricing_order at = *order;
        struct pricing_result result;
        struct price_coefficients own = *resolved;
        struct price_faults faults;
        at.lot_size = grid[i];
        points[i] = (struct calculation_point){grid[i], NAN, NAN, NAN, machines};
        if (by_lot) {
            if (pricing_resolve(arena, quote->book, quote->plan, &quote->models, &at, quote->date,
                                &own, &detail, NULL, &faults) != CALC_OK)
                continue;
            points[i].machine_ids = machines_of(arena, quote, detail.steps);
        }
        if (pricing_at(&own, site, &at, &result))
            continue;
        points[i].unit_cost = result.unit_cost;
        points[i].lower = result.lower;
        points[i].upper = result.upper;
    }
    out->lot_curve = (struct field_list){points, n_grid};
}

void quote_price(struct arena *arena, const struct quote *quote, const struct pricing_order *order,
                 const double *grid, size_t n_grid, struct calculation *out,
                 double driver[PRICE_DRIVERS])
{
    const struct price_plan *plan = &quote->plan->plan;
    struct price_detail detail = pricing_detail(arena, plan);
    double *scores = ARENA_ARRAY(arena, plan->n_operations + 1, double);
    struct price_coefficients resolved;
    struct price_faults faults;
    struct pricing_site site;
    struct pricing_result result;
    field_defaults(&shape_calculation, out);
    out->part_id = quote->plan->part_id;
    out->costing_environment_id = quote->book->environment.id;
    out->lot_size = order->lot_size;
    out->annual_volume = order->annual_volume;
    out->bin = order->bin;
    out->currency = quote->book->environment.currency;
    out->model_version = PRICING_MODEL_VERSION;
    for (unsigned k = 0; k < PRICE_DRIVERS; k++)
        driver[k] = NAN;
    if (pricing_resolve(arena, quote->book, quote->plan, &quote->models, order, quote->date,
                        &resolved, &detail, scores, &faults) != CALC_OK) {
        fail(arena, quote, &faults, out);
        return;
    }
    pricing_locate(arena, quote->active, &quote->models, &quote->plan->part_id, order->bin, &site);
    enum price_failure failure = pricing_at(&resolved, &site, order, &result);
    if (failure) {
        fail_as(arena, quote, failure, out);
        return;
    }
    out->status = CALCULATION_SUCCEEDED;
    memcpy(driver, result.cost.driver, sizeof result.cost.driver);
    put_figures(arena, &resolved, order, &result, out);
    put_operations(arena, quote, detail.steps, scores, out);
    out->provenance = quote_provenance(quote, order, &detail, &result);
    if (n_grid)
        put_curve(arena, quote, &resolved, &site, detail.steps, order, grid, n_grid, out);
}
