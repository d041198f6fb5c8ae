/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shape of a machine's capabilities, in full depth. */
#include "arena.h"
#include "field_present.h"
#include "json_in.h"
#include "machine_class.h"
#include "machine_definition.h"

struct chatter_lobe {
    struct field_list rpm_to_max_axial_depth_mm; /* of struct field_raw */
};

#define VDI_WITH(member, bits, most, text)                                                         \
    {                                                                                              \
        FIELD_OF(struct calc_vdi3258_input, member), .kind = FIELD_NUM, .flags = (bits), .min = 0, \
                                                     .max = (most), .help = (text)                 \
    }
#define VDI(member, most, text) VDI_WITH(member, 0, most, text)

static const struct field vdi_fields[] = {
    VDI(acquisition_cost_eur, NAN, "Replacement value, EUR."),
    VDI(depreciation_life_h, NAN, "Productive hours of the whole life (years times run hours)."),
    VDI(annual_hours_T_G, NAN, "Theoretical hours of a year (T_G)."),
    VDI(annual_hours_T_ST, NAN, "Standstill hours of a year without setup (T_ST)."),
    VDI(annual_hours_T_IH, NAN, "Maintenance hours of a year (T_IH)."),
    VDI_WITH(capital_interest_rate, FIELD_BELOW_MAX, 1,
             "Imputed interest, a fraction per year: 0.06 is 6 %."),
    VDI(energy_kw, NAN, "Average electrical draw while running, kW."),
    VDI(energy_eur_per_kwh, NAN, "EUR per kWh."),
    VDI(floor_space_m2, NAN, "Floor space, m2."),
    VDI(space_eur_per_m2_y, NAN, "EUR per m2 and year."),
    VDI(maintenance_eur_per_year, NAN, "Upkeep, EUR per year."),
    VDI(tooling_eur_per_year, NAN, "General tooling, EUR per year."),
    VDI(operator_hourly_eur, NAN,
        "Operator, EUR per hour; no part of the machine rate, charged where an operation names no "
        "labour category."),
    VDI(operator_share, 1, "Share of an operator the machine binds, 0 to 1."),
};

static const struct shape shape_vdi = {
    .name = "Vdi3258",
    SHAPE_OF(struct calc_vdi3258_input, vdi_fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "Machine-hour rate after VDI 3258; an absent value is 0.",
};

/* The members of a JSON object: numbers must be at least 0, others are refused if all_numbers. */
static void check_members(const struct field_raw *object, bool all_numbers, struct flaws *flaws,
                          const struct field_path *path)
{
    struct json_in in;
    char *name;
    size_t len;
    json_in_open(&in, arena_strndup(flaws->arena, object->text, object->len), object->len);
    json_in_object(&in);
    while (json_in_member(&in, &name, &len)) {
        struct json_number number;
        if (json_in_peek(&in) != JSON_NUMBER) {
            if (all_numbers)
                flaw_add_at(flaws, path, name, "type_error", "must be a number");
            json_in_skip(&in, NULL, NULL);
            continue;
        }
        if (json_in_number(&in, &number) && !(isfinite(number.value) && number.value >= 0))
            flaw_add_at(flaws, path, name, "out_of_range", "must be at least 0 and fit a double");
    }
    json_in_close(&in);
}

static void check_times(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct machine_capabilities *capabilities = thing;
    const struct field_raw *times = &capabilities->nominal_tool_change_time_s_by_class;
    const struct field_path here = {.up = path, .key = "nominal_tool_change_time_s_by_class"};
    if (times->text)
        check_members(times, true, flaws, &here);
}

static void check_chatter(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct chatter_lobe *lobe = thing;
    const struct field_list *list = &lobe->rpm_to_max_axial_depth_mm;
    const struct field_raw *points = list->at;
    const struct field_path list_path = {.up = path, .key = "rpm_to_max_axial_depth_mm"};
    for (size_t i = 0; i < list->n; i++) {
        const struct field_path at = {.up = &list_path, .index = i};
        check_members(&points[i], false, flaws, &at);
    }
}

static const struct field chatter_fields[] = {
    {FIELD_OF(struct chatter_lobe, rpm_to_max_axial_depth_mm), .kind = FIELD_LIST,
     .item = FIELD_JSON, .flags = FIELD_OBJECT_JSON, FIELD_UP_TO(1000),
     .help = "Points of the lobe: spindle speed and the depth of cut that is still stable, mm."},
};

static const struct field_rule chatter_rules[] = {{check_chatter, {"rpm_to_max_axial_depth_mm"}}};

static const struct shape shape_chatter = {
    .name = "ChatterStabilityLobe",
    SHAPE_OF(struct chatter_lobe, chatter_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(chatter_rules),
};

#define AT(member) FIELD_OF(struct machine_capabilities, member)
#define NUMBER(member, text)                                                                       \
    {                                                                                              \
        AT(member), .kind = FIELD_NUM, FIELD_FROM(0), .help = (text)                               \
    }
#define WHOLE(member, text)                                                                        \
    {                                                                                              \
        AT(member), .kind = FIELD_INT, FIELD_FROM(0), .help = (text)                               \
    }

static const struct field capability_fields[] = {
    {AT(schema_version), .kind = FIELD_TEXT, FIELD_UP_TO(64)},
    {AT(klass), .kind = FIELD_TEXT, .check = machine_class_check,
     .help = "Machine class, as in the definition."},
    {AT(subclass), .kind = FIELD_TEXT, .choices = machine_subclasses},
    WHOLE(axes_simultaneous, "Axes that move at the same time."),
    WHOLE(axes_indexable, "Axes that are indexed between cuts."),
    {AT(max_part_envelope_mm), .kind = FIELD_LIST, .item = FIELD_NUM, FIELD_UP_TO(3),
     FIELD_ITEMS_FROM(0),
     .help = "Largest part, mm: x, y, z. A direction that is not given is not limited."},
    NUMBER(max_table_load_kg, "Largest load of the table, kg."),
    NUMBER(max_material_thickness_mm, "Thickest sheet or plate, mm."),
    WHOLE(max_spindle_rpm, "Highest spindle speed, revolutions per minute."),
    NUMBER(spindle_power_kw, "Spindle power, kW."),
    NUMBER(max_tool_diameter_mm, "Largest tool diameter, mm."),
    NUMBER(max_tool_length_mm, "Longest tool, mm."),
    NUMBER(rapid_traverse_m_per_min, "Rapid traverse, m/min."),
    NUMBER(positioning_accuracy_mm, "Accuracy of positioning, mm."),
    NUMBER(repeatability_mm, "Repeatability of positioning, mm."),
    WHOLE(max_setups_per_part, "Setups a part may need here at most."),
    {AT(iso_286_achievable_grade), .kind = FIELD_TEXT, .check = machine_grade_check,
     .help = "Finest tolerance grade: IT01, IT0, IT1 to IT18."},
    {AT(coolant), .kind = FIELD_LIST, .item = FIELD_TEXT, FIELD_UP_TO(100),
     .choices = machine_coolants},
    {AT(workholding), .kind = FIELD_LIST, .item = FIELD_TEXT, FIELD_UP_TO(100),
     .check = machine_workholding_check, .help = "<family>.<type>, such as vise.precision."},
    {AT(certifications), .kind = FIELD_LIST, .item = FIELD_TEXT, .flags = FIELD_NAME_TEXT,
     FIELD_UP_TO(100)},
    {AT(nominal_tool_change_time_s_by_class), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON,
     .help = "Seconds of a tool change by class of tool."},
    {AT(chatter_stability_lobe), .kind = FIELD_OBJECT, .shape = &shape_chatter},
    {AT(vdi_3258), .kind = FIELD_OBJECT, .shape = &shape_vdi},
};

static const struct field_rule capability_rules[] = {
    {check_times, {"nominal_tool_change_time_s_by_class"}}};

const struct shape shape_machine_capabilities = {
    .name = "MachineCapabilities",
    SHAPE_OF(struct machine_capabilities, capability_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(capability_rules),
    .help = "What a machine can do; what is not stated is no constraint.",
};

void machine_capabilities_stored(struct arena *arena, const struct field_raw *text,
                                 struct machine_capabilities *capabilities)
{
    field_read_stored(arena, &shape_machine_capabilities, capabilities, text);
}
