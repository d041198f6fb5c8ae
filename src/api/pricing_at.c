/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A price and its correction by the active calibration; and why there is none, in words. */
#include "pricing.h"

#include "arena.h"
#include "buf.h"
#include "pricing_models.h"
#include "store_run.h"

#include <string.h>

#define BASIS_TEXT 320

void pricing_locate(struct arena *arena, const struct pricing_active *active,
                    const struct pricing_models *models, const struct uuid *part, const char *bin,
                    struct pricing_site *site)
{
    *site = (struct pricing_site){.active = active,
                                  .models = models,
                                  .part = pricing_part_key(part),
                                  .bin_text = bin && *bin ? bin : NULL};
    size_t usual;
    if (models && models->interval) {
        char id[UUID_TEXT];
        uuid_text(&models->interval_run, id);
        site->interval_basis = arena_printf(arena, SLOT_INTERVAL "%s", id);
    }
    if (!active)
        return;
    if (!bin && calc_driver_usual_bin(&active->view, site->part, &usual)) {
        struct calc_key label = calc_driver_view_bin(&active->view, usual).label;
        if (label.n)
            site->bin_text = arena_strndup(arena, label.s, label.n);
    }
    /* a quote that names no bin belongs to the evidence that names none, if there is any */
    const char *name = site->bin_text ? site->bin_text : "";
    site->bin = (struct calc_key){name, strlen(name)};
    calc_driver_locate(&active->view, site->bin, site->part, &site->site);
    char basis[BASIS_TEXT];
    calc_driver_basis(&active->view, site->site.group, basis, sizeof basis);
    site->basis = arena_strdup(arena, basis);
}

static bool correct(const struct pricing_site *site, const struct pricing_order *order,
                    struct pricing_result *out)
{
    const struct price_cost *cost = &out->cost;
    struct calc_driver_row row = {.bin = site->bin,
                                  .part = site->part,
                                  .lot_size = order->lot_size,
                                  .predicted = cost->uncalibrated};
    struct calc_driver_prediction p;
    _Static_assert((int)CALC_DRIVER_MAX == (int)PRICE_DRIVERS, "one list of drivers");
    memcpy(row.c, cost->driver, sizeof row.c);
    /* what costs nothing cannot be corrected by a factor */
    if (calc_driver_price(&site->active->view, &site->site, &row, &p) != CALC_OK)
        return false;
    out->unit_cost = number_round12(exp(p.log_median));
    out->expected = number_round12(exp(p.log_median + p.sigma * p.sigma / 2));
    out->setup_cost = number_round12(order->lot_size * cost->driver[PRICE_DRIVER_SETUP] *
                                     exp(p.log_factor[PRICE_DRIVER_SETUP]));
    if (p.bounded) {
        out->alpha = site->active->view.alpha;
        out->lower = number_round12(exp(p.log_lower));
        out->upper = number_round12(exp(p.log_upper));
        out->basis = site->basis;
    }
    return true;
}

/* A recalibrated interval: the environment's own stands for that of the run, the platform's only
   where there is none. */
static void replace_interval(const struct pricing_site *site, struct pricing_result *out)
{
    const struct pricing_models *models = site->models;
    if (!models || !models->interval || (models->interval_platform && !isnan(out->alpha)))
        return;
    out->alpha = models->interval->alpha;
    out->lower = number_round12(out->unit_cost * exp(-models->interval->q));
    out->upper = number_round12(out->unit_cost * exp(models->interval->q));
    out->basis = site->interval_basis;
}

enum price_failure pricing_at(const struct price_coefficients *resolved,
                              const struct pricing_site *site, const struct pricing_order *order,
                              struct pricing_result *out)
{
    struct pricing_result result = {
        .bin = site->bin_text, .alpha = NAN, .lower = NAN, .upper = NAN};
    enum price_failure failure = calc_price_at(resolved, order->lot_size, order->annual_volume,
                                               order->tooling_lifetime, &result.cost);
    if (failure)
        return failure;
    if (!site->active || !correct(site, order, &result)) {
        result.unit_cost = result.expected = result.cost.uncalibrated;
        result.setup_cost = order->lot_size * result.cost.driver[PRICE_DRIVER_SETUP];
    }
    replace_interval(site, &result);
    if (!isfinite(result.unit_cost * order->lot_size) || !isfinite(result.expected))
        return PRICE_NOT_FINITE;
    *out = result;
    return PRICE_OK;
}

/* A machine the tenant knows by name is called so beside its id. */
static const char *machine_name(const struct pricing_book *book, const char *ref)
{
    for (size_t i = 0; i < book->book.n_machines; i++)
        if (!strcmp(book->book.machines[i].ref, ref))
            return book->memberships[book->book.machines[i].row].machine->name;
    return "";
}

static void fault_text(struct buf *out, const struct price_fault *fault,
                       const struct pricing_book *book, const char *date)
{
    const char *a = fault->a ? fault->a : "";
    char from[DATE_TEXT], to[DATE_TEXT] = "";
    switch (fault->failure) {
    case PRICE_ENVIRONMENT_NOT_VALID:
        date_text(book->book.valid_from, from);
        if (book->book.valid_to != PRICE_OPEN)
            date_text(book->book.valid_to, to);
        buf_printf(out, "The environment is valid from %s%s%s, not on %s.", from, *to ? " to " : "",
                   to, date);
        return;
    case PRICE_NO_MATERIAL_RATE:
        buf_printf(out, "There is no material rate for %s on %s.", a, date);
        return;
    case PRICE_NO_LABOUR_RATE:
        buf_printf(out, "There is no labour rate for category %s on %s", a, date);
        break;
    case PRICE_NO_FX:
        buf_printf(out, "There is no fx rate between %s and %s on %s", a, fault->b, date);
        break;
    case PRICE_NO_MACHINE:
        buf_printf(out,
                   "There is no enabled machine of class %s on %s that satisfies the operation", a,
                   date);
        break;
    case PRICE_MACHINE_UNKNOWN:
        buf_printf(out, "Machine %s is not in the environment", a);
        break;
    case PRICE_MACHINE_NOT_VALID:
        buf_printf(out, "Machine %s (%s) is not valid in the environment on %s", a,
                   machine_name(book, a), date);
        break;
    case PRICE_MACHINE_DISABLED:
        buf_printf(out, "Machine %s (%s) is disabled in the environment", a, machine_name(book, a));
        break;
    case PRICE_NO_TOOLING_UNITS:
        buf_adds(out, "The tooling cost needs tooling_lifetime_units or an annual_volume above 0.");
        return;
    case PRICE_NEGATIVE_MATERIAL:
        buf_printf(out, "The scrap of material %s is worth more than the material.", a);
        return;
    case PRICE_NOT_FINITE:
    case PRICE_OK:
    case PRICE_FAILURES:
        buf_adds(out, "The cost is beyond the range of numbers.");
        return;
    }
    if (fault->sequence != INT64_MIN)
        buf_printf(out, " (operation %lld)", (long long)fault->sequence);
    buf_addc(out, '.');
}

const char *pricing_fault_text(struct arena *arena, const struct price_faults *faults,
                               const struct pricing_book *book, int32_t date)
{
    struct buf out = {0};
    char day[DATE_TEXT];
    date_text(date, day);
    for (size_t i = 0; i < faults->n; i++) {
        if (i)
            buf_addc(&out, ' ');
        fault_text(&out, &faults->at[i], book, day);
    }
    char *text = arena_strndup(arena, out.data ? out.data : "", out.len);
    buf_clear(&out);
    return text;
}
