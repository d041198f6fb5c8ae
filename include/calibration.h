/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration of unit cost: from the rows of a call to an activated run. */
#ifndef COSTWRIGHT_CALIBRATION_H
#define COSTWRIGHT_CALIBRATION_H

#include "buf.h"
#include "calc_driver_posterior.h"
#include "calibration_result.h"
#include "evidence_set.h"
#include "request.h"
#include "store_run.h"

/* One calibrating call, filled by its handler. */
struct calibration_call {
    const char *kind, *source; /* operation; where the rows come from */
    const char *list;          /* name of the rows in the body, for flaws */
    struct uuid env;
    double alpha, holdout; /* target miscoverage; share of rows set aside */
    bool replace;          /* drop the source's earlier rows */
    bool dry_run;          /* say what would change, store nothing */
    bool with_pending;     /* finalize: outcomes that no fit has used join in */
    struct evidence_new *rows;
    size_t n;
    struct calibration_result result; /* counters and lists of the call are preset */
};

/* Rows that cannot be fitted, counted by reason. */
#define LEFT_OUT_REASONS 24
struct left_out {
    const char *reason[LEFT_OUT_REASONS];
    size_t count[LEFT_OUT_REASONS];
    size_t n;
};
void left_out_add(struct left_out *left_out, const char *reason, size_t count);

/* Evidence with its components: what the driver posterior fits. rows[i] is of evidence[i]. */
struct calibration_rows {
    struct calc_driver_row *rows;
    const struct evidence **evidence;
    double *setup_split,
        *variable_split; /* the quote's own cost of an order and of a piece; NAN = unknown */
    size_t n;
    struct left_out left_out;
};

/* Prices evidence as it would be quoted, uncalibrated, on its own date: calibration_price.c. */
enum err calibration_price(struct request *request, struct uuid env, const struct evidence_set *set,
                           struct calibration_rows *out);

/* Both fits (measured and final), gate, packed posterior: calibration_fit.c. */
struct calibration_fit {
    struct calc_driver_fit fit;   /* of all rows; lives in the arena */
    struct calc_driver_view view; /* of posterior */
    struct field_raw posterior;
    struct calc_driver_evaluation held_out; /* of the first fit, on the rows set aside */
    size_t n_train, n_held;
    struct calc_driver_gate gate;
};
/* active: NULL when there is none. ERR_OK with out->posterior.text NULL: there are no rows. */
enum err calibration_fit(struct request *request, const struct calibration_call *call,
                         const struct calibration_rows *rows, const struct calc_driver_view *active,
                         struct calibration_fit *out);

/* result.fit, the figures and the message: calibration_report.c */
void calibration_report(struct request *request, const struct calibration_call *call,
                        const struct calibration_rows *rows, const struct calibration_fit *fit,
                        struct calibration_result *result);

/* Setup and variable cost per part of the ERP's orders, as member work_orders: calibration_orders.c
 */
void calibration_report_orders(struct request *request, const struct calibration_rows *rows,
                               struct buf *out);

/* Everything after the rows are known: merge, price, fit, gate, one transaction, answer. */
enum err calibration_unit_cost(struct request *request, struct calibration_call *call);

/* The rows fitted as one record: calibration_record.c
     "CWRR", u32 version, u64 n, n times {natural 16, content 16, revision 16, part 16, f64
   lot_size, f64 c[4], f64 actual, u32 bin}, u32 n_bins, per bin {u32 length, bytes}, 32-byte
   checksum of all before; little-endian. */
struct field_raw calibration_record_pack(struct arena *arena, const struct calibration_rows *rows);

struct calibration_record_row {
    struct evidence_hash natural, content;
    struct uuid revision, part;
    double lot_size, c[4], actual;
    const char *bin;
};
/* ERR_INTERNAL: not a whole, unaltered record of this version. */
enum err calibration_record_unpack(struct arena *arena, const struct field_raw *record,
                                   struct calibration_record_row **rows, size_t *n);

#endif
