/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of choices and labels. */
#include "numeric.h"

#include <math.h>

enum { LABELS_PER_TASK = 5, ANNOTATORS = 50, CLASSES = 4, CANDIDATES = 4, FEATURES = 3 };

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

const struct function label_functions[] = {
    {"consensus", labels_prepare, consensus_run},
    {"alpha", labels_prepare, alpha_run},
    {"jackknife", labels_prepare, jackknife_run},
    {"trust", trust_prepare, trust_run},
    {"logit", choices_prepare, logit_run},
    {"policy", choices_prepare, policy_run},
    {0},
};
