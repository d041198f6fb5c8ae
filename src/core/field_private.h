/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the field table files share: plans of shapes, checked scalars, members of structs. */
#ifndef COSTWRIGHT_FIELD_PRIVATE_H
#define COSTWRIGHT_FIELD_PRIVATE_H

#include "field.h"

#define FIELD_WORDS    ((SHAPE_FIELDS + 63) / 64)
#define FIELD_UNKNOWN  255 /* index of no field */
#define FIELD_TEXT_MAX 10000
#define FIELD_NAME_MAX 200
#define FIELD_LIST_MAX 100000
#define FIELD_JSON_MAX (1024 * 1024) /* bytes: it is kept, copied and stored as a whole */

#define FIELD_KEY_MORE 4 /* characters around the name in a key: ,"": */

/* What is derived once from a field of a shape. */
struct field_quick {
    const char *key;  /* as it stands between two members: ,"name": */
    uint32_t key_len; /* 0: hidden, no member has that name */
    double low, high; /* FIELD_NUM: what is taken, both ends included */
};

/* What is derived once from a shape. */
struct field_plan {
    const struct shape *shape;
    void *defaults;                 /* a struct as if every field were absent */
    struct field_quick *quick;      /* of each field */
    size_t words;                   /* of the bit sets: as many as n fields need */
    uint64_t required[FIELD_WORDS]; /* bit i: field i must be in a request */
    uint64_t (*rules)[FIELD_WORDS]; /* of each rule, bit i: it reads field i */
    /* the field that followed each one last time, at SHAPE_FIELDS the first one: a guess */
    uint8_t after[SHAPE_FIELDS + 1];
};

struct field_plan *field_plan(const struct shape *shape);

/* Index of the field called name that JSON may hold, else FIELD_UNKNOWN. */
unsigned field_find(const struct field_plan *plan, const char *name, size_t len);

/* Bytes of one member or list item of this kind; shape for FIELD_OBJECT list items. */
size_t field_item_size(const struct field *field);

/* A list's field as one of its items: min and max of a list count them, an item has its own. */
struct field field_of_item(const struct field *list);

/* A flaw for each required field whose bit is not in given. */
void field_flag_missing(const struct field_plan *plan, const uint64_t *given, struct flaws *flaws,
                        const struct field_path *path);

/* The rules of the shape; flawed: bit i: field i has a flaw or is missing; NULL: none has. */
void field_run_rules(const struct field_plan *plan, const uint64_t *flawed, const void *thing,
                     struct flaws *flaws, const struct field_path *path);

/* Sets the member to its "absent" value of the table in field.h, not to the default; is it that? */
void field_set_none(enum field_kind kind, void *place);
bool field_is_absent(enum field_kind kind, const void *place);

/* A value that was read, checked against field's rules and stored at place, or one flaw at path.
   text of field_take_text is NUL-terminated UTF-8 and is kept, kind one of TEXT, UUID, DATE, TIME.
   shown: the number as the caller wrote it, for messages. */
void field_take_text(const struct field *field, enum field_kind kind, void *place, const char *text,
                     size_t len, struct flaws *flaws, const struct field_path *path);
struct json_number;
void field_take_number(const struct field *field, enum field_kind kind, void *place,
                       const struct json_number *number, const char *shown, size_t shown_len,
                       struct flaws *flaws, const struct field_path *path);

bool field_has_min(const struct field *field);
bool field_has_max(const struct field *field);
/* Most characters of a text, most items of a list. */
double field_most(const struct field *field, enum field_kind kind);

/* Percent-decodes a piece of a query into the arena, NUL-terminated; NULL where an escape is
   malformed or the result is not UTF-8. */
struct arena;
char *field_query_decode(struct arena *arena, const char *from, size_t len, size_t *out_len);

/* First 40 characters of the caller's text, fit for a message. */
#define FIELD_EXCERPT 176
const char *field_excerpt(char out[FIELD_EXCERPT], const char *text, size_t len);

#endif
