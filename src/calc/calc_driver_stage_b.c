/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_stage_b.c: every part at its own location; held-out residuals */
#include "calc_driver_local.h"

#include <string.h>

/* The rows of one batch among those of all. */
static struct driver_batch_rows rows_of(size_t k, const struct driver_batches *b, size_t i)
{
    const size_t first = b->row[i];

    return (struct driver_batch_rows){b->row[i + 1] - first, b->rows.share + first * k,
                                      b->rows.x + first,     b->rows.w + first,
                                      b->rows.r + first,     b->rows.jac + first * k};
}

static struct driver_scales scales_of(const struct driver_candidate *c)
{
    struct driver_scales o = {.s2 = c->s2, .inv_s2 = 1.0 / c->s2};

    memcpy(o.tau2, c->tau_part2, sizeof o.tau2);
    return o;
}

static void update_variances(struct driver_candidate *c, const struct driver_sums *s)
{
    double gamma[CALC_DRIVER_MAX], tau2[CALC_DRIVER_MAX], part_s[CALC_DRIVER_MAX];

    for (size_t k = 0; k < c->k; k++) {
        part_s[k] = lanes_sum(s->part_s[k]);
        gamma[k] = (double)c->set->n_units - lanes_sum(s->part_v[k]) / c->tau_part2[k];
        gamma[k] = fmax(0.0, gamma[k]);
    }
    driver_pool(c->k, part_s, gamma, tau2);
    for (size_t k = 0; k < c->k; k++)
        c->tau_part2[k] = driver_clip(tau2[k], c->tau_part2[k], DRIVER_TAU_MIN * DRIVER_TAU_MIN,
                                      DRIVER_TAU_PART_MAX * DRIVER_TAU_PART_MAX);
    c->s2 = driver_scale(lanes_sum(s->squares), lanes_sum(s->used) / c->s2, (double)c->set->n_rows,
                         c->s2);
}

/* All parts advance together, from their cavities; s and tau_part move after every round. */
static bool learn_scales(struct driver_candidate *c, struct driver_batches *b)
{
    const size_t K = c->k, T = tri_size(K);
    struct driver_scales o = scales_of(c);
    struct driver_local l = {.ok = lanes_all()};

    memcpy(b->phi, b->cavity, b->n * K * sizeof *b->phi);
    for (size_t i = 0; i < b->n; i++) {
        struct driver_batch_rows rows = rows_of(K, b, i);

        b->lambda[i] = lanes_of(1.0);
        driver_local_predict(K, &o, &rows, b->phi + i * K, b->cavity_var + i * T, b->sd);
    }
    for (size_t it = 0; it < DRIVER_LEARN_ROUNDS; it++) {
        struct driver_sums s = {0};

        o = scales_of(c);
        for (size_t i = 0; i < b->n; i++) {
            struct driver_batch_rows rows = rows_of(K, b, i);

            l.q = b->cavity + i * K;
            l.vq = b->cavity_var + i * T;
            l.live = b->live[i];
            l.lambda = b->lambda[i];
            memcpy(l.phi, b->phi + i * K, K * sizeof *l.phi);
            driver_local_run(K, &o, &rows, &l, &s);
            b->lambda[i] = l.lambda;
            memcpy(b->phi + i * K, l.phi, K * sizeof *l.phi);
        }
        update_variances(c, &s);
    }
    return !lanes_any(~l.ok);
}

/* Residuals of rows of a batch, every step-th of the units' from the first, to where the set has
 * them. */
static void store_rows(const struct driver_batches *b, const struct calc_driver_set *set, size_t i,
                       const struct driver_batch_rows *rows, size_t first, size_t step,
                       double *to_r, double *to_sd)
{
    for (size_t l = 0; l < DRIVER_LANES; l++) {
        const uint32_t *unit = set->unit_row + b->unit[i * DRIVER_LANES + l];
        size_t at = unit[0] + first;

        for (size_t j = 0; j < rows->n && at < unit[1] && b->live[i][l] > 0.0; j++, at += step) {
            to_r[at] = rows->r[j][l];
            to_sd[at] = b->sd[j][l];
        }
    }
}

/* Part left out, bin seen: the rows of a batch at the cavities, where LOCAL starts. */
static void hold_out_parts(struct driver_candidate *c, const struct driver_batches *b,
                           const struct driver_scales *o, size_t i,
                           const struct driver_batch_rows *rows)
{
    const size_t T = tri_size(c->k);
    driver_lanes var[TRI_MAX];

    memcpy(var, b->cavity_var + i * T, T * sizeof *var);
    for (size_t k = 0; k < c->k; k++)
        var[tri(k, k)] += o->tau2[k];
    driver_local_predict(c->k, o, rows, b->cavity + i * c->k, var, b->sd);
    store_rows(b, c->set, i, rows, 0, 1, c->bin_r, c->bin_sd);
}

/* The rows of a fold, or those of the others. */
static struct driver_batch_rows take_rows(size_t k, const struct driver_batches *b,
                                          const struct driver_batch_rows *from, size_t folds,
                                          size_t fold, bool held)
{
    struct driver_batch_rows to = b->fold;

    to.n = 0;
    for (size_t j = 0; j < from->n; j++) {
        if ((j % folds == fold) != held)
            continue;
        memcpy(to.share + to.n * k, from->share + j * k, k * sizeof *to.share);
        memcpy(to.jac + to.n * k, from->jac + j * k, k * sizeof *to.jac);
        to.x[to.n] = from->x[j];
        to.w[to.n] = from->w[j];
        to.r[to.n++] = from->r[j];
    }
    return to;
}

static void store_locations(struct driver_candidate *c, const struct driver_batches *b, size_t i,
                            const struct driver_local *l)
{
    const size_t K = c->k, T = tri_size(K);

    for (size_t lane = 0; lane < DRIVER_LANES; lane++) {
        const size_t u = b->unit[i * DRIVER_LANES + lane];

        for (size_t k = 0; k < K && b->live[i][lane] > 0.0; k++)
            c->phi[u * K + k] = l->phi[k][lane];
        for (size_t t = 0; t < T && b->live[i][lane] > 0.0; t++)
            c->phi_var[u * T + t] = l->var[t][lane];
    }
}

/*
 * A batch from scratch: without each part (its bin seen), without each fold (the part seen by its
 * other rows), and with all rows.
 */
static void fit_batch(struct driver_candidate *c, const struct driver_batches *b,
                      const struct driver_scales *o, size_t i, struct driver_local *l)
{
    const uint32_t *unit = c->set->unit_row + b->unit[i * DRIVER_LANES];
    const size_t K = c->k, folds = driver_folds(unit[1] - unit[0]);
    struct driver_batch_rows rows = rows_of(K, b, i);

    l->q = b->cavity + i * K;
    l->vq = b->cavity_var + i * tri_size(K);
    hold_out_parts(c, b, o, i, &rows);
    for (size_t fold = 0; fold < folds && folds > 1; fold++) {
        struct driver_batch_rows some = take_rows(K, b, &rows, folds, fold, false);

        driver_local_run(K, o, &some, l, NULL);
        some = take_rows(K, b, &rows, folds, fold, true);
        driver_local_predict(K, o, &some, l->phi, l->var, b->sd);
        store_rows(b, c->set, i, &some, fold, folds, c->part_r, c->part_sd);
    }
    driver_local_run(K, o, &rows, l, NULL);
    store_locations(c, b, i, l);
}

/* Bin left out: its rows at the location of the others. */
DRIVER_INLINE void hold_out_bin(const size_t K, struct driver_candidate *c, size_t bin)
{
    const struct calc_driver_set *set = c->set;
    const size_t T = tri_size(K), first = set->bin_unit[bin], end = set->bin_unit[bin + 1];
    struct driver_location at;
    double var[TRI_MAX];

    memcpy(var, c->hole_var + bin * T, T * sizeof *var);
    sym_add_diagonal(K, var, c->tau_bin2);
    sym_add_diagonal(K, var, c->tau_part2);
    driver_locate(K, c->hole + bin * K, &at);
    for (size_t i = set->unit_row[first]; i < set->unit_row[end]; i++) {
        double jac[CALC_DRIVER_MAX];

        c->env_r[i] = driver_residual(K, &at, set->x[i], c->share + i * K, jac);
        c->env_sd[i] = sqrt(c->s2 + fmax(0.0, sym_quad(K, var, jac)));
    }
}

/* All bins, K known to the compiler. */
static void hold_out_bins(struct driver_candidate *c)
{
    for (size_t bin = 0; bin < c->set->n_bins; bin++) {
        switch (c->k) {
        case 1:
            hold_out_bin(1, c, bin);
            break;
        case 2:
            hold_out_bin(2, c, bin);
            break;
        case 3:
            hold_out_bin(3, c, bin);
            break;
        default:
            hold_out_bin(4, c, bin);
        }
    }
}

bool driver_stage_b(struct driver_candidate *c, struct driver_batches *b)
{
    struct driver_local l = {.ok = lanes_all()};
    struct driver_scales o;

    driver_batches_fill(b, c);
    if (!learn_scales(c, b))
        return false;
    o = scales_of(c);
    memset(c->part_r, 0, c->set->n_rows * sizeof *c->part_r);
    memset(c->part_sd, 0, c->set->n_rows * sizeof *c->part_sd);
    for (size_t i = 0; i < b->n; i++)
        fit_batch(c, b, &o, i, &l);
    hold_out_bins(c);
    return !lanes_any(~l.ok);
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
