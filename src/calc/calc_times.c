/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_times.c: split, bias and intervals of observed times */
#include "calc_times.h"

#include "calc_carve.h"
#include "calc_sort.h"
#include "calc_sum.h"

#include <stdint.h>

struct times_work {
    struct calc_times_row *rows; /* n, canonical order */
    size_t *bin;                 /* n: bin of each sorted row */
    size_t *start;               /* n + 1: first row of each bin in x, training rows only */
    size_t *model_bin;           /* n: bin of each fitted group */
    bool *held;                  /* n */
    double *x;                   /* n: log ratios of the sorted rows */
    double *numbers;             /* 4n: scratch of whatever is running */
    double *train;               /* n: log ratios of the training rows, bin after bin */
    struct calc_bias_bin *bias;  /* n */
    struct calc_key *keys;       /* n */
    struct calc_split_row *split;
    struct calc_conformal_row *scores;
};

static size_t times_carve(void *base, size_t n, struct times_work *w)
{
    size_t used = 0;

    w->rows = calc_carve(base, &used, n, sizeof *w->rows);
    w->bin = calc_carve(base, &used, n, sizeof *w->bin);
    w->start = calc_carve(base, &used, n + 1, sizeof *w->start);
    w->model_bin = calc_carve(base, &used, n, sizeof *w->model_bin);
    w->held = calc_carve(base, &used, n, sizeof *w->held);
    w->x = calc_carve(base, &used, n, sizeof *w->x);
    w->numbers = calc_carve(base, &used, 4 * n, sizeof *w->numbers);
    w->train = calc_carve(base, &used, n, sizeof *w->train);
    w->bias = calc_carve(base, &used, n, sizeof *w->bias);
    w->keys = calc_carve(base, &used, n, sizeof *w->keys);
    w->split = calc_carve(base, &used, n, sizeof *w->split);
    w->scores = calc_carve(base, &used, n, sizeof *w->scores);
    return used;
}

size_t calc_times_scratch(size_t n)
{
    struct times_work w;

    return times_carve(NULL, n, &w);
}

static int times_compare(const void *pa, const void *pb)
{
    const struct calc_times_row *a = pa;
    const struct calc_times_row *b = pb;
    int c = calc_order_keys(a->bin, b->bin);

    if (c == 0)
        c = calc_order_keys(a->key, b->key);
    if (c == 0)
        c = calc_order_numbers(a->lot_size, b->lot_size);
    if (c == 0)
        c = calc_order_numbers(a->predicted, b->predicted);
    return c != 0 ? c : calc_order_numbers(a->actual, b->actual);
}

/* A row to be sorted: few comparisons need more of it than this. */
struct times_place {
    struct calc_key bin;
    uint64_t key; /* what follows in it what all keys begin with */
    const struct calc_times_row *row;
};

static int times_compare_places(const void *pa, const void *pb)
{
    const struct times_place *a = pa;
    const struct times_place *b = pb;
    int c = calc_order_keys(a->bin, b->bin);

    if (c == 0)
        c = (a->key > b->key) - (a->key < b->key);
    return c != 0 ? c : times_compare(a->row, b->row);
}

/* Bytes that all keys begin with: ids made together have many. */
static size_t times_common(const struct calc_times_row *rows, size_t n)
{
    struct calc_key first = rows[0].key;

    for (size_t i = 1; i < n; i++) {
        size_t k = 0;

        while (k < first.n && k < rows[i].key.n && rows[i].key.s[k] == first.s[k])
            k++;
        first.n = k;
    }
    return first.n;
}

static void times_sort(const struct calc_times_row *rows, size_t n, struct times_work *w)
{
    struct times_place *places = (struct times_place *)(void *)w->numbers;
    size_t common = times_common(rows, n);

    _Static_assert(sizeof *places <= 4 * sizeof *w->numbers, "places fit into the scratch");
    for (size_t i = 0; i < n; i++) {
        struct calc_key key = rows[i].key;

        if (common > 0) /* else there may be no text */
            key = (struct calc_key){key.s + common, key.n - common};
        places[i] = (struct times_place){rows[i].bin, calc_sort_prefix(key), &rows[i]};
    }
    calc_order_sort(places, n, sizeof places[0], times_compare_places);
    for (size_t i = 0; i < n; i++)
        w->rows[i] = *places[i].row;
}

static bool times_row_ok(const struct calc_times_row *r)
{
    return isfinite(r->predicted) && r->predicted > 0.0 && isfinite(r->actual) && r->actual > 0.0 &&
           isfinite(r->lot_size);
}

/* Sort the rows, take log ratios and number the bins; returns the number of bins. */
static size_t times_load(const struct calc_times_row *rows, size_t n, struct times_work *w,
                         struct calc_times_bin *bins)
{
    size_t n_bins = 0;

    times_sort(rows, n, w);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || calc_order_keys(w->rows[i - 1].bin, w->rows[i].bin) != 0)
            bins[n_bins++] = (struct calc_times_bin){.bin = w->rows[i].bin};
        w->bin[i] = n_bins - 1;
        bins[n_bins - 1].n++;
        w->keys[i] = w->rows[i].key;
        w->x[i] = calc_conformal_log_ratio(w->rows[i].predicted, w->rows[i].actual);
    }
    return n_bins;
}

/* Fit the bias on the training rows; bins without any get mu. */
static enum calc_status times_bias(struct times_work *w, size_t n, struct calc_times_bin *bins,
                                   struct calc_times_fit *f)
{
    size_t groups = 0, m = 0;
    enum calc_status st;

    for (size_t i = 0; i < n; i++) {
        if (w->held[i]) {
            bins[w->bin[i]].n_holdout++;
            continue;
        }
        if (groups == 0 || w->model_bin[groups - 1] != w->bin[i]) {
            w->start[groups] = m;
            w->model_bin[groups++] = w->bin[i];
        }
        w->train[m++] = w->x[i];
    }
    w->start[groups] = m;
    st = calc_bias_fit(w->train, w->start, groups, w->numbers, w->bias, &f->model);
    if (st != CALC_OK)
        return st;
    for (size_t b = 0; b < f->n_bins; b++) {
        bins[b].theta = f->model.mu;
        bins[b].theta_var = f->model.mu_var + f->model.tau2;
    }
    for (size_t g = 0; g < groups; g++) {
        struct calc_times_bin *b = &bins[w->model_bin[g]];

        b->trained = true;
        b->raw = w->bias[g].raw;
        b->v = w->bias[g].v;
        b->shrink = w->bias[g].shrink;
        b->theta = w->bias[g].theta;
        b->theta_var = w->bias[g].theta_var;
    }
    for (size_t b = 0; b < f->n_bins; b++)
        if (!isfinite(exp(bins[b].theta)))
            return CALC_UNDEFINED;
    return isfinite(exp(f->model.mu)) ? CALC_OK : CALC_UNDEFINED;
}

/* Errors of the held-out rows; leaves their scores in w->scores. */
static enum calc_status times_holdout(struct times_work *w, size_t n,
                                      const struct calc_times_bin *bins, struct calc_times_fit *f)
{
    struct calc_sum ape;
    size_t m = 0;

    calc_sum_init(&ape);
    for (size_t i = 0; i < n; i++) {
        double r = w->x[i] - bins[w->bin[i]].theta;

        if (!w->held[i])
            continue;
        calc_sum_add(&ape, fabs(expm1(-r)));
        w->numbers[m] = r;
        w->scores[m++] = (struct calc_conformal_row){w->bin[i], fabs(r)};
    }
    if (m == 0)
        return CALC_OK;
    f->holdout_mape = calc_sum_value(&ape) / (double)m;
    calc_order_sort_numbers(w->numbers, m);
    f->holdout_median_log = calc_order_median(w->numbers, m);
    return isfinite(f->holdout_mape) ? CALC_OK : CALC_UNDEFINED;
}

static struct calc_conformal_group times_cover(double lo, double hi, double theta, size_t n)
{
    return (struct calc_conformal_group){
        .n = n, .method = CALC_CONFORMAL_JACKKNIFE, .q = fmax(hi - theta, theta - lo)};
}

/* Too few held-out rows for any quantile: jackknife+ over all rows, if those are enough. */
static void times_jackknife(struct times_work *w, size_t n, double alpha,
                            struct calc_times_bin *bins, struct calc_times_fit *f)
{
    double lo, hi;
    size_t inside = 0, at = 0;

    for (size_t i = 0; i < n; i++)
        w->numbers[i] = w->x[i];
    if (calc_conformal_jackknife(w->numbers, n, alpha, w->numbers + n, &lo, &hi) != CALC_OK)
        return;
    f->jackknife_lo = lo;
    f->jackknife_hi = hi;
    f->interval = times_cover(lo, hi, f->model.mu, n);
    for (size_t b = 0; b < f->n_bins; b++) {
        struct calc_conformal_group g = times_cover(lo, hi, bins[b].theta, bins[b].n);
        size_t in_bin = 0;

        for (size_t end = at + bins[b].n; at < end; at++) {
            in_bin += fabs(w->x[at] - bins[b].theta) <= g.q;
            inside += w->x[at] >= lo && w->x[at] <= hi;
        }
        g.coverage = (double)in_bin / (double)bins[b].n;
        bins[b].interval = g;
    }
    f->interval.coverage = (double)inside / (double)n;
}

static enum calc_status times_intervals(struct times_work *w, size_t n, double alpha,
                                        struct calc_times_bin *bins, struct calc_times_fit *f)
{
    /* the bias scratch is free again: its records are larger than a group each */
    struct calc_conformal_group *groups = (struct calc_conformal_group *)(void *)w->bias;
    enum calc_status st = calc_conformal_mondrian(w->scores, f->n_holdout, alpha, w->numbers,
                                                  groups, f->n_bins, &f->interval);

    _Static_assert(sizeof(struct calc_conformal_group) <= sizeof(struct calc_bias_bin),
                   "conformal groups fit into the scratch of the bias");
    if (st != CALC_OK)
        return st;
    for (size_t b = 0; b < f->n_bins; b++)
        bins[b].interval = groups[b];
    if (f->interval.method == CALC_CONFORMAL_NONE)
        times_jackknife(w, n, alpha, bins, f);
    return CALC_OK;
}

enum calc_status calc_times_fit(struct calc_key salt, const struct calc_times_row *rows, size_t n,
                                double alpha, double holdout_pct, void *scratch,
                                struct calc_times_bin *bins, struct calc_times_fit *fit)
{
    struct times_work w;
    struct calc_times_fit f = {.n = n};
    enum calc_status st;

    if (n == 0)
        return CALC_SIZE;
    for (size_t i = 0; i < n; i++)
        if (!times_row_ok(&rows[i]))
            return CALC_DOMAIN;
    times_carve(scratch, n, &w);
    f.n_bins = times_load(rows, n, &w, bins);
    st = calc_split_holdout(salt, w.keys, n, holdout_pct, w.split, w.held, &f.n_holdout);
    if (st != CALC_OK)
        return st;
    f.n_train = n - f.n_holdout;
    st = times_bias(&w, n, bins, &f);
    if (st == CALC_OK)
        st = times_holdout(&w, n, bins, &f);
    if (st == CALC_OK)
        st = times_intervals(&w, n, alpha, bins, &f);
    if (st == CALC_OK)
        *fit = f;
    return st;
}
