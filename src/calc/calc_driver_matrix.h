/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_matrix.h: K x K algebra for K <= 4, K known at compile time (driver posterior) */
#ifndef CALC_DRIVER_MATRIX_H
#define CALC_DRIVER_MATRIX_H

#include "calc_driver.h"
#include "calc_driver_lanes.h"

#include <stdbool.h>

/*
 * Symmetric matrices are lower triangles, (i, j) with j <= i at i(i+1)/2 + j; general ones are
 * row-major. Every function is inlined with K a constant at the call, so all loops unroll and the
 * matrices live in registers: this is where a fit spends its time. The functions of numbers are
 * named as in calc_driver_algebra.h, those of lanes (one matrix each) lanes_ and that.
 */

enum { TRI_MAX = 10, SQUARE_MAX = 16 };

DRIVER_INLINE size_t tri_size(const size_t K)
{
    return K * (K + 1) / 2;
}

/* Place of (i, j) in a lower triangle, in either order. */
DRIVER_INLINE size_t tri(size_t i, size_t j)
{
    return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

#define NUMBER     double
#define TRUTH      bool
#define NAME(verb) verb
#include "calc_driver_algebra.h"
#undef NUMBER
#undef TRUTH
#undef NAME

#define NUMBER     driver_lanes
#define TRUTH      driver_mask
#define NAME(verb) lanes_##verb
#include "calc_driver_algebra.h"
#undef NUMBER
#undef TRUTH
#undef NAME

/*
 * C = D (I + D H D)^-1 D = (H + T^-1)^-1 with T = D^2 diagonal, d its roots. The eigenvalues of the
 * inverted matrix are at least 1.
 */
DRIVER_INLINE bool sym_gain(const size_t K, const double *d, const double *h, double *c)
{
    bool ok;

    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++)
            c[tri(i, j)] = d[i] * h[tri(i, j)] * d[j];
        c[tri(i, i)] += 1.0;
    }
    ok = sym_inverse(K, c, c);
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++)
            c[tri(i, j)] *= d[i] * d[j];
    }
    return ok;
}

#endif
