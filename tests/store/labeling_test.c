/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign and its annotators, for tests. */
#include "labeling_test.h"

#define START  INT64_C(1700000000000000)
#define SECRET "thirty-two bytes for honeypots!!"

struct db *db, *other;
struct arena *arena;
struct store_org org;
int64_t now;
int by_hint;

static struct settings settings;

struct db *labeling_db(void)
{
    return db_open(&settings, DB_SERVICE);
}

int labeling_begin(void)
{
    settings = fresh_settings();
    migrated(&settings);
    db = db_open(&settings, DB_SERVICE);
    other = db_open(&settings, DB_SERVICE);
    arena = arena_new();
    org = (struct store_org){.name = "acme"};
    now = START;
    return store_org_insert(db, &org) != ERR_OK;
}

int labeling_end(void)
{
    arena_free(arena);
    db_close(other);
    drop_db(db, &settings);
    return 0;
}

struct uuid campaign_new(double gold_fraction, bool adaptive)
{
    const struct store_label_campaign campaign = {.id = uuid_v7(),
                                                  .name = "c",
                                                  .status = "open",
                                                  .consensus_method = "majority",
                                                  .acceptance_alpha = 0.8,
                                                  .gold_fraction = gold_fraction,
                                                  .target_redundancy = 1000,
                                                  .adaptive_redundancy = adaptive,
                                                  .created_at = now,
                                                  .closed_at = TIME_NONE};
    OK(store_label_campaign_insert(db, org.id, &campaign));
    return campaign.id;
}

struct store_label_actor annotator(struct uuid campaign)
{
    return (struct store_label_actor){org.id, campaign, uuid_v7(), true};
}

struct store_label_task *tasks_new(struct uuid campaign, size_t n, bool gold)
{
    struct store_label_task *tasks = ARENA_ARRAY(arena, n, struct store_label_task);
    for (size_t i = 0; i < n; i++) {
        field_defaults(&shape_label_task, &tasks[i]);
        tasks[i].id = uuid_v4();
        tasks[i].campaign_id = campaign;
        tasks[i].is_gold = gold;
        tasks[i].n_required = 1000;
        tasks[i].target_kind = "field";
        tasks[i].gold_answer = gold ? "confirm" : NULL;
        tasks[i].created_at = now + (int64_t)i;
        tasks[i].place = labeling_place_random();
    }
    OK(store_label_task_insert(db, arena, org.id, tasks, n));
    const struct store_label_change change = {.tasks = gold ? 0 : (int64_t)n,
                                              .gold_tasks = gold ? (int64_t)n : 0};
    OK(store_label_campaign_add(db, org.id, campaign, uuid_v7(), true, &change));
    return tasks;
}

static enum err claim(void *context)
{
    struct offer *offer = context;
    return labeling_claim(&offer->look, offer->alone, &offer->task);
}

struct offer offered(const struct store_label_actor *actor)
{
    for (;;) {
        struct offer offer = {.look = {.db = db,
                                       .arena = arena,
                                       .secret = SECRET,
                                       .actor = *actor,
                                       .start = labeling_place_random(),
                                       .now = now,
                                       .until = now + LEASE}};
        struct labeling_look *look = &offer.look;
        bool unknown;
        enum err err = labeling_hint_claim(look, &offer.task);
        if (!err) {
            by_hint++;
            return offer;
        }
        IS(err, ERR_NOT_FOUND);
        OK(labeling_seat(look));
        if (!uuid_is_nil(&look->seat.task_id))
            OK(store_label_seat_outstanding(db, arena, actor, now, &look->seat, &offer.task));
        if (look->seat.live)
            return offer;
        if (!look->seat.exists) {
            OK(store_label_seat_make(db, actor));
            continue;
        }
        OK(labeling_let_go(look));
        OK(labeling_look(look));
        offer.alone = labeling_claim_alone(look);
        err = offer.alone ? claim(&offer) : db_transact(db, claim, &offer, &unknown);
        if (err != ERR_NOT_FOUND) {
            OK(err);
            return offer;
        }
    }
}

struct voting {
    const struct store_label_actor *actor;
    struct store_label_submission submission;
    bool begins, counted;
};

static enum err vote(void *context)
{
    struct voting *voting = context;
    struct store_label_question question;
    return store_label_vote(db, arena, voting->actor, &voting->submission, voting->begins, now,
                            &voting->counted, &question);
}

struct store_label_submission confirm(const struct store_label_actor *actor, struct uuid task)
{
    return (struct store_label_submission){.task_id = task,
                                           .annotator_id = actor->id,
                                           .id = uuid_v7(),
                                           .is_user = 1,
                                           .verdict = "confirm",
                                           .confidence = NAN,
                                           .duration_ms = INT_NONE,
                                           .is_imported = 0,
                                           .created_at = now};
}

bool voted(const struct store_label_actor *actor, struct uuid task, bool begins)
{
    struct voting voting = {actor, confirm(actor, task), begins, false};
    bool unknown;
    OK(begins ? db_transact_block(db, vote, &voting, &unknown)
              : db_transact(db, vote, &voting, &unknown));
    return voting.counted;
}

void answer(const struct store_label_actor *actor, struct uuid task)
{
    if (voted(actor, task, true))
        return;
    /* a honeypot, or in an adaptive campaign */
    const struct store_label_submission submission = confirm(actor, task);
    const struct store_label_answered answered = {.counts = true};
    OK(store_label_answer(db, arena, actor, &submission, &answered, false, now, NULL));
}

size_t drain(const struct store_label_actor *actor, struct uuid *seen, size_t room,
             struct offer *last)
{
    size_t n = 0;
    for (;;) {
        *last = offered(actor);
        if (uuid_is_nil(&last->task.id) || n == room)
            return n;
        for (size_t i = 0; i < n; i++)
            CU_ASSERT_FALSE(uuid_equal(&seen[i], &last->task.id));
        seen[n++] = last->task.id;
        answer(actor, last->task.id);
    }
}
