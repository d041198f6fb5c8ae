/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_erp.c: an ERP's export, whatever it holds, becomes UTF-8 cells and JSON numbers */
#include "arena.h"
#include "ctl_erp.h"
#include "fuzz.h"
#include "json_text.h"

static void try_cell(struct arena *arena, const char *cell)
{
    char point[ERP_NUMBER], comma[ERP_NUMBER], either[ERP_NUMBER];
    const char *why;
    size_t where;
    must(utf8_valid(cell, strlen(cell)), "a cell is not UTF-8");
    bool as_point = erp_number(cell, ERP_POINT, point) == ERP_READ;
    bool as_comma = erp_number(cell, ERP_COMMA, comma) == ERP_READ;
    enum erp_reading reading = erp_number(cell, ERP_DECIMAL_UNKNOWN, either);
    must(!as_point || json_check(point, strlen(point), &why, &where), "a number is not JSON");
    must(!as_comma || json_check(comma, strlen(comma), &why, &where), "a number is not JSON");
    must((reading == ERP_NO_NUMBER) == (!as_point && !as_comma), "the readings disagree");
    must(reading != ERP_AMBIGUOUS || (as_point && as_comma && strcmp(point, comma) != 0),
         "a number is ambiguous without two readings");
    must(reading != ERP_READ || !as_point || !as_comma || !strcmp(point, comma),
         "two readings of one number");
    must(erp_decimal_of(cell) == ERP_DECIMAL_UNKNOWN || reading == ERP_READ,
         "no number proves a decimal sign");
    bool day_first;
    const char *month = erp_date(cell, false, arena), *day = erp_date(cell, true, arena);
    must(utf8_valid(month, strlen(month)) && utf8_valid(day, strlen(day)), "a date is not UTF-8");
    must(!erp_date_proves(cell, arena, &day_first) || (day_first ? month : day) == cell,
         "a date proves one order and is read in the other");
    must(strlen(erp_part_number(cell, arena)) <= strlen(cell), "a part number grew");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct erp_file file = {.in = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL};
    struct arena *arena = arena_new();
    struct erp_record record;
    struct erp_columns columns;
    size_t line = 0, width = 0;
    if (!file.in) {
        arena_free(arena);
        return 0;
    }
    for (int n = 0; n < 50 && erp_file_next(&file, arena, &record); n++) {
        must(record.line > line, "records do not follow each other");
        line = record.line;
        if (!width) {
            const char *fault = erp_columns_find(&columns, &record, NULL, 0, arena);
            width = record.n;
            for (size_t i = 0; i < ERP_FIELDS; i++)
                must(fault || columns.at[i] == ERP_NO_COLUMN || columns.at[i] < width,
                     "a column that is not there");
        }
        for (size_t i = 0; i < record.n; i++)
            try_cell(arena, record.cells[i]);
    }
    erp_file_close(&file);
    arena_free(arena);
    return 0;
}
