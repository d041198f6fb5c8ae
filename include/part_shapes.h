/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and lists of parts and revisions. */
#ifndef COSTWRIGHT_PART_SHAPES_H
#define COSTWRIGHT_PART_SHAPES_H

#include "process_plan.h"
#include "store_list.h"

struct store_revision;

#define IMPORT_PARTS 5000

/* For creation and change; in a change absent means unchanged. */
struct part_create {
    const char *part_number, *name;
    struct field_raw attributes;
};

struct part_query {
    struct store_page page;
    const char *part_number; /* NULL: all */
};

struct revision_create {
    const char *revision_code;
    const struct process_plan *process_plan;
    struct field_list predictions; /* of struct prediction */
};

struct import_part {
    const char *part_number, *name;
    struct field_raw attributes;
    struct revision_create revision;
};

struct part_import {
    struct field_list parts; /* of struct import_part */
};

struct imported_part {
    const char *part_number;
    struct uuid part_id, part_revision_id;
};

struct part_imported {
    int64_t created, revised, unchanged;
    struct field_list data; /* of struct imported_part, in request order */
};

extern const struct shape shape_part_create, shape_part_change, shape_part_query;
extern const struct shape shape_revision_create;
extern const struct shape shape_part_import, shape_part_imported;
extern const struct shape shape_part_list, shape_revision_list;

/* What is stored of a new revision: code, texts, hash. */
void revision_fill(struct arena *arena, const struct revision_create *create,
                   struct store_revision *revision);

#endif
