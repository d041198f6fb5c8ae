/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_machine_class.c: classes, tolerance grades, workholding */
#include "machine_class.h"

#include <CUnit/CUnit.h>
#include <string.h>

void suite_machine_class(void);

static void test_classes(void)
{
    static const char *const good[] = {"milling.3axis_vmc",  "milling.gantry",     "turning.swiss",
                                       "millturn.5axis",     "tube_cutting.laser", "welding.spot",
                                       "moulding.injection", "inspection.manual"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CU_ASSERT_PTR_NULL(machine_class_check(good[i]));
    /* a message names the members of the process, or the processes */
    static const struct {
        const char *klass, *named;
    } bad[] = {
        {"milling.3axis", "5axis_indexed"},
        {"milling", "3axis_vmc"},
        {"milling.", "gantry"},
        {"edm.laser", "wire, sinker"},
        {"edm.wire, sinker", "wire, sinker"},
        {"", "tube_bending"},
        {".cnc", "tube_bending"},
        {"mill.3axis_vmc", "moulding"},
        {"Milling.gantry", "milling"},
        {"milling.gantry ", "gantry"},
        {"milling.gantry.x", "3axis_hmc"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *message = machine_class_check(bad[i].klass);
        CU_ASSERT_PTR_NOT_NULL_FATAL(message);
        CU_ASSERT_PTR_NOT_NULL(strstr(message, bad[i].named));
    }
}

static void test_grades(void)
{
    static const struct {
        const char *text;
        int grade;
    } grades[] = {{"IT01", -1}, {"IT0", 0},   {"IT1", 1},   {"IT7", 7},   {"IT10", 10},
                  {"IT18", 18}, {"IT19", -2}, {"IT", -2},   {"IT02", -2}, {"IT00", -2},
                  {"it7", -2},  {"IT7 ", -2}, {"IT-1", -2}, {"7", -2},    {"IT007", -2}};
    for (size_t i = 0; i < sizeof grades / sizeof *grades; i++) {
        CU_ASSERT_EQUAL(machine_grade(grades[i].text), grades[i].grade);
        CU_ASSERT_EQUAL(!machine_grade_check(grades[i].text), grades[i].grade > -2);
    }
    CU_ASSERT_EQUAL(machine_grade(NULL), MACHINE_GRADE_NONE);
}

static void test_workholding(void)
{
    CU_ASSERT_PTR_NULL(machine_workholding_check("vise.precision"));
    CU_ASSERT_PTR_NULL(machine_workholding_check("chuck.3jaw"));
    static const char *const bad[] = {"vise", "vise.", ".precision", "a.b.c", "Vise.x", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_PTR_NOT_NULL(machine_workholding_check(bad[i]));
}

void suite_machine_class(void)
{
    CU_pSuite s = CU_add_suite("machine_class", NULL, NULL);
    CU_ADD_TEST(s, test_classes);
    CU_ADD_TEST(s, test_grades);
    CU_ADD_TEST(s, test_workholding);
}
