/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the unit suites, or those named as arguments, and counts tests. */
#include "suites.h"

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define X(name) void suite_##name(void);
SUITES(X)
#undef X

static const struct {
    const char *name;
    void (*register_suite)(void);
} suites[] = {
#define X(name) {#name, suite_##name},
    SUITES(X)
#undef X
};

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(name, argv[i]))
            return true;
    return argc < 2;
}

int main(int argc, char **argv)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "unit: %s\n", CU_get_error_msg());
        return 2;
    }
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        if (wanted(suites[i].name, argc, argv))
            suites[i].register_suite();
    if (CU_get_error() != CUE_SUCCESS) {
        fprintf(stderr, "unit: a suite was not registered: %s\n", CU_get_error_msg());
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned run = CU_get_number_of_tests_run(), failed = CU_get_number_of_tests_failed();
    CU_basic_show_failures(CU_get_failure_list());
    CU_cleanup_registry();
    printf("unit: %u passed, %u failed\n", run - failed, failed);
    return failed || !run;
}
