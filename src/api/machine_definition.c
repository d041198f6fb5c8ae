/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of a machine definition: dates, and the rate it is charged at. */
#include "machine_definition.h"

#include "arena.h"
#include "field_present.h"
#include "machine_class.h"
#include "validity.h"

#include <string.h>

#define AT(member) FIELD_OF(struct machine_definition, member)

/* The two shapes differ in what must be there and in defaults only. */
#define DEFINITION_FIELDS(needed, usual, last)                                                     \
    {AT(name), .kind = FIELD_TEXT, .flags = (needed) | FIELD_NAME_TEXT},                           \
        {AT(klass), .kind = FIELD_TEXT, .flags = (needed), .check = machine_class_check,           \
         .help = "<process>.<type>, such as milling.3axis_vmc."},                                  \
        {AT(subclass), .kind = FIELD_TEXT, .choices = machine_subclasses, .otherwise = (usual)},   \
        {AT(vendor), .kind = FIELD_TEXT, FIELD_UP_TO(200)},                                        \
        {AT(model_no), .kind = FIELD_TEXT, FIELD_UP_TO(200)},                                      \
        {AT(hourly_rate_eur), .kind = FIELD_NUM, FIELD_FROM(0),                                    \
         .help = "Machine rate, EUR per hour, without operator. 0 or absent: derived from "        \
                 "capabilities.vdi_3258."},                                                        \
        {AT(burden_rate_eur), .kind = FIELD_NUM, FIELD_FROM(0),                                    \
         .help = "EUR per hour beside the machine rate, on run and setup time."},                  \
        {AT(capabilities), .kind = FIELD_OBJECT, .shape = &shape_machine_capabilities},            \
        {AT(parent_template_id), .kind = FIELD_UUID},                                              \
        {AT(valid_from), .kind = FIELD_DATE, .flags = (needed), .help = "First day."},             \
    {                                                                                              \
        AT(valid_to), .kind = FIELD_DATE, .help = (last)                                           \
    }

static const struct field create_fields[] = {
    DEFINITION_FIELDS(FIELD_REQUIRED, "\"medium\"", "Last day; null: open.")};
static const struct field change_fields[] = {DEFINITION_FIELDS(0, NULL, "Last day.")};

const struct shape shape_machine_change = {
    .name = "MachineDefinitionChange",
    SHAPE_OF(struct machine_definition, change_fields),
    .nulls = SHAPE_NO_NULLS,
};

/* Absent values are 0 in VDI 3258. */
static struct calc_vdi3258_input vdi_input(const struct calc_vdi3258_input *given)
{
    struct calc_vdi3258_input in = *given;
    double *values[] = {&in.acquisition_cost_eur,
                        &in.depreciation_life_h,
                        &in.annual_hours_T_G,
                        &in.annual_hours_T_ST,
                        &in.annual_hours_T_IH,
                        &in.capital_interest_rate,
                        &in.energy_kw,
                        &in.energy_eur_per_kwh,
                        &in.floor_space_m2,
                        &in.space_eur_per_m2_y,
                        &in.maintenance_eur_per_year,
                        &in.tooling_eur_per_year,
                        &in.operator_hourly_eur,
                        &in.operator_share};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (isnan(*values[i]))
            *values[i] = 0;
    return in;
}

static bool is_given(double rate)
{
    return rate > 0; /* not NAN, not 0 */
}

static void check_vdi(const struct calc_vdi3258_input *given, struct flaws *flaws,
                      const struct field_path *path)
{
    struct calc_vdi3258_input in = vdi_input(given);
    struct calc_vdi3258_rate rate;
    const char *fault;
    size_t before = flaws->total;
    /* calc names one fault at a time: mend it here to hear of the next */
    double run_hours = in.annual_hours_T_G - in.annual_hours_T_ST - in.annual_hours_T_IH;
    if (!(run_hours > 0)) {
        flaw_add_at(flaws, path, "annual_hours_T_G", "out_of_range",
                    "must be greater than annual_hours_T_ST + annual_hours_T_IH: no hours are left "
                    "to carry the yearly costs");
        in.annual_hours_T_G = 1;
        in.annual_hours_T_ST = in.annual_hours_T_IH = 0;
    }
    if (in.acquisition_cost_eur > 0 && !(in.depreciation_life_h > 0)) {
        flaw_add_at(flaws, path, "depreciation_life_h", "out_of_range",
                    "must be greater than 0 where acquisition_cost_eur is");
        in.depreciation_life_h = 1;
    }
    if (calc_vdi3258(&in, &rate, &fault) != CALC_OK)
        flaw_add_at(flaws, path, fault, "out_of_range",
                    "is out of proportion: the machine rate exceeds the range of numbers");
    else if (!(rate.machine > 0) && flaws->total == before)
        flaw_add(flaws, path, "out_of_range",
                 "comes to a machine rate of 0; give its costs, or hourly_rate_eur");
}

static void check_dates(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct machine_definition *definition = thing;
    validity_check(definition->valid_from, definition->valid_to, flaws, path);
}

static void check_rate(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct machine_definition *definition = thing;
    const struct machine_capabilities *capabilities = definition->capabilities;
    if (is_given(definition->hourly_rate_eur))
        return;
    if (!capabilities || !capabilities->vdi_3258) {
        flaw_add_at(flaws, path, "hourly_rate_eur", "missing",
                    "must be greater than 0, or capabilities.vdi_3258 must be there to derive it");
        return;
    }
    const struct field_path capabilities_path = {.up = path, .key = "capabilities"};
    const struct field_path vdi_path = {.up = &capabilities_path, .key = "vdi_3258"};
    check_vdi(capabilities->vdi_3258, flaws, &vdi_path);
}

static const struct field_rule create_rules[] = {
    {check_dates, {"valid_from", "valid_to"}},
    {check_rate, {"hourly_rate_eur", "capabilities"}},
};

const struct shape shape_machine_create = {
    .name = "MachineDefinitionCreate",
    SHAPE_OF(struct machine_definition, create_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(create_rules),
};

void machine_definition_check(const struct machine_definition *definition, struct flaws *flaws,
                              const struct field_path *path)
{
    check_dates(definition, flaws, path);
    check_rate(definition, flaws, path);
}

void machine_definition_fill(struct arena *arena, const struct machine_definition *definition,
                             struct store_machine *machine)
{
    static const struct field_raw nothing = {"{}", 2};
    const struct machine_capabilities *capabilities = definition->capabilities;
    machine->name = definition->name;
    machine->klass = definition->klass;
    machine->subclass = definition->subclass;
    machine->vendor = definition->vendor;
    machine->model_no = definition->model_no;
    machine->burden_rate_eur = definition->burden_rate_eur;
    machine->parent_template_id = definition->parent_template_id;
    machine->valid_from = definition->valid_from;
    machine->valid_to = definition->valid_to;
    machine->capabilities =
        capabilities ? field_present(arena, &shape_machine_capabilities, capabilities) : nothing;
    machine->hourly_rate_eur = definition->hourly_rate_eur;
    machine->rate_basis = MACHINE_RATE_GIVEN;
    if (!is_given(definition->hourly_rate_eur)) {
        struct calc_vdi3258_input in = vdi_input(capabilities->vdi_3258);
        struct calc_vdi3258_rate rate = {0};
        const char *fault;
        calc_vdi3258(&in, &rate, &fault);
        machine->hourly_rate_eur = rate.machine;
        machine->rate_basis = MACHINE_RATE_VDI;
    }
}

#define TAKE_TEXT(member) (change->member ? change->member : stored->member)
#define TAKE_DATE(member) (change->member != DATE_NONE ? change->member : stored->member)

void machine_definition_merge(struct arena *arena, const struct store_machine *stored,
                              const struct machine_definition *change,
                              struct machine_definition *merged)
{
    bool derived = stored->rate_basis && !strcmp(stored->rate_basis, MACHINE_RATE_VDI);
    *merged = (struct machine_definition){
        .name = TAKE_TEXT(name),
        .klass = TAKE_TEXT(klass),
        .subclass = TAKE_TEXT(subclass),
        .vendor = TAKE_TEXT(vendor),
        .model_no = TAKE_TEXT(model_no),
        .hourly_rate_eur = derived ? NAN : stored->hourly_rate_eur,
        .burden_rate_eur =
            isnan(change->burden_rate_eur) ? stored->burden_rate_eur : change->burden_rate_eur,
        .capabilities = change->capabilities,
        .parent_template_id = uuid_is_nil(&change->parent_template_id) ? stored->parent_template_id
                                                                       : change->parent_template_id,
        .valid_from = TAKE_DATE(valid_from),
        .valid_to = TAKE_DATE(valid_to),
    };
    if (!isnan(change->hourly_rate_eur))
        merged->hourly_rate_eur = change->hourly_rate_eur;
    if (!change->capabilities) {
        struct machine_capabilities *capabilities = ARENA_NEW(arena, struct machine_capabilities);
        machine_capabilities_stored(arena, &stored->capabilities, capabilities);
        merged->capabilities = capabilities;
    }
}

double machine_operator_rate(const struct machine_capabilities *capabilities)
{
    if (!capabilities->vdi_3258)
        return 0;
    struct calc_vdi3258_input in = vdi_input(capabilities->vdi_3258);
    return in.operator_share * in.operator_hourly_eur;
}
