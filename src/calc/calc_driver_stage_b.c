/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_stage_b.c: every part at its own location; held-out residuals */
#include "calc_driver_internal.h"

#include <string.h>

/* The rows of one part, or those of them that a fold keeps; r and jac belong to phi. */
struct rows {
    size_t n;
    const double *share, *x;
    double *w, *r, *jac;
};

/* One part: prior N(q, vq + T / lambda), location, and what the last round left. */
struct local {
    const double *q, *vq;
    double phi[CALC_DRIVER_MAX], lambda;
    double precision[TRI_MAX]; /* P */
    double var[TRI_MAX];       /* V, linearised where the last step began */
};

struct scales {
    double s2, inv_s2, tau2[CALC_DRIVER_MAX];
};

DRIVER_INLINE void set_scales(const size_t K, const struct driver_candidate *c, struct scales *o)
{
    o->s2 = c->s2;
    o->inv_s2 = 1.0 / c->s2;
    for (size_t k = 0; k < K; k++)
        o->tau2[k] = c->tau_part2[k];
}

DRIVER_INLINE bool set_precision(const size_t K, const struct scales *o, struct local *l)
{
    double inv = 1.0 / l->lambda;

    memcpy(l->precision, l->vq, tri_size(K) * sizeof *l->precision);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        l->precision[tri(k, k)] += o->tau2[k] * inv;
    return sym_inverse(K, l->precision, l->precision);
}

/* var = (P + sum w J J' / s^2)^-1 at the rows' present shares. */
DRIVER_INLINE bool set_var(const size_t K, const struct scales *o, const struct rows *rows,
                           struct local *l)
{
    memcpy(l->var, l->precision, tri_size(K) * sizeof *l->var);
    for (size_t i = 0; i < rows->n; i++)
        sym_add_outer(K, l->var, rows->w[i] * o->inv_s2, rows->jac + i * K);
    return sym_inverse(K, l->var, l->var);
}

/* Residuals and cost shares at phi; returns sum w r^2. */
DRIVER_INLINE double evaluate(const size_t K, const struct rows *rows, const double *phi)
{
    struct driver_location at;
    double squares = 0.0;

    driver_locate(K, phi, &at);
    for (size_t i = 0; i < rows->n; i++) {
        double r = driver_residual(K, &at, rows->x[i], rows->share + i * K, rows->jac + i * K);

        rows->r[i] = r;
        squares += rows->w[i] * r * r;
    }
    return squares;
}

DRIVER_INLINE double larger(double a, double b)
{
    return a > b ? a : b; /* fmax() is a call */
}

DRIVER_INLINE void subtract(const size_t K, const double *a, const double *b, double *d)
{
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        d[k] = a[k] - b[k];
}

/*
 * One damped Gauss-Newton step of phi with weights and lambda fixed: the objective
 * sum w r^2 / 2 s^2 + (phi - q)' P (phi - q) / 2 does not rise. *moved = the largest change.
 */
DRIVER_INLINE bool step(const size_t K, const struct scales *o, const struct rows *rows,
                        struct local *l, double *moved)
{
    double grad[CALC_DRIVER_MAX], away[CALC_DRIVER_MAX], d[CALC_DRIVER_MAX];
    double squares = 0.0, now, limit, h = 1.0;
    bool ok = set_var(K, o, rows, l);

    subtract(K, l->phi, l->q, away);
    sym_apply(K, l->precision, away, grad);
    now = vec_dot(K, away, grad);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        grad[k] = -grad[k];
    for (size_t i = 0; i < rows->n; i++) {
        const double *jac = rows->jac + i * K;
        double wr = rows->w[i] * rows->r[i], push = wr * o->inv_s2;

        DRIVER_UNROLL
        for (size_t k = 0; k < K; k++)
            grad[k] += push * jac[k];
        squares += wr * rows->r[i];
    }
    now = 0.5 * (squares * o->inv_s2 + now);
    limit = now + DRIVER_EPS * (1.0 + now);
    sym_apply(K, l->var, grad, d);
    *moved = 0.0;
    for (size_t halving = 0; halving < DRIVER_HALVINGS; halving++, h *= 0.5) {
        double to[CALC_DRIVER_MAX], objective;

        DRIVER_UNROLL
        for (size_t k = 0; k < K; k++)
            to[k] = l->phi[k] + h * d[k];
        subtract(K, to, l->q, away);
        objective = evaluate(K, rows, to) * o->inv_s2 + sym_quad(K, l->precision, away);
        if (0.5 * objective <= limit) {
            DRIVER_UNROLL
            for (size_t k = 0; k < K; k++) {
                *moved = larger(*moved, fabs(to[k] - l->phi[k]));
                l->phi[k] = to[k];
            }
            return ok;
        }
    }
    evaluate(K, rows, l->phi);
    return ok;
}

/* Sums over parts that become the next s and tau_part. */
struct sums {
    double squares, used, part_s[CALC_DRIVER_MAX], part_v[CALC_DRIVER_MAX];
};

/* New weights and lambda after a step; sums (if any) with the old ones. */
DRIVER_INLINE void reweight(const size_t K, const struct scales *o, const struct rows *rows,
                            struct local *l, struct sums *s)
{
    double away[CALC_DRIVER_MAX], v[CALC_DRIVER_MAX], size = 0.0, inv = 1.0 / l->lambda;

    subtract(K, l->phi, l->q, away);
    sym_apply(K, l->precision, away, v);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++) {
        double t = o->tau2[k] * inv, row[CALC_DRIVER_MAX], effect = t * v[k], var;

        /* diag(T - G T + G V G') with G = T P */
        DRIVER_UNROLL
        for (size_t j = 0; j < K; j++)
            row[j] = l->precision[tri(k, j)];
        var = t - t * t * (row[k] - sym_quad(K, l->var, row));
        size += (effect * effect + var) / o->tau2[k];
        if (s != NULL) {
            s->part_s[k] += l->lambda * effect * effect;
            s->part_v[k] += l->lambda * var;
        }
    }
    for (size_t i = 0; i < rows->n; i++) {
        double r2 = rows->r[i] * rows->r[i], q = sym_quad(K, l->var, rows->jac + i * K);

        if (s != NULL) {
            s->squares += rows->w[i] * r2;
            s->used += rows->w[i] * q;
        }
        rows->w[i] = (DRIVER_NU + 1.0) / (DRIVER_NU + (r2 + q) * o->inv_s2);
    }
    l->lambda = (DRIVER_NU + (double)K) / (DRIVER_NU + size);
}

/*
 * LOCAL: fit one part from its cavity q, vq with weights 1. r and jac of rows must be those at q on
 * entry; they are those at phi on return, and var is the posterior covariance there.
 */
DRIVER_INLINE bool fit_local(const size_t K, const struct scales *o, const struct rows *rows,
                             const double *q, const double *vq, struct local *l)
{
    bool ok;

    l->q = q;
    l->vq = vq;
    l->lambda = 1.0;
    memcpy(l->phi, l->q, K * sizeof *l->phi);
    for (size_t i = 0; i < rows->n; i++)
        rows->w[i] = 1.0;
    ok = set_precision(K, o, l);
    for (size_t it = 0; it < DRIVER_LOCAL_ROUNDS; it++) {
        double moved;

        ok = step(K, o, rows, l, &moved) && ok;
        if (it < DRIVER_WEIGHT_ROUNDS) {
            reweight(K, o, rows, l, NULL);
            ok = set_precision(K, o, l) && ok;
        } else if (moved <= DRIVER_TOL) {
            break;
        }
    }
    return set_var(K, o, rows, l) && ok;
}

DRIVER_INLINE struct rows rows_of(const size_t K, const struct driver_candidate *c,
                                  struct driver_scratch *w, size_t p)
{
    size_t first = c->set->unit_row[p];

    return (struct rows){c->set->unit_row[p + 1] - first,
                         c->share + first * K,
                         c->set->x + first,
                         w->weight + first,
                         w->r[0] + first,
                         w->jac[0] + first * K};
}

DRIVER_INLINE void update_variances(const size_t K, struct driver_candidate *c,
                                    const struct sums *s)
{
    double gamma[CALC_DRIVER_MAX], tau2[CALC_DRIVER_MAX];

    for (size_t k = 0; k < K; k++)
        gamma[k] = fmax(0.0, (double)c->set->n_units - s->part_v[k] / c->tau_part2[k]);
    driver_pool(K, s->part_s, gamma, tau2);
    for (size_t k = 0; k < K; k++)
        c->tau_part2[k] = driver_clip(tau2[k], c->tau_part2[k], DRIVER_TAU_MIN * DRIVER_TAU_MIN,
                                      DRIVER_TAU_PART_MAX * DRIVER_TAU_PART_MAX);
    c->s2 = driver_scale(s->squares, s->used / c->s2, (double)c->set->n_rows, c->s2);
}

/* All parts advance together; s and tau_part move after every round. */
DRIVER_INLINE bool learn_scales(const size_t K, struct driver_candidate *c,
                                struct driver_scratch *w)
{
    const size_t T = tri_size(K);
    bool ok = true;

    memcpy(c->phi, c->cavity, c->set->n_units * K * sizeof *c->phi);
    for (size_t p = 0; p < c->set->n_units; p++) {
        struct rows rows = rows_of(K, c, w, p);

        w->lambda[p] = 1.0;
        for (size_t i = 0; i < rows.n; i++)
            rows.w[i] = 1.0;
        evaluate(K, &rows, c->cavity + p * K);
    }
    for (size_t it = 0; it < DRIVER_LEARN_ROUNDS; it++) {
        struct sums s = {0};
        struct scales o;
        double moved;

        set_scales(K, c, &o);
        for (size_t p = 0; p < c->set->n_units; p++) {
            struct rows rows = rows_of(K, c, w, p);
            struct local l;

            l.q = c->cavity + p * K;
            l.vq = c->cavity_var + p * T;
            l.lambda = w->lambda[p];
            memcpy(l.phi, c->phi + p * K, K * sizeof *l.phi);
            ok = set_precision(K, &o, &l) && ok;
            ok = step(K, &o, &rows, &l, &moved) && ok;
            reweight(K, &o, &rows, &l, &s);
            w->lambda[p] = l.lambda;
            memcpy(c->phi + p * K, l.phi, K * sizeof *l.phi);
        }
        update_variances(K, c, &s);
    }
    return ok;
}

DRIVER_INLINE bool stage_b(const size_t K, struct driver_candidate *c, struct driver_scratch *w)
{
    const size_t T = tri_size(K);
    bool ok = learn_scales(K, c, w);
    struct scales o;

    set_scales(K, c, &o);
    for (size_t p = 0; p < c->set->n_units; p++) {
        struct rows rows = rows_of(K, c, w, p);
        struct local l;

        evaluate(K, &rows, c->cavity + p * K);
        ok = fit_local(K, &o, &rows, c->cavity + p * K, c->cavity_var + p * T, &l) && ok;
        memcpy(c->phi + p * K, l.phi, K * sizeof *l.phi);
        memcpy(c->phi_var + p * T, l.var, T * sizeof *l.var);
    }
    return ok;
}

/* Residual and standard deviation of rows a..b-1 of the set predicted at one location. */
DRIVER_INLINE void predict_rows(const size_t K, const struct driver_candidate *c, uint32_t a,
                                uint32_t b, const double *phi, const double *var, double *r,
                                double *sd, double *jac)
{
    struct driver_location at;

    driver_locate(K, phi, &at);
    for (size_t i = a; i < b; i++) {
        double *j = jac + i * K;

        r[i] = driver_residual(K, &at, c->set->x[i], c->share + i * K, j);
        sd[i] = sqrt(c->s2 + larger(0.0, sym_quad(K, var, j)));
    }
}

/* Part seen: the rows of each fold predicted from the part's other rows. */
DRIVER_INLINE bool hold_out_folds(const size_t K, struct driver_candidate *c,
                                  struct driver_scratch *w, const struct scales *o, size_t p)
{
    const size_t first = c->set->unit_row[p], n = c->set->unit_row[p + 1] - first;
    const size_t folds = n < DRIVER_FOLDS ? n : DRIVER_FOLDS, T = tri_size(K);
    const double *at_q = w->jac[0] + first * K;
    bool ok = true;

    for (size_t fold = 0; fold < folds; fold++) {
        struct rows kept = {0, w->fold_share, w->fold_x, w->fold_w, w->fold_r, w->fold_jac};
        struct local l;
        struct driver_location at;

        for (size_t j = 0; j < n; j++) {
            if (j % folds == fold)
                continue;
            memcpy(w->fold_share + kept.n * K, c->share + (first + j) * K, K * sizeof(double));
            memcpy(kept.jac + kept.n * K, at_q + j * K, K * sizeof(double));
            w->fold_x[kept.n] = c->set->x[first + j];
            kept.r[kept.n++] = c->bin_r[first + j]; /* the residual at q, where LOCAL starts */
        }
        ok = fit_local(K, o, &kept, c->cavity + p * K, c->cavity_var + p * T, &l) && ok;
        driver_locate(K, l.phi, &at);
        for (size_t i = first + fold; i < first + n; i += folds) {
            double jac[CALC_DRIVER_MAX];

            c->part_r[i] = driver_residual(K, &at, c->set->x[i], c->share + i * K, jac);
            c->part_sd[i] = sqrt(c->s2 + larger(0.0, sym_quad(K, l.var, jac)));
        }
    }
    return ok;
}

DRIVER_INLINE bool hold_out(const size_t K, struct driver_candidate *c, struct driver_scratch *w)
{
    const struct calc_driver_set *set = c->set;
    const size_t T = tri_size(K);
    struct scales o;
    bool ok = true;

    set_scales(K, c, &o);
    for (size_t b = 0; b < set->n_bins; b++) {
        const uint32_t first = set->bin_unit[b], end = set->bin_unit[b + 1];
        double var[TRI_MAX];

        memcpy(var, c->hole_var + b * T, T * sizeof *var);
        sym_add_diagonal(K, var, c->tau_bin2);
        sym_add_diagonal(K, var, c->tau_part2);
        predict_rows(K, c, set->unit_row[first], set->unit_row[end], c->hole + b * K, var, c->env_r,
                     c->env_sd, w->jac[0]);
        for (size_t p = first; p < end; p++) {
            memcpy(var, c->cavity_var + p * T, T * sizeof *var);
            sym_add_diagonal(K, var, c->tau_part2);
            predict_rows(K, c, set->unit_row[p], set->unit_row[p + 1], c->cavity + p * K, var,
                         c->bin_r, c->bin_sd, w->jac[0]);
            if (set->unit_row[p + 1] - set->unit_row[p] > 1) {
                ok = hold_out_folds(K, c, w, &o, p) && ok;
            } else {
                c->part_r[set->unit_row[p]] = 0.0;
                c->part_sd[set->unit_row[p]] = 0.0;
            }
        }
    }
    return ok;
}

bool driver_stage_b(struct driver_candidate *c, struct driver_scratch *w)
{
    switch (c->k) {
    case 1:
        return stage_b(1, c, w);
    case 2:
        return stage_b(2, c, w);
    case 3:
        return stage_b(3, c, w);
    default:
        return stage_b(4, c, w);
    }
}

bool driver_hold_out(struct driver_candidate *c, struct driver_scratch *w)
{
    switch (c->k) {
    case 1:
        return hold_out(1, c, w);
    case 2:
        return hold_out(2, c, w);
    case 3:
        return hold_out(3, c, w);
    default:
        return hold_out(4, c, w);
    }
}

double driver_log_sum_far(size_t k, const double *phi, const double *share, double *jac)
{
    double top = -DBL_MAX, sum = 0.0;

    for (size_t i = 0; i < k; i++)
        if (share[i] > 0.0)
            top = fmax(top, phi[i] + log(share[i]));
    for (size_t i = 0; i < k; i++) {
        jac[i] = share[i] > 0.0 ? exp(phi[i] + log(share[i]) - top) : 0.0;
        sum += jac[i];
    }
    for (size_t i = 0; i < k; i++)
        jac[i] /= sum;
    return top + log(sum);
}
