/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine definitions as requests carry them: capabilities, and the machine-hour rate they imply.
 */
#ifndef COSTWRIGHT_MACHINE_DEFINITION_H
#define COSTWRIGHT_MACHINE_DEFINITION_H

#include "calc_vdi3258.h"
#include "field.h"
#include "store_machine.h"

struct arena;

/* Every member may be absent (the none of its kind): not stated, no constraint. Members of the
   vdi_3258 block that are absent are NAN here and 0 in the rate. */
struct machine_capabilities {
    const char *schema_version, *klass, *subclass;
    int64_t axes_simultaneous, axes_indexable;
    struct field_list max_part_envelope_mm; /* of double: x, y, z; up to 3 */
    double max_table_load_kg, max_material_thickness_mm;
    int64_t max_spindle_rpm, max_setups_per_part;
    double spindle_power_kw, max_tool_diameter_mm, max_tool_length_mm;
    double rapid_traverse_m_per_min, positioning_accuracy_mm, repeatability_mm;
    const char *iso_286_achievable_grade;                   /* machine_grade() ranks it */
    struct field_list coolant, workholding, certifications; /* of const char * */
    struct field_raw nominal_tool_change_time_s_by_class;   /* object: tool class to seconds */
    const void *chatter_stability_lobe;
    const struct calc_vdi3258_input *vdi_3258;
};

/* One struct for MachineDefinitionCreate (also in new_machine) and for changes, where absent means
   unchanged. */
struct machine_definition {
    const char *name, *klass, *subclass, *vendor, *model_no;
    double hourly_rate_eur; /* NAN or 0: derive it from vdi_3258 */
    double burden_rate_eur;
    const struct machine_capabilities *capabilities; /* NULL: {} */
    struct uuid parent_template_id;
    int32_t valid_from, valid_to;
};

extern const struct shape shape_machine_capabilities;
extern const struct shape shape_machine_create;
extern const struct shape shape_machine_change;

/* The rules between fields: valid_to >= valid_from; a rate that is given or can be derived. One
   flaw per fault at its own path below path, which leads to the definition. */
void machine_definition_check(const struct machine_definition *definition, struct flaws *flaws,
                              const struct field_path *path);
/* What is stored of a definition without flaws: rate derived, capabilities as JSON text. id and
   created_at are the caller's. */
void machine_definition_fill(struct arena *arena, const struct machine_definition *definition,
                             struct store_machine *machine);
/* change on top of what is stored, to be checked and filled like a new definition. A stored rate
   that was derived is derived again. */
void machine_definition_merge(struct arena *arena, const struct store_machine *stored,
                              const struct machine_definition *change,
                              struct machine_definition *merged);

/* Capabilities out of a stored row. */
void machine_capabilities_stored(struct arena *arena, const struct field_raw *text,
                                 struct machine_capabilities *capabilities);
/* EUR per hour of the operator share in the vdi_3258 block, 0 without one: charged where an
   operation has no labour category. */
double machine_operator_rate(const struct machine_capabilities *capabilities);

#endif
