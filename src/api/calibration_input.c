/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of requests: revisions, quotes, dates. */
#include "calibration_input.h"

#include "arena.h"
#include "calibrate_shapes.h"
#include "pricing.h"
#include "search.h"
#include "store_environment.h"

#include <stdlib.h>
#include <string.h>

#define MATCH_TOLERANCE 0.005 /* of a taught prediction, relative */

static int compare_ids(const void *a, const void *b)
{
    return uuid_compare(a, b);
}

void input_distinct(struct arena *arena, const void *first, size_t stride, size_t n,
                    struct input_revisions *out)
{
    size_t given = 0;
    memset(out, 0, sizeof *out);
    out->ids = ARENA_ARRAY(arena, n, struct uuid);
    for (size_t i = 0; i < n; i++) {
        memcpy(&out->ids[given], (const char *)first + i * stride, sizeof(struct uuid));
        given += !uuid_is_nil(&out->ids[given]);
    }
    qsort(out->ids, given, sizeof(struct uuid), compare_ids);
    for (size_t i = 0; i < given; i++)
        if (!out->n || !uuid_equal(&out->ids[out->n - 1], &out->ids[i]))
            out->ids[out->n++] = out->ids[i];
}

size_t input_revision_at(const struct input_revisions *revisions, const struct uuid *id)
{
    return search_place(id, revisions->ids, revisions->n, sizeof *id, compare_ids);
}

static int by_revision_predicted(const void *a, const void *b)
{
    const struct input_prediction *x = a, *y = b;
    if (x->revision != y->revision)
        return x->revision < y->revision ? -1 : 1;
    return (x->predicted > y->predicted) - (x->predicted < y->predicted);
}

static void seek_predictions(struct arena *arena, const void *first, const double *predicted,
                             size_t stride, size_t n, struct input_revisions *out)
{
    struct input_prediction *list = ARENA_ARRAY(arena, n, struct input_prediction);
    size_t given = 0, kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct uuid id;
        double value;
        memcpy(&id, (const char *)first + i * stride, sizeof id);
        memcpy(&value, (const char *)predicted + i * stride, sizeof value);
        if (!uuid_is_nil(&id) && !isnan(value))
            list[given++] = (struct input_prediction){input_revision_at(out, &id), value, {0}};
    }
    qsort(list, given, sizeof *list, by_revision_predicted);
    out->first = ARENA_ARRAY(arena, out->n + 1, size_t);
    for (size_t i = 0; i < given; i++) {
        if (kept && !by_revision_predicted(&list[kept - 1], &list[i]))
            continue;
        list[kept++] = list[i];
        out->first[list[i].revision + 1] = kept;
    }
    for (size_t i = 1; i <= out->n; i++)
        if (!out->first[i])
            out->first[i] = out->first[i - 1];
    out->predictions = list;
    out->n_predictions = kept;
}

/* The predictions that a quote of this value may be what was meant by. */
static void offer(const struct input_revisions *revisions, const struct store_quoted *quote,
                  double value)
{
    size_t low = revisions->first[quote->revision], high = revisions->first[quote->revision + 1];
    const size_t end = high;
    while (low < high) { /* the least that is not too small */
        size_t middle = low + (high - low) / 2;
        double predicted = revisions->predictions[middle].predicted;
        if (value - predicted > MATCH_TOLERANCE * predicted)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < end; low++) {
        struct input_prediction *at = &revisions->predictions[low];
        if (at->predicted - value > MATCH_TOLERANCE * at->predicted)
            return;
        if (uuid_compare(&quote->id, &at->quote.id) > 0)
            at->quote = *quote;
    }
}

static void take_quote(void *context, const struct store_quoted *quote)
{
    offer(context, quote, quote->unit_cost);
    offer(context, quote, quote->uncalibrated_unit_cost);
}

enum err input_revisions(struct request *request, struct uuid env, const void *first,
                         const double *predicted, size_t stride, size_t n, unsigned need,
                         struct input_revisions *out)
{
    struct arena *arena = request->arena;
    struct uuid org = request->caller.org;
    input_distinct(arena, first, stride, n, out);
    out->parts = ARENA_ARRAY(arena, out->n, struct uuid);
    out->quoted = ARENA_ARRAY(arena, out->n, struct uuid);
    out->missed = ARENA_ARRAY(arena, out->n, bool);
    if (!out->n)
        return ERR_OK;
    enum err err = ERR_OK;
    if (need & INPUT_PARTS)
        err = store_calculation_parts(request->db, org, (struct uuid){{0}}, out->ids, out->n,
                                      out->parts);
    if (!err && need & INPUT_QUOTED)
        err = store_calculation_parts(request->db, org, env, out->ids, out->n, out->quoted);
    if (err || !(need & INPUT_QUOTES))
        return err;
    seek_predictions(arena, first, predicted, stride, n, out);
    return store_calculation_quoted(request->db, org, env, out->ids, out->n, PRICING_MODEL_VERSION,
                                    take_quote, out);
}

struct evidence_new input_row(const struct request *request, const char *source, size_t index)
{
    struct evidence_new new = {.index = index};
    new.row.source = source;
    new.row.bin = "";
    new.row.model_version = PRICING_MODEL_VERSION;
    new.row.operation_sequence = INT_NONE;
    new.row.lot_size = new.row.annual_volume = new.row.tooling_units = NAN;
    new.row.predicted = new.row.actual = NAN;
    for (int k = 0; k < 4; k++)
        new.row.c[k] = NAN;
    new.row.applied = 1;
    new.row.received_at = request->now;
    return new;
}

void input_date(struct evidence_new *new, int32_t date)
{
    new->date_given = date != DATE_NONE;
    new->row.occurred_on = new->date_given ? date : date_today();
}

bool input_priced(struct input_revisions *revisions, const struct uuid *revision,
                  struct evidence_new *new)
{
    size_t at = input_revision_at(revisions, revision);
    if (uuid_is_nil(&revisions->quoted[at])) {
        revisions->missed[at] = true;
        return false;
    }
    new->row.part = revisions->quoted[at];
    new->row.revision = *revision;
    return true;
}

bool input_quoted(struct input_revisions *revisions, const struct uuid *revision, double predicted,
                  struct evidence_new *new)
{
    size_t at = input_revision_at(revisions, revision);
    const struct input_prediction sought = {.revision = at, .predicted = predicted};
    size_t place = search_place(&sought, revisions->predictions, revisions->n_predictions,
                                sizeof sought, by_revision_predicted);
    const struct store_quoted *quote = &revisions->predictions[place].quote;
    if (uuid_is_nil(&quote->id) || uuid_is_nil(&revisions->parts[at])) {
        revisions->missed[at] = true;
        return false;
    }
    new->row.part = revisions->parts[at];
    new->row.revision = *revision;
    new->row.lot_size = quote->lot_size;
    new->row.predicted = quote->uncalibrated_unit_cost;
    memcpy(new->row.c, quote->driver, sizeof new->row.c);
    return true;
}

struct field_list input_missed(struct arena *arena, const struct input_revisions *revisions)
{
    const char **texts = ARENA_ARRAY(arena, revisions->n, const char *);
    size_t n = 0;
    for (size_t i = 0; i < revisions->n; i++) {
        char text[UUID_TEXT];
        if (!revisions->missed[i])
            continue;
        uuid_text(&revisions->ids[i], text);
        texts[n++] = arena_strdup(arena, text);
    }
    return (struct field_list){texts, n};
}

void input_begin(struct request *request, struct calibration_call *call, const char *kind,
                 const char *source, const char *list, size_t n)
{
    const struct calibration_query *query = request->query;
    memset(call, 0, sizeof *call);
    call->kind = kind;
    call->source = source;
    call->list = list;
    call->org = request->caller.org;
    call->env = request->id[0];
    call->metric = METRIC_UNIT_COST;
    call->dry_run = query && query->dry_run == 1;
    call->rows = ARENA_ARRAY(request->arena, n, struct evidence_new);
    calibration_result_clear(&call->result);
}

enum err input_environment(struct request *request)
{
    struct store_environment environment;
    return store_environment_get(request->db, request->arena, request->caller.org, request->id[0],
                                 STORE_READ, &environment);
}
