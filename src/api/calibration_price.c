/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evidence priced as it would have been quoted on its day. */
#include "calibration.h"

#include "arena.h"
#include "pricing.h"
#include "pricing_resolve.h"
#include "search.h"

#include <stdlib.h>
#include <string.h>

/* Days on which what a book says may change: between two of them every plan has one price. */
struct epochs {
    int32_t *starts;
    size_t n;
};

static int compare_days(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static void add_span(struct epochs *epochs, int32_t from, int32_t to)
{
    epochs->starts[epochs->n++] = from;
    if (to != PRICE_OPEN)
        epochs->starts[epochs->n++] = to + 1;
}

static struct epochs find_epochs(struct arena *arena, const struct price_book *book)
{
    size_t spans = 1 + book->n_machines;
    for (int kind = 0; kind < PRICE_KINDS; kind++)
        spans += book->n_rates[kind];
    struct epochs epochs = {.starts = ARENA_ARRAY(arena, 2 * spans, int32_t)};
    add_span(&epochs, book->valid_from, book->valid_to);
    for (size_t i = 0; i < book->n_machines; i++)
        add_span(&epochs, book->machines[i].valid_from, book->machines[i].valid_to);
    for (int kind = 0; kind < PRICE_KINDS; kind++)
        for (size_t i = 0; i < book->n_rates[kind]; i++)
            add_span(&epochs, book->rates[kind][i].valid_from, book->rates[kind][i].valid_to);
    qsort(epochs.starts, epochs.n, sizeof *epochs.starts, compare_days);
    return epochs;
}

static size_t epoch_of(const struct epochs *epochs, int32_t day)
{
    size_t low = 0, high = epochs->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (epochs->starts[middle] <= day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A row that waits for its price: rows of one revision and epoch are priced together. */
struct waiting {
    struct uuid revision;
    size_t epoch, row;
};

struct waiting_list {
    struct waiting *at;
    size_t n;
    struct pricing_plan *plans; /* of their revisions, each once */
    size_t *plan_of;            /* of each row: place in plans */
};

static int by_revision_epoch(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;
    int order = uuid_compare(&x->revision, &y->revision);
    if (order)
        return order;
    if (x->epoch != y->epoch)
        return x->epoch < y->epoch ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void add_row(struct calibration_rows *out, const struct evidence *row, const double c[4],
                    double setup_split, double variable_split)
{
    struct calc_driver_row *to = &out->rows[out->n];
    *to = (struct calc_driver_row){
        .bin = {row->bin, strlen(row->bin)},
        .part = pricing_part_key(&row->part),
        .lot_size = isnan(row->lot_size) ? 0 : row->lot_size,
        .predicted = isnan(row->predicted) ? 0 : row->predicted,
        .actual = row->actual,
    };
    memcpy(to->c, c, sizeof to->c);
    out->evidence[out->n] = row;
    out->setup_split[out->n] = setup_split;
    out->variable_split[out->n] = variable_split;
    out->n++;
}

static bool is_cost(double value)
{
    return isfinite(value) && value >= 0;
}

/* One row at the coefficients of its plan and day. */
static void price_row(struct calibration_rows *out, const struct evidence *row,
                      const struct price_coefficients *resolved)
{
    struct price_cost cost;
    enum price_failure failure =
        calc_price_at(resolved, row->lot_size, row->annual_volume, row->tooling_units, &cost);
    if (failure) {
        left_out_add(&out->left_out, calc_price_failure_text(failure), 1);
        return;
    }
    double sum = 0;
    for (int k = 0; k < PRICE_DRIVERS; k++) {
        if (!is_cost(cost.driver[k])) {
            left_out_add(&out->left_out, "negative_driver", 1);
            return;
        }
        sum += cost.driver[k];
    }
    if (!(sum > 0)) {
        left_out_add(&out->left_out, "priced_at_zero", 1);
        return;
    }
    /* what an order costs whatever its size, and what each piece adds */
    double per_order = (1 + resolved->fixed) *
                       (resolved->setup + resolved->overhead_setup + resolved->external_lot);
    add_row(out, row, cost.driver, per_order,
            fmax(0, cost.uncalibrated - per_order / row->lot_size));
}

static enum err load_plans(struct request *request, struct waiting_list *waiting)
{
    struct uuid *ids = ARENA_ARRAY(request->arena, waiting->n, struct uuid);
    waiting->plan_of = ARENA_ARRAY(request->arena, waiting->n, size_t);
    size_t n_ids = 0;
    for (size_t i = 0; i < waiting->n; i++) {
        if (!n_ids || !uuid_equal(&ids[n_ids - 1], &waiting->at[i].revision))
            ids[n_ids++] = waiting->at[i].revision;
        waiting->plan_of[i] = n_ids - 1;
    }
    waiting->plans = ARENA_ARRAY(request->arena, n_ids, struct pricing_plan);
    return pricing_plans(request, ids, n_ids, waiting->plans);
}

/* How much of a revision was made before a day, and on it. */
struct made {
    size_t plan;
    int32_t day;
    double before, on;
};

static int by_plan_day(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    if (x->plan != y->plan)
        return x->plan < y->plan ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

struct production {
    struct made *made;
    size_t n;
};

static int by_quantity(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    int order = by_plan_day(a, b);
    return order ? order : (x->on > y->on) - (x->on < y->on);
}

static struct production find_production(struct arena *arena, const struct evidence_set *set,
                                         const struct waiting_list *waiting)
{
    const size_t n = waiting->n;
    struct production production = {.made = ARENA_ARRAY(arena, n, struct made)};
    for (size_t i = 0; i < n; i++) {
        const struct evidence *row = set->rows[waiting->at[i].row];
        production.made[i] = (struct made){waiting->plan_of[i], row->occurred_on, 0, row->lot_size};
    }
    qsort(production.made, n, sizeof *production.made, by_quantity);
    for (size_t i = 0; i < n; i++) {
        const struct made one = production.made[i];
        struct made *last = production.n ? &production.made[production.n - 1] : NULL;
        if (last && !by_plan_day(last, &one)) {
            last->on += one.on;
            continue;
        }
        double before = last && last->plan == one.plan ? last->before + last->on : 0;
        production.made[production.n] = one;
        production.made[production.n++].before = before;
    }
    return production;
}

static double curve_factor(const struct production *production, size_t plan,
                           const struct evidence *row, const struct pricing_curve *curve)
{
    const struct made key = {.plan = plan, .day = row->occurred_on};
    size_t at = search_place(&key, production->made, production->n, sizeof key, by_plan_day);
    return pricing_curve_factor(curve->model, production->made[at].before, production->made[at].on);
}

static void price_waiting(struct arena *arena, const struct evidence_set *set,
                          const struct pricing_book *book, const struct pricing_models *models,
                          const struct waiting_list *waiting, struct calibration_rows *out)
{
    const size_t *plan_of = waiting->plan_of;
    struct price_coefficients resolved;
    struct price_faults faults = {.n = 0};
    enum calc_status status = CALC_UNDEFINED;
    struct pricing_models without_curves = *models;
    struct production production = {0};
    struct arena *scratch = arena_new(); /* of one row */
    without_curves.n_curves = 0;
    if (models->n_curves)
        production = find_production(arena, set, waiting);
    for (size_t i = 0; i < waiting->n; i++) {
        const struct waiting *one = &waiting->at[i];
        const struct evidence *row = set->rows[one->row];
        const struct pricing_plan *plan = &waiting->plans[plan_of[i]];
        if (uuid_is_nil(&plan->part_id)) {
            left_out_add(&out->left_out, LEFT_OUT_REVISION, 1);
            continue;
        }
        const struct pricing_curve *curve = pricing_curve(models, &plan->revision_id);
        bool same = i && plan_of[i] == plan_of[i - 1] && one->epoch == one[-1].epoch;
        if (!same || models->policy || curve) {
            const struct pricing_order order = {row->lot_size, row->annual_volume,
                                                row->tooling_units, row->bin, 0};
            arena_reset(scratch);
            status = pricing_resolve(scratch, book, plan, &without_curves, &order, row->occurred_on,
                                     &resolved, NULL, NULL, &faults);
            if (curve && status == CALC_OK)
                pricing_scale_run(&resolved, curve_factor(&production, plan_of[i], row, curve));
        }
        if (status == CALC_OK)
            price_row(out, row, &resolved);
        else
            left_out_add(&out->left_out,
                         calc_price_failure_text(faults.n ? faults.at[0].failure : PRICE_OK), 1);
    }
    arena_free(scratch);
}

static enum err add_quoted(struct request *request, struct uuid env, const struct price_book *book,
                           const struct pricing_models *models, const struct evidence_set *set,
                           size_t n, struct calibration_rows *out)
{
    struct calibration_quote *quoted = ARENA_ARRAY(request->arena, n, struct calibration_quote);
    n = 0;
    for (size_t i = 0; i < set->n; i++)
        if (!isnan(set->rows[i]->c[0]) &&
            !strcmp(set->rows[i]->model_version, PRICING_MODEL_VERSION))
            quoted[n++].row = set->rows[i];
    enum err err = calibration_quoted(request, env, book, models, quoted, n);
    for (size_t i = 0; i < n && !err; i++)
        if (quoted[i].unpriced)
            left_out_add(&out->left_out, quoted[i].unpriced, 1);
        else
            add_row(out, quoted[i].row, quoted[i].c, NAN, NAN);
    return err;
}

enum err calibration_price(struct request *request, struct uuid env,
                           const struct pricing_models *models, const struct evidence_set *set,
                           struct calibration_rows *out)
{
    struct arena *arena = request->arena;
    memset(out, 0, sizeof *out);
    struct pricing_book *book;
    enum err err = pricing_book(request, env, &book);
    if (err)
        return err;
    struct epochs epochs = find_epochs(arena, &book->book);
    out->rows = ARENA_ARRAY(arena, set->n, struct calc_driver_row);
    out->evidence = ARENA_ARRAY(arena, set->n, const struct evidence *);
    out->setup_split = ARENA_ARRAY(arena, set->n, double);
    out->variable_split = ARENA_ARRAY(arena, set->n, double);
    struct waiting_list waiting = {.at = ARENA_ARRAY(arena, set->n, struct waiting)};
    size_t n_quoted = 0;
    for (size_t i = 0; i < set->n; i++) {
        const struct evidence *row = set->rows[i];
        if (strcmp(row->model_version, PRICING_MODEL_VERSION) != 0)
            left_out_add(&out->left_out, LEFT_OUT_VERSION, 1);
        else if (!isnan(row->c[0]))
            n_quoted++;
        else
            waiting.at[waiting.n++] =
                (struct waiting){row->revision, epoch_of(&epochs, row->occurred_on), i};
    }
    if (n_quoted)
        err = add_quoted(request, env, &book->book, models, set, n_quoted, out);
    if (err || !waiting.n)
        return err;
    qsort(waiting.at, waiting.n, sizeof *waiting.at, by_revision_epoch);
    err = load_plans(request, &waiting);
    if (!err)
        price_waiting(arena, set, book, models, &waiting, out);
    return err;
}
