/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and answers of calculations: field tables. */
#include "calculation.h"

#include "api.h"
#include "store_calculation.h"

static const char *const statuses[] = {CALCULATION_SUCCEEDED, CALCULATION_FAILED, NULL};

#define LARGEST 1e12 /* of quantities: keeps every sum and product within exact range */

#define ORDER_FIELDS(type)                                                                         \
    {FIELD_OF(type, lot_size), .kind = FIELD_NUM,                                                  \
     .flags = FIELD_ABOVE_MIN, FIELD_BETWEEN(0, LARGEST),                                          \
     .otherwise = "50",        .help = "Pieces of the order; fractions are kept."},                \
        {FIELD_OF(type, annual_volume), .kind = FIELD_NUM, FIELD_BETWEEN(0, LARGEST),              \
         .otherwise = "500",                                                                       \
         .help = "Pieces a year: what tooling is spread over without tooling_lifetime_units."},    \
        {FIELD_OF(type, bin), .kind = FIELD_TEXT, FIELD_UP_TO(200),                                \
         .help = "Supplier, plant, line: as in the evidence. Absent: the one the part has most "   \
                 "evidence in, else that of evidence that names none."},                           \
    {                                                                                              \
        FIELD_OF(type, units_produced),                                                            \
            .kind = FIELD_NUM, FIELD_BETWEEN(0, LARGEST), .otherwise = "0",                        \
            .help = "Pieces made before this order: where an active learning curve starts."        \
    }

#define AT(member) FIELD_OF(struct quote_create, member)
/* clang-format off */
static const struct field quote_fields[] = {
    {AT(part_revision_id), .kind = FIELD_UUID, .flags = FIELD_REQUIRED},
    {AT(costing_environment_id), .kind = FIELD_UUID, .flags = FIELD_REQUIRED},
    ORDER_FIELDS(struct quote_create),
    {AT(tooling_lifetime_units), .kind = FIELD_NUM, .flags = FIELD_ABOVE_MIN, FIELD_BETWEEN(0, LARGEST), .help = "Pieces a tool lasts."},
    {AT(lot_grid), .kind = FIELD_LIST, .item = FIELD_NUM, .flags = FIELD_ABOVE_MIN, FIELD_UP_TO(LOT_GRID), FIELD_ITEMS_BETWEEN(0, LARGEST),
     .help = "Quantities of the lot curve, pieces; absent: 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500."},
    {AT(priced_on), .kind = FIELD_DATE,
     .help = "The rates of that day; absent: today (UTC)."},
};
#undef AT

const struct shape shape_quote_create = {
    .name = "QuoteCreate", SHAPE_OF(struct quote_create, quote_fields), .nulls = SHAPE_NO_NULLS};

static const struct field item_fields[] = {
    {FIELD_OF(struct batch_item, part_revision_id), .kind = FIELD_UUID, .flags = FIELD_REQUIRED},
    ORDER_FIELDS(struct batch_item),
};

static const struct shape shape_batch_item = {
    .name = "BatchItem", SHAPE_OF(struct batch_item, item_fields), .nulls = SHAPE_NO_NULLS};

static const struct field batch_fields[] = {
    {FIELD_OF(struct batch_create, costing_environment_id), .kind = FIELD_UUID, .flags = FIELD_REQUIRED},
    {FIELD_OF(struct batch_create, items), .kind = FIELD_LIST, .item = FIELD_OBJECT, .flags = FIELD_REQUIRED, FIELD_UP_TO(BATCH_ITEMS),
     .shape = &shape_batch_item},
};

const struct shape shape_batch_create = {
    .name = "BatchCreate", SHAPE_OF(struct batch_create, batch_fields), .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct calculation_query, member)
static const struct field query_fields[] = {
    API_PAGE(offsetof(struct calculation_query, page), 0),
    {AT(status_filter), .kind = FIELD_TEXT, .choices = statuses},
    {AT(part_id), .kind = FIELD_UUID},
};
#undef AT

const struct shape shape_calculation_query = {
    .name = "CalculationQuery", SHAPE_OF(struct calculation_query, query_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct calculation_interval, member)
static const struct field interval_fields[] = {
    {AT(alpha), .kind = FIELD_NUM, .help = "Share of actuals left outside."},
    {AT(lower), .kind = FIELD_NUM},
    {AT(upper), .kind = FIELD_NUM, .flags = FIELD_NULLABLE,
     .help = "Null: beyond the range of numbers."},
    {AT(basis), .kind = FIELD_TEXT,
     .help = "History group that sized it: part4, part2, part1, bin:<label>, bin, env; behind a "
             "slash how, where that group's own history does not carry it."},
};
#undef AT

static const struct shape shape_interval = {
    .name = "CalculationInterval", SHAPE_OF(struct calculation_interval, interval_fields),
    .nulls = SHAPE_NO_NULLS};

#define COST(member, text)                                                                         \
    {FIELD_OF(struct calculation_costs, member), .kind = FIELD_NUM,     \
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

#define AT(member) FIELD_OF(struct calculation_point, member)
static const struct field point_fields[] = {
    {AT(quantity), .kind = FIELD_NUM},
    {AT(unit_cost), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {AT(lower), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {AT(upper), .kind = FIELD_NUM, .flags = FIELD_NULLABLE},
    {AT(machine_ids), .kind = FIELD_LIST, .item = FIELD_UUID,
     .help = "One per operation, in plan order."},
};
#undef AT

static const struct shape shape_point = {
    .name = "LotCurvePoint", SHAPE_OF(struct calculation_point, point_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct calculation_operation, member)
static const struct field operation_fields[] = {
    {AT(sequence), .kind = FIELD_INT},
    {AT(machine_id), .kind = FIELD_UUID},
    {AT(score), .kind = FIELD_NUM, .flags = FIELD_NULLABLE,
     .help = "Of the active choice policy; null: chosen without one."},
    {AT(planned_cycle_time_s), .kind = FIELD_NUM},
    {AT(cycle_time_s), .kind = FIELD_NUM, .help = "Machine time a cycle, seconds, calibrated."},
    {AT(planned_setup_time_s), .kind = FIELD_NUM},
    {AT(setup_time_s), .kind = FIELD_NUM, .help = "Setup time an order, seconds, calibrated."},
};
#undef AT

static const struct shape shape_calculation_operation = {
    .name = "CalculationOperation", SHAPE_OF(struct calculation_operation, operation_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct calculation, member)
#define FIGURE(member, text)                                                                       \
    {AT(member), .kind = FIELD_NUM, .flags = FIELD_NULLABLE, .help = (text)}
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(part_id), .kind = FIELD_UUID},
    {AT(part_revision_id), .kind = FIELD_UUID},
    {AT(costing_environment_id), .kind = FIELD_UUID},
    {AT(status), .kind = FIELD_TEXT, .choices = statuses},
    {AT(error), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE,
     .help = "failed: everything that is missing, by name."},
    {AT(lot_size), .kind = FIELD_NUM},
    {AT(annual_volume), .kind = FIELD_NUM},
    {AT(bin), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE,
     .help = "The one used; null: none is named."},
    FIGURE(unit_cost, "Cost of a piece, environment currency: median, calibrated."),
    FIGURE(expected_unit_cost, "Cost of a piece, environment currency: mean, calibrated, for budgets."),
    FIGURE(uncalibrated_unit_cost, "Cost of a piece, environment currency, before the correction of unit cost: by plan, rates and calibrated times."),
    FIGURE(total_cost, "Cost of the order, environment currency: unit_cost times lot_size."),
    FIGURE(setup_cost, "Setup of the whole order, environment currency: the setup driver with its overheads, calibrated."),
    FIGURE(price, "Price of a piece, environment currency: unit_cost plus the profit overhead."),
    {AT(currency), .kind = FIELD_TEXT, .help = "The environment's."},
    {AT(interval), .kind = FIELD_OBJECT, .flags = FIELD_NULLABLE,
     .shape = &shape_interval, .help = "Of unit_cost; null where no calibration carries one."},
    {AT(costs), .kind = FIELD_OBJECT, .flags = FIELD_NULLABLE,
     .shape = &shape_costs},
    {AT(lot_curve), .kind = FIELD_LIST, .item = FIELD_OBJECT, .flags = FIELD_NULLABLE, .shape = &shape_point, .help = "null in batches and failed calculations."},
    {AT(operations), .kind = FIELD_LIST, .item = FIELD_OBJECT,
     .shape = &shape_calculation_operation},
    {AT(provenance), .kind = FIELD_JSON, .flags = FIELD_NULLABLE | FIELD_OBJECT_JSON, .help = "What the price rests on: order, rates, machines, calibration run, "
                             "learning curve, choice policy."},
    {AT(model_version), .kind = FIELD_TEXT},
    {AT(created_at), .kind = FIELD_TIME},
};
#undef AT

const struct shape shape_calculation = {
    .name = "Calculation", SHAPE_OF(struct calculation, fields), .nulls = SHAPE_NO_NULLS,
    .help = "A quote: a snapshot that never changes. Money is in the environment's currency."};

static const struct field list_fields[] = {
    {FIELD_OF(struct calculation_batch, count), .kind = FIELD_INT},
    {FIELD_OF(struct calculation_batch, items), .kind = FIELD_LIST, .item = FIELD_OBJECT, .shape = &shape_calculation},
};
/* clang-format on */

const struct shape shape_calculation_batch = {.name = "CalculationBatch",
                                              SHAPE_OF(struct calculation_batch, list_fields),
                                              .nulls = SHAPE_NO_NULLS};
