/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver.h: the driver posterior - what the actual costs say about every cost driver */
#ifndef CALC_DRIVER_H
#define CALC_DRIVER_H

#include "calc_order.h"
#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Model. A row is one actual unit cost y = ln(actual) of a part made in a bin, with the should-cost
 * split into drivers c = (material, run, setup, other):
 *
 *     y = ln sum_k e^{phi_k} c_k + s eps          eps ~ t_4
 *     phi_part = theta_bin + v                    v_k ~ t_4(0, tau_part,k^2)
 *     theta_bin = mu + u                          u_k ~ N(0, tau_bin,k^2)
 *     mu ~ N(0, Omega)                            Omega = 0.25 (0.5 11' + 0.5 I)
 *
 * The *unit* of the model is (bin, part): the same part in another bin is another unit. Three
 * candidates are fitted and the simplest that predicts held-out rows as well as the best is kept:
 * identity (no correction), bias (one driver, the total) and drivers. s and tau are empirical-Bayes
 * estimates, pooled over the drivers. Intervals are conformal quantiles of |r| / sigma of held-out
 * rows, by how much history the predicted part has (Mondrian).
 *
 * Use: calc_driver_set_build() orders rows, calc_driver_fit() fits, calc_driver_pack() of
 * calc_driver_posterior.h makes the record that quotes, reports and the next gate read.
 * Memory comes from the caller; the size functions say how much. Results do not depend on the order
 * of the rows: they are bit-identical. All logarithms are natural; costs may be in any one
 * currency.
 */

enum { CALC_DRIVER_MAX = 4 };

enum calc_driver_model {
    CALC_DRIVER_IDENTITY, /* the should-cost as it is */
    CALC_DRIVER_BIAS,     /* one driver: the total */
    CALC_DRIVER_DRIVERS,  /* two to four drivers */
};

enum calc_driver_name {
    CALC_DRIVER_MATERIAL,
    CALC_DRIVER_RUN,
    CALC_DRIVER_SETUP,
    CALC_DRIVER_OTHER,
    CALC_DRIVER_TOTAL,
};

/* "identity", "bias", "drivers" / "material", "run", "setup", "other", "total". */
const char *calc_driver_model_text(enum calc_driver_model model);
const char *calc_driver_name_text(enum calc_driver_name name);

/*
 * One row of evidence, or (with lot_size, actual and key ignored) one quote.
 * Domain: c_k, lot_size >= 0 and finite (a component or lot size that is absent is 0); if all c are
 * 0 the row has a total only: predicted > 0 and finite, otherwise predicted is ignored; actual > 0
 * and finite. The texts need not be terminated and are not copied by calc_driver_set_build().
 */
struct calc_driver_row {
    struct calc_key bin;  /* "" = the row names none; in a quote s = NULL means unknown */
    struct calc_key part; /* any bytes: text or a binary id */
    double lot_size;
    double c[CALC_DRIVER_MAX]; /* material, run, setup, other; cost per piece */
    double predicted;          /* total cost per piece of a row without components */
    double actual;             /* cost per piece */
    uint64_t key;              /* hash of natural key and content, carried into the record; or 0 */
};

/*
 * Rows in canonical order (bin bytes, part bytes, lot size, c, actual, key). The pointers lie in
 * the memory given to calc_driver_set_build() and in the caller's rows: both must outlive the set.
 */
struct calc_driver_set {
    size_t n_rows, n_units, n_bins;
    const struct calc_driver_row *rows; /* as given, input order */
    const uint32_t *order;              /* [n_rows] canonical position -> index into rows */
    const uint32_t *unit_row;           /* [n_units + 1] first canonical row of a unit */
    const uint32_t *unit_bin;           /* [n_units] bin of a unit */
    const uint32_t *bin_unit;           /* [n_bins + 1] first unit of a bin */
    const double *x;                    /* [n_rows] ln(actual / total) */
    const double *share;                /* [n_rows * 4] c / total; NULL if no row has components */
    double mean_share[CALC_DRIVER_MAX]; /* splits a row or quote that has a total only */
    unsigned present;                   /* bit k: driver k is > 0 in some row */
};

/* Bytes needed by calc_driver_set_build() for n rows (about 145 per row). */
size_t calc_driver_set_size(size_t n);

/*
 * Order n rows and intern bins and parts. memory is aligned as malloc() aligns, size bytes.
 * CALC_DOMAIN: a row breaks the domain above, *bad (if not NULL) is its index.
 * CALC_SIZE: memory too small or n > 2^30. n = 0 is fine.
 */
enum calc_status calc_driver_set_build(struct calc_driver_set *set,
                                       const struct calc_driver_row *rows, size_t n, void *memory,
                                       size_t size, size_t *bad);

/* The text of a bin or of a unit's part. */
struct calc_key calc_driver_set_bin(const struct calc_driver_set *set, size_t bin);
struct calc_key calc_driver_set_part(const struct calc_driver_set *set, size_t unit);

/* How the quantile of a conformal group was obtained. */
enum calc_driver_method {
    CALC_DRIVER_OWN,             /* from the group's own rows */
    CALC_DRIVER_ALL_BINS,        /* from the rows of all bins */
    CALC_DRIVER_ALL_SEEN,        /* from all rows whose part has history */
    CALC_DRIVER_BORROW_PART4,    /* lent by another group and not below the normal quantile */
    CALC_DRIVER_BORROW_PART2,    /* ... */
    CALC_DRIVER_BORROW_PART1,    /* ... */
    CALC_DRIVER_BORROW_BIN,      /* ... */
    CALC_DRIVER_BORROW_ALL_SEEN, /* ... */
    CALC_DRIVER_INSUFFICIENT,    /* too few rows anywhere: no interval */
};

/* "own", "all_bins", "all_seen", "borrowed:part4", ..., "insufficient_data". */
const char *calc_driver_method_text(enum calc_driver_method method);

/* History of what is predicted. The first five groups of a fit are these, in this order. */
enum calc_driver_kind {
    CALC_DRIVER_PART4, /* part with 4 rows or more */
    CALC_DRIVER_PART2, /* 2 or 3 */
    CALC_DRIVER_PART1, /* 1 */
    CALC_DRIVER_BIN,   /* part unseen, bin with fewer than 20 units */
    CALC_DRIVER_ENV,   /* bin unseen */
    CALC_DRIVER_LABEL, /* part unseen, one group for each bin with 20 units or more */
};

/* "part4", "part2", "part1", "bin", "env"; CALC_DRIVER_LABEL gives "bin:" (the label follows). */
const char *calc_driver_kind_text(enum calc_driver_kind kind);

struct calc_driver_group {
    enum calc_driver_kind kind;
    enum calc_driver_method method;
    uint32_t bin;    /* index of the bin of CALC_DRIVER_LABEL, else 0 */
    bool bounded;    /* false: there is no finite quantile and q = 0 means nothing */
    double q;        /* quantile of |r| / sigma; the interval is median * e^{+- q sigma} */
    uint32_t units;  /* exchangeable units of the group's own rows */
    uint32_t n;      /* own rows */
    double coverage; /* share of own rows with score <= q; 0 if unbounded or n = 0 */
};

struct calc_driver_guard {
    enum calc_driver_model model;
    double score;   /* mean held-out log density */
    double deficit; /* mean difference to the best candidate, >= 0 */
    double se;      /* standard error of deficit */
};

/* Errors of predictions of held-out rows. n = 0: the others are 0 and mean nothing. */
struct calc_driver_metrics {
    size_t n;
    double rmse_log;
    double mape;       /* mean |predicted / actual - 1| */
    double median_ape; /* median of the same */
};

/*
 * Result. k drivers named driver[0..k-1]; matrices are lower triangles, element (i, j) with j <= i
 * at i(i+1)/2 + j, t = k(k+1)/2 numbers each. Identity has k = 1, all effects and variances 0 and s
 * the t-scale of the residuals. Held-out arrays are in canonical row order: residual (ln actual -
 * ln predicted) and its predicted standard deviation, by what was left out.
 */
struct calc_driver_fit {
    const struct calc_driver_set *set;
    enum calc_driver_model model, best;
    struct calc_driver_guard guard[3];
    unsigned n_guard;
    unsigned k;
    enum calc_driver_name driver[CALC_DRIVER_MAX];
    double alpha;
    unsigned iterations; /* of stage A */
    double last_step;    /* largest move of a location in its last round */
    double s;            /* residual scale in log */
    double tau_bin[CALC_DRIVER_MAX], tau_part[CALC_DRIVER_MAX];
    double mu[CALC_DRIVER_MAX], mu_var[10];
    const double *theta, *theta_var; /* [n_bins * k], [n_bins * t] */
    const double *phi, *phi_var;     /* [n_units * k], [n_units * t] */
    size_t active_posterior_count;   /* (1 + bins + units) k; 0 for identity */
    const uint32_t *history;         /* [n_rows] rows of the part left in; 0: no part residual */
    const double *part_r, *part_sd;  /* row left out, part seen (where history > 0) */
    const double *bin_r, *bin_sd;    /* part left out, bin seen */
    const double *env_r, *env_sd;    /* bin left out */
    struct calc_driver_metrics seen_part, unseen_part, unseen_bin;
    const struct calc_driver_group *group; /* the five kinds, then the labelled bins in order */
    unsigned n_groups;
    unsigned main_group;     /* the group with most units (the first of equals): q_alpha */
    const uint32_t *by_part; /* [n_units] units ordered by (part, bin) */
    const uint64_t *key;     /* [n_keys] keys of the rows, ascending */
    size_t n_keys;           /* 0 if all keys are 0, else n_rows */
};

/*
 * Bytes needed by calc_driver_fit(): with four drivers some 220 per row, 460 per unit, 620 per bin
 * and 740 per row of the largest unit.
 */
size_t calc_driver_fit_size(const struct calc_driver_set *set);

/*
 * Fit, choose the model and size the intervals at miscoverage alpha, 0 < alpha < 1. The fit refers
 * to set and memory. About 5 us per row for both candidates with four drivers.
 * CALC_SIZE: no rows, or memory too small. CALC_DOMAIN: alpha. CALC_SINGULAR: a covariance lost
 * positive definiteness (not known to happen).
 */
enum calc_status calc_driver_fit(struct calc_driver_fit *fit, const struct calc_driver_set *set,
                                 double alpha, void *memory, size_t size);

#endif
