/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_field.c: field tables, JSON to struct and back */
#include "field_sample.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

void suite_core_field(void);

#define ID "0190a6c1-7f3e-7c2a-9d54-3b6f0c1e8a77"
#define ROW_JSON(predicted, actual)                                                                \
    "{\"id\":\"" ID "\",\"predicted\":" predicted ",\"actual\":" actual "}"

/* one request: its memory, body and flaws */
struct reading {
    struct arena *arena;
    char *body;
    struct flaws flaws;
    struct sample sample;
    bool well_formed;
};

static void reading_open(struct reading *reading, const char *text)
{
    static const struct field_path root = {.key = "body"};
    size_t len = strlen(text);
    *reading = (struct reading){.arena = arena_new(), .body = malloc(len + 1)};
    reading->flaws.arena = reading->arena;
    memcpy(reading->body, text, len + 1);
    struct json_in in;
    json_in_open(&in, reading->body, len);
    memset(&reading->sample, 0xa5, sizeof reading->sample);
    field_read(&in, &sample_shape, &reading->sample, &reading->flaws, &root);
    reading->well_formed = json_in_finish(&in);
    memset(in.kept, 0xa5, (size_t)(in.end - in.kept)); /* nobody needs it any more */
    json_in_close(&in);
}

static void reading_close(struct reading *reading)
{
    arena_free(reading->arena);
    free(reading->body);
}

/* every flaw as "loc type: message" lines */
static const char *flaw_lines(struct buf *out, const struct flaws *flaws)
{
    buf_reset(out, 0);
    for (size_t i = 0; i < flaws->total && i < FLAWS_KEPT; i++)
        buf_printf(out, "%s%s %s: %s", i ? "\n" : "", flaws->kept[i].loc, flaws->kept[i].type,
                   flaws->kept[i].message);
    return buf_text(out);
}

#define DEFAULTS_BEFORE_REF                                                                        \
    "{\"name\":\"x\",\"note\":null,\"size\":\"medium\",\"currency\":\"EUR\",\"ref\":null,"         \
    "\"valid_from\":\"2026-01-01\",\"valid_to\":null,\"at\":null,"

/* what is read, as it is written again */
static const struct {
    const char *text, *written;
} good_cases[] = {
    {"{\"name\":\"x\"}",
     DEFAULTS_BEFORE_REF "\"count\":100,\"rate\":null,\"share\":null,\"active\":true,\"extra\":{},"
                         "\"value\":null,\"best\":null,\"rows\":null,\"tags\":[],\"grid\":null,"
                         "\"dates\":[],\"any\":[]}"},
    /* null is absence, but for a value of its own */
    {"{\"name\":\"x\",\"note\":null,\"size\":null,\"count\":null,\"extra\":null,\"value\":null,"
     "\"best\":null,\"rows\":null,\"tags\":null}",
     DEFAULTS_BEFORE_REF "\"count\":100,\"rate\":null,\"share\":null,\"active\":true,\"extra\":{},"
                         "\"value\":null,\"best\":null,\"rows\":null,\"tags\":[],\"grid\":null,"
                         "\"dates\":[],\"any\":[]}"},
    {"{\"any\":[1,null,{\"a\": [2.50]}],\"dates\":[\"2026-04-24\",\"2024-02-29\"],\"grid\":[],"
     "\"tags\":[\"a\",\"\\u00fc\"],\"rows\":[" ROW_JSON(
         "1e2", "2.385") ",{\"bin\":\"b\",\"actual\":1,"
                         "\"predicted\":1,\"id\":\"" ID "\"}],\"best\":" ROW_JSON(
                             "5.0", "0.1") ",\"value\":-0.0,\"extra\":{ \"k\":\"\\u0041\\n\" "
                                           "},\"active\":false,\"share\":0.33333333333333331,"
                                           "\"rate\":1e-3,\"count\":5e2,\"at\":\"2026-04-24T11:30:"
                                           "00.25+02:00\",\"valid_to\":\"2026-01-01\","
                                           "\"ref\":\"0190A6C1-7F3E-7C2A-9D54-3B6F0C1E8A77\","
                                           "\"currency\":\"CHF\",\"size\":\"large\","
                                           "\"note\":\"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\","
                                           "\"name\":\" tab\\tand\\nline \"}",
     "{\"name\":\" tab\\tand\\nline \",\"note\":\"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\","
     "\"size\":\"large\",\"currency\":\"CHF\",\"ref\":\"" ID "\",\"valid_from\":\"2026-01-01\","
     "\"valid_to\":\"2026-01-01\",\"at\":\"2026-04-24T09:30:00.250000Z\",\"count\":500,\"rate\":0."
     "001,"
     "\"share\":0.333333333333,\"active\":false,\"extra\":{ \"k\":\"\\u0041\\n\" },\"value\":-0.0,"
     "\"best\":{\"id\":\"" ID "\",\"predicted\":5,\"actual\":0.1,\"bin\":\"all\"},"
     "\"rows\":[{\"id\":\"" ID "\",\"predicted\":100,\"actual\":2.385,\"bin\":\"all\"},"
     "{\"id\":\"" ID
     "\",\"predicted\":1,\"actual\":1,\"bin\":\"b\"}],\"tags\":[\"a\",\"\xc3\xbc\"],"
     "\"grid\":[],\"dates\":[\"2026-04-24\",\"2024-02-29\"],\"any\":[1,null,{\"a\": [2.50]}]}"},
};

static void test_good(void)
{
    for (size_t i = 0; i < sizeof good_cases / sizeof *good_cases; i++) {
        struct reading reading;
        struct buf out = {0};
        reading_open(&reading, good_cases[i].text);
        CU_ASSERT(reading.well_formed);
        CU_ASSERT_STRING_EQUAL(flaw_lines(&out, &reading.flaws), "");
        CU_ASSERT_EQUAL(reading.sample.secret, 7);
        buf_reset(&out, 0);
        field_write(&out, &sample_shape, &reading.sample);
        CU_ASSERT_STRING_EQUAL(buf_text(&out), good_cases[i].written);
        buf_clear(&out);
        reading_close(&reading);
    }
}

/* bit i: an explicit null for field i */
static void test_nulls(void)
{
    struct reading reading;
    reading_open(&reading,
                 "{\"note\":null,\"name\":\"x\",\"value\":null,\"rows\":null,\"at\":null}");
    CU_ASSERT_EQUAL(reading.sample.nulls, 1u << 1 | 1u << 7 | 1u << 14 | 1u << 16);
    CU_ASSERT_STRING_EQUAL(reading.sample.value.text, "null");
    reading_close(&reading);
    reading_open(&reading, "{\"name\":\"x\"}");
    CU_ASSERT_EQUAL(reading.sample.nulls, 0);
    CU_ASSERT_PTR_NULL(reading.sample.value.text);
    reading_close(&reading);
}

/* a JSON value has at most 1 MiB of text */
static void test_large_value(void)
{
    const size_t most = 1024 * 1024;
    struct buf body = {0}, lines = {0};
    for (size_t more = 0; more < 2; more++) {
        struct reading reading;
        buf_reset(&body, body.cap);
        buf_adds(&body, "{\"name\":\"x\",\"value\":\"");
        for (size_t i = 0; i < most - 2 + more; i++)
            buf_addc(&body, 'a');
        buf_adds(&body, "\"}");
        reading_open(&reading, buf_text(&body));
        CU_ASSERT(reading.well_formed);
        CU_ASSERT_STRING_EQUAL(flaw_lines(&lines, &reading.flaws),
                               more ? "[\"body\",\"value\"] too_long: must have at most 1048576 "
                                      "bytes, got 1048577"
                                    : "");
        reading_close(&reading);
    }
    buf_clear(&body);
    buf_clear(&lines);
}

#define LONG_NAME  "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" /* 40 characters */
#define FIVE(text) text text text text text

static const struct {
    const char *text, *flaws;
} flaw_cases[] = {
    {"{}", "[\"body\",\"name\"] missing: is required"},
    {"{\"name\":null}", "[\"body\",\"name\"] missing: is required"},
    {"[]", "[\"body\"] type_error: must be an object, got an array"},
    {"null", "[\"body\"] type_error: must be an object, got null"},
    {"\"x\"", "[\"body\"] type_error: must be an object, got a string"},
    {"{\"name\":\" \\n\\t\"}", "[\"body\",\"name\"] blank: must not be blank"},
    {"{\"name\":\"\"}", "[\"body\",\"name\"] blank: must not be blank"},
    {"{\"name\":\"" FIVE(LONG_NAME) "\"}", ""},
    {"{\"name\":\"" FIVE(LONG_NAME) "\xc3\xbc\"}",
     "[\"body\",\"name\"] too_long: must have at most 200 characters, got 201"},
    {"{\"name\":\"a\\u0000b\"}",
     "[\"body\",\"name\"] control_character: must not hold control characters but tab and newline; "
     "got U+0000"},
    {"{\"name\":\"a\x7f\"}",
     "[\"body\",\"name\"] control_character: must not hold control characters but tab and newline; "
     "got U+007F"},
    {"{\"name\":\"a\\r\\n\"}",
     "[\"body\",\"name\"] control_character: must not hold control characters but tab and newline; "
     "got U+000D"},
    {"{\"name\":\"x\",\"note\":\"\xc3\xbc\"}",
     "[\"body\",\"note\"] too_short: must have at least 2 characters, got 1"},
    {"{\"name\":\"x\",\"note\":\"123456\"}",
     "[\"body\",\"note\"] too_long: must have at most 5 characters, got 6"},
    {"{\"name\":\"x\",\"size\":\"huge\"}",
     "[\"body\",\"size\"] not_a_choice: must be one of small, medium, large; got \"huge\""},
    {"{\"name\":\"x\",\"size\":\"small\\u0000\"}",
     "[\"body\",\"size\"] control_character: must not hold control characters but tab and newline; "
     "got U+0000"},
    {"{\"name\":\"x\",\"currency\":\"EURO\"}",
     "[\"body\",\"currency\"] malformed: must be a currency code of three letters"},
    {"{\"name\":\"x\",\"ref\":\"0190a6c1\"}",
     "[\"body\",\"ref\"] not_a_uuid: must be a UUID such as 0190a6c1-7f3e-7c2a-9d54-3b6f0c1e8a77, "
     "and not the nil one; got \"0190a6c1\""},
    {"{\"name\":\"x\",\"ref\":\"00000000-0000-0000-0000-000000000000\"}",
     "[\"body\",\"ref\"] not_a_uuid: must be a UUID such as 0190a6c1-7f3e-7c2a-9d54-3b6f0c1e8a77, "
     "and not the nil one; got \"00000000-0000-0000-0000-000000000000\""},
    {"{\"name\":\"x\",\"ref\":\"0190a6c1-7f3e-7c2a-9d54-3b6f0c1e8a7\\u0037\"}", ""},
    {"{\"name\":\"x\",\"valid_from\":\"2026-02-29\"}",
     "[\"body\",\"valid_from\"] not_a_date: must be a calendar date such as 2026-04-24; got "
     "\"2026-02-29\""},
    {"{\"name\":\"x\",\"at\":\"" FIVE("\xf0\x9f\x94\xa7\\u0001 23456789") "\"}",
     "[\"body\",\"at\"] not_a_time: must be a moment such as 2026-04-24T09:30:00Z; got "
     "\"\xf0\x9f\x94\xa7? 23456789\xf0\x9f\x94\xa7? 23456789\xf0\x9f\x94\xa7? "
     "23456789\xf0\x9f\x94\xa7? 2345...\""},
    {"{\"name\":\"x\",\"count\":0}",
     "[\"body\",\"count\"] out_of_range: must be at least 1, got 0"},
    {"{\"name\":\"x\",\"count\":501.0}",
     "[\"body\",\"count\"] out_of_range: must be at most 500, got 501.0"},
    {"{\"name\":\"x\",\"count\":1.5}",
     "[\"body\",\"count\"] type_error: must be a whole number, got 1.5"},
    {"{\"name\":\"x\",\"count\":\"1\"}",
     "[\"body\",\"count\"] type_error: must be a whole number, got a string"},
    {"{\"name\":\"x\",\"count\":-9223372036854775808}",
     "[\"body\",\"count\"] out_of_range: must fit 64 bits, got -9223372036854775808"},
    {"{\"name\":\"x\",\"count\":1e400}",
     "[\"body\",\"count\"] out_of_range: must fit 64 bits, got 1e400"},
    {"{\"name\":\"x\",\"rate\":-3}",
     "[\"body\",\"rate\"] out_of_range: must be greater than 0, got -3"},
    {"{\"name\":\"x\",\"rate\":-0}",
     "[\"body\",\"rate\"] out_of_range: must be greater than 0, got -0"},
    {"{\"name\":\"x\",\"rate\":-1e999}",
     "[\"body\",\"rate\"] out_of_range: must fit a double, got -1e999"},
    {"{\"name\":\"x\",\"rate\":true}",
     "[\"body\",\"rate\"] type_error: must be a number, got a boolean"},
    {"{\"name\":\"x\",\"share\":0.5000000000000000000000000000000000000000}",
     "[\"body\",\"share\"] out_of_range: must be less than 0.5, got "
     "0.50000000000000000000000000000000000000..."},
    {"{\"name\":\"x\",\"active\":1}",
     "[\"body\",\"active\"] type_error: must be true or false, got a number"},
    {"{\"name\":\"x\",\"extra\":[{}]}",
     "[\"body\",\"extra\"] type_error: must be an object, got an array"},
    {"{\"name\":\"x\",\"extra\":{\"\\\\b\":\"\\\\u0001\"}}", ""},
    {"{\"name\":\"x\",\"extra\":{\"\\b\":1}}", "[\"body\",\"extra\"] control_character: must not "
                                               "hold control characters but tab and newline"},
    {"{\"name\":\"x\",\"extra\":{\"a\":\"\\u001F\"}}",
     "[\"body\",\"extra\"] control_character: must not hold control characters but tab and "
     "newline"},
    {"{\"name\":\"x\",\"best\":[]}",
     "[\"body\",\"best\"] type_error: must be an object, got an array"},
    {"{\"name\":\"x\",\"best\":{}}", "[\"body\",\"best\",\"id\"] missing: is required\n"
                                     "[\"body\",\"best\",\"predicted\"] missing: is required\n"
                                     "[\"body\",\"best\",\"actual\"] missing: is required"},
    /* unknown members at every level; a hidden one is as unknown */
    {"{\"name\":\"x\",\"nam\":{\"a\":[1]},\"secret\":1,\"" LONG_NAME "1\":2,\"a\\u0000\":1}",
     "[\"body\",\"nam\"] extra_forbidden: is not a member of this object\n"
     "[\"body\",\"secret\"] extra_forbidden: is not a member of this object\n"
     "[\"body\",\"" LONG_NAME "...\"] extra_forbidden: is not a member of this object\n"
     "[\"body\",\"a?\"] extra_forbidden: is not a member of this object"},
    /* lists */
    {"{\"name\":\"x\",\"rows\":[]}",
     "[\"body\",\"rows\"] too_few: must hold at least 1 items, got 0"},
    {"{\"name\":\"x\",\"rows\":[" ROW_JSON("1", "1") "," ROW_JSON("1", "1") "," ROW_JSON(
         "1", "1") ","
                   "{},7]}",
     "[\"body\",\"rows\"] too_many: must hold at most 3 items, got 5"},
    {"{\"name\":\"x\",\"rows\":[7,null," ROW_JSON("0", "\"1\"") "]}",
     "[\"body\",\"rows\",0] type_error: must be an object, got a number\n"
     "[\"body\",\"rows\",1] type_error: must be an object, got null\n"
     "[\"body\",\"rows\",2,\"predicted\"] out_of_range: must be greater than 0, got 0\n"
     "[\"body\",\"rows\",2,\"actual\"] type_error: must be a number, got a string"},
    {"{\"name\":\"x\",\"rows\":{}}",
     "[\"body\",\"rows\"] type_error: must be an array, got an object"},
    {"{\"name\":\"x\",\"tags\":[\"a\",\" \",1,null]}",
     "[\"body\",\"tags\",1] blank: must not be blank\n"
     "[\"body\",\"tags\",2] type_error: must be a string, got a number\n"
     "[\"body\",\"tags\",3] type_error: must be a string, got null"},
    {"{\"name\":\"x\",\"grid\":[1,2.5],\"dates\":[\"2026-13-01\"]}",
     "[\"body\",\"grid\",1] type_error: must be a whole number, got 2.5\n"
     "[\"body\",\"dates\",0] not_a_date: must be a calendar date such as 2026-04-24; got "
     "\"2026-13-01\""},
    {"{\"name\":\"x\",\"grid\":[0,-1,-0]}",
     "[\"body\",\"grid\",1] out_of_range: must be at least 0, got -1"},
    /* rules, whatever else is wrong, but not where what they read is */
    {"{\"name\":\"x\",\"extra\":{\"x\":1},\"count\":0}",
     "[\"body\",\"count\"] out_of_range: must be at least 1, got 0\n"
     "[\"body\",\"extra\",\"x\"] not_allowed: stands inside"},
    {"{\"name\":\"\",\"extra\":{\"x\":1}}", "[\"body\",\"name\"] blank: must not be blank"},
    {"{\"name\":\"{\",\"extra\":[]}",
     "[\"body\",\"extra\"] type_error: must be an object, got an array"},
    {"{\"name\":\"{}\"}", "[\"body\",\"extra\",\"{}\"] not_allowed: stands inside"},
    {"{\"name\":\"x\",\"rows\":[" ROW_JSON("1", "10.5") "]}",
     "[\"body\",\"rows\",0,\"actual\"] implausible: is more than ten times the prediction"},
    {"{\"name\":\"x\",\"valid_to\":\"2025-12-31\",\"count\":0}",
     "[\"body\",\"count\"] out_of_range: must be at least 1, got 0\n"
     "[\"body\"] wrong_order: valid_to lies before valid_from"},
    {"{\"name\":\"x\",\"valid_to\":\"2025-12-31\",\"valid_from\":0}",
     "[\"body\",\"valid_from\"] type_error: must be a string that holds a date, got a number"},
    {"{\"valid_to\":\"2025-12-31\"}", "[\"body\",\"name\"] missing: is required\n"
                                      "[\"body\"] wrong_order: valid_to lies before valid_from"},
    {"{\"active\":\"yes\",\"rate\":[],\"rows\":[{\"id\":1}]}",
     "[\"body\",\"active\"] type_error: must be true or false, got a string\n"
     "[\"body\",\"rate\"] type_error: must be a number, got an array\n"
     "[\"body\",\"rows\",0,\"id\"] type_error: must be a string that holds a UUID, got a number\n"
     "[\"body\",\"rows\",0,\"predicted\"] missing: is required\n"
     "[\"body\",\"rows\",0,\"actual\"] missing: is required\n"
     "[\"body\",\"name\"] missing: is required"},
};

static void test_flaws(void)
{
    for (size_t i = 0; i < sizeof flaw_cases / sizeof *flaw_cases; i++) {
        struct reading reading;
        struct buf out = {0};
        reading_open(&reading, flaw_cases[i].text);
        CU_ASSERT(reading.well_formed);
        CU_ASSERT_STRING_EQUAL(flaw_lines(&out, &reading.flaws), flaw_cases[i].flaws);
        if (strcmp(buf_text(&out), flaw_cases[i].flaws) != 0)
            fprintf(stderr, "%s\n got %s\nwant %s\n", flaw_cases[i].text, buf_text(&out),
                    flaw_cases[i].flaws);
        buf_clear(&out);
        reading_close(&reading);
    }
}

/* what is not JSON is a fault wherever it hides: in wrong types, unknown members, surplus rows */
static const char *const malformed[] = {
    "{\"name\":\"x\",\"name\":\"x\"}",
    "{\"name\":\"x\",\"n\\u0061me\":\"x\"}",
    "{\"nam\":1,\"nam\":1}",
    "{\"nam\":1,\"n\\u0061m\":1}",
    "{\"nam\":{\"a\":1,\"a\":2}}",
    "{\"name\":{\"a\":01}}",
    "{\"name\":[\"\\ud800\"]}",
    "{\"rows\":[{},{},{},{\"a\":1,\"a\":1}]}",
    "{\"rows\":[{\"id\":1,\"id\":1}]}",
    "{\"extra\":{\"a\":\"\\x\"}}",
    "{\"ref\":\"0190a6c1-7f3e-7c2a-9d54-3b6f0c1e8a77",
    "{\"ref\":\"0190a6c1-7f3e-7c2a-9d54-3b6f0c1e8a7\n\"}",
    "{\"name\":\"x\"",
    "{\"name\":\"x\"}}",
    "{\"name\":nul}",
    "[1,]",
    "",
};

static void test_malformed(void)
{
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        struct reading reading;
        reading_open(&reading, malformed[i]);
        CU_ASSERT(!reading.well_formed);
        if (reading.well_formed)
            fprintf(stderr, "taken: %s\n", malformed[i]);
        reading_close(&reading);
    }
}

/* the first 50 flaws are kept, all are counted */
static void test_many(void)
{
    struct buf text = {0};
    struct reading reading;
    buf_adds(&text, "{\"grid\":[1");
    for (int i = 1; i <= 1000; i++)
        buf_adds(&text, ",null");
    buf_adds(&text, "]}");
    reading_open(&reading, buf_text(&text));
    CU_ASSERT(reading.well_formed);
    CU_ASSERT_EQUAL(reading.flaws.total, 1001);
    CU_ASSERT_STRING_EQUAL(reading.flaws.kept[FLAWS_KEPT - 1].loc, "[\"body\",\"grid\",50]");
    CU_ASSERT(reading.sample.grid.n <= 2);
    reading_close(&reading);
    buf_clear(&text);
}

/* a control character anywhere in a text of any length, and what is none */
static void test_controls(void)
{
    static const struct {
        const char *escape, *type;
    } cases[] = {{"\\u0001", "control_character"},
                 {"\\u001f", "control_character"},
                 {"\x7f", "control_character"},
                 {"\xc2\x80", "control_character"},
                 {"\xc2\x9f", "control_character"},
                 {" ", ""},
                 {"~", ""},
                 {"\\t", ""},
                 {"\\n", ""},
                 {"\xc3\xbc", ""}};
    for (size_t len = 0; len < 40; len++)
        for (size_t place = 0; place <= len; place++)
            for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
                char text[100];
                struct reading reading;
                snprintf(text, sizeof text, "{\"name\":\"%.*s%s%.*s!\"}", (int)place,
                         "0123456789012345678901234567890123456789", cases[i].escape,
                         (int)(len - place), "abcdefghijabcdefghijabcdefghijabcdefghij");
                reading_open(&reading, text);
                CU_ASSERT(reading.well_formed);
                CU_ASSERT_EQUAL(reading.flaws.total, *cases[i].type != '\0');
                if (reading.flaws.total)
                    CU_ASSERT_STRING_EQUAL(reading.flaws.kept[0].type, cases[i].type);
                reading_close(&reading);
            }
}

/* items of uneven length: how many there are cannot be told from the first ones */
static void test_uneven(void)
{
    for (size_t n = 60; n < 700; n += 31)
        for (int longer = 0; longer < 2; longer++) {
            struct buf text = {0};
            struct reading reading;
            buf_adds(&text, "{\"name\":\"x\",\"grid\":[");
            for (size_t i = 0; i < n; i++)
                buf_printf(&text, "%s%*zu", i ? "," : "", (i < n / 2) == longer ? 200 : 0, i);
            buf_printf(&text, "]%*s}", longer ? 100000 : 0, "");
            reading_open(&reading, buf_text(&text));
            CU_ASSERT(reading.well_formed);
            CU_ASSERT_EQUAL(reading.flaws.total, 0);
            CU_ASSERT_EQUAL(reading.sample.grid.n, n);
            const int64_t *numbers = reading.sample.grid.at;
            size_t wrong = 0;
            for (size_t i = 0; i < n; i++)
                wrong += numbers[i] != (int64_t)i;
            CU_ASSERT_EQUAL(wrong, 0);
            reading_close(&reading);
            buf_clear(&text);
        }
}

/* lists small and large, also beyond what a list may hold where its table sets no limit */
static void test_lists(void)
{
    static const size_t sizes[] = {1, 8, 9, 512, 513, 4097, 99999, 100000, 100001};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buf text = {0};
        struct reading reading;
        buf_adds(&text, "{\"name\":\"x\",\"grid\":[0");
        for (size_t k = 1; k < sizes[i]; k++)
            buf_printf(&text, ",%zu", k);
        buf_adds(&text, "]}");
        reading_open(&reading, buf_text(&text));
        size_t want = sizes[i] > 100000 ? 100000 : sizes[i];
        CU_ASSERT_EQUAL(reading.sample.grid.n, want);
        CU_ASSERT_EQUAL(reading.flaws.total, sizes[i] > 100000);
        const int64_t *numbers = reading.sample.grid.at;
        size_t wrong = 0;
        for (size_t k = 0; k < want; k++)
            wrong += numbers[k] != (int64_t)k;
        CU_ASSERT_EQUAL(wrong, 0);
        reading_close(&reading);
        buf_clear(&text);
    }
}

static void test_paths(void)
{
    struct arena *arena = arena_new();
    struct flaws flaws = {.arena = arena};
    char name[200];
    memset(name, 'x', sizeof name);
    memcpy(name + 79, "\xc3\xbc", 2); /* must not be cut in two */
    name[sizeof name - 1] = '\0';
    struct field_path body = {.key = "body"}, rows = {&body, "rows", 0}, row = {&rows, NULL, 17};
    flaw_add(&flaws, NULL, "t", "%s", "");
    flaw_add_at(&flaws, &row, "a\"b", "t", "got %d", 5);
    flaw_add_at(&flaws, NULL, name, "t", "m");
    CU_ASSERT_EQUAL(flaws.total, 3);
    CU_ASSERT_STRING_EQUAL(flaws.kept[0].loc, "[]");
    CU_ASSERT_STRING_EQUAL(flaws.kept[1].loc, "[\"body\",\"rows\",17,\"a\\\"b\"]");
    CU_ASSERT_STRING_EQUAL(flaws.kept[1].message, "got 5");
    CU_ASSERT_EQUAL(strlen(flaws.kept[2].loc), 79 + 4);
    arena_free(arena);
}

static void test_defaults(void)
{
    struct sample sample;
    memset(&sample, 0xa5, sizeof sample);
    field_defaults(&sample_shape, &sample);
    CU_ASSERT_PTR_NULL(sample.name);
    CU_ASSERT_STRING_EQUAL(sample.size, "medium");
    CU_ASSERT_EQUAL(sample.valid_from, date_from_ymd(2026, 1, 1));
    CU_ASSERT_EQUAL(sample.valid_to, DATE_NONE);
    CU_ASSERT_EQUAL(sample.at, TIME_NONE);
    CU_ASSERT_EQUAL(sample.count, 100);
    CU_ASSERT_EQUAL(sample.secret, 7);
    CU_ASSERT(isnan(sample.rate));
    CU_ASSERT_EQUAL(sample.active, 1);
    CU_ASSERT(uuid_is_nil(&sample.ref));
    CU_ASSERT_STRING_EQUAL(sample.extra.text, "{}");
    CU_ASSERT_EQUAL(sample.nulls, 0);
}

void suite_core_field(void)
{
    CU_pSuite suite = CU_add_suite("core_field", NULL, NULL);
    CU_add_test(suite, "well-formed bodies", test_good);
    CU_add_test(suite, "explicit nulls", test_nulls);
    CU_add_test(suite, "large values", test_large_value);
    CU_add_test(suite, "flaws", test_flaws);
    CU_add_test(suite, "malformed bodies", test_malformed);
    CU_add_test(suite, "many flaws", test_many);
    CU_add_test(suite, "control characters", test_controls);
    CU_add_test(suite, "uneven lists", test_uneven);
    CU_add_test(suite, "lists", test_lists);
    CU_add_test(suite, "paths", test_paths);
    CU_add_test(suite, "defaults", test_defaults);
}
