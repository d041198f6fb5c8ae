/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auto-calibrate, auto-calibrate-from-erp, teach: rows of the wire become evidence. */
#include "api.h"

#include "arena.h"
#include "calibrate_shapes.h"
#include "calibration.h"
#include "pricing.h"
#include "store_calculation.h"
#include "store_environment.h"
#include "store_part.h"

#include <stdlib.h>
#include <string.h>

#define ANNUAL_VOLUME   500   /* as a quote takes it where nothing is said */
#define MATCH_TOLERANCE 0.005 /* of a taught prediction, relative */

/* Distinct ids of a call, sorted, and where each row's id is among them. */
struct id_index {
    struct uuid *ids;
    size_t n;
};

static int compare_ids(const void *a, const void *b)
{
    return uuid_compare(a, b);
}

static struct id_index index_ids(struct arena *arena, const void *first, size_t stride, size_t n)
{
    struct id_index index = {.ids = ARENA_ARRAY(arena, n, struct uuid)};
    for (size_t i = 0; i < n; i++)
        memcpy(&index.ids[i], (const char *)first + i * stride, sizeof(struct uuid));
    qsort(index.ids, n, sizeof(struct uuid), compare_ids);
    for (size_t i = 0; i < n; i++)
        if (!index.n || !uuid_equal(&index.ids[index.n - 1], &index.ids[i]))
            index.ids[index.n++] = index.ids[i];
    return index;
}

static size_t index_of(const struct id_index *index, const struct uuid *id)
{
    const struct uuid *at = bsearch(id, index->ids, index->n, sizeof *id, compare_ids);
    return (size_t)(at - index->ids);
}

static struct evidence_new new_row(const struct request *request, const char *source, size_t index)
{
    struct evidence_new new = {.index = index};
    new.row.source = source;
    new.row.bin = "";
    new.row.model_version = PRICING_MODEL_VERSION;
    new.row.operation_sequence = INT_NONE;
    new.row.lot_size = new.row.annual_volume = new.row.tooling_units = NAN;
    new.row.predicted = NAN;
    for (int k = 0; k < 4; k++)
        new.row.c[k] = NAN;
    new.row.applied = 1;
    new.row.received_at = request->now;
    return new;
}

static void set_date(struct evidence_new *new, int32_t date)
{
    new->date_given = date != DATE_NONE;
    new->row.occurred_on = new->date_given ? date : date_today();
}

static double number_or_none(int64_t value)
{
    return value == INT_NONE ? NAN : (double)value;
}

static struct field_list uuid_texts(struct arena *arena, const struct uuid *ids, size_t n)
{
    const char **texts = ARENA_ARRAY(arena, n, const char *);
    for (size_t i = 0; i < n; i++) {
        char text[UUID_TEXT];
        uuid_text(&ids[i], text);
        texts[i] = arena_strdup(arena, text);
    }
    return (struct field_list){texts, n};
}

static enum err check_environment(struct request *request)
{
    struct store_environment environment;
    return store_environment_get(request->db, request->arena, request->caller.org, request->id[0],
                                 STORE_READ, &environment);
}

/* What all three have in common. */
static void begin(struct request *request, struct calibration_call *call, const char *kind,
                  const char *source, const char *list, double alpha, double holdout,
                  const char *mode, size_t n)
{
    const struct calibration_query *query = request->query;
    memset(call, 0, sizeof *call);
    call->kind = kind;
    call->source = source;
    call->list = list;
    call->env = request->id[0];
    call->alpha = alpha;
    call->holdout = holdout;
    call->replace = !strcmp(mode, "replace");
    call->dry_run = query->dry_run == 1;
    call->rows = ARENA_ARRAY(request->arena, n, struct evidence_new);
    calibration_result_clear(&call->result);
}

enum err calibration_auto(struct request *request)
{
    const struct auto_calibrate_body *body = request->body;
    const struct actual_row *rows = body->actuals.at;
    struct arena *arena = request->arena;
    size_t n = body->actuals.n, n_unmatched = 0;
    enum err err = check_environment(request);
    if (err)
        return err;
    struct id_index index = index_ids(arena, n ? &rows[0].part_revision_id : NULL, sizeof *rows, n);
    struct uuid *quoted = ARENA_ARRAY(arena, index.n, struct uuid);
    struct store_plan *plans = ARENA_ARRAY(arena, index.n, struct store_plan);
    err = store_calculation_latest(request->db, request->caller.org, request->id[0], index.ids,
                                   index.n, quoted);
    if (!err)
        err = store_plan_list(request->db, arena, request->caller.org, index.ids, index.n, plans);
    if (err)
        return err;
    struct calibration_call call;
    begin(request, &call, "auto_calibrate", "auto_calibrate", "actuals", body->target_alpha,
          body->holdout_pct, body->mode, n);
    for (size_t i = 0; i < n; i++) {
        size_t at = index_of(&index, &rows[i].part_revision_id);
        if (uuid_is_nil(&quoted[at]) || uuid_is_nil(&plans[at].part_id))
            continue;
        struct evidence_new *new = &call.rows[call.n++];
        *new = new_row(request, call.source, i);
        new->row.part = plans[at].part_id;
        new->row.revision = rows[i].part_revision_id;
        new->row.bin = rows[i].bin ? rows[i].bin : "";
        new->row.reference = rows[i].external_ref;
        new->row.lot_size = (double)rows[i].lot_size;
        new->row.annual_volume = (double)rows[i].annual_volume;
        new->row.tooling_units = number_or_none(rows[i].tooling_lifetime_units);
        new->row.actual = rows[i].actual_unit_cost;
        set_date(new, rows[i].occurred_on);
    }
    for (size_t i = 0; i < index.n; i++)
        if (uuid_is_nil(&quoted[i]) || uuid_is_nil(&plans[i].part_id))
            index.ids[n_unmatched++] = index.ids[i];
    call.result.matched = call.result.ingested = (int64_t)call.n;
    call.result.unmatched_part_ids = uuid_texts(arena, index.ids, n_unmatched);
    return calibration_unit_cost(request, &call);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct field_list distinct_texts(const char **texts, size_t n)
{
    qsort(texts, n, sizeof *texts, compare_texts);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!kept || strcmp(texts[kept - 1], texts[i]) != 0)
            texts[kept++] = texts[i];
    return (struct field_list){texts, kept};
}

enum err calibration_from_erp(struct request *request)
{
    const struct from_erp_body *body = request->body;
    const struct work_order_row *rows = body->work_orders.at;
    struct arena *arena = request->arena;
    size_t n = body->work_orders.n, n_unknown = 0;
    enum err err = check_environment(request);
    if (err)
        return err;
    const char **numbers = ARENA_ARRAY(arena, n, const char *);
    const char **unknown = ARENA_ARRAY(arena, n, const char *);
    struct store_part_ref *refs = ARENA_ARRAY(arena, n, struct store_part_ref);
    for (size_t i = 0; i < n; i++)
        numbers[i] = rows[i].part_number;
    err = store_part_resolve(request->db, arena, request->caller.org, numbers, n, refs);
    if (err)
        return err;
    struct calibration_call call;
    begin(request, &call, "auto_calibrate_from_erp", "erp", "work_orders", body->target_alpha,
          body->holdout_pct, body->mode, n);
    for (size_t i = 0; i < n; i++) {
        if (uuid_is_nil(&refs[i].revision_id)) {
            unknown[n_unknown++] = rows[i].part_number;
            continue;
        }
        struct evidence_new *new = &call.rows[call.n++];
        *new = new_row(request, call.source, i);
        new->row.part = refs[i].part_id;
        new->row.revision = refs[i].revision_id;
        new->row.bin = rows[i].bin ? rows[i].bin : "";
        new->row.reference = rows[i].work_order_id;
        new->row.lot_size = rows[i].quantity;
        new->row.annual_volume = number_or_none(rows[i].annual_forecast);
        if (isnan(new->row.annual_volume))
            new->row.annual_volume = ANNUAL_VOLUME;
        new->row.actual = rows[i].total_cost / rows[i].quantity;
        set_date(new, rows[i].occurred_on);
    }
    call.result.work_orders_received = (int64_t)n;
    call.result.work_orders_resolved = (int64_t)call.n;
    call.result.matched = call.result.ingested = (int64_t)call.n;
    call.result.unknown_part_numbers = distinct_texts(unknown, n_unknown);
    return calibration_unit_cost(request, &call);
}

/* The newest quote of the revision that said what the row says was predicted. */
static const struct store_quoted *find_quote(const struct store_quoted *quotes, size_t n,
                                             double predicted)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(quotes[i].unit_cost - predicted) <= MATCH_TOLERANCE * predicted ||
            fabs(quotes[i].uncalibrated_unit_cost - predicted) <= MATCH_TOLERANCE * predicted)
            return &quotes[i];
    return NULL;
}

enum err calibration_teach(struct request *request)
{
    const struct teach_body *body = request->body;
    const struct teach_row *rows = body->rows.at;
    struct arena *arena = request->arena;
    size_t n = body->rows.n, n_unmatched = 0, n_quotes;
    struct uuid org = request->caller.org;
    enum err err = check_environment(request);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].target_metric, metric_text(METRIC_UNIT_COST)) != 0)
            request_flaw(request, "rows", "not_taught", "times cannot be taught yet");
    if ((err = request_flawed(request)))
        return err;
    struct id_index index = index_ids(arena, &rows[0].part_revision_id, sizeof *rows, n);
    struct store_plan *plans = ARENA_ARRAY(arena, index.n, struct store_plan);
    struct store_quoted *quotes;
    err = store_calculation_quoted(request->db, arena, org, request->id[0], index.ids, index.n,
                                   PRICING_MODEL_VERSION, &quotes, &n_quotes);
    if (!err)
        err = store_plan_list(request->db, arena, org, index.ids, index.n, plans);
    if (err)
        return err;
    size_t *first = ARENA_ARRAY(arena, index.n + 1, size_t);
    for (size_t i = 0, q = 0; i <= index.n; i++) {
        while (i && q < n_quotes && quotes[q].revision < i)
            q++;
        first[i] = q;
    }
    bool *missed = ARENA_ARRAY(arena, index.n, bool);
    struct calibration_call call;
    begin(request, &call, "teach", "teach", "rows", body->target_alpha, body->holdout_pct,
          body->mode, n);
    for (size_t i = 0; i < n; i++) {
        size_t at = index_of(&index, &rows[i].part_revision_id);
        const struct store_quoted *quote =
            find_quote(quotes + first[at], first[at + 1] - first[at], rows[i].predicted);
        if (!quote || uuid_is_nil(&plans[at].part_id)) {
            missed[at] = true;
            continue;
        }
        struct evidence_new *new = &call.rows[call.n++];
        *new = new_row(request, call.source, i);
        new->row.part = plans[at].part_id;
        new->row.revision = rows[i].part_revision_id;
        new->row.bin = rows[i].bin ? rows[i].bin : "";
        new->row.reference = rows[i].external_ref;
        new->row.lot_size = quote->lot_size;
        new->row.predicted = quote->uncalibrated_unit_cost;
        memcpy(new->row.c, quote->driver, sizeof new->row.c);
        new->row.actual = rows[i].actual;
        set_date(new, rows[i].occurred_on);
    }
    for (size_t i = 0; i < index.n; i++)
        if (missed[i])
            index.ids[n_unmatched++] = index.ids[i];
    call.result.matched = call.result.ingested = (int64_t)call.n;
    call.result.unmatched_part_ids = uuid_texts(arena, index.ids, n_unmatched);
    return calibration_unit_cost(request, &call);
}
