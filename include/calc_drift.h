/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_drift.h: does the active calibration still hold? */
#ifndef CALC_DRIFT_H
#define CALC_DRIFT_H

#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * All streaming states are plain numbers that the caller stores and loads; observations are fed in
 * the order of their arrival. z = (x - theta_bin)/s_bin is the standardised residual of
 * x = ln(actual/predicted) under the active fit.
 */

enum calc_drift_severity {
    CALC_DRIFT_NONE,
    CALC_DRIFT_INFO,
    CALC_DRIFT_WARNING,
    CALC_DRIFT_CRITICAL,
};

/* Reference value and decision limit of the CUSUM: two-sided ARL0 about 465 (Montgomery, ch. 9). */
#define CALC_DRIFT_CUSUM_K 0.5
#define CALC_DRIFT_CUSUM_H 5.0
/* z is winsorised here, so that no single observation can signal. */
#define CALC_DRIFT_Z_MAX 4.0

/* Two-sided tabular CUSUM. All zero is the initial state. */
struct calc_drift_cusum {
    uint64_t n;    /* observations so far */
    double up;     /* C+ */
    double down;   /* C- */
    uint64_t up_n; /* observations since C+ was last zero */
    uint64_t down_n;
    double worst; /* largest C/h so far */
};

/*
 * Feed one observation: C+ = max(0, C+ + z - k), C- = max(0, C- - z - k).
 * CALC_DOMAIN (state unchanged) when z is not finite.
 */
enum calc_status calc_drift_cusum_update(struct calc_drift_cusum *c, double z);

/* What the CUSUM says now, of its larger side. */
struct calc_drift_reading {
    double statistic; /* C */
    double ratio;     /* C/h: the process signals when > 1 */
    double shift_z;   /* estimated shift of the mean of z: +-(k + C/N); 0 when C = 0 */
    uint64_t since;   /* 1-based index of the first observation after C was last zero; 0 if C = 0 */
};

void calc_drift_cusum_read(const struct calc_drift_cusum *c, struct calc_drift_reading *r);

/* Page-Hinkley test (1954) with the settings of the stream-learning library river: allowance
 * delta = 0.005 s, limit lambda = 50 s, forgetting 1 - 1e-4, silent for the first 30. */
struct calc_drift_page {
    uint64_t n;
    double mean; /* running mean */
    double up;   /* cumulated excess over the mean, and its minimum */
    double up_min;
    double down;
    double down_max;
};

/* All zero is not the initial state of this one. */
void calc_drift_page_init(struct calc_drift_page *p);

/*
 * Feed x, in units of the residual scale s > 0. *ratio = test value/lambda, 0 in the silent phase;
 * the stream has shifted when > 1, and the caller then starts anew with init.
 * CALC_DOMAIN (nothing changes) when x is not finite or s not finite and positive.
 */
enum calc_status calc_drift_page_update(struct calc_drift_page *p, double x, double s,
                                        double *ratio);

/*
 * Coverage: P(X >= misses) for X ~ BetaBinomial(m, n + 1 - k, k), the number of later rows outside
 * an interval that was the k-th smallest of n scores (NUMERICS 2.3). Relative accuracy about 1e-13.
 *
 * CALC_DOMAIN  misses > m, k < 1 or k > n
 */
enum calc_status calc_drift_coverage_p(uint64_t misses, uint64_t m, uint64_t n, uint64_t k,
                                       double *p);

/*
 * Severity of a statistic relative to its limit: info from 0.8 on, warning from 1 on, critical from
 * 2 on. log_shift is the estimated shift in log units (0 where unknown): beyond ln 1.25 a warning
 * becomes critical. A shift alone is no alert, because without a signal its estimate is noise.
 */
enum calc_drift_severity calc_drift_severity_ratio(double ratio, double log_shift);

/* Severity of a p-value: info < 0.05, warning < 0.01, critical < 1e-4; log_shift as above. */
enum calc_drift_severity calc_drift_severity_p(double p, double log_shift);

#endif
