/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an operation takes and answers, as JSON Schema. */
#include "operation_schema.h"

#include "field.h"
#include "terms.h"

#include <string.h>

const char *operation_parameter_help(const char *name, size_t len)
{
    char text[64] = "";
    memcpy(text, name, len < sizeof text ? len : sizeof text - 1);
    return term_help(text);
}

void operation_parameter_schema(struct buf *out, const char *name, size_t len)
{
    json_put_text(out, "type", "string");
    if (len > 3 && !memcmp(name + len - 3, "_id", 3))
        json_put_text(out, "format", "uuid");
}

const char *operation_tag(const struct operation *operation)
{
    static const char *const tags[] = {"calculations", "calibration", "environments",
                                       "ground-truth", "labeling",    "machines"};
    static const char root[] = "/api/v1/parts";
    if (strncmp(operation->path, root, sizeof root - 1) != 0)
        return "service";
    const char *below = operation->path + sizeof root - 1;
    below += *below == '/';
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (!strncmp(below, tags[i], strlen(tags[i])))
            return tags[i];
    return "parts";
}

static const struct field_style in_place = {.term = term_help};

static void put_required(struct buf *out, const struct shape *shape)
{
    for (size_t i = 0; shape && i < shape->n; i++)
        if (shape->fields[i].flags & FIELD_REQUIRED && !(shape->fields[i].flags & FIELD_HIDDEN))
            json_text(out, shape->fields[i].name);
}

static void put_members(struct buf *out, const struct shape *shape)
{
    for (size_t i = 0; shape && i < shape->n; i++)
        if (!(shape->fields[i].flags & FIELD_HIDDEN))
            field_schema_member(out, &shape->fields[i], false, &in_place);
}

void operation_arguments_schema(struct buf *out, const struct operation *operation)
{
    const char *path = operation->path, *name;
    size_t len;
    json_object(out);
    json_put_text(out, "type", "object");
    json_key(out, "properties");
    json_object(out);
    while ((name = operation_parameter(&path, &len))) {
        json_key_len(out, name, len);
        json_object(out);
        operation_parameter_schema(out, name, len);
        json_put_text(out, "description", operation_parameter_help(name, len));
        json_object_end(out);
    }
    put_members(out, operation->query);
    put_members(out, operation->body);
    if (operation_mutates(operation))
        json_put_raw(out, "idempotency_key",
                     "{\"type\":\"string\",\"minLength\":1,\"maxLength\":255,\"description\":\"Any "
                     "text of your own: a call repeated with it has its effect once.\"}");
    json_object_end(out);
    json_key(out, "required");
    json_array(out);
    path = operation->path;
    while ((name = operation_parameter(&path, &len)))
        json_text_len(out, name, len);
    put_required(out, operation->query);
    put_required(out, operation->body);
    json_array_end(out);
    json_put_bool(out, "additionalProperties", false);
    json_object_end(out);
}

bool operation_answers_bare(const struct operation *operation)
{
    return operation->flags & (OP_LIST | OP_MAYBE_NULL);
}

static void put_data(struct buf *out, const struct operation *operation)
{
    json_object(out);
    if (operation->flags & OP_LIST) {
        json_put_text(out, "type", "array");
        json_key(out, "items");
        field_schema(out, operation->answer, true, &in_place);
    } else {
        json_key(out, "anyOf");
        json_array(out);
        field_schema(out, operation->answer, true, &in_place);
        json_raw_len(out, "{\"type\":\"null\"}", sizeof "{\"type\":\"null\"}" - 1);
        json_array_end(out);
    }
    json_object_end(out);
}

void operation_answer_schema(struct buf *out, const struct operation *operation)
{
    if (!operation_answers_bare(operation)) {
        field_schema(out, operation->answer, true, &in_place);
        return;
    }
    json_object(out);
    json_put_text(out, "type", "object");
    json_key(out, "properties");
    json_object(out);
    json_key(out, "data");
    put_data(out, operation);
    if (operation->flags & OP_LIST)
        json_put_raw(
            out, "total",
            "{\"type\":\"integer\",\"description\":\"Number of all items, beyond this page "
            "too.\"}");
    else
        json_put_raw(out, "queue_state",
                     "{\"type\":\"string\",\"description\":\"Why data is null.\"}");
    json_object_end(out);
    json_put_raw(out, "required", "[\"data\"]");
    json_object_end(out);
}
