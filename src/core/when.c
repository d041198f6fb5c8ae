/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates and moments: calendar arithmetic, reading, printing, clocks. */
#include "when.h"

#include <time.h>

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)

/* The calendar repeats every 400 years = 146,097 days. Counting years from 1 March puts the leap
   day last, so that a month's first day in its year is (153 m + 2) / 5 for m = 0 (March) to 11. */
#define ERA_DAYS   146097
#define EPOCH_DAYS 719468 /* days from 0000-03-01 to 1970-01-01 */

static int floor_div(int a, int b)
{
    return a / b - (a % b < 0);
}

int32_t date_from_ymd(int year, int month, int day)
{
    year -= month <= 2;
    int era = floor_div(year, 400);
    int year_of_era = year - era * 400;
    int day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_DAYS;
}

void date_to_ymd(int32_t date, int *year, int *month, int *day)
{
    /* beyond the years that any date here can have, the sum below could overflow */
    int days = date > INT32_MAX - EPOCH_DAYS ? INT32_MAX : date + EPOCH_DAYS;
    int era = floor_div(days, ERA_DAYS);
    int day_of_era = days - era * ERA_DAYS;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int march_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* n digits at text, or -1 */
static int digits(const char *text, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool date_parse(int32_t *date, const char *text, size_t len)
{
    if (len != DATE_TEXT - 1 || text[4] != '-' || text[7] != '-')
        return false;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    if (year < 1000 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return false;
    *date = date_from_ymd(year, month, day);
    return true;
}

static void put_digits(char *out, int n, int64_t value)
{
    while (n--) {
        out[n] = (char)('0' + value % 10);
        value /= 10;
    }
}

void date_text(int32_t date, char out[DATE_TEXT])
{
    int year, month, day;
    date_to_ymd(date, &year, &month, &day);
    put_digits(out, 4, year < 0 ? 0 : year);
    put_digits(out + 5, 2, month);
    put_digits(out + 8, 2, day);
    out[4] = out[7] = '-';
    out[DATE_TEXT - 1] = '\0';
}

/* "Z", "+hh:mm" or "-hh:mm" as microseconds east of UTC */
static bool zone_parse(int64_t *east, const char *text, size_t len)
{
    *east = 0;
    if (len == 1)
        return *text == 'Z' || *text == 'z';
    if (len != 6 || (*text != '+' && *text != '-') || text[3] != ':')
        return false;
    int hour = digits(text + 1, 2), minute = digits(text + 4, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    *east = (hour * 60 + minute) * 60 * SECOND;
    if (*text == '-')
        *east = -*east;
    return true;
}

bool time_parse(int64_t *time, const char *text, size_t len)
{
    int32_t date;
    /* the shortest is 2026-04-24T09:30:00Z */
    if (len < 20 || !date_parse(&date, text, 10) ||
        (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' ||
        text[16] != ':')
        return false;
    int hour = digits(text + 11, 2), minute = digits(text + 14, 2), second = digits(text + 17, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    size_t at = 19;
    int64_t fraction = 0;
    if (text[at] == '.') {
        int64_t unit = SECOND / 10;
        size_t first = ++at;
        for (; at < len && text[at] >= '0' && text[at] <= '9'; at++, unit /= 10)
            fraction += (text[at] - '0') * unit;
        if (at == first)
            return false;
    }
    int64_t east;
    if (at >= len || !zone_parse(&east, text + at, len - at))
        return false;
    int64_t moment = date * DAY + ((hour * 60 + minute) * 60 + second) * SECOND + fraction - east;
    if (moment < date_from_ymd(1000, 1, 1) * DAY || moment >= date_from_ymd(10000, 1, 1) * DAY)
        return false;
    *time = moment;
    return true;
}

void time_text(int64_t time, char out[TIME_TEXT])
{
    int64_t rest = time % DAY;
    if (rest < 0)
        rest += DAY;
    date_text((int32_t)((time - rest) / DAY), out);
    out[10] = 'T';
    put_digits(out + 11, 2, rest / (3600 * SECOND));
    put_digits(out + 14, 2, rest / (60 * SECOND) % 60);
    put_digits(out + 17, 2, rest / SECOND % 60);
    put_digits(out + 20, 6, rest % SECOND);
    out[13] = out[16] = ':';
    out[19] = '.';
    out[26] = 'Z';
    out[TIME_TEXT - 1] = '\0';
}

static int64_t clock_microseconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * SECOND + now.tv_nsec / 1000;
}

int64_t time_now(void)
{
    return clock_microseconds(CLOCK_REALTIME);
}

int64_t time_monotonic(void)
{
    return clock_microseconds(CLOCK_MONOTONIC);
}

int32_t date_today(void)
{
    return (int32_t)(time_now() / DAY);
}
