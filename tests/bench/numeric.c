/* SPDX-License-Identifier: GPL-3.0-or-later */
/* numeric ROUNDS NAME N [NAME N]...: CPU time of the numeric functions on made-up rows. A line of
   JSON for each pair: {"name", "n", "ms": [one a round], "iterations", "check"}; check is a figure
   of the result that another implementation of the same function has to meet. "numeric list" prints
   the names. The rows are a function of their index (mix), so that peer.py makes the same ones. */
#include "arena.h"
#include "calc_agreement.h"
#include "calc_bias.h"
#include "calc_conformal.h"
#include "calc_consensus.h"
#include "calc_curve.h"
#include "calc_drift.h"
#include "calc_driver.h"
#include "calc_logit.h"
#include "calc_policy.h"
#include "calc_price.h"
#include "calc_split.h"
#include "calc_times.h"
#include "calc_trust.h"
#include "calc_vote.h"
#include "calc_workorder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LABELS_PER_TASK = 5, ANNOTATORS = 50, CLASSES = 4, BINS = 8, CANDIDATES = 4, FEATURES = 3 };

/* What a round works on; filled in before the clock starts. */
static struct {
    struct arena *arena;
    size_t n, n_train;
    double *x, *y, *scratch;
    size_t *start, *chosen;
    void *memory, *memory_train;
    size_t size, size_train;
    struct calc_driver_row *rows;
    struct calc_labels labels;
    struct calc_conformal_row *scores;
    struct calc_times_row *times;
    struct calc_times_bin *times_bins;
    struct calc_curve_lot *lots;
    struct calc_workorder_part *parts;
    struct calc_policy_set *sets;
    struct calc_key *keys;
    struct calc_split_row *split;
    bool *held;
    struct calc_vote_number *numbers;
    double check;
    unsigned iterations;
} work;

#define ARRAY(n, type) ARENA_ARRAY(work.arena, (n) + 1, type)

/* splitmix64 of a number: the same in C and numpy */
static uint64_t mix(uint64_t z)
{
    z += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static double uniform(uint64_t i, uint64_t stream)
{
    return ((double)(mix(i * 16 + stream) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(uint64_t i, uint64_t stream)
{
    return sqrt(-2 * log(uniform(i, stream))) * cos(2 * M_PI * uniform(i, stream + 1));
}

static void must(enum calc_status status)
{
    if (status == CALC_OK)
        return;
    fprintf(stderr, "numeric: status %d\n", (int)status);
    exit(2);
}

static void *block(size_t size)
{
    work.size = size;
    return arena_alloc(work.arena, size);
}

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
    struct calc_conformal_recalibration out;
    must(calc_conformal_recalibrate(work.x, work.y, work.n, 0.1, work.scratch, &out));
    work.check = out.q_alpha;
}

static void shift_run(void)
{
    struct calc_drift_shift out;
    size_t half = work.n / 2;
    must(calc_drift_mann_whitney(work.x, half, work.x + half, work.n - half, &out));
    work.check = out.z;
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

/* --- choices */

static void choices_prepare(void)
{
    size_t n = work.n;
    static const char *const machines[CANDIDATES] = {"m-a", "m-b", "m-c", "m-d"};
    struct calc_policy_candidate *candidates = ARRAY(n * CANDIDATES, struct calc_policy_candidate);
    work.x = ARRAY(n * CANDIDATES * FEATURES, double);
    work.sets = ARRAY(n, struct calc_policy_set);
    work.start = ARRAY(n + 1, size_t);
    work.chosen = ARRAY(n, size_t);
    for (size_t i = 0; i < n; i++) {
        size_t best = 0;
        double least = INFINITY;
        for (size_t c = 0; c < CANDIDATES; c++) {
            size_t row = i * CANDIDATES + c;
            double *x = &work.x[row * FEATURES];
            for (size_t k = 0; k < FEATURES; k++)
                x[k] = uniform(row, k);
            double cost = 0.6 * x[0] + 0.3 * x[1] + 0.1 * x[2] + 0.1 * normal(row, 4);
            if (cost < least) {
                least = cost;
                best = c;
            }
            candidates[row] = (struct calc_policy_candidate){{machines[c], 3}, (double)c, x};
        }
        work.sets[i] = (struct calc_policy_set){&candidates[i * CANDIDATES], CANDIDATES, best};
        work.start[i] = i * CANDIDATES;
        work.chosen[i] = i * CANDIDATES + best;
    }
    work.start[n] = n * CANDIDATES;
    work.scratch = ARRAY(calc_logit_scratch(FEATURES, CANDIDATES), double);
    work.memory = block(calc_policy_scratch(work.sets, n, FEATURES));
}

static void policy_run(void)
{
    const double seed[FEATURES] = {1, 1, 1};
    const struct calc_policy_options options = {.holdout_pct = 0.2, .salt = {"salt", 4}};
    double weights[FEATURES];
    struct calc_policy_fit fit;
    must(calc_policy_fit(work.sets, work.n, FEATURES, seed, &options, work.memory, weights, &fit));
    work.check = weights[0];
}

static void logit_run(void)
{
    const struct calc_logit_data data = {work.n, FEATURES, work.start, work.chosen, work.x};
    double beta[FEATURES];
    struct calc_logit_fit fit;
    must(calc_logit_fit(&data, 1e-3 * (double)work.n, work.scratch, beta, NULL, &fit));
    work.iterations = (unsigned)fit.iterations;
    work.check = beta[0];
}

/* --- labels: n in all, five a task, three of four right */

static void labels_prepare(void)
{
    size_t n = work.n, tasks = n / LABELS_PER_TASK;
    struct calc_label *rows = ARRAY(n, struct calc_label);
    n = tasks * LABELS_PER_TASK;
    for (size_t i = 0; i < n; i++) {
        uint64_t task = i / LABELS_PER_TASK, h = mix(i);
        uint32_t right = (uint32_t)(mix(task + (UINT64_C(1) << 40)) % CLASSES);
        uint32_t wrong = (right + 1 + (uint32_t)(h >> 40) % 3) % CLASSES;
        rows[i] = (struct calc_label){(uint32_t)task, (uint32_t)(h % ANNOTATORS),
                                      (h >> 32 & 255) < 192 ? right : wrong};
    }
    size_t size = calc_labels_size(n, tasks, ANNOTATORS, CLASSES);
    must(calc_labels_build(&work.labels, rows, n, tasks, ANNOTATORS, CLASSES, NULL,
                           arena_alloc(work.arena, size), size));
    size = calc_consensus_size(tasks, ANNOTATORS, CLASSES);
    work.memory = block(size > calc_agreement_size(CLASSES) ? size : calc_agreement_size(CLASSES));
}

static void consensus(struct calc_consensus *fit)
{
    const struct calc_consensus_options options = calc_consensus_defaults();
    must(calc_consensus_init(fit, &work.labels, NULL, NULL, &options, work.memory, work.size));
    must(calc_consensus_fit(fit));
    work.iterations = fit->iterations;
}

static void consensus_run(void)
{
    struct calc_consensus fit;
    consensus(&fit);
    work.check = fit.log_likelihood;
}

static void trust_prepare(void)
{
    struct calc_consensus fit;
    labels_prepare();
    consensus(&fit);
    work.y = fit.posterior;
}

static void trust_run(void)
{
    struct calc_trust_tally tally[ANNOTATORS];
    calc_trust_count(&work.labels, NULL, NULL, work.y, tally);
    work.check = tally[0].loo_credit;
}

static void alpha_run(void)
{
    const struct calc_agreement_units units = calc_agreement_from_labels(&work.labels, NULL);
    struct calc_agreement out;
    must(calc_agreement_alpha(CALC_AGREEMENT_NOMINAL, &units, work.memory, work.size, &out));
    work.check = out.alpha;
}

static void jackknife_run(void)
{
    const struct calc_agreement_units units = calc_agreement_from_labels(&work.labels, NULL);
    must(calc_agreement_jackknife(CALC_AGREEMENT_NOMINAL, &units, work.memory, work.size,
                                  &work.check));
}

static const struct function {
    const char *name;
    void (*prepare)(void), (*run)(void);
} functions[] = {
    {"driver", driver_prepare, driver_run},
    {"consensus", labels_prepare, consensus_run},
    {"alpha", labels_prepare, alpha_run},
    {"jackknife", labels_prepare, jackknife_run},
    {"trust", trust_prepare, trust_run},
    {"conformal", pairs_prepare, conformal_run},
    {"mondrian", mondrian_prepare, mondrian_run},
    {"bias", bias_prepare, bias_run},
    {"times", times_prepare, times_run},
    {"curve", curve_prepare, curve_run},
    {"workorder", workorder_prepare, workorder_run},
    {"shift", pairs_prepare, shift_run},
    {"cusum", pairs_prepare, cusum_run},
    {"split", split_prepare, split_run},
    {"median", median_prepare, median_run},
    {"logit", choices_prepare, logit_run},
    {"policy", choices_prepare, policy_run},
    {"price", price_prepare, price_run},
};
static const size_t n_functions = sizeof functions / sizeof *functions;

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void measure(const struct function *function, size_t n, int rounds)
{
    printf("{\"name\":\"%s\",\"n\":%zu,\"ms\":[", function->name, n);
    for (int round = 0; round < rounds; round++) {
        memset(&work, 0, sizeof work);
        work.arena = arena_new();
        work.n = n;
        function->prepare();
        double begun = cpu_ms();
        function->run();
        printf("%s%.4f", round ? "," : "", cpu_ms() - begun);
        arena_free(work.arena);
    }
    printf("],\"iterations\":%u,\"check\":%.12g}\n", work.iterations, work.check);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "list")) {
        for (size_t f = 0; f < n_functions; f++)
            puts(functions[f].name);
        return 0;
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        size_t f = 0;
        while (f < n_functions && strcmp(functions[f].name, argv[i]) != 0)
            f++;
        if (f == n_functions)
            return 2;
        measure(&functions[f], strtoull(argv[i + 1], NULL, 10), atoi(argv[1]));
    }
    return argc < 4 ? 2 : 0;
}
