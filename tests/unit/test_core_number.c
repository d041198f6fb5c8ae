/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_number.c: shortest decimals, rounding to 12 digits, exact reading */
#include "buf.h"
#include "json_in.h"
#include "number.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void suite_core_number(void);

static uint64_t state = UINT64_C(88172645463325252);

/* xorshift64 (Marsaglia 2003) */
static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Expected texts as ECMAScript's Number.prototype.toString prints them, without its '+'. */
static const struct {
    double value;
    const char *text;
} text_cases[] = {
    {0.0, "0"},
    {-0.0, "0"},
    {5, "5"},
    {-5, "-5"},
    {0.1, "0.1"},
    {0.1 + 0.2, "0.30000000000000004"},
    {2.385, "2.385"},
    {1e-6, "0.000001"},
    {1.5e-6, "0.0000015"},
    {1e-7, "1e-7"},
    {-1.25e-7, "-1.25e-7"},
    {123456789012345680000.0, "123456789012345680000"},
    {999999999999999900000.0, "999999999999999900000"},
    {1e21, "1e21"},
    {1.5e300, "1.5e300"},
    {9007199254740993.0, "9007199254740992"},
    {999999999999999.0, "999999999999999"},
    {1e15, "1000000000000000"},
    {0x1p-44, "5.684341886080802e-14"}, /* nearest 16 digits would read as the neighbour below */
    {5e-324, "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {1.7976931348623157e308, "1.7976931348623157e308"},
    {0.000001234567890123456, "0.000001234567890123456"},
    {-1.7976931348623157e308, "-1.7976931348623157e308"},
    {INFINITY, "null"},
    {NAN, "null"},
};

static void test_text(void)
{
    for (size_t i = 0; i < sizeof text_cases / sizeof *text_cases; i++) {
        char text[NUMBER_TEXT];
        CU_ASSERT_EQUAL(number_text(text, text_cases[i].value), strlen(text_cases[i].text));
        CU_ASSERT_STRING_EQUAL(text, text_cases[i].text);
    }
}

static int significant(const char *text)
{
    int n = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (!n && *text == '0'))
            continue;
        n++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return n - zeros;
}

static double sample(int i)
{
    uint64_t bits = next();
    double value;
    switch (i % 6) {
    case 0:
        memcpy(&value, &bits, sizeof value);
        return isfinite(value) ? value : 1;
    case 1:
        return (double)(bits >> 11) * 0x1p-53 * pow(10, (int)(next() % 30) - 8);
    case 2:
        return (double)(bits % 1000000000) / pow(10, (double)(next() % 9));
    case 3:
        return ldexp(1, (int)(bits % 2098) - 1074);
    case 4:
        return (double)(bits >> next() % 64);
    default:
        return nextafter((double)(bits % 100000) / 1000, next() & 1 ? 1e9 : -1e9);
    }
}

/* against printf and strtod: reads back equal, and no precision that printf knows is shorter */
static void test_random(void)
{
    int wrong = 0, longer = 0, rounding = 0;
    for (int i = 0; i < 60000; i++) {
        double value = sample(i);
        char text[NUMBER_TEXT], printed[40];
        number_text(text, value);
        wrong += strtod(text, NULL) != value || strlen(text) >= NUMBER_TEXT;
        int digits = 1;
        for (; digits < 17; digits++) {
            snprintf(printed, sizeof printed, "%.*e", digits - 1, value);
            if (strtod(printed, NULL) == value)
                break;
        }
        longer += value != 0 && significant(text) > digits;
        snprintf(printed, sizeof printed, "%.11e", value);
        rounding += number_round12(value) != strtod(printed, NULL);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(longer, 0);
    CU_ASSERT_EQUAL(rounding, 0);
}

static void test_from_decimal(void)
{
    double value = 7;
    int wrong = 0;
    for (int i = 0; i < 60000; i++) {
        uint64_t digits = next() >> next() % 64;
        int exponent = (int)(next() % 55) - 27;
        char text[40];
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent);
        wrong += !number_from_decimal(&value, digits, exponent) || strtod(text, NULL) != value;
    }
    CU_ASSERT_EQUAL(wrong, 0);
    /* halfway between two doubles, and just beside it */
    CU_ASSERT(number_from_decimal(&value, UINT64_C(9007199254740993), 0));
    CU_ASSERT_EQUAL(value, 9007199254740992.0);
    CU_ASSERT(number_from_decimal(&value, UINT64_C(9007199254740993001), -3));
    CU_ASSERT_EQUAL(value, 9007199254740994.0);
    value = 7;
    CU_ASSERT(!number_from_decimal(&value, 1, 28));
    CU_ASSERT(!number_from_decimal(&value, 1, -28));
    CU_ASSERT_EQUAL(value, 7);
    CU_ASSERT(number_from_decimal(&value, 0, 300));
    CU_ASSERT_EQUAL(value, 0);
}

static void test_round12(void)
{
    CU_ASSERT_EQUAL(number_round12(1.0 / 3), 0.333333333333);
    CU_ASSERT_EQUAL(number_round12(-2.0 / 3), -0.666666666667);
    CU_ASSERT_EQUAL(number_round12(123456789012.5), 123456789012.0); /* tie: to even */
    CU_ASSERT_EQUAL(number_round12(123456789013.5), 123456789014.0);
    CU_ASSERT_EQUAL(number_round12(9.9999999999999e22), 1e23);
    CU_ASSERT_EQUAL(number_round12(1.23456789012345e-300), 1.23456789012e-300);
    CU_ASSERT(signbit(number_round12(-0.0)));
    CU_ASSERT(isnan(number_round12(NAN)));
    CU_ASSERT_EQUAL(number_round12(-INFINITY), -INFINITY);
}

/* a number in a body exactly as large as promised, in front of so many blanks */
static bool read_among(const char *text, size_t blanks, double *value, double *alone)
{
    size_t len = strlen(text), whole = len + blanks;
    char *body = malloc(whole + 1);
    struct json_in in;
    struct json_number number = {0};
    memset(body, ' ', whole);
    memcpy(body, text, len);
    json_in_open(&in, body, whole);
    bool good = json_in_number(&in, &number) && (size_t)(in.at - in.start) == len;
    json_in_close(&in);
    json_in_open(&in, body, whole);
    good &= json_in_double(&in, alone) && json_in_finish(&in);
    json_in_close(&in);
    free(body);
    *value = number.value;
    return good;
}

/* digits are taken eight at a time where eight characters are left */
static void test_digits(void)
{
    static const char *const ends[] = {"", "e0", "E-3", "0"};
    for (size_t n_whole = 1; n_whole < 26; n_whole++)
        for (size_t n_fraction = 0; n_fraction < 26; n_fraction++)
            for (size_t i = 0; i < 4 * 10; i++) {
                char text[80], *p = text;
                double value, alone, want;
                for (size_t k = 0; k < n_whole; k++)
                    *p++ = (char)('0' + (k * 7 + n_fraction + 1) % 10);
                text[0] = n_whole == 1 || text[0] != '0' ? text[0] : '9';
                *p = '.';
                p += n_fraction > 0;
                for (size_t k = 0; k < n_fraction; k++)
                    *p++ = (char)('0' + (k * 3 + n_whole) % 10);
                const char *end = ends[i / 10];
                strcpy(p, *end == '0' && (!n_fraction && *text == '0') ? "" : end);
                want = strtod(text, NULL);
                CU_ASSERT(read_among(text, i % 10, &value, &alone));
                CU_ASSERT_EQUAL(memcmp(&value, &want, sizeof want), 0);
                CU_ASSERT_EQUAL(memcmp(&alone, &want, sizeof want), 0);
            }
    /* neighbours of the digits */
    for (size_t place = 0; place < 20; place++)
        for (size_t other = 0; other < 3; other++) {
            char text[] = "12345678901234567890                ";
            double value, alone;
            text[place] = "/:\xb1"[other];
            CU_ASSERT(!read_among(text, 0, &value, &alone));
        }
}

void suite_core_number(void)
{
    CU_pSuite suite = CU_add_suite("core_number", NULL, NULL);
    CU_add_test(suite, "shortest text", test_text);
    CU_add_test(suite, "random values against libc", test_random);
    CU_add_test(suite, "decimal to double", test_from_decimal);
    CU_add_test(suite, "12 digits", test_round12);
    CU_add_test(suite, "digits in a body", test_digits);
}
