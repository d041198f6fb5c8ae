/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and answers of calculations: field tables. */
#include "calculation.h"

#include "api.h"
#include "store_calculation.h"

static const char *const statuses[] = {CALCULATION_SUCCEEDED, CALCULATION_FAILED, NULL};

#define LARGEST 1e12 /* of quantities: keeps every sum and product within exact range */

#define ORDER_FIELDS(type)                                                                         \
    {.name = "lot_size",                                                                           \
     .kind = FIELD_NUM,                                                                            \
     .flags = FIELD_ABOVE_MIN,                                                                     \
     .offset = offsetof(type, lot_size),                                                           \
     FIELD_BETWEEN(0, LARGEST),                                                                    \
     .otherwise = "50",                                                                            \
     .help = "Pieces of the order; fractions are kept."},                                          \
        {.name = "annual_volume",                                                                  \
         .kind = FIELD_NUM,                                                                        \
         .offset = offsetof(type, annual_volume),                                                  \
         FIELD_BETWEEN(0, LARGEST),                                                                \
         .otherwise = "500",                                                                       \
         .help = "Pieces a year: what tooling is spread over without tooling_lifetime_units."},    \
        {.name = "bin",                                                                            \
         .kind = FIELD_TEXT,                                                                       \
         .offset = offsetof(type, bin),                                                            \
         FIELD_UP_TO(200),                                                                         \
         .help = "Supplier, plant, line: as in the evidence. Absent: the one the part has most "   \
                 "evidence in, else that of evidence that names none."},                           \
    {                                                                                              \
        .name = "units_produced", .kind = FIELD_NUM, .offset = offsetof(type, units_produced),     \
        FIELD_BETWEEN(0, LARGEST), .otherwise = "0",                                               \
        .help = "Pieces made before this order: where an active learning curve starts."            \
    }

#define AT(member) .offset = offsetof(struct quote_create, member)
/* clang-format off */
static const struct field quote_fields[] = {
    {.name = "part_revision_id", .kind = FIELD_UUID, .flags = FIELD_REQUIRED, AT(part_revision_id)},
    {.name = "costing_environment_id", .kind = FIELD_UUID, .flags = FIELD_REQUIRED,
     AT(costing_environment_id)},
    ORDER_FIELDS(struct quote_create),
    {.name = "tooling_lifetime_units", .kind = FIELD_NUM, .flags = FIELD_ABOVE_MIN,
     AT(tooling_lifetime_units), FIELD_BETWEEN(0, LARGEST), .help = "Pieces a tool lasts."},
    {.name = "lot_grid", .kind = FIELD_LIST, .item = FIELD_NUM, .flags = FIELD_ABOVE_MIN,
     AT(lot_grid), FIELD_UP_TO(LOT_GRID), FIELD_ITEMS_BETWEEN(0, LARGEST),
     .help = "Quantities of the lot curve, pieces; absent: 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500."},
    {.name = "priced_on", .kind = FIELD_DATE, AT(priced_on),
     .help = "The rates of that day; absent: today (UTC)."},
};
#undef AT

const struct shape shape_quote_create = {
    .name = "QuoteCreate", SHAPE_OF(struct quote_create, quote_fields), .nulls = SHAPE_NO_NULLS};

static const struct field item_fields[] = {
    {.name = "part_revision_id", .kind = FIELD_UUID, .flags = FIELD_REQUIRED,
     .offset = offsetof(struct batch_item, part_revision_id)},
    ORDER_FIELDS(struct batch_item),
};

static const struct shape shape_batch_item = {
    .name = "BatchItem", SHAPE_OF(struct batch_item, item_fields), .nulls = SHAPE_NO_NULLS};

static const struct field batch_fields[] = {
    {.name = "costing_environment_id", .kind = FIELD_UUID, .flags = FIELD_REQUIRED,
     .offset = offsetof(struct batch_create, costing_environment_id)},
    {.name = "items", .kind = FIELD_LIST, .item = FIELD_OBJECT, .flags = FIELD_REQUIRED,
     .offset = offsetof(struct batch_create, items), FIELD_UP_TO(BATCH_ITEMS),
     .shape = &shape_batch_item},
};

const struct shape shape_batch_create = {
    .name = "BatchCreate", SHAPE_OF(struct batch_create, batch_fields), .nulls = SHAPE_NO_NULLS};

#define AT(member) .offset = offsetof(struct calculation_query, member)
static const struct field query_fields[] = {
    API_PAGE(offsetof(struct calculation_query, page), 0),
    {.name = "status_filter", .kind = FIELD_TEXT, AT(status_filter), .choices = statuses},
    {.name = "part_id", .kind = FIELD_UUID, AT(part_id)},
};
#undef AT

const struct shape shape_calculation_query = {
    .name = "CalculationQuery", SHAPE_OF(struct calculation_query, query_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) .offset = offsetof(struct calculation_interval, member)
static const struct field interval_fields[] = {
    {.name = "alpha", .kind = FIELD_NUM, AT(alpha), .help = "Share of actuals left outside."},
    {.name = "lower", .kind = FIELD_NUM, AT(lower)},
    {.name = "upper", .kind = FIELD_NUM, .flags = FIELD_NULLABLE, AT(upper),
     .help = "Null: beyond the range of numbers."},
    {.name = "basis", .kind = FIELD_TEXT, AT(basis),
     .help = "History group that sized it: part4, part2, part1, bin:<label>, bin, env; behind a "
             "slash how, where that group's own history does not carry it."},
};
#undef AT

static const struct shape shape_interval = {
    .name = "CalculationInterval", SHAPE_OF(struct calculation_interval, interval_fields),
    .nulls = SHAPE_NO_NULLS};

#define COST(member, text)                                                                         \
    {.name = #member, .kind = FIELD_NUM, .offset = offsetof(struct calculation_costs, member),     \
     .help = (text)}
static const struct field cost_fields[] = {
    COST(material, NULL),
    COST(labour, "Attended run time, environment currency a piece."),
    COST(machine, "Machine time of the run, environment currency a piece."),
    COST(setup, "Machine and labour of the setup, over the lot, environment currency a piece."),
    COST(tooling, NULL),
    COST(external, "Work and parts bought outside, environment currency a piece."),
    COST(overhead_variable, "Material and manufacturing overhead, environment currency a piece."),
    COST(overhead_fixed, "Administration and sales, environment currency a piece."),
    COST(calibration_adjustment, "What the active calibration adds, environment currency a piece."),
};

static const struct shape shape_costs = {
    .name = "CalculationCosts", SHAPE_OF(struct calculation_costs, cost_fields),
    .nulls = SHAPE_NO_NULLS, .help = "Per piece; the sum is unit_cost."};

#define AT(member) .offset = offsetof(struct calculation_point, member)
static const struct field point_fields[] = {
    {.name = "quantity", .kind = FIELD_NUM, AT(quantity)},
    {.name = "unit_cost", .kind = FIELD_NUM, .flags = FIELD_NULLABLE, AT(unit_cost)},
    {.name = "lower", .kind = FIELD_NUM, .flags = FIELD_NULLABLE, AT(lower)},
    {.name = "upper", .kind = FIELD_NUM, .flags = FIELD_NULLABLE, AT(upper)},
    {.name = "machine_ids", .kind = FIELD_LIST, .item = FIELD_UUID, AT(machine_ids),
     .help = "One per operation, in plan order."},
};
#undef AT

static const struct shape shape_point = {
    .name = "LotCurvePoint", SHAPE_OF(struct calculation_point, point_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) .offset = offsetof(struct calculation_operation, member)
static const struct field operation_fields[] = {
    {.name = "sequence", .kind = FIELD_INT, AT(sequence)},
    {.name = "machine_id", .kind = FIELD_UUID, AT(machine_id)},
    {.name = "score", .kind = FIELD_NUM, .flags = FIELD_NULLABLE, AT(score),
     .help = "Of the active choice policy; null: chosen without one."},
    {.name = "planned_cycle_time_s", .kind = FIELD_NUM, AT(planned_cycle_time_s)},
    {.name = "cycle_time_s", .kind = FIELD_NUM, AT(cycle_time_s), .help = "Machine time a cycle, seconds, calibrated."},
    {.name = "planned_setup_time_s", .kind = FIELD_NUM, AT(planned_setup_time_s)},
    {.name = "setup_time_s", .kind = FIELD_NUM, AT(setup_time_s), .help = "Setup time an order, seconds, calibrated."},
};
#undef AT

static const struct shape shape_calculation_operation = {
    .name = "CalculationOperation", SHAPE_OF(struct calculation_operation, operation_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) .offset = offsetof(struct calculation, member)
#define FIGURE(member, text)                                                                       \
    {.name = #member, .kind = FIELD_NUM, .flags = FIELD_NULLABLE, AT(member), .help = (text)}
static const struct field fields[] = {
    {.name = "id", .kind = FIELD_UUID, AT(id)},
    {.name = "part_id", .kind = FIELD_UUID, AT(part_id)},
    {.name = "part_revision_id", .kind = FIELD_UUID, AT(part_revision_id)},
    {.name = "costing_environment_id", .kind = FIELD_UUID, AT(costing_environment_id)},
    {.name = "status", .kind = FIELD_TEXT, AT(status), .choices = statuses},
    {.name = "error", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, AT(error),
     .help = "failed: everything that is missing, by name."},
    {.name = "lot_size", .kind = FIELD_NUM, AT(lot_size)},
    {.name = "annual_volume", .kind = FIELD_NUM, AT(annual_volume)},
    {.name = "bin", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, AT(bin),
     .help = "The one used; null: none is named."},
    FIGURE(unit_cost, "Cost of a piece, environment currency: median, calibrated."),
    FIGURE(expected_unit_cost, "Cost of a piece, environment currency: mean, calibrated, for budgets."),
    FIGURE(uncalibrated_unit_cost, "Cost of a piece, environment currency, before the correction of unit cost: by plan, rates and calibrated times."),
    FIGURE(total_cost, "Cost of the order, environment currency: unit_cost times lot_size."),
    FIGURE(setup_cost, "Setup of the whole order, environment currency: the setup driver with its overheads, calibrated."),
    FIGURE(price, "Price of a piece, environment currency: unit_cost plus the profit overhead."),
    {.name = "currency", .kind = FIELD_TEXT, AT(currency), .help = "The environment's."},
    {.name = "interval", .kind = FIELD_OBJECT, .flags = FIELD_NULLABLE, AT(interval),
     .shape = &shape_interval, .help = "Of unit_cost; null where no calibration carries one."},
    {.name = "costs", .kind = FIELD_OBJECT, .flags = FIELD_NULLABLE, AT(costs),
     .shape = &shape_costs},
    {.name = "lot_curve", .kind = FIELD_LIST, .item = FIELD_OBJECT, .flags = FIELD_NULLABLE,
     AT(lot_curve), .shape = &shape_point, .help = "null in batches and failed calculations."},
    {.name = "operations", .kind = FIELD_LIST, .item = FIELD_OBJECT, AT(operations),
     .shape = &shape_calculation_operation},
    {.name = "provenance", .kind = FIELD_JSON, .flags = FIELD_NULLABLE | FIELD_OBJECT_JSON,
     AT(provenance), .help = "What the price rests on: order, rates, machines, calibration run, "
                             "learning curve, choice policy."},
    {.name = "model_version", .kind = FIELD_TEXT, AT(model_version)},
    {.name = "created_at", .kind = FIELD_TIME, AT(created_at)},
};
#undef AT

const struct shape shape_calculation = {
    .name = "Calculation", SHAPE_OF(struct calculation, fields), .nulls = SHAPE_NO_NULLS,
    .help = "A quote: a snapshot that never changes. Money is in the environment's currency."};

static const struct field list_fields[] = {
    {.name = "count", .kind = FIELD_INT, .offset = offsetof(struct calculation_batch, count)},
    {.name = "items", .kind = FIELD_LIST, .item = FIELD_OBJECT,
     .offset = offsetof(struct calculation_batch, items), .shape = &shape_calculation},
};
/* clang-format on */

const struct shape shape_calculation_batch = {.name = "CalculationBatch",
                                              SHAPE_OF(struct calculation_batch, list_fields),
                                              .nulls = SHAPE_NO_NULLS};
