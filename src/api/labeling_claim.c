/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leases one of the tasks a look has found. */
#include "arena.h"
#include "labeling_gold.h"
#include "labeling_queue.h"

/* Tries rows in order; *taken: which one was leased, n if none. Those somebody else was quicker
   with are marked held. */
static enum err lease(struct labeling_look *look, struct store_label_place *rows, size_t n,
                      size_t *taken)
{
    for (size_t i = 0; i < n; i++) {
        if (!labeling_place_free(&rows[i]))
            continue;
        enum err err =
            store_label_lease(look->db, &look->actor, rows[i].id, look->now, look->until);
        if (err != ERR_NOT_FOUND) {
            *taken = i;
            return err;
        }
        rows[i].held = true;
    }
    *taken = n;
    return ERR_OK;
}

/* The sweep passes the rows before taken and taken itself. */
static enum err advance(struct labeling_look *look, struct store_label_seat *seat, size_t taken)
{
    struct store_label_place *aside = ARENA_ARRAY(look->arena, taken + 1, struct store_label_place);
    size_t n = 0;
    for (size_t i = 0; i < taken; i++)
        if (look->rows[i].open && look->rows[i].held && !look->rows[i].done)
            aside[n++] = look->rows[i];
    seat->sweep.at = look->rows[taken].place;
    return store_label_pending_add(look->db, &look->actor, false, aside, n);
}

static enum err take_first(struct labeling_look *look, struct store_label_seat *seat,
                           struct store_label_task *task)
{
    seat->n_served++;
    if (seat->has_lapsed)
        seat->gold_next = 0; /* this one may not count */
    else
        labeling_gold_ahead(look, seat);
    *task = look->first_task;
    task->claim_expires_at = look->until;
    return store_label_take(look->db, &look->actor, seat, &look->first, look->now, look->until,
                            NULL, NULL);
}

/* The first honeypot that is free; if somebody is quicker, the next look finds another. */
static enum err take_gold(struct labeling_look *look, struct store_label_seat *seat,
                          struct store_label_task *task)
{
    const struct store_label_place *place = look->gold;
    while (!labeling_place_free(place))
        place++;
    seat->n_served++;
    seat->n_gold_served++;
    labeling_gold_ahead(look, seat);
    enum err err = store_label_take(look->db, &look->actor, seat, place, look->now, look->until,
                                    look->arena, task);
    /* a revocation may have ended the lease before the task was read */
    task->claim_expires_at = look->until;
    return err;
}

/* Who loses all honeypots that were free to others looks again: there may be more. */
static enum err take(struct labeling_look *look, struct store_label_seat *seat,
                     struct store_label_task *task)
{
    bool gold = look->n_gold, again = false;
    struct store_label_place *rows = gold ? look->gold : look->rows;
    size_t taken, n = gold ? look->n_gold : look->n;
    enum err err = lease(look, rows, n, &taken);
    if (!err && taken == n)
        return ERR_NOT_FOUND;
    if (!err && !gold && look->sweeping)
        err = advance(look, seat, taken);
    if (!err && (gold || look->put_aside))
        err = store_label_pending_drop(look->db, &look->actor, gold, &rows[taken], 1);
    if (!err)
        err = store_label_served(look->db, look->arena, &look->actor, rows[taken].id, task,
                                 look->seat.has_lapsed ? &again : NULL);
    if (!err && !again) {
        seat->n_served++;
        seat->n_gold_served += gold;
    }
    return err;
}

enum err labeling_claim(struct labeling_look *look, bool alone, struct store_label_task *task)
{
    struct store_label_seat seat = look->seat;
    *task = (struct store_label_task){0};
    enum err err = ERR_OK;
    if (labeling_is_first(look))
        return take_first(look, &seat, task);
    if (alone && look->n)
        return take_gold(look, &seat, task);
    if (look->n)
        err = take(look, &seat, task);
    if (!err)
        err = store_label_pending_add(look->db, &look->actor, false, look->passed, look->n_passed);
    if (!err)
        err = store_label_pending_drop(look->db, &look->actor, false, look->stale, look->n_stale);
    if (err || (!look->n && !look->moved))
        return err;
    labeling_gold_ahead(look, &seat);
    err = store_label_seat_serve(look->db, &look->actor, &seat, task->id);
    return err == ERR_CONFLICT ? ERR_NOT_FOUND : err;
}

enum err labeling_let_go(struct labeling_look *look)
{
    const struct store_label_seat *seat = &look->seat;
    struct store_label_place place = {.id = seat->task_id, .place = seat->lapsed_place};
    if (!seat->lapsed)
        return ERR_OK;
    enum err err = store_label_lapse(look->db, &look->actor, seat->task_id);
    look->seat.has_lapsed = true;
    if (err || (!seat->lapsed_gold && seat->sweep.from == INT_NONE))
        return err;
    if (seat->lapsed_gold)
        place.place = labeling_gold_rank(look, &place.id);
    return store_label_pending_add(look->db, &look->actor, seat->lapsed_gold, &place, 1);
}
