/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks out of the predictions behind calculations, honeypots out of the ground truth. */
#include "api.h"
#include "arena.h"
#include "calc_hash.h"
#include "calc_honeypot.h"
#include "field_present.h"
#include "intern.h"
#include "json_text.h"
#include "label_shapes.h"
#include "labeling.h"
#include "labeling_value.h"
#include "process_plan.h"
#include "store_label_generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALCULATIONS 1000
#define GOLD_SOURCES 20000 /* newest items of ground truth that are looked at */
#define SECRET       32

struct label_generate {
    struct field_list calculation_ids; /* of struct uuid */
    const struct label_campaign_create *campaign;
};

struct label_generated {
    const struct store_label_campaign *campaign;
    int64_t n_candidates, n_eligible, n_honeypots, n_skipped, n_tasks;
};

#define GENERATE(member)  FIELD_OF(struct label_generate, member)
#define GENERATED(member) FIELD_OF(struct label_generated, member)

static const struct field generate_fields[] = {
    {GENERATE(calculation_ids), .kind = FIELD_LIST, .item = FIELD_UUID, .flags = FIELD_REQUIRED,
     FIELD_BETWEEN(1, CALCULATIONS), .help = "Their revisions' predictions are the candidates."},
    {GENERATE(campaign), .kind = FIELD_OBJECT, .shape = &shape_label_campaign_create,
     .help = "Absent: one with the defaults, named after the project. An open campaign that the "
             "same definition made is taken again."},
};

const struct shape shape_label_generate = {.name = "GenerateTasks",
                                           SHAPE_OF(struct label_generate, generate_fields),
                                           .nulls = SHAPE_NO_NULLS};

static const struct field generated_fields[] = {
    {GENERATED(campaign), .kind = FIELD_OBJECT, .shape = &shape_label_campaign},
    {GENERATED(n_candidates), .kind = FIELD_INT, .help = "Predictions of the revisions."},
    {GENERATED(n_eligible), .kind = FIELD_INT,
     .help = "Of these, those that target_kinds and max_confidence let through."},
    {GENERATED(n_honeypots), .kind = FIELD_INT, .help = "Honeypots planted."},
    {GENERATED(n_skipped), .kind = FIELD_INT,
     .help = "Eligible, but asked by a live task or known already."},
    {GENERATED(n_tasks), .kind = FIELD_INT, .help = "Tasks made, without honeypots."},
};

const struct shape shape_label_generated = {.name = "GeneratedTasks",
                                            SHAPE_OF(struct label_generated, generated_fields),
                                            .nulls = SHAPE_NO_NULLS};

/* A prediction that may become a task. */
struct candidate {
    const struct prediction *prediction;
    const struct label_source *source;
    struct store_label_task task; /* the target, as far as the subject needs it */
    uint8_t subject[LABELING_SUBJECT];
    uint64_t rank;
    size_t place;
};

struct generation {
    struct request *request;
    struct store_label_project project;
    struct label_policy policy;
    struct store_label_campaign campaign;
    struct candidate *candidates;
    size_t n;
    struct label_generated counts;
};

struct predictions {
    struct field_list list;
};

static const struct field predictions_fields[] = {
    {FIELD_OF(struct predictions, list), .kind = FIELD_LIST, .item = FIELD_OBJECT,
     FIELD_UP_TO(PLAN_PREDICTIONS), .shape = &shape_prediction},
};
static const struct shape shape_predictions = {.name = "Predictions",
                                               SHAPE_OF(struct predictions, predictions_fields),
                                               .nulls = SHAPE_NO_NULLS};

static bool is_kind(const struct generation *generation, const char *kind)
{
    const struct field_raw *kinds = &generation->project.target_kinds;
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\"", kind);
    return !strchr(kinds->text, '"') || strstr(kinds->text, quoted);
}

static void fill_target(struct arena *arena, const struct candidate *candidate,
                        struct store_label_task *task)
{
    const struct prediction *from = candidate->prediction;
    field_defaults(&shape_label_task, task);
    task->target_kind = from->target_kind;
    task->part_revision_id = candidate->source->revision;
    task->calculation_id = candidate->source->calculation;
    task->feature_id = from->feature_id;
    task->face_uuid = from->face_uuid;
    task->pmi_id = from->pmi_id;
    task->dfm_issue_id = from->dfm_issue_id;
    task->field_name = from->field_name;
    task->field_path = from->field_path;
    task->drawing_bbox = labeling_numbers(arena, &from->drawing_bbox);
    task->position = labeling_numbers(arena, &from->position);
    task->prompt = from->prompt;
    task->predicted_value = from->predicted_value;
    task->predicted_confidence = from->predicted_confidence;
}

/* The predictions of one revision that the project asks about. */
static void add_source(struct generation *generation, const struct label_source *source)
{
    struct request *request = generation->request;
    struct arena *arena = request->arena;
    struct predictions predictions;
    if (!source->predictions.text)
        return;
    char *text = arena_printf(arena, "{\"list\":%s}", source->predictions.text);
    const struct field_raw raw = {text, strlen(text)};
    field_read_stored(arena, &shape_predictions, &predictions, &raw);
    const struct prediction *list = predictions.list.at;
    generation->counts.n_candidates += (int64_t)predictions.list.n;
    for (size_t i = 0; i < predictions.list.n; i++) {
        bool all = !strcmp(generation->policy.strategy, "all");
        if (!is_kind(generation, list[i].target_kind) ||
            (!all && list[i].predicted_confidence > generation->policy.max_confidence))
            continue;
        generation->candidates = store_list_room(arena, generation->candidates, generation->n,
                                                 sizeof *generation->candidates);
        struct candidate *candidate = &generation->candidates[generation->n];
        *candidate =
            (struct candidate){.prediction = &list[i], .source = source, .place = generation->n};
        fill_target(arena, candidate, &candidate->task);
        labeling_subject(&candidate->task, candidate->subject);
        candidate->rank = calc_hash_h64((const char *)candidate->subject, LABELING_SUBJECT);
        generation->n++;
    }
    generation->counts.n_eligible = (int64_t)generation->n;
}

static enum err find_candidates(struct generation *generation, const struct label_generate *body)
{
    struct request *request = generation->request;
    const struct field_path root = {.key = "body"}, list = {.up = &root, .key = "calculation_ids"};
    size_t n = body->calculation_ids.n;
    struct label_source *sources = ARENA_ARRAY(request->arena, n + 1, struct label_source);
    enum err err = store_label_sources(request->db, request->arena, request->caller.org,
                                       body->calculation_ids.at, n, sources);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++)
        if (uuid_is_nil(&sources[i].revision))
            flaw_add(request->flaws, &(struct field_path){.up = &list, .index = i},
                     "unknown_reference", "there is no such calculation");
    err = request_flawed(request);
    for (size_t i = 0; !err && i < n; i++)
        add_source(generation, &sources[i]);
    return err;
}

/* Leaves out what is asked or known, within this call too. */
static enum err skip_known(struct generation *generation)
{
    struct request *request = generation->request;
    struct arena *arena = request->arena;
    size_t n = generation->n, kept = 0;
    uint8_t *subjects = ARENA_ARRAY(arena, n * LABELING_SUBJECT + 1, uint8_t);
    bool *known = ARENA_ARRAY(arena, n + 1, bool);
    struct intern seen;
    for (size_t i = 0; i < n; i++)
        memcpy(subjects + i * LABELING_SUBJECT, generation->candidates[i].subject,
               LABELING_SUBJECT);
    enum err err = store_label_known(request->db, request->caller.org, subjects, n, known);
    if (err)
        return err;
    intern_init(&seen, arena);
    for (size_t i = 0; i < n; i++) {
        uint32_t before = seen.n;
        if (!known[i] && intern_put(&seen, (const char *)generation->candidates[i].subject,
                                    LABELING_SUBJECT) == before)
            generation->candidates[kept++] = generation->candidates[i];
    }
    generation->n = kept;
    generation->counts.n_skipped = (int64_t)(n - kept);
    return ERR_OK;
}

static int compare_uncertain(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    double p = x->prediction->predicted_confidence, q = y->prediction->predicted_confidence;
    if (p != q)
        return p < q ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int compare_random(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static void choose(struct generation *generation)
{
    const struct label_policy *policy = &generation->policy;
    if (generation->n && !strcmp(policy->strategy, "uncertainty"))
        qsort(generation->candidates, generation->n, sizeof *generation->candidates,
              compare_uncertain);
    else if (generation->n && !strcmp(policy->strategy, "random"))
        qsort(generation->candidates, generation->n, sizeof *generation->candidates,
              compare_random);
    if (policy->limit != INT_NONE && generation->n > (size_t)policy->limit)
        generation->n = (size_t)policy->limit;
}

/* The campaign of this definition: an open one, else a new one. */
static enum err find_campaign(struct generation *generation, const struct label_generate *body)
{
    struct request *request = generation->request;
    struct uuid org = request->caller.org;
    struct label_campaign_create usual;
    const struct label_campaign_create *create = body->campaign;
    if (!create) {
        field_defaults(&shape_label_campaign_create, &usual);
        usual.name = generation->project.name;
        create = &usual;
    } else if (!uuid_is_nil(&create->project_id) &&
               !uuid_equal(&create->project_id, &generation->project.id)) {
        request_flaw(request, "campaign", "other_project",
                     "project_id must be the project in the path, or absent");
        return request_flawed(request);
    }
    struct store_label_campaign *campaign = &generation->campaign;
    *campaign = label_campaign_new(request, create, generation->project.id);
    struct uuid known;
    enum err err = store_label_campaign_alike(request->db, org, campaign, &known);
    if (!err)
        return store_label_campaign_get(request->db, request->arena, org, known, STORE_SHARE,
                                        campaign);
    if (err != ERR_NOT_FOUND)
        return err;
    return store_label_campaign_insert(request->db, org, campaign);
}

static void finish_task(struct generation *generation, struct store_label_task *task, size_t i)
{
    struct request *request = generation->request;
    const struct store_label_campaign *campaign = &generation->campaign;
    task->id = uuid_v4();
    task->campaign_id = campaign->id;
    task->status = "open";
    task->n_required = campaign->target_redundancy;
    task->submission_count = task->counted = task->unsure_count = 0;
    task->created_at = request->now + (int64_t)i;
    task->place = campaign->adaptive_redundancy == 1 && task->is_gold != 1
                      ? labeling_place_uncertain(1, task->created_at)
                      : labeling_place_random();
    uint8_t *subject = arena_alloc(request->arena, LABELING_SUBJECT);
    if (labeling_subject(task, subject))
        task->subject = (struct field_raw){(const char *)subject, LABELING_SUBJECT};
}

/* gold_answer of an item: its verdict, or the text of its value. */
static const char *gold_answer(struct arena *arena, const struct store_truth_item *item)
{
    const struct field_raw *value = &item->value;
    if (strcmp(item->verdict, "correct") != 0 || !value->text)
        return item->verdict;
    if (value->len < 2 || value->text[0] != '"')
        return value->text;
    char *text = arena_strndup(arena, value->text + 1, value->len - 2);
    text[json_text_unescape(text, text, value->len - 2)] = 0;
    return text;
}

static void fill_gold(struct arena *arena, const struct store_truth_item *item,
                      struct store_label_task *task)
{
    field_defaults(&shape_label_task, task);
    task->is_gold = 1;
    task->gold_answer = gold_answer(arena, item);
    task->target_kind = item->target_kind;
    task->part_revision_id = item->part_revision_id;
    task->calculation_id = item->calculation_id;
    task->feature_id = item->feature_id;
    task->face_uuid = item->face_uuid;
    task->pmi_id = item->pmi_id;
    task->dfm_issue_id = item->dfm_issue_id;
    task->detail_kind = item->detail_kind;
    task->field_name = item->field_name;
    task->field_path = item->field_path;
    task->drawing_bbox = item->drawing_bbox;
    task->position = item->position;
    task->prompt = item->prompt;
    task->predicted_value = item->predicted_value;
    task->predicted_confidence = item->predicted_confidence;
}

struct ranked {
    const struct store_truth_item *item;
    uint64_t rank;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return uuid_compare(&x->item->task_id, &y->item->task_id);
}

/* Which of the ground truth: by a keyed hash, so that nobody can tell. */
static enum err choose_gold(struct generation *generation, struct ranked **chosen, size_t *n)
{
    struct request *request = generation->request;
    struct store_truth_item *items;
    size_t n_items, n_fit = 0;
    uint64_t count;
    *n = 0;
    if (generation->policy.honeypots != 1 || !generation->n)
        return ERR_OK;
    enum err err =
        store_label_gold_sources(request->db, request->arena, request->caller.org,
                                 generation->campaign.id, GOLD_SOURCES, &items, &n_items);
    if (err)
        return err;
    struct ranked *list = ARENA_ARRAY(request->arena, n_items + 1, struct ranked);
    for (size_t i = 0; i < n_items; i++) {
        char key[SECRET + 2 * sizeof(struct uuid)];
        if (!is_kind(generation, items[i].target_kind))
            continue;
        memcpy(key, request->secret, SECRET);
        memcpy(key + SECRET, generation->campaign.id.b, sizeof(struct uuid));
        memcpy(key + SECRET + sizeof(struct uuid), items[i].task_id.b, sizeof(struct uuid));
        list[n_fit++] = (struct ranked){&items[i], calc_hash_h64(key, sizeof key)};
    }
    qsort(list, n_fit, sizeof *list, compare_ranked);
    if (calc_honeypot_count(generation->campaign.gold_fraction, generation->n, n_fit, &count) !=
        CALC_OK)
        return ERR_INTERNAL;
    *chosen = list;
    *n = (size_t)count;
    return ERR_OK;
}

static enum err make_tasks(struct generation *generation)
{
    struct request *request = generation->request;
    struct uuid org = request->caller.org;
    struct ranked *gold = NULL;
    size_t n_gold, n = generation->n;
    enum err err = choose_gold(generation, &gold, &n_gold);
    if (err || !n)
        return err;
    struct store_label_task *tasks =
        ARENA_ARRAY(request->arena, n + n_gold, struct store_label_task);
    for (size_t i = 0; i < n; i++)
        tasks[i] = generation->candidates[i].task;
    for (size_t i = 0; i < n_gold; i++)
        fill_gold(request->arena, gold[i].item, &tasks[n + i]);
    for (size_t i = 0; i < n + n_gold; i++)
        finish_task(generation, &tasks[i], i);
    generation->counts.n_tasks = (int64_t)n;
    generation->counts.n_honeypots = (int64_t)n_gold;
    const struct store_label_change change = {.tasks = (int64_t)n, .gold_tasks = (int64_t)n_gold};
    err = store_label_task_insert(request->db, request->arena, org, tasks, n + n_gold);
    if (!err)
        err = store_label_campaign_add(request->db, org, generation->campaign.id,
                                       labeling_actor(request), labeling_is_user(request), &change);
    return err ? err : labeling_value_tasks(request, generation->campaign.id, tasks, n + n_gold);
}

enum err label_project_generate(struct request *request)
{
    const struct label_generate *body = request->body;
    struct generation *generation = ARENA_NEW(request->arena, struct generation);
    const struct field_path policy = {.key = "selection_policy"};
    struct uuid org = request->caller.org;
    generation->request = request;
    /* before anything is read: what another call of the project makes is known here */
    enum err err = store_label_project_lock(request->db, org, request->id[0]);
    if (!err)
        err = store_label_project_get(request->db, request->arena, org, request->id[0],
                                      &generation->project);
    if (err)
        return err;
    if (strcmp(generation->project.status, "active") != 0)
        return request_conflict(request, "project_archived", "The project is archived.");
    label_policy_read(&generation->project.selection_policy, &generation->policy, request->flaws,
                      &policy);
    err = request_flawed(request);
    if (!err)
        err = find_candidates(generation, body);
    if (!err)
        err = skip_known(generation);
    if (err)
        return err;
    choose(generation);
    err = find_campaign(generation, body);
    if (!err)
        err = make_tasks(generation);
    struct store_label_campaign campaign;
    if (!err)
        err = store_label_campaign_get(request->db, request->arena, org, generation->campaign.id,
                                       STORE_READ, &campaign);
    generation->counts.campaign = &campaign;
    return err ? err : api_answer(request, &generation->counts);
}
