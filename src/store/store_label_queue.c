/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows of a campaign's queue, and leases. */
#include "store_label_queue.h"

#include "arena.h"
#include "store_db.h"

const struct store_label_place store_label_head = {.place = -1};

/* Every predicate of a window is on the index; what needs the row or the annotator's submissions
   is answered per row, so that the window ends after `limit` rows whatever they are. */
#define STATE "t.status = 'open', COALESCE(t.claim_expires_at > ?, 0), s.task_id IS NOT NULL"
#define ANSWERED                                                                                   \
    " LEFT JOIN labeling_submission s ON s.org_id = t.org_id AND s.campaign_id = t.campaign_id"    \
    " AND s.task_id = t.id AND s.annotator_id = ?"

const struct sql store_label_sql_window = {
    "SELECT t.id, t.rnd, " STATE " FROM labeling_task t FORCE INDEX (labeling_task_queue)" ANSWERED
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.status = 'open' AND t.is_gold = 0"
    " AND t.rnd >= ? AND (t.rnd > ? OR t.id > ?) AND t.rnd <= ? ORDER BY t.rnd, t.id LIMIT ?"};
/* of rows of both tables it reads no more than these, whatever it finds */
#define EXAMINED "200"
const struct sql store_label_sql_next = {
    "SELECT " STORE_LABEL_SERVED ", t.submission_count FROM labeling_task t"
    " FORCE INDEX (labeling_task_queue)" ANSWERED
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.status = 'open' AND t.is_gold = 0"
    " AND t.rnd > ? AND (t.claim_expires_at IS NULL OR t.claim_expires_at <= ?)"
    " AND s.task_id IS NULL ORDER BY t.rnd LIMIT ? ROWS EXAMINED " EXAMINED};
static const struct sql select_pending = {
    "SELECT p.task_id, p.place, " STATE " FROM labeling_pending p FORCE INDEX (PRIMARY)"
    " JOIN labeling_task t ON t.org_id = p.org_id AND t.campaign_id = p.campaign_id"
    " AND t.id = p.task_id" ANSWERED
    " WHERE p.org_id = ? AND p.campaign_id = ? AND p.annotator_id = ? AND p.is_gold = ?"
    " AND p.place >= ? AND (p.place > ? OR p.task_id > ?) ORDER BY p.place, p.task_id LIMIT ?"};
static const struct sql insert_pending = {
    "INSERT IGNORE INTO labeling_pending (org_id, campaign_id, annotator_id, is_gold, place,"
    " task_id) VALUES (?, ?, ?, ?, ?, ?)"};
static const struct sql delete_pending = {
    "DELETE FROM labeling_pending WHERE org_id = ? AND campaign_id = ? AND annotator_id = ?"
    " AND is_gold = ? AND place = ? AND task_id = ?"};
static const struct sql select_gold = {
    "SELECT t.id FROM labeling_task t FORCE INDEX (labeling_task_queue)" ANSWERED
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.status = 'open' AND t.is_gold = 1"
    " AND s.task_id IS NULL"};
/* the index alone: a twentieth of what the submissions cost */
static const struct sql select_gold_all = {
    "SELECT t.id FROM labeling_task t FORCE INDEX (labeling_task_queue) WHERE t.org_id = ?"
    " AND t.campaign_id = ? AND t.status = 'open' AND t.is_gold = 1"};
/* A lease reads its campaign under a lock: close waits for those under way, and none changes the
   tasks that it is deciding, or close would have to begin anew with each. */
#define TASK                                                                                       \
    " JOIN labeling_task t FORCE INDEX (PRIMARY) ON t.org_id = c.org_id AND t.campaign_id = c.id"
#define CLAIM                                                                                      \
    " SET t.claimed_by_user_id = ?, t.claimed_by_annotator_account_id = ?, t.claimed_at = ?,"      \
    " t.claim_expires_at = ?"
#define OPEN " WHERE c.org_id = ? AND c.id = ? AND c.status = 'open'"
#define FREE                                                                                       \
    " AND t.id = ? AND t.status = 'open'"                                                          \
    " AND (t.claim_expires_at IS NULL OR t.claim_expires_at <= ?)"
static const struct sql lease = {"UPDATE labeling_campaign c" TASK CLAIM OPEN FREE};
#define SERVED " FROM labeling_task t WHERE t.org_id = ? AND t.campaign_id = ? AND t.id = ?"
static const struct sql select_served = {"SELECT " STORE_LABEL_SERVED SERVED};
static const struct sql select_again = {"SELECT " STORE_LABEL_SERVED
                                        ", EXISTS (SELECT 1 FROM labeling_lapse l"
                                        " WHERE l.org_id = t.org_id"
                                        " AND l.campaign_id = t.campaign_id"
                                        " AND l.task_id = t.id AND l.annotator_id = ?)" SERVED};
static const struct sql mark_lapse = {
    "UPDATE labeling_seat SET has_lapsed = 1, gold_next = 0 WHERE org_id = ?"
    " AND campaign_id = ? AND actor_id = ?"};
static const struct sql insert_lapse = {
    "INSERT IGNORE INTO labeling_lapse (org_id, campaign_id, task_id, annotator_id)"
    " VALUES (?, ?, ?, ?)"};
/* one statement for two rows: half of what a statement costs is not the row */
#define SERVE                                                                                      \
    "UPDATE labeling_campaign c JOIN labeling_seat s ON s.org_id = c.org_id"                       \
    " AND s.campaign_id = c.id" TASK CLAIM                                                         \
    ", s.turn = s.turn + 1, s.task_id = t.id, s.n_served = "
#define TAKE_AS(served)                                                                            \
    SERVE served ", s.n_gold_served = ?, s.gold_next = ?" OPEN FREE                                \
                 " AND s.actor_id = ? AND s.turn = ?"
#define TAKE TAKE_AS("?")
static const struct sql take = {TAKE};
/* what the annotator let go of before does not count again */
static const struct sql take_again = {
    TAKE_AS("? - EXISTS (SELECT 1 FROM labeling_lapse l WHERE l.org_id = t.org_id"
            " AND l.campaign_id = t.campaign_id AND l.task_id = t.id"
            " AND l.annotator_id = s.actor_id)")};
/* Each statement by itself, so that what fails leaves no transaction open; a honeypot that is still
   pending when it has been answered is dropped by the next look. */
static const struct sql take_gold = {
    "BEGIN NOT ATOMIC " TAKE "; IF ROW_COUNT() > 0 THEN"
    " DELETE FROM labeling_pending WHERE org_id = ? AND campaign_id = ? AND annotator_id = ?"
    " AND is_gold = 1 AND place = ? AND task_id = ?;"
    " SELECT " STORE_LABEL_SERVED SERVED "; END IF; END"};
#define TAKE_NEXT                                                                                  \
    SERVE "s.n_served + 1" OPEN " AND s.actor_id = ? AND s.task_id IS NULL"                        \
          " AND s.n_served < s.gold_next AND s.has_lapsed = 0 AND s.sweep_from IS NULL"            \
          " AND s.blocked_at IS NULL" FREE " AND t.is_gold = 0"
/* nobody has answered */
static const struct sql take_fresh = {TAKE_NEXT " AND t.submission_count = 0"};
/* What the annotator has answered is asked outside of the update, which would lock the gap where
   others insert their answers; an answer that comes between the two is counted. */
static const struct sql take_next = {
    "BEGIN NOT ATOMIC DECLARE answers INT DEFAULT (SELECT t.submission_count FROM labeling_task t"
    " FORCE INDEX (PRIMARY)" ANSWERED
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.id = ? AND s.task_id IS NULL);"
    " " TAKE_NEXT " AND t.submission_count = answers; END"};
static const struct sql release = {
    "UPDATE labeling_task t JOIN labeling_seat s ON t.org_id = s.org_id"
    " AND t.campaign_id = s.campaign_id AND t.id = s.task_id"
    " SET t.claimed_by_user_id = NULL, t.claimed_by_annotator_account_id = NULL,"
    " t.claimed_at = NULL, t.claim_expires_at = NULL"
    " WHERE s.org_id = ? AND s.campaign_id = ? AND s.actor_id = ?"
    " AND COALESCE(t.claimed_by_user_id, t.claimed_by_annotator_account_id) = s.actor_id"};

static enum err read_places(struct db_rows *rows, struct arena *arena,
                            struct store_label_place **list, size_t *n)
{
    struct store_label_place *items = NULL;
    size_t count = 0;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        items[count++] = (struct store_label_place){
            .id = db_get_uuid(rows, 0),
            .place = db_get_int(rows, 1),
            .open = db_get_int(rows, 2) == 1,
            .held = db_get_int(rows, 3) == 1,
            .done = db_get_int(rows, 4) == 1,
        };
    }
    *list = items;
    *n = count;
    return db_end(rows);
}

enum err store_label_queue_window(struct db *db, struct arena *arena,
                                  const struct store_label_actor *actor,
                                  const struct store_label_place *after, int64_t last, size_t limit,
                                  int64_t now, struct store_label_place **list, size_t *n)
{
    struct db_rows *rows;
    enum err err =
        db_query(db, &rows, &store_label_sql_window,
                 DB_ARGS(db_time(now), db_uuid(actor->id), db_uuid(actor->org),
                         db_uuid(actor->campaign), db_int(after->place), db_int(after->place),
                         db_uuid(after->id), db_int(last), db_int((int64_t)limit)));
    return err ? err : read_places(rows, arena, list, n);
}

enum err store_label_queue_next(struct db *db, struct arena *arena,
                                const struct store_label_actor *actor, int64_t after, int64_t now,
                                size_t bytes, struct store_label_task *list, size_t limit,
                                size_t *n)
{
    struct db_rows *rows;
    enum err err =
        db_query(db, &rows, &store_label_sql_next,
                 DB_ARGS(db_uuid(actor->id), db_uuid(actor->org), db_uuid(actor->campaign),
                         db_int(after), db_time(now), db_int((int64_t)limit)));
    *n = 0;
    if (err)
        return err;
    for (; arena_bytes(arena) < bytes && db_next(rows); (*n)++) {
        unsigned next = db_get_shape(rows, 0, &shape_label_task_served, &list[*n], arena);
        list[*n].submission_count = db_get_int(rows, next);
    }
    return db_end(rows);
}

enum err store_label_pending_window(struct db *db, struct arena *arena,
                                    const struct store_label_actor *actor, bool is_gold,
                                    const struct store_label_place *after, size_t limit,
                                    int64_t now, struct store_label_place **list, size_t *n)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, &select_pending,
                            DB_ARGS(db_time(now), db_uuid(actor->id), db_uuid(actor->org),
                                    db_uuid(actor->campaign), db_uuid(actor->id), db_bool(is_gold),
                                    db_int(after->place), db_int(after->place), db_uuid(after->id),
                                    db_int((int64_t)limit)));
    return err ? err : read_places(rows, arena, list, n);
}

enum err store_label_pending_add(struct db *db, const struct store_label_actor *actor, bool is_gold,
                                 const struct store_label_place *list, size_t n)
{
    if (!n)
        return ERR_OK;
    const int64_t gold = is_gold;
    const struct db_column columns[] = {
        {DB_UUID, &actor->org, 0},
        {DB_UUID, &actor->campaign, 0},
        {DB_UUID, &actor->id, 0},
        {DB_INT, &gold, 0},
        {DB_INT, &list->place, sizeof *list},
        {DB_UUID, &list->id, sizeof *list},
    };
    return db_bulk(db, &insert_pending, columns, sizeof columns / sizeof *columns, n);
}

enum err store_label_pending_drop(struct db *db, const struct store_label_actor *actor,
                                  bool is_gold, const struct store_label_place *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum err err =
            db_run(db, &delete_pending,
                   DB_ARGS(db_uuid(actor->org), db_uuid(actor->campaign), db_uuid(actor->id),
                           db_bool(is_gold), db_int(list[i].place), db_uuid(list[i].id)));
        if (err)
            return err;
    }
    return ERR_OK;
}

enum err store_label_queue_gold(struct db *db, struct arena *arena,
                                const struct store_label_actor *actor, bool answered_too,
                                struct store_label_place **list, size_t *n)
{
    struct db_rows *rows;
    struct store_label_place *items = NULL;
    size_t count = 0;
    const struct db_value org = db_uuid(actor->org), campaign = db_uuid(actor->campaign);
    enum err err = answered_too ? db_query(db, &rows, &select_gold_all, DB_ARGS(org, campaign))
                                : db_query(db, &rows, &select_gold,
                                           DB_ARGS(db_uuid(actor->id), org, campaign));
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        items[count++] = (struct store_label_place){.id = db_get_uuid(rows, 0), .open = true};
    }
    *list = items;
    *n = count;
    return db_end(rows);
}

/* Of the two columns that say who leases a task, the one for users or the one for annotators. */
static struct db_value holder(const struct store_label_actor *actor, bool user)
{
    const struct uuid nobody = {{0}};
    return db_uuid(actor->is_user == user ? actor->id : nobody);
}

enum err store_label_take(struct db *db, const struct store_label_actor *actor,
                          const struct store_label_seat *seat,
                          const struct store_label_place *place, int64_t now, int64_t until,
                          struct arena *arena, struct store_label_task *gold)
{
    struct db_rows *rows;
    const struct db_value org = db_uuid(actor->org), campaign = db_uuid(actor->campaign),
                          id = db_uuid(actor->id), task = db_uuid(place->id);
    const struct db_value args[] = {
        holder(actor, true),
        holder(actor, false),
        db_time(now),
        db_time(until),
        db_int(seat->n_served),
        db_int(seat->n_gold_served),
        db_int(seat->gold_next),
        org,
        campaign,
        task,
        db_time(now),
        id,
        db_int(seat->turn),
        /* of take_gold */
        org,
        campaign,
        id,
        db_int(place->place),
        task,
        org,
        campaign,
        task,
    };
    size_t n = sizeof args / sizeof *args;
    enum err err = gold ? db_query_one(db, &rows, &take_gold, args, n)
                        : db_run(db, seat->has_lapsed ? &take_again : &take, args, n - 8);
    if (err || !gold)
        return err ? err : db_affected(db) ? ERR_OK : ERR_NOT_FOUND;
    db_get_shape(rows, 0, &shape_label_task_served, gold, arena);
    return db_end(rows);
}

enum err store_label_take_next(struct db *db, const struct store_label_actor *actor,
                               const struct store_label_task *task, int64_t now, int64_t until)
{
    const struct db_value org = db_uuid(actor->org), campaign = db_uuid(actor->campaign),
                          id = db_uuid(actor->id), which = db_uuid(task->id);
    const struct db_value args[] = {
        id, /* of take_next */
        org,
        campaign,
        which,
        holder(actor, true),
        holder(actor, false),
        db_time(now),
        db_time(until),
        org,
        campaign,
        id,
        which,
        db_time(now),
    };
    size_t n = sizeof args / sizeof *args;
    enum err err = task->submission_count ? db_run(db, &take_next, args, n)
                                          : db_run(db, &take_fresh, args + 4, n - 4);
    return err ? err : db_affected(db) ? ERR_OK : ERR_NOT_FOUND;
}

enum err store_label_lease(struct db *db, const struct store_label_actor *actor, struct uuid task,
                           int64_t now, int64_t until)
{
    enum err err =
        db_run(db, &lease,
               DB_ARGS(holder(actor, true), holder(actor, false), db_time(now), db_time(until),
                       db_uuid(actor->org), db_uuid(actor->campaign), db_uuid(task), db_time(now)));
    return err ? err : db_affected(db) ? ERR_OK : ERR_NOT_FOUND;
}

enum err store_label_served(struct db *db, struct arena *arena,
                            const struct store_label_actor *actor, struct uuid id,
                            struct store_label_task *task, bool *again)
{
    struct db_rows *rows;
    const struct db_value org = db_uuid(actor->org), campaign = db_uuid(actor->campaign);
    enum err err =
        again ? db_query_one(db, &rows, &select_again,
                             DB_ARGS(db_uuid(actor->id), org, campaign, db_uuid(id)))
              : db_query_one(db, &rows, &select_served, DB_ARGS(org, campaign, db_uuid(id)));
    if (err)
        return err;
    unsigned next = db_get_shape(rows, 0, &shape_label_task_served, task, arena);
    if (again)
        *again = db_get_int(rows, next) == 1;
    return db_end(rows);
}

enum err store_label_lapse(struct db *db, const struct store_label_actor *actor, struct uuid task)
{
    const struct db_value org = db_uuid(actor->org), campaign = db_uuid(actor->campaign),
                          id = db_uuid(actor->id);
    enum err err = db_run(db, &mark_lapse, DB_ARGS(org, campaign, id));
    return err ? err : db_run(db, &insert_lapse, DB_ARGS(org, campaign, db_uuid(task), id));
}

enum err store_label_release(struct db *db, const struct store_label_actor *actor)
{
    return db_run(db, &release,
                  DB_ARGS(db_uuid(actor->org), db_uuid(actor->campaign), db_uuid(actor->id)));
}
