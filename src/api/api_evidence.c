/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evidence: listed, exported, removed by source. */
#include "api.h"

#include "arena.h"
#include "calibration_input.h"
#include "export.h"
#include "run_shapes.h"
#include "store_db.h"
#include "store_evidence_list.h"

static struct evidence_item item_of(const struct evidence *row, enum metric metric)
{
    return (struct evidence_item){
        .source = row->source,
        .target_metric = metric_text(metric),
        .observation_type = row->observation_type,
        .external_ref = row->reference,
        .bin = row->bin,
        .model_version = row->model_version,
        .part_id = row->part,
        .part_revision_id = row->revision,
        .operation_sequence = row->operation_sequence,
        .lot_size = row->lot_size,
        .annual_volume = row->annual_volume,
        .tooling_lifetime_units = row->tooling_units,
        .predicted = row->predicted,
        .actual = row->actual,
        .choice = {row->choice, row->choice ? strlen(row->choice) : 0},
        .occurred_on = row->occurred_on,
        .applied = row->applied == 1,
        .received_at = row->received_at,
    };
}

static struct store_evidence_filter filter_of(const char *source, const char *metric)
{
    return (struct store_evidence_filter){source, metric ? metric_find(metric) : METRIC_COUNT};
}

static enum err take(void *context, const struct evidence *row, enum metric metric)
{
    const struct evidence_item item = item_of(row, metric);
    return export_item(context, &item);
}

/* Everything, whatever the page. */
static enum err export_evidence(void *context)
{
    struct request *request = context;
    const struct evidence_query *query = request->query;
    const struct store_evidence_filter filter = filter_of(query->source, query->target_metric);
    struct export export;
    enum err err = input_environment(request);
    if (err)
        return err;
    export_begin(&export, request, &shape_evidence_item);
    return store_evidence_each(request->db, request->caller.org, request->id[0], &filter, take,
                               &export);
}

enum err evidence_list(struct request *request)
{
    const struct evidence_query *query = request->query;
    const struct store_evidence_filter filter = filter_of(query->source, query->target_metric);
    struct evidence *rows;
    enum metric *metrics;
    struct counted_list answer;
    size_t n;
    if (export_form(request) != EXPORT_PAGE)
        return db_snapshot(request->db, export_evidence, request);
    enum err err = input_environment(request);
    if (!err)
        err = store_evidence_page(request->db, request->arena, request->caller.org, request->id[0],
                                  &filter, &query->page, &rows, &metrics, &n, &answer.count);
    if (err)
        return err;
    struct evidence_item *items = ARENA_ARRAY(request->arena, n + 1, struct evidence_item);
    for (size_t i = 0; i < n; i++)
        items[i] = item_of(&rows[i], metrics[i]);
    answer.data = (struct field_list){items, n};
    return api_answer(request, &answer);
}

enum err evidence_sources(struct request *request)
{
    struct store_evidence_source *sources;
    size_t n;
    enum err err = input_environment(request);
    if (!err)
        err = store_evidence_sources(request->db, request->arena, request->caller.org,
                                     request->id[0], false, &sources, &n);
    if (err)
        return err;
    struct evidence_source *items = ARENA_ARRAY(request->arena, n + 1, struct evidence_source);
    for (size_t i = 0; i < n; i++)
        items[i] = (struct evidence_source){sources[i].source,   metric_text(sources[i].metric),
                                            sources[i].rows,     sources[i].pending,
                                            sources[i].first_at, sources[i].last_at};
    return api_answer_list(request, items, n, (int64_t)n);
}

/* Whoever fits meanwhile finds its base changed. */
static enum err raise_slots(struct request *request, enum metric only)
{
    enum err err = ERR_OK;
    for (enum metric metric = 0; metric < METRIC_COUNT && !err; metric++)
        if (only == METRIC_COUNT || only == metric)
            err = store_active_raise(request->db, request->caller.org, request->id[0],
                                     metric_text(metric), request->now);
    return err;
}

enum err evidence_remove(struct request *request)
{
    const struct evidence_removal *query = request->query;
    const struct store_evidence_filter filter = filter_of(query->source, query->target_metric);
    int64_t removed = 0;
    enum err err = input_environment(request);
    if (!err)
        err = raise_slots(request, filter.metric);
    if (!err)
        err = store_evidence_remove(request->db, request->caller.org, request->id[0], &filter,
                                    &removed);
    if (err)
        return err;
    return api_say(request,
                   arena_printf(request->arena,
                                "%lld rows were removed. Active calibrations stay as they are "
                                "until the next fit.",
                                (long long)removed));
}
