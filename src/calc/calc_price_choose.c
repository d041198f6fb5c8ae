/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_price_choose.c: which machine makes an operation */
#include "calc_price.h"

#include <math.h>
#include <string.h>

static bool valid_on(const struct price_machine *machine, int32_t date)
{
    return machine->valid_from <= date &&
           (machine->valid_to == PRICE_OPEN || machine->valid_to >= date);
}

static void sort3(const double in[3], double out[3])
{
    double a = in[0], b = in[1], c = in[2];

    out[0] = fmin(a, fmin(b, c));
    out[2] = fmax(a, fmax(b, c));
    out[1] = fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* A box fits into a box with parallel edges, turned or not, if it does in ascending order. */
static bool box_fits(const double part[3], const double room[3])
{
    double p[3], r[3];

    if (isnan(part[0]) || isnan(room[0]))
        return true;
    sort3(part, p);
    sort3(room, r);
    return p[0] <= r[0] && p[1] <= r[1] && p[2] <= r[2];
}

/* NaN on either side constrains nothing */
static bool within(double need, double limit)
{
    return !(need > limit);
}

static bool certified(const struct price_machine *machine, const struct price_operation *operation)
{
    if (!machine->certifications)
        return true;
    for (size_t i = 0; i < operation->n_certifications; i++) {
        size_t j = 0;

        while (j < machine->n_certifications &&
               strcmp(machine->certifications[j], operation->certifications[i]) != 0)
            j++;
        if (j == machine->n_certifications)
            return false;
    }
    return true;
}

bool calc_price_suits(const struct price_machine *machine, const struct price_plan *plan,
                      const struct price_operation *operation, int32_t date)
{
    return machine->enabled && valid_on(machine, date) &&
           strcmp(machine->klass, operation->klass) == 0 &&
           box_fits(plan->envelope, machine->envelope) &&
           within(operation->spindle_rpm, machine->spindle_rpm) &&
           within(operation->power_kw, machine->power_kw) &&
           within(operation->thickness_mm, machine->thickness_mm) &&
           within(operation->tool_diameter_mm, machine->tool_diameter_mm) &&
           (operation->it_grade == PRICE_NO_GRADE || machine->it_grade == PRICE_NO_GRADE ||
            machine->it_grade <= operation->it_grade) &&
           certified(machine, operation);
}

static bool tried_before(const struct price_machine *a, const struct price_machine *b)
{
    if (a->priority != b->priority)
        return a->priority < b->priority;
    return memcmp(a->id, b->id, sizeof a->id) < 0;
}

static uint32_t named(const struct price_book *book, const char *ref, int32_t date,
                      enum price_failure *failure)
{
    uint32_t found = PRICE_NONE;

    *failure = PRICE_MACHINE_UNKNOWN;
    for (size_t i = 0; i < book->n_machines; i++) {
        const struct price_machine *machine = &book->machines[i];

        if (strcmp(machine->ref, ref) != 0)
            continue;
        /* the same machine may be a member several times, at different times */
        if (!valid_on(machine, date)) {
            if (*failure == PRICE_MACHINE_UNKNOWN)
                *failure = PRICE_MACHINE_NOT_VALID;
        } else if (!machine->enabled) {
            *failure = PRICE_MACHINE_DISABLED;
        } else {
            found = (uint32_t)i;
        }
    }
    if (found != PRICE_NONE)
        *failure = PRICE_OK;
    return found;
}

uint32_t calc_price_choose(const struct price_book *book, const struct price_plan *plan,
                           const struct price_operation *operation, int32_t date,
                           enum price_failure *failure)
{
    uint32_t best = PRICE_NONE;

    if (operation->machine_ref)
        return named(book, operation->machine_ref, date, failure);
    for (size_t i = 0; i < book->n_machines; i++)
        if (calc_price_suits(&book->machines[i], plan, operation, date) &&
            (best == PRICE_NONE || tried_before(&book->machines[i], &book->machines[best])))
            best = (uint32_t)i;
    *failure = best == PRICE_NONE ? PRICE_NO_MACHINE : PRICE_OK;
    return best;
}
