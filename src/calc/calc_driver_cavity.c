/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_cavity.c: what is known of a bin or a part without its own rows */
#include "calc_driver_internal.h"

#include <string.h>

/* A and a of a part: what it adds to the normal equations of its bin. */
DRIVER_INLINE void contribution(const size_t K, const struct driver_candidate *c,
                                const struct driver_scratch *w, const struct driver_round *o,
                                size_t p, double *a, double *ga)
{
    const size_t T = tri_size(K), i = c->set->unit_row[p];
    const double *h = w->info + p * T, *gain = w->gain + p * T;

    if (driver_is_single(c->set, p)) {
        const double *jac = w->jac[o->now] + i * K;

        for (size_t t = 0; t < T; t++)
            a[t] = 0.0;
        sym_add_outer(K, a, gain[0], jac);
        for (size_t k = 0; k < K; k++)
            ga[k] = gain[0] * w->r[o->now][i] * jac[k];
        return;
    }
    driver_integrate_out(K, o->inv_part2, w->lambda[p], gain, h, w->grad + p * K, a, ga);
}

/*
 * Everything except one bin (m_b, Vm), and in it everything except one part (q_p, Vq), by taking
 * the one's contribution out of the last round's normal equations.
 */
DRIVER_INLINE bool find_cavities(const size_t K, struct driver_candidate *c,
                                 const struct driver_scratch *w, const struct driver_round *o)
{
    const size_t T = tri_size(K);
    bool ok = true;

    for (uint32_t b = 0; b < c->set->n_bins; b++) {
        const size_t at = (size_t)b * K;
        const double *hb = w->bin_info + b * T, *gb = w->bin_grad + at, *theta = c->theta + at;
        double *vm = c->hole_var + b * T;
        double pb[TRI_MAX], m[CALC_DRIVER_MAX], g[CALC_DRIVER_MAX], pm[CALC_DRIVER_MAX];

        for (size_t i = 0; i < T; i++)
            vm[i] = o->info[i] - w->rest_info[b * T + i];
        ok = sym_inverse(K, vm, vm) && ok;
        for (size_t k = 0; k < K; k++)
            g[k] = o->grad[k] - w->rest_grad[at + k];
        sym_apply(K, vm, g, m);
        for (size_t k = 0; k < K; k++)
            c->hole[at + k] = c->mu[k] + m[k] - o->mean[k];
        memcpy(pb, vm, T * sizeof *pb);
        sym_add_diagonal(K, pb, c->tau_bin2);
        ok = sym_inverse(K, pb, pb) && ok;
        sym_apply(K, pb, m, pm);
        for (size_t p = c->set->bin_unit[b]; p < c->set->bin_unit[b + 1]; p++) {
            double *vq = c->cavity_var + p * T, *q = c->cavity + p * K;
            double a[TRI_MAX], ga[CALC_DRIVER_MAX], at_theta[CALC_DRIVER_MAX];

            contribution(K, c, w, o, p, a, ga);
            sym_apply(K, a, theta, at_theta);
            for (size_t i = 0; i < T; i++)
                vq[i] = pb[i] + hb[i] - a[i];
            ok = sym_inverse(K, vq, vq) && ok;
            for (size_t k = 0; k < K; k++)
                g[k] = pm[k] + gb[k] - ga[k] - at_theta[k];
            sym_apply(K, vq, g, q);
            for (size_t k = 0; k < K; k++)
                q[k] += theta[k] - w->target[at + k];
        }
    }
    return ok;
}

DRIVER_CLONES bool driver_cavities(struct driver_candidate *c, const struct driver_scratch *w,
                                   const struct driver_round *o)
{
    switch (c->k) {
    case 1:
        return find_cavities(1, c, w, o);
    case 2:
        return find_cavities(2, c, w, o);
    case 3:
        return find_cavities(3, c, w, o);
    default:
        return find_cavities(4, c, w, o);
    }
}
