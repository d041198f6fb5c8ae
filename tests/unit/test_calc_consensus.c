/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_consensus.c: Dawid-Skene by hand and against a plain log-space EM */
#include "calc_consensus.h"
#include "calc_consensus_pass.h"
#include "label_table.h"

#include <CUnit/CUnit.h>

void suite_calc_consensus(void);

static uint32_t labels_mem[40000];
static double fit_mem[60000], other_mem[60000];

static void prepare(struct calc_consensus *c, struct calc_labels *d, const struct calc_label *rows,
                    size_t n, const uint32_t shape[3], const uint8_t *blocked,
                    const uint32_t *known, const uint8_t *gold,
                    const struct calc_consensus_options *o)
{
    enum calc_status s = calc_labels_build(d, rows, n, shape[0], shape[1], shape[2], blocked,
                                           labels_mem, sizeof labels_mem);

    CU_ASSERT_EQUAL_FATAL(s, CALC_OK);
    s = calc_consensus_init(c, d, known, gold, o, fit_mem, sizeof fit_mem);
    CU_ASSERT_EQUAL_FATAL(s, CALC_OK);
}

/*
 * Two tasks, two annotators: both say 0 of the first; 1 and 0 of the second. T starts at (1, 0)
 * and (1/2, 1/2). Fractions by hand from the formulas in calc_consensus.h.
 */
static void test_by_hand(void)
{
    const struct calc_label rows[] = {{0, 0, 0}, {0, 1, 0}, {1, 0, 1}, {1, 1, 0}};
    const uint32_t shape[] = {2, 2, 2};
    struct calc_consensus_options o = calc_consensus_defaults();
    struct calc_consensus c;
    struct calc_labels d;

    prepare(&c, &d, rows, 4, shape, NULL, NULL, NULL, &o);
    CU_ASSERT_FALSE(calc_consensus_test(&c));
    calc_consensus_iterate(&c);
    CU_ASSERT(golden_close(c.pi[0], 2.0 / 3.0, 1e-15));
    CU_ASSERT(golden_close(c.theta[0], 8.0 / 11.0, 1e-15));     /* 0 says 0 of 0 */
    CU_ASSERT(golden_close(c.theta[1], 1.0 / 7.0, 1e-15));      /* 0 says 0 of 1 */
    CU_ASSERT(golden_close(c.theta[4 + 1], 3.0 / 7.0, 1e-15));  /* 1 says 0 of 1 */
    CU_ASSERT(golden_close(c.theta[4 + 2], 1.0 / 11.0, 1e-15)); /* 1 says 1 of 0 */
    CU_ASSERT(golden_close(c.posterior[0], 7840.0 / 8203.0, 1e-14));
    CU_ASSERT(golden_close(c.posterior[2], 490.0 / 853.0, 1e-14));
    CU_ASSERT(golden_close(
        c.change, 363.0 / 8203.0 > 490.0 / 853.0 - 0.5 ? 363.0 / 8203.0 : 490.0 / 853.0 - 0.5,
        1e-12));
    CU_ASSERT(golden_close(c.log_likelihood, log(8203.0 / 17787.0) + log(1706.0 / 5929.0), 1e-14));
    CU_ASSERT(golden_close(calc_consensus_reliability(&c, 0),
                           2.0 / 3.0 * 8.0 / 11.0 + 1.0 / 3.0 * 6.0 / 7.0, 1e-14));

    o.model = CALC_CONSENSUS_ONE_COIN; /* p = (1.5 + 1) / (2 + 1.25) for both */
    prepare(&c, &d, rows, 4, shape, NULL, NULL, NULL, &o);
    calc_consensus_iterate(&c);
    CU_ASSERT(golden_close(c.theta[0], 10.0 / 13.0, 1e-15));
    CU_ASSERT(golden_close(c.theta[1], 3.0 / 13.0, 1e-14));
    CU_ASSERT(golden_close(c.posterior[0], 200.0 / 209.0, 1e-14));
    CU_ASSERT(golden_close(c.posterior[2], 2.0 / 3.0, 1e-14));

    /* Maximum likelihood: the start is a fixed point with likelihood 1/2 for each task. */
    o = (struct calc_consensus_options){.tolerance = 1e-12, .max_iterations = 10};
    prepare(&c, &d, rows, 4, shape, NULL, NULL, NULL, &o);
    CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
    CU_ASSERT_EQUAL(c.iterations, 1);
    CU_ASSERT(golden_close(c.log_likelihood, 2.0 * log(0.5), 1e-15));
    CU_ASSERT_EQUAL(c.theta[4 + 2], 0.0);
}

/* Made-up campaign: gold, adjudicated, blocked, tasks without labels, one with very many. */
enum { MADE_TASKS = 90, MADE_ANNOTATORS = 23 };

struct made {
    struct calc_label row[3000];
    size_t n;
    uint32_t known[MADE_TASKS];
    uint8_t gold[MADE_TASKS], blocked[MADE_ANNOTATORS];
};

static void make(struct made *m, uint32_t k, unsigned long long seed)
{
    memset(m, 0, sizeof *m);
    for (uint32_t j = 0; j < MADE_ANNOTATORS; j++)
        m->blocked[j] = j % 11 == 3;
    for (uint32_t i = 0; i < MADE_TASKS; i++) {
        uint32_t truth = (uint32_t)(golden_uniform(&seed) * k);
        uint32_t n = i == 7 ? 700 : i % 17 == 5 ? 0 : 1 + i % 40;

        CU_ASSERT_FATAL(m->n + n <= sizeof m->row / sizeof m->row[0]);
        m->known[i] = i % 9 < 2 ? truth : CALC_LABEL_NONE;
        m->gold[i] = i % 9 == 0;
        for (uint32_t s = 0; s < n; s++) {
            uint32_t j = (uint32_t)(golden_uniform(&seed) * MADE_ANNOTATORS);
            bool right = golden_uniform(&seed) < 0.35 + 0.6 * j / MADE_ANNOTATORS;
            uint32_t guess = (uint32_t)(golden_uniform(&seed) * k);

            m->row[m->n++] = (struct calc_label){i, j, right ? truth : guess};
        }
    }
}

/* The model written down once more, plainly: logarithms, no sorting, no fusing. */
struct plain {
    double t[MADE_TASKS][8], pi[8], theta[MADE_ANNOTATORS][8][8];
};

static void plain_em(struct plain *p, const struct made *m, uint32_t k, unsigned iterations,
                     const struct calc_consensus_options *o)
{
    double sum[MADE_TASKS] = {0};

    memset(p, 0, sizeof *p);
    for (size_t s = 0; s < m->n; s++)
        if (!m->blocked[m->row[s].annotator]) {
            p->t[m->row[s].task][m->row[s].label] += 1;
            sum[m->row[s].task] += 1;
        }
    for (uint32_t i = 0; i < MADE_TASKS; i++)
        for (uint32_t t = 0; t < k; t++)
            p->t[i][t] = m->known[i] != CALC_LABEL_NONE ? m->known[i] == t
                         : sum[i] > 0                   ? p->t[i][t] / sum[i]
                                                        : 0.0;
    while (iterations-- > 0) {
        double all = 0.0, x[MADE_TASKS][8];

        for (uint32_t t = 0; t < k; t++) {
            p->pi[t] = o->pi_count;
            for (uint32_t i = 0; i < MADE_TASKS; i++)
                p->pi[t] += m->gold[i] ? 0.0 : p->t[i][t];
            all += p->pi[t];
        }
        for (uint32_t t = 0; t < k; t++)
            p->pi[t] /= all;
        for (uint32_t j = 0; j < MADE_ANNOTATORS; j++) {
            for (uint32_t t = 0; t < k; t++)
                for (uint32_t l = 0; l < k; l++)
                    p->theta[j][t][l] = t == l ? o->right : o->wrong;
            for (size_t s = 0; s < m->n; s++)
                for (uint32_t t = 0; t < k && m->row[s].annotator == j; t++)
                    p->theta[j][t][m->row[s].label] += p->t[m->row[s].task][t];
            for (uint32_t t = 0; t < k; t++) {
                all = 0.0;
                for (uint32_t l = 0; l < k; l++)
                    all += p->theta[j][t][l];
                for (uint32_t l = 0; l < k; l++)
                    p->theta[j][t][l] /= all;
            }
        }
        for (uint32_t i = 0; i < MADE_TASKS; i++)
            for (uint32_t t = 0; t < k; t++)
                x[i][t] = log(p->pi[t]);
        for (size_t s = 0; s < m->n; s++)
            for (uint32_t t = 0; t < k && !m->blocked[m->row[s].annotator]; t++)
                x[m->row[s].task][t] += log(p->theta[m->row[s].annotator][t][m->row[s].label]);
        for (uint32_t i = 0; i < MADE_TASKS; i++) {
            double top = x[i][0];

            if (m->known[i] != CALC_LABEL_NONE || sum[i] == 0)
                continue;
            all = 0.0;
            for (uint32_t t = 0; t < k; t++)
                top = fmax(top, x[i][t]);
            for (uint32_t t = 0; t < k; t++)
                all += exp(x[i][t] - top);
            for (uint32_t t = 0; t < k; t++)
                p->t[i][t] = exp(x[i][t] - top) / all;
        }
    }
}

static void test_against_plain(void)
{
    static struct made m;
    static struct plain p;

    for (uint32_t k = 2; k <= 8; k++) {
        const uint32_t shape[] = {MADE_TASKS, MADE_ANNOTATORS, k};
        struct calc_consensus_options o = calc_consensus_defaults();
        struct calc_consensus c;
        struct calc_labels d;
        double worst = 0.0, worst_theta = 0.0;

        make(&m, k, 20 + k);
        prepare(&c, &d, m.row, m.n, shape, m.blocked, m.known, m.gold, &o);
        for (int i = 0; i < 6; i++)
            calc_consensus_iterate(&c);
        plain_em(&p, &m, k, 6, &o);
        for (uint32_t i = 0; i < MADE_TASKS; i++)
            for (uint32_t t = 0; t < k; t++)
                worst = fmax(worst, fabs(c.posterior[i * k + t] - p.t[i][t]));
        for (uint32_t j = 0; j < MADE_ANNOTATORS; j++)
            for (uint32_t t = 0; t < k && !m.blocked[j]; t++)
                for (uint32_t l = 0; l < k; l++)
                    worst_theta =
                        fmax(worst_theta, fabs(c.theta[(j * k + l) * k + t] - p.theta[j][t][l]));
        CU_ASSERT(worst < 1e-11);
        CU_ASSERT(worst_theta < 1e-12);
        for (uint32_t t = 0; t < k; t++)
            CU_ASSERT(golden_close(c.pi[t], p.pi[t], 1e-12));

        /* Blocked annotators get their matrix at the end, tasks without labels the class mix. */
        calc_consensus_finish(&c);
        plain_em(&p, &m, k, 7, &o);
        for (uint32_t t = 0; t < k; t++) {
            CU_ASSERT(golden_close(c.posterior[5 * k + t], c.pi[t], 1e-15));
            CU_ASSERT(fabs(c.theta[(14 * k + 1) * k + t] - p.theta[14][t][1]) < 0.02);
            CU_ASSERT(golden_close(c.theta[(4 * k + 1) * k + t], p.theta[4][t][1], 1e-10));
        }
    }
}

static void test_monotone(void)
{
    static struct made m;

    for (uint32_t k = 2; k <= 8; k++) {
        for (int model = 0; model < 2; model++) {
            const uint32_t shape[] = {MADE_TASKS, MADE_ANNOTATORS, k};
            struct calc_consensus_options o = calc_consensus_defaults();
            struct calc_consensus c;
            struct calc_labels d;
            double before = -HUGE_VAL, first = 0.0;

            o.model = model ? CALC_CONSENSUS_ONE_COIN : CALC_CONSENSUS_PER_CLASS;
            make(&m, k, 40 + k);
            prepare(&c, &d, m.row, m.n, shape, m.blocked, m.known, m.gold, &o);
            while (!calc_consensus_test(&c) && c.iterations < 1000) {
                calc_consensus_iterate(&c);
                double now = calc_consensus_log_posterior(&c);

                CU_ASSERT(now >= before - 1e-11 * fabs(now));
                before = now;
                if (c.iterations == 1)
                    first = now;
            }
            CU_ASSERT(calc_consensus_test(&c));
            CU_ASSERT(before > first + 0.1);
            for (uint32_t i = 0; i < MADE_TASKS; i++) {
                double sum = 0.0;

                for (uint32_t t = 0; t < k; t++)
                    sum += c.posterior[i * k + t];
                CU_ASSERT(d.counted[i] == d.begin[i] || golden_close(sum, 1.0, 1e-14));
            }
        }
    }
}

/* Three labels a task from doubtful annotators: EM alone takes hundreds of iterations. */
static void test_slow(void)
{
    static struct made m;
    const uint32_t k = 4, shape[] = {MADE_TASKS, MADE_ANNOTATORS, k};
    unsigned long long seed = 77;
    struct calc_consensus_options o = calc_consensus_defaults();
    struct calc_consensus plain, leaping;
    struct calc_labels d;
    double worst = 0.0;

    memset(&m, 0, sizeof m);
    for (uint32_t i = 0; i < MADE_TASKS; i++) {
        uint32_t truth = (uint32_t)(golden_uniform(&seed) * k);

        for (uint32_t s = 0; s < 3; s++) {
            uint32_t j = (uint32_t)(golden_uniform(&seed) * MADE_ANNOTATORS);
            bool right = golden_uniform(&seed) < 0.3 + 0.4 * j / MADE_ANNOTATORS;
            uint32_t guess = (uint32_t)(golden_uniform(&seed) * k);

            m.row[m.n++] = (struct calc_label){i, j, right ? truth : guess};
        }
    }
    o.tolerance = 1e-12;
    o.max_iterations = 100000;
    prepare(&leaping, &d, m.row, m.n, shape, NULL, NULL, NULL, &o);
    CU_ASSERT_EQUAL(calc_consensus_fit(&leaping), CALC_OK);
    CU_ASSERT_EQUAL_FATAL(
        calc_consensus_init(&plain, &d, NULL, NULL, &o, other_mem, sizeof other_mem), CALC_OK);
    while (!calc_consensus_test(&plain) && plain.iterations < o.max_iterations)
        calc_consensus_iterate(&plain);
    for (uint32_t i = 0; i < MADE_TASKS * k; i++)
        worst = fmax(worst, fabs(plain.posterior[i] - leaping.posterior[i]));
    CU_ASSERT(worst < 1e-9);
    CU_ASSERT(leaping.iterations * 2 < plain.iterations);
    CU_ASSERT(plain.iterations > 200);
}

/* Two annotators who share no task: the posterior is nearly flat, and leaps as long as the formula
   has them fall. The answer is that of plain EM after 6,000 iterations; what the limit of
   iterations cuts off is no worse than what a lower one did. */
static void test_flat(void)
{
    static const uint32_t said[2][2] = {{12, 36}, {39, 16}};
    struct calc_label row[103];
    uint32_t n = 0;
    double before = -HUGE_VAL;
    struct calc_consensus_options o = calc_consensus_defaults();
    struct calc_consensus c;
    struct calc_labels d;

    for (uint32_t j = 0; j < 2; j++)
        for (uint32_t l = 0; l < 2; l++)
            for (uint32_t i = 0; i < said[j][l]; i++, n++)
                row[n] = (struct calc_label){n, j, l};
    const uint32_t shape[] = {n, 2, 2};

    prepare(&c, &d, row, n, shape, NULL, NULL, NULL, &o);
    CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
    CU_ASSERT(golden_close(calc_consensus_reliability(&c, 0), 0.798442, 1e-5));
    for (o.max_iterations = 64; o.max_iterations < 600; o.max_iterations++) {
        prepare(&c, &d, row, n, shape, NULL, NULL, NULL, &o);
        calc_consensus_fit(&c);
        calc_consensus_iterate(&c); /* the likelihood of the answer */
        double reached = calc_consensus_log_posterior(&c);

        CU_ASSERT(reached >= before - 1e-9);
        before = reached;
    }
}

static void test_permutation(void)
{
    static struct made m;
    const uint32_t shape[] = {MADE_TASKS, MADE_ANNOTATORS, 5};
    struct calc_consensus_options o = calc_consensus_defaults();
    struct calc_consensus a, b;
    struct calc_labels d;

    make(&m, 5, 3);
    prepare(&a, &d, m.row, m.n, shape, m.blocked, m.known, m.gold, &o);
    CU_ASSERT_EQUAL(calc_consensus_fit(&a), CALC_OK);
    memcpy(other_mem, a.posterior, sizeof(double) * MADE_TASKS * 5);
    double *theta = other_mem + MADE_TASKS * 5, ll = a.log_likelihood;

    memcpy(theta, a.theta, sizeof(double) * MADE_ANNOTATORS * 25);
    label_rows_shuffle(m.row, m.n, 99);
    prepare(&b, &d, m.row, m.n, shape, m.blocked, m.known, m.gold, &o);
    CU_ASSERT_EQUAL(calc_consensus_fit(&b), CALC_OK);
    CU_ASSERT(!memcmp(other_mem, b.posterior, sizeof(double) * MADE_TASKS * 5));
    CU_ASSERT(!memcmp(theta, b.theta, sizeof(double) * MADE_ANNOTATORS * 25));
    CU_ASSERT_EQUAL(ll, b.log_likelihood);
}

/* A task decided with the weights of a converged fit gets the posterior of the fit. */
static void test_single_task(void)
{
    static struct made m;
    const uint32_t k = 4, shape[] = {MADE_TASKS, MADE_ANNOTATORS, k};
    struct calc_consensus_options o = calc_consensus_defaults();
    struct calc_consensus_vote votes[800];
    struct calc_consensus c;
    struct calc_labels d;
    double p[4], theta[16];

    make(&m, k, 8);
    o.tolerance = 1e-13;
    prepare(&c, &d, m.row, m.n, shape, m.blocked, m.known, m.gold, &o);
    CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
    for (uint32_t i = 0; i < MADE_TASKS; i++) {
        size_t n = 0;

        for (uint32_t s = d.begin[i]; s < d.counted[i]; s++)
            votes[n++] =
                (struct calc_consensus_vote){c.theta + d.cell[s] / k * k * k, d.cell[s] % k};
        CU_ASSERT_EQUAL(calc_consensus_task(&o, k, c.pi, votes, n, p), CALC_OK);
        for (uint32_t t = 0; t < k && m.known[i] == CALC_LABEL_NONE; t++)
            CU_ASSERT(fabs(p[t] - c.posterior[i * k + t]) < 1e-11);
    }

    /* Nothing fitted: two newcomers say 2, one says 0. theta = 4/7 right, 1/7 each wrong. */
    calc_consensus_prior_theta(&o, k, theta);
    CU_ASSERT(golden_close(theta[5], 4.0 / 7.0, 1e-15));
    CU_ASSERT(golden_close(theta[1], 1.0 / 7.0, 1e-15));
    votes[0] = votes[1] = (struct calc_consensus_vote){NULL, 2};
    votes[2] = (struct calc_consensus_vote){NULL, 0};
    CU_ASSERT_EQUAL(calc_consensus_task(&o, k, NULL, votes, 3, p), CALC_OK);
    CU_ASSERT(golden_close(p[2], 16.0 / 22.0, 1e-14)); /* 16 : 4 : 1 : 1 */
    CU_ASSERT(golden_close(p[0], 4.0 / 22.0, 1e-14));
    CU_ASSERT_EQUAL(calc_consensus_task(&o, k, NULL, votes, 0, p), CALC_OK);
    CU_ASSERT_EQUAL(p[3], 0.25);

    votes[1].label = 4;
    CU_ASSERT_EQUAL(calc_consensus_task(&o, k, NULL, votes, 3, p), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_consensus_task(&o, 0, NULL, votes, 0, p), CALC_DOMAIN);
    memset(theta, 0, sizeof theta);
    votes[0].theta = theta;
    CU_ASSERT_EQUAL(calc_consensus_task(&o, k, NULL, votes, 1, p), CALC_UNDEFINED);
    CU_ASSERT_EQUAL(p[3], 0.25);
}

static void test_edges(void)
{
    const struct calc_label rows[] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 0}};
    const uint32_t one[] = {3, 2, 1}, two[] = {3, 2, 2};
    const uint32_t known[] = {CALC_LABEL_NONE, 1, CALC_LABEL_NONE};
    const uint8_t gold[] = {1, 0, 0};
    struct calc_consensus_options o = calc_consensus_defaults();
    struct calc_consensus c;
    struct calc_labels d;
    size_t need = calc_consensus_size(3, 2, 2);

    prepare(&c, &d, rows, 3, one, NULL, NULL, NULL, &o); /* a single class is certain */
    CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
    CU_ASSERT(c.posterior[0] == 1.0 && c.posterior[2] == 1.0 && c.theta[1] == 1.0);
    CU_ASSERT_EQUAL(c.log_likelihood, 0.0);
    prepare(&c, &d, rows, 0, one, NULL, NULL, NULL, &o); /* no labels at all */
    CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
    CU_ASSERT_EQUAL(c.posterior[2], 1.0);

    o = calc_consensus_defaults();
    CU_ASSERT_EQUAL(o.wrong, 0.25);
    prepare(&c, &d, rows, 3, two, NULL, known, NULL, &o);
    o.max_iterations = 1;
    CU_ASSERT_EQUAL(calc_consensus_init(&c, &d, known, NULL, &o, fit_mem, need - 1), CALC_SIZE);
    CU_ASSERT_EQUAL(calc_consensus_init(&c, &d, known, gold, &o, fit_mem, need), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_consensus_init(&c, &d, two, NULL, &o, fit_mem, need), CALC_DOMAIN);
    CU_ASSERT_EQUAL(calc_consensus_init(&c, &d, known, NULL, &o, (char *)other_mem + 1, need),
                    CALC_OK); /* any alignment */
    CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_NOT_CONVERGED);
    CU_ASSERT_EQUAL(c.iterations, 1);
    CU_ASSERT_EQUAL(c.posterior[3], 1.0); /* known, against both votes */
    o.wrong = NAN;
    CU_ASSERT_EQUAL(calc_consensus_init(&c, &d, known, NULL, &o, fit_mem, need), CALC_DOMAIN);
}

/* Weights that rule every class out, as rounding can make them: the posterior stays, no NaN. */
static void test_underflow(void)
{
    const struct calc_label rows[] = {{0, 0, 0}, {0, 1, 2}, {0, 2, 2}};
    const uint32_t shape[] = {1, 3, 3};
    struct calc_consensus_options o = {.tolerance = 1e-8, .max_iterations = 1};
    struct calc_consensus c;
    struct calc_labels d;

    prepare(&c, &d, rows, 3, shape, NULL, NULL, NULL, &o);
    for (int t = 0; t < 3; t++)
        c.pi[t] = 1.0 / 3.0;
    memset(c.theta, 0, sizeof *c.theta * 27);
    calc_consensus_pass_e_step(&c);
    CU_ASSERT(golden_close(c.posterior[2], 2.0 / 3.0, 1e-15));
    CU_ASSERT_EQUAL(c.change, 0.0);
    CU_ASSERT(golden_close(c.log_likelihood, -1074.0 * log(2.0), 1e-15));
}

void suite_calc_consensus(void)
{
    CU_pSuite s = CU_add_suite("calc_consensus", NULL, NULL);

    CU_add_test(s, "one iteration by hand", test_by_hand);
    CU_add_test(s, "equals a plain log-space EM, k = 2..8", test_against_plain);
    CU_add_test(s, "log posterior never falls", test_monotone);
    CU_add_test(s, "slow convergence is helped", test_slow);
    CU_add_test(s, "a flat posterior", test_flat);
    CU_add_test(s, "order of rows does not matter", test_permutation);
    CU_add_test(s, "single task under fitted weights", test_single_task);
    CU_add_test(s, "edges and statuses", test_edges);
    CU_add_test(s, "impossible labels", test_underflow);
}
