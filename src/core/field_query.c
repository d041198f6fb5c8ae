/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Query string -> struct: scalars only, by the rules of the field table. */
#include "arena.h"
#include "field_private.h"
#include "json_in.h"
#include "json_text.h"

#include <string.h>

char *field_query_decode(struct arena *arena, const char *from, size_t len, size_t *out_len)
{
    char *text = arena_alloc(arena, len + 1), *out = text;
    for (const char *end = from + len; from < end; from++) {
        if (*from == '+') {
            *out++ = ' ';
            continue;
        }
        if (*from != '%') {
            *out++ = *from;
            continue;
        }
        int high = end - from < 3 ? -1 : hex_digit(from[1]);
        int low = high < 0 ? -1 : hex_digit(from[2]);
        if (low < 0)
            return NULL;
        *out++ = (char)(high * 16 + low);
        from += 2;
    }
    *out = '\0';
    *out_len = (size_t)(out - text);
    return utf8_valid(text, *out_len) ? text : NULL;
}

/* -?[0-9]+ without leading zeros; what does not fit is not finite and so out of range */
static bool parse_int(struct json_number *number, const char *text, size_t len)
{
    bool negative = len && *text == '-';
    const char *p = text + negative, *end = text + len;
    if (p == end || (*p == '0' && end - p > 1))
        return false;
    int64_t value = 0;
    bool fits = true;
    for (; p < end; p++) {
        if (*p < '0' || *p > '9')
            return false;
        int digit = negative ? '0' - *p : *p - '0';
        fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
               !__builtin_add_overflow(value, digit, &value);
    }
    *number = (struct json_number){fits ? (double)value : INFINITY, fits ? value : 0, fits};
    return true;
}

/* a JSON number and nothing else; the reader needs a byte behind the text, which decode left */
static bool parse_num(struct json_number *number, const char *text, size_t len)
{
    char *start = (char *)(uintptr_t)text;
    struct json_in in = {.at = start, .start = start, .end = start + len};
    return len && *text != ' ' && *text != '\t' && *text != '\n' && *text != '\r' &&
           json_in_number(&in, number) && in.at == in.end;
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && !memcmp(text, word, len);
}

static void take_bool(int8_t *place, const char *text, size_t len, struct flaws *flaws,
                      const struct field_path *path)
{
    char excerpt[FIELD_EXCERPT];
    if (is_word(text, len, "true") || is_word(text, len, "1"))
        *place = 1;
    else if (is_word(text, len, "false") || is_word(text, len, "0"))
        *place = 0;
    else
        flaw_add(flaws, path, "type_error", "must be true or false, got \"%s\"",
                 field_excerpt(excerpt, text, len));
}

static void take(const struct field *field, void *place, const char *text, size_t len,
                 struct flaws *flaws, const struct field_path *path)
{
    struct json_number number;
    char excerpt[FIELD_EXCERPT];
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_NUM:
        if (field->kind == FIELD_INT ? parse_int(&number, text, len)
                                     : parse_num(&number, text, len))
            field_take_number(field, field->kind, place, &number, text, len, flaws, path);
        else
            flaw_add(flaws, path, "type_error", "must be a %s, got \"%s\"",
                     field->kind == FIELD_INT ? "whole number" : "number",
                     field_excerpt(excerpt, text, len));
        break;
    case FIELD_BOOL:
        take_bool(place, text, len, flaws, path);
        break;
    case FIELD_TEXT:
    case FIELD_UUID:
    case FIELD_DATE:
    case FIELD_TIME:
        field_take_text(field, field->kind, place, text, len, flaws, path);
        break;
    case FIELD_JSON:
    case FIELD_OBJECT:
    case FIELD_LIST:
        flaw_add(flaws, path, "extra_forbidden", "is not a parameter of this operation");
    }
}

struct query {
    const struct field_plan *plan;
    void *thing;
    struct flaws *flaws;
    struct field_path path;
    uint64_t seen[FIELD_WORDS];
};

/* name=value, or a name alone for an empty value */
static void read_pair(struct query *query, const char *pair, size_t len)
{
    struct flaws *flaws = query->flaws;
    const char *equals = memchr(pair, '=', len);
    size_t raw_len = equals ? (size_t)(equals - pair) : len, name_len, text_len = 0;
    char excerpt[FIELD_EXCERPT];
    const char *name = field_query_decode(flaws->arena, pair, raw_len, &name_len);
    if (!name) {
        flaw_add_at(flaws, &query->path, field_excerpt(excerpt, pair, raw_len), "malformed",
                    "is not percent-encoded UTF-8");
        return;
    }
    unsigned i = field_find(query->plan, name, name_len);
    if (i == FIELD_UNKNOWN) {
        flaw_add_at(flaws, &query->path, field_excerpt(excerpt, name, name_len), "extra_forbidden",
                    "is not a parameter of this operation");
        return;
    }
    const struct field *field = &query->plan->shape->fields[i];
    struct field_path here = {.up = &query->path, .key = field->name};
    uint64_t bit = UINT64_C(1) << i % 64;
    if (query->seen[i / 64] & bit) {
        flaw_add(flaws, &here, "duplicate", "is given more than once");
        return;
    }
    query->seen[i / 64] |= bit;
    const char *text =
        equals ? field_query_decode(flaws->arena, equals + 1, len - raw_len - 1, &text_len) : "";
    if (!text)
        flaw_add(flaws, &here, "malformed", "is not percent-encoded UTF-8");
    else
        take(field, (char *)query->thing + field->offset, text, text_len, flaws, &here);
}

void field_read_query(const char *text, const struct shape *shape, void *thing, struct flaws *flaws)
{
    struct query query = {
        .plan = field_plan(shape), .thing = thing, .flaws = flaws, .path = {.key = "query"}};
    size_t flaws_before = flaws->total;
    field_defaults(shape, thing);
    for (const char *p = text ? text : ""; *p;) {
        size_t len = strcspn(p, "&");
        if (len)
            read_pair(&query, p, len);
        p += len + (p[len] == '&');
    }
    field_flag_missing(query.plan, query.seen, flaws, &query.path);
    if (flaws->total == flaws_before)
        field_run_rules(query.plan, NULL, thing, flaws, &query.path);
}
