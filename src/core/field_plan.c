/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans: what is derived once per process from each shape, its defaults above all. */
#include "field_private.h"
#include "json_in.h"
#include "memory.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 256

/* A table that contradicts itself is our own bug. */
static _Noreturn void bug(const struct shape *shape, const char *field, const char *what)
{
    fprintf(stderr, "<2>shape %s, field %s: %s\n", shape->name, field, what);
    abort();
}

void field_set_none(enum field_kind kind, void *place)
{
    switch (kind) {
    case FIELD_TEXT:
    case FIELD_OBJECT:
        *(const void **)place = NULL;
        break;
    case FIELD_UUID:
        *(struct uuid *)place = (struct uuid){0};
        break;
    case FIELD_DATE:
        *(int32_t *)place = DATE_NONE;
        break;
    case FIELD_TIME:
        *(int64_t *)place = TIME_NONE;
        break;
    case FIELD_INT:
        *(int64_t *)place = INT_NONE;
        break;
    case FIELD_NUM:
        *(double *)place = NAN;
        break;
    case FIELD_BOOL:
        *(int8_t *)place = BOOL_NONE;
        break;
    case FIELD_JSON:
        *(struct field_raw *)place = (struct field_raw){0};
        break;
    case FIELD_LIST:
        *(struct field_list *)place = (struct field_list){0};
        break;
    }
}

bool field_is_absent(enum field_kind kind, const void *place)
{
    switch (kind) {
    case FIELD_TEXT:
    case FIELD_OBJECT:
        return !*(const void *const *)place;
    case FIELD_UUID:
        return uuid_is_nil(place);
    case FIELD_DATE:
        return *(const int32_t *)place == DATE_NONE;
    case FIELD_TIME:
    case FIELD_INT:
        return *(const int64_t *)place == INT_NONE;
    case FIELD_NUM:
        return isnan(*(const double *)place);
    case FIELD_BOOL:
        return *(const int8_t *)place == BOOL_NONE;
    case FIELD_JSON:
        return !((const struct field_raw *)place)->text;
    case FIELD_LIST:
        return !((const struct field_list *)place)->at;
    }
    return true;
}

struct field field_of_item(const struct field *list)
{
    struct field item = *list;
    item.min = list->item_min;
    item.max = list->item_max;
    return item;
}

size_t field_item_size(const struct field *field)
{
    switch (field->item) {
    case FIELD_TEXT:
        return sizeof(const char *);
    case FIELD_UUID:
        return sizeof(struct uuid);
    case FIELD_DATE:
        return sizeof(int32_t);
    case FIELD_TIME:
    case FIELD_INT:
        return sizeof(int64_t);
    case FIELD_NUM:
        return sizeof(double);
    case FIELD_BOOL:
        return sizeof(int8_t);
    case FIELD_JSON:
        return sizeof(struct field_raw);
    case FIELD_OBJECT:
        return field->shape->size;
    case FIELD_LIST:
        break;
    }
    return 0;
}

/* The default of one field, written as JSON in the table. */
static void set_default(const struct shape *shape, const struct field *field, void *place)
{
    /* the text of a FIELD_TEXT default stays as long as the plan: for good */
    size_t len = strlen(field->otherwise);
    char *json = memory_text(field->otherwise), *text;
    struct json_in in;
    struct json_number number;
    bool good = false, keep = false;
    json_in_open(&in, json, len);
    switch (field->kind) {
    case FIELD_TEXT:
        good = keep = json_in_string(&in, &text, &len);
        if (good)
            *(const char **)place = text;
        break;
    case FIELD_DATE:
        good = json_in_string(&in, &text, &len) && date_parse(place, text, len);
        break;
    case FIELD_INT:
        good = json_in_number(&in, &number) && number.is_integer;
        if (good)
            *(int64_t *)place = number.integer;
        break;
    case FIELD_NUM:
        good = json_in_number(&in, &number);
        if (good)
            *(double *)place = number.value;
        break;
    case FIELD_BOOL:
        *(int8_t *)place = json_in_peek(&in) == JSON_TRUE;
        good = json_in_literal(&in);
        break;
    case FIELD_JSON:
        *(struct field_raw *)place = (struct field_raw){field->otherwise, len};
        good = json_in_skip(&in, NULL, NULL);
        break;
    case FIELD_LIST: /* an absent list is empty anyway: only the API description says more */
        good = json_in_array(&in) && !json_in_element(&in);
        break;
    default:
        break;
    }
    if (!good || !json_in_finish(&in))
        bug(shape, field->name, "its default is not a value of its kind");
    json_in_close(&in);
    if (!keep)
        free(json);
}

static void check_table(const struct shape *shape)
{
    if (shape->n > SHAPE_FIELDS || (shape->nulls != SHAPE_NO_NULLS && shape->n > 64))
        bug(shape, "-", "too many fields");
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        bool object = field->kind == FIELD_OBJECT ||
                      (field->kind == FIELD_LIST && field->item == FIELD_OBJECT);
        if (object != (field->shape != NULL))
            bug(shape, field->name, "objects, and only they, have a shape");
        if (field->kind == FIELD_LIST && field->item == FIELD_LIST)
            bug(shape, field->name, "a list of lists");
        if (field->offset >= shape->size)
            bug(shape, field->name, "it lies outside the struct");
    }
}

static struct field_quick quick_of(const struct field *field)
{
    struct field_quick quick = {.low = -DBL_MAX, .high = DBL_MAX};
    if (field_has_min(field))
        quick.low = field->flags & FIELD_ABOVE_MIN ? nextafter(field->min, INFINITY) : field->min;
    if (field_has_max(field))
        quick.high = field->flags & FIELD_BELOW_MAX ? nextafter(field->max, -INFINITY) : field->max;
    if (field->flags & FIELD_HIDDEN)
        return quick;
    size_t room = strlen(field->name) + sizeof ",\"\":";
    char *key = memory_new(room);
    snprintf(key, room, ",\"%s\":", field->name);
    quick.key = key;
    quick.key_len = (uint32_t)room - 1;
    return quick;
}

static void plan_rules(struct field_plan *plan)
{
    const struct shape *shape = plan->shape;
    plan->rules = memory_new((shape->n_rules + 1) * sizeof *plan->rules);
    for (size_t r = 0; r < shape->n_rules; r++) {
        const char *const *of = shape->rules[r].of;
        for (size_t k = 0; k < sizeof shape->rules->of / sizeof *of && of[k]; k++) {
            unsigned i = field_find(plan, of[k], strlen(of[k]));
            if (i == FIELD_UNKNOWN)
                bug(shape, of[k], "a rule reads it, and there is none");
            plan->rules[r][i / 64] |= UINT64_C(1) << i % 64;
        }
    }
}

void field_run_rules(const struct field_plan *plan, const uint64_t *flawed, const void *thing,
                     struct flaws *flaws, const struct field_path *path)
{
    for (size_t r = 0; r < plan->shape->n_rules; r++) {
        uint64_t in_the_way = 0;
        for (size_t word = 0; flawed && word < plan->words; word++)
            in_the_way |= plan->rules[r][word] & flawed[word];
        if (!in_the_way)
            plan->shape->rules[r].check(thing, flaws, path);
    }
}

static struct field_plan *plan_new(const struct shape *shape)
{
    check_table(shape);
    struct field_plan *plan = memory_new(sizeof *plan);
    plan->shape = shape;
    plan->words = (shape->n + 63) / 64;
    plan->after[SHAPE_FIELDS] = FIELD_UNKNOWN;
    plan->defaults = memory_new(shape->size);
    plan->quick = memory_new((shape->n + 1) * sizeof *plan->quick);
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        void *place = (char *)plan->defaults + field->offset;
        field_set_none(field->kind, place);
        if (field->otherwise)
            set_default(shape, field, place);
        if (field->flags & FIELD_REQUIRED && !(field->flags & FIELD_HIDDEN))
            plan->required[i / 64] |= UINT64_C(1) << i % 64;
        plan->quick[i] = quick_of(field);
    }
    plan_rules(plan);
    /* at first the order of the table is as good a guess as any */
    unsigned last = SHAPE_FIELDS;
    for (size_t i = 0; i < shape->n; i++) {
        plan->after[i] = FIELD_UNKNOWN;
        if (!plan->quick[i].key)
            continue;
        plan->after[last] = (uint8_t)i;
        last = (unsigned)i;
    }
    return plan;
}

struct field_plan *field_plan(const struct shape *shape)
{
    static struct field_plan *plans[BUCKETS];
    size_t i = (uintptr_t)shape / sizeof *shape % BUCKETS;
    for (size_t tried = 0; tried < BUCKETS; tried++, i = (i + 1) % BUCKETS) {
        if (!plans[i])
            return plans[i] = plan_new(shape);
        if (plans[i]->shape == shape)
            return plans[i];
    }
    bug(shape, "-", "too many shapes");
}

unsigned field_find(const struct field_plan *plan, const char *name, size_t len)
{
    for (size_t i = 0; i < plan->shape->n; i++)
        if (plan->quick[i].key_len == len + FIELD_KEY_MORE &&
            !memcmp(plan->shape->fields[i].name, name, len))
            return (unsigned)i;
    return FIELD_UNKNOWN;
}

void field_defaults(const struct shape *shape, void *thing)
{
    if (shape->size) /* a request without members has no struct */
        memcpy(thing, field_plan(shape)->defaults, shape->size);
}
