/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_labeling_order.c: the order in which labels are summed up */
#include "arena.h"
#include "labeling_order.h"

#include <CUnit/CUnit.h>

void suite_labeling_order(void);

/* Workers answer to the last bit alike: the order of tasks is the same in every process. */
static void test_processes(void)
{
    static const char wanted[] = "ebdihfalkjgc";
    enum { N = sizeof wanted - 1 };
    struct arena *arena = arena_new();
    struct label_task tasks[N];
    struct label_given given[N];
    struct uuid annotator = {{1}};
    bool is_user = true;
    struct label_data data = {.tasks = tasks,
                              .annotators = &annotator,
                              .is_user = &is_user,
                              .given = given,
                              .n_tasks = N,
                              .n_annotators = 1,
                              .n_given = N};
    struct label_emails emails = {.emails = NULL};
    intern_init(&emails.ids, arena);
    intern_init(&data.values, arena);
    for (uint32_t i = 0; i < N; i++) {
        const char text[] = {'"', (char)('a' + i), '"', 0};
        tasks[i] = (struct label_task){.predicted = label_value_put(&data.values, text, 3),
                                       .value = INTERN_NONE};
        given[i] = (struct label_given){.task = i, .value = INTERN_NONE};
    }
    labeling_order(arena, &data, &emails);
    for (uint32_t i = 0; i < N; i++)
        CU_ASSERT_EQUAL(data.values.entries[data.tasks[i].predicted].text[1], wanted[i]);
    arena_free(arena);
}

void suite_labeling_order(void)
{
    CU_pSuite suite = CU_add_suite("labeling_order", NULL, NULL);
    CU_add_test(suite, "processes", test_processes);
}
