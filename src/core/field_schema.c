/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shape -> JSON Schema 2020-12 for the API description. */
#include "buf.h"
#include "field_private.h"

static const struct {
    const char *type, *format;
} words[] = {
    [FIELD_TEXT] = {"string", NULL},    [FIELD_UUID] = {"string", "uuid"},
    [FIELD_DATE] = {"string", "date"},  [FIELD_TIME] = {"string", "date-time"},
    [FIELD_INT] = {"integer", "int64"}, [FIELD_NUM] = {"number", NULL},
    [FIELD_BOOL] = {"boolean", NULL},   [FIELD_JSON] = {"object", NULL},
    [FIELD_OBJECT] = {"object", NULL},  [FIELD_LIST] = {"array", NULL},
};

/* Where null may stand: an optional member of a request may be null instead of absent. */
static bool is_nullable(const struct field *field, bool answer)
{
    if (answer)
        return field->flags & FIELD_NULLABLE;
    return !(field->flags & FIELD_REQUIRED) || field->flags & FIELD_NULL_IS_VALUE;
}

static void put_type(struct buf *out, const char *type, bool nullable)
{
    json_key(out, "type");
    if (!nullable) {
        json_text(out, type);
        return;
    }
    json_array(out);
    json_text(out, type);
    json_text(out, "null");
    json_array_end(out);
}

static void put_shape(struct buf *out, const struct shape *shape, const char *help, bool nullable,
                      bool answer, const struct field_style *style);

/* A nested shape: by name, or in place where it has none. */
static void put_object(struct buf *out, const struct field *field, bool nullable, bool answer,
                       const struct field_style *style)
{
    const char *name = style->refer ? style->refer(field->shape, answer) : NULL;
    if (!name) {
        put_shape(out, field->shape, NULL, nullable, answer, style);
        return;
    }
    if (!nullable) {
        json_put_text(out, "$ref", name);
        return;
    }
    json_key(out, "anyOf");
    json_array(out);
    json_object(out);
    json_put_text(out, "$ref", name);
    json_object_end(out);
    json_object(out);
    json_put_text(out, "type", "null");
    json_object_end(out);
    json_array_end(out);
}

static void put_text_rules(struct buf *out, const struct field *field, bool nullable, bool answer)
{
    if (field->choices) {
        json_key(out, "enum");
        json_array(out);
        for (const char *const *choice = field->choices; *choice; choice++)
            json_text(out, *choice);
        if (nullable)
            json_null(out);
        json_array_end(out);
        return;
    }
    if (answer)
        return;
    if (field_has_min(field))
        json_put_num(out, "minLength", field->min);
    json_put_num(out, "maxLength", field_most(field, FIELD_TEXT));
    if (field->flags & FIELD_NAME_TEXT)
        json_put_text(out, "pattern", "\\S");
}

static void put_number_rules(struct buf *out, const struct field *field)
{
    if (field_has_min(field))
        json_put_num(out, field->flags & FIELD_ABOVE_MIN ? "exclusiveMinimum" : "minimum",
                     field->min);
    if (field_has_max(field))
        json_put_num(out, field->flags & FIELD_BELOW_MAX ? "exclusiveMaximum" : "maximum",
                     field->max);
}

static void put_array(struct buf *out, const struct field *field, bool nullable, bool answer,
                      const struct field_style *style);

static void put_value(struct buf *out, const struct field *field, enum field_kind kind,
                      bool nullable, bool answer, const struct field_style *style)
{
    if (kind == FIELD_OBJECT) {
        put_object(out, field, nullable, answer, style);
        return;
    }
    if (kind == FIELD_JSON && field->flags & FIELD_ARRAY_JSON) {
        put_array(out, field, nullable, answer, style);
        return;
    }
    if (kind == FIELD_JSON && !(field->flags & FIELD_OBJECT_JSON))
        return; /* any value */
    put_type(out, words[kind].type, nullable);
    if (words[kind].format)
        json_put_text(out, "format", words[kind].format);
    if (kind == FIELD_JSON)
        json_put_bool(out, "additionalProperties",
                      true); /* said, since generators take it for none */
    if (kind == FIELD_TEXT)
        put_text_rules(out, field, nullable, answer);
    else if (kind == FIELD_INT || kind == FIELD_NUM)
        put_number_rules(out, field);
}

static void put_array(struct buf *out, const struct field *field, bool nullable, bool answer,
                      const struct field_style *style)
{
    const struct field item = field_of_item(field);
    put_type(out, "array", nullable);
    json_key(out, "items");
    json_object(out);
    put_value(out, &item, field->item, false, answer, style);
    json_object_end(out);
}

static void put_list(struct buf *out, const struct field *field, bool nullable, bool answer,
                     const struct field_style *style)
{
    put_array(out, field, nullable, answer, style);
    if (answer)
        return;
    if (field_has_min(field))
        json_put_num(out, "minItems", field->min);
    json_put_num(out, "maxItems", field_most(field, FIELD_LIST));
}

void field_schema_value(struct buf *out, const struct field *field, bool answer,
                        const struct field_style *style)
{
    bool nullable = is_nullable(field, answer);
    json_object(out);
    if (field->kind == FIELD_LIST)
        put_list(out, field, nullable, answer, style);
    else
        put_value(out, field, field->kind, nullable, answer, style);
    if (field->otherwise && !answer)
        json_put_raw(out, "default", field->otherwise);
    const char *help = field->help;
    if (!help && style->term)
        help = style->term(field->name);
    if (!help && field->kind == FIELD_OBJECT && !style->refer)
        help = field->shape->help;
    if (help)
        json_put_text(out, "description", help);
    if (field->flags & FIELD_ADDED)
        json_put_bool(out, "x-costwright-added", true);
    json_object_end(out);
}

void field_schema_member(struct buf *out, const struct field *field, bool answer,
                         const struct field_style *style)
{
    json_key(out, field->name);
    field_schema_value(out, field, answer, style);
}

static void put_required(struct buf *out, const struct shape *shape, bool answer)
{
    bool any = false;
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->flags & FIELD_HIDDEN || !(answer || field->flags & FIELD_REQUIRED))
            continue;
        if (!any) {
            json_key(out, "required");
            json_array(out);
        }
        any = true;
        json_text(out, field->name);
    }
    if (any)
        json_array_end(out);
}

static void put_shape(struct buf *out, const struct shape *shape, const char *help, bool nullable,
                      bool answer, const struct field_style *style)
{
    put_type(out, "object", nullable);
    if (help)
        json_put_text(out, "description", help);
    json_key(out, "properties");
    json_object(out);
    for (size_t i = 0; i < shape->n; i++)
        if (!(shape->fields[i].flags & FIELD_HIDDEN))
            field_schema_member(out, &shape->fields[i], answer, style);
    json_object_end(out);
    put_required(out, shape, answer);
    if (!answer)
        json_put_bool(out, "additionalProperties", false);
}

void field_schema(struct buf *out, const struct shape *shape, bool answer,
                  const struct field_style *style)
{
    json_object(out);
    put_shape(out, shape, shape->help, false, answer, style);
    json_object_end(out);
}
