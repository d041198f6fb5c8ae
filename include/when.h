/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates and moments. A date is days since 1970-01-01, a moment is UTC microseconds since then. */
#ifndef COSTWRIGHT_WHEN_H
#define COSTWRIGHT_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_NONE INT32_MIN
#define TIME_NONE INT64_MIN
#define DATE_TEXT 11 /* "2026-04-24" and NUL */
#define TIME_TEXT 28 /* "2026-04-24T09:30:00.123456Z" and NUL */

/* Proleptic Gregorian; real calendar dates of the years 1000 to 9999 only (what SQL DATE holds). */
bool date_parse(int32_t *date, const char *text, size_t len);
void date_text(int32_t date, char out[DATE_TEXT]);
int32_t date_from_ymd(int year, int month, int day);
void date_to_ymd(int32_t date, int *year, int *month, int *day);

/* RFC 3339: date, 'T' or space, time, optional fraction (6 digits kept), 'Z' or offset. */
bool time_parse(int64_t *time, const char *text, size_t len);
void time_text(int64_t time, char out[TIME_TEXT]);

int64_t time_now(void);       /* wall clock, UTC */
int64_t time_monotonic(void); /* microseconds since some start; never steps */
int32_t date_today(void);     /* UTC */

#endif
