/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A calibrating call from its rows to its answer. */
#include "calibration.h"

#include "api.h"
#include "arena.h"
#include "pricing.h"
#include "settings.h"
#include "store_db.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CLASHES 50

void left_out_add(struct left_out *left_out, const char *reason, size_t count)
{
    if (!count)
        return;
    size_t i = 0;
    while (i < left_out->n && strcmp(left_out->reason[i], reason) != 0)
        i++;
    if (i == LEFT_OUT_REASONS)
        abort();
    left_out->reason[i] = reason;
    left_out->count[i] += count;
    left_out->n += i == left_out->n;
}

/* Everything between reading and writing of one call. */
struct step {
    struct calibration_call *call;
    struct evidence_set set;
    struct calibration_rows rows;
    struct calibration_fit fit;
    struct active active;
    struct run run;
    bool activate;
};

static enum err identify(struct request *request, struct calibration_call *call)
{
    struct evidence_clash clashes[CLASHES];
    size_t n_clashes;
    evidence_identify(call->rows, &call->n, clashes, CLASHES, &n_clashes);
    const struct field_path body = {.key = "body"};
    const struct field_path list = {.up = &body, .key = call->list};
    for (size_t i = 0; i < n_clashes && i < CLASHES; i++) {
        const struct field_path row = {.up = &list, .index = clashes[i].second};
        flaw_add(request->flaws, &row, "conflicting_rows",
                 "has the same reference as row %zu and says something else", clashes[i].first);
    }
    if (n_clashes > CLASHES)
        request->flaws->total += n_clashes - CLASHES;
    return request_flawed(request);
}

/* Outcomes that wait for their finalize are not part of other fits. */
static size_t without_pending(struct evidence *rows, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (rows[i].applied)
            rows[kept++] = rows[i];
    return kept;
}

static enum err gather(struct request *request, struct step *step)
{
    struct calibration_call *call = step->call;
    struct uuid org = request->caller.org;
    enum err err = store_active_find(request->db, org, call->env, metric_text(METRIC_UNIT_COST),
                                     &step->active);
    if (err)
        return err;
    struct evidence *stored;
    size_t n_stored;
    int64_t older;
    size_t most = (size_t)request->settings->evidence_rows;
    err = store_evidence_list(request->db, request->arena, org, call->env, METRIC_UNIT_COST,
                              (int64_t)most, &stored, &n_stored, &older);
    if (err)
        return err;
    if (!call->with_pending)
        n_stored = without_pending(stored, n_stored);
    evidence_merge(request->arena, stored, n_stored, call->rows, call->n,
                   call->replace ? call->source : NULL, most, &step->set);
    step->set.older += older;
    err = calibration_price(request, call->env, &step->set, &step->rows);
    left_out_add(&step->rows.left_out, "older_than_newest_rows", (size_t)step->set.older);
    return err;
}

/* Same evidence, prices, alpha, holdout: same basis. */
static void hash_basis(const struct step *step, uint8_t basis[RUN_BASIS])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, RUN_BASIS);
    crypto_generichash_update(&state, (const uint8_t *)PRICING_MODEL_VERSION,
                              sizeof PRICING_MODEL_VERSION);
    crypto_generichash_update(&state, (const uint8_t *)&step->call->alpha, sizeof(double));
    crypto_generichash_update(&state, (const uint8_t *)&step->call->holdout, sizeof(double));
    crypto_generichash_update(&state, (const uint8_t *)&step->set.n, sizeof step->set.n);
    for (size_t i = 0; i < step->set.n; i++) {
        crypto_generichash_update(&state, step->set.rows[i]->natural.b, 16);
        crypto_generichash_update(&state, step->set.rows[i]->content.b, 16);
    }
    for (size_t i = 0; i < step->rows.n; i++) {
        crypto_generichash_update(&state, step->rows.evidence[i]->natural.b, 16);
        crypto_generichash_update(&state, (const uint8_t *)step->rows.rows[i].c,
                                  sizeof step->rows.rows[i].c);
    }
    crypto_generichash_final(&state, basis, RUN_BASIS);
}

static enum err answer(struct request *request, struct calibration_result *result)
{
    buf_reset(request->out, request->out->cap);
    return api_answer(request, result);
}

/* What counts the rows of this call, whoever made the run. */
static void put_counters(const struct calibration_call *call, struct calibration_result *result)
{
    const struct calibration_result *own = &call->result;
    result->matched = own->matched;
    result->ingested = own->ingested;
    result->unmatched_part_ids = own->unmatched_part_ids;
    result->unknown_part_numbers = own->unknown_part_numbers;
    result->work_orders_received = own->work_orders_received;
    result->work_orders_resolved = own->work_orders_resolved;
}

/* The run that this very basis led to, while what it was judged against is still active. */
static enum err answer_again(struct request *request, struct step *step, bool *answered)
{
    struct run run;
    enum err err = store_run_find_basis(request->db, request->arena, request->caller.org,
                                        step->call->env, METRIC_UNIT_COST, step->run.basis, &run);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    bool is_active = uuid_equal(&run.id, &step->active.run);
    if (!is_active &&
        (!uuid_equal(&run.base, &step->active.run) || !strcmp(run.status, "activated")))
        return ERR_OK;
    struct calibration_result result;
    err = calibration_result_parse(request->arena, run.document, &result);
    if (err)
        return err;
    put_counters(step->call, &result);
    *answered = true;
    return answer(request, &result);
}

static enum err load_active(struct request *request, const struct step *step,
                            struct calc_driver_view *view, bool *there)
{
    *there = !uuid_is_nil(&step->active.run);
    if (!*there)
        return ERR_OK;
    struct field_raw posterior;
    enum err err = store_run_posterior(request->db, request->arena, request->caller.org,
                                       step->call->env, step->active.run, &posterior);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
    return calc_driver_unpack(view, posterior.text, posterior.len) == CALC_OK ? ERR_OK
                                                                              : ERR_INTERNAL;
}

static enum err write_all(struct request *request, void *context)
{
    struct step *step = context;
    struct calibration_call *call = step->call;
    struct uuid org = request->caller.org;
    enum err err = store_active_set(request->db, org, call->env, metric_text(METRIC_UNIT_COST),
                                    &step->active, step->activate, step->run.id, request->now);
    if (err == ERR_CONFLICT)
        return request_conflict(request, "calibration_changed",
                                "Evidence or the active calibration changed meanwhile; send the "
                                "call again.");
    if (!err && call->replace)
        err = store_evidence_delete_source(request->db, org, call->env, METRIC_UNIT_COST,
                                           call->source);
    if (!err)
        err = store_evidence_upsert(request->db, org, call->env, METRIC_UNIT_COST,
                                    step->set.changed, step->set.n_changed);
    if (!err && call->with_pending)
        err = store_evidence_applied(request->db, org, call->env, METRIC_UNIT_COST);
    if (!err && step->rows.n)
        err = store_run_insert(request->db, org, &step->run);
    if (!err)
        buf_adds(request->out, step->run.document);
    return err;
}

static enum err conclude(struct request *request, struct step *step,
                         struct calibration_result *result)
{
    struct calibration_call *call = step->call;
    step->activate = !strcmp(result->status, "activated");
    if (call->dry_run) {
        result->message = arena_printf(request->arena, "Nothing was stored; it would be: %s. %s",
                                       result->status, result->message);
        result->status = "dry_run";
        return answer(request, result);
    }
    struct run *run = &step->run;
    if (step->rows.n) {
        run->id = uuid_v7();
        result->id = result->run_id = run->id;
        run->record = calibration_record_pack(request->arena, &step->rows);
        run->posterior = step->fit.posterior;
    }
    run->env = call->env;
    run->base = step->active.run;
    run->kind = call->kind;
    run->metric = METRIC_UNIT_COST;
    run->status = result->status;
    run->created_at = request->now;
    answer(request, result);
    run->document = arena_strndup(request->arena, request->out->data, request->out->len);
    return request_transact(request, write_all, step, true);
}

enum err calibration_unit_cost(struct request *request, struct calibration_call *call)
{
    enum err err = identify(request, call);
    if (err)
        return err;
    struct step *step = ARENA_NEW(request->arena, struct step);
    step->call = call;
    err = gather(request, step);
    if (err)
        return err;
    hash_basis(step, step->run.basis);
    bool answered = false;
    if (!call->dry_run)
        err = answer_again(request, step, &answered);
    if (err || answered)
        return err;
    struct calc_driver_view active;
    bool has_active;
    err = load_active(request, step, &active, &has_active);
    if (!err)
        err = calibration_fit(request, call, &step->rows, has_active ? &active : NULL, &step->fit);
    if (err)
        return err;
    struct calibration_result result = call->result;
    result.samples = (int64_t)step->set.n;
    calibration_report(request, call, &step->rows, &step->fit, &result);
    return conclude(request, step, &result);
}
