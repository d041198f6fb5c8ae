/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_gate.c: is a new fit better than the active one on rows new to the latter? */
#include "calc_driver_internal.h"
#include "calc_driver_posterior.h"
#include "calc_sum.h"

enum { MIN_ROWS = 3, MIN_ROWS_ONE_UNIT = 5 };

struct gate_layout {
    double *new_r, *new_sd, *old_r, *old_sd; /* compared rows */
    double *z;
    double *gain; /* per unit */
};

static struct gate_layout lay_out(struct calc_driver_memory *m, const struct calc_driver_set *set)
{
    struct gate_layout l;

    l.new_r = calc_driver_cut_numbers(m, set->n_rows);
    l.new_sd = calc_driver_cut_numbers(m, set->n_rows);
    l.old_r = calc_driver_cut_numbers(m, set->n_rows);
    l.old_sd = calc_driver_cut_numbers(m, set->n_rows);
    l.z = calc_driver_cut_numbers(m, set->n_rows);
    l.gain = calc_driver_cut_numbers(m, set->n_units);
    return l;
}

size_t calc_driver_gate_size(const struct calc_driver_set *set)
{
    struct calc_driver_memory m = {0};

    lay_out(&m, set);
    return m.used;
}

/* The active fit's own prediction of a row; without one the should-cost as it is. */
static void active_residual(const struct calc_driver_set *set,
                            const struct calc_driver_view *active,
                            const struct calc_driver_site *site, size_t i, double *r, double *sd)
{
    const struct calc_driver_row *row = &set->rows[set->order[i]];
    struct calc_driver_prediction p;

    *r = set->x[i];
    *sd = DRIVER_S0;
    /* Rows of a set can always be priced. */
    if (active != NULL && calc_driver_price(active, site, row, &p) == CALC_OK) {
        *r = log(row->actual) - p.log_median;
        *sd = p.sigma;
    }
}

static double scale(const double *r, const double *sd, size_t n, double *z)
{
    for (size_t i = 0; i < n; i++)
        z[i] = r[i] / sd[i];
    return sqrt(driver_kappa2(z, n));
}

/* Residuals of both fits on the rows that are new; count[u] of them per compared unit, in l->gain.
 */
static void collect(const struct calc_driver_fit *fit, const struct calc_driver_view *active,
                    const uint8_t *known, struct gate_layout *l, struct calc_driver_gate *g)
{
    const struct calc_driver_set *set = fit->set;

    for (size_t u = 0; u < set->n_units; u++) {
        struct calc_driver_site site = {0};
        size_t before = g->new_rows;

        for (size_t i = set->unit_row[u]; i < set->unit_row[u + 1]; i++) {
            size_t at = g->new_rows;

            if (known != NULL && active != NULL && known[set->order[i]])
                continue;
            if (at == before && active != NULL)
                calc_driver_locate(active,
                                   driver_row_bin(calc_driver_set_bin(set, set->unit_bin[u])),
                                   calc_driver_set_part(set, u), &site);
            active_residual(set, active, &site, i, &l->old_r[at], &l->old_sd[at]);
            l->new_r[at] = fit->history[i] > 0 ? fit->part_r[i] : fit->bin_r[i];
            l->new_sd[at] = fit->history[i] > 0 ? fit->part_sd[i] : fit->bin_sd[i];
            g->new_rows++;
        }
        if (g->new_rows > before)
            l->gain[g->units++] = (double)(g->new_rows - before);
    }
}

enum calc_status calc_driver_gate(const struct calc_driver_fit *fit,
                                  const struct calc_driver_view *active, const uint8_t *known,
                                  void *memory, size_t size, struct calc_driver_gate *out)
{
    const struct calc_driver_set *set = fit->set;
    struct calc_driver_memory m = {memory, size, 0};
    struct gate_layout l = lay_out(&m, set);
    struct calc_driver_gate g = {.verdict = CALC_DRIVER_NOT_IMPROVED};
    double new_kappa, old_kappa;

    if (memory == NULL || m.used > size)
        return CALC_SIZE;
    collect(fit, active, known, &l, &g);
    new_kappa = scale(l.new_r, l.new_sd, g.new_rows, l.z);
    old_kappa = scale(l.old_r, l.old_sd, g.new_rows, l.z);
    for (size_t u = 0, i = 0; u < g.units; u++) {
        const size_t n = (size_t)l.gain[u];
        struct calc_sum sum;

        calc_sum_init(&sum);
        for (size_t end = i + n; i < end; i++)
            calc_sum_add(&sum, driver_log_density(l.new_r[i], new_kappa * l.new_sd[i]) -
                                   driver_log_density(l.old_r[i], old_kappa * l.old_sd[i]));
        l.gain[u] = calc_sum_value(&sum) / (double)n;
    }
    if (g.units > 0)
        g.gain = calc_sum_of(l.gain, g.units) / (double)g.units;
    if (g.units > 1) {
        double units = (double)g.units;

        for (size_t u = 0; u < g.units; u++)
            l.gain[u] = (l.gain[u] - g.gain) * (l.gain[u] - g.gain);
        g.has_se = true;
        g.se = sqrt(calc_sum_of(l.gain, g.units) / (units - 1.0) / units);
    }
    if (set->n_rows < MIN_ROWS ||
        (active == NULL && set->n_units == 1 && set->n_rows < MIN_ROWS_ONE_UNIT))
        g.verdict = CALC_DRIVER_TOO_FEW;
    else if (g.gain > 1e-9 && fit->model != CALC_DRIVER_IDENTITY)
        g.verdict = CALC_DRIVER_IMPROVED;
    *out = g;
    return CALC_OK;
}
