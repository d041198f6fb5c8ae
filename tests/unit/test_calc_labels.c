/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_calc_labels.c: rows sorted by task, weight, annotator and class */
#include "calc_labels.h"
#include "label_table.h"

#include <CUnit/CUnit.h>

void suite_calc_labels(void);

enum { ROWS = 7, TASKS = 4, ANNOTATORS = 3, CLASSES = 3 };

/* Task 2 has no label; annotator 1 answers task 3 twice. */
static const struct calc_label given[ROWS] = {
    {3, 1, 2}, {0, 2, 1}, {3, 0, 0}, {1, 1, 0}, {0, 0, 2}, {3, 1, 2}, {0, 1, 1},
};

static uint32_t mem_a[256], mem_b[256];

static enum calc_status build(struct calc_labels *out, const struct calc_label *rows,
                              const uint8_t *blocked)
{
    return calc_labels_build(out, rows, ROWS, TASKS, ANNOTATORS, CLASSES, blocked, mem_a,
                             sizeof mem_a);
}

static void test_sorted(void)
{
    const uint32_t begin[] = {0, 3, 4, 4, 7};
    const uint32_t cell[] = {2, 4, 7, 3, 0, 5, 5}; /* annotator * 3 + class */
    struct calc_labels d;

    CU_ASSERT_EQUAL_FATAL(build(&d, given, NULL), CALC_OK);
    CU_ASSERT_EQUAL(d.n, ROWS);
    CU_ASSERT_EQUAL(d.k, CLASSES);
    CU_ASSERT(!memcmp(d.begin, begin, sizeof begin));
    CU_ASSERT(!memcmp(d.counted, begin + 1, 4 * TASKS));
    CU_ASSERT(!memcmp(d.cell, cell, sizeof cell));
}

/* Labels of annotator 0 move to the end of their task and do not vote. */
static void test_blocked(void)
{
    const uint8_t blocked[] = {1, 0, 0};
    const uint32_t counted[] = {2, 4, 4, 6};
    const uint32_t cell[] = {4, 7, 2, 3, 5, 5, 0};
    uint32_t votes[CLASSES];
    struct calc_labels d;

    CU_ASSERT_EQUAL_FATAL(build(&d, given, blocked), CALC_OK);
    CU_ASSERT(!memcmp(d.counted, counted, sizeof counted));
    CU_ASSERT(!memcmp(d.cell, cell, sizeof cell));
    CU_ASSERT_EQUAL(calc_labels_votes(&d, 0, votes), 2);
    CU_ASSERT(!memcmp(votes, (const uint32_t[]){0, 2, 0}, sizeof votes));
    CU_ASSERT_EQUAL(calc_labels_votes(&d, 2, votes), 0);
    CU_ASSERT_EQUAL(calc_labels_votes(&d, 3, votes), 2);
    CU_ASSERT(!memcmp(votes, (const uint32_t[]){0, 0, 2}, sizeof votes));
}

static void test_permutation(void)
{
    struct calc_label rows[ROWS];
    struct calc_labels a, b;
    const uint8_t blocked[] = {0, 1, 0};

    CU_ASSERT_EQUAL_FATAL(build(&a, given, blocked), CALC_OK);
    for (unsigned long long seed = 1; seed < 50; seed++) {
        memcpy(rows, given, sizeof rows);
        label_rows_shuffle(rows, ROWS, seed);
        CU_ASSERT_EQUAL_FATAL(calc_labels_build(&b, rows, ROWS, TASKS, ANNOTATORS, CLASSES, blocked,
                                                mem_b, sizeof mem_b),
                              CALC_OK);
        CU_ASSERT(!memcmp(a.cell, b.cell, 4 * ROWS));
        CU_ASSERT(!memcmp(a.counted, b.counted, 4 * TASKS));
    }
}

static void test_status(void)
{
    struct calc_labels d = {.n = 77};
    struct calc_label rows[ROWS];
    size_t need = calc_labels_size(ROWS, TASKS, ANNOTATORS, CLASSES);

    CU_ASSERT_EQUAL(calc_labels_size(1, 1, 1, 0), 0);
    CU_ASSERT_EQUAL(calc_labels_size(1, 1, 1, CALC_LABELS_MAX_K + 1), 0);
    CU_ASSERT_EQUAL(calc_labels_size((size_t)1 << 32, 1, 1, 2), 0);
    CU_ASSERT_EQUAL(calc_labels_size(1, 1, (size_t)1 << 31, 2), 0);
    CU_ASSERT_EQUAL(
        calc_labels_build(&d, given, ROWS, TASKS, ANNOTATORS, CLASSES, NULL, mem_a, need - 1),
        CALC_SIZE);
    for (int bad = 0; bad < 3; bad++) {
        memcpy(rows, given, sizeof rows);
        *(bad == 0   ? &rows[4].task
          : bad == 1 ? &rows[4].annotator
                     : &rows[4].label) = bad == 0 ? TASKS : 3;
        CU_ASSERT_EQUAL(build(&d, rows, NULL), CALC_DOMAIN);
    }
    CU_ASSERT_EQUAL(d.n, 77);
    CU_ASSERT_EQUAL(calc_labels_build(&d, NULL, 0, 0, 0, 1, NULL, mem_a, sizeof mem_a), CALC_OK);
    CU_ASSERT_EQUAL(d.begin[0], 0);
}

void suite_calc_labels(void)
{
    CU_pSuite s = CU_add_suite("calc_labels", NULL, NULL);

    CU_add_test(s, "sorted by task, annotator, class", test_sorted);
    CU_add_test(s, "blocked annotators come last", test_blocked);
    CU_add_test(s, "order of rows does not matter", test_permutation);
    CU_add_test(s, "statuses", test_status);
}
