/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and lists of parts and revisions: field tables. */
#include "part_shapes.h"

#include "api.h"
#include "arena.h"
#include "store_part.h"

#include <stdlib.h>
#include <string.h>

#define AT(member) FIELD_OF(struct part_create, member)
#define PART_FIELDS(needed, usual)                                                                 \
    {AT(part_number), .kind = FIELD_TEXT, .flags = (needed) | FIELD_NAME_TEXT,                     \
     .help = "Unique in the organisation, exact."},                                                \
        {AT(name), .kind = FIELD_TEXT, FIELD_UP_TO(200)},                                          \
    {                                                                                              \
        AT(attributes), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON, .otherwise = (usual),      \
                        .help = "Free object."                                                     \
    }

/* clang-format off */
static const struct field create_fields[] = {PART_FIELDS(FIELD_REQUIRED, "{}")};
static const struct field change_fields[] = {PART_FIELDS(0, NULL)};
/* clang-format on */
#undef AT

const struct shape shape_part_create = {
    .name = "PartCreate", SHAPE_OF(struct part_create, create_fields), .nulls = SHAPE_NO_NULLS};
const struct shape shape_part_change = {.name = "PartChange",
                                        SHAPE_OF(struct part_create, change_fields),
                                        .nulls = SHAPE_NO_NULLS,
                                        .help = "What is absent stays."};

#define AT(member) FIELD_OF(struct part_query, member)
static const struct field query_fields[] = {
    API_PAGE(offsetof(struct part_query, page), 0),
    {AT(part_number), .kind = FIELD_TEXT, FIELD_UP_TO(200),
     .help = "Only the part with exactly this number."},
};
#undef AT

const struct shape shape_part_query = {
    .name = "PartQuery", SHAPE_OF(struct part_query, query_fields), .nulls = SHAPE_NO_NULLS};

#define REVISION_FIELDS(type, path)                                                                \
    {.name = "revision_code",                                                                      \
     .kind = FIELD_TEXT,                                                                           \
     .offset = offsetof(type, path revision_code),                                                 \
     FIELD_UP_TO(200),                                                                             \
     .help = "As the drawing says."},                                                              \
        {.name = "process_plan",                                                                   \
         .kind = FIELD_OBJECT,                                                                     \
         .flags = FIELD_REQUIRED,                                                                  \
         .offset = offsetof(type, path process_plan),                                              \
         .shape = &shape_process_plan},                                                            \
    {                                                                                              \
        .name = "predictions", .kind = FIELD_LIST, .item = FIELD_OBJECT,                           \
        .offset = offsetof(type, path predictions), FIELD_UP_TO(PLAN_PREDICTIONS),                 \
        .shape = &shape_prediction                                                                 \
    }

static const struct field revision_fields[] = {
    /* clang-format off */
    REVISION_FIELDS(struct revision_create,),
    /* clang-format on */
};

const struct shape shape_revision_create = {.name = "PartRevisionCreate",
                                            SHAPE_OF(struct revision_create, revision_fields),
                                            .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct import_part, member)
/* clang-format off */
static const struct field import_part_fields[] = {
    PART_FIELDS(FIELD_REQUIRED, "{}"),
    REVISION_FIELDS(struct import_part, revision.),
};
/* clang-format on */
#undef AT

static const struct shape shape_import_part = {.name = "ImportPart",
                                               SHAPE_OF(struct import_part, import_part_fields),
                                               .nulls = SHAPE_NO_NULLS};

static const struct field import_fields[] = {
    {FIELD_OF(struct part_import, parts), .kind = FIELD_LIST, .item = FIELD_OBJECT,
     .flags = FIELD_REQUIRED, FIELD_UP_TO(IMPORT_PARTS), .shape = &shape_import_part},
};

static int compare_numbers(const void *a, const void *b)
{
    const struct import_part *x = *(const struct import_part *const *)a;
    const struct import_part *y = *(const struct import_part *const *)b;
    int order = strcmp(x->part_number, y->part_number);
    return order ? order : (x > y) - (x < y);
}

/* Two rows with one part number: which revision were the current one? */
static void check_import(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct part_import *import = thing;
    const struct import_part *parts = import->parts.at;
    size_t n = import->parts.n;
    const struct import_part **sorted =
        ARENA_ARRAY(flaws->arena, n ? n : 1, const struct import_part *);
    for (size_t i = 0; i < n; i++)
        sorted[i] = &parts[i];
    qsort(sorted, n, sizeof *sorted, compare_numbers);
    const struct field_path list = {.up = path, .key = "parts"};
    for (size_t i = 1; i < n; i++)
        if (!strcmp(sorted[i]->part_number, sorted[i - 1]->part_number)) {
            const struct field_path row = {.up = &list, .index = (size_t)(sorted[i] - parts)};
            flaw_add_at(flaws, &row, "part_number", "duplicate",
                        "stands in another row of this call too");
        }
}

static const struct field_rule import_rules[] = {{check_import, {"parts"}}};

const struct shape shape_part_import = {.name = "PartImport",
                                        SHAPE_OF(struct part_import, import_fields),
                                        .nulls = SHAPE_NO_NULLS,
                                        SHAPE_RULES(import_rules)};

#define AT(member) FIELD_OF(struct imported_part, member)
static const struct field imported_part_fields[] = {
    {AT(part_number), .kind = FIELD_TEXT},
    {AT(part_id), .kind = FIELD_UUID},
    {AT(part_revision_id), .kind = FIELD_UUID, .help = "The current revision, new or not."},
};
#undef AT

static const struct shape shape_imported_part = {
    .name = "ImportedPart",
    SHAPE_OF(struct imported_part, imported_part_fields),
    .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct part_imported, member)
static const struct field imported_fields[] = {
    {AT(created), .kind = FIELD_INT, .help = "New parts."},
    {AT(revised), .kind = FIELD_INT, .help = "Known parts with a new revision."},
    {AT(unchanged), .kind = FIELD_INT,
     .help = "Known parts whose plan and predictions were the same."},
    {AT(data), .kind = FIELD_LIST, .item = FIELD_OBJECT, .shape = &shape_imported_part,
     .help = "In the order of the request."},
};
#undef AT

const struct shape shape_part_imported = {.name = "PartImported",
                                          SHAPE_OF(struct part_imported, imported_fields),
                                          .nulls = SHAPE_NO_NULLS};

static const struct field part_list_fields[] = {API_COUNTED(&shape_part, "Of all pages.")};
static const struct field revision_list_fields[] = {API_COUNTED(&shape_revision, "Of all pages.")};

const struct shape shape_part_list = {
    .name = "PartList", SHAPE_OF(struct counted_list, part_list_fields), .nulls = SHAPE_NO_NULLS};
const struct shape shape_revision_list = {.name = "PartRevisionList",
                                          SHAPE_OF(struct counted_list, revision_list_fields),
                                          .nulls = SHAPE_NO_NULLS};
