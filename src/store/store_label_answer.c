/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to leased tasks: what one writes. */
#include "store_label_queue.h"

#include "store_db.h"

#include <math.h>
#include <string.h>

#define UNLEASE                                                                                    \
    " t.claimed_by_user_id = NULL, t.claimed_by_annotator_account_id = NULL, t.claimed_at = NULL," \
    " t.claim_expires_at = NULL, t.submission_count = t.submission_count + 1"
#define IF_COUNTED                                                                                 \
    " IF ROW_COUNT() > 0 THEN UPDATE labeling_seat SET task_id = NULL,"                            \
    " n_submissions = n_submissions + 1, n_changes = n_changes + 1"
#define TALLIES                                                                                    \
    "SELECT actor_id, gold_answered, gold_correct FROM labeling_seat"                              \
    " WHERE org_id = ? AND campaign_id = ? AND n_submissions > 0 ORDER BY actor_id"
static const struct sql select_tallies = {TALLIES};
/* A vote that its task only counts. The task is locked by what changes it: a lock that began as a
   shared one would meet those who wait for the task. Its campaign, which not every caller knows, is
   remembered: statements that change one row each cost less than one that changes two. */
static const struct sql vote = {
    "BEGIN NOT ATOMIC IF ? = 1 THEN START TRANSACTION; END IF;"
    " UPDATE labeling_task t FORCE INDEX (labeling_task_id)"
    " JOIN labeling_campaign c FORCE INDEX (PRIMARY) ON c.org_id = t.org_id"
    " AND c.id = t.campaign_id SET" UNLEASE ", t.counted = t.counted + 1"
    " WHERE ? = 1 AND t.org_id = ? AND t.id = ?"
    " AND c.id = COALESCE(?, c.id) AND c.status = 'open' AND c.adaptive_redundancy = 0"
    " AND t.status = 'open' AND t.is_gold = 0 AND t.counted + 1 < t.n_required"
    " AND t.claim_expires_at > ?"
    " AND COALESCE(t.claimed_by_user_id, t.claimed_by_annotator_account_id) = ?"
    " AND LENGTH(@campaign := t.campaign_id) > 0;" IF_COUNTED
    " WHERE org_id = ? AND campaign_id = @campaign AND actor_id = ?; " STORE_LABEL_INSERT
    " VALUES (?, @campaign, ?, ?, ?, ?, ?, NULL, ?, ?, 0, ?);"
    " IF ? = 1 THEN COMMIT; END IF; ELSE"
    " SELECT " STORE_LABEL_ANSWERED ", c.status, c.consensus_method, c.adaptive_redundancy,"
    " s.blocked_at IS NOT NULL FROM labeling_task t"
    " JOIN labeling_campaign c ON c.org_id = t.org_id AND c.id = t.campaign_id"
    " LEFT JOIN labeling_seat s ON s.org_id = t.org_id AND s.campaign_id = t.campaign_id"
    " AND s.actor_id = ? WHERE t.org_id = ? AND t.id = ? LOCK IN SHARE MODE; END IF; END"};
/* where nothing is decided the task stays open, and an open task has no consensus */
static const struct sql answer = {
    "BEGIN NOT ATOMIC UPDATE labeling_task t SET" UNLEASE ", t.counted = t.counted + ?,"
    " t.unsure_count = t.unsure_count + ?, t.status = COALESCE(?, t.status),"
    " t.consensus_verdict = ?, t.consensus_value = ?, t.agreement = ?, t.confidence = ?,"
    " t.resolved_at = ? WHERE t.org_id = ? AND t.campaign_id = ? AND t.id = ?;" IF_COUNTED
    ", gold_answered = gold_answered + ?, gold_correct = gold_correct + ?,"
    " n_resolved = n_resolved + ? WHERE org_id = ? AND campaign_id = ?"
    " AND actor_id = ?; " STORE_LABEL_INSERT " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);"
    " IF ? = 1 THEN COMMIT; END IF; IF ? = 1 THEN " TALLIES "; END IF; END IF; END"};

static enum err read_question(struct db_rows *rows, struct arena *arena,
                              struct store_label_question *question)
{
    unsigned next = db_get_shape(rows, 0, &shape_label_task_answered, &question->task, arena);
    question->campaign = (struct store_label_campaign){
        .id = question->task.campaign_id,
        .status = db_copy_text(rows, next, arena),
        .consensus_method = db_copy_text(rows, next + 1, arena),
        .adaptive_redundancy = db_get_int(rows, next + 2) == 1,
    };
    question->blocked = db_get_int(rows, next + 3) == 1;
    return db_end(rows);
}

enum err store_label_vote(struct db *db, struct arena *arena, const struct store_label_actor *actor,
                          const struct store_label_submission *submission, bool begins, int64_t now,
                          bool *counted, struct store_label_question *question)
{
    struct db_rows *rows;
    bool plain = !strcmp(submission->verdict, "confirm") || !strcmp(submission->verdict, "reject");
    const struct db_value org = db_uuid(actor->org), task = db_uuid(submission->task_id),
                          id = db_uuid(actor->id), first = db_bool(begins);
    enum err err = db_block(db, &rows, &vote,
                            DB_ARGS(first, db_bool(plain), org, task, db_uuid(actor->campaign),
                                    db_time(now), id, org, id, org, db_uuid(submission->id), task,
                                    id, db_bool(submission->is_user), db_text(submission->verdict),
                                    db_num(submission->confidence), db_int(submission->duration_ms),
                                    db_time(submission->created_at), first, id, org, task),
                            begins);
    *counted = !err && db_affected(db) > 0;
    if (!err && !*counted)
        err = db_one(rows);
    return err || *counted ? err : read_question(rows, arena, question);
}

static enum err read_tallies(struct db_rows *rows, struct arena *arena,
                             struct store_label_tallies *tallies)
{
    struct store_label_tally *items = NULL;
    size_t n = 0;
    while (db_next(rows)) {
        items = store_list_room(arena, items, n, sizeof *items);
        items[n++] = (struct store_label_tally){db_get_uuid(rows, 0), db_get_int(rows, 1),
                                                db_get_int(rows, 2)};
    }
    *tallies = (struct store_label_tallies){items, n};
    return db_end(rows);
}

enum err store_label_tallies_get(struct db *db, struct arena *arena, struct uuid org,
                                 struct uuid campaign, struct store_label_tallies *tallies)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, &select_tallies, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    return err ? err : read_tallies(rows, arena, tallies);
}

enum err store_label_answer(struct db *db, struct arena *arena,
                            const struct store_label_actor *actor,
                            const struct store_label_submission *submission,
                            const struct store_label_answered *answered, bool commits, int64_t now,
                            struct store_label_tallies *tallies)
{
    static const struct store_label_decision none = {.agreement = NAN, .confidence = NAN};
    const struct store_label_decision *decision = answered->decision ? answered->decision : &none;
    bool resolved = decision->status && !strcmp(decision->status, "resolved");
    struct db_rows *rows;
    const struct db_value org = db_uuid(actor->org), campaign = db_uuid(actor->campaign),
                          task = db_uuid(submission->task_id), id = db_uuid(actor->id);
    enum err err = db_block(
        db, &rows, &answer,
        DB_ARGS(db_bool(answered->counts), db_bool(answered->unsure), db_text(decision->status),
                db_text(decision->verdict), db_text(decision->value.text),
                db_num(decision->agreement), db_num(decision->confidence),
                db_time(resolved ? now : TIME_NONE), org, campaign, task, db_bool(answered->judged),
                db_bool(answered->right), db_bool(resolved), org, campaign, id, org, campaign,
                db_uuid(submission->id), task, id, db_bool(actor->is_user),
                db_text(submission->verdict), db_text(submission->corrected_value.text),
                db_num(submission->confidence), db_int(submission->duration_ms),
                db_bool(submission->is_imported), db_time(submission->created_at), db_bool(commits),
                db_bool(answered->judged), org, campaign),
        commits);
    if (err)
        return err;
    if (!answered->judged)
        return db_affected(db) ? ERR_OK : ERR_INTERNAL;
    err = read_tallies(rows, arena, tallies);
    return err ? err : tallies->n ? ERR_OK : ERR_INTERNAL;
}
