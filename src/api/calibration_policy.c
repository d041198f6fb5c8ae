/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policy/calibrate, and finalize of machine_choice: by which weights a shop chooses machines. */
#include "api.h"

#include "arena.h"
#include "calc_policy.h"
#include "calibration_input.h"
#include "field_present.h"
#include "intern.h"
#include "observe_shapes.h"
#include "policy_choice.h"
#include "policy_seed.h"
#include "pricing_resolve.h"
#include "search.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const char **features; /* of all rows, bytewise */
    size_t k;
    struct calc_policy_set *sets;
    size_t n;
    struct intern machines;
    const struct policy_seed *seed;
    double *seed_weights, *weights, *active_weights; /* the latter NULL: no policy is active */
    struct calc_policy_fit fit;
    size_t hits, hits_active;
    bool fitted;
    struct left_out left_out;
};

static enum err add_feature(struct request *request, struct job *job, const char *name)
{
    size_t at = 0;
    while (at < job->k && strcmp(job->features[at], name) < 0)
        at++;
    if (at < job->k && !strcmp(job->features[at], name))
        return ERR_OK;
    if (job->k == CHOICE_FEATURES) {
        request_flaw(request, "history", "too_many",
                     "the choices of this environment have more than %d different features",
                     CHOICE_FEATURES);
        return ERR_VALIDATION_ERROR;
    }
    memmove(job->features + at + 1, job->features + at, (job->k - at) * sizeof *job->features);
    job->features[at] = arena_strdup(request->arena, name);
    job->k++;
    return ERR_OK;
}

static enum err add_features(struct request *request, const struct policy_choice *choice,
                             struct job *job)
{
    enum err err = ERR_OK;
    for (size_t c = 0; c < choice->n; c++)
        for (size_t f = 0; f < choice->candidates[c].n && !err; f++)
            err = add_feature(request, job, choice->candidates[c].features[f].name);
    return err;
}

static enum err add_set(struct request *request, const struct policy_choice *choice,
                        struct job *job)
{
    struct calc_policy_candidate *list =
        ARENA_ARRAY(request->arena, choice->n, struct calc_policy_candidate);
    double *values = ARENA_ARRAY(request->arena, choice->n * job->k, double);
    struct calc_policy_set *set = &job->sets[job->n++];
    *set = (struct calc_policy_set){list, choice->n, choice->n};
    for (size_t c = 0; c < choice->n; c++) {
        const struct policy_candidate *of = &choice->candidates[c];
        const size_t len = strlen(of->machine);
        const uint32_t machine = intern_put(&job->machines, of->machine, len);
        double *row = values + c * job->k;
        list[c] =
            (struct calc_policy_candidate){{job->machines.entries[machine].text, len}, 0, row};
        for (size_t f = 0; f < job->k; f++)
            row[f] = NAN;
        for (size_t f = 0; f < of->n; f++) {
            const char *const *name = &of->features[f].name;
            row[search_place(name, job->features, job->k, sizeof *name, search_texts)] =
                of->features[f].value;
            if (!strcmp(*name, "fleet_priority"))
                list[c].fleet_priority = of->features[f].value;
        }
        if (!strcmp(of->machine, choice->chosen))
            set->chosen = c;
    }
    return ERR_OK;
}

/* Each row's choice in turn: all of them read at once would take many times their text. */
static enum err each_choice(struct request *request, const struct evidence_set *set,
                            enum err (*take)(struct request *, const struct policy_choice *,
                                             struct job *),
                            struct job *job)
{
    struct arena *scratch = arena_new();
    enum err err = ERR_OK;
    for (size_t i = 0; i < set->n && !err; i++) {
        struct policy_choice choice;
        err = policy_choice_read(scratch, set->rows[i]->choice, &choice);
        if (!err)
            err = take(request, &choice, job);
        arena_reset(scratch);
    }
    arena_free(scratch);
    return err;
}

/* The sets, once it is known which features there are. */
static enum err read_choices(struct request *request, const struct evidence_set *set,
                             struct job *job)
{
    job->features = ARENA_ARRAY(request->arena, CHOICE_FEATURES + 1, const char *);
    job->sets = ARENA_ARRAY(request->arena, set->n, struct calc_policy_set);
    intern_init(&job->machines, request->arena);
    enum err err = each_choice(request, set, add_features, job);
    return err ? err : each_choice(request, set, add_set, job);
}

/* The region's weights on the features there are; equal ones where it names none of them. */
static void seed_weights(struct arena *arena, struct job *job)
{
    double sum = 0;
    job->seed_weights = ARENA_ARRAY(arena, job->k, double);
    for (const struct policy_seed_weight *w = job->seed->weights; w->feature; w++) {
        const char **at =
            bsearch(&w->feature, job->features, job->k, sizeof *job->features, search_texts);
        if (at)
            sum += job->seed_weights[at - job->features] = w->weight;
    }
    for (size_t f = 0; f < job->k; f++)
        job->seed_weights[f] = sum > 0 ? job->seed_weights[f] / sum : 1 / (double)job->k;
}

static enum err active_weights(struct request *request, const struct calibration_step *step,
                               struct job *job)
{
    struct field_raw posterior;
    struct policy_model model;
    if (uuid_is_nil(&step->active.run))
        return ERR_OK;
    enum err err = store_run_posterior(request->db, request->arena, step->call->org,
                                       step->call->env, step->active.run, &posterior);
    if (err)
        return err;
    field_read_stored(request->arena, &shape_policy_model, &model, &posterior);
    job->active_weights = ARENA_ARRAY(request->arena, job->k, double);
    for (size_t i = 0; i < model.features.n && i < model.weights.n; i++) {
        const char **at = bsearch((const char *const *)model.features.at + i, job->features, job->k,
                                  sizeof *job->features, search_texts);
        if (at)
            job->active_weights[at - job->features] = ((const double *)model.weights.at)[i];
    }
    return ERR_OK;
}

static size_t count_hits(const struct job *job, const double *weights)
{
    size_t hits = 0, best;
    double scores[CHOICE_CANDIDATES];
    for (size_t i = 0; i < job->n; i++) {
        const struct calc_policy_set *set = &job->sets[i];
        if (set->n >= 2 && set->n <= CHOICE_CANDIDATES && set->chosen < set->n &&
            calc_policy_choose(set->candidates, set->n, job->k, weights, scores, &best) == CALC_OK)
            hits += best == set->chosen;
    }
    return hits;
}

static enum err fit_job(struct request *request, const struct calibration_step *step,
                        struct job *job)
{
    enum err err = read_choices(request, &step->set, job);
    if (err)
        return err;
    seed_weights(request->arena, job);
    err = active_weights(request, step, job);
    if (err)
        return err;
    const struct calc_policy_options options = {
        .holdout_pct = step->call->holdout,
        .salt = {metric_text(METRIC_MACHINE_CHOICE), strlen(metric_text(METRIC_MACHINE_CHOICE))},
    };
    void *scratch = arena_alloc(request->arena, calc_policy_scratch(job->sets, job->n, job->k) + 1);
    job->weights = ARENA_ARRAY(request->arena, job->k, double);
    enum calc_status status = calc_policy_fit(job->sets, job->n, job->k, job->seed_weights,
                                              &options, scratch, job->weights, &job->fit);
    if (status == CALC_SIZE)
        return ERR_OK;
    if (status != CALC_OK)
        return request_fail(request, ERR_INTERNAL, NULL);
    job->fitted = true;
    job->hits = count_hits(job, job->weights);
    if (job->active_weights)
        job->hits_active = count_hits(job, job->active_weights);
    return ERR_OK;
}

static const char *weights_text(struct arena *arena, const struct job *job, const double *weights)
{
    struct buf out = {0};
    json_object(&out);
    for (size_t f = 0; f < job->k; f++)
        json_put_num12(&out, job->features[f], weights[f]);
    json_object_end(&out);
    return field_raw_take(arena, &out).text;
}

static bool computable(const char *feature)
{
    for (size_t i = 0; pricing_features[i]; i++)
        if (!strcmp(pricing_features[i], feature))
            return true;
    return false;
}

/* Fitted features that a quote cannot compute, separated by commas; "" where there are none. */
static const char *not_computable(struct arena *arena, const struct job *job)
{
    const char *text = "";
    for (size_t f = 0; f < job->k; f++)
        if (!computable(job->features[f]))
            text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "", job->features[f]);
    return text;
}

static void put_fit(struct arena *arena, const struct calibration_call *call, const struct job *job,
                    struct calibration_result *result)
{
    const struct calc_policy_fit *fit = &job->fit;
    struct buf out = {0};
    json_object(&out);
    json_put_text(&out, "seed_region", *job->seed->region ? job->seed->region : "default");
    json_put_raw(&out, "seed", weights_text(arena, job, job->seed_weights));
    json_put_int(&out, "dropped_single", (int64_t)fit->dropped_single);
    json_put_int(&out, "dropped_absent", (int64_t)fit->dropped_absent);
    json_put_num12(&out, "seed_holdout_accuracy",
                   fit->n_holdout ? fit->seed_holdout_accuracy : NAN);
    json_put_bool(&out, "logit_used", fit->logit_used);
    if (job->active_weights) {
        json_put_int(&out, "hits", (int64_t)job->hits);
        json_put_int(&out, "hits_active", (int64_t)job->hits_active);
    }
    left_out_write(&out, &job->left_out);
    if (call->notes)
        json_put_text(&out, "notes", call->notes);
    json_object_end(&out);
    result->fit = field_raw_take(arena, &out);
}

static void report(struct request *request, const struct calibration_call *call,
                   const struct job *job, struct calibration_result *result)
{
    struct arena *arena = request->arena;
    const struct calc_policy_fit *fit = &job->fit;
    const char *missing = not_computable(arena, job);
    if (*missing)
        missing = arena_printf(arena, " A quote cannot compute %s and counts 0 for it.", missing);
    put_fit(arena, call, job, result);
    if (!job->fitted) {
        result->status = STATUS_INSUFFICIENT;
        result->message = "There is no choice between two machines with features to learn from.";
        return;
    }
    const char *weights = weights_text(arena, job, job->weights);
    result->fitted_policy = (struct field_raw){weights, strlen(weights)};
    result->seed_accuracy = fit->seed_accuracy;
    result->fitted_accuracy = fit->fitted_accuracy;
    if (fit->n_holdout)
        result->holdout_accuracy = fit->holdout_accuracy;
    result->grid_size = (int64_t)fit->grid_size;
    result->samples_applied = (int64_t)fit->samples_applied;
    result->n_train = (int64_t)fit->n_train;
    result->n_holdout = (int64_t)fit->n_holdout;
    bool worse = job->active_weights && job->hits < job->hits_active;
    result->status = fit->improved && !worse ? STATUS_ACTIVATED : STATUS_NOT_IMPROVED;
    result->message =
        fit->improved && !worse
            ? arena_printf(arena, "Quotes now choose machines by this policy.%s", missing)
        : fit->improved
            ? arena_printf(arena,
                           "The fitted policy repeats fewer choices than the active one, which "
                           "stays.%s",
                           missing)
            : arena_printf(arena,
                           "No policy repeats the choices better than the seed does; nothing was "
                           "activated.%s",
                           missing);
}

enum err calibration_policy_step(struct request *request, struct calibration_step *step)
{
    struct calibration_call *call = step->call;
    struct job *job = ARENA_NEW(request->arena, struct job);
    job->seed = policy_seed(call->region);
    step->slot = metric_text(METRIC_MACHINE_CHOICE);
    enum err err = calibration_gather(request, step);
    if (err)
        return err;
    crypto_generichash_state state;
    calibration_basis(step, &state);
    crypto_generichash_update(&state, (const uint8_t *)job->seed->region,
                              strlen(job->seed->region));
    crypto_generichash_final(&state, step->run.basis, RUN_BASIS);
    err = calibration_again(request, step);
    if (err || step->again)
        return err;
    err = fit_job(request, step, job);
    if (err)
        return err;
    left_out_add(&job->left_out, LEFT_OUT_OLDER, (size_t)step->set.older);
    step->result = call->result;
    step->result.scope = SCOPE_TEXT_ENVIRONMENT;
    step->result.env_id = call->env;
    step->result.target_metric = metric_text(METRIC_MACHINE_CHOICE);
    step->result.samples = (int64_t)step->set.n;
    step->result.samples_applied = 0;
    report(request, call, job, &step->result);
    step->result.message = left_out_tell(request->arena, step->result.message, &job->left_out);
    step->keep = job->fitted;
    step->activate = status_is(step->result.status, STATUS_ACTIVATED);
    if (step->keep) {
        const struct policy_model model = {{job->features, job->k}, {job->weights, job->k}};
        step->run.id = uuid_v7();
        step->run.posterior = field_present(request->arena, &shape_policy_model, &model);
        step->run.posterior_count = 1;
        step->result.policy_history_id = step->run.id;
    }
    return ERR_OK;
}

enum err calibration_policy(struct request *request)
{
    const struct policy_body *body = request->body;
    const struct history_row *rows = body->history.at;
    const struct field_path root = {.key = "body"}, list = {.up = &root, .key = "history"};
    size_t n = body->history.n;
    struct calibration_call call;
    enum err err = input_environment(request);
    if (err)
        return err;
    input_begin(request, &call, "policy_calibrate", "policy", "history", n);
    call.metric = METRIC_MACHINE_CHOICE;
    call.holdout = INPUT_HOLDOUT;
    call.region = body->region;
    struct arena *scratch = arena_new();
    for (size_t i = 0; i < n; i++) {
        const struct field_path path = {.up = &list, .index = i};
        struct evidence_new *new = &call.rows[call.n++];
        *new = input_row(request, call.source, i);
        new->row.bin = rows[i].klass ? rows[i].klass : "";
        new->row.reference = rows[i].external_ref;
        new->row.choice = policy_choice_text(request->arena, scratch, &rows[i].candidates,
                                             rows[i].chosen_machine_id, request->flaws, &path);
        arena_reset(scratch);
        input_date(new, rows[i].occurred_on);
    }
    arena_free(scratch);
    err = request_flawed(request);
    if (err)
        return err;
    call.result.matched = call.result.ingested = (int64_t)n;
    return calibration_metric(request, &call);
}
