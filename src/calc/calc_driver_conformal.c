/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_conformal.c: conformal quantiles by history of what is predicted */
#include "calc_driver_internal.h"
#include "calc_sort.h"
#include "calc_sum.h"

#include <gsl/gsl_cdf.h>

/*
 * Quantile over exchangeable units: the smallest score with sum of 1 / n_unit over the scores up to
 * it >= (1 - alpha)(units + 1). Fed with scores in ascending order.
 */
struct quantile {
    double target, sum, q;
    bool bounded;
};

static struct quantile quantile_start(double alpha, size_t units)
{
    return (struct quantile){(1.0 - alpha) * ((double)units + 1.0) - 1e-9, 0.0, 0.0, false};
}

static void quantile_feed(struct quantile *g, double score, double weight)
{
    if (g->bounded)
        return;
    g->sum += weight;
    if (g->sum >= g->target) {
        g->q = score;
        g->bounded = true;
    }
}

static size_t units_in(const struct calc_driver_set *set, size_t bin)
{
    return set->bin_unit[bin + 1] - set->bin_unit[bin];
}

static size_t rows_in(const struct calc_driver_set *set, size_t bin)
{
    return set->unit_row[set->bin_unit[bin + 1]] - set->unit_row[set->bin_unit[bin]];
}

size_t driver_count_groups(const struct calc_driver_set *set)
{
    size_t n = DRIVER_FIXED_GROUPS;

    for (size_t b = 0; b < set->n_bins; b++)
        n += units_in(set, b) >= DRIVER_BIG_BIN;
    return n;
}

static enum calc_driver_kind kind_of(uint32_t history)
{
    return history >= 4 ? CALC_DRIVER_PART4 : history >= 2 ? CALC_DRIVER_PART2 : CALC_DRIVER_PART1;
}

static void set_own(struct calc_driver_group *g, const struct quantile *own)
{
    g->bounded = own->bounded;
    g->q = own->q;
    g->method = own->bounded ? CALC_DRIVER_OWN : CALC_DRIVER_INSUFFICIENT;
}

/* Scores |r| / sd in ascending order into w->index; rows without history last. */
static void sort_scores(const double *r, const double *sd, const uint32_t *history, size_t n,
                        const struct driver_sorting *w)
{
    for (size_t i = 0; i < n; i++)
        w->score[i] = history == NULL || history[i] > 0 ? fabs(r[i]) / sd[i] : DBL_MAX;
    calc_sort_numbers(w->score, w->index, w->index2, w->key, w->key2, n);
}

/* part4, part2, part1 on their own; returns the quantile of all of them together. */
static struct quantile part_groups(const struct calc_driver_fit *fit, struct calc_driver_group *g,
                                   const struct driver_sorting *w)
{
    const size_t n = fit->set->n_rows;
    struct quantile own[3], all;

    for (size_t i = 0; i < n; i++) {
        if (fit->history[i] > 0) {
            g[kind_of(fit->history[i])].n++;
            g[kind_of(fit->history[i])].units++;
        }
    }
    for (unsigned k = 0; k < 3; k++)
        own[k] = quantile_start(fit->alpha, g[k].n);
    all = quantile_start(fit->alpha, (size_t)g[0].n + g[1].n + g[2].n);
    sort_scores(fit->part_r, fit->part_sd, fit->history, n, w);
    for (size_t i = 0; i < n; i++) {
        uint32_t row = w->index[i];

        if (fit->history[row] == 0)
            continue;
        quantile_feed(&own[kind_of(fit->history[row])], w->score[row], 1.0);
        quantile_feed(&all, w->score[row], 1.0);
    }
    for (unsigned k = 0; k < 3; k++)
        set_own(&g[k], &own[k]);
    return all;
}

static uint32_t bin_of_row(const struct calc_driver_set *set, const uint32_t *unit_of, size_t row)
{
    return set->unit_bin[unit_of[row]];
}

/* Unit of every row, into the array used for it. */
static void index_rows(const struct calc_driver_set *set, uint32_t *unit_of)
{
    for (uint32_t u = 0; u < set->n_units; u++)
        for (uint32_t i = set->unit_row[u]; i < set->unit_row[u + 1]; i++)
            unit_of[i] = u;
}

/* bin and bin:<label> on their own; returns the quantile over all bins. */
static struct quantile bin_groups(const struct calc_driver_fit *fit, struct calc_driver_group *g,
                                  const struct driver_sorting *w)
{
    const struct calc_driver_set *set = fit->set;
    struct calc_driver_group *label = g + DRIVER_FIXED_GROUPS;
    struct quantile small, all = quantile_start(fit->alpha, set->n_units);
    uint32_t *unit_of = w->index2, *group_of_bin = (uint32_t *)w->key; /* free once sorted */

    sort_scores(fit->bin_r, fit->bin_sd, NULL, set->n_rows, w);
    index_rows(set, unit_of);
    for (uint32_t b = 0; b < set->n_bins; b++) {
        struct calc_driver_group *to = &g[CALC_DRIVER_BIN];

        group_of_bin[b] = CALC_DRIVER_BIN;
        if (units_in(set, b) >= DRIVER_BIG_BIN) {
            to = label++;
            *to = (struct calc_driver_group){.kind = CALC_DRIVER_LABEL, .bin = b};
            to->method = CALC_DRIVER_INSUFFICIENT;
            group_of_bin[b] = (uint32_t)(to - g);
        }
        to->units += (uint32_t)units_in(set, b);
        to->n += (uint32_t)rows_in(set, b);
        w->bin_sum[b] = 0.0;
    }
    small = quantile_start(fit->alpha, g[CALC_DRIVER_BIN].units);
    for (size_t i = 0; i < set->n_rows; i++) {
        uint32_t row = w->index[i], u = unit_of[row], b = bin_of_row(set, unit_of, row);
        double weight = 1.0 / (double)(set->unit_row[u + 1] - set->unit_row[u]);
        struct calc_driver_group *to = &g[group_of_bin[b]];

        quantile_feed(&all, w->score[row], weight);
        if (to->kind == CALC_DRIVER_BIN) {
            quantile_feed(&small, w->score[row], weight);
        } else if (!to->bounded) {
            struct quantile own = quantile_start(fit->alpha, to->units);

            own.sum = w->bin_sum[b];
            quantile_feed(&own, w->score[row], weight);
            w->bin_sum[b] = own.sum;
            set_own(to, &own);
        }
    }
    set_own(&g[CALC_DRIVER_BIN], &small);
    return all;
}

static void env_group(const struct calc_driver_fit *fit, struct calc_driver_group *g,
                      const struct driver_sorting *w)
{
    const struct calc_driver_set *set = fit->set;
    struct quantile own = quantile_start(fit->alpha, set->n_bins);

    sort_scores(fit->env_r, fit->env_sd, NULL, set->n_rows, w);
    index_rows(set, w->index2);
    for (size_t i = 0; i < set->n_rows; i++) {
        uint32_t row = w->index[i], b = bin_of_row(set, w->index2, row);

        quantile_feed(&own, w->score[row], 1.0 / (double)rows_in(set, b));
    }
    g[CALC_DRIVER_ENV].n = (uint32_t)set->n_rows;
    g[CALC_DRIVER_ENV].units = (uint32_t)set->n_bins;
    set_own(&g[CALC_DRIVER_ENV], &own);
}

static void take(struct calc_driver_group *g, const struct quantile *from,
                 enum calc_driver_method method)
{
    if (!g->bounded && from->bounded) {
        g->bounded = true;
        g->q = from->q;
        g->method = method;
    }
}

/* What a group without a quantile of its own borrows, in this order. */
static const struct {
    enum calc_driver_kind kind;
    enum calc_driver_kind lender[4];
    unsigned n;
} loans[] = {
    {CALC_DRIVER_PART4, {CALC_DRIVER_PART2, CALC_DRIVER_PART1, CALC_DRIVER_BIN}, 3},
    {CALC_DRIVER_PART2, {CALC_DRIVER_PART1, CALC_DRIVER_BIN}, 2},
    {CALC_DRIVER_PART1, {CALC_DRIVER_BIN}, 1},
    {CALC_DRIVER_BIN, {CALC_DRIVER_PART1, CALC_DRIVER_PART2, CALC_DRIVER_PART4}, 3},
    {CALC_DRIVER_ENV,
     {CALC_DRIVER_BIN, CALC_DRIVER_PART1, CALC_DRIVER_PART2, CALC_DRIVER_PART4},
     4},
};

static void borrow(struct calc_driver_group *g, const struct quantile *lend,
                   const struct quantile *all_seen, double floor_q)
{
    unsigned row = g->kind == CALC_DRIVER_LABEL ? CALC_DRIVER_BIN : g->kind;

    for (unsigned i = 0; i < loans[row].n && !g->bounded; i++) {
        enum calc_driver_kind from = loans[row].lender[i];

        take(g, &lend[from],
             (enum calc_driver_method)(CALC_DRIVER_BORROW_PART4 + (from - CALC_DRIVER_PART4)));
        if (g->bounded)
            g->q = fmax(g->q, floor_q);
    }
    if (!g->bounded && all_seen->bounded) {
        take(g, all_seen, CALC_DRIVER_BORROW_ALL_SEEN);
        g->q = fmax(g->q, floor_q);
    }
}

/* Share of a group's own rows with a score up to its final q. */
static void measure_coverage(const struct calc_driver_fit *fit, struct calc_driver_group *g,
                             size_t n_groups, const struct driver_sorting *w)
{
    const struct calc_driver_set *set = fit->set;
    uint32_t *group_of_bin = w->index, *hit = w->index2;
    size_t label = DRIVER_FIXED_GROUPS;

    for (size_t i = 0; i < n_groups; i++)
        hit[i] = 0;
    for (size_t b = 0; b < set->n_bins; b++)
        group_of_bin[b] = units_in(set, b) >= DRIVER_BIG_BIN ? (uint32_t)label++ : CALC_DRIVER_BIN;
    for (size_t u = 0; u < set->n_units; u++) {
        const uint32_t bin = group_of_bin[set->unit_bin[u]];

        for (size_t i = set->unit_row[u]; i < set->unit_row[u + 1]; i++) {
            hit[bin] += fabs(fit->bin_r[i]) / fit->bin_sd[i] <= g[bin].q;
            hit[CALC_DRIVER_ENV] += fabs(fit->env_r[i]) / fit->env_sd[i] <= g[CALC_DRIVER_ENV].q;
            if (fit->history[i] > 0) {
                enum calc_driver_kind kind = kind_of(fit->history[i]);

                hit[kind] += fabs(fit->part_r[i]) / fit->part_sd[i] <= g[kind].q;
            }
        }
    }
    for (size_t i = 0; i < n_groups; i++)
        g[i].coverage = g[i].bounded && g[i].n > 0 ? (double)hit[i] / (double)g[i].n : 0.0;
}

unsigned driver_conformal(const struct calc_driver_fit *fit, struct calc_driver_group *group,
                          const struct driver_sorting *w)
{
    const double floor_q = gsl_cdf_ugaussian_Qinv(0.5 * fit->alpha);
    const size_t n = driver_count_groups(fit->set);
    struct quantile all_seen, all_bins, lend[CALC_DRIVER_ENV];
    unsigned most = 0;

    for (unsigned k = 0; k < DRIVER_FIXED_GROUPS; k++)
        group[k] = (struct calc_driver_group){.kind = (enum calc_driver_kind)k};
    all_seen = part_groups(fit, group, w);
    all_bins = bin_groups(fit, group, w);
    env_group(fit, group, w);

    /* What each kind can lend: parts only their own, the bins also what all bins gave them. */
    for (unsigned k = 0; k < CALC_DRIVER_BIN; k++)
        lend[k] = (struct quantile){.q = group[k].q, .bounded = group[k].bounded};
    for (size_t i = 0; i < n; i++) {
        if (group[i].kind == CALC_DRIVER_BIN || group[i].kind == CALC_DRIVER_LABEL)
            take(&group[i], &all_bins, CALC_DRIVER_ALL_BINS);
        else if (group[i].kind != CALC_DRIVER_ENV)
            take(&group[i], &all_seen, CALC_DRIVER_ALL_SEEN);
    }
    lend[CALC_DRIVER_BIN] =
        (struct quantile){.q = group[CALC_DRIVER_BIN].q, .bounded = group[CALC_DRIVER_BIN].bounded};
    for (size_t i = 0; i < n; i++) {
        borrow(&group[i], lend, &all_seen, floor_q);
        most = group[i].units > group[most].units ? (unsigned)i : most;
    }
    measure_coverage(fit, group, n, w);
    return most;
}

struct calc_driver_metrics driver_metrics(const double *r, const uint32_t *history, size_t n,
                                          const struct driver_sorting *w)
{
    struct calc_driver_metrics out = {0};
    struct calc_sum squares, ape;
    size_t m = 0;

    calc_sum_init(&squares);
    calc_sum_init(&ape);
    for (size_t i = 0; i < n; i++) {
        if (history != NULL && history[i] == 0)
            continue;
        w->score[m] = driver_ape(r[i]);
        w->value[m++] = r[i];
    }
    out.n = m;
    if (m == 0)
        return out;
    calc_sort_numbers(w->score, w->index, w->index2, w->key, w->key2, m);
    for (size_t i = 0; i < m; i++) { /* in this order the rows' own does not matter */
        double v = w->value[w->index[i]];

        calc_sum_add(&squares, v * v);
        calc_sum_add(&ape, w->score[w->index[i]]);
    }
    out.rmse_log = sqrt(calc_sum_value(&squares) / (double)m);
    out.mape = calc_sum_value(&ape) / (double)m;
    out.median_ape = w->score[w->index[m / 2]];
    if (m % 2 == 0)
        out.median_ape = 0.5 * (out.median_ape + w->score[w->index[m / 2 - 1]]);
    return out;
}
