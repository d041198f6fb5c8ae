/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions about tasks, and who is blocked. */
#include "labeling_consensus.h"

#include "arena.h"
#include "calc_redundancy.h"
#include "labeling.h"
#include "labeling_decision.h"
#include "store_label_campaign.h"
#include "store_label_queue.h"
#include "store_truth.h"

#include <string.h>

static bool is_resolved(enum label_status status)
{
    return status == LABEL_RESOLVED || status == LABEL_ADJUDICATED;
}

/* Annotators of the set that a seat blocks. */
static enum err find_blocked(struct request *request, struct uuid campaign,
                             const struct labeling_set *set, uint8_t *blocked)
{
    struct label_seat *seats;
    size_t n;
    enum err err = store_label_seat_blocked(request->db, request->arena, request->caller.org,
                                            campaign, &seats, &n);
    for (size_t i = 0; !err && i < n; i++)
        for (uint32_t j = 0; j < set->n_annotators; j++)
            if (uuid_equal(&seats[i].actor, &set->data->annotators[set->annotator[j]]))
                blocked[j] = 1;
    return err;
}

/* What becomes of each task: a decision, or a new place in the queue, or nothing. */
struct outcome {
    struct store_label_decision *decisions;
    struct store_label_place *moved;
    size_t n, n_moved;
    int64_t resolved;
};

static void judge_due(const struct store_label_campaign *campaign,
                      const struct labeling_judge *judge, uint32_t u, struct outcome *outcome)
{
    const struct label_task *task = &judge->set->data->tasks[judge->set->task[u]];
    struct store_label_decision decision;
    struct calc_vote_decision vote;
    double entropy;
    bool adaptive = campaign->adaptive_redundancy == 1;
    if (task->is_gold || task->status == LABEL_ADJUDICATED)
        return;
    labeling_judge_task(judge, u, &decision, &vote, &entropy);
    if (task->status == LABEL_OPEN &&
        calc_redundancy_open(adaptive, (uint32_t)task->counted, (uint32_t)task->n_required,
                             vote.n_votes, vote.confidence)) {
        if (adaptive)
            outcome->moved[outcome->n_moved++] = (struct store_label_place){
                .id = task->id, .place = labeling_place_uncertain(entropy, task->created_at)};
        return;
    }
    outcome->resolved += !strcmp(decision.status, "resolved") - is_resolved(task->status);
    outcome->decisions[outcome->n++] = decision;
}

/* A task that is due though everybody was unsure. */
static bool is_mute(const struct store_label_campaign *campaign, const struct label_task *task)
{
    return !task->is_gold && task->status == LABEL_OPEN &&
           !calc_redundancy_open(campaign->adaptive_redundancy == 1, (uint32_t)task->counted,
                                 (uint32_t)task->n_required, 0, 0);
}

static void decide_mute(const struct store_label_campaign *campaign, const struct labeling_set *set,
                        struct outcome *outcome)
{
    const struct label_data *data = set->data;
    uint32_t u = 0;
    for (uint32_t i = 0; i < data->n_tasks; i++) {
        if (u < set->n_tasks && set->task[u] == i) {
            u++;
            continue;
        }
        if (is_mute(campaign, &data->tasks[i]))
            outcome->decisions[outcome->n++] =
                (struct store_label_decision){.task = data->tasks[i].id,
                                              .status = "needs_adjudication",
                                              .agreement = NAN,
                                              .confidence = NAN};
    }
}

/* The judge between two fits: the mode is that of the whole campaign, weights are those of the last
   fit, where that was of the same mode. */
static enum err judge_new(struct request *request, const struct store_label_campaign *campaign,
                          struct label_data *data, const struct field_raw *fit,
                          const struct label_digests *known, struct labeling_judge *judge)
{
    struct arena *arena = request->arena;
    struct labeling_set *set = ARENA_NEW(arena, struct labeling_set);
    struct labeling_weights *weights = ARENA_NEW(arena, struct labeling_weights);
    bool verdicts_only;
    enum err err = labeling_value_join(request, campaign->id, known, &data->values, &verdicts_only);
    if (err)
        return err;
    if (!labeling_weights_unpack(arena, fit, weights))
        weights = NULL;
    labeling_set_build(arena, data, verdicts_only, set);
    uint8_t *blocked = ARENA_ARRAY(arena, (size_t)set->n_annotators + 1, uint8_t);
    if (data->blocked)
        for (uint32_t j = 0; j < set->n_annotators; j++)
            blocked[j] = data->blocked[set->annotator[j]];
    else
        err = find_blocked(request, campaign->id, set, blocked);
    if (!err)
        *judge = labeling_judge_weights(arena, set, blocked, campaign->consensus_method, weights);
    return err;
}

static enum err judge_all_due(struct request *request, const struct store_label_campaign *campaign,
                              const struct labeling_judge *judge, struct outcome *outcome)
{
    outcome->moved =
        ARENA_ARRAY(request->arena, (size_t)judge->set->n_tasks + 1, struct store_label_place);
    for (uint32_t u = 0; u < judge->set->n_tasks; u++)
        judge_due(campaign, judge, u, outcome);
    decide_mute(campaign, judge->set, outcome);
    return store_label_task_move(request->db, request->caller.org, campaign->id, outcome->moved,
                                 outcome->n_moved);
}

/* Tasks, and what was promoted of them before. */
static enum err decide(struct request *request, const struct store_label_campaign *campaign,
                       const struct outcome *outcome)
{
    struct uuid org = request->caller.org;
    if (!outcome->n) /* to follow locks all that was promoted: others would wait for nothing */
        return ERR_OK;
    enum err err = store_label_data_decide(request->db, org, campaign->id, outcome->decisions,
                                           outcome->n, request->now);
    return err ? err : store_truth_follow(request->db, org, campaign->id);
}

enum err labeling_decide_tasks(struct request *request, const struct store_label_campaign *campaign,
                               const struct uuid *tasks, size_t n, int64_t *resolved)
{
    struct arena *arena = request->arena;
    struct uuid org = request->caller.org;
    struct label_data data;
    struct field_raw fit;
    struct label_digests known;
    struct labeling_judge judge;
    *resolved = 0;
    enum err err = store_label_data_lock(request->db, arena, org, campaign->id, tasks, n, &data);
    if (!err)
        err = store_label_model_weights(request->db, arena, org, campaign->id, &fit);
    if (!err)
        err = store_label_value_list(request->db, arena, org, campaign->id, &known);
    if (!err)
        err = judge_new(request, campaign, &data, &fit, &known, &judge);
    if (err)
        return err;
    struct outcome outcome = {
        .decisions = ARENA_ARRAY(arena, data.n_tasks + 1, struct store_label_decision)};
    err = judge_all_due(request, campaign, &judge, &outcome);
    *resolved = outcome.resolved;
    return err ? err : decide(request, campaign, &outcome);
}

enum err labeling_decide(struct request *request, const struct store_label_campaign *campaign,
                         const struct store_label_task *task,
                         const struct store_label_submission *submission, bool blocked,
                         struct store_label_decision *decision, bool *decided)
{
    struct arena *arena = request->arena;
    struct uuid org = request->caller.org;
    struct label_data data;
    struct field_raw fit = {NULL, 0};
    bool fitted;
    struct label_digests known;
    struct labeling_judge judge;
    struct outcome outcome = {.decisions = decision};
    enum err err = store_label_data_task(request->db, arena, org, task, submission, blocked, &data,
                                         &fitted, &known);
    if (!err && fitted)
        err = store_label_model_weights(request->db, arena, org, campaign->id, &fit);
    if (!err)
        err = judge_new(request, campaign, &data, &fit, &known, &judge);
    if (!err)
        err = judge_all_due(request, campaign, &judge, &outcome);
    *decided = outcome.n == 1;
    return err;
}

enum err labeling_decide_all(struct request *request, const struct store_label_campaign *campaign,
                             const struct labeling_fit *fit, int64_t *resolved)
{
    const struct labeling_set *set = &fit->set;
    struct labeling_judge judge =
        labeling_judge_fit(request->arena, fit, campaign->consensus_method);
    struct outcome outcome = {.decisions = ARENA_ARRAY(request->arena, fit->data.n_tasks + 1,
                                                       struct store_label_decision)};
    for (uint32_t u = 0; u < set->n_tasks; u++) {
        const struct label_task *task = &fit->data.tasks[set->task[u]];
        struct calc_vote_decision vote;
        double entropy;
        if (task->is_gold || task->status == LABEL_ADJUDICATED)
            continue;
        struct store_label_decision *decision = &outcome.decisions[outcome.n++];
        labeling_judge_task(&judge, u, decision, &vote, &entropy);
        outcome.resolved += !strcmp(decision->status, "resolved") - is_resolved(task->status);
    }
    *resolved = outcome.resolved;
    return decide(request, campaign, &outcome);
}

enum err labeling_block(struct request *request, struct uuid campaign,
                        const struct labeling_fit *fit)
{
    const struct labeling_set *set = &fit->set;
    struct uuid org = request->caller.org;
    struct label_seat *seats;
    size_t n;
    bool *seen = ARENA_ARRAY(request->arena, (size_t)set->n_annotators + 1, bool);
    enum err err = store_label_seat_blocked(request->db, request->arena, org, campaign, &seats, &n);
    for (size_t i = 0; !err && i < n; i++) {
        uint32_t j = 0;
        while (j < set->n_annotators &&
               !uuid_equal(&seats[i].actor, &fit->data.annotators[set->annotator[j]]))
            j++;
        if (j < set->n_annotators && fit->blocked[j])
            seen[j] = true;
        else
            err = store_label_seat_block(request->db, org, campaign, seats[i].actor,
                                         j < set->n_annotators ? fit->tally[j].gold : 0, TIME_NONE);
    }
    for (uint32_t j = 0; !err && j < set->n_annotators; j++)
        if (fit->blocked[j] && !seen[j])
            err = store_label_seat_block(request->db, org, campaign,
                                         fit->data.annotators[set->annotator[j]],
                                         fit->tally[j].gold, request->now);
    return err;
}
