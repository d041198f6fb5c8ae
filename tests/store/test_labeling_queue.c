/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_labeling_queue.c: what an annotator is offered, how often, and what looking for it costs */
#include "labeling_test.h"

static int64_t rows_read(void)
{
    static const struct sql status = {
        "SELECT CAST(SUM(variable_value) AS INT) FROM information_schema.session_status"
        " WHERE variable_name LIKE 'Handler_read%'"};
    return one_int(db, &status);
}

static void test_plans(void)
{
    static const struct step first[] = {{"c", "const", "PRIMARY"},
                                        {"s", "const", "PRIMARY"},
                                        {"t", "range", "labeling_task_queue"},
                                        {"m", "eq_ref", "PRIMARY"}},
                             window[] = {{"t", "range", "labeling_task_queue"},
                                         {"s", "eq_ref", "PRIMARY"}};
    static const struct sql all_done = {
        "INSERT INTO labeling_submission (org_id, campaign_id, task_id, annotator_id, id, is_user,"
        " verdict, is_imported, created_at) SELECT org_id, campaign_id, id, ?, id, 1, 'confirm', 1,"
        " created_at FROM labeling_task WHERE org_id = ? AND campaign_id = ?"};
    static const struct sql forget = {"DELETE FROM labeling_submission WHERE annotator_id = ?"
                                      " AND org_id = ? AND campaign_id = ?"};
    struct uuid campaign = campaign_new(0, false), nil = {{0}};
    struct store_label_actor actor = annotator(campaign);
    OK(store_label_seat_make(db, &actor));
    const struct db_value o = db_uuid(org.id), c = db_uuid(campaign), a = db_uuid(actor.id),
                          half = db_int(INT64_MAX / 2);
    /* without statistics, with few tasks and with many */
    for (int round = 0; round < 2; round++) {
        tasks_new(campaign, round ? 9000 : 100, false);
        check_plan(db, arena, &store_label_sql_first, DB_ARGS(a, a, o, c, o, c, db_time(now), half),
                   first, 4);
        check_plan(db, arena, &store_label_sql_next,
                   DB_ARGS(a, o, c, half, db_time(now), db_int(32)), window, 2);
        check_plan(
            db, arena, &store_label_sql_window,
            DB_ARGS(db_time(now), a, o, c, half, half, db_uuid(nil), db_int(INT64_MAX), db_int(64)),
            window, 2);
        /* what it costs does not grow with the campaign, nor where all has been answered */
        for (int done = 0; done < 2; done++) {
            int64_t before = rows_read();
            for (int i = 0; i < 20; i++) {
                struct store_label_place place;
                struct store_label_task task;
                struct store_label_seat seat;
                IS(store_label_seat_first(db, arena, &actor, INT64_MAX / 2, now, &seat, &place,
                                          &task),
                   done ? ERR_NOT_FOUND : ERR_OK);
            }
            CU_ASSERT(rows_read() - before < 20 * 50 + 1000);
            OK(db_run(db, done ? &forget : &all_done, DB_ARGS(a, o, c)));
        }
    }
}

static void test_few(void)
{
    struct uuid campaign = campaign_new(0, false), seen[20];
    tasks_new(campaign, 17, false);
    struct store_label_actor ann = annotator(campaign), bob = annotator(campaign);
    struct offer held = offered(&bob), last;
    CU_ASSERT_FALSE(uuid_is_nil(&held.task.id));
    /* who holds a task gets that one */
    struct offer again = offered(&bob);
    CU_ASSERT(uuid_equal(&held.task.id, &again.task.id));
    IS(drain(&ann, seen, 20, &last), 16);
    CU_ASSERT_TRUE(last.look.held);
    for (size_t i = 0; i < 16; i++)
        CU_ASSERT_FALSE(uuid_equal(&seen[i], &held.task.id));
    /* the lease comes back by itself */
    now += LEASE + 1;
    IS(drain(&ann, seen, 20, &last), 1);
    CU_ASSERT(uuid_equal(&seen[0], &held.task.id));
    CU_ASSERT_FALSE(last.look.held);
    tasks_new(campaign, 2, false);
    IS(drain(&ann, seen, 20, &last), 2);
}

/* An annotator far ahead of the others: all but a few of the open tasks are behind it. */
static void test_ahead(void)
{
    enum { ALL = 6000, LEFT = 9 };
    struct uuid campaign = campaign_new(0, false), seen[64];
    tasks_new(campaign, ALL, false);
    struct store_label_actor ann = annotator(campaign), bob = annotator(campaign);
    static const struct sql done = {
        "INSERT INTO labeling_submission (org_id, campaign_id, task_id, annotator_id, id, is_user,"
        " verdict, is_imported, created_at) SELECT org_id, campaign_id, id, ?, id, 1, 'confirm', 1,"
        " created_at FROM labeling_task WHERE org_id = ? AND campaign_id = ? AND id <> ?"
        " ORDER BY created_at LIMIT ?"};
    struct offer held = offered(&bob), last;
    OK(db_run(db, &done,
              DB_ARGS(db_uuid(ann.id), db_uuid(org.id), db_uuid(campaign), db_uuid(held.task.id),
                      db_int(ALL - LEFT - 1))));
    int64_t before = rows_read();
    IS(drain(&ann, seen, 64, &last), LEFT);
    CU_ASSERT_TRUE(last.look.held);
    /* once around: the entry and the answer of each task; windows reach beyond what is found */
    int64_t cost = rows_read() - before;
    CU_ASSERT(cost > ALL);
    CU_ASSERT(cost < 5 * ALL);
    before = rows_read();
    for (int i = 0; i < 50; i++) {
        last = offered(&ann);
        CU_ASSERT(uuid_is_nil(&last.task.id) && last.look.held);
    }
    CU_ASSERT(rows_read() - before < 50 * 60);
    /* what another held when the sweep came by is not forgotten */
    now += LEASE + 1;
    IS(drain(&ann, seen, 64, &last), 1);
    CU_ASSERT(uuid_equal(&seen[0], &held.task.id));
    CU_ASSERT_FALSE(last.look.held);
    /* nor what is added later, nor what the annotator lets go itself */
    tasks_new(campaign, 3, false);
    struct offer dropped = offered(&ann);
    CU_ASSERT_FALSE(uuid_is_nil(&dropped.task.id));
    now += LEASE + 1;
    IS(drain(&ann, seen, 64, &last), 3);
}

static int64_t executed(void)
{
    static const struct sql status = {
        "SELECT CAST(variable_value AS INT) FROM information_schema.session_status"
        " WHERE variable_name = 'COM_STMT_EXECUTE'"};
    return one_int(db, &status);
}

/* A task served again after its lease has lapsed counts once, and who has let one go is served in
   as few round trips as others. */
static void test_lapse(void)
{
    struct uuid campaign = campaign_new(0, false), seen[16];
    tasks_new(campaign, 5, false);
    struct store_label_actor ann = annotator(campaign);
    for (int i = 0; i < 4; i++) {
        struct offer offer = offered(&ann);
        CU_ASSERT_FALSE(uuid_is_nil(&offer.task.id));
        now += LEASE + 1;
    }
    struct offer last;
    IS(drain(&ann, seen, 16, &last), 5);
    struct store_label_seat seat;
    OK(store_label_seat_get(db, arena, &ann, &seat));
    IS(seat.n_served, 5);
    IS(seat.n_gold_served, 0);
    CU_ASSERT_TRUE(seat.has_lapsed);
    now += LEASE + 1;
    struct uuid other_campaign = campaign_new(0, false);
    tasks_new(other_campaign, 1, false);
    struct store_label_actor bob = annotator(other_campaign);
    for (int i = 0; i < 3; i++) { /* let go of and served again */
        last = offered(&bob);
        CU_ASSERT_FALSE(uuid_is_nil(&last.task.id));
        now += LEASE + 1;
    }
    OK(store_label_seat_get(db, arena, &bob, &seat));
    IS(seat.n_served, 1);
    /* a random place is behind all of the queue now and then, which takes more */
    tasks_new(campaign, 30, false);
    int64_t least = INT64_MAX;
    for (int i = 0; i < 8; i++) {
        labeling_hint_forget();
        int64_t before = executed();
        last = offered(&ann);
        int64_t cost = executed() - before - 1;
        least = cost < least ? cost : least;
        answer(&ann, last.task.id);
    }
    IS(least, 2);
    OK(store_label_seat_get(db, arena, &ann, &seat));
    IS(seat.n_served, 5 + 8);
}

static void test_gold(void)
{
    enum { NORMAL = 900, GOLD = 400 };
    const double f = 0.3;
    struct uuid campaign = campaign_new(f, false);
    struct uuid *seen = ARENA_ARRAY(arena, NORMAL + GOLD, struct uuid);
    tasks_new(campaign, NORMAL, false);
    struct store_label_task *gold = tasks_new(campaign, GOLD, true);
    struct uuid first[2] = {{{0}}, {{0}}};
    by_hint = 0;
    bool *let_go = ARENA_ARRAY(arena, NORMAL + GOLD, bool);
    for (int who = 0; who < 2; who++) {
        struct store_label_actor ann = annotator(campaign);
        size_t n = 0, g = 0;
        for (int turn = 0; n < 200; turn++) {
            struct offer offer = offered(&ann);
            if (uuid_is_nil(&offer.task.id))
                break;
            size_t i = 0;
            while (i < n && !uuid_equal(&seen[i], &offer.task.id))
                i++;
            if (i < n && !let_go[i])
                CU_FAIL("a task a second time");
            if (i == n) {
                bool is_gold = false;
                for (size_t k = 0; k < GOLD && !is_gold; k++)
                    is_gold = uuid_equal(&gold[k].id, &offer.task.id);
                if (is_gold && !g++)
                    first[who] = offer.task.id;
                seen[n++] = offer.task.id;
            }
            /* of distinct tasks served, those let go of included */
            if (fabs((double)g - f * (double)n) >= 1)
                CU_FAIL("honeypots off their share");
            let_go[i] = turn % 7 == 3;
            if (let_go[i])
                now += LEASE + 1;
            else
                answer(&ann, offer.task.id);
        }
        IS(n, 200);
    }
    CU_ASSERT(by_hint > 0);
    /* everybody has an order of honeypots of their own */
    CU_ASSERT_FALSE(uuid_equal(&first[0], &first[1]));
}

/* More honeypots than a batch, and all of them wanted. */
static void test_gold_batches(void)
{
    enum { NORMAL = 700, GOLD = 600 };
    struct uuid campaign = campaign_new(0.5, false);
    struct uuid *seen = ARENA_ARRAY(arena, NORMAL + GOLD + 1, struct uuid);
    tasks_new(campaign, NORMAL, false);
    struct store_label_task *gold = tasks_new(campaign, GOLD, true);
    struct store_label_actor ann = annotator(campaign);
    struct offer last;
    size_t g = 0, n = drain(&ann, seen, NORMAL + GOLD + 1, &last);
    /* honeypots end first, the rest is normal work */
    IS(n, NORMAL + GOLD);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < GOLD; k++)
            g += uuid_equal(&seen[i], &gold[k].id);
    IS(g, GOLD);
    /* then none is burnt without normal work */
    tasks_new(campaign, 5, true);
    last = offered(&ann);
    CU_ASSERT(uuid_is_nil(&last.task.id));
    tasks_new(campaign, 20, false);
    n = drain(&ann, seen, 100, &last);
    CU_ASSERT(n >= 20 && n <= 25);
}

/* Who has had all honeypots is not asked about them, until some are added. */
static void test_gold_added(void)
{
    struct uuid campaign = campaign_new(0.5, false), seen[4];
    tasks_new(campaign, 40, false);
    struct store_label_actor ann = annotator(campaign);
    struct store_label_seat seat;
    struct offer last;
    IS(drain(&ann, seen, 4, &last), 4);
    answer(&ann, last.task.id);
    OK(store_label_seat_get(db, arena, &ann, &seat));
    IS(seat.gold_next, INT64_MAX);
    struct store_label_task *gold = tasks_new(campaign, 1, true);
    OK(store_label_seat_get(db, arena, &ann, &seat));
    IS(seat.gold_next, 0);
    struct offer offer = offered(&ann);
    CU_ASSERT(uuid_equal(&offer.task.id, &gold->id));
}

/* Who finds its honeypots taken does not take a normal task instead: there may be more of them. */
static void test_gold_lost(void)
{
    struct uuid campaign = campaign_new(1 - 1e-12, false);
    struct store_label_actor ann = annotator(campaign), bob = annotator(campaign);
    struct labeling_look look = {.db = db,
                                 .arena = arena,
                                 .secret = "thirty-two bytes for honeypots!!",
                                 .actor = ann,
                                 .now = now,
                                 .until = now + LEASE};
    struct store_label_task task, *normal = tasks_new(campaign, 1, false),
                                  *gold = tasks_new(campaign, 1, true);
    OK(store_label_seat_make(db, &ann));
    OK(labeling_seat(&look));
    OK(labeling_look(&look));
    IS(look.n_gold, 1);
    OK(store_label_lease(db, &bob, gold->id, now, now + LEASE));
    IS(labeling_claim(&look, false, &task), ERR_NOT_FOUND);
    struct offer offer = offered(&ann);
    CU_ASSERT(uuid_equal(&offer.task.id, &normal->id));
}

/* The worker's list of what was free: each entry is offered once, and none is believed. */
static void test_hints(void)
{
    struct uuid campaign = campaign_new(0, false), seen[21];
    const struct store_label_actor ann = annotator(campaign), bob = annotator(campaign);
    struct labeling_look look = {.db = db, .arena = arena, .now = now, .actor = bob, .start = -1};
    struct store_label_task task;
    struct offer last;
    tasks_new(campaign, 20, false);
    by_hint = 0;
    IS(drain(&ann, seen, 21, &last), 20);
    CU_ASSERT(by_hint > 0);
    OK(labeling_seat(&look));
    IS(labeling_hint_fill(&look), ERR_OK);
    look.actor = ann; /* has answered them */
    IS(labeling_hint_claim(&look, &task), ERR_NOT_FOUND);
    IS(labeling_hint_claim(&look, &task), ERR_NOT_FOUND);
    look.actor = bob; /* what was wrong twice is asked no more */
    OK(store_label_seat_make(db, &bob));
    IS(labeling_hint_claim(&look, &task), ERR_NOT_FOUND);
    OK(labeling_hint_fill(&look));
    labeling_hint_forget();
    IS(labeling_hint_claim(&look, &task), ERR_NOT_FOUND);
}

/* Adaptive campaigns: the most uncertain first, then the oldest. */
static void test_adaptive(void)
{
    struct uuid campaign = campaign_new(0, true), seen[16];
    struct store_label_task *tasks = tasks_new(campaign, 8, false);
    struct store_label_actor ann = annotator(campaign);
    static const double entropy[] = {0.2, 1, 0.9, 1, 0, 0.5, 0.9, 0.1};
    static const int order[] = {1, 3, 2, 6, 5, 0, 7, 4};
    struct store_label_place at = {.place = 0};
    for (size_t i = 0; i < 8; i++) {
        at.id = tasks[i].id, at.place = labeling_place_uncertain(entropy[i], tasks[i].created_at);
        OK(store_label_task_move(db, org.id, campaign, &at, 1));
    }
    struct offer last;
    IS(drain(&ann, seen, 16, &last), 8);
    for (size_t i = 0; i < 8; i++)
        CU_ASSERT(uuid_equal(&seen[i], &tasks[order[i]].id));
}

void suite_labeling_queue(void)
{
    CU_pSuite suite = CU_add_suite("labeling_queue", labeling_begin, labeling_end);
    CU_add_test(suite, "plans", test_plans);
    CU_add_test(suite, "few", test_few);
    CU_add_test(suite, "far ahead", test_ahead);
    CU_add_test(suite, "lapse", test_lapse);
    CU_add_test(suite, "gold", test_gold);
    CU_add_test(suite, "gold batches", test_gold_batches);
    CU_add_test(suite, "gold added", test_gold_added);
    CU_add_test(suite, "gold lost", test_gold_lost);
    CU_add_test(suite, "hints", test_hints);
    CU_add_test(suite, "adaptive", test_adaptive);
}
