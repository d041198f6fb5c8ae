/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_times.h: the whole fit of observed times: split, bias per bin, intervals */
#ifndef CALC_TIMES_H
#define CALC_TIMES_H

#include "calc_bias.h"
#include "calc_conformal.h"
#include "calc_order.h"
#include "calc_split.h"
#include "calc_status.h"

/* One observation. Text is the caller's and must live as long as the result. */
struct calc_times_row {
    struct calc_key bin; /* operation class; empty when unknown */
    struct calc_key key; /* part revision id, else the natural key: rows that stay together */
    double lot_size;     /* only for the canonical order; 0 when absent */
    double predicted;    /* finite and > 0, like actual; any one unit */
    double actual;
};

struct calc_times_bin {
    struct calc_key bin;
    size_t n;         /* rows, n_train + n_holdout */
    size_t n_holdout; /* rows that sized its interval where the method is BIN */
    bool trained;     /* has training rows; else theta is mu and the next three are 0 */
    double raw;
    double v;
    double shrink;
    double theta; /* multiplier e^theta */
    double theta_var;
    struct calc_conformal_group interval; /* [p e^(theta - q), p e^(theta + q)] */
};

struct calc_times_fit {
    struct calc_bias_model model; /* of the training rows */
    size_t n;
    size_t n_train;
    size_t n_holdout;
    size_t n_bins;
    struct calc_conformal_group interval; /* pooled over bins: serves bins never seen */
    double jackknife_lo;                  /* jackknife+ limits of ln(actual/predicted), all rows; */
    double jackknife_hi;                  /* only where interval.method is JACKKNIFE, else 0 */
    double holdout_mape;       /* mean |p e^theta - actual|/actual over held-out rows; 0 if none */
    double holdout_median_log; /* median of ln(actual/predicted) - theta there; 0 if none */
};

/* Bytes of scratch for n rows; aligned like memory from malloc. */
size_t calc_times_scratch(size_t n);

/*
 * Fit (NUMERICS 1 and 2): canonical order, group-wise split by h64(salt|key), bias on the training
 * rows, scores of the held-out rows, an interval per bin by the first rung that is finite: the
 * bin's own scores, all scores, jackknife+ over all rows (q is then the larger distance of its two
 * limits from theta, so that theta -+ q covers them), none.
 *
 * salt is environment id and metric, so that the same rows split the same way in every request.
 * Row order is irrelevant. bins holds up to n entries and comes back sorted bytewise, n_bins of
 * them; on failure its content is unspecified.
 *
 * The held-out rows size the intervals, so their coverage certifies nothing (it is k/n by
 * construction) and is not a hold-out coverage.
 *
 * CALC_SIZE       n = 0
 * CALC_DOMAIN     alpha outside (0, 1), holdout_pct outside [0, 1), a row out of its domain
 * CALC_UNDEFINED  a factor exceeds the range of double
 */
enum calc_status calc_times_fit(struct calc_key salt, const struct calc_times_row *rows, size_t n,
                                double alpha, double holdout_pct, void *scratch,
                                struct calc_times_bin *bins, struct calc_times_fit *fit);

#endif
