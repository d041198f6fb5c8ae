/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_matrix.h: K x K algebra for K <= 4, K known at compile time (driver posterior) */
#ifndef CALC_DRIVER_MATRIX_H
#define CALC_DRIVER_MATRIX_H

#include "calc_driver.h"

#include <stdbool.h>

/*
 * Symmetric matrices are lower triangles, (i, j) with j <= i at i(i+1)/2 + j; general ones are
 * row-major. Every function is inlined with K a constant at the call, so all loops unroll and the
 * matrices live in registers: this is where a fit spends its time.
 */
#define DRIVER_INLINE static inline __attribute__((always_inline))
#define DRIVER_UNROLL _Pragma("GCC unroll 4")

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

DRIVER_INLINE double vec_dot(const size_t K, const double *a, const double *b)
{
    double s = a[0] * b[0];

    DRIVER_UNROLL
    for (size_t k = 1; k < K; k++)
        s += a[k] * b[k];
    return s;
}

/* y = S x, S symmetric. */
DRIVER_INLINE void sym_apply(const size_t K, const double *s, const double *x, double *y)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        double v = s[tri(i, 0)] * x[0];

        DRIVER_UNROLL
        for (size_t j = 1; j < K; j++)
            v += s[tri(i, j)] * x[j];
        y[i] = v;
    }
}

/* x' S x. */
DRIVER_INLINE double sym_quad(const size_t K, const double *s, const double *x)
{
    double total = 0.0;

    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        double off = 0.0;

        DRIVER_UNROLL
        for (size_t j = 0; j < i; j++)
            off += s[tri(i, j)] * x[j];
        total += x[i] * (s[tri(i, i)] * x[i] + 2.0 * off);
    }
    return total;
}

/* S += a x x'. */
DRIVER_INLINE void sym_add_outer(const size_t K, double *s, double a, const double *x)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        double ax = a * x[i];

        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++)
            s[tri(i, j)] += ax * x[j];
    }
}

DRIVER_INLINE void sym_add(const size_t K, double *s, const double *other)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < tri_size(K); i++)
        s[i] += other[i];
}

DRIVER_INLINE void sym_add_diagonal(const size_t K, double *s, const double *d)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++)
        s[tri(i, i)] += d[i];
}

/* F = A B, all K x K, A and B symmetric. */
DRIVER_INLINE void sym_product(const size_t K, const double *a, const double *b, double *f)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j < K; j++) {
            double v = a[tri(i, 0)] * b[tri(0, j)];

            DRIVER_UNROLL
            for (size_t k = 1; k < K; k++)
                v += a[tri(i, k)] * b[tri(k, j)];
            f[i * K + j] = v;
        }
    }
}

/* F = A B, A general, B symmetric. */
DRIVER_INLINE void mat_product(const size_t K, const double *a, const double *b, double *f)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j < K; j++) {
            double v = a[i * K] * b[tri(0, j)];

            DRIVER_UNROLL
            for (size_t k = 1; k < K; k++)
                v += a[i * K + k] * b[tri(k, j)];
            f[i * K + j] = v;
        }
    }
}

/* S = A B', A and B general, for a product known to be symmetric. */
DRIVER_INLINE void mat_outer(const size_t K, const double *a, const double *b, double *s)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++)
            s[tri(i, j)] = vec_dot(K, a + i * K, b + j * K);
    }
}

/* S = H - H F with F = C H: what is left of the information H after the level is integrated out. */
DRIVER_INLINE void sym_reduce(const size_t K, const double *h, const double *f, double *s)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++) {
            double v = h[tri(i, j)];

            DRIVER_UNROLL
            for (size_t k = 0; k < K; k++)
                v -= h[tri(i, k)] * f[k * K + j];
            s[tri(i, j)] = v;
        }
    }
}

/*
 * inv = a^-1 by a = L D L', a symmetric positive definite; inv may be a. false if a pivot is not
 * positive, inv then holds rubbish.
 */
DRIVER_INLINE bool sym_inverse(const size_t K, const double *a, double *inv)
{
    double l[TRI_MAX], u[TRI_MAX], m[TRI_MAX], rd[CALC_DRIVER_MAX];
    bool ok = true;

    DRIVER_UNROLL
    for (size_t j = 0; j < K; j++) {
        double pivot = a[tri(j, j)];

        DRIVER_UNROLL
        for (size_t k = 0; k < j; k++)
            pivot -= l[tri(j, k)] * u[tri(j, k)];
        ok = ok && pivot > 0.0;
        rd[j] = 1.0 / pivot;
        DRIVER_UNROLL
        for (size_t i = j + 1; i < K; i++) {
            double v = a[tri(i, j)];

            DRIVER_UNROLL
            for (size_t k = 0; k < j; k++)
                v -= l[tri(i, k)] * u[tri(j, k)];
            u[tri(i, j)] = v;
            l[tri(i, j)] = v * rd[j];
        }
    }
    /* m = L^-1, unit lower triangular */
    DRIVER_UNROLL
    for (size_t j = 0; j < K; j++) {
        DRIVER_UNROLL
        for (size_t i = j + 1; i < K; i++) {
            double v = l[tri(i, j)];

            DRIVER_UNROLL
            for (size_t k = j + 1; k < i; k++)
                v += l[tri(i, k)] * m[tri(k, j)];
            m[tri(i, j)] = -v;
        }
    }
    DRIVER_UNROLL
    for (size_t j = 0; j < K; j++) {
        DRIVER_UNROLL
        for (size_t i = j; i < K; i++) {
            double v = i > j ? rd[i] * m[tri(i, j)] : rd[j];

            DRIVER_UNROLL
            for (size_t k = i + 1; k < K; k++)
                v += m[tri(k, i)] * rd[k] * m[tri(k, j)];
            inv[tri(i, j)] = v;
        }
    }
    return ok;
}

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
