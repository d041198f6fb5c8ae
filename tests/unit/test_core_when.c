/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_core_when.c: dates and moments */
#include "when.h"

#include <CUnit/CUnit.h>
#include <string.h>

void suite_core_when(void);

/* Day numbers from GNU date: date -ud 2026-04-24 +%s divided by 86400. */
static const struct {
    const char *text;
    int32_t date;
} date_cases[] = {
    {"1970-01-01", 0},      {"1969-12-31", -1},      {"2026-04-24", 20567},   {"2000-02-29", 11016},
    {"1900-03-01", -25508}, {"1000-01-01", -354285}, {"9999-12-31", 2932896},
};

static const char *const bad_dates[] = {
    "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01",  "2026-00-10", "2026-01-00",
    "0999-12-31", "2026-4-24",  "2026/04/24", "2026-04-24 ", " 026-04-24", "",
    "20260424",   "2026-04-2x", "+026-04-24", "2026-04-24T",
};

static void test_dates(void)
{
    for (size_t i = 0; i < sizeof date_cases / sizeof *date_cases; i++) {
        int32_t date = 77;
        char text[DATE_TEXT];
        CU_ASSERT(date_parse(&date, date_cases[i].text, strlen(date_cases[i].text)));
        CU_ASSERT_EQUAL(date, date_cases[i].date);
        date_text(date, text);
        CU_ASSERT_STRING_EQUAL(text, date_cases[i].text);
    }
    for (size_t i = 0; i < sizeof bad_dates / sizeof *bad_dates; i++) {
        int32_t date = 77;
        CU_ASSERT(!date_parse(&date, bad_dates[i], strlen(bad_dates[i])));
        CU_ASSERT_EQUAL(date, 77);
    }
}

/* every day of eight hundred years, one after the other */
static void test_calendar(void)
{
    int wrong = 0, last_day = 0, last_month = 0;
    for (int32_t date = date_from_ymd(1600, 1, 1); date < date_from_ymd(2400, 1, 1); date++) {
        int year, month, day;
        date_to_ymd(date, &year, &month, &day);
        wrong += date_from_ymd(year, month, day) != date;
        wrong += !(day == last_day + 1 || (day == 1 && month == last_month % 12 + 1) || !last_day);
        last_day = day;
        last_month = month;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static const struct {
    const char *text, *printed; /* printed NULL: refused */
} time_cases[] = {
    {"2026-04-24T09:30:00Z", "2026-04-24T09:30:00.000000Z"},
    {"2026-04-24 09:30:00.5z", "2026-04-24T09:30:00.500000Z"},
    {"2026-04-24t09:30:00.1234567Z", "2026-04-24T09:30:00.123456Z"},
    {"2026-04-24T00:30:00+02:00", "2026-04-23T22:30:00.000000Z"},
    {"2026-12-31T23:30:00-00:45", "2027-01-01T00:15:00.000000Z"},
    {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
    {"1000-01-01T00:00:00+00:01", NULL},
    {"9999-12-31T23:59:59-00:01", NULL},
    {"2026-04-24T24:00:00Z", NULL},
    {"2026-04-24T23:60:00Z", NULL},
    {"2026-04-24T23:59:60Z", NULL},
    {"2026-04-24T09:30:00", NULL},
    {"2026-04-24T09:30:00.Z", NULL},
    {"2026-04-24T09:30:00.5", NULL},
    {"2026-04-24T09:30Z", NULL},
    {"2026-04-24T09:30:00+0200", NULL},
    {"2026-04-24T09:30:00+24:00", NULL},
    {"2026-04-24T09:30:00+02:60", NULL},
    {"2026-04-24T09:30:00ZZ", NULL},
    {"2026-02-30T09:30:00Z", NULL},
    {"", NULL},
};

static void test_times(void)
{
    for (size_t i = 0; i < sizeof time_cases / sizeof *time_cases; i++) {
        int64_t time = 77;
        char text[TIME_TEXT];
        bool good = time_parse(&time, time_cases[i].text, strlen(time_cases[i].text));
        CU_ASSERT_EQUAL(good, time_cases[i].printed != NULL);
        if (!good) {
            CU_ASSERT_EQUAL(time, 77);
            continue;
        }
        time_text(time, text);
        CU_ASSERT_STRING_EQUAL(text, time_cases[i].printed);
    }
}

static void test_clocks(void)
{
    int64_t before = time_monotonic(), now = time_now();
    CU_ASSERT(now > INT64_C(1700000000) * 1000000);
    CU_ASSERT_EQUAL(date_today(), (int32_t)(time_now() / 86400 / 1000000));
    CU_ASSERT(time_monotonic() >= before);
}

void suite_core_when(void)
{
    CU_pSuite suite = CU_add_suite("core_when", NULL, NULL);
    CU_add_test(suite, "dates", test_dates);
    CU_add_test(suite, "calendar", test_calendar);
    CU_add_test(suite, "moments", test_times);
    CU_add_test(suite, "clocks", test_clocks);
}
