/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_price.c: the price equation */
#include "calc_price.h"

#include <math.h>
#include <string.h>

#define SECONDS_PER_HOUR 3600.0

/* What one calc_price_resolve works on. */
struct pricing {
    const struct price_book *book;
    const struct price_plan *plan;
    int32_t date;
    struct price_detail *detail;
    struct price_faults *faults;
    bool overflow; /* more sources than the caller has room for */
};

static double or_zero(double x)
{
    return isnan(x) ? 0.0 : x;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void fault(struct pricing *p, enum price_failure failure, const char *a, const char *b,
                  int64_t sequence)
{
    struct price_faults *f = p->faults;

    for (size_t i = 0; i < f->n; i++)
        if (f->at[i].failure == failure && same_text(f->at[i].a, a) && same_text(f->at[i].b, b))
            return;
    if (f->n < PRICE_FAULTS)
        f->at[f->n++] = (struct price_fault){failure, a, b, sequence};
}

static void source(struct pricing *p, enum price_kind kind, uint32_t index)
{
    struct price_detail *d = p->detail;

    if (!d)
        return;
    for (size_t i = 0; i < d->n_sources; i++)
        if (d->sources[i].kind == kind && d->sources[i].index == index)
            return;
    if (d->n_sources < d->sources_size)
        d->sources[d->n_sources++] = (struct price_source){kind, index};
    else
        p->overflow = true;
}

/* Value of money of currency in the book's; notes the fault and gives NaN where no pair is. */
static double exchange(struct pricing *p, const char *currency, int64_t sequence)
{
    double factor = NAN;
    uint32_t index;

    if (!calc_price_fx(p->book, currency, p->date, &factor, &index)) {
        fault(p, PRICE_NO_FX, currency, p->book->currency, sequence);
        return NAN;
    }
    if (index != PRICE_NONE)
        source(p, PRICE_FX, index);
    return factor;
}

/* The overhead row of category; NULL = no such overhead. */
static const struct price_rate *overhead(struct pricing *p, const char *category,
                                         const char *machine_ref)
{
    uint32_t i = calc_price_rate(p->book, PRICE_OVERHEAD, category, machine_ref, p->date);

    if (i == PRICE_NONE)
        return NULL;
    source(p, PRICE_OVERHEAD, i);
    return &p->book->rates[PRICE_OVERHEAD][i];
}

static double overhead_value(struct pricing *p, const char *category)
{
    const struct price_rate *rate = overhead(p, category, NULL);

    return rate ? rate->value : 0.0;
}

/* That of the machine replaces the general one. */
static const struct price_rate *manufacturing(struct pricing *p, const struct price_machine *m)
{
    const struct price_rate *rate = overhead(p, "manufacturing", m->ref);

    return rate ? rate : overhead(p, "manufacturing", NULL);
}

static void price_material(struct pricing *p, double yield, struct price_coefficients *c)
{
    const struct price_plan *plan = p->plan;
    double gross = plan->gross_mass_kg, scrap, factor;
    double net = isnan(plan->net_mass_kg) ? gross : plan->net_mass_kg;
    const struct price_rate *rate;
    uint32_t i;

    if (!(gross > 0.0))
        return;
    i = calc_price_rate(p->book, PRICE_MATERIAL, plan->material_ref, NULL, p->date);
    if (i == PRICE_NONE) {
        fault(p, PRICE_NO_MATERIAL_RATE, plan->material_ref, NULL, INT64_MIN);
        return;
    }
    source(p, PRICE_MATERIAL, i);
    rate = &p->book->rates[PRICE_MATERIAL][i];
    factor = exchange(p, rate->currency, INT64_MIN);
    scrap = fmax(0.0, gross - net) * or_zero(rate->scrap_price);
    c->material = (gross * rate->value - scrap) * factor / yield;
    if (c->material < 0.0)
        fault(p, PRICE_NEGATIVE_MATERIAL, plan->material_ref, NULL, INT64_MIN);
}

/* Hourly cost of whoever attends operation o; NaN with a fault noted where no rate is. */
static double labour_rate(struct pricing *p, const struct price_operation *o,
                          const struct price_machine *m, double eur)
{
    const struct price_rate *rate;
    uint32_t i;

    if (!o->labour_category)
        return m->operator_hourly > 0.0 ? m->operator_hourly * eur : 0.0;
    i = calc_price_rate(p->book, PRICE_LABOUR, o->labour_category, NULL, p->date);
    if (i == PRICE_NONE) {
        fault(p, PRICE_NO_LABOUR_RATE, o->labour_category, NULL, o->sequence);
        return NAN;
    }
    source(p, PRICE_LABOUR, i);
    rate = &p->book->rates[PRICE_LABOUR][i];
    return rate->value * exchange(p, rate->currency, o->sequence);
}

static uint32_t machine_of(struct pricing *p, const struct price_operation *o, uint32_t chosen)
{
    enum price_failure failure;
    uint32_t i;

    if (chosen != PRICE_NONE)
        return chosen;
    i = calc_price_choose(p->book, p->plan, o, p->date, &failure);
    if (i == PRICE_NONE)
        fault(p, failure, failure == PRICE_NO_MACHINE ? o->klass : o->machine_ref, NULL,
              o->sequence);
    return i;
}

static void price_operation(struct pricing *p, size_t index, const struct price_choice *choice,
                            double yield, struct price_coefficients *c)
{
    const struct price_operation *o = &p->plan->operations[index];
    uint32_t i = machine_of(p, o, choice && choice->machine ? choice->machine[index] : PRICE_NONE);
    double setup_s = o->setup_s, cycle_s = o->cycle_s;

    if (i == PRICE_NONE) {
        if (o->labour_category &&
            calc_price_rate(p->book, PRICE_LABOUR, o->labour_category, NULL, p->date) == PRICE_NONE)
            fault(p, PRICE_NO_LABOUR_RATE, o->labour_category, NULL, o->sequence);
        return;
    }
    if (choice && choice->setup_factor)
        setup_s *= choice->setup_factor[index];
    if (choice && choice->cycle_factor)
        cycle_s *= choice->cycle_factor[index];

    const struct price_machine *m = &p->book->machines[i];
    double eur = exchange(p, "EUR", o->sequence);
    double machine_h = (m->hourly + or_zero(m->burden)) * eur;
    double labour_h = labour_rate(p, o, m, eur);
    double setup_h = setup_s / SECONDS_PER_HOUR;
    double run_h = cycle_s / SECONDS_PER_HOUR / o->parts_per_cycle / yield;
    double setup = setup_h * (machine_h + labour_h), setup_labour = setup_h * labour_h;
    double machine = run_h * machine_h, labour = run_h * labour_h * o->attendance;
    const struct price_rate *rate = manufacturing(p, m);

    c->setup += setup;
    c->machine += machine;
    c->labour += labour;
    if (rate) {
        c->overhead_setup += rate->value * (rate->on_labour_only ? setup_labour : setup);
        c->overhead_run += rate->value * (rate->on_labour_only ? labour : machine + labour);
    }
    if (p->detail)
        p->detail->steps[index] = (struct price_step){i, setup_s, cycle_s, setup, machine + labour};
}

static void price_overheads(struct pricing *p, struct price_coefficients *c)
{
    if (c->material > 0.0)
        c->overhead_material = overhead_value(p, "material") * c->material;
    if (c->tooling_cost > 0.0) {
        const struct price_rate *rate = overhead(p, "manufacturing", NULL);

        c->overhead_tooling = rate && !rate->on_labour_only ? rate->value : 0.0;
    }
    c->fixed = overhead_value(p, "administration") + overhead_value(p, "sales");
    c->profit = overhead_value(p, "profit");
}

enum calc_status calc_price_resolve(const struct price_book *book, const struct price_plan *plan,
                                    int32_t date, const struct price_choice *choice,
                                    struct price_coefficients *out, struct price_detail *detail,
                                    struct price_faults *faults)
{
    struct pricing p = {book, plan, date, detail, faults, false};
    struct price_coefficients c = {0};
    double yield = 1.0 - plan->scrap_rate;

    faults->n = 0;
    if (detail)
        detail->n_sources = 0;
    if (date < book->valid_from || (book->valid_to != PRICE_OPEN && date > book->valid_to))
        fault(&p, PRICE_ENVIRONMENT_NOT_VALID, NULL, NULL, INT64_MIN);
    price_material(&p, yield, &c);
    for (size_t i = 0; i < plan->n_operations; i++)
        price_operation(&p, i, choice, yield, &c);
    c.tooling_cost = or_zero(plan->tooling_cost);
    c.external_piece = or_zero(plan->external_per_part) + or_zero(plan->purchased);
    c.external_lot = or_zero(plan->external_per_lot);
    price_overheads(&p, &c);
    if (faults->n > 0)
        return CALC_UNDEFINED;
    if (p.overflow)
        return CALC_SIZE;
    *out = c;
    return CALC_OK;
}

enum price_failure calc_price_at(const struct price_coefficients *resolved, double lot_size,
                                 double annual_volume, double tooling_lifetime,
                                 struct price_cost *out)
{
    const struct price_coefficients *c = resolved;
    double units = tooling_lifetime > 0.0 ? tooling_lifetime : annual_volume;
    double overhead_setup = c->overhead_setup / lot_size, overhead_tooling, variable;
    struct price_cost cost = {
        .material = c->material,
        .labour = c->labour,
        .machine = c->machine,
        .setup = c->setup / lot_size,
        .external = c->external_piece + c->external_lot / lot_size,
    };

    if (c->tooling_cost > 0.0) {
        if (!(units > 0.0))
            return PRICE_NO_TOOLING_UNITS;
        cost.tooling = c->tooling_cost / units;
    }
    overhead_tooling = c->overhead_tooling * cost.tooling;
    cost.overhead_variable =
        c->overhead_material + c->overhead_run + overhead_setup + overhead_tooling;
    variable = cost.material + cost.labour + cost.machine + cost.setup + cost.tooling +
               cost.external + cost.overhead_variable;
    cost.overhead_fixed = c->fixed * variable;
    cost.uncalibrated = variable + cost.overhead_fixed;
    cost.driver[PRICE_DRIVER_MATERIAL] = (cost.material + c->overhead_material) * (1.0 + c->fixed);
    cost.driver[PRICE_DRIVER_RUN] =
        (cost.machine + cost.labour + c->overhead_run) * (1.0 + c->fixed);
    cost.driver[PRICE_DRIVER_SETUP] = (cost.setup + overhead_setup) * (1.0 + c->fixed);
    cost.driver[PRICE_DRIVER_OTHER] =
        (cost.tooling + cost.external + overhead_tooling) * (1.0 + c->fixed);
    if (!isfinite(cost.uncalibrated))
        return PRICE_NOT_FINITE;
    *out = cost;
    return PRICE_OK;
}
