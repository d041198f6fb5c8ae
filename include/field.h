/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Field tables: one table per shape drives JSON -> struct, query string -> struct, struct -> JSON,
   SQL row -> struct, and the shape's JSON Schema. */
#ifndef COSTWRIGHT_FIELD_H
#define COSTWRIGHT_FIELD_H

#include "err.h"
#include "uuid.h"
#include "when.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct json_in;
struct shape;
struct flaws;
struct field_path;

/* clang-format off */
/* kind            member type             absent or null is
   FIELD_TEXT      const char *            NULL        choices: one of them
   FIELD_UUID      struct uuid             the nil uuid, which a request may therefore not name
   FIELD_DATE      int32_t                 DATE_NONE
   FIELD_TIME      int64_t                 TIME_NONE
   FIELD_INT       int64_t                 INT_NONE    1.0 and 1e2 are integers, 1.5 and "1" are not
   FIELD_NUM       double                  NAN
   FIELD_BOOL      int8_t                  BOOL_NONE
   FIELD_JSON      struct field_raw        {NULL, 0}   any value, kept as its text; null is kept as
                                                       "null" only where FIELD_NULL_IS_VALUE
   FIELD_OBJECT    const void *            NULL        a struct of field->shape, in the arena
   FIELD_LIST      struct field_list       {NULL, 0}   items of field->item; [] is {not NULL, 0} */
/* clang-format on */
enum field_kind {
    FIELD_TEXT,
    FIELD_UUID,
    FIELD_DATE,
    FIELD_TIME,
    FIELD_INT,
    FIELD_NUM,
    FIELD_BOOL,
    FIELD_JSON,
    FIELD_OBJECT,
    FIELD_LIST,
};

#define INT_NONE  INT64_MIN
#define BOOL_NONE ((int8_t)-1)

struct field_raw {
    const char *text; /* NUL-terminated */
    size_t len;
};

/* What out holds, as a text in arena; {NULL, 0} where it is empty. out is released. */
struct field_raw field_raw_take(struct arena *arena, struct buf *out);

struct field_list {
    void *at; /* array of the item's member type; structs themselves (not pointers) for objects */
    size_t n;
};

enum field_flag {
    FIELD_REQUIRED = 1,      /* in requests; explicit null counts as absent */
    FIELD_NULLABLE = 2,      /* schema of answers: may be null */
    FIELD_ABOVE_MIN = 4,     /* min is exclusive */
    FIELD_NULL_IS_VALUE = 8, /* FIELD_JSON: null is a value of its own */
    FIELD_FITTED = 16,       /* FIELD_NUM in answers: rounded to 12 significant digits */
    FIELD_ADDED = 32,        /* not in the documented surface: marked in the API description */
    FIELD_HIDDEN = 64, /* SQL column or working member: neither read from nor written to JSON */
    FIELD_NOT_COLUMN = 128,  /* in JSON only: store rows skip it */
    FIELD_NAME_TEXT = 256,   /* FIELD_TEXT: a name, <= 200 characters, not blank */
    FIELD_OBJECT_JSON = 512, /* FIELD_JSON: must be an object */
    FIELD_ARRAY_JSON = 1024, /* FIELD_JSON in answers: an array of the item kind */
    FIELD_BELOW_MAX = 2048,  /* max is exclusive */
};

struct field {
    const char *name;
    enum field_kind kind;
    unsigned flags;
    size_t offset;
    /* INT, NUM: value; TEXT: characters; LIST: items. NAN, both 0 (a table that does not mention
       them) and a max below min mean none: write FIELD_FROM, FIELD_UP_TO or FIELD_BETWEEN. A TEXT
       without max: 10,000 (a name: 200); a LIST without max: 100,000; a JSON: 1 MiB of text */
    double min, max;
    double item_min, item_max;  /* LIST of INT, NUM: of each item; so are ABOVE_, BELOW_ */
    const char *const *choices; /* TEXT: NULL-terminated */
    const char *otherwise;      /* default, as JSON text; NULL = none */
    enum field_kind item;       /* LIST */
    const struct shape *shape;  /* OBJECT, LIST of OBJECT */
    /* TEXT (and each TEXT item): NULL when well-formed, else what is wrong, in words */
    const char *(*check)(const char *text);
    const char *help; /* what it is, with its unit: the API description */
};

/* What members must be to each other, or one must hold: adds its flaws with flaw_add. Run on each
   struct that is read, unless one of the members it reads has a flaw or is missing. Behind a flaw
   lists are not complete: there a rule may find less, never more. */
struct field_rule {
    void (*check)(const void *thing, struct flaws *flaws, const struct field_path *path);
    const char *of[4]; /* those members; NULL behind the last */
};

struct shape {
    const char *name; /* schema name */
    const struct field *fields;
    size_t n;
    size_t size; /* sizeof the struct */
    /* offset of a uint64_t that gets bit i where the request holds an explicit null for field i,
       SHAPE_NO_NULLS where nobody asks */
    size_t nulls;
    const struct field_rule *rules;
    size_t n_rules;
    const char *help;
};

/* A field that is named as its member. */
#define FIELD_OF(type, member) .name = #member, .offset = offsetof(type, member)

#define FIELD_FROM(least)                .min = (least), .max = NAN
#define FIELD_UP_TO(most)                .min = NAN, .max = (most)
#define FIELD_BETWEEN(least, most)       .min = (least), .max = (most)
#define FIELD_ITEMS_FROM(least)          .item_min = (least), .item_max = NAN
#define FIELD_ITEMS_BETWEEN(least, most) .item_min = (least), .item_max = (most)

/* Shapes and their fields are static tables: what is derived from them is kept for good. */
#define SHAPE_FIELDS   255 /* most fields of a shape */
#define SHAPE_NO_NULLS ((size_t)-1)
#define SHAPE_OF(type, table)                                                                      \
    .fields = (table), .n = sizeof(table) / sizeof *(table), .size = sizeof(type)

#define SHAPE_RULES(table) .rules = (table), .n_rules = sizeof(table) / sizeof *(table)

/* Where in the request something stands: body, rows, 17, actual. key NULL = an index. */
struct field_path {
    const struct field_path *up;
    const char *key;
    size_t index;
};

#define FLAWS_KEPT 50

struct flaw {
    const char *loc;     /* JSON array text */
    const char *type;    /* missing, extra_forbidden, type_error, ... */
    const char *message; /* a sentence for a person */
};

/* All violations of a request: the first 50 kept, all counted. */
struct flaws {
    struct arena *arena;
    size_t total;
    struct flaw kept[FLAWS_KEPT];
};

void flaw_add(struct flaws *flaws, const struct field_path *path, const char *type,
              const char *format, ...) __attribute__((format(printf, 4, 5)));
/* the same for a member of the thing at path */
void flaw_add_at(struct flaws *flaws, const struct field_path *path, const char *key,
                 const char *type, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Reads the next value of in as shape into *thing (shape->size bytes, set whole: defaults, then
   what the text holds). Flaws are added; a syntax fault ends reading with in->failed set. Texts
   and JSON point into the body, before in->kept, and must outlive *thing; lists and objects live in
   flaws->arena; lists that follow a flaw are not complete. Flaw types: missing, extra_forbidden,
   type_error, out_of_range, too_short, too_long, not_a_choice, not_a_uuid, not_a_date, not_a_time,
   control_character, too_few, too_many, blank, malformed (field->check), and those of the shape's
   rules. */
void field_read(struct json_in *in, const struct shape *shape, void *thing, struct flaws *flaws,
                const struct field_path *path);
/* The same from a query string (percent-decoded, '+' is a space); only scalar kinds. A repeated
   name is a flaw (duplicate). Loc starts with "query". */
void field_read_query(const char *query, const struct shape *shape, void *thing,
                      struct flaws *flaws);
/* *thing as if every field were absent: defaults or none. */
void field_defaults(const struct shape *shape, void *thing);

/* {"name": value, ...}: every field that is not hidden, in table order, null where absent. */
void field_write(struct buf *out, const struct shape *shape, const void *thing);
/* How schemas are written. */
struct field_style {
    /* the $ref text that stands for a nested shape; NULL: its schema is written in place */
    const char *(*refer)(const struct shape *shape, bool answer);
    /* what a name means wherever it stands, for fields without help of their own; NULL: unknown */
    const char *(*term)(const char *name);
};
/* JSON Schema (2020-12) of the shape; answer: every member required, nulls as the flags say. */
void field_schema(struct buf *out, const struct shape *shape, bool answer,
                  const struct field_style *style);
/* One member of it, with its name, and its schema alone. */
void field_schema_member(struct buf *out, const struct field *field, bool answer,
                         const struct field_style *style);
void field_schema_value(struct buf *out, const struct field *field, bool answer,
                        const struct field_style *style);

#endif
