/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_buf.c: the growing buffer and the JSON writer */
#include "buf.h"
#include "uuid.h"
#include "when.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

void suite_core_buf(void);

static void test_growth(void)
{
    struct buf buf = {0};
    CU_ASSERT_STRING_EQUAL(buf_text(&buf), "");
    for (int i = 0; i < 10000; i++)
        buf_printf(&buf, "%d;", i);
    CU_ASSERT_EQUAL(buf.len, 10 * 2 + 90 * 3 + 900 * 4 + 9000 * 5);
    CU_ASSERT_STRING_EQUAL(buf_text(&buf) + buf.len - 10, "9998;9999;");
    buf_reset(&buf, 4096);
    CU_ASSERT_EQUAL(buf.len, 0);
    CU_ASSERT_EQUAL(buf.cap, 4096);
    buf_reset(&buf, 0);
    CU_ASSERT_PTR_NULL(buf.data);
    buf_clear(&buf);
}

/* what lies before it stays, what lies behind is zeros and can be written again */
static void test_forget(void)
{
    enum { SIZE = 1 << 20, FROM = 100001 };
    struct buf buf = {0};
    memset(buf_reserve(&buf, SIZE), 'x', SIZE);
    char *data = buf.data;
    buf_forget(&buf, FROM);
    CU_ASSERT_PTR_EQUAL(buf.data, data);
    CU_ASSERT_EQUAL(buf.data[FROM - 1], 'x');
    CU_ASSERT_EQUAL(buf.data[FROM + 65536], 0);
    memset(buf_reserve(&buf, SIZE), 'y', SIZE);
    CU_ASSERT_EQUAL(buf.data[SIZE - 1], 'y');
    buf_clear(&buf);
    buf_forget(&buf, SIZE); /* longer than it is: nothing goes */
}

/* longer than what buf_printf reserves at first, so that it formats twice */
static void test_long_printf(void)
{
    struct buf buf = {0};
    char text[1001];
    memset(text, 'x', 1000);
    text[1000] = '\0';
    buf_adds(&buf, "a");
    buf_printf(&buf, "<%s>", text);
    CU_ASSERT_EQUAL(buf.len, 1003);
    CU_ASSERT_EQUAL(buf.data[1], '<');
    CU_ASSERT_EQUAL(buf.data[1002], '>');
    buf_clear(&buf);
}

static void test_commas(void)
{
    struct buf buf = {0};
    json_object(&buf);
    json_put_text(&buf, "a", "[{:");
    json_put_int(&buf, "b", INT64_MIN);
    json_key(&buf, "c");
    json_array(&buf);
    json_object(&buf);
    json_object_end(&buf);
    json_array(&buf);
    json_array_end(&buf);
    json_int(&buf, 0);
    json_bool(&buf, true);
    json_null(&buf);
    json_text(&buf, NULL);
    json_raw(&buf, "{\"x\":1}");
    json_raw_len(&buf, "12345", 2);
    json_raw(&buf, NULL);
    json_array_end(&buf);
    json_put_bool(&buf, "d", false);
    json_put_raw(&buf, "f", "[]");
    json_put_num(&buf, "g", 2.385);
    json_put_num12(&buf, "h", 0.1 + 0.2);
    json_put_num(&buf, "i", NAN);
    json_put_num(&buf, "j", -INFINITY);
    json_object_end(&buf);
    CU_ASSERT_STRING_EQUAL(
        buf_text(&buf), "{\"a\":\"[{:\",\"b\":-9223372036854775808,\"c\":[{},[],0,true,null,null,"
                        "{\"x\":1},12,null],\"d\":false,\"f\":[],\"g\":2.385,\"h\":0.3,"
                        "\"i\":null,\"j\":null}");
    buf_clear(&buf);
}

static void test_escapes(void)
{
    struct buf buf = {0};
    static const char text[] = "\"\\/\b\f\n\r\t\0\x1f\x7f gr\xc3\xbcn \xf0\x9f\x94\xa7";
    json_text_len(&buf, text, sizeof text - 1);
    CU_ASSERT_STRING_EQUAL(
        buf_text(&buf),
        "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f gr\xc3\xbcn \xf0\x9f\x94\xa7\"");
    buf_clear(&buf);
}

static void test_typed(void)
{
    struct buf buf = {0};
    struct uuid nil = {{0}}, id = {{0x01, [15] = 0xfe}};
    json_array(&buf);
    json_uuid(&buf, &nil);
    json_uuid(&buf, &id);
    json_date(&buf, DATE_NONE);
    json_date(&buf, 0);
    json_time(&buf, TIME_NONE);
    json_time(&buf, -1);
    json_array_end(&buf);
    CU_ASSERT_STRING_EQUAL(buf_text(&buf),
                           "[null,\"01000000-0000-0000-0000-0000000000fe\",null,\"1970-01-01\","
                           "null,\"1969-12-31T23:59:59.999999Z\"]");
    buf_clear(&buf);
}

void suite_core_buf(void)
{
    CU_pSuite suite = CU_add_suite("core_buf", NULL, NULL);
    CU_add_test(suite, "growth", test_growth);
    CU_add_test(suite, "forget", test_forget);
    CU_add_test(suite, "long printf", test_long_printf);
    CU_add_test(suite, "commas", test_commas);
    CU_add_test(suite, "escapes", test_escapes);
    CU_add_test(suite, "typed values", test_typed);
}
