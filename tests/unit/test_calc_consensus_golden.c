/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_consensus_golden.c: Dawid-Skene on public crowd data with known answers */
#include "calc_consensus.h"
#include "calc_vote.h"
#include "label_table.h"

#include <CUnit/CUnit.h>

void suite_calc_consensus_golden(void);

static struct label_table table;
static uint32_t labels_mem[40000];
static double fit_mem[60000];

static void prepare(struct calc_consensus *c, struct calc_labels *d,
                    const struct calc_consensus_options *o)
{
    enum calc_status s = calc_labels_build(d, table.row, table.n, table.tasks.n, table.annotators.n,
                                           table.classes.n, NULL, labels_mem, sizeof labels_mem);

    CU_ASSERT_EQUAL_FATAL(s, CALC_OK);
    s = calc_consensus_init(c, d, NULL, NULL, o, fit_mem, sizeof fit_mem);
    CU_ASSERT_EQUAL_FATAL(s, CALC_OK);
}

/* Labels and maxima of the posteriors against the object of one method in expected.json. */
static void check_method(struct json_object *want, const struct calc_consensus *c,
                         const struct label_table *t, double rel)
{
    struct calc_vote_decision decision;
    struct json_object *list;
    uint32_t k = t->classes.n, votes[8], counts[8] = {0}, right = 0;

    for (uint32_t i = 0; i < t->tasks.n; i++) {
        char path[64];

        calc_labels_votes(c->labels, i, votes);
        calc_vote_decide(c->posterior + (size_t)i * k, votes, k, CALC_LABEL_NONE, &decision);
        counts[decision.label]++;
        right += decision.label == t->answer[i];
        if (json_object_object_get_ex(want, "labels", &list)) {
            snprintf(path, sizeof path, "labels/%s", t->tasks.text[i]);
            CU_ASSERT_STRING_EQUAL(json_object_get_string(golden_at(want, path)),
                                   t->classes.text[decision.label]);
            snprintf(path, sizeof path, "max_posterior/%s", t->tasks.text[i]);
            CU_ASSERT(fabs(decision.confidence - golden_num(want, path)) < 1e-6);
        }
    }
    list = golden_at(want, "class_counts");
    for (uint32_t t_ = 0; t_ < k; t_++)
        CU_ASSERT_EQUAL(counts[t_], (uint32_t)golden_item(list, t_));
    if (json_object_object_get_ex(want, "accuracy", &list))
        CU_ASSERT_EQUAL(right, (uint32_t)lround(json_object_get_double(list) * (double)t->tasks.n));
    if (c->iterations == 0)
        return;
    CU_ASSERT(golden_close(c->log_likelihood, golden_num(want, "loglik"), 1e-9));
    for (uint32_t t_ = 0; t_ < k; t_++)
        CU_ASSERT(golden_close(c->pi[t_], golden_item(golden_at(want, "pi"), t_), rel));
}

static void check_theta(struct json_object *want, const struct calc_consensus *c,
                        const struct label_table *t)
{
    uint32_t k = t->classes.n;

    for (uint32_t j = 0; j < t->annotators.n; j++) {
        struct json_object *rows = golden_at(golden_at(want, "theta"), t->annotators.text[j]);

        for (uint32_t l = 0; l < k; l++)
            for (uint32_t r = 0; r < k; r++) {
                double x = golden_item(json_object_array_get_idx(rows, r), l);
                double got = c->theta[(j * k + l) * k + r];

                CU_ASSERT(x < 1e-12 ? got < 1e-11 : golden_close(got, x, 1e-7));
            }
    }
}

/* Dawid & Skene 1979 and Snow et al. 2008: 1e-7 on parameters, 1e-6 on posteriors. */
static void test_golden(void)
{
    static const struct {
        const char *file, *at;
        bool gold;
    } sets[] = {
        {"numerics/t6_anesthesia_dawid_skene_1979.csv", "t6_anesthesia/ref", false},
        {"numerics/t6_temp_snow2008.csv", "t6_temp_snow2008", true},
        {"numerics/t6_wsd_snow2008.csv", "t6_wsd_snow2008", true},
    };
    struct json_object *expected = golden_load("numerics/expected.json");

    for (size_t x = 0; expected && x < 3; x++) {
        struct json_object *want = golden_at(expected, sets[x].at);
        struct calc_consensus c;
        struct calc_labels d;

        if (!label_table_load(&table, sets[x].file, sets[x].gold))
            break;
        struct calc_consensus_options ml = {.tolerance = 1e-12, .max_iterations = 1000};
        struct calc_consensus_options map = calc_consensus_defaults();

        prepare(&c, &d, &ml);
        check_method(golden_at(want, "majority"), &c, &table, 0.0);
        CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
        CU_ASSERT_EQUAL(c.iterations, (uint32_t)golden_num(want, "ds_ml/iters_to_1e_12"));
        check_method(golden_at(want, "ds_ml"), &c, &table, 1e-7);
        if (x == 0)
            check_theta(golden_at(want, "ds_ml"), &c, &table);

        map.tolerance = 1e-12;
        prepare(&c, &d, &map);
        CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
        uint32_t published = (uint32_t)golden_num(want, "ds_default_smoothing/iters_to_1e_12");

        /* from 64 on the fit extrapolates */
        CU_ASSERT(published <= 64 ? c.iterations == published : c.iterations < published);
        check_method(golden_at(want, "ds_default_smoothing"), &c, &table, 1e-7);
        if (x == 0)
            check_theta(golden_at(want, "ds_default_smoothing"), &c, &table);

        ml.model = CALC_CONSENSUS_ONE_COIN;
        prepare(&c, &d, &ml);
        CU_ASSERT_EQUAL(calc_consensus_fit(&c), CALC_OK);
        check_method(golden_at(want, "onecoin_ml"), &c, &table, 1e-7);
        if (x != 1) {
            struct json_object *p = golden_at(want, "onecoin_ml/p");

            for (uint32_t j = 0; j < table.annotators.n; j++)
                CU_ASSERT(golden_close(c.theta[j * table.classes.n * table.classes.n],
                                       golden_num(p, table.annotators.text[j]), 1e-7));
        }
    }
    json_object_put(expected);
}

void suite_calc_consensus_golden(void)
{
    CU_pSuite s = CU_add_suite("calc_consensus_golden", NULL, NULL);

    CU_add_test(s, "anaesthesia, TEMP, WSD", test_golden);
}
