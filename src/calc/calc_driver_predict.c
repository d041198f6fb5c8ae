/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_predict.c: quotes and effects from a posterior, and its errors on unseen rows */
#include "calc_driver_internal.h"
#include "calc_driver_posterior.h"
#include "calc_driver_record.h"

#include <string.h>

#define Z90 1.6448536269514722 /* 95 % point of the normal: a central 90 % interval */

void calc_driver_locate(const struct calc_driver_view *view, struct calc_key bin,
                        struct calc_key part, struct calc_driver_site *site)
{
    struct calc_driver_site out = {.level = CALC_DRIVER_ENVIRONMENT, .group = CALC_DRIVER_ENV};
    size_t b, unit;

    if (bin.s != NULL && calc_driver_find_bin(view, bin, &b)) {
        out.level = CALC_DRIVER_IN_BIN;
        out.index = b;
        out.group = driver_view_bin_group(view, b);
        if (calc_driver_find_unit(view, b, part, &unit)) {
            size_t n = calc_driver_view_unit(view, unit).n_rows;

            out.level = CALC_DRIVER_IN_PART;
            out.index = unit;
            out.group = n >= 4 ? CALC_DRIVER_PART4 : n >= 2 ? CALC_DRIVER_PART2 : CALC_DRIVER_PART1;
        }
    }
    driver_view_location(view, out.level, out.index, out.phi, out.var);
    for (size_t k = 0; k < view->k; k++) {
        if (out.level != CALC_DRIVER_IN_PART)
            out.var[tri(k, k)] += view->tau_part[k] * view->tau_part[k];
        if (out.level == CALC_DRIVER_ENVIRONMENT)
            out.var[tri(k, k)] += view->tau_bin[k] * view->tau_bin[k];
    }
    *site = out;
}

/* Shares of the row's total and its logarithm. */
static bool split_row(const struct calc_driver_view *view, const struct calc_driver_row *row,
                      double share[CALC_DRIVER_MAX], double *log_total)
{
    double top = 0.0, sum = 0.0;

    for (unsigned d = 0; d < CALC_DRIVER_MAX; d++) {
        if (!(row->c[d] >= 0.0) || !isfinite(row->c[d]))
            return false;
        top = fmax(top, row->c[d]);
    }
    if (!(top > 0.0)) {
        memcpy(share, view->mean_share, CALC_DRIVER_MAX * sizeof *share);
        if (!(row->predicted > 0.0) || !isfinite(row->predicted))
            return false;
        *log_total = log(row->predicted);
        return true;
    }
    for (unsigned d = 0; d < CALC_DRIVER_MAX; d++) {
        share[d] = row->c[d] / top;
        sum += share[d];
    }
    for (unsigned d = 0; d < CALC_DRIVER_MAX; d++)
        share[d] /= sum;
    *log_total = log(top) + log(sum);
    return true;
}

/* ln sum e^{phi} share over all four components and its variance: drivers of the fit first. */
static void combine(const struct calc_driver_view *view, const struct calc_driver_site *site,
                    const double share[CALC_DRIVER_MAX], struct calc_driver_prediction *out)
{
    const double unseen = DRIVER_OMEGA0 * DRIVER_OMEGA0 + 2.0 * DRIVER_TAU0 * DRIVER_TAU0;
    double ordered[CALC_DRIVER_MAX], phi[CALC_DRIVER_MAX] = {0}, jac[CALC_DRIVER_MAX];
    double var = 0.0;
    size_t at = 0, rest = view->k;

    for (unsigned d = 0; d < CALC_DRIVER_MAX; d++) {
        bool fitted = view->present >> d & 1U;
        size_t to = fitted ? at++ : rest++;

        ordered[to] = share[d];
        phi[to] = fitted ? site->phi[to] : 0.0;
        out->log_factor[d] = phi[to];
    }
    out->log_median += driver_log_sum_far(CALC_DRIVER_MAX, phi, ordered, jac);
    for (size_t i = 0; i < CALC_DRIVER_MAX; i++)
        for (size_t j = 0; j <= i; j++) {
            double v = i < view->k ? site->var[tri(i, j)] : i == j ? unseen : 0.0;

            var += (i == j ? 1.0 : 2.0) * v * jac[i] * jac[j];
        }
    out->sigma = sqrt(view->s * view->s + fmax(0.0, var));
}

enum calc_status calc_driver_price(const struct calc_driver_view *view,
                                   const struct calc_driver_site *site,
                                   const struct calc_driver_row *row,
                                   struct calc_driver_prediction *out)
{
    struct calc_driver_prediction p = {0};
    struct calc_driver_group group;
    double share[CALC_DRIVER_MAX];

    if (!split_row(view, row, share, &p.log_median))
        return CALC_DOMAIN;
    if (view->model == CALC_DRIVER_DRIVERS) {
        combine(view, site, share, &p);
    } else {
        p.log_median += site->phi[0];
        p.sigma = sqrt(view->s * view->s + fmax(0.0, site->var[0]));
        for (unsigned d = 0; d < CALC_DRIVER_MAX; d++)
            p.log_factor[d] = site->phi[0];
    }
    group = calc_driver_view_group(view, site->group);
    if (group.bounded) {
        p.bounded = true;
        p.q = group.q;
        p.log_lower = p.log_median - p.q * p.sigma;
        p.log_upper = p.log_median + p.q * p.sigma;
    }
    *out = p;
    return CALC_OK;
}

enum calc_status calc_driver_predict(const struct calc_driver_view *view,
                                     const struct calc_driver_row *row,
                                     struct calc_driver_site *site,
                                     struct calc_driver_prediction *out)
{
    struct calc_driver_site here;

    calc_driver_locate(view, row->bin, row->part, &here);
    if (site != NULL)
        *site = here;
    return calc_driver_price(view, &here, row, out);
}

static double finite_exp(double x)
{
    return exp(fmin(x, 700.0));
}

struct calc_driver_effect calc_driver_effect(const struct calc_driver_view *view,
                                             enum calc_driver_level level, size_t index, unsigned k)
{
    double phi[CALC_DRIVER_MAX], var[TRI_MAX], prior = DRIVER_OMEGA0 * DRIVER_OMEGA0;
    struct calc_driver_effect out = {0};

    driver_view_location(view, level, index, phi, var);
    out.theta = phi[k];
    out.sd = sqrt(var[tri(k, k)]);
    out.multiplier = finite_exp(out.theta);
    out.lower = finite_exp(out.theta - Z90 * out.sd);
    out.upper = finite_exp(out.theta + Z90 * out.sd);
    if (view->model == CALC_DRIVER_IDENTITY)
        return out;
    if (level != CALC_DRIVER_ENVIRONMENT)
        prior += view->tau_bin[k] * view->tau_bin[k];
    if (level == CALC_DRIVER_IN_PART)
        prior += view->tau_part[k] * view->tau_part[k];
    out.has_informed = true;
    out.informed = fmax(0.0, 1.0 - var[tri(k, k)] / prior);
    return out;
}

struct evaluation_layout {
    double *r;
    struct driver_sorting sorting;
};

static struct evaluation_layout lay_out(struct calc_driver_memory *m, size_t n)
{
    struct evaluation_layout l;

    l.r = calc_driver_cut_numbers(m, n);
    driver_cut_sorting(m, &l.sorting, n, 0);
    return l;
}

size_t calc_driver_evaluate_size(size_t n)
{
    struct calc_driver_memory m = {0};

    lay_out(&m, n);
    return m.used;
}

enum calc_status calc_driver_evaluate(const struct calc_driver_view *view,
                                      const struct calc_driver_row *rows, size_t n, void *memory,
                                      size_t size, struct calc_driver_evaluation *out)
{
    struct calc_driver_memory m = {memory, size, 0};
    struct evaluation_layout l = lay_out(&m, n);
    struct calc_driver_evaluation e = {0};
    size_t inside = 0;

    if (memory == NULL || m.used > size)
        return CALC_SIZE;
    for (size_t i = 0; i < n; i++) {
        struct calc_driver_prediction p;
        struct calc_driver_site site;

        calc_driver_locate(view, driver_row_bin(rows[i].bin), rows[i].part, &site);
        if (!(rows[i].actual > 0.0) || !isfinite(rows[i].actual) ||
            calc_driver_price(view, &site, &rows[i], &p) != CALC_OK)
            return CALC_DOMAIN;
        l.r[i] = log(rows[i].actual) - p.log_median;
        e.n_interval += p.bounded;
        inside += p.bounded && fabs(l.r[i]) / p.sigma <= p.q; /* as q was found: ties are in */
    }
    e.error = driver_metrics(l.r, NULL, n, &l.sorting);
    e.coverage = e.n_interval > 0 ? (double)inside / (double)e.n_interval : 0.0;
    *out = e;
    return CALC_OK;
}
