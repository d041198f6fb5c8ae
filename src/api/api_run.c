/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration runs: history, one in full, its rows. */
#include "api.h"

#include "arena.h"
#include "calibration_input.h"
#include "export.h"
#include "json_in.h"
#include "pricing.h"
#include "run_shapes.h"

#include <string.h>

static struct run_item item_of(const struct run *run)
{
    return (struct run_item){
        .id = run->id,
        .base_run_id = run->base,
        .subject_id = run->subject,
        .kind = run->kind,
        .slot = run->slot,
        .target_metric = metric_text(run->metric),
        .status = run->status,
        .active = run->active,
        .posterior_count = run->posterior_count,
        .created_at = run->created_at,
    };
}

enum err run_list(struct request *request)
{
    const struct run_query *query = request->query;
    const struct run_filter filter = {.slot = query->slot};
    struct counted_list answer;
    struct run *runs;
    size_t n;
    enum err err = input_environment(request);
    if (!err)
        err = store_run_list(request->db, request->arena, request->caller.org, request->id[0],
                             &filter, &query->page, &runs, &n, &answer.count);
    if (err)
        return err;
    struct run_item *items = ARENA_ARRAY(request->arena, n + 1, struct run_item);
    for (size_t i = 0; i < n; i++)
        items[i] = item_of(&runs[i]);
    answer.data = (struct field_list){items, n};
    return api_answer(request, &answer);
}

/* The run of the path, with whether it is active. */
static enum err load(struct request *request, struct run *run)
{
    struct active active;
    enum err err = input_environment(request);
    if (!err)
        err = store_run_find(request->db, request->arena, request->caller.org, request->id[0],
                             request->id[1], run);
    if (!err)
        err =
            store_active_find(request->db, request->caller.org, request->id[0], run->slot, &active);
    if (!err)
        run->active = uuid_equal(&active.run, &run->id);
    return err;
}

static void put_part_id(struct buf *out, struct calc_key part)
{
    struct uuid id;
    if (part.n != sizeof id.b)
        return;
    memcpy(id.b, part.s, sizeof id.b);
    json_put_uuid(out, "part_id", &id);
}

static void put_effects(struct buf *out, const struct calc_driver_view *view,
                        enum calc_driver_level level, size_t index, struct calc_key bin,
                        struct calc_key part, size_t rows)
{
    for (unsigned k = 0; k < view->k; k++) {
        json_object(out);
        json_put_text(out, "level", calibration_level_text(level));
        json_key(out, "bin");
        json_text_len(out, bin.n ? bin.s : "", bin.n);
        put_part_id(out, part);
        json_put_int(out, "rows", (int64_t)rows);
        calibration_put_effect(out, view, level, index, k);
        json_object_end(out);
    }
}

static void put_view(struct buf *out, const struct calc_driver_view *view)
{
    const struct calc_key none = {"", 0};
    json_array(out);
    put_effects(out, view, CALC_DRIVER_ENVIRONMENT, 0, none, none, view->n_rows);
    for (size_t b = 0; b < view->n_bins; b++) {
        struct calc_driver_view_bin bin = calc_driver_view_bin(view, b);
        put_effects(out, view, CALC_DRIVER_IN_BIN, b, bin.label, none, bin.n_rows);
        for (size_t u = bin.first_unit; u < bin.first_unit + bin.n_units; u++) {
            struct calc_driver_view_unit unit = calc_driver_view_unit(view, u);
            put_effects(out, view, CALC_DRIVER_IN_PART, u, bin.label, unit.part, unit.n_rows);
        }
    }
    json_array_end(out);
}

/* The posterior of unit cost. ERR_NOT_FOUND: the run is of another kind. */
static enum err load_view(struct request *request, const struct run *run,
                          struct calc_driver_view *view)
{
    struct field_raw posterior;
    enum err err = store_run_posterior(request->db, request->arena, request->caller.org,
                                       request->id[0], run->id, &posterior);
    if (err)
        return err;
    if (strcmp(run->slot, metric_text(METRIC_UNIT_COST)) != 0)
        return ERR_NOT_FOUND;
    return calc_driver_unpack(view, posterior.text, posterior.len) == CALC_OK ? ERR_OK
                                                                              : ERR_INTERNAL;
}

/* A member of a JSON object, as text; NULL: there is none. */
static struct field_raw member_of(struct arena *arena, const struct field_raw *object,
                                  const char *name)
{
    struct json_in in;
    struct field_raw found = {0};
    const char *raw;
    char *key;
    size_t len;
    if (!object->text)
        return found;
    json_in_open(&in, arena_strndup(arena, object->text, object->len), object->len);
    if (json_in_object(&in))
        while (json_in_member(&in, &key, &len)) {
            bool wanted = !strcmp(key, name);
            if (!json_in_skip(&in, &raw, &len))
                break;
            if (wanted)
                found = (struct field_raw){arena_strndup(arena, raw, len), len};
        }
    json_in_close(&in);
    return found;
}

enum err run_show(struct request *request)
{
    struct run run;
    struct calc_driver_view view;
    struct calibration_result result;
    struct run_report report = {0};
    struct buf effects = {0};
    enum err err = load(request, &run);
    if (err)
        return err;
    err = load_view(request, &run, &view);
    if (!err) {
        put_view(&effects, &view);
        report.rows = (int64_t)view.n_rows;
    } else if (err == ERR_NOT_FOUND) {
        struct field_raw model;
        err = store_run_posterior(request->db, request->arena, request->caller.org, request->id[0],
                                  run.id, &model);
        if (!err && model.text)
            buf_add(&effects, model.text, model.len);
    }
    if (!err)
        err = calibration_result_parse(request->arena, run.document, &result);
    if (err) {
        buf_clear(&effects);
        return err;
    }
    report.run = item_of(&run);
    report.result = (struct field_raw){run.document, strlen(run.document)};
    report.effects = field_raw_take(request->arena, &effects);
    if (result.samples_applied != INT_NONE)
        report.rows = result.samples_applied;
    report.left_out = member_of(request->arena, &result.fit, "left_out");
    return api_answer(request, &report);
}

static struct run_row row_of(const struct calc_driver_view *view,
                             const struct calibration_record_row *row)
{
    struct calc_driver_row asked = {
        .bin = {row->bin, strlen(row->bin)},
        .part = pricing_part_key(&row->part),
        .lot_size = row->lot_size,
    };
    struct calc_driver_prediction p;
    struct run_row out = {
        .part_id = row->part,
        .part_revision_id = row->revision,
        .bin = row->bin,
        .lot_size = row->lot_size,
        .material = row->c[0],
        .run = row->c[1],
        .setup = row->c[2],
        .other = row->c[3],
        .uncalibrated = row->c[0] + row->c[1] + row->c[2] + row->c[3],
        .predicted = NAN,
        .lower = NAN,
        .upper = NAN,
        .actual = row->actual,
    };
    memcpy(asked.c, row->c, sizeof asked.c);
    if (calc_driver_predict(view, &asked, NULL, &p) != CALC_OK)
        return out;
    out.predicted = exp(p.log_median);
    if (p.bounded) {
        out.lower = exp(p.log_lower);
        out.upper = exp(p.log_upper);
    }
    return out;
}

enum err run_rows(struct request *request)
{
    const struct store_page *page = request->query;
    struct run run;
    struct calc_driver_view view;
    struct field_raw record;
    struct calibration_record_row *rows = NULL;
    enum export_form form = export_form(request);
    size_t n = 0;
    enum err err = load(request, &run);
    if (!err)
        err = load_view(request, &run, &view);
    if (!err)
        err = store_run_record(request->db, request->arena, request->caller.org, request->id[0],
                               run.id, &record);
    if (!err && record.text)
        err = calibration_record_unpack(request->arena, &record, &rows, &n);
    if (err)
        return err;
    if (form != EXPORT_PAGE) {
        struct export export;
        export_begin(&export, request, &shape_run_row);
        for (size_t i = 0; i < n && !err; i++) {
            const struct run_row item = row_of(&view, &rows[i]);
            err = export_item(&export, &item);
        }
        return err;
    }
    size_t first = (uint64_t)page->offset < n ? (size_t)page->offset : n;
    size_t shown = n - first < (size_t)page->limit ? n - first : (size_t)page->limit;
    struct run_row *items = ARENA_ARRAY(request->arena, shown + 1, struct run_row);
    for (size_t i = 0; i < shown; i++)
        items[i] = row_of(&view, &rows[first + i]);
    const struct counted_list answer = {(int64_t)n, {items, shown}};
    return api_answer(request, &answer);
}
