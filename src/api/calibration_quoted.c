/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evidence that a quote brought, as that quote would come out with the times and curve of now. */
#include "calibration.h"

#include "arena.h"
#include "calculation.h"
#include "calibration_input.h"
#include "field_present.h"
#include "intern.h"
#include "search.h"

#include <stdlib.h>
#include <string.h>

/* What a quote's provenance says of how it was made, and of no rate. */
struct made_curve {
    double run_factor;
};

struct making {
    int32_t priced_on;
    double units_produced;
    const struct made_curve *curve; /* NULL: none */
};

static const struct field curve_fields[] = {
    {FIELD_OF(struct made_curve, run_factor), .kind = FIELD_NUM},
};

static const struct shape shape_made_curve = {
    .name = "MadeCurve", SHAPE_OF(struct made_curve, curve_fields), .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct making, member)
/* clang-format off */
static const struct field making_fields[] = {
    {AT(priced_on), .kind = FIELD_DATE},
    {AT(units_produced), .kind = FIELD_NUM, .otherwise = "0"},
    {AT(curve), .kind = FIELD_OBJECT, .shape = &shape_made_curve},
};
#undef AT
/* clang-format on */

static const struct shape shape_making = {
    .name = "Making", SHAPE_OF(struct making, making_fields), .nulls = SHAPE_NO_NULLS};

/* From what the quote was made with to what it would be made with now. */
struct scale {
    double run, setup;
    const char *unpriced; /* NULL: known */
};

static uint32_t machine_of(const struct price_book *book, const struct uuid *id)
{
    for (uint32_t i = 0; i < book->n_machines; i++)
        if (!memcmp(book->machines[i].id, id->b, sizeof id->b))
            return i;
    return PRICE_NONE; /* no longer a member: one that can take its place */
}

/* What calc_price_resolve multiplies planned times with. */
struct factors {
    double *cycle, *setup;
};

static struct factors factors_new(struct arena *arena, size_t n)
{
    return (struct factors){ARENA_ARRAY(arena, n, double), ARENA_ARRAY(arena, n, double)};
}

/* planned times a factor is what was done; where nothing was planned any factor is. */
static double factor_between(double planned, double done)
{
    return planned > 0 ? done / planned : 1;
}

static double time_factor(const struct times_model *model, const char *klass)
{
    return model ? exp(pricing_time_theta(model, klass, NULL)) : 1;
}

/* How much more run and setup cost with the times of now, by the rates of the quote's day. */
static void scale_times(const struct price_book *book, const struct price_plan *plan,
                        const struct making *making, const uint32_t *machine,
                        const struct factors *then, const struct factors *now, struct scale *scale)
{
    struct price_coefficients before, after;
    struct price_faults faults;
    struct price_choice choice = {machine, then->setup, then->cycle};
    enum calc_status status =
        calc_price_resolve(book, plan, making->priced_on, &choice, &before, NULL, &faults);
    if (status == CALC_OK) {
        choice = (struct price_choice){machine, now->setup, now->cycle};
        status = calc_price_resolve(book, plan, making->priced_on, &choice, &after, NULL, &faults);
    }
    if (status != CALC_OK) {
        scale->unpriced = calc_price_failure_text(faults.n ? faults.at[0].failure : PRICE_OK);
        return;
    }
    double run = before.machine + before.labour + before.overhead_run;
    double setup = before.setup + before.overhead_setup;
    if (run > 0)
        scale->run *= (after.machine + after.labour + after.overhead_run) / run;
    if (setup > 0)
        scale->setup *= (after.setup + after.overhead_setup) / setup;
}

/* By the learning curve, for the units that the quote was made for. */
static double scale_curve(const struct pricing_curve *curve, const struct making *making,
                          double lot_size)
{
    double now = curve ? pricing_curve_factor(curve->model, making->units_produced, lot_size) : 1;
    double then = making->curve ? making->curve->run_factor : 1;
    return number_round12(now) == then ? 1 : now / then;
}

/* Nothing that scales it has changed: exactly 1, and the row's components stay to the last bit. */
static struct scale scale_of(struct arena *arena, const struct price_book *book,
                             const struct pricing_models *models, const struct pricing_plan *plan,
                             const struct calculation *quote)
{
    const struct price_plan *of = &plan->plan;
    size_t n = of->n_operations;
    struct scale scale = {1, 1, NULL};
    if (uuid_is_nil(&plan->part_id))
        return (struct scale){1, 1, LEFT_OUT_REVISION};
    if (quote->operations.n != n || !quote->provenance.text)
        return scale; /* nothing is known of how it was made */
    struct making making;
    field_read_stored(arena, &shape_making, &making, &quote->provenance);
    scale.run = scale_curve(pricing_curve(models, &plan->revision_id), &making, quote->lot_size);
    const struct calculation_operation *made = quote->operations.at;
    struct factors then = factors_new(arena, n), now = factors_new(arena, n);
    uint32_t *machine = ARENA_ARRAY(arena, n, uint32_t);
    bool same = true;
    for (size_t i = 0; i < n; i++) {
        const struct price_operation *operation = &of->operations[i];
        machine[i] = machine_of(book, &made[i].machine_id);
        then.cycle[i] = factor_between(operation->cycle_s, made[i].cycle_time_s);
        then.setup[i] = factor_between(operation->setup_s, made[i].setup_time_s);
        now.cycle[i] = time_factor(models->times[PRICING_CYCLE], operation->klass);
        now.setup[i] = time_factor(models->times[PRICING_SETUP], operation->klass);
        same &= operation->cycle_s * now.cycle[i] == made[i].cycle_time_s &&
                operation->setup_s * now.setup[i] == made[i].setup_time_s;
    }
    if (!same)
        scale_times(book, of, &making, machine, &then, &now, &scale);
    if (!isfinite(scale.run) || !isfinite(scale.setup))
        scale.unpriced = calc_price_failure_text(PRICE_NOT_FINITE);
    return scale;
}

/* What the quote behind a row said, and when the row came. */
struct said {
    size_t revision;
    double lot_size, c[4];
    int64_t received_at;
};

/* The newest quote that said this and was there when the row came; where clocks of two hosts
   differ, the one after it. id nil: there is none. */
struct sought {
    struct said said;
    struct uuid id;
    int64_t created_at;
};

static int by_words(const struct said *x, const struct said *y)
{
    if (x->revision != y->revision)
        return x->revision < y->revision ? -1 : 1;
    int order = memcmp(&x->lot_size, &y->lot_size, sizeof x->lot_size);
    return order ? order : memcmp(x->c, y->c, sizeof x->c);
}

static int by_said(const void *a, const void *b)
{
    const struct sought *x = a, *y = b;
    int order = by_words(&x->said, &y->said);
    return order ? order
                 : (x->said.received_at > y->said.received_at) -
                       (x->said.received_at < y->said.received_at);
}

static struct sought sought_of(const struct input_revisions *revisions, const struct evidence *row)
{
    struct sought sought = {.said = {.revision = input_revision_at(revisions, &row->revision),
                                     .lot_size = row->lot_size,
                                     .received_at = row->received_at}};
    memcpy(sought.said.c, row->c, sizeof sought.said.c);
    return sought;
}

/* The quotes that rows seek, and those found, each once. */
struct behind {
    struct sought *sought; /* distinct, by what was said */
    size_t n_sought;
    struct uuid *ids;
    size_t *revisions; /* of each quote */
    size_t n;
    size_t *of_row; /* SIZE_MAX: none is known */
};

static bool is_closer(const struct store_quoted *quote, const struct sought *than)
{
    bool before = quote->created_at <= than->said.received_at;
    int order = uuid_compare(&quote->id, &than->id);
    if (uuid_is_nil(&than->id))
        return true;
    if (before != (than->created_at <= than->said.received_at))
        return before;
    return before ? order > 0 : order < 0;
}

static void take_quote(void *context, const struct store_quoted *quote)
{
    struct behind *behind = context;
    struct said said = {.revision = quote->revision, .lot_size = quote->lot_size};
    size_t low = 0, high = behind->n_sought;
    memcpy(said.c, quote->driver, sizeof said.c);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_words(&behind->sought[middle].said, &said) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < behind->n_sought && !by_words(&behind->sought[low].said, &said); low++)
        if (is_closer(quote, &behind->sought[low])) {
            behind->sought[low].id = quote->id;
            behind->sought[low].created_at = quote->created_at;
        }
}

static void seek(struct arena *arena, const struct input_revisions *revisions,
                 const struct calibration_quote *rows, size_t n, struct behind *behind)
{
    behind->sought = ARENA_ARRAY(arena, n, struct sought);
    for (size_t i = 0; i < n; i++)
        behind->sought[i] = sought_of(revisions, rows[i].row);
    qsort(behind->sought, n, sizeof *behind->sought, by_said);
    for (size_t i = 0; i < n; i++)
        if (!behind->n_sought ||
            by_said(&behind->sought[behind->n_sought - 1], &behind->sought[i]) != 0)
            behind->sought[behind->n_sought++] = behind->sought[i];
}

static void number_quotes(struct arena *arena, const struct input_revisions *revisions,
                          const struct calibration_quote *rows, size_t n, struct behind *behind)
{
    struct intern met;
    intern_init(&met, arena);
    behind->of_row = ARENA_ARRAY(arena, n, size_t);
    behind->ids = ARENA_ARRAY(arena, n, struct uuid);
    behind->revisions = ARENA_ARRAY(arena, n, size_t);
    for (size_t i = 0; i < n; i++) {
        const struct sought key = sought_of(revisions, rows[i].row);
        size_t place = search_place(&key, behind->sought, behind->n_sought, sizeof key, by_said);
        const struct sought *found = &behind->sought[place];
        behind->of_row[i] = SIZE_MAX;
        if (uuid_is_nil(&found->id))
            continue;
        size_t at = behind->of_row[i] = intern_put_uuid(&met, &found->id);
        behind->ids[at] = found->id;
        behind->revisions[at] = found->said.revision;
    }
    behind->n = met.n;
}

struct scaling {
    struct arena *scratch; /* of one quote */
    const struct price_book *book;
    const struct pricing_models *models;
    const struct pricing_plan *plans;
    const struct behind *behind;
    struct scale *scales;
};

static void scale_one(void *context, size_t i, const struct field_raw *document)
{
    const struct scaling *scaling = context;
    struct calculation quote;
    arena_reset(scaling->scratch);
    field_read_stored(scaling->scratch, &shape_calculation, &quote, document);
    scaling->scales[i] = scale_of(scaling->scratch, scaling->book, scaling->models,
                                  &scaling->plans[scaling->behind->revisions[i]], &quote);
}

static enum err find_scales(struct request *request, const struct price_book *book,
                            const struct pricing_models *models,
                            const struct input_revisions *revisions, const struct behind *behind,
                            struct scale *scales)
{
    struct pricing_plan *plans = ARENA_ARRAY(request->arena, revisions->n, struct pricing_plan);
    enum err err = pricing_plans(request, revisions->ids, revisions->n, plans);
    if (err)
        return err;
    struct scaling scaling = {arena_new(), book, models, plans, behind, scales};
    err = store_calculation_documents(request->db, request->caller.org, behind->ids, behind->n,
                                      scale_one, &scaling);
    arena_free(scaling.scratch);
    return err;
}

enum err calibration_quoted(struct request *request, struct uuid env, const struct price_book *book,
                            const struct pricing_models *models, struct calibration_quote *rows,
                            size_t n)
{
    struct arena *arena = request->arena;
    bool scaled = models->times[PRICING_CYCLE] || models->times[PRICING_SETUP] || models->n_curves;
    enum err err = ERR_OK;
    for (size_t i = 0; i < n; i++)
        memcpy(rows[i].c, rows[i].row->c, sizeof rows[i].c);
    if (!scaled)
        err = store_run_scaled(request->db, request->caller.org, env, &scaled);
    if (err || !scaled)
        return err;
    struct input_revisions revisions;
    struct behind behind = {0};
    struct uuid *ids = ARENA_ARRAY(arena, n, struct uuid);
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].row->revision;
    input_distinct(arena, ids, sizeof *ids, n, &revisions);
    seek(arena, &revisions, rows, n, &behind);
    err = store_calculation_quoted(request->db, request->caller.org, env, revisions.ids,
                                   revisions.n, PRICING_MODEL_VERSION, take_quote, &behind);
    if (err)
        return err;
    number_quotes(arena, &revisions, rows, n, &behind);
    if (!behind.n)
        return ERR_OK;
    struct scale *scales = ARENA_ARRAY(arena, behind.n, struct scale);
    for (size_t i = 0; i < behind.n; i++)
        scales[i] = (struct scale){1, 1, NULL};
    err = find_scales(request, book, models, &revisions, &behind, scales);
    for (size_t i = 0; i < n && !err; i++) {
        if (behind.of_row[i] == SIZE_MAX)
            continue;
        const struct scale *scale = &scales[behind.of_row[i]];
        rows[i].unpriced = scale->unpriced;
        rows[i].c[PRICE_DRIVER_RUN] *= scale->run;
        rows[i].c[PRICE_DRIVER_SETUP] *= scale->setup;
    }
    return err;
}
