/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to leased tasks: what one writes. */
#include "store_label_queue.h"

#include "store_db.h"

#include <math.h>
#include <string.h>

/* one statement for two rows: half of what a statement costs is not the row */
#define COUNT(counts)                                                                              \
    " SET t.submission_count = t.submission_count + 1, t.counted = t.counted + " counts            \
    ", t.claimed_by_user_id = NULL, t.claimed_by_annotator_account_id = NULL,"                     \
    " t.claimed_at = NULL, t.claim_expires_at = NULL, s.task_id = NULL,"                           \
    " s.n_submissions = s.n_submissions + 1, s.n_changes = s.n_changes + 1"
#define COUNT_VOTE COUNT("1")
#define COUNT_ANSWER                                                                               \
    COUNT("?")                                                                                     \
    ", t.unsure_count = t.unsure_count + ?, s.gold_answered = s.gold_answered + ?,"                \
    " s.gold_correct = s.gold_correct + ?"
/* A vote that its task only counts. The task is locked by what changes it: a lock that began as a
   shared one would meet those who wait for the task. */
static const struct sql vote = {
    "BEGIN NOT ATOMIC IF ? = 1 THEN START TRANSACTION; END IF;"
    " UPDATE labeling_task t FORCE INDEX (labeling_task_id)"
    " JOIN labeling_campaign c FORCE INDEX (PRIMARY) ON c.org_id = t.org_id"
    " AND c.id = t.campaign_id JOIN labeling_seat s FORCE INDEX (PRIMARY)"
    " ON s.org_id = t.org_id AND s.campaign_id = t.campaign_id" COUNT_VOTE
    " WHERE ? = 1 AND t.org_id = ? AND t.id = ? AND s.actor_id = ?"
    " AND c.id = COALESCE(?, c.id) AND c.status = 'open' AND c.adaptive_redundancy = 0"
    " AND t.status = 'open' AND t.is_gold = 0 AND t.counted + 1 < t.n_required"
    " AND t.claim_expires_at > ?"
    " AND COALESCE(t.claimed_by_user_id, t.claimed_by_annotator_account_id) = s.actor_id;"
    " IF ROW_COUNT() > 0 THEN " STORE_LABEL_INSERT
    " SELECT t.org_id, t.campaign_id, ?, t.id, ?, ?, ?, NULL, ?, ?, 0, ?"
    " FROM labeling_task t FORCE INDEX (labeling_task_id) WHERE t.org_id = ? AND t.id = ?;"
    " IF ? = 1 THEN COMMIT; END IF; END IF; END"};
/* where nothing is decided the task stays open, and an open task has no consensus */
static const struct sql answer = {
    "BEGIN NOT ATOMIC UPDATE labeling_task t JOIN labeling_seat s ON s.org_id = t.org_id"
    " AND s.campaign_id = t.campaign_id" COUNT_ANSWER
    ", t.status = COALESCE(?, t.status), t.consensus_verdict = ?, t.consensus_value = ?,"
    " t.agreement = ?, t.confidence = ?, t.resolved_at = ?, s.n_resolved = s.n_resolved + ?"
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.id = ? AND s.actor_id = ?;"
    " IF ROW_COUNT() > 0 THEN " STORE_LABEL_INSERT " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);"
    " IF ? = 1 THEN COMMIT; END IF; END IF; END"};

enum err store_label_vote(struct db *db, const struct store_label_actor *actor,
                          const struct store_label_submission *submission, bool begins, int64_t now,
                          bool *counted)
{
    bool open;
    bool plain = !strcmp(submission->verdict, "confirm") || !strcmp(submission->verdict, "reject");
    const struct db_value org = db_uuid(actor->org), task = db_uuid(submission->task_id),
                          id = db_uuid(actor->id), first = db_bool(begins);
    enum err err = db_block(db, &vote,
                            DB_ARGS(first, db_bool(plain), org, task, id, db_uuid(actor->campaign),
                                    db_time(now), db_uuid(submission->id), id,
                                    db_bool(submission->is_user), db_text(submission->verdict),
                                    db_num(submission->confidence), db_int(submission->duration_ms),
                                    db_time(submission->created_at), org, task, first),
                            begins, &open);
    *counted = !err && db_affected(db) > 0;
    return err;
}

enum err store_label_answer(struct db *db, const struct store_label_actor *actor,
                            const struct store_label_submission *submission,
                            const struct store_label_answered *answered, bool commits, int64_t now)
{
    static const struct store_label_decision none = {.agreement = NAN, .confidence = NAN};
    const struct store_label_decision *decision = answered->decision ? answered->decision : &none;
    bool resolved = decision->status && !strcmp(decision->status, "resolved"), open;
    const struct db_value org = db_uuid(actor->org), campaign = db_uuid(actor->campaign),
                          task = db_uuid(submission->task_id), id = db_uuid(actor->id);
    enum err err = db_block(
        db, &answer,
        DB_ARGS(db_bool(answered->counts), db_bool(answered->unsure), db_bool(answered->judged),
                db_bool(answered->right), db_text(decision->status), db_text(decision->verdict),
                db_text(decision->value.text), db_num(decision->agreement),
                db_num(decision->confidence), db_time(resolved ? now : TIME_NONE),
                db_bool(resolved), org, campaign, task, id, org, campaign, db_uuid(submission->id),
                task, id, db_bool(actor->is_user), db_text(submission->verdict),
                db_text(submission->corrected_value.text), db_num(submission->confidence),
                db_int(submission->duration_ms), db_bool(submission->is_imported),
                db_time(submission->created_at), db_bool(commits)),
        commits, &open);
    return err ? err : db_affected(db) ? ERR_OK : ERR_INTERNAL;
}
