/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of machine classes and the checks of machine words. */
#include "machine_class.h"

#include "slug.h"

#include <stdlib.h>
#include <string.h>

struct process {
    const char *name;
    const char *types; /* separated by ", " */
    const char *message;
};

/* X(process, types): all that is known, in the order a shop would list it */
#define PROCESSES(X)                                                                               \
    X("milling", "3axis_vmc, 3axis_hmc, 4axis_vmc, 5axis_indexed, 5axis_full, gantry")             \
    X("turning", "2axis_cnc, live_tool, swiss, vertical")                                          \
    X("millturn", "5axis")                                                                         \
    X("grinding", "surface, cylindrical, centerless")                                              \
    X("drilling", "cnc")                                                                           \
    X("edm", "wire, sinker")                                                                       \
    X("cutting", "laser, waterjet, plasma, saw")                                                   \
    X("bending", "press_brake")                                                                    \
    X("stamping", "progressive")                                                                   \
    X("tube_bending", "cnc")                                                                       \
    X("tube_cutting", "laser")                                                                     \
    X("welding", "mig, tig, laser, spot")                                                          \
    X("casting", "sand, die, investment")                                                          \
    X("moulding", "injection")                                                                     \
    X("forging", "closed_die")                                                                     \
    X("additive", "fdm, sls, slm, sla")                                                            \
    X("deburring", "manual, machine")                                                              \
    X("heat_treatment", "batch")                                                                   \
    X("coating", "paint, powder, anodize, plating")                                                \
    X("assembly", "manual")                                                                        \
    X("inspection", "cmm, manual")

static const struct process processes[] = {
#define X(name, types) {name, types, "is not a known class; types of " name ": " types},
    PROCESSES(X)
#undef X
};

static const char unknown_process[] = "is not <process>.<type> of a known process; processes:"
#define X(name, types) " " name
    PROCESSES(X)
#undef X
    ;

static int listed(const char *types, const char *word)
{
    size_t len = strlen(word);
    while (*types) {
        size_t n = strcspn(types, ",");
        if (n == len && !memcmp(types, word, len))
            return 1;
        types += n;
        types += strspn(types, ", ");
    }
    return 0;
}

const char *machine_class_check(const char *klass)
{
    size_t len = strcspn(klass, ".");
    for (size_t i = 0; i < sizeof processes / sizeof *processes; i++) {
        const struct process *process = &processes[i];
        if (strncmp(process->name, klass, len) || process->name[len])
            continue;
        if (klass[len] && listed(process->types, klass + len + 1))
            return NULL;
        return process->message;
    }
    return unknown_process;
}

const char *machine_workholding_check(const char *text)
{
    static const char message[] =
        "must be <family>.<type>, each 1 to 64 of the characters a-z, 0-9, _ and -";
    const char *dot = strchr(text, '.');
    if (!dot)
        return message;
    return slug_is(text, (size_t)(dot - text)) && slug_is(dot + 1, strlen(dot + 1)) ? NULL
                                                                                    : message;
}

int machine_grade(const char *text)
{
    if (!text || strncmp(text, "IT", 2))
        return MACHINE_GRADE_NONE;
    const char *digits = text + 2;
    size_t n = strspn(digits, "0123456789");
    if (!strcmp(digits, "01"))
        return -1;
    if (!n || n > 2 || digits[n] || (n == 2 && *digits == '0'))
        return MACHINE_GRADE_NONE;
    int grade = atoi(digits);
    return grade <= 18 ? grade : MACHINE_GRADE_NONE;
}

const char *machine_grade_check(const char *text)
{
    return machine_grade(text) == MACHINE_GRADE_NONE
               ? "must be an ISO 286 tolerance grade: IT01, IT0, IT1 to IT18"
               : NULL;
}

const char *const machine_subclasses[] = {"small", "medium", "large", NULL};
const char *const machine_coolants[] = {"flood", "mist",      "mql",  "through_spindle",
                                        "air",   "cryogenic", "none", NULL};
