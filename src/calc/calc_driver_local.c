/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_local.c: LOCAL, a batch of parts at their own locations */
#include "calc_driver_local.h"

#include <string.h>

DRIVER_INLINE driver_mask set_precision(const size_t K, const struct driver_scales *o,
                                        struct driver_local *l)
{
    driver_lanes inv = 1.0 / l->lambda;

    memcpy(l->precision, l->vq, tri_size(K) * sizeof *l->precision);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        l->precision[tri(k, k)] += o->tau2[k] * inv;
    return lanes_sym_inverse(K, l->precision, l->precision);
}

/* var = (P + sum w J J' / s^2)^-1 at the rows' present shares. */
DRIVER_INLINE driver_mask set_var(const size_t K, const struct driver_scales *o,
                                  const struct driver_batch_rows *rows, struct driver_local *l)
{
    driver_lanes sum[TRI_MAX];

    memcpy(sum, l->precision, tri_size(K) * sizeof *sum);
    for (size_t i = 0; i < rows->n; i++)
        lanes_sym_add_outer(K, sum, rows->w[i] * o->inv_s2, rows->jac + i * K);
    return lanes_sym_inverse(K, sum, l->var);
}

/* Rows and lanes whose plain sum underflows, one by one. */
static void __attribute__((noinline, cold))
evaluate_far(size_t k, const struct driver_batch_rows *rows, const driver_lanes *phi)
{
    for (size_t i = 0; i < rows->n; i++) {
        for (int l = 0; l < DRIVER_LANES; l++) {
            double at[CALC_DRIVER_MAX], share[CALC_DRIVER_MAX], jac[CALC_DRIVER_MAX];
            struct driver_location here;

            for (size_t d = 0; d < k; d++) {
                at[d] = phi[d][l];
                share[d] = rows->share[i * k + d][l];
            }
            driver_locate(k, at, &here);
            rows->r[i][l] = driver_residual(k, &here, rows->x[i][l], share, jac);
            for (size_t d = 0; d < k; d++)
                rows->jac[i * k + d][l] = jac[d];
        }
    }
}

/* Residuals and cost shares at phi; returns sum w r^2. */
DRIVER_INLINE driver_lanes evaluate(const size_t K, const struct driver_batch_rows *rows,
                                    const driver_lanes *phi)
{
    driver_lanes squares = {0}, top = phi[0], e[CALC_DRIVER_MAX];
    driver_mask far = {0};
    double *sums = (double *)rows->r; /* of four lanes, each row's */

    if (K == 1) {
        for (size_t i = 0; i < rows->n; i++) {
            rows->jac[i] = lanes_of(1.0);
            rows->r[i] = rows->x[i] - phi[0];
            squares += rows->w[i] * rows->r[i] * rows->r[i];
        }
        return squares;
    }
    DRIVER_UNROLL
    for (size_t k = 1; k < K; k++)
        top = lanes_larger(phi[k], top);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        e[k] = lanes_exp(phi[k] - top);
    for (size_t i = 0; i < rows->n; i++) {
        driver_lanes part[CALC_DRIVER_MAX], sum, inverse;

        DRIVER_UNROLL
        for (size_t k = 0; k < K; k++)
            part[k] = e[k] * rows->share[i * K + k];
        sum = part[0];
        DRIVER_UNROLL
        for (size_t k = 1; k < K; k++)
            sum += part[k];
        far |= ~(sum > 1e-200);
        inverse = 1.0 / sum;
        DRIVER_UNROLL
        for (size_t k = 0; k < K; k++)
            rows->jac[i * K + k] = part[k] * inverse;
        rows->r[i] = sum;
    }
    for (size_t i = 0; i < rows->n * DRIVER_LANES; i++)
        sums[i] = log(sums[i]);
    for (size_t i = 0; i < rows->n; i++)
        rows->r[i] = (rows->x[i] - top) - rows->r[i];
    if (__builtin_expect(lanes_any(far), 0))
        evaluate_far(K, rows, phi);
    for (size_t i = 0; i < rows->n; i++)
        squares += rows->w[i] * rows->r[i] * rows->r[i];
    return squares;
}

DRIVER_INLINE void subtract(const size_t K, const driver_lanes *a, const driver_lanes *b,
                            driver_lanes *d)
{
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        d[k] = a[k] - b[k];
}

/*
 * Line search along d for the lanes that are pending: the first of phi + h d, h = 1 ... 1/16, 0,
 * whose objective is within limit. Leaves r and jac there. *moved = the largest change.
 */
DRIVER_INLINE void search(const size_t K, const struct driver_scales *o,
                          const struct driver_batch_rows *rows, struct driver_local *l,
                          const driver_lanes *d, driver_lanes limit, driver_mask pending,
                          driver_lanes *moved)
{
    driver_lanes to[CALC_DRIVER_MAX], away[CALC_DRIVER_MAX];

    memcpy(to, l->phi, K * sizeof *to);
    for (size_t halving = 0; halving <= DRIVER_HALVINGS; halving++) {
        const double h = halving < DRIVER_HALVINGS ? 1.0 / (double)(1U << halving) : 0.0;
        driver_lanes objective;

        DRIVER_UNROLL
        for (size_t k = 0; k < K; k++)
            to[k] = lanes_pick(pending, l->phi[k] + h * d[k], to[k]);
        subtract(K, to, l->q, away);
        objective = evaluate(K, rows, to) * o->inv_s2 + lanes_sym_quad(K, l->precision, away);
        pending &= ~(0.5 * objective <= limit);
        if (!lanes_any(pending))
            break;
    }
    *moved = lanes_of(0.0);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++) {
        *moved = lanes_larger(*moved, lanes_abs(to[k] - l->phi[k]));
        l->phi[k] = to[k];
    }
}

/*
 * One damped Gauss-Newton step of phi with weights and lambda fixed: the objective
 * sum w r^2 / 2 s^2 + (phi - q)' P (phi - q) / 2 does not rise. Lanes not active stay.
 */
DRIVER_INLINE driver_mask step(const size_t K, const struct driver_scales *o,
                               const struct driver_batch_rows *rows, struct driver_local *l,
                               driver_mask active, driver_lanes *moved)
{
    driver_lanes grad[CALC_DRIVER_MAX], away[CALC_DRIVER_MAX], d[CALC_DRIVER_MAX];
    driver_lanes squares = {0}, now;
    driver_mask ok = set_var(K, o, rows, l);

    subtract(K, l->phi, l->q, away);
    lanes_sym_apply(K, l->precision, away, grad);
    now = lanes_vec_dot(K, away, grad);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        grad[k] = -grad[k];
    for (size_t i = 0; i < rows->n; i++) {
        driver_lanes wr = rows->w[i] * rows->r[i], push = wr * o->inv_s2;

        DRIVER_UNROLL
        for (size_t k = 0; k < K; k++)
            grad[k] += push * rows->jac[i * K + k];
        squares += wr * rows->r[i];
    }
    now = 0.5 * (squares * o->inv_s2 + now);
    lanes_sym_apply(K, l->var, grad, d);
    search(K, o, rows, l, d, now + DRIVER_EPS * (1.0 + now), active, moved);
    return ok;
}

/* New weights and lambda after a step; sums (if any) with the old ones, of the lanes that live. */
DRIVER_INLINE void reweight(const size_t K, const struct driver_scales *o,
                            const struct driver_batch_rows *rows, struct driver_local *l,
                            struct driver_sums *s)
{
    driver_lanes away[CALC_DRIVER_MAX], v[CALC_DRIVER_MAX], size = {0}, inv = 1.0 / l->lambda;
    driver_lanes counted = l->lambda * l->live;

    subtract(K, l->phi, l->q, away);
    lanes_sym_apply(K, l->precision, away, v);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++) {
        driver_lanes t = o->tau2[k] * inv, row[CALC_DRIVER_MAX], effect = t * v[k], var;

        /* diag(T - G T + G V G') with G = T P */
        DRIVER_UNROLL
        for (size_t j = 0; j < K; j++)
            row[j] = l->precision[tri(k, j)];
        var = t - t * t * (row[k] - lanes_sym_quad(K, l->var, row));
        size += (effect * effect + var) / o->tau2[k];
        if (s != NULL) {
            s->part_s[k] += counted * effect * effect;
            s->part_v[k] += counted * var;
        }
    }
    for (size_t i = 0; i < rows->n; i++) {
        driver_lanes r2 = rows->r[i] * rows->r[i], w = rows->w[i];
        driver_lanes q = lanes_sym_quad(K, l->var, rows->jac + i * K);

        if (s != NULL) {
            s->squares += w * r2;
            s->used += w * q;
        }
        rows->w[i] = lanes_pick(w > 0.0, (DRIVER_NU + 1.0) / (DRIVER_NU + (r2 + q) * o->inv_s2),
                                lanes_of(0.0));
    }
    l->lambda = (DRIVER_NU + (double)K) / (DRIVER_NU + size);
}

DRIVER_INLINE void restart(const size_t K, const struct driver_batch_rows *rows,
                           struct driver_local *l)
{
    l->lambda = lanes_of(1.0);
    memcpy(l->phi, l->q, K * sizeof *l->phi);
    for (size_t i = 0; i < rows->n; i++)
        rows->w[i] = lanes_pick(rows->w[i] > 0.0, lanes_of(1.0), lanes_of(0.0));
}

/* One call of step() for both uses: with all it inlines, it is the bulk of the code. */
DRIVER_INLINE void run(const size_t K, const struct driver_scales *o,
                       const struct driver_batch_rows *rows, struct driver_local *l,
                       struct driver_sums *s)
{
    const size_t rounds = s != NULL ? 1 : DRIVER_LOCAL_ROUNDS;
    driver_mask active = lanes_all(), ok;

    if (s == NULL)
        restart(K, rows, l);
    ok = set_precision(K, o, l);
    for (size_t it = 0; it < rounds; it++) {
        driver_lanes moved;

        ok &= step(K, o, rows, l, active, &moved);
        if (it < DRIVER_WEIGHT_ROUNDS) {
            reweight(K, o, rows, l, s);
            ok &= set_precision(K, o, l);
        } else {
            active &= moved > DRIVER_TOL;
            if (!lanes_any(active))
                break;
        }
    }
    ok &= set_var(K, o, rows, l);
    l->ok &= ok;
}

DRIVER_INLINE void predict(const size_t K, const struct driver_scales *o,
                           const struct driver_batch_rows *rows, const driver_lanes *phi,
                           const driver_lanes *var, driver_lanes *sd)
{
    evaluate(K, rows, phi);
    for (size_t i = 0; i < rows->n; i++) {
        driver_lanes spread = lanes_sym_quad(K, var, rows->jac + i * K);

        sd[i] = o->s2 + lanes_larger(lanes_of(0.0), spread);
        for (int l = 0; l < DRIVER_LANES; l++)
            sd[i][l] = sqrt(sd[i][l]);
    }
}

DRIVER_CLONES void driver_local_run(size_t k, const struct driver_scales *o,
                                    const struct driver_batch_rows *rows, struct driver_local *l,
                                    struct driver_sums *s)
{
    switch (k) {
    case 1:
        run(1, o, rows, l, s);
        break;
    case 2:
        run(2, o, rows, l, s);
        break;
    case 3:
        run(3, o, rows, l, s);
        break;
    default:
        run(4, o, rows, l, s);
    }
}

DRIVER_CLONES void driver_local_predict(size_t k, const struct driver_scales *o,
                                        const struct driver_batch_rows *rows,
                                        const driver_lanes *phi, const driver_lanes *var,
                                        driver_lanes *sd)
{
    switch (k) {
    case 1:
        predict(1, o, rows, phi, var, sd);
        break;
    case 2:
        predict(2, o, rows, phi, var, sd);
        break;
    case 3:
        predict(3, o, rows, phi, var, sd);
        break;
    default:
        predict(4, o, rows, phi, var, sd);
    }
}
