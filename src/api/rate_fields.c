/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shapes of the fields object of each kind of rate. */
#include "rate_fields.h"

#include "arena.h"
#include "currency.h"
#include "field_present.h"

#include <string.h>

#define KEY_SEPARATOR "\x1f"

const char *const rate_kinds[] = {"labour", "overhead", "material", "fx", NULL};

static const char *const overhead_categories[] = {"material", "manufacturing", "administration",
                                                  "sales",    "profit",        NULL};
static const char *const overhead_bases[] = {"conversion", "labour", NULL};

#define AT(member) FIELD_OF(struct rate_fields, member)
#define NEEDED     .flags = FIELD_REQUIRED

static const struct field labour_fields[] = {
    {AT(category), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT,
     .help = "Labour category that operations name."},
    {AT(hourly_rate), .kind = FIELD_NUM, NEEDED, FIELD_FROM(0), .help = "Money per hour."},
};

static const struct field overhead_fields[] = {
    {AT(category), .kind = FIELD_TEXT, NEEDED, .choices = overhead_categories},
    {AT(machine_ref), .kind = FIELD_UUID,
     .help = "Manufacturing overhead of this machine alone, in place of the general one."},
    {AT(value), .kind = FIELD_NUM, NEEDED, FIELD_BETWEEN(0, 10),
     .help = "A fraction: 0.12 is 12 %."},
    {AT(base), .kind = FIELD_TEXT, .choices = overhead_bases,
     .help = "What a manufacturing overhead is charged on: conversion (setup, machine, labour and "
             "tooling, the default) or labour alone."},
};

static const struct field material_fields[] = {
    {AT(material_ref), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT,
     .help = "Material that process plans name."},
    {AT(price_per_kg), .kind = FIELD_NUM, NEEDED, FIELD_FROM(0)},
    {AT(scrap_price_per_kg), .kind = FIELD_NUM, FIELD_FROM(0),
     .help = "Paid back per kg of waste."},
};

static const struct field fx_fields[] = {
    {AT(from), .kind = FIELD_TEXT, NEEDED, .check = currency_check},
    {AT(to), .kind = FIELD_TEXT, NEEDED, .check = currency_check},
    {AT(rate), .kind = FIELD_NUM, .flags = FIELD_REQUIRED | FIELD_ABOVE_MIN, FIELD_FROM(0),
     .help = "1 from = rate to; used both ways."},
};

static void check_overhead(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct rate_fields *fields = thing;
    if (!strcmp(fields->category, "manufacturing"))
        return;
    if (!uuid_is_nil(&fields->machine_ref))
        flaw_add_at(flaws, path, "machine_ref", "not_applicable",
                    "only goes with category manufacturing");
    if (rate_fields_base_labour(fields))
        flaw_add_at(flaws, path, "base", "not_applicable",
                    "labour only goes with category manufacturing");
}

static void check_fx(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct rate_fields *fields = thing;
    if (!strcmp(fields->from, fields->to))
        flaw_add_at(flaws, path, "to", "same_currency", "must differ from \"from\"");
}

static const struct field_rule overhead_rules[] = {
    {check_overhead, {"category", "machine_ref", "base"}}};
static const struct field_rule fx_rules[] = {{check_fx, {"from", "to"}}};

static const struct shape shapes[] = {
    [RATE_LABOUR] = {.name = "LabourRate",
                     SHAPE_OF(struct rate_fields, labour_fields),
                     .nulls = SHAPE_NO_NULLS},
    [RATE_OVERHEAD] = {.name = "OverheadRate",
                       SHAPE_OF(struct rate_fields, overhead_fields),
                       .nulls = SHAPE_NO_NULLS,
                       SHAPE_RULES(overhead_rules)},
    [RATE_MATERIAL] = {.name = "MaterialRate",
                       SHAPE_OF(struct rate_fields, material_fields),
                       .nulls = SHAPE_NO_NULLS},
    [RATE_FX] = {.name = "FxRate",
                 SHAPE_OF(struct rate_fields, fx_fields),
                 .nulls = SHAPE_NO_NULLS,
                 SHAPE_RULES(fx_rules)},
};

static const struct rate_fields none = {
    .hourly_rate = NAN, .value = NAN, .price_per_kg = NAN, .scrap_price_per_kg = NAN, .rate = NAN};

enum rate_kind rate_kind_of(const char *name)
{
    enum rate_kind kind = 0;
    while (kind < RATE_KINDS && strcmp(rate_kinds[kind], name) != 0)
        kind++;
    return kind;
}

/* What a shape does not mention is zero after reading: make it none. */
static void clear_others(enum rate_kind kind, struct rate_fields *fields)
{
    if (kind != RATE_LABOUR)
        fields->hourly_rate = none.hourly_rate;
    if (kind != RATE_OVERHEAD)
        fields->value = none.value;
    if (kind != RATE_MATERIAL) {
        fields->price_per_kg = none.price_per_kg;
        fields->scrap_price_per_kg = none.scrap_price_per_kg;
    }
    if (kind != RATE_FX)
        fields->rate = none.rate;
}

void rate_fields_read(enum rate_kind kind, const struct field_raw *text, struct rate_fields *fields,
                      struct flaws *flaws, const struct field_path *path)
{
    field_read_copy(text, &shapes[kind], fields, flaws, path);
    clear_others(kind, fields);
}

void rate_fields_stored(struct arena *arena, const struct store_rate *rate,
                        struct rate_fields *fields)
{
    enum rate_kind kind = rate_kind_of(rate->kind);
    *fields = none;
    if (kind == RATE_KINDS)
        return;
    field_read_stored(arena, &shapes[kind], fields, &rate->fields);
    clear_others(kind, fields);
}

struct field_raw rate_fields_text(struct arena *arena, enum rate_kind kind,
                                  const struct rate_fields *fields)
{
    return field_present(arena, &shapes[kind], fields);
}

const char *rate_fields_key(struct arena *arena, enum rate_kind kind,
                            const struct rate_fields *fields)
{
    char machine[UUID_TEXT] = "";
    switch (kind) {
    case RATE_LABOUR:
        return fields->category;
    case RATE_OVERHEAD:
        if (!uuid_is_nil(&fields->machine_ref))
            uuid_text(&fields->machine_ref, machine);
        return arena_printf(arena, "%s" KEY_SEPARATOR "%s", fields->category, machine);
    case RATE_MATERIAL:
        return fields->material_ref;
    default:
        return arena_printf(arena, "%s" KEY_SEPARATOR "%s", fields->from, fields->to);
    }
}

bool rate_fields_base_labour(const struct rate_fields *fields)
{
    return fields->base && !strcmp(fields->base, "labour");
}
