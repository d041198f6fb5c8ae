/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine classes, <process>.<type>, and the vocabulary of a machine's capabilities. */
#ifndef COSTWRIGHT_MACHINE_CLASS_H
#define COSTWRIGHT_MACHINE_CLASS_H

/* Checks for field tables: NULL where text is one of the known ones, else a constant sentence that
   names what is known: for machine_class_check the types of the process, or the processes. */
const char *machine_class_check(const char *klass);
/* <family>.<type>, each of [a-z0-9_-]{1,64}: vise.precision, chuck.3jaw */
const char *machine_workholding_check(const char *text);

/* ISO 286-1 tolerance grades from fine to coarse: IT01 is -1, IT0 is 0, IT1 is 1, … IT18 is 18.
   A machine meets what a part requires when its grade is not greater. */
#define MACHINE_GRADE_NONE (-2)
int machine_grade(const char *text); /* MACHINE_GRADE_NONE: no such grade, or NULL */
const char *machine_grade_check(const char *text);

extern const char *const machine_subclasses[]; /* small, medium, large, NULL */
extern const char *const machine_coolants[];

#endif
