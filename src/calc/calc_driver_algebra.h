/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_algebra.h: text of the K x K algebra, once for a number and once for lanes of them */
/* No guard: calc_driver_matrix.h includes it with NUMBER, TRUTH (of a comparison) and NAME set. */

DRIVER_INLINE NUMBER NAME(vec_dot)(const size_t K, const NUMBER *a, const NUMBER *b)
{
    NUMBER s = a[0] * b[0];

    DRIVER_UNROLL
    for (size_t k = 1; k < K; k++)
        s += a[k] * b[k];
    return s;
}

/* y = S x, S symmetric. */
DRIVER_INLINE void NAME(sym_apply)(const size_t K, const NUMBER *s, const NUMBER *x, NUMBER *y)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        NUMBER v = s[tri(i, 0)] * x[0];

        DRIVER_UNROLL
        for (size_t j = 1; j < K; j++)
            v += s[tri(i, j)] * x[j];
        y[i] = v;
    }
}

/* x' S x. */
DRIVER_INLINE NUMBER NAME(sym_quad)(const size_t K, const NUMBER *s, const NUMBER *x)
{
    NUMBER total = {0};

    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        NUMBER off = {0};

        DRIVER_UNROLL
        for (size_t j = 0; j < i; j++)
            off += s[tri(i, j)] * x[j];
        total += x[i] * (s[tri(i, i)] * x[i] + 2.0 * off);
    }
    return total;
}

/* S += a x x'. */
DRIVER_INLINE void NAME(sym_add_outer)(const size_t K, NUMBER *s, NUMBER a, const NUMBER *x)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        NUMBER ax = a * x[i];

        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++)
            s[tri(i, j)] += ax * x[j];
    }
}

DRIVER_INLINE void NAME(sym_add)(const size_t K, NUMBER *s, const NUMBER *other)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < tri_size(K); i++)
        s[i] += other[i];
}

DRIVER_INLINE void NAME(sym_add_diagonal)(const size_t K, NUMBER *s, const NUMBER *d)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++)
        s[tri(i, i)] += d[i];
}

/* F = A B, all K x K, A and B symmetric. */
DRIVER_INLINE void NAME(sym_product)(const size_t K, const NUMBER *a, const NUMBER *b, NUMBER *f)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j < K; j++) {
            NUMBER v = a[tri(i, 0)] * b[tri(0, j)];

            DRIVER_UNROLL
            for (size_t k = 1; k < K; k++)
                v += a[tri(i, k)] * b[tri(k, j)];
            f[i * K + j] = v;
        }
    }
}

/* F = A B, A general, B symmetric. */
DRIVER_INLINE void NAME(mat_product)(const size_t K, const NUMBER *a, const NUMBER *b, NUMBER *f)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j < K; j++) {
            NUMBER v = a[i * K] * b[tri(0, j)];

            DRIVER_UNROLL
            for (size_t k = 1; k < K; k++)
                v += a[i * K + k] * b[tri(k, j)];
            f[i * K + j] = v;
        }
    }
}

/* S = A B', A and B general, for a product known to be symmetric. */
DRIVER_INLINE void NAME(mat_outer)(const size_t K, const NUMBER *a, const NUMBER *b, NUMBER *s)
{
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++)
            s[tri(i, j)] = NAME(vec_dot)(K, a + i * K, b + j * K);
    }
}

/*
 * inv = a^-1 by a = L D L', a symmetric positive definite; inv may be a. False where a pivot is not
 * positive, inv then holds rubbish.
 */
DRIVER_INLINE TRUTH NAME(sym_inverse)(const size_t K, const NUMBER *a, NUMBER *inv)
{
    NUMBER l[TRI_MAX], u[TRI_MAX], m[TRI_MAX], rd[CALC_DRIVER_MAX];
    TRUTH ok = a[0] > 0.0;

    DRIVER_UNROLL
    for (size_t j = 0; j < K; j++) {
        NUMBER pivot = a[tri(j, j)];

        DRIVER_UNROLL
        for (size_t k = 0; k < j; k++)
            pivot -= l[tri(j, k)] * u[tri(j, k)];
        ok &= pivot > 0.0;
        rd[j] = 1.0 / pivot;
        DRIVER_UNROLL
        for (size_t i = j + 1; i < K; i++) {
            NUMBER v = a[tri(i, j)];

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
            NUMBER v = l[tri(i, j)];

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
            NUMBER v = i > j ? rd[i] * m[tri(i, j)] : rd[j];

            DRIVER_UNROLL
            for (size_t k = i + 1; k < K; k++)
                v += m[tri(k, i)] * rd[k] * m[tri(k, j)];
            inv[tri(i, j)] = v;
        }
    }
    return ok;
}
