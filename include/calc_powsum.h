/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_powsum.h: sums of x^b over unit numbers, lot midpoints */
#ifndef CALC_POWSUM_H
#define CALC_POWSUM_H

#include "calc_status.h"

#include <stdint.h>

/* Unit numbers run from 1 to at most 2^53; exponents from -64 to 64 (a learning curve has
 * -1 < b < 0). Functions without a status expect 1 <= first <= last within both. */

/*
 * ln of the sum of x^b, x = first..last. Up to x = 30 (more for large |b|) term by term, then the
 * Euler-Maclaurin formula with six correction terms: constant time, relative error of the sum below
 * 1e-13. Near b = -1 the integral goes over to the logarithm through expm1.
 */
double calc_powsum_log(uint64_t first, uint64_t last, double b);

/*
 * ln of the exact lot midpoint K: K^b = (1/q) sum x^b, q = last - first + 1. For |b| < 1e-8 its
 * limit, the geometric mean of the unit numbers. One unit: K = first.
 */
double calc_powsum_log_midpoint(uint64_t first, uint64_t last, double b);

/*
 * ln of the algebraic midpoint (Asher; GAO Cost Guide): the integral from first - 1/2 to last + 1/2
 * in place of the sum. For comparison with spreadsheets; worst on a first lot. At |b| < 1e-8 its
 * own limit.
 */
double calc_powsum_log_midpoint_asher(uint64_t first, uint64_t last, double b);

/*
 * Mean of x^b over the n units that follow the first `produced` ones: what a unit learning curve
 * gives on average. A fractional n or produced counts the share of the unit it falls into.
 *
 * CALC_DOMAIN     n not > 0, produced not >= 0, together above 2^53, |b| > 64, or not finite
 * CALC_UNDEFINED  the mean leaves the range of double
 */
enum calc_status calc_powsum_mean(double produced, double n, double b, double *mean);

#endif
