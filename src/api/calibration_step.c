/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One slot of a calibrating call: what the fits of all metrics have in common. */
#include "calibration.h"

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

enum err calibration_identify(struct request *request, struct calibration_call *call)
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

enum err calibration_identify_all(struct request *request, struct calibration_call *calls, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (calls[i].n)
            calibration_identify(request, &calls[i]);
    return request_flawed(request);
}

/* Outcomes that wait for their finalize are not part of other fits. */
static void drop_pending(struct evidence_stored *stored)
{
    size_t kept = 0;
    for (size_t i = 0; i < stored->n; i++)
        if (stored->rows[i].applied)
            stored->rows[kept++] = stored->rows[i];
    stored->n = kept;
}

enum err calibration_evidence(struct request *request, struct calibration_step *step,
                              bool with_pending)
{
    const struct calibration_call *call = step->call;
    struct evidence_stored stored;
    int64_t most = request->settings->evidence_rows;
    enum err err = store_evidence_list(request->db, request->arena, call->org, call->env,
                                       call->metric, most, &stored);
    if (err)
        return err;
    if (!with_pending)
        drop_pending(&stored);
    step->set = evidence_merge(request->arena, &stored, call->rows, call->n,
                               call->replace ? call->source : NULL, (size_t)most);
    return ERR_OK;
}

enum err calibration_gather(struct request *request, struct calibration_step *step)
{
    const struct calibration_call *call = step->call;
    enum err err = store_active_find(request->db, call->org, call->env, step->slot, &step->active);
    return err ? err : calibration_evidence(request, step, call->with_pending);
}

void calibration_basis(const struct calibration_step *step, crypto_generichash_state *state)
{
    const struct calibration_call *call = step->call;
    crypto_generichash_init(state, NULL, 0, RUN_BASIS);
    crypto_generichash_update(state, (const uint8_t *)PRICING_MODEL_VERSION,
                              sizeof PRICING_MODEL_VERSION);
    crypto_generichash_update(state, (const uint8_t *)&call->alpha, sizeof(double));
    crypto_generichash_update(state, (const uint8_t *)&call->holdout, sizeof(double));
    crypto_generichash_update(state, (const uint8_t *)&step->set.n, sizeof step->set.n);
    for (size_t i = 0; i < step->set.n; i++) {
        crypto_generichash_update(state, step->set.rows[i]->natural.b, 16);
        crypto_generichash_update(state, step->set.rows[i]->content.b, 16);
    }
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

enum err calibration_again(struct request *request, struct calibration_step *step)
{
    const struct calibration_call *call = step->call;
    struct run run;
    if (call->repriced)
        return ERR_OK;
    enum err err = store_run_find_basis(request->db, request->arena, call->org, call->env,
                                        step->slot, step->run.basis, &run);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    bool is_active = uuid_equal(&run.id, &step->active.run);
    /* another answer would follow where it is judged against another run than then */
    if (!is_active &&
        (!uuid_equal(&run.base, &step->active.run) || status_is(run.status, STATUS_ACTIVATED)))
        return ERR_OK;
    err = calibration_result_parse(request->arena, run.document, &step->result);
    if (err)
        return err;
    put_counters(call, &step->result);
    step->again = true;
    return ERR_OK;
}

void calibration_fit_add(struct arena *arena, struct calibration_result *result, const char *key,
                         const char *json)
{
    struct buf out = {0};
    if (result->fit.text)
        buf_add(&out, result->fit.text, result->fit.len - 1); /* all but the brace */
    else
        json_object(&out);
    json_put_raw(&out, key, json);
    json_object_end(&out);
    result->fit = field_raw_take(arena, &out);
}
