/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A chunk of work orders on its way into the operation that the HTTP interface has. */
#ifndef COSTWRIGHT_CTL_IMPORT_H
#define COSTWRIGHT_CTL_IMPORT_H

#include "calibration_result.h"
#include "ctl.h"
#include "ctl_erp.h"
#include "operation.h"
#include "uuid.h"

#include <stdbool.h>

struct buf;

#define IMPORT_CHUNK 20000 /* rows of one call: what the operation takes at most */

/* A row of the chunk: the JSON that stands for it, and why it is not taken in. */
struct import_row {
    const char *json;        /* NULL: rejected before it was sent */
    const char *part_number; /* as sent */
    const char *reason;      /* NULL: taken in */
};

/* How the rows of a file are read. */
struct import_reading {
    const struct operation *operation;
    struct erp_columns columns;
    enum erp_decimal decimal;
    bool day_first; /* of dates with slashes */
    size_t cells;   /* of the header */
};

/* What most numbers of the records prove. */
enum erp_decimal import_decimal(const struct import_reading *reading,
                                const struct erp_record *records, size_t n);
/* Whether their dates with slashes have the day first: some prove it and none the opposite. */
bool import_day_first(const struct import_reading *reading, struct arena *arena,
                      const struct erp_record *records, size_t n);
/* The record as row; out is working room. NULL, or why it is rejected. */
const char *import_row_read(const struct import_reading *reading, struct arena *arena,
                            const struct erp_record *record, struct import_row *row,
                            struct buf *out);

/* One call of the operation. */
struct import_call {
    struct ctl *ctl;
    struct arena *arena; /* of the chunk: holds what is answered */
    const struct operation *operation;
    struct uuid org, env;
    bool replace, dry_run;
    const char *alpha; /* a JSON number; NULL: the operation's default */
    struct import_row *rows;
    size_t n;

    struct calibration_result result;
    bool sent;   /* false: no row was left to send */
    bool stored; /* false: the same evidence was there before, or it was a dry run */
};

/* Reads the row at json by the operation's field table. NULL, or its flaws in words. */
const char *import_check(const struct operation *operation, struct arena *arena, const char *json);
/* Sends the rows that have no reason against them. Rows that the operation refuses, or whose part
   nobody knows, get a reason and the others are sent again. An exit status; errors are said. */
int import_send(struct import_call *call);

#endif
