/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of costs, times and prices. */
#include "numeric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct calc_key text(const char *prefix, uint64_t i)
{
    const char *s = arena_printf(work.arena, "%s%07llu", prefix, (unsigned long long)i);
    return (struct calc_key){s, strlen(s)};
}

/* --- the driver posterior: rows, parts, bins and drivers as in PERF's case of 20,000 rows, 5,500
 * parts */

static void driver_prepare(void)
{
    size_t n = work.n, parts = n * 11 / 40 + 1;
    struct calc_key bins[BINS], *keys = ARRAY(parts, struct calc_key);
    work.rows = ARRAY(n, struct calc_driver_row);
    for (size_t b = 0; b < BINS; b++)
        bins[b] = text("PLANT-", b);
    for (size_t p = 0; p < parts; p++)
        keys[p] = text("P-", p);
    for (size_t i = 0; i < n; i++) {
        size_t part = mix(i * 2) % parts;
        double lot = 5 * exp(4 * uniform(i, 2)), setup = 40 * exp(normal(part, 4)) / lot;
        struct calc_driver_row *row = &work.rows[i];
        *row = (struct calc_driver_row){
            .bin = bins[mix(part) % BINS],
            .part = keys[part],
            .lot_size = lot,
            .c = {6 * exp(normal(part, 6)), 9 * exp(normal(part, 8)), setup, part % 3 ? 0.0 : 1.2},
            .key = mix(i) | 1};
        row->actual = (1.05 * row->c[0] + 1.1 * row->c[1] + 1.9 * setup + row->c[3]) *
                      exp(0.1 * normal(part, 10) + 0.06 * normal(i, 12));
    }
    work.n_train = n - n / 5;
    size_t set = calc_driver_set_size(n);
    work.memory = block(set);
}

static void driver_fit(size_t n)
{
    struct calc_driver_set set;
    struct calc_driver_fit fit;
    size_t size = calc_driver_set_size(n), bad;
    must(calc_driver_set_build(&set, work.rows, n, work.memory, size, &bad));
    size = calc_driver_fit_size(&set);
    void *memory = malloc(size);
    if (!memory)
        abort();
    must(calc_driver_fit(&fit, &set, 0.1, memory, size));
    work.iterations = fit.iterations;
    work.check = fit.s;
    free(memory);
}

/* what a calibrating call does: a fit without the rows held out, then one with all */
static void driver_run(void)
{
    driver_fit(work.n_train);
    driver_fit(work.n);
}

/* --- one number per row */

static void pairs_prepare(void)
{
    work.x = ARRAY(work.n, double);
    work.y = ARRAY(work.n, double);
    work.scratch = ARRAY(2 * work.n, double);
    for (size_t i = 0; i < work.n; i++) {
        work.x[i] = 100 * exp(normal(i, 0));
        work.y[i] = work.x[i] * exp(0.05 + 0.2 * normal(i, 2));
    }
}

static void conformal_run(void)
{
    double lo, hi, q;
    for (size_t i = 0; i < work.n; i++)
        work.scratch[i] = calc_conformal_log_ratio(work.x[i], work.y[i]);
    must(calc_conformal_asymmetric(work.scratch, work.n, 0.1, &lo, &hi));
    for (size_t i = 0; i < work.n; i++)
        work.scratch[i] = fabs(work.scratch[i]);
    must(calc_conformal_quantile(work.scratch, work.n, 0.1, &q));
    work.check = q;
}

static void cusum_run(void)
{
    struct calc_drift_cusum cusum = {0};
    for (size_t i = 0; i < work.n; i++)
        must(calc_drift_cusum_update(&cusum, (work.y[i] / work.x[i] - 1) / 0.2));
    work.check = cusum.worst;
}

static void mondrian_prepare(void)
{
    work.scores = ARRAY(work.n, struct calc_conformal_row);
    work.scratch = ARRAY(work.n, double);
    for (size_t i = 0; i < work.n; i++)
        work.scores[i] = (struct calc_conformal_row){mix(i) % BINS, fabs(0.2 * normal(i, 2))};
}

static void mondrian_run(void)
{
    struct calc_conformal_group bins[BINS], all;
    must(calc_conformal_mondrian(work.scores, work.n, 0.1, work.scratch, bins, BINS, &all));
    work.check = all.q;
}

static void bias_prepare(void)
{
    work.x = ARRAY(work.n, double);
    work.start = ARRAY(BINS + 1, size_t);
    for (size_t b = 0; b <= BINS; b++)
        work.start[b] = work.n * b / BINS;
    for (size_t i = 0; i < work.n; i++)
        work.x[i] = 0.02 * (double)(i * BINS / work.n) + 0.2 * normal(i, 2);
    work.scratch = ARRAY(calc_bias_scratch(work.n, BINS), double);
}

static void bias_run(void)
{
    struct calc_bias_bin bins[BINS];
    struct calc_bias_model model;
    must(calc_bias_fit(work.x, work.start, BINS, work.scratch, bins, &model));
    work.check = model.mu;
}

static void times_prepare(void)
{
    struct calc_key bins[BINS];
    work.times = ARRAY(work.n, struct calc_times_row);
    work.times_bins = ARRAY(work.n, struct calc_times_bin);
    for (size_t b = 0; b < BINS; b++)
        bins[b] = text("milling.", b);
    for (size_t i = 0; i < work.n; i++) {
        double planned = 60 * exp(normal(i, 0));
        work.times[i] =
            (struct calc_times_row){bins[mix(i) % BINS], text("R-", mix(i) % (work.n / 4 + 1)), 0,
                                    planned, planned * exp(0.1 + 0.2 * normal(i, 2))};
    }
    work.memory = block(calc_times_scratch(work.n));
}

static void times_run(void)
{
    struct calc_times_fit fit;
    must(calc_times_fit((struct calc_key){"salt", 4}, work.times, work.n, 0.1, 0.2, work.memory,
                        work.times_bins, &fit));
    work.check = fit.model.mu;
}

static void curve_prepare(void)
{
    work.lots = ARRAY(work.n, struct calc_curve_lot);
    work.scratch = ARRAY(2 * work.n, double);
    double unit = 0;
    for (size_t i = 0; i < work.n; i++) {
        uint64_t size = 1 + mix(i) % 40;
        work.lots[i] = (struct calc_curve_lot){
            (int64_t)i, size,
            (double)size * 100 * pow(unit + (double)size / 2, -0.2) * exp(0.03 * normal(i, 2))};
        unit += (double)size;
    }
}

static void curve_run(void)
{
    struct calc_curve_fit fit;
    must(calc_curve_fit(CALC_CURVE_CRAWFORD, work.lots, work.n, work.scratch, NULL, &fit));
    work.iterations = (unsigned)fit.n_iterations;
    work.check = fit.b;
}

static void workorder_prepare(void)
{
    size_t parts = work.n / 4;
    struct calc_workorder_row *rows = ARRAY(parts * 4, struct calc_workorder_row);
    work.parts = ARRAY(parts, struct calc_workorder_part);
    for (size_t p = 0; p < parts; p++) {
        work.parts[p] = (struct calc_workorder_part){.rows = &rows[p * 4], .n = 4};
        for (size_t i = p * 4; i < p * 4 + 4; i++) {
            rows[i].quantity = (double)(5 + mix(i) % 500);
            rows[i].total_cost = (120 + 8 * rows[i].quantity) * exp(0.05 * normal(i, 2));
        }
    }
    work.scratch = ARRAY(calc_workorder_scratch(4, parts), double);
}

static void workorder_run(void)
{
    struct calc_workorder_pool pool;
    must(calc_workorder_decompose(work.parts, work.n / 4, true, work.scratch, &pool));
    work.check = pool.pooled_setup;
}

static void split_prepare(void)
{
    work.keys = ARRAY(work.n, struct calc_key);
    work.split = ARRAY(work.n, struct calc_split_row);
    work.held = ARRAY(work.n, bool);
    for (size_t i = 0; i < work.n; i++)
        work.keys[i] = text("K-", mix(i) % work.n);
}

static void split_run(void)
{
    size_t held;
    must(calc_split_holdout((struct calc_key){"salt", 4}, work.keys, work.n, 0.2, work.split,
                            work.held, &held));
    work.check = (double)held;
}

static void median_prepare(void)
{
    work.numbers = ARRAY(work.n, struct calc_vote_number);
    for (size_t i = 0; i < work.n; i++)
        work.numbers[i] = (struct calc_vote_number){normal(i, 0), uniform(i, 2)};
}

static void median_run(void)
{
    must(calc_vote_median(work.numbers, work.n, &work.check));
}

/* --- prices */

static void price_run(void)
{
    static const struct price_coefficients resolved = {.material = 4.2,
                                                       .machine = 7.9,
                                                       .labour = 5.5,
                                                       .setup = 61,
                                                       .tooling_cost = 900,
                                                       .external_piece = 0.4,
                                                       .overhead_material = 0.25,
                                                       .overhead_run = 1.6,
                                                       .overhead_setup = 7.3,
                                                       .overhead_tooling = 0.12};
    double sum = 0;
    for (size_t i = 0; i < work.n; i++) {
        struct price_cost cost;
        if (calc_price_at(&resolved, 1 + (double)(i & 1023), 500, NAN, &cost))
            exit(2);
        sum += cost.uncalibrated;
    }
    work.check = sum / (double)work.n;
}

static void price_prepare(void)
{
}

const struct function cost_functions[] = {
    {"driver", driver_prepare, driver_run},
    {"conformal", pairs_prepare, conformal_run},
    {"mondrian", mondrian_prepare, mondrian_run},
    {"bias", bias_prepare, bias_run},
    {"times", times_prepare, times_run},
    {"curve", curve_prepare, curve_run},
    {"workorder", workorder_prepare, workorder_run},
    {"cusum", pairs_prepare, cusum_run},
    {"split", split_prepare, split_run},
    {"median", median_prepare, median_run},
    {"price", price_prepare, price_run},
    {0},
};
