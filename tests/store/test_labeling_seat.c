/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_labeling_seat.c: what is written in one round trip, and when it must not be */
#include "labeling_test.h"

#include "store_label_data.h"
#include "store_label_import.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A task is taken unseen only where any free task would do: every reason to look is one, whether
   somebody had answered it (asked) or not when it was listed. */
static void test_take_next(void)
{
    static const struct sql due = {"UPDATE labeling_seat SET gold_next = 9 WHERE actor_id = ?"},
                            counts = {"SELECT n_served * 100 + turn FROM labeling_seat"
                                      " WHERE actor_id = ?"};
    static const struct {
        const char *reason;
        struct sql set, reset;
        bool of_task;
        int only; /* 1: not asked, 2: asked */
    } reasons[] = {
        {"campaign closed",
         {"UPDATE labeling_campaign SET status = 'closed' WHERE id = ?"},
         {"UPDATE labeling_campaign SET status = 'open' WHERE id = ?"},
         false,
         0},
#define SEAT(what, back)                                                                           \
    {"UPDATE labeling_seat SET " what " WHERE campaign_id = ?"},                                   \
        {"UPDATE labeling_seat SET " back " WHERE campaign_id = ?"}, false, 0
        {"honeypot due", SEAT("gold_next = n_served", "gold_next = 9")},
        {"task held", SEAT("task_id = campaign_id", "task_id = NULL")},
        {"task let go of before", SEAT("has_lapsed = 1", "has_lapsed = 0")},
        {"sweeping", SEAT("sweep_from = 5", "sweep_from = NULL")},
        {"blocked", SEAT("blocked_at = NOW()", "blocked_at = NULL")},
#define TASK(what, back)                                                                           \
    {"UPDATE labeling_task SET " what " WHERE id = ?"},                                            \
        {"UPDATE labeling_task SET " back " WHERE id = ?"}, true, 0
        {"decided", TASK("status = 'resolved'", "status = 'open'")},
        {"a honeypot", TASK("is_gold = 1", "is_gold = 0")},
        {"leased", TASK("claim_expires_at = '2100-01-01'", "claim_expires_at = NULL")},
        {"answered",
         {"INSERT INTO labeling_submission (org_id, campaign_id, task_id, annotator_id, id,"
          " is_user, verdict, is_imported, created_at) SELECT s.org_id, s.campaign_id, t.id,"
          " s.actor_id, t.id, 1, 'confirm', 0, NOW() FROM labeling_task t JOIN labeling_seat s"
          " ON s.campaign_id = t.campaign_id AND s.gold_next = 9 WHERE t.id = ?"},
         {"DELETE FROM labeling_submission WHERE task_id = ?"},
         true,
         2},
        {"answered since",
         {"UPDATE labeling_task SET submission_count = 1 WHERE id = ?"},
         {"UPDATE labeling_task SET submission_count = 0 WHERE id = ?"},
         true,
         1},
    };
    for (int asked = 0; asked < 2; asked++) {
        struct uuid campaign = campaign_new(0.5, false);
        const struct store_label_actor ann = annotator(campaign), stranger = annotator(campaign);
        struct store_label_task *task = tasks_new(campaign, 1, false);
        struct db_rows *rows;
        task->submission_count = asked;
        OK(store_label_seat_make(db, &ann));
        IS(store_label_take_next(db, &ann, task, now, now + LEASE), ERR_NOT_FOUND);
        OK(db_run(db, &due, DB_ARGS(db_uuid(ann.id))));
        for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
            const struct db_value which = db_uuid(reasons[i].of_task ? task->id : campaign);
            if (reasons[i].only && reasons[i].only != asked + 1)
                continue;
            OK(db_run(db, &reasons[i].set, DB_ARGS(which)));
            CU_ASSERT(db_affected(db) > 0);
            if (store_label_take_next(db, &ann, task, now, now + LEASE) != ERR_NOT_FOUND)
                CU_FAIL(reasons[i].reason);
            OK(db_run(db, &reasons[i].reset, DB_ARGS(which)));
        }
        IS(store_label_take_next(db, &stranger, task, now, now + LEASE), ERR_NOT_FOUND);
        OK(store_label_take_next(db, &ann, task, now, now + LEASE));
        IS(store_label_take_next(db, &ann, task, now, now + LEASE), ERR_NOT_FOUND);
        OK(db_query_one(db, &rows, &counts, DB_ARGS(db_uuid(ann.id))));
        IS(db_get_int(rows, 0), 101);
        OK(db_end(rows));
        struct offer held = offered(&ann);
        CU_ASSERT(uuid_equal(&held.task.id, &task->id));
    }
}

struct importing {
    struct store_label_actor actor;
    struct store_label_task *task;
    pid_t child;
};

/* An import that holds the task; meanwhile another worker takes it for who is being imported. */
static enum err import_answer(void *context)
{
    static const struct sql lock = {"SELECT 1 FROM labeling_task WHERE id = ? FOR UPDATE"},
                            count = {"UPDATE labeling_task SET submission_count ="
                                     " submission_count + 1 WHERE id = ?"};
    static const struct timespec blocked = {0, 300000000};
    struct importing *importing = context;
    const struct db_value task = db_uuid(importing->task->id);
    const struct store_label_submission answer = confirm(&importing->actor, importing->task->id);
    struct db_rows *rows;
    OK(db_query_one(db, &rows, &lock, DB_ARGS(task)));
    OK(db_end(rows));
    importing->child = fork();
    if (!importing->child) {
        struct db *own = labeling_db();
        _exit(
            (int)store_label_take_next(own, &importing->actor, importing->task, now, now + LEASE));
    }
    nanosleep(&blocked, NULL);
    OK(store_label_import_insert(db, org.id, importing->actor.campaign, &answer, 1));
    OK(db_run(db, &count, DB_ARGS(task)));
    return ERR_OK;
}

/* What an import answers in the moment of the taking is not taken by who has answered it. */
static void test_take_imported(void)
{
    static const struct sql due = {"UPDATE labeling_seat SET gold_next = 9 WHERE actor_id = ?"},
                            count = {"UPDATE labeling_task SET submission_count = 1 WHERE id = ?"};
    struct uuid campaign = campaign_new(0, false);
    struct importing importing = {annotator(campaign), tasks_new(campaign, 1, false), 0};
    int status = 0;
    bool unknown;
    OK(store_label_seat_make(db, &importing.actor));
    OK(db_run(db, &due, DB_ARGS(db_uuid(importing.actor.id))));
    OK(db_run(db, &count, DB_ARGS(db_uuid(importing.task->id))));
    importing.task->submission_count = 1;
    OK(db_transact(db, import_answer, &importing, &unknown));
    while (waitpid(importing.child, &status, 0) < 0 && errno == EINTR)
        continue;
    CU_ASSERT(WIFEXITED(status));
    IS(WEXITSTATUS(status), ERR_NOT_FOUND);
}

/* Nothing is leased of a campaign that was closed since it was looked at. */
static void test_closed(void)
{
    static const struct sql state = {"UPDATE labeling_campaign SET status = ? WHERE id = ?"};
    struct uuid campaign = campaign_new(0.5, false);
    const struct store_label_actor ann = annotator(campaign);
    const struct store_label_place normal = {.id = tasks_new(campaign, 1, false)->id},
                                   gold = {.id = tasks_new(campaign, 1, true)->id};
    struct store_label_seat seat;
    struct store_label_task task;
    OK(store_label_seat_make(db, &ann));
    OK(store_label_seat_get(db, arena, &ann, &seat));
    OK(db_run(db, &state, DB_ARGS(db_text("closed"), db_uuid(campaign))));
    IS(store_label_lease(db, &ann, normal.id, now, now + LEASE), ERR_NOT_FOUND);
    IS(store_label_take(db, &ann, &seat, &normal, now, now + LEASE, arena, NULL), ERR_NOT_FOUND);
    IS(store_label_take(db, &ann, &seat, &gold, now, now + LEASE, arena, &task), ERR_NOT_FOUND);
    OK(db_run(db, &state, DB_ARGS(db_text("open"), db_uuid(campaign))));
    OK(store_label_take(db, &ann, &seat, &gold, now, now + LEASE, arena, &task));
    OK(store_label_lease(db, &ann, normal.id, now, now + LEASE));
}

struct blocking {
    struct store_label_actor actor;
    struct store_label_place place;
};

static enum err take_blocked(void *context)
{
    static const struct sql lock = {"SELECT 1 FROM labeling_pending WHERE task_id = ? FOR UPDATE"};
    const struct blocking *blocking = context;
    struct store_label_seat seat;
    struct store_label_task task;
    struct db_rows *rows;
    OK(db_query_one(other, &rows, &lock, DB_ARGS(db_uuid(blocking->place.id))));
    OK(db_end(rows));
    OK(store_label_seat_get(db, arena, &blocking->actor, &seat));
    IS(store_label_take(db, &blocking->actor, &seat, &blocking->place, now, now + LEASE, arena,
                        &task),
       ERR_RETRY);
    return ERR_OK;
}

/* What fails in the middle of a block is not left open: others see what it wrote. */
static void test_take_gold_fails(void)
{
    struct uuid campaign = campaign_new(0.5, false);
    struct blocking blocking = {annotator(campaign), {.id = tasks_new(campaign, 1, true)->id}};
    struct store_label_seat seat;
    bool unknown;
    OK(store_label_seat_make(db, &blocking.actor));
    OK(store_label_pending_add(db, &blocking.actor, true, &blocking.place, 1));
    OK(db_transact(other, take_blocked, &blocking, &unknown));
    OK(store_label_seat_get(other, arena, &blocking.actor, &seat));
    CU_ASSERT(uuid_equal(&seat.task_id, &blocking.place.id));
}

/* A vote counts by the lease alone, once, and what does more than count is left. */
static void test_vote(void)
{
    static const struct sql two = {"UPDATE labeling_task SET n_required = 2 WHERE id = ?"};
    static const struct sql state = {"UPDATE labeling_campaign SET status = ? WHERE id = ?"};
    static const struct sql counts = {
        "SELECT t.submission_count * 1000 + t.counted * 100 + (SELECT COUNT(*) FROM"
        " labeling_submission m WHERE m.task_id = t.id) * 10 + (SELECT SUM(n_submissions) FROM"
        " labeling_seat s WHERE s.campaign_id = t.campaign_id) FROM labeling_task t WHERE t.id = "
        "?"};
    for (int begins = 0; begins < 2; begins++) {
        struct uuid campaign = campaign_new(0, false);
        struct uuid task = tasks_new(campaign, 1, false)->id;
        struct store_label_actor a = annotator(campaign), b = annotator(campaign), elsewhere = a,
                                 anywhere = a;
        struct db_rows *rows;
        anywhere.campaign = (struct uuid){{0}};
        elsewhere.campaign = campaign_new(0, false);
        OK(db_run(db, &two, DB_ARGS(db_uuid(task))));
        CU_ASSERT_FALSE(voted(&a, task, begins));
        offered(&a);
        CU_ASSERT_FALSE(voted(&b, task, begins));
        CU_ASSERT_FALSE(voted(&elsewhere, task, begins));
        OK(db_run(db, &state, DB_ARGS(db_text("closed"), db_uuid(campaign))));
        CU_ASSERT_FALSE(voted(&a, task, begins));
        OK(db_run(db, &state, DB_ARGS(db_text("open"), db_uuid(campaign))));
        now += LEASE;
        CU_ASSERT_FALSE(voted(&a, task, begins));
        now -= LEASE;
        CU_ASSERT_TRUE(voted(begins ? &anywhere : &a, task, begins));
        CU_ASSERT_FALSE(voted(&a, task, begins));
        /* the second would decide it */
        offered(&b);
        CU_ASSERT_FALSE(voted(&b, task, begins));
        OK(db_query_one(db, &rows, &counts, DB_ARGS(db_uuid(task))));
        IS(db_get_int(rows, 0), 1111);
        OK(db_end(rows));
    }
}

/* What a fit read of an annotator is old once it has answered another honeypot. */
static void test_block(void)
{
    static const struct sql answer = {
        "UPDATE labeling_seat SET gold_answered = 3 WHERE actor_id = ?"};
    struct uuid campaign = campaign_new(0.5, false);
    const struct store_label_actor ann = annotator(campaign);
    struct store_label_seat seat;
    OK(store_label_seat_make(db, &ann));
    OK(db_run(db, &answer, DB_ARGS(db_uuid(ann.id))));
    OK(store_label_seat_stop(db, &ann, now));
    for (int64_t read = 2; read <= 3; read++) {
        OK(store_label_seat_block(db, org.id, campaign, ann.id, read, TIME_NONE));
        OK(store_label_seat_get(db, arena, &ann, &seat));
        IS(seat.blocked, read < 3);
    }
}

void suite_labeling_seat(void)
{
    CU_pSuite suite = CU_add_suite("labeling_seat", labeling_begin, labeling_end);
    CU_add_test(suite, "take next", test_take_next);
    CU_add_test(suite, "take what is being imported", test_take_imported);
    CU_add_test(suite, "closed", test_closed);
    CU_add_test(suite, "take gold fails", test_take_gold_fails);
    CU_add_test(suite, "vote", test_vote);
    CU_add_test(suite, "block", test_block);
}
