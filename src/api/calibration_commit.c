/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one transaction of a calibrating call. */
#include "calibration.h"

#include "arena.h"
#include "drift.h"
#include "store_db.h"
#include "store_drift.h"
#include "store_stamp.h"

#include <string.h>

struct commit {
    struct calibration_step *const *steps;
    size_t n;
    const char *answer;
};

static enum err changed_meanwhile(struct request *request)
{
    return request_conflict(request, "calibration_changed",
                            "Evidence or the active calibration changed meanwhile; send the call "
                            "again.");
}

static enum err check_unchanged(struct request *request, const struct calibration_step *step)
{
    struct active now;
    if (!step->check_slot)
        return ERR_OK;
    enum err err =
        store_active_find(request->db, step->call->org, step->call->env, step->check_slot, &now);
    if (!err && now.version != step->check.version)
        err = changed_meanwhile(request);
    return err;
}

/* Puts another run into a slot, or takes one out. */
static bool changes_quotes(const struct calibration_step *step)
{
    return !step->again && (step->activate || step->call->repriced);
}

/* A newer run of a metric, or of what its predictions are priced with, ends the recalibrated
   interval of those before. */
static enum err end_interval(struct request *request, const struct calibration_step *step)
{
    char slot[RUN_SLOT + 1] = SLOT_INTERVAL;
    if (!changes_quotes(step) || metric_find(step->slot) == METRIC_COUNT)
        return ERR_OK;
    strncat(slot, step->slot, sizeof slot - strlen(slot) - 1);
    return store_active_clear(request->db, step->call->org, step->call->env, slot, request->now);
}

/* Prices change and there is no correction to fit again: a fit that is under way on the prices of
   before finds its base changed, and one that has become active meanwhile is found here. */
static enum err raise_alone(struct request *request, const struct calibration_step *step)
{
    const struct calibration_call *call = step->call;
    struct active now;
    enum err err = store_active_raise(request->db, call->org, call->env, step->slot, request->now);
    if (!err)
        err = store_active_find(request->db, call->org, call->env, step->slot, &now);
    return !err && !uuid_equal(&now.run, &step->active.run) ? ERR_CONFLICT : err;
}

static enum err write_step(struct request *request, const struct calibration_step *step)
{
    const struct calibration_call *call = step->call;
    struct db *db = request->db;
    bool known;
    if (step->again && !evidence_differs(&step->set))
        return call->with_pending ? store_evidence_applied(db, call->org, call->env, call->metric)
                                  : ERR_OK;
    enum err err = call->repriced && !calibration_follows(step)
                       ? raise_alone(request, step)
                       : store_active_set(db, call->org, call->env, step->slot, &step->active,
                                          step->activate, step->run.id, request->now);
    if (err == ERR_CONFLICT)
        return changed_meanwhile(request);
    if (!err)
        err = check_unchanged(request, step);
    /* what the interval of before missed says nothing of the one that is quoted now */
    const char *of = slot_behind(step->slot, SLOT_INTERVAL);
    if (!err && step->activate && of)
        err = store_drift_resolve_coverage(db, call->org, call->env, metric_find(of), request->now);
    if (!err && step->set.drops)
        err = store_evidence_delete_source(db, call->org, call->env, call->metric, call->source);
    if (!err)
        err = store_evidence_upsert(db, call->org, call->env, call->metric, step->set.changed,
                                    step->set.n_changed, &known);
    /* what a run has fitted before was observed then */
    if (!err && !step->again && metric_find(step->slot) != METRIC_COUNT)
        err = step->activate
                  ? store_drift_resolve(db, call->org, call->env, call->metric, request->now)
                  : drift_observe(request, call->org, call->env, call->metric, step->set.changed,
                                  step->set.n_changed, known);
    if (!err && call->with_pending)
        err = store_evidence_applied(db, call->org, call->env, call->metric);
    if (!err && step->keep)
        err = store_run_insert(db, call->org, &step->run);
    return err ? err : end_interval(request, step);
}

static enum err write_all(struct request *request, void *context)
{
    const struct commit *commit = context;
    const struct calibration_call *call = commit->steps[0]->call;
    enum err err = ERR_OK;
    bool quoted = false;
    for (size_t i = 0; i < commit->n && !err; i++) {
        quoted |= changes_quotes(commit->steps[i]);
        err = write_step(request, commit->steps[i]);
    }
    /* at the end: whoever else changes the environment waits for it */
    if (!err && quoted)
        err = store_stamp_environment(request->db, call->org, call->env);
    if (!err)
        buf_adds(request->out, commit->answer);
    return err;
}

static const char *document_of(struct request *request, const struct calibration_result *result)
{
    buf_reset(request->out, request->out->cap);
    field_write(request->out, &shape_calibration_result, result);
    const char *text = arena_strndup(request->arena, request->out->data, request->out->len);
    buf_reset(request->out, request->out->cap);
    return text;
}

static void complete_run(struct request *request, struct calibration_step *step)
{
    struct run *run = &step->run;
    run->env = step->call->env;
    run->base = step->active.run;
    run->kind = step->call->kind;
    run->slot = step->slot;
    run->subject = step->subject;
    run->metric = step->call->metric;
    run->status = step->result.status;
    run->created_at = request->now;
    run->document = document_of(request, &step->result);
}

static enum err commit_steps(struct request *request, struct calibration_step *const *steps,
                             size_t n, const char *answer)
{
    struct commit commit = {steps, n, answer};
    return request_transact(request, write_all, &commit, true);
}

enum err calibration_finish(struct request *request, struct calibration_step *const *steps,
                            size_t n_steps, struct calibration_result *result)
{
    bool again = true;
    for (size_t i = 0; i < n_steps; i++)
        again &= steps[i]->again && !evidence_differs(&steps[i]->set);
    if (steps[0]->call->dry_run) {
        result->message = arena_printf(request->arena, "Nothing was stored; it would be: %s. %s",
                                       result->status, result->message);
        result->status = STATUS_DRY_RUN;
        result->id = result->run_id = result->policy_history_id = (struct uuid){{0}};
        buf_adds(request->out, document_of(request, result));
        return ERR_OK;
    }
    again &= !steps[0]->call->with_pending;
    for (size_t i = 0; i < n_steps && !again; i++) {
        struct calibration_step *step = steps[i];
        if (!step->keep || step->again)
            continue;
        step->result.id = step->result.run_id = step->run.id;
        complete_run(request, step);
    }
    const char *answer = document_of(request, result);
    if (!again)
        return commit_steps(request, steps, n_steps, answer);
    buf_adds(request->out, answer);
    return ERR_OK;
}

enum err calibration_commit(struct request *request, struct calibration_step *const *steps,
                            size_t n_steps, const char *answer)
{
    for (size_t i = 0; i < n_steps; i++)
        if (steps[i]->keep) {
            steps[i]->result.id = steps[i]->result.run_id = steps[i]->run.id;
            complete_run(request, steps[i]);
        }
    return commit_steps(request, steps, n_steps, answer);
}
