/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_fit.c: candidates, choice and intervals of the driver posterior */
#include "calc_driver_batch.h"
#include "calc_sort.h"

#include <string.h>

struct layout {
    struct driver_candidate identity, bias, drivers;
    struct driver_scratch scratch;
    struct driver_batches batches;
    struct driver_sorting sorting;
    uint32_t *history;
    double *compact; /* shares of the drivers that occur */
    double *guard;
    struct calc_driver_group *group;
    uint32_t *by_part;
    uint64_t *key;
};

static unsigned count_present(const struct calc_driver_set *set)
{
    unsigned k = 0;

    for (unsigned d = 0; d < CALC_DRIVER_MAX; d++)
        k += set->present >> d & 1U;
    return k;
}

/* Drivers are a candidate when at least two of them occur. */
static unsigned driver_count(const struct calc_driver_set *set)
{
    unsigned k = set->share == NULL ? 1 : count_present(set);

    return k >= 2 && set->n_rows >= DRIVER_MIN_GUARD_ROWS ? k : 1;
}

static void cut_held_out(struct calc_driver_memory *m, struct driver_candidate *c, size_t n)
{
    c->part_r = calc_driver_cut_numbers(m, n);
    c->part_sd = calc_driver_cut_numbers(m, n);
    c->bin_r = calc_driver_cut_numbers(m, n);
    c->bin_sd = calc_driver_cut_numbers(m, n);
    c->env_r = calc_driver_cut_numbers(m, n);
    c->env_sd = calc_driver_cut_numbers(m, n);
}

static void cut_candidate(struct calc_driver_memory *m, struct driver_candidate *c,
                          const struct calc_driver_set *set, unsigned k)
{
    const size_t t = tri_size(k);

    c->set = set;
    c->k = k;
    c->theta = calc_driver_cut_numbers(m, set->n_bins * k);
    c->theta_var = calc_driver_cut_numbers(m, set->n_bins * t);
    c->hole = calc_driver_cut_numbers(m, set->n_bins * k);
    c->hole_var = calc_driver_cut_numbers(m, set->n_bins * t);
    c->cavity = calc_driver_cut_numbers(m, set->n_units * k);
    c->cavity_var = calc_driver_cut_numbers(m, set->n_units * t);
    c->phi = calc_driver_cut_numbers(m, set->n_units * k);
    c->phi_var = calc_driver_cut_numbers(m, set->n_units * t);
    cut_held_out(m, c, set->n_rows);
}

static void cut_scratch(struct calc_driver_memory *m, struct driver_scratch *w,
                        const struct calc_driver_set *set, size_t k)
{
    const size_t t = tri_size(k), n = set->n_rows, units = set->n_units, bins = set->n_bins;

    for (unsigned g = 0; g < 2; g++) {
        w->r[g] = calc_driver_cut_numbers(m, n);
        w->jac[g] = calc_driver_cut_numbers(m, n * k);
    }
    w->weight = calc_driver_cut_numbers(m, n);
    w->lambda = calc_driver_cut_numbers(m, units);
    w->gain = calc_driver_cut_numbers(m, units * t);
    w->info = calc_driver_cut_numbers(m, units * t);
    w->grad = calc_driver_cut_numbers(m, units * k);
    w->target = calc_driver_cut_numbers(m, bins * k);
    w->move = calc_driver_cut_numbers(m, bins * k);
    w->bin_info = calc_driver_cut_numbers(m, bins * t);
    w->bin_grad = calc_driver_cut_numbers(m, bins * k);
    w->bin_gain = calc_driver_cut_numbers(m, bins * t);
    w->rest_info = calc_driver_cut_numbers(m, bins * t);
    w->rest_grad = calc_driver_cut_numbers(m, bins * k);
}

void driver_cut_sorting(struct calc_driver_memory *m, struct driver_sorting *w, size_t n,
                        size_t bins)
{
    const size_t slack = 2 * DRIVER_FIXED_GROUPS; /* groups can outnumber rows by the fixed ones */

    w->score = calc_driver_cut_numbers(m, n);
    w->value = calc_driver_cut_numbers(m, n);
    w->key = calc_driver_cut(m, n, sizeof *w->key);
    w->key2 = calc_driver_cut(m, n, sizeof *w->key2);
    w->index = calc_driver_cut_indices(m, n + slack);
    w->index2 = calc_driver_cut_indices(m, n + slack);
    w->bin_sum = calc_driver_cut_numbers(m, bins);
}

/* Scratch of stage A, of stage B, then of guard and intervals: never needed together, they lie on
 * the same bytes. */
static struct layout lay_out(struct calc_driver_memory *m, const struct calc_driver_set *set)
{
    const size_t n = set->n_rows;
    struct layout l = {0};
    unsigned k = driver_count(set);
    size_t start, most = 0;

    l.group = calc_driver_cut(m, driver_count_groups(set), sizeof *l.group);
    l.history = calc_driver_cut_indices(m, n);
    l.by_part = calc_driver_cut_indices(m, set->n_units);
    l.key = calc_driver_cut(m, n, sizeof *l.key);
    l.identity.part_r = calc_driver_cut_numbers(m, n);
    l.identity.part_sd = calc_driver_cut_numbers(m, n);
    cut_candidate(m, &l.bias, set, 1);
    if (k > 1) {
        cut_candidate(m, &l.drivers, set, k);
        l.compact = calc_driver_cut_numbers(m, k < CALC_DRIVER_MAX ? n * k : 0);
    }
    start = m->used;
    cut_scratch(m, &l.scratch, set, k);
    calc_driver_overlay(m, start, &most);
    driver_batches_cut(m, &l.batches, set, k);
    calc_driver_overlay(m, start, &most);
    l.guard = calc_driver_cut_numbers(m, 2 * n + 3 * driver_guard_units(set));
    driver_cut_sorting(m, &l.sorting, n, set->n_bins);
    m->used = m->used > most ? m->used : most;
    return l;
}

size_t calc_driver_fit_size(const struct calc_driver_set *set)
{
    struct calc_driver_memory m = {0};

    lay_out(&m, set);
    return m.used;
}

/* Shares of the drivers that occur, k columns. */
static const double *compact_shares(const struct calc_driver_set *set, size_t k, double *to)
{
    size_t at = 0;

    if (k == CALC_DRIVER_MAX)
        return set->share;
    for (size_t i = 0; i < set->n_rows; i++)
        for (unsigned d = 0; d < CALC_DRIVER_MAX; d++)
            if (set->present >> d & 1U)
                to[at++] = set->share[i * CALC_DRIVER_MAX + d];
    return to;
}

static void fill_history(const struct calc_driver_set *set, uint32_t *history)
{
    for (size_t u = 0; u < set->n_units; u++) {
        uint32_t first = set->unit_row[u], n = set->unit_row[u + 1] - first;

        for (uint32_t j = 0; j < n; j++)
            history[first + j] = driver_history(n, j);
    }
}

/* Identity predicts the should-cost itself, with one scale for every row and level. */
static void fill_identity(struct driver_candidate *c, const struct calc_driver_set *set)
{
    double sd = driver_identity_scale(set->x, set->n_rows);

    memcpy(c->part_r, set->x, set->n_rows * sizeof *c->part_r);
    for (size_t i = 0; i < set->n_rows; i++)
        c->part_sd[i] = sd;
    c->bin_r = c->env_r = c->part_r;
    c->bin_sd = c->env_sd = c->part_sd;
    c->s2 = sd * sd;
    c->iterations = DRIVER_SCALE_ROUNDS;
    c->k = 1;
}

static bool run(struct driver_candidate *c, struct layout *l)
{
    return driver_stage_a(c, &l->scratch) && driver_stage_b(c, &l->batches);
}

/* Identity has no effects: those of bias, set to 0, stand for them in the report. */
static void clear_effects(struct driver_candidate *bias, struct driver_candidate *identity)
{
    const struct calc_driver_set *set = bias->set;

    memset(bias->theta, 0, set->n_bins * sizeof *bias->theta);
    memset(bias->theta_var, 0, set->n_bins * sizeof *bias->theta_var);
    memset(bias->phi, 0, set->n_units * sizeof *bias->phi);
    memset(bias->phi_var, 0, set->n_units * sizeof *bias->phi_var);
    identity->theta = bias->theta;
    identity->theta_var = bias->theta_var;
    identity->phi = bias->phi;
    identity->phi_var = bias->phi_var;
}

static void name_drivers(struct calc_driver_fit *fit)
{
    fit->driver[0] = CALC_DRIVER_TOTAL;
    if (fit->model != CALC_DRIVER_DRIVERS)
        return;
    for (unsigned d = 0, k = 0; d < CALC_DRIVER_MAX; d++)
        if (fit->set->present >> d & 1U)
            fit->driver[k++] = (enum calc_driver_name)d;
}

static int compare_parts(const void *context, uint32_t a, uint32_t b)
{
    return calc_order_keys(calc_driver_set_part(context, a), calc_driver_set_part(context, b));
}

/* Units by part: first bytes in linear time, then the runs of equals; stable, so bins ascend. */
static void order_by_part(const struct calc_driver_set *set, uint32_t *by_part,
                          const struct driver_sorting *w)
{
    const struct calc_sort_compare by = {compare_parts, set};

    for (uint32_t u = 0; u < set->n_units; u++) {
        by_part[u] = u;
        w->key[u] = calc_sort_prefix(calc_driver_set_part(set, u));
    }
    calc_sort_radix(w->key, by_part, w->key2, w->index2, set->n_units);
    for (size_t a = 0, b; a < set->n_units; a = b) {
        for (b = a + 1; b < set->n_units && w->key[b] == w->key[a];)
            b++;
        calc_sort_merge(by_part + a, w->index2, b - a, by);
    }
}

static size_t order_keys(const struct calc_driver_set *set, uint64_t *key,
                         const struct driver_sorting *w)
{
    uint64_t any = 0;

    for (size_t i = 0; i < set->n_rows; i++) {
        key[i] = set->rows[i].key;
        any |= key[i];
    }
    calc_sort_radix(key, w->index, w->key2, w->index2, set->n_rows);
    return any != 0 ? set->n_rows : 0;
}

static void publish(struct calc_driver_fit *fit, const struct driver_candidate *c)
{
    const struct calc_driver_set *set = fit->set;

    fit->k = c->k;
    name_drivers(fit);
    fit->iterations = c->iterations;
    fit->last_step = c->last_step;
    fit->s = sqrt(c->s2);
    for (unsigned k = 0; k < c->k; k++) {
        fit->tau_bin[k] = sqrt(c->tau_bin2[k]);
        fit->tau_part[k] = sqrt(c->tau_part2[k]);
        fit->mu[k] = c->mu[k];
    }
    memcpy(fit->mu_var, c->mu_var, tri_size(c->k) * sizeof *fit->mu_var);
    fit->theta = c->theta;
    fit->theta_var = c->theta_var;
    fit->phi = c->phi;
    fit->phi_var = c->phi_var;
    if (fit->model != CALC_DRIVER_IDENTITY)
        fit->active_posterior_count = (1 + set->n_bins + set->n_units) * c->k;
    fit->part_r = c->part_r;
    fit->part_sd = c->part_sd;
    fit->bin_r = c->bin_r;
    fit->bin_sd = c->bin_sd;
    fit->env_r = c->env_r;
    fit->env_sd = c->env_sd;
}

enum calc_status calc_driver_fit(struct calc_driver_fit *fit, const struct calc_driver_set *set,
                                 double alpha, void *memory, size_t size)
{
    struct calc_driver_memory m = {memory, size, 0};
    const struct driver_candidate *candidate[3], *chosen;
    struct calc_driver_fit out = {.set = set, .alpha = alpha};
    unsigned n = 0;
    struct layout l;

    if (!(alpha > 0.0) || !(alpha < 1.0))
        return CALC_DOMAIN;
    if (set->n_rows == 0)
        return CALC_SIZE;
    l = lay_out(&m, set);
    if (memory == NULL || m.used > size)
        return CALC_SIZE;

    fill_history(set, l.history);
    out.history = l.history;
    if (set->n_rows >= DRIVER_MIN_GUARD_ROWS) {
        fill_identity(&l.identity, set);
        out.guard[n].model = CALC_DRIVER_IDENTITY;
        candidate[n++] = &l.identity;
    }
    l.bias.share = set->x; /* one driver has share 1 everywhere: never read */
    if (!run(&l.bias, &l))
        return CALC_SINGULAR;
    out.guard[n].model = CALC_DRIVER_BIAS;
    candidate[n++] = &l.bias;
    if (l.drivers.k > 1) {
        l.drivers.share = compact_shares(set, l.drivers.k, l.compact);
        if (!run(&l.drivers, &l))
            return CALC_SINGULAR;
        out.guard[n].model = CALC_DRIVER_DRIVERS;
        candidate[n++] = &l.drivers;
    }
    driver_guard(&out, candidate, n, l.guard);

    chosen = &l.drivers;
    if (out.model == CALC_DRIVER_BIAS)
        chosen = &l.bias;
    if (out.model == CALC_DRIVER_IDENTITY) {
        clear_effects(&l.bias, &l.identity);
        chosen = &l.identity;
    }
    publish(&out, chosen);
    out.group = l.group;
    out.n_groups = (unsigned)driver_count_groups(set);
    out.main_group = driver_conformal(&out, l.group, &l.sorting);
    out.seen_part = driver_metrics(out.part_r, out.history, set->n_rows, &l.sorting);
    out.unseen_part = driver_metrics(out.bin_r, NULL, set->n_rows, &l.sorting);
    out.unseen_bin = driver_metrics(out.env_r, NULL, set->n_rows, &l.sorting);
    order_by_part(set, l.by_part, &l.sorting);
    out.by_part = l.by_part;
    out.n_keys = order_keys(set, l.key, &l.sorting);
    out.key = l.key;
    *fit = out;
    return CALC_OK;
}
