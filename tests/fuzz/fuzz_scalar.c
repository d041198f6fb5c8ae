/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_scalar.c: dates, moments, identifiers and numbers against libc and their own printing */
#include "buf.h"
#include "fuzz.h"
#include "number.h"
#include "uuid.h"
#include "when.h"

#include <ctype.h>
#include <math.h>
#include <strings.h>
#include <time.h>

/* Digits of libc's idea of this day, or false where its calendar has none. */
static bool calendar_day(const char *text, size_t len, int64_t *seconds)
{
    struct tm tm = {.tm_isdst = 0}, back;
    if (len < 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (size_t i = 0; i < 10; i++)
        if (i != 4 && i != 7 && !isdigit((unsigned char)text[i]))
            return false;
    tm.tm_year = atoi(text) - 1900;
    tm.tm_mon = atoi(text + 5) - 1;
    tm.tm_mday = atoi(text + 8);
    if (tm.tm_year < 1000 - 1900)
        return false;
    time_t time = timegm(&tm);
    gmtime_r(&time, &back);
    *seconds = time;
    return back.tm_year + 1900 == atoi(text) && back.tm_mon + 1 == atoi(text + 5) &&
           back.tm_mday == atoi(text + 8);
}

static void try_date(const char *text, size_t len)
{
    int32_t date = 17;
    int64_t seconds;
    char out[DATE_TEXT];
    bool good = date_parse(&date, text, len);
    must(good == (len == 10 && calendar_day(text, len, &seconds)), "libc has another calendar");
    must(good || date == 17, "a date that is none was left");
    if (!good)
        return;
    must((int64_t)date * 86400 == seconds, "a date is another day of libc's");
    date_text(date, out);
    must(!memcmp(out, text, 10), "a date prints as another");
}

static void try_time(const char *text, size_t len)
{
    int64_t time = 17, again, day;
    char out[TIME_TEXT];
    if (!time_parse(&time, text, len)) {
        must(time == 17, "a moment that is none was left");
        return;
    }
    must(calendar_day(text, len, &day), "a moment of no day");
    must(llabs(time / 1000000 - day) < 2 * 86400 + 1, "a moment is not of its day");
    time_text(time, out);
    must(time_parse(&again, out, strlen(out)) && again == time, "a moment prints as another");
}

static void try_uuid(const char *text, size_t len)
{
    struct uuid id;
    char out[UUID_TEXT];
    bool wanted = len == 36;
    for (size_t i = 0; i < len && wanted; i++)
        wanted = i == 8 || i == 13 || i == 18 || i == 23 ? text[i] == '-'
                                                         : isxdigit((unsigned char)text[i]) != 0;
    must(uuid_parse(&id, text, len) == wanted, "an identifier that is none, or the reverse");
    if (!wanted)
        return;
    uuid_text(&id, out);
    must(!strncasecmp(out, text, 36) && strlen(out) == 36, "an identifier prints as another");
}

/* The number prints as something that reads back equal, and nothing with fewer digits does. */
static void try_number(double value)
{
    char text[NUMBER_TEXT], shorter[64];
    if (!isfinite(value))
        return;
    size_t len = number_text(text, value), digits = 0;
    must(len == strlen(text) && len < NUMBER_TEXT, "a number's length");
    double back = strtod(text, NULL);
    must(!memcmp(&back, &value, sizeof value) || (value == 0 && back == 0), "reads back unequal");
    bool leading = true;
    size_t zeros = 0;
    for (const char *p = text; *p && *p != 'e'; p++) {
        leading = leading && (*p == '0' || *p == '.' || *p == '-');
        if (!isdigit((unsigned char)*p) || leading)
            continue;
        zeros = *p == '0' ? zeros + 1 : 0;
        digits++;
    }
    digits -= zeros;
    if (digits > 1) {
        snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, value);
        must(strtod(shorter, NULL) != value, "there is a shorter decimal");
    }
    double rounded = number_round12(value);
    snprintf(shorter, sizeof shorter, "%.11e", value);
    must(rounded == strtod(shorter, NULL) || !isfinite(strtod(shorter, NULL)),
         "twelve digits are not libc's");
}

static void try_decimal(const uint8_t *data)
{
    uint64_t digits;
    double value = 17;
    char text[64];
    int exponent = (int8_t)data[8];
    memcpy(&digits, data, sizeof digits);
    if (!number_from_decimal(&value, digits, exponent)) {
        must(value == 17, "a number was left");
        return;
    }
    snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent);
    must(value == strtod(text, NULL), "digits are not rounded as libc does");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1); /* its end is guarded: what looks behind it shows */
    memcpy(text, data, size);
    text[size] = '\0';
    try_date(text, size);
    try_time(text, size);
    try_uuid(text, size);
    if (size >= sizeof(double)) {
        double value;
        memcpy(&value, data, sizeof value);
        try_number(value);
    }
    try_number(strtod(text, NULL));
    if (size > 8)
        try_decimal(data);
    free(text);
    return 0;
}
