/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_query.c: field tables, query string to struct; JSON Schema of a shape */
#include "field_sample.h"

#include <CUnit/CUnit.h>
#include <stdio.h>

void suite_core_query(void);

#define ID "0190a6c1-7f3e-7c2a-9d54-3b6f0c1e8a77"

/* each flaw as "loc type: message" */
static const struct {
    const char *query, *flaws;
} cases[] = {
    {NULL, "[\"query\",\"name\"] missing: is required"},
    {"", "[\"query\",\"name\"] missing: is required"},
    {"name=x", ""},
    {"&name=x&&", ""},
    {"n%61me=%C3%BC+%26", ""},
    {"name=x&count=10&rate=1e-2&active=0&size=small&ref=" ID "&valid_from=2026-04-24", ""},
    {"name=x&at=2026-04-24T09:30:00%2B02:00", ""},
    {"name=x&count=1e2", "[\"query\",\"count\"] type_error: must be a whole number, got \"1e2\""},
    {"name=x&count=+1", "[\"query\",\"count\"] type_error: must be a whole number, got \" 1\""},
    {"name=x&count=%2B1", "[\"query\",\"count\"] type_error: must be a whole number, got \"+1\""},
    {"name=x&count=1.0", "[\"query\",\"count\"] type_error: must be a whole number, got \"1.0\""},
    {"name=x&count=0x1", "[\"query\",\"count\"] type_error: must be a whole number, got \"0x1\""},
    {"name=x&count=01", "[\"query\",\"count\"] type_error: must be a whole number, got \"01\""},
    {"name=x&count=1%00", "[\"query\",\"count\"] type_error: must be a whole number, got \"1?\""},
    {"name=x&count=-", "[\"query\",\"count\"] type_error: must be a whole number, got \"-\""},
    {"name=x&count=", "[\"query\",\"count\"] type_error: must be a whole number, got \"\""},
    {"name=x&count", "[\"query\",\"count\"] type_error: must be a whole number, got \"\""},
    {"name=x&count=-3", "[\"query\",\"count\"] out_of_range: must be at least 1, got -3"},
    {"name=x&count=99999999999999999999",
     "[\"query\",\"count\"] out_of_range: must fit 64 bits, got 99999999999999999999"},
    {"name=x&rate=.5", "[\"query\",\"rate\"] type_error: must be a number, got \".5\""},
    {"name=x&rate=1+", "[\"query\",\"rate\"] type_error: must be a number, got \"1 \""},
    {"name=x&rate=+1", "[\"query\",\"rate\"] type_error: must be a number, got \" 1\""},
    {"name=x&rate=nan", "[\"query\",\"rate\"] type_error: must be a number, got \"nan\""},
    {"name=x&rate=", "[\"query\",\"rate\"] type_error: must be a number, got \"\""},
    {"name=x&rate=1e999", "[\"query\",\"rate\"] out_of_range: must fit a double, got 1e999"},
    {"name=x&active=yes", "[\"query\",\"active\"] type_error: must be true or false, got \"yes\""},
    {"name=x&active=true%00",
     "[\"query\",\"active\"] type_error: must be true or false, got \"true?\""},
    {"name=%00", "[\"query\",\"name\"] control_character: must not hold control characters but tab "
                 "and newline; got U+0000"},
    {"name=%", "[\"query\",\"name\"] malformed: is not percent-encoded UTF-8"},
    {"name=%4", "[\"query\",\"name\"] malformed: is not percent-encoded UTF-8"},
    {"name=%4g", "[\"query\",\"name\"] malformed: is not percent-encoded UTF-8"},
    {"name=%c3", "[\"query\",\"name\"] malformed: is not percent-encoded UTF-8"},
    {"name=\xff", "[\"query\",\"name\"] malformed: is not percent-encoded UTF-8"},
    {"name=x&%ff=1", "[\"query\",\"%ff\"] malformed: is not percent-encoded UTF-8"},
    {"name=x&name=x", "[\"query\",\"name\"] duplicate: is given more than once"},
    {"name=x&lim%69t=1&=2&secret=3",
     "[\"query\",\"limit\"] extra_forbidden: is not a parameter of this operation\n"
     "[\"query\",\"\"] extra_forbidden: is not a parameter of this operation\n"
     "[\"query\",\"secret\"] extra_forbidden: is not a parameter of this operation"},
    {"name=x&rows=1&best=1&extra=%7B%7D",
     "[\"query\",\"rows\"] extra_forbidden: is not a parameter of this operation\n"
     "[\"query\",\"best\"] extra_forbidden: is not a parameter of this operation\n"
     "[\"query\",\"extra\"] extra_forbidden: is not a parameter of this operation"},
    {"name=x&valid_to=2025-12-31", "[\"query\"] wrong_order: valid_to lies before valid_from"},
};

static void test_query(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct flaws flaws = {.arena = arena};
        struct sample sample;
        struct buf out = {0};
        memset(&sample, 0xa5, sizeof sample);
        field_read_query(cases[i].query, &sample_shape, &sample, &flaws);
        for (size_t k = 0; k < flaws.total; k++)
            buf_printf(&out, "%s%s %s: %s", k ? "\n" : "", flaws.kept[k].loc, flaws.kept[k].type,
                       flaws.kept[k].message);
        CU_ASSERT_STRING_EQUAL(buf_text(&out), cases[i].flaws);
        if (strcmp(buf_text(&out), cases[i].flaws) != 0)
            fprintf(stderr, "%s\n got %s\nwant %s\n", cases[i].query, buf_text(&out),
                    cases[i].flaws);
        buf_clear(&out);
        arena_free(arena);
    }
}

static void test_values(void)
{
    struct arena *arena = arena_new();
    struct flaws flaws = {.arena = arena};
    struct sample sample;
    field_read_query("name=gr%c3%BCn+%2b&count=500&rate=12.5e-1&active=false&size=large&ref=" ID
                     "&valid_to=2026-04-24&at=2026-04-24T09:30:00Z",
                     &sample_shape, &sample, &flaws);
    CU_ASSERT_EQUAL(flaws.total, 0);
    CU_ASSERT_STRING_EQUAL(sample.name, "gr\xc3\xbcn +");
    CU_ASSERT_STRING_EQUAL(sample.size, "large");
    CU_ASSERT_STRING_EQUAL(sample.currency, "EUR");
    CU_ASSERT_EQUAL(sample.count, 500);
    CU_ASSERT_EQUAL(sample.rate, 1.25);
    CU_ASSERT_EQUAL(sample.active, 0);
    CU_ASSERT_EQUAL(sample.ref.b[15], 0x77);
    CU_ASSERT_EQUAL(sample.valid_to, 20567);
    CU_ASSERT_EQUAL(sample.at, INT64_C(1777023000000000));
    CU_ASSERT_PTR_NULL(sample.rows.at);
    arena_free(arena);
}

/* consumes the members of an object up to the one called name (of len bytes) */
static bool find(struct json_in *in, const char *name, size_t len)
{
    char *found;
    const char *raw;
    size_t found_len, raw_len;
    if (!json_in_object(in))
        return false;
    while (json_in_member(in, &found, &found_len)) {
        if (found_len == len && !memcmp(found, name, len))
            return true;
        json_in_skip(in, &raw, &raw_len);
    }
    return false;
}

/* text of the member at a path of names separated by '/', "none" where there is none */
static const char *at(struct arena *arena, const struct buf *schema, const char *path)
{
    struct json_in in;
    const char *raw = "none";
    size_t raw_len = 4;
    bool found = true;
    json_in_open(&in, arena_strndup(arena, schema->data, schema->len), schema->len);
    while (found && *path) {
        size_t step = strcspn(path, "/");
        found = find(&in, path, step);
        path += step + (path[step] == '/');
    }
    if (found)
        json_in_skip(&in, &raw, &raw_len);
    json_in_close(&in);
    return arena_strndup(arena, raw, raw_len);
}

static const struct {
    bool answer;
    const char *path, *want;
} schema_cases[] = {
    {false, "type", "\"object\""},
    {false, "description", "\"A bit of everything.\""},
    {false, "required", "[\"name\"]"},
    {false, "additionalProperties", "false"},
    {true, "additionalProperties", "none"},
    {true, "required",
     "[\"name\",\"note\",\"size\",\"currency\",\"ref\",\"valid_from\",\"valid_to\",\"at\","
     "\"count\","
     "\"rate\",\"share\",\"active\",\"extra\",\"value\",\"best\",\"rows\",\"tags\",\"grid\","
     "\"dates\","
     "\"any\"]"},
    {false, "properties/secret", "none"},
    {false, "properties/name",
     "{\"type\":\"string\",\"maxLength\":200,\"pattern\":\"\\\\S\",\"description\":\"Unique "
     "name.\"}"},
    {true, "properties/name", "{\"type\":\"string\",\"description\":\"Unique name.\"}"},
    {false, "properties/note", "{\"type\":[\"string\",\"null\"],\"minLength\":2,\"maxLength\":5}"},
    {true, "properties/note", "{\"type\":[\"string\",\"null\"]}"},
    {false, "properties/size",
     "{\"type\":[\"string\",\"null\"],\"enum\":[\"small\",\"medium\",\"large\",null],"
     "\"default\":\"medium\"}"},
    {true, "properties/size", "{\"type\":\"string\",\"enum\":[\"small\",\"medium\",\"large\"]}"},
    {true, "properties/ref", "{\"type\":[\"string\",\"null\"],\"format\":\"uuid\"}"},
    {false, "properties/valid_from/format", "\"date\""},
    {true, "properties/at",
     "{\"type\":\"string\",\"format\":\"date-time\",\"x-costwright-added\":true}"},
    {false, "properties/count",
     "{\"type\":[\"integer\",\"null\"],\"format\":\"int64\",\"minimum\":1,\"maximum\":500,"
     "\"default\":100}"},
    {false, "properties/rate", "{\"type\":[\"number\",\"null\"],\"exclusiveMinimum\":0}"},
    {false, "properties/share/exclusiveMaximum", "0.5"},
    {false, "properties/grid/items/minimum", "0"},
    {true, "properties/active", "{\"type\":\"boolean\"}"},
    {false, "properties/extra",
     "{\"type\":[\"object\",\"null\"],\"additionalProperties\":true,\"default\":{}}"},
    {false, "properties/value", "{}"},
    {false, "properties/best",
     "{\"anyOf\":[{\"$ref\":\"#/components/schemas/SampleRow\"},{\"type\":\"null\"}]}"},
    {false, "properties/rows",
     "{\"type\":[\"array\",\"null\"],\"items\":{\"$ref\":\"#/components/schemas/SampleRow\"},"
     "\"minItems\":1,\"maxItems\":3}"},
    {true, "properties/rows",
     "{\"type\":[\"array\",\"null\"],"
     "\"items\":{\"$ref\":\"#/components/schemas/SampleRow\"}}"},
    {true, "properties/tags/type", "\"array\""},
    {false, "properties/tags/items",
     "{\"type\":\"string\",\"maxLength\":200,\"pattern\":\"\\\\S\"}"},
    {false, "properties/any/items", "{}"},
};

static const char *refer(const struct shape *shape, bool answer)
{
    (void)answer;
    return strcmp(shape->name, "SampleRow") ? NULL : "#/components/schemas/SampleRow";
}

static const struct field_style style = {.refer = refer};

static void test_schema(void)
{
    struct buf schemas[2] = {{0}};
    struct arena *arena = arena_new();
    for (int answer = 0; answer < 2; answer++) {
        const char *why = NULL;
        size_t where;
        field_schema(&schemas[answer], &sample_shape, answer, &style);
        CU_ASSERT(json_check(schemas[answer].data, schemas[answer].len, &why, &where));
    }
    for (size_t i = 0; i < sizeof schema_cases / sizeof *schema_cases; i++)
        CU_ASSERT_STRING_EQUAL(at(arena, &schemas[schema_cases[i].answer], schema_cases[i].path),
                               schema_cases[i].want);
    buf_clear(&schemas[0]);
    buf_clear(&schemas[1]);
    arena_free(arena);
}

void suite_core_query(void)
{
    CU_pSuite suite = CU_add_suite("core_query", NULL, NULL);
    CU_add_test(suite, "query strings", test_query);
    CU_add_test(suite, "values", test_values);
    CU_add_test(suite, "schema", test_schema);
}
