/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibrating calls: from the rows of a call to an activated run. */
#ifndef COSTWRIGHT_CALIBRATION_H
#define COSTWRIGHT_CALIBRATION_H

#include "buf.h"
#include "calc_driver_posterior.h"
#include "calibration_result.h"
#include "evidence_set.h"
#include "pricing_models.h"
#include "request.h"
#include "store_run.h"

/* One calibrating call, filled by its handler. */
struct calibration_call {
    const char *kind, *source; /* operation; where the rows come from */
    const char *list;          /* name of the rows in the body, for flaws */
    struct uuid org, env;      /* of the evidence; the platform's at platform scope */
    enum metric metric;
    double alpha, holdout; /* target miscoverage; share of rows set aside */
    bool replace;          /* drop the source's earlier rows */
    bool dry_run;          /* say what would change, store nothing */
    bool with_pending;     /* finalize: outcomes that no fit has used join in */
    bool repriced;         /* components changed under the active run: a new fit replaces it */
    const struct calibration_record_row *only; /* fit these of the evidence; NULL: all */
    size_t n_only;
    const char *notes;  /* finalize: kept with the run */
    const char *region; /* policy: whose seed; NULL: the default */
    struct evidence_new *rows;
    size_t n;
    struct calibration_result result; /* counters and lists of the call are preset */
};

/* Rows that cannot be fitted, counted by reason. */
#define LEFT_OUT_REASONS  24
#define LEFT_OUT_OLDER    "older_than_newest_rows"
#define LEFT_OUT_VERSION  "other_model_version"
#define LEFT_OUT_REVISION "revision_unknown"
struct left_out {
    const char *reason[LEFT_OUT_REASONS];
    size_t count[LEFT_OUT_REASONS];
    size_t n;
};
void left_out_add(struct left_out *left_out, const char *reason, size_t count);
/* As member left_out. */
void left_out_write(struct buf *out, const struct left_out *left_out);
/* The message, and how many there are, if any. */
const char *left_out_tell(struct arena *arena, const char *message,
                          const struct left_out *left_out);

/* Evidence with its components: what the driver posterior fits. rows[i] is of evidence[i]. */
struct calibration_rows {
    struct calc_driver_row *rows; /* keys are given by calibration_fit */
    const struct evidence **evidence;
    double *setup_split,
        *variable_split; /* the quote's own cost of an order and of a piece; NAN = unknown */
    size_t n;
    struct left_out left_out;
};

/* Prices evidence as it would be quoted, uncalibrated, on its own date: calibration_price.c. Orders
   of a revision with a learning curve follow one another by their dates; those of one day share
   its place. Rows whose components are a quote's: see calibration_quoted. */
enum err calibration_price(struct request *request, struct uuid env,
                           const struct pricing_models *models, const struct evidence_set *set,
                           struct calibration_rows *out);

/* A row whose components are those of the quote that predicted it. */
struct calibration_quote {
    const struct evidence *row;
    double c[4];          /* as that quote would say them now */
    const char *unpriced; /* why it cannot be priced; NULL: it is */
};
/* Fills c and unpriced: the row's own components, run and setup scaled from the times and the
   learning curve its quote was made with to those of models. The quote's machines, day, lot and
   units produced stay; where none of the scales has changed, so does every bit of c. One statement
   for what the quotes said, one for how they were made, none where nothing was ever scaled:
   calibration_quoted.c */
enum err calibration_quoted(struct request *request, struct uuid env, const struct price_book *book,
                            const struct pricing_models *models, struct calibration_quote *rows,
                            size_t n);

/* Both fits (measured and final), gate, packed posterior: calibration_fit.c. */
struct calibration_fit {
    struct arena *work;           /* what fit and its set lie in */
    struct calc_driver_fit fit;   /* of all rows; lives in the arena */
    struct calc_driver_view view; /* of posterior */
    struct field_raw posterior;
    struct calc_driver_evaluation held_out; /* of the first fit, on the rows set aside */
    size_t n_train, n_held;
    struct calc_driver_gate gate;
    bool has_active; /* the gate compares with an active fit, else with the plain price */
};
/* active: NULL when there is none. ERR_OK with out->posterior.text NULL: there are no rows. */
enum err calibration_fit(struct request *request, const struct calibration_call *call,
                         struct calibration_rows *rows, const struct calc_driver_view *active,
                         struct calibration_fit *out);

/* Gives the memory of fit.fit and its set back; its figures by value, view and posterior stay. */
void calibration_fit_release(struct calibration_fit *fit);

/* Bins that the answer of a fit shows: some shops name a bin of every order. The posterior has all.
 */
#define CALIBRATION_BINS_SHOWN 2000

/* result.fit, the figures and the message: calibration_report.c */
void calibration_report(struct request *request, const struct calibration_call *call,
                        const struct calibration_rows *rows, const struct calibration_fit *fit,
                        struct calibration_result *result);

/* "environment", "bin" or "part"; and what is known of driver k there, members driver to informed
   of an open object: calibration_report.c */
const char *calibration_level_text(enum calc_driver_level level);
void calibration_put_effect(struct buf *out, const struct calc_driver_view *view,
                            enum calc_driver_level level, size_t index, unsigned k);

/* Setup and variable cost per part of the ERP's orders, as member work_orders: calibration_orders.c
 */
void calibration_report_orders(struct request *request, const struct calibration_rows *rows,
                               struct buf *out);

/* One slot's share of a calibrating call, from its evidence to the run that is to be stored. */
struct calibration_step {
    struct calibration_call *call;
    const char *slot;
    struct uuid subject;  /* learning curve: part revision */
    struct active active; /* before this call */
    struct evidence_set set;
    struct run run; /* document and id are set by calibration_finish */
    struct calibration_result result;
    bool keep;              /* there is a run to store */
    bool activate;          /* it becomes active; without a run to store: nothing is any more */
    bool again;             /* the same evidence was fitted before: result is that run's answer */
    const char *check_slot; /* conformal: evidence that must not change meanwhile */
    struct active check;
};

/* What the fits of all metrics have in common: calibration_step.c */

/* Natural keys of the call's rows; ERR_VALIDATION_ERROR where rows contradict each other. */
enum err calibration_identify(struct request *request, struct calibration_call *call);
/* Of a request that brings rows of several metrics. */
enum err calibration_identify_all(struct request *request, struct calibration_call *calls,
                                  size_t n);
/* Stored evidence of the call's metric joined with its rows: sets set. */
enum err calibration_evidence(struct request *request, struct calibration_step *step,
                              bool with_pending);
/* The same as the call says, and what is active in the step's slot: sets active, too. */
enum err calibration_gather(struct request *request, struct calibration_step *step);
/* Looks for the run that step->run.basis led to: sets again and result. */
enum err calibration_again(struct request *request, struct calibration_step *step);
/* Starts the basis of a run: what every fit depends on; the caller adds and finishes. */
struct crypto_generichash_blake2b_state;
void calibration_basis(const struct calibration_step *step,
                       struct crypto_generichash_blake2b_state *state);

/* Fits of one metric, everything but the transaction. The evidence of unit cost is priced with what
   is active, and with the runs that changes are to activate. */
enum err calibration_unit_step(struct request *request, struct calibration_step *const *changes,
                               size_t n_changes, struct calibration_step *step);
enum err calibration_times_step(struct request *request, struct calibration_step *step);
enum err calibration_policy_step(struct request *request, struct calibration_step *step);

/* What prices rest on changes by the runs of steps that are to be activated: prices the evidence of
   unit cost with it and fits again. refit->call is set where they do change: then refit belongs to
   the transaction. calibration_follows(refit) is false where nothing was corrected, or its
   correction was taken out of use. refit->activate without keep: no evidence is left, and the
   correction that had learned from other prices goes. */
enum err calibration_refit(struct request *request, struct calibration_step *const *steps,
                           size_t n_steps, struct calibration_step *refit);

static inline bool calibration_follows(const struct calibration_step *refit)
{
    return refit->keep || refit->activate;
}

/* An earlier run of unit cost, with its posterior, is to be active again: where its rows are priced
   as they were then, it can be (refit->keep false); else those that are still there are fitted anew
   at the prices of now. */
enum err calibration_restore(struct request *request, const struct calibration_call *cause,
                             const struct run *run, struct calibration_step *refit);

/* Says in the answer that fit->refit was made. */
void calibration_refit_note(struct arena *arena, const struct calibration_step *refit,
                            struct calibration_result *result);

/* Adds a member to result.fit. */
void calibration_fit_add(struct arena *arena, struct calibration_result *result, const char *key,
                         const char *json);

/* One transaction for all steps, or nothing where dry_run asks for that or every step is there
   already; answers *result, which is the first step's or made of several. */
enum err calibration_finish(struct request *request, struct calibration_step *const *steps,
                            size_t n_steps, struct calibration_result *result);

/* The transaction alone, for what is no calibrating call. */
enum err calibration_commit(struct request *request, struct calibration_step *const *steps,
                            size_t n_steps, const char *answer);

/* Everything after the rows are known: merge, price, fit, gate, one transaction, answer. */
enum err calibration_unit_cost(struct request *request, struct calibration_call *call);
/* The same for any metric. */
enum err calibration_metric(struct request *request, struct calibration_call *call);

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
