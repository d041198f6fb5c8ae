/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times, machines and curve of a plan. */
#include "pricing_resolve.h"

#include "arena.h"
#include "calc_policy.h"

#include <string.h>

enum feature { FLEET_PRIORITY, HOURLY_RATE, LOAD_RATIO, OP_COST, SETUP_COST, FEATURES };

const char *const pricing_features[] = {
    [FLEET_PRIORITY] = "fleet_priority", [HOURLY_RATE] = "hourly_rate",
    [LOAD_RATIO] = "load_ratio",         [OP_COST] = "op_cost",
    [SETUP_COST] = "setup_cost",         [FEATURES] = NULL};

/* One operation's machines that can do it. */
struct candidates {
    uint32_t *machine;
    size_t n;
    struct price_step *step; /* what each would cost; machine PRICE_NONE: it cannot be priced */
};

bool pricing_depends_on_lot(const struct pricing_models *models, const struct uuid *revision)
{
    return models->policy || pricing_curve(models, revision);
}

static double *time_factors(struct arena *arena, const struct price_plan *plan,
                            const struct times_model *model)
{
    if (!model)
        return NULL;
    double *factors = ARENA_ARRAY(arena, plan->n_operations + 1, double);
    for (size_t i = 0; i < plan->n_operations; i++)
        factors[i] = exp(pricing_time_theta(model, plan->operations[i].klass, NULL));
    return factors;
}

static void sort3(const double in[3], double out[3])
{
    memcpy(out, in, 3 * sizeof *out);
    for (int i = 1; i < 3; i++)
        for (int j = i; j && out[j - 1] > out[j]; j--) {
            double larger = out[j - 1];
            out[j - 1] = out[j];
            out[j] = larger;
        }
}

/* Both boxes in ascending order: how full the machine is on its tightest side. */
static double load_ratio(const double part[3], const double room[3])
{
    double p[3], r[3], most = 0;
    if (isnan(part[0]) || isnan(room[0]))
        return NAN;
    sort3(part, p);
    sort3(room, r);
    for (int i = 0; i < 3; i++)
        if (isfinite(p[i]) && r[i] > 0)
            most = fmax(most, p[i] / r[i]);
    return most;
}

static double feature_value(enum feature feature, const struct price_plan *plan,
                            const struct price_machine *machine, const struct price_step *step,
                            double lot_size)
{
    switch (feature) {
    case HOURLY_RATE:
        return machine->hourly;
    case FLEET_PRIORITY:
        return machine->priority;
    case LOAD_RATIO:
        return load_ratio(plan->envelope, machine->envelope);
    case SETUP_COST:
        return step->setup_cost;
    case OP_COST:
    case FEATURES:
        break;
    }
    return step->run_cost + step->setup_cost / lot_size;
}

/* One feature of the policy; one that no quote can compute counts 0 for every machine. */
static double named_value(const char *name, const struct price_plan *plan,
                          const struct price_machine *machine, const struct price_step *step,
                          double lot_size)
{
    for (enum feature feature = 0; feature < FEATURES; feature++)
        if (!strcmp(pricing_features[feature], name))
            return feature_value(feature, plan, machine, step, lot_size);
    return 0;
}

struct price_detail pricing_detail(struct arena *arena, const struct price_plan *plan)
{
    size_t n_sources = PRICE_SOURCES(plan->n_operations);
    return (struct price_detail){
        .steps = ARENA_ARRAY(arena, plan->n_operations + 1, struct price_step),
        .sources = ARENA_ARRAY(arena, n_sources, struct price_source),
        .sources_size = n_sources,
    };
}

/* Every machine that suits each operation, priced: the r-th ones of all operations together. */
static bool price_candidates(struct arena *arena, const struct price_book *book,
                             const struct price_plan *plan, int32_t date,
                             const struct price_choice *factors, struct candidates *of)
{
    size_t most = 0, n = plan->n_operations;
    for (size_t i = 0; i < n; i++) {
        of[i] = (struct candidates){.machine = ARENA_ARRAY(arena, book->n_machines + 1, uint32_t)};
        for (size_t m = 0; m < book->n_machines && !plan->operations[i].machine_ref; m++)
            if (calc_price_suits(&book->machines[m], plan, &plan->operations[i], date))
                of[i].machine[of[i].n++] = (uint32_t)m;
        of[i].step = ARENA_ARRAY(arena, of[i].n + 1, struct price_step);
        most = of[i].n > most ? of[i].n : most;
    }
    uint32_t *machine = ARENA_ARRAY(arena, n + 1, uint32_t);
    struct price_choice choice = *factors;
    struct price_coefficients ignored;
    struct price_faults faults;
    struct price_detail detail = pricing_detail(arena, plan);
    choice.machine = machine;
    for (size_t rank = 0; rank < most; rank++) {
        for (size_t i = 0; i < n; i++)
            machine[i] = rank < of[i].n ? of[i].machine[rank] : PRICE_NONE;
        if (calc_price_resolve(book, plan, date, &choice, &ignored, &detail, &faults) != CALC_OK)
            return false;
        for (size_t i = 0; i < n; i++)
            if (rank < of[i].n)
                of[i].step[rank] = detail.steps[i];
    }
    return true;
}

/* The machine of one operation; PRICE_NONE leaves the choice to priority. */
static uint32_t choose(struct arena *arena, const struct price_book *book,
                       const struct price_plan *plan, const struct policy_model *policy,
                       const struct candidates *of, double lot_size, double *score)
{
    const char *const *names = policy->features.at;
    size_t k = policy->features.n, best;
    if (!of->n)
        return PRICE_NONE;
    struct calc_policy_candidate *list = ARENA_ARRAY(arena, of->n, struct calc_policy_candidate);
    double *values = ARENA_ARRAY(arena, of->n * k + 1, double);
    double *scores = ARENA_ARRAY(arena, of->n, double);
    for (size_t c = 0; c < of->n; c++) {
        const struct price_machine *machine = &book->machines[of->machine[c]];
        for (size_t f = 0; f < k; f++)
            values[c * k + f] = named_value(names[f], plan, machine, &of->step[c], lot_size);
        list[c] = (struct calc_policy_candidate){
            {(const char *)machine->id, sizeof machine->id}, machine->priority, values + c * k};
    }
    if (calc_policy_choose(list, of->n, k, policy->weights.at, scores, &best) != CALC_OK)
        return PRICE_NONE;
    *score = scores[best];
    return of->machine[best];
}

static uint32_t *choose_machines(struct arena *arena, const struct price_book *book,
                                 const struct price_plan *plan, const struct policy_model *policy,
                                 int32_t date, double lot_size, const struct price_choice *factors,
                                 double *scores)
{
    struct candidates *of = ARENA_ARRAY(arena, plan->n_operations + 1, struct candidates);
    if (!policy || policy->weights.n != policy->features.n || !policy->features.n ||
        !price_candidates(arena, book, plan, date, factors, of))
        return NULL;
    uint32_t *machine = ARENA_ARRAY(arena, plan->n_operations + 1, uint32_t);
    for (size_t i = 0; i < plan->n_operations; i++) {
        double score = NAN;
        machine[i] = choose(arena, book, plan, policy, &of[i], lot_size, &score);
        if (scores)
            scores[i] = score;
    }
    return machine;
}

void pricing_scale_run(struct price_coefficients *coefficients, double factor)
{
    coefficients->machine *= factor;
    coefficients->labour *= factor;
    coefficients->overhead_run *= factor;
}

enum calc_status pricing_resolve(struct arena *arena, const struct pricing_book *book,
                                 const struct pricing_plan *plan,
                                 const struct pricing_models *models,
                                 const struct pricing_order *order, int32_t date,
                                 struct price_coefficients *out, struct price_detail *detail,
                                 double *scores, struct price_faults *faults)
{
    const struct price_plan *of = &plan->plan;
    struct price_choice choice = {
        .cycle_factor = time_factors(arena, of, models->times[PRICING_CYCLE]),
        .setup_factor = time_factors(arena, of, models->times[PRICING_SETUP]),
    };
    for (size_t i = 0; scores && i < of->n_operations; i++)
        scores[i] = NAN;
    choice.machine = choose_machines(arena, &book->book, of, models->policy, date, order->lot_size,
                                     &choice, scores);
    enum calc_status status =
        calc_price_resolve(&book->book, of, date, &choice, out, detail, faults);
    const struct pricing_curve *curve = pricing_curve(models, &plan->revision_id);
    if (status == CALC_OK && curve) {
        double factor = pricing_curve_factor(curve->model, order->units_produced, order->lot_size);
        pricing_scale_run(out, factor);
    }
    return status;
}
