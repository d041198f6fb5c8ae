/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_uuid.c: UUIDs made, read and printed */
#include "uuid.h"
#include "when.h"

#include <CUnit/CUnit.h>
#include <string.h>

static void test_v8(void)
{
    uint8_t hash[16];
    memset(hash, 0x7f, sizeof hash);
    struct uuid a = uuid_v8(hash), b = uuid_v8(hash);
    CU_ASSERT(uuid_equal(&a, &b));
    char text[UUID_TEXT];
    uuid_text(&a, text);
    CU_ASSERT_STRING_EQUAL(text, "7f7f7f7f-7f7f-8f7f-bf7f-7f7f7f7f7f7f");
}

void suite_core_uuid(void);

static void test_text(void)
{
    /* the example of RFC 9562, appendix A.6 */
    static const char text[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    static const uint8_t bytes[] = {0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3,
                                    0x98, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
    struct uuid id, upper;
    char out[UUID_TEXT];
    CU_ASSERT(uuid_parse(&id, text, 36));
    CU_ASSERT_EQUAL(memcmp(id.b, bytes, 16), 0);
    uuid_text(&id, out);
    CU_ASSERT_STRING_EQUAL(out, text);
    CU_ASSERT(uuid_parse(&upper, "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", 36));
    CU_ASSERT(uuid_equal(&id, &upper));
    CU_ASSERT(!uuid_is_nil(&id));
}

/* each byte value at each place of the text: only digits, and '-' where it belongs, are taken */
static void test_refused(void)
{
    static const char text[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    int wrong = 0;
    for (int place = 0; place < 36; place++) {
        for (int c = 0; c < 256; c++) {
            struct uuid id = {{7}}, seven = {{7}};
            char copy[36];
            memcpy(copy, text, 36);
            copy[place] = (char)c;
            bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            bool want = text[place] == '-' ? c == '-' : hex;
            bool got = uuid_parse(&id, copy, 36);
            wrong += got != want || (!got && !uuid_equal(&id, &seven));
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    struct uuid id;
    CU_ASSERT(!uuid_parse(&id, text, 35));
    CU_ASSERT(!uuid_parse(&id, "017f22e279b07cc398c4dc0c0c07398f----", 36));
    CU_ASSERT(!uuid_parse(&id, "", 0));
    CU_ASSERT(!uuid_parse(&id, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", 37));
}

static void test_v7(void)
{
    int wrong = 0;
    int64_t before = time_now() / 1000;
    struct uuid last = uuid_v7();
    for (int i = 0; i < 20000; i++) {
        struct uuid id = uuid_v7();
        wrong += uuid_compare(&last, &id) >= 0;
        wrong += id.b[6] >> 4 != 7 || id.b[8] >> 6 != 2;
        last = id;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | last.b[i];
    CU_ASSERT(ms >= before && ms <= time_now() / 1000 + 1);
}

static void test_v4(void)
{
    struct uuid a = uuid_v4(), b = uuid_v4();
    CU_ASSERT(!uuid_equal(&a, &b));
    CU_ASSERT_EQUAL(a.b[6] >> 4, 4);
    CU_ASSERT_EQUAL(a.b[8] >> 6, 2);
}

void suite_core_uuid(void)
{
    CU_pSuite suite = CU_add_suite("core_uuid", NULL, NULL);
    CU_add_test(suite, "text", test_text);
    CU_add_test(suite, "refused", test_refused);
    CU_add_test(suite, "version 7", test_v7);
    CU_add_test(suite, "version 4", test_v4);
    CU_add_test(suite, "version 8", test_v8);
}
