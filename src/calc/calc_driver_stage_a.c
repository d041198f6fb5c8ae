/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_stage_a.c: locations of environment and bins, parts integrated out */
#include "calc_driver_internal.h"

#include <string.h>

/*
 * Iterated generalised least squares, linearised at the bin's location; t-distributed errors and
 * part effects by their weights (w, lambda). The first rounds also move s and the tau.
 */

/* Sums of a round that become the next variances. */
struct sums {
    double squares, used;
    double part_s[CALC_DRIVER_MAX], part_v[CALC_DRIVER_MAX];
    double bin_s[CALC_DRIVER_MAX], bin_v[CALC_DRIVER_MAX];
};

DRIVER_INLINE void linearise(const size_t K, const struct driver_candidate *c, uint32_t a,
                             uint32_t b, const double *at, double *r, double *jac)
{
    struct driver_location here;

    driver_locate(K, at, &here);
    for (size_t i = a; i < b; i++)
        r[i] = driver_residual(K, &here, c->set->x[i], c->share + i * K, jac + i * K);
}

/* T J of the part's only row, T = tau_part^2 / lambda; returns J'TJ. */
DRIVER_INLINE double single_spread(const size_t K, const struct driver_candidate *c,
                                   const struct driver_scratch *w, size_t p, const double *jac,
                                   double *tj)
{
    double inv = 1.0 / w->lambda[p];

    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        tj[k] = c->tau_part2[k] * inv * jac[k];
    return vec_dot(K, tj, jac);
}

DRIVER_INLINE void assemble_single(const size_t K, const struct driver_candidate *c,
                                   struct driver_scratch *w, const struct driver_round *o, size_t p,
                                   double *hb, double *gb)
{
    const size_t i = c->set->unit_row[p], T = tri_size(K);
    const double *jac = w->jac[o->now] + i * K;
    double h = w->weight[i] * o->inv_s2, tj[CALC_DRIVER_MAX], inverse, kappa;

    inverse = 1.0 / (1.0 + h * single_spread(K, c, w, p, jac, tj));
    kappa = h * inverse;
    w->info[p * T] = inverse;
    w->gain[p * T] = kappa;
    sym_add_outer(K, hb, kappa, jac);
    kappa *= w->r[o->now][i];
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        gb[k] += kappa * jac[k];
}

/* H, g, C of one part; adds A and a to its bin. */
DRIVER_INLINE bool assemble_part(const size_t K, const struct driver_candidate *c,
                                 struct driver_scratch *w, const struct driver_round *o, uint32_t p,
                                 double *hb, double *gb)
{
    const size_t T = tri_size(K);
    const double *r = w->r[o->now], *jac = w->jac[o->now];
    double *h = w->info + (size_t)p * T, *g = w->grad + (size_t)p * K;
    double *gain = w->gain + (size_t)p * T;
    double d[CALC_DRIVER_MAX], a[TRI_MAX], ga[CALC_DRIVER_MAX];
    double hh[TRI_MAX] = {0}, gg[CALC_DRIVER_MAX] = {0}, cc[TRI_MAX];
    double shrink = 1.0 / sqrt(w->lambda[p]);
    bool ok;

    for (size_t i = c->set->unit_row[p]; i < c->set->unit_row[p + 1]; i++) {
        double wi = w->weight[i] * o->inv_s2;

        sym_add_outer(K, hh, wi, jac + i * K);
        DRIVER_UNROLL
        for (size_t k = 0; k < K; k++)
            gg[k] += wi * r[i] * jac[i * K + k];
    }
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        d[k] = o->root_part[k] * shrink;
    ok = sym_gain(K, d, hh, cc);
    driver_integrate_out(K, o->inv_part2, w->lambda[p], cc, hh, gg, a, ga);
    sym_add(K, hb, a);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        gb[k] += ga[k];
    memcpy(h, hh, sizeof(double) * T);
    memcpy(g, gg, sizeof(double) * K);
    memcpy(gain, cc, sizeof(double) * T);
    return ok;
}

DRIVER_INLINE bool assemble_bin(const size_t K, const struct driver_candidate *c,
                                struct driver_scratch *w, struct driver_round *o, uint32_t b)
{
    const size_t T = tri_size(K), at = (size_t)b * K;
    double hb[TRI_MAX] = {0}, gb[CALC_DRIVER_MAX] = {0}, ht[CALC_DRIVER_MAX];
    double *gain = w->bin_gain + b * T, *rest = w->rest_info + b * T;
    bool ok = true;

    for (uint32_t p = c->set->bin_unit[b]; p < c->set->bin_unit[b + 1]; p++) {
        if (driver_is_single(c->set, p))
            assemble_single(K, c, w, o, p, hb, gb);
        else
            ok = assemble_part(K, c, w, o, p, hb, gb) && ok;
    }
    sym_apply(K, hb, c->theta + at, ht);
    for (size_t k = 0; k < K; k++)
        gb[k] += ht[k];
    ok = sym_gain(K, o->root_bin, hb, gain) && ok;
    driver_integrate_out(K, o->inv_bin2, 1.0, gain, hb, gb, rest, w->rest_grad + at);
    for (size_t k = 0; k < K; k++)
        o->grad[k] += w->rest_grad[at + k];
    sym_add(K, o->info, rest);
    memcpy(w->bin_info + b * T, hb, T * sizeof *hb);
    memcpy(w->bin_grad + at, gb, K * sizeof *gb);
    return ok;
}

/* theta*_b and Vb = Cb + (I - G) Ve (I - G)' once the environment is known. */
DRIVER_INLINE void solve_bin(const size_t K, struct driver_candidate *c, struct driver_scratch *w,
                             const struct driver_round *o, uint32_t b)
{
    const size_t T = tri_size(K), at = (size_t)b * K;
    const double *hb = w->bin_info + b * T, *gain = w->bin_gain + b * T;
    double *var = c->theta_var + b * T;
    double f[SQUARE_MAX], y[SQUARE_MAX], hm[CALC_DRIVER_MAX], step[CALC_DRIVER_MAX];

    sym_apply(K, hb, o->mean, hm);
    for (size_t k = 0; k < K; k++)
        hm[k] = w->bin_grad[at + k] - hm[k];
    sym_apply(K, gain, hm, step);
    for (size_t k = 0; k < K; k++)
        w->target[at + k] = o->mean[k] + step[k];
    sym_product(K, gain, hb, f);
    for (size_t i = 0; i < K * K; i++)
        f[i] = (i % (K + 1) == 0 ? 1.0 : 0.0) - f[i];
    mat_product(K, f, o->var, y);
    mat_outer(K, y, f, var);
    sym_add(K, var, gain);
}

DRIVER_INLINE bool solve(const size_t K, struct driver_candidate *c, struct driver_scratch *w,
                         struct driver_round *o)
{
    bool ok = true;

    o->inv_s2 = 1.0 / c->s2;
    for (size_t k = 0; k < K; k++) {
        o->root_part[k] = sqrt(c->tau_part2[k]);
        o->inv_part2[k] = 1.0 / c->tau_part2[k];
        o->inv_bin2[k] = 1.0 / c->tau_bin2[k];
        o->root_bin[k] = sqrt(c->tau_bin2[k]);
        o->grad[k] = 0.0;
    }
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j <= i; j++)
            o->info[tri(i, j)] = driver_omega(i, j, K);
    ok = sym_inverse(K, o->info, o->info);
    for (uint32_t b = 0; b < c->set->n_bins; b++)
        ok = assemble_bin(K, c, w, o, b) && ok;
    ok = sym_inverse(K, o->info, o->var) && ok;
    sym_apply(K, o->var, o->grad, o->mean);
    for (uint32_t b = 0; b < c->set->n_bins; b++)
        solve_bin(K, c, w, o, b);
    return ok;
}

/*
 * A part's share of twice Q: sum w r^2 / s^2 - g'C g, in the equal form of squares
 * sum w (r - J'v)^2 / s^2 + v' T^-1 v with v = C g. The difference would lose the digits the line
 * search lives on where an outlier makes both terms large.
 */
DRIVER_INLINE double part_objective(const size_t K, const struct driver_candidate *c,
                                    const struct driver_scratch *w, const struct driver_round *o,
                                    size_t p, const double *r)
{
    const size_t first = c->set->unit_row[p], end = c->set->unit_row[p + 1], T = tri_size(K);
    const double *jac = w->jac[o->now];
    double g[CALC_DRIVER_MAX] = {0}, v[CALC_DRIVER_MAX], squares = 0.0, effect = 0.0;

    if (end - first == 1)
        return w->gain[p * T] * r[first] * r[first];
    for (size_t i = first; i < end; i++) {
        double wr = w->weight[i] * o->inv_s2 * r[i];

        DRIVER_UNROLL
        for (size_t k = 0; k < K; k++)
            g[k] += wr * jac[i * K + k];
    }
    sym_apply(K, w->gain + p * T, g, v);
    for (size_t i = first; i < end; i++) {
        double e = r[i] - vec_dot(K, jac + i * K, v);

        squares += w->weight[i] * (e * e);
    }
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        effect += v[k] * v[k] * o->inv_part2[k];
    return squares * o->inv_s2 + effect * w->lambda[p];
}

/* Q of a bin with the residuals r; jac, gains and weights are those of the round. */
DRIVER_INLINE double objective(const size_t K, const struct driver_candidate *c,
                               const struct driver_scratch *w, const struct driver_round *o,
                               uint32_t b, const double *r, const double *theta)
{
    double q = 0.0;

    for (size_t p = c->set->bin_unit[b]; p < c->set->bin_unit[b + 1]; p++)
        q += part_objective(K, c, w, o, p, r);
    for (size_t k = 0; k < K; k++) {
        double u = theta[k] - o->mean[k];

        q += u * u / c->tau_bin2[k];
    }
    return 0.5 * q;
}

/*
 * Damped move of one bin towards theta*; a move that turns back starts at half its length. Leaves r
 * and jac of the new location in the other generation. Returns the largest change.
 */
DRIVER_INLINE double move_bin(const size_t K, struct driver_candidate *c, struct driver_scratch *w,
                              const struct driver_round *o, uint32_t b)
{
    const struct calc_driver_set *set = c->set;
    const uint32_t first = set->unit_row[set->bin_unit[b]],
                   end = set->unit_row[set->bin_unit[b + 1]];
    double *theta = c->theta + (size_t)b * K, *last = w->move + (size_t)b * K;
    double *r = w->r[!o->now], *jac = w->jac[!o->now];
    double direction[CALC_DRIVER_MAX], to[CALC_DRIVER_MAX];
    double now = objective(K, c, w, o, b, w->r[o->now], theta);
    double limit = now + DRIVER_EPS * (1.0 + now), h = 1.0, step = 0.0;

    for (size_t k = 0; k < K; k++)
        direction[k] = w->target[(size_t)b * K + k] - theta[k];
    if (vec_dot(K, direction, last) < 0.0)
        h = 0.5;
    for (size_t halving = 0; halving < DRIVER_HALVINGS; halving++, h *= 0.5) {
        for (size_t k = 0; k < K; k++)
            to[k] = theta[k] + h * direction[k];
        linearise(K, c, first, end, to, r, jac);
        if (objective(K, c, w, o, b, r, to) <= limit) {
            for (size_t k = 0; k < K; k++) {
                last[k] = to[k] - theta[k];
                theta[k] = to[k];
                step = fmax(step, fabs(last[k]));
            }
            return step;
        }
    }
    memset(last, 0, K * sizeof *last);
    memcpy(r + first, w->r[o->now] + first, (end - first) * sizeof *r);
    memcpy(jac + (size_t)first * K, w->jac[o->now] + (size_t)first * K,
           (end - first) * K * sizeof *jac);
    return 0.0;
}

/* New weight of a row with residual e and variance q of its location; sums with the old one. */
DRIVER_INLINE void reweight_row(struct driver_scratch *w, const struct driver_round *o, size_t i,
                                double e, double q, struct sums *s)
{
    double e2 = e * e;

    s->squares += w->weight[i] * e2;
    s->used += w->weight[i] * q;
    w->weight[i] = (DRIVER_NU + 1.0) / (DRIVER_NU + (e2 + q) * o->inv_s2);
}

/* New lambda of a part with effect v and its variances; sums with the old one. */
DRIVER_INLINE void reweight_part(const size_t K, struct driver_scratch *w,
                                 const struct driver_round *o, size_t p, const double *v,
                                 const double *var, struct sums *s)
{
    double lambda = w->lambda[p], size = 0.0;

    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++) {
        double v2 = v[k] * v[k];

        s->part_s[k] += lambda * v2;
        s->part_v[k] += lambda * var[k];
        size += (v2 + var[k]) * o->inv_part2[k];
    }
    w->lambda[p] = (DRIVER_NU + (double)K) / (DRIVER_NU + size);
}

DRIVER_INLINE void learn_single(const size_t K, const struct driver_candidate *c,
                                struct driver_scratch *w, const struct driver_round *o, size_t p,
                                const double *delta, const double *vb, struct sums *s)
{
    const size_t i = c->set->unit_row[p], T = tri_size(K);
    const double *jac = w->jac[o->now] + i * K, inverse = w->info[p * T], kappa = w->gain[p * T];
    double tj[CALC_DRIVER_MAX], v[CALC_DRIVER_MAX], var[CALC_DRIVER_MAX];
    double spread = single_spread(K, c, w, p, jac, tj), bin = sym_quad(K, vb, jac);
    double left = w->r[o->now][i] - vec_dot(K, jac, delta), inv = 1.0 / w->lambda[p];

    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++) {
        double f = kappa * tj[k];

        v[k] = f * left;
        var[k] = c->tau_part2[k] * inv - f * tj[k] + f * f * bin;
    }
    reweight_part(K, w, o, p, v, var, s);
    reweight_row(w, o, i, left * inverse, (spread + bin * inverse) * inverse, s);
}

/* Effect and weights of one part given its bin's posterior; sums with the old weights. */
DRIVER_INLINE void learn_part(const size_t K, const struct driver_candidate *c,
                              struct driver_scratch *w, const struct driver_round *o, uint32_t p,
                              const double *delta, const double *vb, struct sums *s)
{
    const size_t T = tri_size(K);
    const double *r = w->r[o->now], *jac = w->jac[o->now];
    const double *h = w->info + p * T, *gain = w->gain + p * T;
    double f[SQUARE_MAX], y[SQUARE_MAX], spread[TRI_MAX], phi_var[TRI_MAX];
    double v[CALC_DRIVER_MAX], g[CALC_DRIVER_MAX], var[CALC_DRIVER_MAX];

    sym_apply(K, h, delta, g);
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        g[k] = w->grad[(size_t)p * K + k] - g[k];
    sym_apply(K, gain, g, v);
    sym_product(K, gain, h, f);
    mat_product(K, f, vb, y);
    mat_outer(K, y, f, spread);
    /* C + (I - F) Vb (I - F)' */
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++) {
            size_t t = tri(i, j);

            phi_var[t] = gain[t] + (vb[t] - y[i * K + j] - y[j * K + i] + spread[t]);
        }
    }
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++) {
        var[k] = gain[tri(k, k)] + spread[tri(k, k)];
        g[k] = delta[k] + v[k];
    }
    reweight_part(K, w, o, p, v, var, s);
    for (size_t i = c->set->unit_row[p]; i < c->set->unit_row[p + 1]; i++)
        reweight_row(w, o, i, r[i] - vec_dot(K, jac + i * K, g), sym_quad(K, phi_var, jac + i * K),
                     s);
}

/* Effects and weights of the parts of one bin whose location was old_theta in this round. */
DRIVER_INLINE void learn_bin(const size_t K, const struct driver_candidate *c,
                             struct driver_scratch *w, const struct driver_round *o, uint32_t b,
                             const double *old_theta, struct sums *s)
{
    const size_t T = tri_size(K);
    double delta[CALC_DRIVER_MAX], f[SQUARE_MAX], y[SQUARE_MAX], var[TRI_MAX];

    sym_product(K, w->bin_gain + b * T, w->bin_info + b * T, f);
    mat_product(K, f, o->var, y);
    mat_outer(K, y, f, var);
    for (size_t k = 0; k < K; k++) {
        double target = w->target[(size_t)b * K + k], x = target - o->mean[k];

        delta[k] = target - old_theta[k];
        s->bin_s[k] += x * x;
        s->bin_v[k] += w->bin_gain[b * T + tri(k, k)] + var[tri(k, k)];
    }
    for (uint32_t p = c->set->bin_unit[b]; p < c->set->bin_unit[b + 1]; p++)
        if (driver_is_single(c->set, p))
            learn_single(K, c, w, o, p, delta, c->theta_var + b * T, s);
        else
            learn_part(K, c, w, o, p, delta, c->theta_var + b * T, s);
}

DRIVER_INLINE void update_variances(const size_t K, struct driver_candidate *c,
                                    const struct sums *s)
{
    const double lo = DRIVER_TAU_MIN * DRIVER_TAU_MIN;
    double part_gamma[CALC_DRIVER_MAX], bin_gamma[CALC_DRIVER_MAX];
    double part[CALC_DRIVER_MAX], bin[CALC_DRIVER_MAX];

    for (size_t k = 0; k < K; k++) {
        part_gamma[k] = fmax(0.0, (double)c->set->n_units - s->part_v[k] / c->tau_part2[k]);
        bin_gamma[k] = fmax(0.0, (double)c->set->n_bins - s->bin_v[k] / c->tau_bin2[k]);
    }
    driver_pool(K, s->part_s, part_gamma, part);
    driver_pool(K, s->bin_s, bin_gamma, bin);
    for (size_t k = 0; k < K; k++) {
        c->tau_part2[k] =
            driver_clip(part[k], c->tau_part2[k], lo, DRIVER_TAU_PART_MAX * DRIVER_TAU_PART_MAX);
        c->tau_bin2[k] =
            driver_clip(bin[k], c->tau_bin2[k], lo, DRIVER_TAU_BIN_MAX * DRIVER_TAU_BIN_MAX);
    }
    c->s2 = driver_scale(s->squares, s->used / c->s2, (double)c->set->n_rows, c->s2);
}

DRIVER_INLINE void start(const size_t K, struct driver_candidate *c, struct driver_scratch *w)
{
    c->s2 = DRIVER_S0 * DRIVER_S0;
    for (size_t k = 0; k < K; k++) {
        c->tau_bin2[k] = c->tau_part2[k] = DRIVER_TAU0 * DRIVER_TAU0;
        c->mu[k] = 0.0;
    }
    for (size_t i = 0; i < c->set->n_bins * K; i++)
        c->theta[i] = w->move[i] = 0.0;
    for (size_t i = 0; i < c->set->n_rows; i++)
        w->weight[i] = 1.0;
    for (size_t p = 0; p < c->set->n_units; p++)
        w->lambda[p] = 1.0;
    c->last_step = 0.0;
}

DRIVER_INLINE bool stage_a(const size_t K, struct driver_candidate *c, struct driver_scratch *w)
{
    const struct calc_driver_set *set = c->set;
    struct driver_round o = {.now = 0};
    bool done = false, ok;
    unsigned it = 0;

    start(K, c, w);
    linearise(K, c, 0, (uint32_t)set->n_rows, c->mu, w->r[0], w->jac[0]);
    for (;; it++) {
        struct sums s = {0};
        double step = 0.0;
        bool learning = it < DRIVER_EB_ROUNDS;

        ok = solve(K, c, w, &o);
        if (!ok || done || it == DRIVER_EB_ROUNDS + DRIVER_MORE_ROUNDS)
            break;
        for (uint32_t b = 0; b < set->n_bins; b++) {
            double old_theta[CALC_DRIVER_MAX];

            memcpy(old_theta, c->theta + (size_t)b * K, K * sizeof *old_theta);
            step = fmax(step, move_bin(K, c, w, &o, b));
            if (learning)
                learn_bin(K, c, w, &o, b, old_theta, &s);
        }
        for (size_t k = 0; k < K; k++) {
            step = fmax(step, fabs(o.mean[k] - c->mu[k]));
            c->mu[k] = o.mean[k];
        }
        if (learning)
            update_variances(K, c, &s);
        o.now = !o.now;
        c->last_step = step;
        done = !learning && step <= DRIVER_TOL;
    }
    c->iterations = it;
    memcpy(c->mu_var, o.var, sizeof c->mu_var);
    return ok && driver_cavities(c, w, &o);
}

DRIVER_CLONES bool driver_stage_a(struct driver_candidate *c, struct driver_scratch *w)
{
    switch (c->k) {
    case 1:
        return stage_a(1, c, w);
    case 2:
        return stage_a(2, c, w);
    case 3:
        return stage_a(3, c, w);
    default:
        return stage_a(4, c, w);
    }
}
