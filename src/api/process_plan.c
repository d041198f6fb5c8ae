/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shape of a process plan, and its way into the price equation. */
#include "process_plan.h"

#include "arena.h"
#include "buf.h"
#include "field_present.h"
#include "machine_class.h"

#include <sodium.h>
#include <string.h>

#define AT(member) FIELD_OF(struct process_requires, member)
static const struct field requires_fields[] = {
    {AT(spindle_rpm), .kind = FIELD_NUM, FIELD_FROM(0), .help = "Revolutions per minute."},
    {AT(power_kw), .kind = FIELD_NUM, FIELD_FROM(0), .help = "Spindle power, kW."},
    {AT(thickness_mm), .kind = FIELD_NUM, FIELD_FROM(0), .help = "Material thickness, mm."},
    {AT(it_grade), .kind = FIELD_TEXT, .check = machine_grade_check,
     .help = "Tolerance grade of ISO 286: IT01, IT0, IT1 to IT18."},
    {AT(tool_diameter_mm), .kind = FIELD_NUM, FIELD_FROM(0), .help = "Largest tool, mm."},
    {AT(certifications), .kind = FIELD_LIST, .item = FIELD_TEXT, FIELD_UP_TO(100),
     .help = "The machine must hold all of them."},
};
#undef AT

static const struct shape shape_requires = {
    .name = "ProcessRequires",
    SHAPE_OF(struct process_requires, requires_fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "What the machine has to be able to do. Absent members, and limits that a machine does "
            "not state, constrain nothing."};

#define AT(member) FIELD_OF(struct process_operation, member)
static const struct field operation_fields[] = {
    {AT(sequence), .kind = FIELD_INT, .flags = FIELD_REQUIRED, FIELD_BETWEEN(0, 1000000),
     .help = "Number of the operation, unique in the plan."},
    {AT(name), .kind = FIELD_TEXT, FIELD_UP_TO(200)},
    {AT(klass), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .check = machine_class_check,
     .help = "Machine class, <process>.<type>."},
    {AT(machine_id), .kind = FIELD_UUID,
     .help = "The machine it has to run on; absent: chosen at the quote."},
    {AT(setup_time_s), .kind = FIELD_NUM, .flags = FIELD_REQUIRED, FIELD_FROM(0),
     .help = "Seconds per lot."},
    {AT(cycle_time_s), .kind = FIELD_NUM, .flags = FIELD_REQUIRED, FIELD_FROM(0),
     .help = "Seconds per cycle."},
    {AT(parts_per_cycle), .kind = FIELD_NUM, .flags = FIELD_ABOVE_MIN, FIELD_FROM(0),
     .otherwise = "1"},
    {AT(labour_category), .kind = FIELD_TEXT, .flags = FIELD_NAME_TEXT,
     .help = "Category of a labour rate; absent: the operator share of the machine's VDI 3258 "
             "block is charged instead."},
    {AT(attendance), .kind = FIELD_NUM, FIELD_BETWEEN(0, 1), .otherwise = "1",
     .help = "Share of the run time that is attended; setup is always."},
    {AT(requires), .kind = FIELD_OBJECT, .shape = &shape_requires},
};
#undef AT

static const struct shape shape_operation = {.name = "ProcessOperation",
                                             SHAPE_OF(struct process_operation, operation_fields),
                                             .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct process_external, member)
static const struct field external_fields[] = {
    {AT(per_part), .kind = FIELD_NUM, FIELD_FROM(0), .otherwise = "0"},
    {AT(per_lot), .kind = FIELD_NUM, FIELD_FROM(0), .otherwise = "0"},
};
#undef AT

static const struct shape shape_external = {.name = "ExternalCost",
                                            SHAPE_OF(struct process_external, external_fields),
                                            .nulls = SHAPE_NO_NULLS,
                                            .help = "Work bought outside."};

#define AT(member) FIELD_OF(struct process_purchased, member)
static const struct field purchased_fields[] = {
    {AT(ref), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT},
    {AT(quantity), .kind = FIELD_NUM, .flags = FIELD_REQUIRED, FIELD_FROM(0),
     .help = "Pieces bought for one part."},
    {AT(unit_price), .kind = FIELD_NUM, .flags = FIELD_REQUIRED, FIELD_FROM(0)},
};
#undef AT

static const struct shape shape_purchased = {.name = "PurchasedItem",
                                             SHAPE_OF(struct process_purchased, purchased_fields),
                                             .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct process_plan, member)
static const struct field plan_fields[] = {
    {AT(material_ref), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT,
     .help = "Names the material rate; needed where gross_mass_kg is not 0."},
    {AT(gross_mass_kg), .kind = FIELD_NUM, .flags = FIELD_REQUIRED, FIELD_FROM(0),
     .help = "Bought per part, kg."},
    {AT(net_mass_kg), .kind = FIELD_NUM, FIELD_FROM(0),
     .help = "Left in the part, kg; absent: gross. The difference is sold as scrap."},
    {AT(scrap_rate), .kind = FIELD_NUM, .flags = FIELD_BELOW_MAX, FIELD_BETWEEN(0, 1),
     .otherwise = "0", .help = "Share of parts rejected."},
    {AT(tooling_cost), .kind = FIELD_NUM, FIELD_FROM(0),
     .help = "Environment currency, spread over tooling_lifetime_units or annual_volume."},
    {AT(external_cost), .kind = FIELD_OBJECT, .shape = &shape_external},
    {AT(purchased), .kind = FIELD_LIST, .item = FIELD_OBJECT, FIELD_UP_TO(PLAN_PURCHASED),
     .shape = &shape_purchased},
    {AT(envelope_mm), .kind = FIELD_LIST, .item = FIELD_NUM, FIELD_BETWEEN(3, 3),
     FIELD_ITEMS_FROM(0), .help = "Size of the part: x, y, z in mm."},
    {AT(operations), .kind = FIELD_LIST, .item = FIELD_OBJECT, .flags = FIELD_REQUIRED,
     FIELD_UP_TO(PLAN_OPERATIONS), .shape = &shape_operation},
};
#undef AT

static int compare_sequences(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void check_sequences(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct process_plan *plan = thing;
    const struct process_operation *operations = plan->operations.at;
    size_t n = plan->operations.n;
    int64_t sequences[PLAN_OPERATIONS];
    for (size_t i = 0; i < n; i++)
        sequences[i] = operations[i].sequence;
    qsort(sequences, n, sizeof *sequences, compare_sequences);
    for (size_t i = 1; i < n; i++)
        if (sequences[i] == sequences[i - 1]) {
            flaw_add_at(flaws, path, "operations", "duplicate",
                        "two operations have the sequence %lld", (long long)sequences[i]);
            break;
        }
}

static const struct field_rule plan_rules[] = {{check_sequences, {"operations"}}};

const struct shape shape_process_plan = {
    .name = "ProcessPlan",
    SHAPE_OF(struct process_plan, plan_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(plan_rules),
    .help = "Cost drivers of a part. Money is in the currency of the environment that prices it."};

struct field_raw process_plan_text(struct arena *arena, const struct process_plan *plan)
{
    return field_present(arena, &shape_process_plan, plan);
}

void process_plan_hash(const struct field_raw *plan, const struct field_raw *predictions,
                       uint8_t hash[PLAN_HASH])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, PLAN_HASH);
    crypto_generichash_update(&state, (const unsigned char *)plan->text, plan->len + 1);
    crypto_generichash_update(&state, (const unsigned char *)predictions->text, predictions->len);
    crypto_generichash_final(&state, hash, PLAN_HASH);
}

static void price_operation(struct arena *arena, const struct process_operation *from,
                            struct price_operation *to)
{
    const struct process_requires *needs = from->requires;
    *to = (struct price_operation){
        .sequence = from->sequence,
        .klass = from->klass,
        .setup_s = from->setup_time_s,
        .cycle_s = from->cycle_time_s,
        .parts_per_cycle = from->parts_per_cycle,
        .labour_category = from->labour_category,
        .attendance = from->attendance,
        .spindle_rpm = needs ? needs->spindle_rpm : NAN,
        .power_kw = needs ? needs->power_kw : NAN,
        .thickness_mm = needs ? needs->thickness_mm : NAN,
        .tool_diameter_mm = needs ? needs->tool_diameter_mm : NAN,
        .it_grade = needs && needs->it_grade ? machine_grade(needs->it_grade) : PRICE_NO_GRADE,
        .certifications = needs ? needs->certifications.at : NULL,
        .n_certifications = needs ? needs->certifications.n : 0,
    };
    if (!uuid_is_nil(&from->machine_id)) {
        char text[UUID_TEXT];
        uuid_text(&from->machine_id, text);
        to->machine_ref = arena_strdup(arena, text);
    }
}

void process_plan_price(struct arena *arena, const struct field_raw *text, struct price_plan *out)
{
    struct process_plan plan;
    field_read_stored(arena, &shape_process_plan, &plan, text);
    const struct process_external *external = plan.external_cost;
    const struct process_purchased *purchased = plan.purchased.at;
    const struct process_operation *operations = plan.operations.at;
    struct price_operation *steps =
        ARENA_ARRAY(arena, plan.operations.n ? plan.operations.n : 1, struct price_operation);
    *out = (struct price_plan){
        .material_ref = plan.material_ref,
        .gross_mass_kg = plan.gross_mass_kg,
        .net_mass_kg = plan.net_mass_kg,
        .scrap_rate = plan.scrap_rate,
        .tooling_cost = plan.tooling_cost,
        .external_per_part = external ? external->per_part : NAN,
        .external_per_lot = external ? external->per_lot : NAN,
        .envelope = {NAN},
        .operations = steps,
        .n_operations = plan.operations.n,
    };
    for (size_t i = 0; i < plan.purchased.n; i++)
        out->purchased += purchased[i].quantity * purchased[i].unit_price;
    if (plan.envelope_mm.n == 3)
        memcpy(out->envelope, plan.envelope_mm.at, sizeof out->envelope);
    for (size_t i = 0; i < plan.operations.n; i++)
        price_operation(arena, &operations[i], &steps[i]);
}
