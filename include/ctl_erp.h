/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exports of ERP systems as costwrightctl import-erp reads them: records, columns, values. */
#ifndef COSTWRIGHT_CTL_ERP_H
#define COSTWRIGHT_CTL_ERP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct arena;
struct buf;

/* In the order of the alias table; named as the members of a work order, and unit_cost. */
enum erp_field {
    ERP_PART_NUMBER,
    ERP_WORK_ORDER_ID,
    ERP_QUANTITY,
    ERP_TOTAL_COST,
    ERP_UNIT_COST,
    ERP_ANNUAL_FORECAST,
    ERP_BIN,
    ERP_OCCURRED_ON,
    ERP_FIELDS
};
extern const char *const erp_field_names[ERP_FIELDS];

/* A CSV file while it is read, record by record. */
struct erp_file {
    FILE *in;
    char separator; /* comma, semicolon or tab: which the header has most of */
    bool mark;      /* begins with a byte order mark */
    size_t line;    /* lines read so far */
    char *text;     /* of getline */
    size_t cap;
    const char *fault; /* why reading ended before the end of the file; NULL: it did not */
};

struct erp_record {
    size_t line;        /* where it begins, from 1 */
    const char *text;   /* its bytes as they came, without the line's end */
    const char **cells; /* UTF-8: what is not is read as Windows-1252; without blanks around */
    size_t n;
};

/* name "-": standard input. false with errno set. */
bool erp_file_open(struct erp_file *file, const char *name);
void erp_file_close(struct erp_file *file);
/* The next record that is not empty, in arena; the first one is the header. false: there is none,
   or fault is set (a quoted cell that does not end, bytes that are no text, a read error). */
bool erp_file_next(struct erp_file *file, struct arena *arena, struct erp_record *record);

#define ERP_NO_COLUMN ((size_t)-1)

/* Which column holds a field. */
struct erp_columns {
    size_t at[ERP_FIELDS];
};

/* Finds the columns by "field=column" texts and, for fields that none names, by the alias table.
   Names are compared without case, blanks and punctuation. NULL, or what is wrong, in arena. */
const char *erp_columns_find(struct erp_columns *columns, const struct erp_record *header,
                             const char *const *maps, size_t n_maps, struct arena *arena);

enum erp_decimal { ERP_DECIMAL_UNKNOWN, ERP_POINT, ERP_COMMA };

/* What a number proves about its file: 1,5 a comma, 1,234.5 a point, 1,234 and 7 nothing. */
enum erp_decimal erp_decimal_of(const char *text);

#define ERP_NUMBER 48 /* room for a number as JSON writes it */

enum erp_reading { ERP_READ, ERP_NO_NUMBER, ERP_AMBIGUOUS };
/* Thousands may be grouped by the other sign, by blanks or apostrophes; a minus may stand behind.
   ERP_AMBIGUOUS: 1,234 where the decimal sign is not known. */
enum erp_reading erp_number(const char *text, enum erp_decimal decimal, char out[ERP_NUMBER]);

/* Whether a date with slashes has a day above 12, and with it the order of its file: 24/04/2026 has
   the day first, 04/24/2026 the month. */
bool erp_date_proves(const char *text, struct arena *arena, bool *day_first);
/* 2026-04-24 from that, 20260424, 24.04.2026 or 04/24/2026 (day_first: 24/04/2026), leading noughts
   of day and month and a time of day behind it or not; any other text stays as it is, for the field
   table to refuse. */
const char *erp_date(const char *text, bool day_first, struct arena *arena);

/* The number in "[NUMBER] Name", which Odoo prints for a product; else the text. */
const char *erp_part_number(const char *text, struct arena *arena);

#endif
