/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of an export as the operation takes them. */
#include "ctl_import.h"

#include "arena.h"
#include "buf.h"

#include <stdlib.h>

static const char *cell(const struct import_reading *reading, const struct erp_record *record,
                        enum erp_field field)
{
    size_t at = reading->columns.at[field];
    return at == ERP_NO_COLUMN || at >= record->n ? "" : record->cells[at];
}

static bool is_number(enum erp_field field)
{
    return field >= ERP_QUANTITY && field <= ERP_ANNUAL_FORECAST;
}

/* What most numbers of the chunk prove. */
enum erp_decimal import_decimal(const struct import_reading *reading,
                                const struct erp_record *records, size_t n)
{
    size_t points = 0, commas = 0;
    for (size_t i = 0; i < n; i++)
        for (enum erp_field field = 0; field < ERP_FIELDS; field++) {
            if (!is_number(field))
                continue;
            enum erp_decimal proof = erp_decimal_of(cell(reading, &records[i], field));
            points += proof == ERP_POINT;
            commas += proof == ERP_COMMA;
        }
    return points > commas ? ERP_POINT : commas ? ERP_COMMA : ERP_DECIMAL_UNKNOWN;
}

bool import_day_first(const struct import_reading *reading, struct arena *arena,
                      const struct erp_record *records, size_t n)
{
    bool proved[2] = {false, false};
    for (size_t i = 0; i < n; i++) {
        bool day_first;
        if (erp_date_proves(cell(reading, &records[i], ERP_OCCURRED_ON), arena, &day_first))
            proved[day_first] = true;
    }
    return proved[true] && !proved[false];
}

/* A cell as member of the row. What is blamed here, the field table finds nothing wrong with: a
   number stands in for it. */
static const char *put_number(const struct import_reading *reading, struct arena *arena,
                              struct buf *out, const char *name, const char *text)
{
    char number[ERP_NUMBER];
    switch (erp_number(text, reading->decimal, number)) {
    case ERP_READ:
        json_put_raw(out, name, number);
        break;
    case ERP_NO_NUMBER:
        json_put_int(out, name, 1);
        return arena_printf(arena, "%s: \"%s\" is not a number", name, text);
    case ERP_AMBIGUOUS:
        json_put_int(out, name, 1);
        return arena_printf(arena,
                            "%s: %s is a fraction or has its thousands grouped: say --decimal point"
                            " or --decimal comma",
                            name, text);
    }
    return NULL;
}

static const char *both(struct arena *arena, const char *one, const char *other)
{
    return !one ? other : !other ? one : arena_printf(arena, "%s; %s", one, other);
}

/* total_cost from its column, else from the cost of a piece. */
static const char *put_cost(const struct import_reading *reading, struct arena *arena,
                            const struct erp_record *record, struct buf *out)
{
    const char *total = cell(reading, record, ERP_TOTAL_COST);
    const char *unit = cell(reading, record, ERP_UNIT_COST);
    char price[ERP_NUMBER], quantity[ERP_NUMBER];
    if (*total || !*unit)
        return *total ? put_number(reading, arena, out, "total_cost", total) : NULL;
    if (erp_number(unit, reading->decimal, price) != ERP_READ ||
        erp_number(cell(reading, record, ERP_QUANTITY), reading->decimal, quantity) != ERP_READ)
        return put_number(reading, arena, out, "total_cost", unit);
    json_put_num(out, "total_cost", strtod(price, NULL) * strtod(quantity, NULL));
    return NULL;
}

const char *import_row_read(const struct import_reading *reading, struct arena *arena,
                            const struct erp_record *record, struct import_row *row,
                            struct buf *out)
{
    const char *fault = NULL;
    *row = (struct import_row){0};
    buf_reset(out, out->cap);
    if (record->n != reading->cells)
        return arena_printf(arena, "the row has %zu cells, the header %zu", record->n,
                            reading->cells);
    row->part_number = erp_part_number(cell(reading, record, ERP_PART_NUMBER), arena);
    json_object(out);
    for (enum erp_field field = 0; field < ERP_FIELDS; field++) {
        const char *name = erp_field_names[field], *text = cell(reading, record, field);
        if (field == ERP_TOTAL_COST)
            fault = both(arena, fault, put_cost(reading, arena, record, out));
        else if (!*text || field == ERP_UNIT_COST)
            continue;
        else if (is_number(field))
            fault = both(arena, fault, put_number(reading, arena, out, name, text));
        else
            json_put_text(out, name,
                          field == ERP_PART_NUMBER   ? row->part_number
                          : field == ERP_OCCURRED_ON ? erp_date(text, reading->day_first, arena)
                                                     : text);
    }
    json_object_end(out);
    row->json = arena_strndup(arena, out->data, out->len);
    return both(arena, fault, import_check(reading->operation, arena, row->json));
}
