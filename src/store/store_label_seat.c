/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seats: what a campaign knows of one annotator. */
#include "store_label_queue.h"

#include "store_db.h"

#define COLUMNS                                                                                    \
    "c.status, c.gold_fraction, c.adaptive_redundancy, s.turn, s.task_id, s.n_served,"             \
    " s.n_gold_served, s.sweep_from, s.sweep_at, s.sweep_wrapped, s.sweep_tasks, s.gold_mark,"     \
    " s.gold_tasks, s.gold_next, s.blocked_at, s.has_lapsed"
#define SEAT                                                                                       \
    " FROM labeling_campaign c LEFT JOIN labeling_seat s ON s.org_id = c.org_id"                   \
    " AND s.campaign_id = c.id AND s.actor_id = ?"
static const struct sql select_seat = {"SELECT " COLUMNS SEAT " WHERE c.org_id = ? AND c.id = ?"};
#define FREE                                                                                       \
    " LEFT JOIN labeling_submission m ON m.org_id = t.org_id AND m.campaign_id = t.campaign_id"    \
    " AND m.task_id = t.id AND m.annotator_id = ?"                                                 \
    " WHERE c.org_id = ? AND c.id = ? AND t.org_id = ? AND t.campaign_id = ?"                      \
    " AND t.status = 'open'"                                                                       \
    " AND t.is_gold = 0 AND (t.claim_expires_at IS NULL OR t.claim_expires_at <= ?)"               \
    " AND m.task_id IS NULL"
/* rows of t and m; what it finds or not, it reads no more than these */
#define EXAMINED "40"
const struct sql store_label_sql_first = {
    "SELECT " COLUMNS ", t.rnd, " STORE_LABEL_SERVED SEAT
    " JOIN labeling_task t FORCE INDEX (labeling_task_queue)" FREE
    " AND t.rnd > ? ORDER BY t.rnd LIMIT 1 ROWS EXAMINED " EXAMINED};
static const struct sql select_outstanding = {
    "SELECT t.status = 'open', t.is_gold, t.rnd,"
    " COALESCE(t.claimed_by_user_id, t.claimed_by_annotator_account_id) = ?"
    " AND t.claim_expires_at > ?, m.task_id IS NOT NULL, " STORE_LABEL_SERVED
    " FROM labeling_task t"
    " LEFT JOIN labeling_submission m ON m.org_id = t.org_id AND m.campaign_id = t.campaign_id"
    " AND m.task_id = t.id AND m.annotator_id = ?"
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.id = ?"};
static const struct sql insert_seat = {
    "INSERT IGNORE " STORE_LABEL_NEW_SEAT("0, 0, 0, 0, 0, 0, 0")};
static const struct sql update_seat = {
    "UPDATE labeling_seat SET turn = turn + 1, task_id = COALESCE(?, task_id), n_served = ?,"
    " n_gold_served = ?, sweep_from = ?, sweep_at = ?, sweep_wrapped = ?, sweep_tasks = ?,"
    " gold_mark = ?, gold_tasks = ?, gold_next = ?"
    " WHERE org_id = ? AND campaign_id = ? AND actor_id = ? AND turn = ?"};
static const struct sql stop_seat = {"UPDATE labeling_seat SET blocked_at = COALESCE(blocked_at, ?)"
                                     " WHERE org_id = ? AND campaign_id = ? AND actor_id = ?"};

static void read_seat(const struct db_rows *rows, struct arena *arena,
                      struct store_label_seat *seat)
{
    *seat = (struct store_label_seat){
        .status = db_copy_text(rows, 0, arena),
        .gold_fraction = db_get_num(rows, 1),
        .adaptive = db_get_int(rows, 2) == 1,
        .exists = !db_is_null(rows, 3),
        .turn = db_get_int(rows, 3),
        .task_id = db_get_uuid(rows, 4),
        .n_served = db_get_int(rows, 5),
        .n_gold_served = db_get_int(rows, 6),
        .sweep = {db_get_int(rows, 7), db_get_int(rows, 8), db_get_int(rows, 9) == 1,
                  db_get_int(rows, 10)},
        .gold_mark = db_get_int(rows, 11),
        .gold_tasks = db_get_int(rows, 12),
        .gold_next = db_get_int(rows, 13),
        .blocked = !db_is_null(rows, 14),
        .has_lapsed = db_get_int(rows, 15) == 1,
    };
}

enum err store_label_seat_get(struct db *db, struct arena *arena,
                              const struct store_label_actor *actor, struct store_label_seat *seat)
{
    struct db_rows *rows;
    enum err err =
        db_query_one(db, &rows, &select_seat,
                     DB_ARGS(db_uuid(actor->id), db_uuid(actor->org), db_uuid(actor->campaign)));
    if (err)
        return err;
    read_seat(rows, arena, seat);
    return db_end(rows);
}

enum err store_label_seat_first(struct db *db, struct arena *arena,
                                const struct store_label_actor *actor, int64_t after, int64_t now,
                                struct store_label_seat *seat, struct store_label_place *place,
                                struct store_label_task *task)
{
    struct db_rows *rows;
    const struct db_value id = db_uuid(actor->id), org = db_uuid(actor->org),
                          campaign = db_uuid(actor->campaign);
    enum err err =
        db_query_one(db, &rows, &store_label_sql_first,
                     DB_ARGS(id, id, org, campaign, org, campaign, db_time(now), db_int(after)));
    if (err)
        return err;
    read_seat(rows, arena, seat);
    db_get_shape(rows, 17, &shape_label_task_served, task, arena);
    *place =
        (struct store_label_place){.id = task->id, .place = db_get_int(rows, 16), .open = true};
    return db_end(rows);
}

enum err store_label_seat_outstanding(struct db *db, struct arena *arena,
                                      const struct store_label_actor *actor, int64_t now,
                                      struct store_label_seat *seat, struct store_label_task *task)
{
    struct db_rows *rows;
    const struct db_value id = db_uuid(actor->id);
    enum err err = db_query_one(db, &rows, &select_outstanding,
                                DB_ARGS(id, db_time(now), id, db_uuid(actor->org),
                                        db_uuid(actor->campaign), db_uuid(seat->task_id)));
    if (err)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    bool open = db_get_int(rows, 0) == 1, answered = db_get_int(rows, 4) == 1;
    seat->live = open && !answered && db_get_int(rows, 3) == 1;
    seat->lapsed = open && !answered && !seat->live;
    seat->lapsed_gold = db_get_int(rows, 1) == 1;
    seat->lapsed_place = db_get_int(rows, 2);
    db_get_shape(rows, 5, &shape_label_task_served, task, arena);
    return db_end(rows);
}

enum err store_label_seat_make(struct db *db, const struct store_label_actor *actor)
{
    return db_run(db, &insert_seat,
                  DB_ARGS(db_uuid(actor->org), db_uuid(actor->campaign), db_uuid(actor->id),
                          db_bool(actor->is_user)));
}

enum err store_label_seat_serve(struct db *db, const struct store_label_actor *actor,
                                const struct store_label_seat *seat, struct uuid task)
{
    const struct store_label_sweep *sweep = &seat->sweep;
    enum err err =
        db_run(db, &update_seat,
               DB_ARGS(db_uuid(task), db_int(seat->n_served), db_int(seat->n_gold_served),
                       db_int(sweep->from), db_int(sweep->at), db_bool(sweep->wrapped),
                       db_int(sweep->tasks), db_int(seat->gold_mark), db_int(seat->gold_tasks),
                       db_int(seat->gold_next), db_uuid(actor->org), db_uuid(actor->campaign),
                       db_uuid(actor->id), db_int(seat->turn)));
    return err ? err : db_affected(db) ? ERR_OK : ERR_CONFLICT;
}

enum err store_label_seat_stop(struct db *db, const struct store_label_actor *actor, int64_t now)
{
    return db_run(
        db, &stop_seat,
        DB_ARGS(db_time(now), db_uuid(actor->org), db_uuid(actor->campaign), db_uuid(actor->id)));
}
