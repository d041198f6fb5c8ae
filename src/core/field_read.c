/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON -> struct: every flaw is reported, none stops the reading. */
#include "arena.h"
#include "field_private.h"
#include "json_in.h"
#include "json_text.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define LIST_FIRST 8    /* items a list starts with */
#define LIST_GUESS 64   /* items from which on their mean length tells how many there will be */
#define LIST_SMALL 4096 /* bytes up to which a finished list moves into the arena */

static const char *const kind_words[] = {
    [JSON_BAD] = "nothing",    [JSON_NULL] = "null",        [JSON_FALSE] = "a boolean",
    [JSON_TRUE] = "a boolean", [JSON_NUMBER] = "a number",  [JSON_STRING] = "a string",
    [JSON_ARRAY] = "an array", [JSON_OBJECT] = "an object",
};

#define IS(kind) (1u << (kind))

/* what each kind of field takes, as a set of enum json_kind and in words */
static const struct {
    unsigned taken;
    const char *words;
} wanted[] = {
    [FIELD_TEXT] = {IS(JSON_STRING), "a string"},
    [FIELD_UUID] = {IS(JSON_STRING), "a string that holds a UUID"},
    [FIELD_DATE] = {IS(JSON_STRING), "a string that holds a date"},
    [FIELD_TIME] = {IS(JSON_STRING), "a string that holds a moment"},
    [FIELD_INT] = {IS(JSON_NUMBER), "a whole number"},
    [FIELD_NUM] = {IS(JSON_NUMBER), "a number"},
    [FIELD_BOOL] = {IS(JSON_TRUE) | IS(JSON_FALSE), "true or false"},
    [FIELD_JSON] = {~0u, "an object"}, /* all but where FIELD_OBJECT_JSON */
    [FIELD_OBJECT] = {IS(JSON_OBJECT), "an object"},
    [FIELD_LIST] = {IS(JSON_ARRAY), "an array"},
};

static void read_object(struct json_in *in, struct field_plan *plan, void *thing,
                        struct flaws *flaws, const struct field_path *path);

static void wrong_type(struct json_in *in, enum field_kind kind, struct flaws *flaws,
                       const struct field_path *path)
{
    flaw_add(flaws, path, "type_error", "must be %s, got %s", wanted[kind].words,
             kind_words[json_in_peek(in)]);
    json_in_skip(in, NULL, NULL);
}

static void read_text(struct json_in *in, const struct field *field, enum field_kind kind,
                      void *place, struct flaws *flaws, const struct field_path *path)
{
    char *text = in->at + 1;
    size_t len;
    /* the usual case of bulk rows; whatever is not 36 plain characters is looked at below */
    if (kind == FIELD_UUID && in->end - in->at > UUID_TEXT && in->at[UUID_TEXT] == '"' &&
        uuid_parse(place, text, UUID_TEXT - 1) && !uuid_is_nil(place)) {
        in->at += UUID_TEXT + 1;
        return;
    }
    if (!json_in_string(in, &text, &len))
        return;
    if (kind == FIELD_TEXT)
        text = json_in_keep(in, text, len);
    field_take_text(field, kind, place, text, len, flaws, path);
}

static void read_number(struct json_in *in, const struct field *field, enum field_kind kind,
                        void *place, struct flaws *flaws, const struct field_path *path)
{
    struct json_number number;
    const char *shown = in->at;
    if (json_in_number(in, &number))
        field_take_number(field, kind, place, &number, shown, (size_t)(in->at - shown), flaws,
                          path);
}

/* An escape of a control character other than tab and newline, or one from U+007F to U+009F; raw is
 * well-formed. */
static bool holds_control(const char *raw, size_t len)
{
    if (memchr(raw, 0x7f, len))
        return true;
    const char *end = raw + len;
    for (const char *p = raw; (p = memchr(p, '\xc2', (size_t)(end - p))); p += 2)
        if (utf8_c1(p))
            return true;
    for (const char *p = raw; (p = memchr(p, '\\', (size_t)(end - p))); p += 2) {
        if (p[1] == 'b' || p[1] == 'f' || p[1] == 'r')
            return true;
        if (p[1] != 'u')
            continue;
        char digits[5] = {p[2], p[3], p[4], p[5], '\0'};
        unsigned long code = strtoul(digits, NULL, 16);
        if ((code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code < 0xa0))
            return true;
    }
    return false;
}

static void read_raw(struct json_in *in, struct field_raw *place, struct flaws *flaws,
                     const struct field_path *path)
{
    const char *raw;
    size_t len;
    if (!json_in_skip(in, &raw, &len))
        return;
    if (len > FIELD_JSON_MAX) {
        flaw_add(flaws, path, "too_long", "must have at most %d bytes, got %zu", FIELD_JSON_MAX,
                 len);
        return;
    }
    if (holds_control(raw, len)) {
        flaw_add(flaws, path, "control_character",
                 "must not hold control characters but tab and newline");
        return;
    }
    *place = (struct field_raw){json_in_keep(in, raw, len), len};
}

static void read_list(struct json_in *in, const struct field *field, struct field_list *list,
                      struct flaws *flaws, const struct field_path *path);

/* A value that is not null. */
static void read_value(struct json_in *in, enum json_kind found, const struct field *field,
                       enum field_kind kind, void *place, struct flaws *flaws,
                       const struct field_path *path)
{
    if (!(wanted[kind].taken & IS(found)) ||
        (kind == FIELD_JSON && field->flags & FIELD_OBJECT_JSON && found != JSON_OBJECT)) {
        wrong_type(in, kind, flaws, path);
        return;
    }
    switch (kind) {
    case FIELD_INT:
    case FIELD_NUM:
        read_number(in, field, kind, place, flaws, path);
        break;
    case FIELD_BOOL:
        if (json_in_literal(in))
            *(int8_t *)place = found == JSON_TRUE;
        break;
    case FIELD_JSON:
        read_raw(in, place, flaws, path);
        break;
    case FIELD_OBJECT: {
        void *thing = arena_alloc(flaws->arena, field->shape->size);
        read_object(in, field_plan(field->shape), thing, flaws, path);
        *(const void **)place = thing;
        break;
    }
    case FIELD_LIST:
        read_list(in, field, place, flaws, path);
        break;
    default:
        read_text(in, field, kind, place, flaws, path);
    }
}

static void read_item(struct json_in *in, const struct field *field, struct field_plan *plan,
                      void *place, struct flaws *flaws, const struct field_path *path)
{
    enum json_kind found = json_in_peek(in);
    if (found == JSON_BAD)
        return;
    if (!plan) {
        field_set_none(field->item, place);
        read_value(in, found, field, field->item, place, flaws, path);
    } else if (found == JSON_OBJECT) {
        read_object(in, plan, place, flaws, path);
    } else {
        memcpy(place, plan->defaults, plan->shape->size);
        wrong_type(in, FIELD_OBJECT, flaws, path);
    }
}

/* Hands the items over to the arena: small lists by copy, since every deferred call costs too. */
static void *keep_items(struct arena *arena, void *at, size_t n, size_t size, size_t cap)
{
    if (n && n * size > LIST_SMALL) {
        if (n < cap)
            at = memory_resize(at, n * size);
        arena_defer(arena, free, at);
        return at;
    }
    void *copy = arena_array(arena, n, size); /* not NULL: an empty list is not an absent one */
    if (n)
        memcpy(copy, at, n * size);
    free(at);
    return copy;
}

/* Items to make room for when n of them stand between begin and in->at: a large array that grows
   by doubling is copied and takes fresh memory each time. */
static size_t list_room(const struct json_in *in, const char *begin, size_t n, double most)
{
    if (n < LIST_GUESS)
        return n ? n * 2 : LIST_FIRST;
    double per_item = (double)(in->at - begin) / (double)n;
    double room = (double)n * 1.05 + (double)(in->end - in->at) / per_item + 1;
    return (size_t)(room < most ? room : most);
}

static void read_list(struct json_in *in, const struct field *field, struct field_list *list,
                      struct flaws *flaws, const struct field_path *path)
{
    struct field_plan *plan = field->item == FIELD_OBJECT ? field_plan(field->shape) : NULL;
    const struct field item = field_of_item(field);
    size_t size = field_item_size(field), cap = 0, seen = 0, n = 0;
    double most = field_most(field, FIELD_LIST);
    char *at = NULL;
    if (!json_in_array(in))
        return;
    const char *begin = in->at;
    for (; json_in_element(in); seen++) {
        if ((double)seen >= most) {
            json_in_skip(in, NULL, NULL);
            continue;
        }
        /* once there is a flaw the request is refused: the items are still checked, all in one
           place, so that a hostile body takes no more memory than its own */
        bool keep = !flaws->total || !n;
        if (keep && n == cap) {
            cap = list_room(in, begin, n, most);
            at = memory_resize(at, cap * size);
        }
        n += keep;
        struct field_path here = {.up = path, .index = seen};
        read_item(in, &item, plan, at + (n - 1) * size, flaws, &here);
    }
    list->at = keep_items(flaws->arena, at, n, size, cap);
    list->n = n;
    if ((double)seen > most)
        flaw_add(flaws, path, "too_many", "must hold at most %.0f items, got %zu", most, seen);
    else if (!in->failed && field_has_min(field) && (double)seen < field->min)
        flaw_add(flaws, path, "too_few", "must hold at least %.0f items, got %zu", field->min,
                 seen);
}

static void unknown_member(struct json_in *in, const char *name, size_t len, struct flaws *flaws,
                           const struct field_path *path)
{
    char excerpt[FIELD_EXCERPT];
    if (!json_in_unique(in, name, len))
        return;
    flaw_add_at(flaws, path, field_excerpt(excerpt, name, len), "extra_forbidden",
                "is not a member of this object");
    json_in_skip(in, NULL, NULL);
}

/* Numbers of bulk rows: within the bounds is all there is to know. */
static inline bool read_within(struct json_in *in, const struct field_quick *quick, double *place)
{
    double value;
    char *at = in->at;
    if (!json_in_double(in, &value))
        return true;
    if (value >= quick->low && value <= quick->high) {
        *place = value;
        return true;
    }
    in->at = at; /* read again, with what there is to say about it */
    return false;
}

static void read_member(struct json_in *in, const struct field_plan *plan, size_t i, void *thing,
                        uint64_t *given, uint64_t *flawed, struct flaws *flaws,
                        const struct field_path *path)
{
    const struct shape *shape = plan->shape;
    const struct field *field = &shape->fields[i];
    void *place = (char *)thing + field->offset;
    enum json_kind found = json_in_peek(in);
    if (found == JSON_BAD)
        return;
    if (found == JSON_NULL) {
        if (shape->nulls != SHAPE_NO_NULLS)
            *(uint64_t *)(void *)((char *)thing + shape->nulls) |= UINT64_C(1) << i;
        if (field->kind != FIELD_JSON || !(field->flags & FIELD_NULL_IS_VALUE)) {
            json_in_literal(in);
            return;
        }
    }
    given[i / 64] |= UINT64_C(1) << i % 64;
    if (field->kind == FIELD_NUM && found == JSON_NUMBER && read_within(in, &plan->quick[i], place))
        return;
    struct field_path here = {.up = path, .key = field->name};
    size_t before = flaws->total;
    read_value(in, found, field, field->kind, place, flaws, &here);
    if (flaws->total != before)
        flawed[i / 64] |= UINT64_C(1) << i % 64;
}

/* in stands at an object; thing is set whole */
static void read_object(struct json_in *in, struct field_plan *plan, void *thing,
                        struct flaws *flaws, const struct field_path *path)
{
    const struct shape *shape = plan->shape;
    size_t before = flaws->total;
    uint64_t seen[FIELD_WORDS] = {0}, given[FIELD_WORDS] = {0}, flawed[FIELD_WORDS] = {0};
    unsigned last = SHAPE_FIELDS;
    char *name;
    size_t len;
    memcpy(thing, plan->defaults, shape->size);
    if (!json_in_object(in))
        return;
    for (;;) {
        unsigned i = plan->after[last];
        const struct field_quick *quick = i < shape->n ? &plan->quick[i] : NULL;
        bool stepped = last != SHAPE_FIELDS && quick && json_in_key(in, quick->key, quick->key_len);
        name = NULL;
        if (!stepped && !json_in_name(in, quick ? shape->fields[i].name : NULL,
                                      quick ? quick->key_len - FIELD_KEY_MORE : 0, &name, &len))
            break;
        if (name) {
            i = field_find(plan, name, len);
            if (i == FIELD_UNKNOWN) {
                unknown_member(in, name, len, flaws, path);
                continue;
            }
            plan->after[last] = (uint8_t)i;
        }
        uint64_t bit = UINT64_C(1) << i % 64;
        if (seen[i / 64] & bit) {
            json_in_twice(in, name);
            return;
        }
        seen[i / 64] |= bit;
        read_member(in, plan, i, thing, given, flawed, flaws, path);
        last = i;
    }
    if (in->failed)
        return;
    field_flag_missing(plan, given, flaws, path);
    if (!shape->n_rules)
        return;
    for (size_t word = 0; word < plan->words; word++)
        flawed[word] |= plan->required[word] & ~given[word];
    field_run_rules(plan, flaws->total == before ? NULL : flawed, thing, flaws, path);
}

void field_read(struct json_in *in, const struct shape *shape, void *thing, struct flaws *flaws,
                const struct field_path *path)
{
    struct field_plan *plan = field_plan(shape);
    enum json_kind found = json_in_peek(in);
    if (found == JSON_OBJECT) {
        read_object(in, plan, thing, flaws, path);
        return;
    }
    memcpy(thing, plan->defaults, shape->size);
    if (found != JSON_BAD)
        wrong_type(in, FIELD_OBJECT, flaws, path);
}
