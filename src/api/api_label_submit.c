/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to labeling tasks: submissions and adjudications. */
#include "api.h"
#include "json_canonical.h"
#include "label_shapes.h"
#include "labeling.h"
#include "labeling_consensus.h"
#include "labeling_gold.h"
#include "labeling_value.h"
#include "store_label_queue.h"
#include "store_truth.h"

#include <string.h>

static enum err refuse_answered(struct request *request)
{
    return request_conflict(request, "already_submitted",
                            "This annotator has answered the task already.");
}

/* Why the caller may not answer the task now; ERR_OK: it may. */
static enum err check_lease(struct request *request, const struct store_label_task *task)
{
    const struct uuid actor = labeling_actor(request);
    const struct uuid *holder = labeling_is_user(request) ? &task->claimed_by_user_id
                                                          : &task->claimed_by_annotator_account_id;
    bool mine = uuid_equal(holder, &actor), answered;
    if (mine && task->claim_expires_at > request->now && !strcmp(task->status, "open"))
        return ERR_OK;
    enum err err = store_label_submission_exists(request->db, request->caller.org,
                                                 task->campaign_id, task->id, actor, &answered);
    if (err)
        return err;
    if (answered)
        return refuse_answered(request);
    if (strcmp(task->status, "open") != 0)
        return request_conflict(request, "task_decided", "The task is %s.", task->status);
    if (mine)
        return request_conflict(request, "lease_expired",
                                "The lease has expired; take the next task.");
    return request_conflict(request, "no_lease", "The task is not leased by this annotator.");
}

/* Stores one more answer and what it decides. */
static enum err conclude(struct request *request, const struct store_label_actor *actor,
                         struct store_label_question *question,
                         const struct store_label_submission *submission)
{
    const struct label_answer *said = request->body;
    const struct store_label_campaign *campaign = &question->campaign;
    struct store_label_task *task = &question->task;
    bool gold = task->is_gold == 1, unsure = !strcmp(said->verdict, "unsure"), decided = false;
    bool judged; /* by which the values of the task became known */
    struct store_label_decision decision;
    struct store_label_tallies tallies;
    struct store_label_answered answered = {
        /* unsure counts toward n_required only once */
        .counts = !unsure || task->unsure_count == 0,
        .unsure = unsure,
        .judged = gold && !unsure,
    };
    enum err err = ERR_OK;
    task->counted += answered.counts;
    if (answered.judged)
        answered.right = labeling_gold_right(task->gold_answer, said->verdict,
                                             &task->predicted_value, &said->corrected_value);
    judged = !gold && (campaign->adaptive_redundancy == 1 || task->counted >= task->n_required);
    if (judged)
        err = labeling_decide(request, campaign, task, submission, question->blocked, &decision,
                              &decided);
    else
        err = labeling_value_said(request, campaign->id, &said->corrected_value);
    if (decided)
        answered.decision = &decision;
    if (!err)
        err = store_label_answer(request->db, request->arena, actor, submission, &answered,
                                 !request->keyed && !answered.judged, request->now, &tallies);
    return !err && answered.judged ? labeling_gold_judge(request, actor, &tallies) : err;
}

/* The answer is more than a vote that its task counts, or may not be given. */
static enum err check_and_conclude(struct request *request, struct store_label_actor actor,
                                   struct store_label_question *question,
                                   const struct store_label_submission *submission)
{
    const struct caller *caller = &request->caller;
    const struct store_label_campaign *campaign = &question->campaign;
    if (!uuid_is_nil(&caller->session) && !uuid_equal(&caller->campaign, &campaign->id))
        return ERR_NOT_FOUND;
    enum err err = labeling_check_open(request, campaign);
    if (!err)
        err = check_lease(request, &question->task);
    actor.campaign = campaign->id;
    return err ? err : conclude(request, &actor, question, submission);
}

enum err label_task_submit(struct request *request)
{
    const struct caller *caller = &request->caller;
    const struct label_answer *answer = request->body;
    const struct store_label_actor actor = {caller->org, caller->campaign, labeling_actor(request),
                                            labeling_is_user(request)};
    const struct store_label_submission submission = {
        .task_id = request->id[0],
        .annotator_id = actor.id,
        .id = uuid_v7(),
        .is_user = actor.is_user,
        .verdict = answer->verdict,
        .corrected_value = answer->corrected_value,
        .confidence = answer->confidence,
        .duration_ms = answer->duration_ms,
        .is_imported = 0,
        .created_at = request->now,
    };
    struct store_label_question question;
    bool counted;
    enum err err = store_label_vote(request->db, request->arena, &actor, &submission,
                                    !request->keyed, request->now, &counted, &question);
    if (!err && !counted)
        err = check_and_conclude(request, actor, &question, &submission);
    /* the lease alone does not tell: an import may have brought the annotator's answer meanwhile */
    if (err == ERR_DUPLICATE)
        return refuse_answered(request);
    return err ? err : api_answer(request, &submission);
}

/* The value an answer stands for; none for reject and unsure. */
static const struct field_raw *value_of(const char *verdict, const struct field_raw *predicted,
                                        const struct field_raw *corrected)
{
    static const struct field_raw none;
    return !strcmp(verdict, "confirm")   ? predicted
           : !strcmp(verdict, "correct") ? corrected
                                         : &none;
}

/* Share of the answers, unsure ones left out, that say what the adjudication says. */
static enum err agreement(struct request *request, const struct store_label_task *task,
                          const char *verdict, const struct field_raw *value, double *share)
{
    struct store_label_submission *list;
    size_t n, equal = 0, said = 0;
    enum err err = store_label_submission_of_task(request->db, request->arena, request->caller.org,
                                                  task->campaign_id, task->id, &list, &n);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(list[i].verdict, "unsure"))
            continue;
        said++;
        equal += value->text ? json_same(value, value_of(list[i].verdict, &task->predicted_value,
                                                         &list[i].corrected_value))
                             : !strcmp(list[i].verdict, verdict);
    }
    *share = said ? (double)equal / (double)said : NAN;
    return ERR_OK;
}

enum err label_task_adjudicate(struct request *request)
{
    const struct label_answer *answer = request->body;
    const struct uuid org = request->caller.org;
    struct store_label_campaign campaign;
    struct store_label_task task;
    enum err err =
        store_label_task_get(request->db, request->arena, org, request->id[0], STORE_UPDATE, &task);
    /* a promotion under way has read what was decided before: it is waited for */
    if (!err)
        err = store_label_campaign_get(request->db, request->arena, org, task.campaign_id,
                                       STORE_SHARE, &campaign);
    if (err)
        return err;
    if (task.is_gold == 1)
        return request_conflict(request, "gold_task", "The answer of a honeypot is known.");
    if (!strcmp(task.status, "adjudicated"))
        return request_conflict(request, "already_adjudicated",
                                "The task has been adjudicated; that is final.");
    struct store_label_decision decision = {
        .task = task.id,
        .status = "adjudicated",
        .verdict = answer->verdict,
        .value = *value_of(answer->verdict, &task.predicted_value, &answer->corrected_value),
        .confidence = NAN,
    };
    const struct store_label_change change = {.resolved = strcmp(task.status, "resolved") != 0};
    err = store_label_campaign_add(request->db, org, task.campaign_id, labeling_actor(request),
                                   labeling_is_user(request), &change);
    if (!err)
        err = agreement(request, &task, answer->verdict, &decision.value, &decision.agreement);
    if (!err)
        err = store_label_task_decide(request->db, org, task.campaign_id, &decision, request->now);
    if (!err)
        err = store_truth_follow_task(request->db, org, task.id);
    if (!err)
        err = labeling_value_said(request, task.campaign_id, &answer->corrected_value);
    if (!err)
        err = store_label_task_get(request->db, request->arena, org, task.id, STORE_READ, &task);
    return err ? err : api_answer(request, &task);
}
