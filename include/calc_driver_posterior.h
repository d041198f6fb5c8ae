/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_posterior.h: the packed driver posterior - quotes, reports and the gate read it */
#ifndef CALC_DRIVER_POSTERIOR_H
#define CALC_DRIVER_POSTERIOR_H

#include "calc_driver.h"

/*
 * A fit is packed into one record that is stored, read back by other processes and used in place: a
 * view points into the record and nothing per part is copied. The record may lie at any alignment
 * and must outlive the view. It is the same bytes whatever the order of the rows was and whatever
 * machine wrote it (little-endian, IEEE 754).
 *
 *   header 320 bytes | groups 40 each | bins 24 + 8(k+t) | units 16 + 8(k+t) | keys 8 | texts
 *
 * with k drivers, t = k(k+1)/2. Four drivers and ids of 36 characters: 164 bytes per unit, 8 more
 * per row if rows carry keys.
 */

/* Bytes of the record of a fit. */
size_t calc_driver_pack_size(const struct calc_driver_fit *fit);

/* Write the record. CALC_SIZE: size is less than calc_driver_pack_size(). */
enum calc_status calc_driver_pack(const struct calc_driver_fit *fit, void *record, size_t size);

/* What is read once; the rest stays in the record. Meanings as in struct calc_driver_fit. */
struct calc_driver_view {
    enum calc_driver_model model;
    unsigned k;
    enum calc_driver_name driver[CALC_DRIVER_MAX];
    unsigned present; /* bit d: component d is one of the drivers (drivers only) */
    double alpha, s;
    double tau_bin[CALC_DRIVER_MAX], tau_part[CALC_DRIVER_MAX];
    double mu[CALC_DRIVER_MAX], mu_var[10];
    double mean_share[CALC_DRIVER_MAX];
    size_t n_rows, n_units, n_bins, n_groups, n_keys;
    size_t main_group;
    size_t active_posterior_count;
    const unsigned char *group, *bin, *unit, *key, *text; /* sections of the record */
};

/*
 * Open a record. CALC_DOMAIN: it is not a complete, unaltered record of this version (checksum,
 * every count, offset, index, order and number is checked, so nothing read later can leave it).
 */
enum calc_status calc_driver_unpack(struct calc_driver_view *view, const void *record, size_t size);

struct calc_driver_view_bin {
    struct calc_key label;
    size_t n_rows, first_unit, n_units;
};

struct calc_driver_view_unit {
    struct calc_key part;
    size_t n_rows;
};

/* Entry i of the record; i has to be below the count in the view. */
struct calc_driver_group calc_driver_view_group(const struct calc_driver_view *view, size_t i);
struct calc_driver_view_bin calc_driver_view_bin(const struct calc_driver_view *view, size_t i);
struct calc_driver_view_unit calc_driver_view_unit(const struct calc_driver_view *view, size_t i);

/* Index of a bin, and of a part in a bin. false if there is none. O(log n). */
bool calc_driver_find_bin(const struct calc_driver_view *view, struct calc_key label, size_t *bin);
bool calc_driver_find_unit(const struct calc_driver_view *view, size_t bin, struct calc_key part,
                           size_t *unit);

/* The bin a part has most rows in (the bytewise first of equals). false: part unknown. O(log n). */
bool calc_driver_usual_bin(const struct calc_driver_view *view, struct calc_key part, size_t *bin);

/* Was a row with this key fitted? Always false for a fit of rows without keys. O(log n). */
bool calc_driver_has_key(const struct calc_driver_view *view, uint64_t key);

enum calc_driver_level {
    CALC_DRIVER_ENVIRONMENT, /* index 0 */
    CALC_DRIVER_IN_BIN,      /* index of a bin */
    CALC_DRIVER_IN_PART,     /* index of a unit */
};

struct calc_driver_effect {
    double theta, sd;                /* ln of the correction factor, and its standard deviation */
    double multiplier, lower, upper; /* e^theta and its central 90 % interval */
    double informed;                 /* max(0, 1 - variance / prior variance), in 0..1 */
    bool has_informed;               /* false for identity */
};

/* Effect of driver k (below view->k) at a level. */
struct calc_driver_effect calc_driver_effect(const struct calc_driver_view *view,
                                             enum calc_driver_level level, size_t index,
                                             unsigned k);

/* Where a quote stands: found once, used for every lot size of the part. */
struct calc_driver_site {
    enum calc_driver_level level;         /* of the location used */
    size_t index;                         /* bin or unit, 0 for the environment */
    size_t group;                         /* conformal group, by history */
    double phi[CALC_DRIVER_MAX], var[10]; /* location; covariance of the predicted part's own */
};

/*
 * Part known in this bin: its posterior; else bin known: bin plus between-part variance; else the
 * environment plus both. bin.s = NULL: bin unknown ("" is a bin like any other).
 */
void calc_driver_locate(const struct calc_driver_view *view, struct calc_key bin,
                        struct calc_key part, struct calc_driver_site *site);

struct calc_driver_prediction {
    double log_median;                  /* ln of the predicted actual cost; mean: + sigma^2 / 2 */
    double sigma;                       /* its standard deviation */
    double log_factor[CALC_DRIVER_MAX]; /* correction of each component, ln */
    bool bounded;                       /* false: no interval, the last three are 0 */
    double q;
    double log_lower, log_upper; /* log_median -+ q sigma */
};

/*
 * Predict one row (its c, or predicted where all c are 0: split by the mean shares of the fit). A
 * cost of a component that was 0 in all evidence enters uncorrected, with the prior's variance.
 * CALC_DOMAIN: a cost is negative or not finite, or none is positive.
 */
enum calc_status calc_driver_price(const struct calc_driver_view *view,
                                   const struct calc_driver_site *site,
                                   const struct calc_driver_row *row,
                                   struct calc_driver_prediction *out);

/* Locate and price a row by its own bin and part; site may be NULL. */
enum calc_status calc_driver_predict(const struct calc_driver_view *view,
                                     const struct calc_driver_row *row,
                                     struct calc_driver_site *site,
                                     struct calc_driver_prediction *out);

/*
 * Basis of a group's interval: its name, and how its quantile was obtained unless it is its own:
 * "part4", "bin:SUP-A", "part1/borrowed:bin". Writes at most size bytes, always terminated, and
 * returns the full length without the terminator (snprintf's convention).
 */
size_t calc_driver_basis(const struct calc_driver_view *view, size_t group, char *text,
                         size_t size);

/* Errors and coverage on rows the fit has not seen. */
struct calc_driver_evaluation {
    struct calc_driver_metrics error;
    size_t n_interval; /* rows with a bounded interval */
    double coverage;   /* share of them inside; 0 if there are none */
};

size_t calc_driver_evaluate_size(size_t n);

/*
 * Predict n rows and compare with their actuals; independent of their order. CALC_DOMAIN: a row
 * cannot be priced or its actual is not positive and finite. CALC_SIZE: memory too small.
 */
enum calc_status calc_driver_evaluate(const struct calc_driver_view *view,
                                      const struct calc_driver_row *rows, size_t n, void *memory,
                                      size_t size, struct calc_driver_evaluation *out);

enum calc_driver_verdict {
    CALC_DRIVER_IMPROVED,
    CALC_DRIVER_NOT_IMPROVED,
    CALC_DRIVER_TOO_FEW, /* "insufficient_data" */
};

/* "improved", "not_improved", "insufficient_data". */
const char *calc_driver_verdict_text(enum calc_driver_verdict verdict);

struct calc_driver_gate {
    enum calc_driver_verdict verdict;
    size_t new_rows, units; /* compared */
    double gain;            /* mean difference of held-out log density per unit; 0 without rows */
    double se;              /* its standard error */
    bool has_se;            /* at least two units */
};

size_t calc_driver_gate_size(const struct calc_driver_set *set);

/*
 * Should the new fit replace the active one? Compares, on the rows the active one has not fitted,
 * the new fit's held-out predictions with the active one's; both with their scale corrected on
 * these rows. active = NULL: none, compare all rows with the uncorrected should-cost. known[i] !=
 * 0: row i of the set's input was fitted by the active one, with the same content (NULL: none was).
 */
enum calc_status calc_driver_gate(const struct calc_driver_fit *fit,
                                  const struct calc_driver_view *active, const uint8_t *known,
                                  void *memory, size_t size, struct calc_driver_gate *out);

#endif
