/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_canonical.c: one text for equal JSON values, numbers for distinct texts */
#include "arena.h"
#include "buf.h"
#include "intern.h"
#include "json_canonical.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void suite_core_canonical(void);

static void test_canonical(void)
{
    static const struct {
        const char *in, *out; /* out NULL: no JSON */
    } cases[] = {
        {"  12.50 ", "12.5"},
        {"1e0", "1"},
        {"1.0", "1"},
        {"-0.0025e3", "-2.5"},
        {"true", "true"},
        {" null", "null"},
        {"\"a\\u0062c\\/\"", "\"abc/\""},
        {"\"gr\\u00fcn\"", "\"grün\""},
        {"\"\\n\\\"\"", "\"\\n\\\"\""},
        {"[ 1.0 , [ ] ,{ } ]", "[1,[],{}]"},
        {"{\"b\": 2.0, \"a\": {\"d\": 1, \"c\": [true, null]}}",
         "{\"a\":{\"c\":[true,null],\"d\":1},\"b\":2}"},
        {"", NULL},
        {"nan", NULL},
        {"{\"a\": 1} x", NULL},
        {"{\"a\": 1, \"a\": 2}", NULL},
        {"[1,]", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        buf_adds(&out, "=");
        bool good = json_canonical(&out, cases[i].in, strlen(cases[i].in));
        CU_ASSERT_EQUAL(good, cases[i].out != NULL);
        CU_ASSERT_STRING_EQUAL(buf_text(&out) + 1, cases[i].out ? cases[i].out : "");
        buf_clear(&out);
    }
}

static void test_same(void)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {"{\"a\": 1, \"b\": [2, 3.0]}", "{\"b\":[2.0,3],\"a\":1e0}", true},
        {"\"gr\\u00fcn\"", "\"grün\"", true},
        {"1", "\"1\"", false},
        {"[1,2]", "[2,1]", false},
        {"steel", "steel", false}, /* no JSON */
        {NULL, NULL, false},
        {"null", NULL, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct field_raw a = {cases[i].a, cases[i].a ? strlen(cases[i].a) : 0},
                               b = {cases[i].b, cases[i].b ? strlen(cases[i].b) : 0};
        CU_ASSERT_EQUAL(json_same(&a, &b), cases[i].same);
    }
}

static void test_intern(void)
{
    struct arena *arena = arena_new();
    struct intern intern;
    char text[32];
    intern_init(&intern, arena);
    CU_ASSERT_EQUAL(intern_find(&intern, "", 0), INTERN_NONE);
    for (uint32_t i = 0; i < 5000; i++) {
        int len = snprintf(text, sizeof text, "%u", i * 2654435761u);
        CU_ASSERT_EQUAL(intern_put(&intern, text, (size_t)len), i);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        int len = snprintf(text, sizeof text, "%u", i * 2654435761u);
        CU_ASSERT_EQUAL(intern_find(&intern, text, (size_t)len), i);
        CU_ASSERT_STRING_EQUAL(intern.entries[i].text, text);
    }
    CU_ASSERT_EQUAL(intern.n, 5000);
    /* a prefix, a longer one, and bytes behind a NUL are other texts */
    CU_ASSERT_EQUAL(intern_put(&intern, "a\0b", 3), 5000);
    CU_ASSERT_EQUAL(intern_put(&intern, "a\0c", 3), 5001);
    CU_ASSERT_EQUAL(intern_put(&intern, "a", 1), 5002);
    CU_ASSERT_EQUAL(intern_find(&intern, "a\0b\0", 4), INTERN_NONE);
    CU_ASSERT_EQUAL(intern_put(&intern, "", 0), 5003);
    CU_ASSERT_EQUAL(intern_put(&intern, "a\0c", 3), 5001);
    arena_free(arena);
}

void suite_core_canonical(void)
{
    CU_pSuite s = CU_add_suite("core_canonical", NULL, NULL);

    CU_add_test(s, "equal values, equal texts", test_canonical);
    CU_add_test(s, "same or not", test_same);
    CU_add_test(s, "numbers of texts", test_intern);
}
