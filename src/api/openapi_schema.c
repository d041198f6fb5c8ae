/* SPDX-License-Identifier: GPL-3.0-or-later */
/* API description: the schemas of all shapes. */
#include "openapi_private.h"

#include "arena.h"
#include "field.h"
#include "terms.h"

#include <stdlib.h>
#include <string.h>

#define REFS       "#/components/schemas/"
#define SHAPES_MAX 256

/* Found once per process; the table of operations does not change. */
static struct used {
    const struct shape *shape;
    bool in_request, in_answer;
    const char *request_ref, *answer_ref;
} used[SHAPES_MAX];
static size_t n_used;

static struct used *find(const struct shape *shape)
{
    for (size_t i = 0; i < n_used; i++)
        if (used[i].shape == shape)
            return &used[i];
    return NULL;
}

static void note(const struct shape *shape, bool answer)
{
    struct used *known = find(shape);
    if (!known) {
        if (n_used == SHAPES_MAX)
            abort(); /* the table above is too small for the operation table */
        known = &used[n_used++];
        known->shape = shape;
    }
    bool *seen = answer ? &known->in_answer : &known->in_request;
    if (*seen)
        return;
    *seen = true;
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        if (field->shape && !(field->flags & FIELD_HIDDEN))
            note(field->shape, answer);
    }
}

static void note_all(void)
{
    if (n_used)
        return;
    for (size_t i = 0; i < n_operations; i++) {
        if (operations[i].body)
            note(operations[i].body, false);
        if (operations[i].answer)
            note(operations[i].answer, true);
    }
    static struct arena *names; /* as long as the process */
    names = arena_new();
    for (size_t i = 0; i < n_used; i++) {
        const char *name = used[i].shape->name;
        bool both = used[i].in_request && used[i].in_answer;
        used[i].answer_ref = arena_printf(names, REFS "%s", name);
        used[i].request_ref = arena_printf(names, REFS "%s%s", name, both ? "Input" : "");
    }
}

static const struct field_style openapi_style = {.refer = openapi_ref, .term = term_help};

const char *openapi_ref(const struct shape *shape, bool answer)
{
    note_all();
    const struct used *known = find(shape);
    return answer ? known->answer_ref : known->request_ref;
}

void openapi_schemas(struct buf *out)
{
    note_all();
    for (size_t i = 0; i < n_used; i++) {
        if (used[i].in_request) {
            json_key(out, used[i].request_ref + strlen(REFS));
            field_schema(out, used[i].shape, false, &openapi_style);
        }
        if (used[i].in_answer) {
            json_key(out, used[i].answer_ref + strlen(REFS));
            field_schema(out, used[i].shape, true, &openapi_style);
        }
    }
}
