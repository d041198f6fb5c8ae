/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to offer an annotator next: normal tasks. */
#include "labeling_queue.h"

#include "arena.h"
#include "labeling.h"
#include "labeling_gold.h"
#include "labeling_hint.h"
#include "store_label_campaign.h"

#define NEXT 64
#define GROW 8
#define MOST 4096

static bool any_free(const struct store_label_place *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (labeling_place_free(&rows[i]))
            return true;
    return false;
}

static void pass(struct labeling_look *look, const struct store_label_place *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].open && rows[i].held && !rows[i].done) {
            look->held = true;
            look->passed =
                store_list_room(look->arena, look->passed, look->n_passed, sizeof *look->passed);
            look->passed[look->n_passed++] = rows[i];
        }
}

/* Twice as many: what a window reads beyond the task it finds, and is read again, is no more than
   what was passed. */
static size_t larger(size_t size)
{
    return 2 * size < MOST ? 2 * size : MOST;
}

static enum err window(struct labeling_look *look, const struct store_label_place *after,
                       int64_t last, size_t size)
{
    return store_label_queue_window(look->db, look->arena, &look->actor, after, last, size,
                                    look->now, &look->rows, &look->n);
}

/* Always anew from the head: a task that moved from behind a window's end to before it would be in
   neither of two windows. */
static enum err from_head(struct labeling_look *look)
{
    size_t size = NEXT;
    enum err err = window(look, &store_label_head, INT64_MAX, size);
    while (!err && look->n == size && !any_free(look->rows, look->n))
        err = window(look, &store_label_head, INT64_MAX, size *= GROW);
    if (err || any_free(look->rows, look->n))
        return err;
    pass(look, look->rows, look->n);
    look->n = look->n_passed = 0;
    return ERR_OK;
}

/* Those put aside, when the sweep is complete. */
static enum err from_aside(struct labeling_look *look)
{
    struct store_label_place after = store_label_head;
    for (;;) {
        enum err err = store_label_pending_window(look->db, look->arena, &look->actor, false,
                                                  &after, NEXT, look->now, &look->rows, &look->n);
        if (err)
            return err;
        for (size_t i = 0; i < look->n; i++)
            if (look->rows[i].done || !look->rows[i].open) {
                look->stale =
                    store_list_room(look->arena, look->stale, look->n_stale, sizeof *look->stale);
                look->stale[look->n_stale++] = look->rows[i];
            } else if (look->rows[i].held) {
                look->held = true;
            }
        if (any_free(look->rows, look->n)) {
            look->put_aside = true;
            return ERR_OK;
        }
        if (look->n < NEXT)
            break;
        after = look->rows[look->n - 1];
    }
    look->n = 0;
    return ERR_OK;
}

static enum err from_sweep(struct labeling_look *look)
{
    struct store_label_sweep *sweep = &look->seat.sweep;
    for (size_t size = NEXT; sweep->at != INT_NONE; size = larger(size)) {
        const struct store_label_place at = {.place = sweep->at};
        enum err err = window(look, &at, sweep->wrapped ? sweep->from : INT64_MAX, size);
        if (err)
            return err;
        if (any_free(look->rows, look->n)) {
            look->sweeping = true;
            return ERR_OK;
        }
        pass(look, look->rows, look->n);
        look->moved = true;
        if (look->n == size) {
            sweep->at = look->rows[look->n - 1].place;
        } else {
            sweep->at = sweep->wrapped ? INT_NONE : -1;
            sweep->wrapped = true;
        }
    }
    return from_aside(look);
}

static enum err from_random(struct labeling_look *look)
{
    struct store_label_place after = {.place = look->start};
    int64_t last = INT64_MAX;
    bool wrapped = false;
    if (!uuid_is_nil(&look->first.id)) {
        look->rows = &look->first;
        look->n = 1;
        return ERR_OK;
    }
    enum err err = ERR_OK;
    for (size_t size = NEXT; size <= NEXT * GROW;) {
        err = window(look, &after, last, size);
        if (err)
            return err;
        if (any_free(look->rows, look->n)) {
            look->n_passed = 0; /* this was no sweep: they are met again */
            return ERR_OK;
        }
        pass(look, look->rows, look->n);
        if (look->n == size) {
            after = look->rows[look->n - 1];
            size *= GROW;
        } else if (!wrapped) {
            wrapped = true;
            after = store_label_head;
            last = look->start;
        } else {
            look->n = look->n_passed = 0;
            return ERR_OK; /* all of the queue was looked at */
        }
    }
    struct store_label_counts counts;
    err = store_label_campaign_counts(look->db, look->actor.org, look->actor.campaign, &counts);
    if (err)
        return err;
    /* from its start again: what was added behind the windows before the count would be missed */
    look->seat.sweep = (struct store_label_sweep){look->start, look->start, false, counts.tasks};
    look->n_passed = 0;
    look->moved = true;
    return from_sweep(look);
}

static enum err look_normal(struct labeling_look *look)
{
    struct store_label_sweep *sweep = &look->seat.sweep;
    if (look->seat.adaptive)
        return from_head(look);
    if (sweep->from == INT_NONE)
        return from_random(look);
    struct store_label_counts counts;
    enum err err =
        store_label_campaign_counts(look->db, look->actor.org, look->actor.campaign, &counts);
    if (err)
        return err;
    if (counts.tasks == sweep->tasks)
        return from_sweep(look);
    *sweep = (struct store_label_sweep){INT_NONE, INT_NONE, false, INT_NONE};
    look->moved = true;
    return from_random(look);
}

enum err labeling_seat(struct labeling_look *look)
{
    enum err err = store_label_seat_first(look->db, look->arena, &look->actor, look->start,
                                          look->now, &look->seat, &look->first, &look->first_task);
    if (err != ERR_NOT_FOUND)
        return err ? err : labeling_hint_fill(look);
    look->first.id = (struct uuid){{0}};
    return store_label_seat_get(look->db, look->arena, &look->actor, &look->seat);
}

enum err labeling_look(struct labeling_look *look)
{
    enum err err = look_normal(look);
    if (err || !look->n || !labeling_gold_due(look))
        return err;
    return labeling_gold_look(look);
}
