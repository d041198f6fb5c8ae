/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Posteriors of times, curves, policies and intervals: stored, loaded, looked up. */
#include "pricing_models.h"

#include "arena.h"
#include "calc_powsum.h"
#include "field_present.h"
#include "pricing.h"
#include "store_run.h"

#include <stdlib.h>
#include <string.h>

#define AT(member) FIELD_OF(struct times_model_bin, member)
/* clang-format off */
static const struct field bin_fields[] = {
    {AT(bin), .kind = FIELD_TEXT},
    {AT(theta), .kind = FIELD_NUM},
    {AT(q), .kind = FIELD_NUM},
    {AT(n), .kind = FIELD_INT},
};
#undef AT

static const struct shape shape_bin = {
    .name = "TimesBin", SHAPE_OF(struct times_model_bin, bin_fields), .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct times_model, member)
static const struct field times_fields[] = {
    {AT(mu), .kind = FIELD_NUM},
    {AT(sigma_log), .kind = FIELD_NUM},
    {AT(alpha), .kind = FIELD_NUM},
    {AT(q), .kind = FIELD_NUM},
    {AT(n), .kind = FIELD_INT},
    {AT(bins), .kind = FIELD_LIST, .item = FIELD_OBJECT, .shape = &shape_bin},
};
#undef AT

const struct shape shape_times_model = {
    .name = "TimesModel", SHAPE_OF(struct times_model, times_fields), .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct curve_model, member)
static const struct field curve_fields[] = {
    {AT(model), .kind = FIELD_TEXT},
    {AT(a), .kind = FIELD_NUM},
    {AT(b), .kind = FIELD_NUM},
    {AT(units), .kind = FIELD_NUM},
};
#undef AT

const struct shape shape_curve_model = {
    .name = "CurveModel", SHAPE_OF(struct curve_model, curve_fields), .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct policy_model, member)
static const struct field policy_fields[] = {
    {AT(features), .kind = FIELD_LIST, .item = FIELD_TEXT},
    {AT(weights), .kind = FIELD_LIST, .item = FIELD_NUM},
};
#undef AT

const struct shape shape_policy_model = {
    .name = "PolicyModel", SHAPE_OF(struct policy_model, policy_fields), .nulls = SHAPE_NO_NULLS};

#define AT(member) FIELD_OF(struct interval_model, member)
static const struct field interval_fields[] = {
    {AT(alpha), .kind = FIELD_NUM},
    {AT(q), .kind = FIELD_NUM},
    {AT(n), .kind = FIELD_INT},
    {AT(k), .kind = FIELD_INT},
};
#undef AT
/* clang-format on */

const struct shape shape_interval_model = {.name = "IntervalModel",
                                           SHAPE_OF(struct interval_model, interval_fields),
                                           .nulls = SHAPE_NO_NULLS};

static const void *read_model(struct arena *arena, const struct shape *shape,
                              const struct field_raw *posterior)
{
    if (!posterior->text)
        return NULL;
    void *model = arena_alloc(arena, shape->size);
    field_read_stored(arena, shape, model, posterior);
    return model;
}

static void put_curve(struct arena *arena, struct pricing_models *models, struct uuid run,
                      struct uuid subject, const struct field_raw *posterior)
{
    size_t n = 0;
    struct pricing_curve *curves = ARENA_ARRAY(arena, models->n_curves + 1, struct pricing_curve);
    for (size_t i = 0; i < models->n_curves; i++)
        if (!uuid_equal(&models->curves[i].revision, &subject))
            curves[n++] = models->curves[i];
    if (posterior->text) {
        size_t at = n++;
        for (; at && uuid_compare(&curves[at - 1].revision, &subject) > 0; at--)
            curves[at] = curves[at - 1];
        curves[at] =
            (struct pricing_curve){subject, run, read_model(arena, &shape_curve_model, posterior)};
    }
    models->curves = curves;
    models->n_curves = n;
}

void pricing_models_put(struct arena *arena, struct pricing_models *models, const char *slot,
                        struct uuid run, struct uuid subject, const struct field_raw *posterior)
{
    if (!strcmp(slot, metric_text(METRIC_CYCLE_TIME))) {
        models->times[PRICING_CYCLE] = read_model(arena, &shape_times_model, posterior);
        models->times_run[PRICING_CYCLE] = run;
    } else if (!strcmp(slot, metric_text(METRIC_SETUP_TIME))) {
        models->times[PRICING_SETUP] = read_model(arena, &shape_times_model, posterior);
        models->times_run[PRICING_SETUP] = run;
    } else if (!strcmp(slot, metric_text(METRIC_MACHINE_CHOICE))) {
        models->policy = read_model(arena, &shape_policy_model, posterior);
        models->policy_run = run;
    } else if (slot_behind(slot, SLOT_INTERVAL)) {
        models->interval = read_model(arena, &shape_interval_model, posterior);
        models->interval_run = run;
        models->interval_platform = false;
    } else if (slot_behind(slot, SLOT_CURVE)) {
        put_curve(arena, models, run, subject, posterior);
    }
}

static int curve_by_revision(const void *a, const void *b)
{
    const struct pricing_curve *x = a, *y = b;
    return uuid_compare(&x->revision, &y->revision);
}

static void models_of(struct arena *arena, const struct active_model *active, size_t n,
                      struct pricing_models *models)
{
    size_t n_curves = 0;
    memset(models, 0, sizeof *models);
    models->curves = ARENA_ARRAY(arena, n, struct pricing_curve);
    for (size_t i = 0; i < n; i++) {
        const struct active_model *model = &active[i];
        if (!strcmp(model->slot, metric_text(METRIC_UNIT_COST))) {
            models->unit_cost_run = model->run;
        } else if (slot_behind(model->slot, SLOT_CURVE)) {
            models->curves[n_curves++] =
                (struct pricing_curve){model->subject, model->run,
                                       read_model(arena, &shape_curve_model, &model->posterior)};
        } else if (!model->platform || !models->interval) {
            /* the environment's own interval stands before the platform's */
            pricing_models_put(arena, models, model->slot, model->run, model->subject,
                               &model->posterior);
            models->interval_platform |= model->platform;
        }
    }
    qsort(models->curves, n_curves, sizeof *models->curves, curve_by_revision);
    models->n_curves = n_curves;
}

enum err pricing_models_read(struct db *db, struct arena *arena, struct uuid org,
                             struct uuid environment, bool curves, struct pricing_models *models)
{
    struct active_model *active;
    size_t n;
    enum err err = store_active_models(db, arena, org, environment, curves, &active, &n);
    if (!err)
        models_of(arena, active, n, models);
    return err;
}

enum err pricing_models(struct request *request, struct uuid environment,
                        struct pricing_models *models)
{
    return pricing_models_read(request->db, request->arena, request->caller.org, environment, true,
                               models);
}

double pricing_time_theta(const struct times_model *model, const char *klass,
                          const struct times_model_bin **bin)
{
    const struct times_model_bin *bins = model->bins.at;
    size_t low = 0, high = model->bins.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(bins[middle].bin, klass);
        if (!order) {
            if (bin)
                *bin = &bins[middle];
            return bins[middle].theta;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (bin)
        *bin = NULL;
    return model->mu;
}

const struct pricing_curve *pricing_curve(const struct pricing_models *models,
                                          const struct uuid *revision)
{
    const struct pricing_curve key = {.revision = *revision};
    if (!models->n_curves)
        return NULL;
    return bsearch(&key, models->curves, models->n_curves, sizeof key, curve_by_revision);
}

double pricing_curve_factor(const struct curve_model *curve, double produced, double lot_size)
{
    double order, fitted;
    if (calc_powsum_mean(produced, lot_size, curve->b, &order) != CALC_OK ||
        calc_powsum_mean(0, curve->units, curve->b, &fitted) != CALC_OK || !(fitted > 0))
        return 1;
    return order / fitted;
}
