/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Honeypots: when one is due, which one, and what its answer says about the annotator. */
#include "labeling_gold.h"

#include "arena.h"
#include "calc_honeypot.h"
#include "calc_trust.h"
#include "labeling_queue.h"
#include "request.h"
#include "store_label_campaign.h"

#include <stdlib.h>
#include <string.h>

#define SECRET 32
#define WINDOW 8 /* honeypots to try: nearly always the first will do */
#define BATCH  256
#define AHEAD  256 /* served tasks that are looked ahead */

/* "secret|id" or "secret|id|id" */
struct prefix {
    char text[SECRET + 2 * UUID_TEXT];
    size_t n;
};

static void prefix_add(struct prefix *prefix, const struct uuid *id)
{
    char text[UUID_TEXT];
    uuid_text(id, text);
    prefix->text[prefix->n++] = '|';
    memcpy(prefix->text + prefix->n, text, UUID_TEXT - 1);
    prefix->n += UUID_TEXT - 1;
}

static struct prefix prefix_new(const struct labeling_look *look)
{
    struct prefix prefix = {.n = SECRET};
    memcpy(prefix.text, look->secret, SECRET);
    return prefix;
}

/* The first n_served of [seat->n_served, last) at which a honeypot is due, or last. */
static int64_t next_due(const struct labeling_look *look, const struct store_label_seat *seat,
                        int64_t last)
{
    struct prefix prefix = prefix_new(look);
    prefix_add(&prefix, &look->actor.campaign);
    prefix_add(&prefix, &look->actor.id);
    const struct calc_key key = {prefix.text, prefix.n};
    int64_t n = seat->n_served;
    while (n < last &&
           !calc_honeypot_due(seat->gold_fraction, (uint64_t)n, (uint64_t)seat->n_gold_served,
                              calc_honeypot_draw(key, (uint64_t)n + 1)))
        n++;
    return n;
}

bool labeling_gold_due(const struct labeling_look *look)
{
    const struct store_label_seat *seat = &look->seat;
    return seat->n_served >= seat->gold_next &&
           next_due(look, seat, seat->n_served + 1) == seat->n_served;
}

void labeling_gold_ahead(const struct labeling_look *look, struct store_label_seat *seat)
{
    if (seat->n_served >= seat->gold_next)
        seat->gold_next = next_due(look, seat, seat->n_served + AHEAD);
}

int64_t labeling_gold_rank(const struct labeling_look *look, const struct uuid *task)
{
    struct prefix prefix = prefix_new(look);
    char text[UUID_TEXT];
    prefix_add(&prefix, &look->actor.id);
    uuid_text(task, text);
    uint64_t rank = calc_honeypot_rank((struct calc_key){prefix.text, prefix.n},
                                       (struct calc_key){text, UUID_TEXT - 1});
    return (int64_t)(rank >> 1);
}

static int by_rank(const void *a, const void *b)
{
    const struct store_label_place *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return uuid_compare(&x->id, &y->id);
}

static int by_id(const void *a, const void *b)
{
    const struct store_label_place *x = a, *y = b;
    return uuid_compare(&x->id, &y->id);
}

/* The next batch of honeypots that are neither answered (unless answered_too) nor among waiting. */
static enum err refill(struct labeling_look *look, struct store_label_place *waiting,
                       size_t n_waiting, bool answered_too)
{
    struct store_label_seat *seat = &look->seat;
    struct store_label_counts counts;
    struct store_label_place *all;
    size_t n_all, n = 0;
    enum err err =
        store_label_campaign_counts(look->db, look->actor.org, look->actor.campaign, &counts);
    if (err || seat->gold_tasks == counts.gold_tasks)
        return err; /* none was added since all were there */
    err = store_label_queue_gold(look->db, look->arena, &look->actor, answered_too, &all, &n_all);
    if (err)
        return err;
    if (seat->gold_tasks != INT_NONE)
        seat->gold_mark = -1;
    if (n_waiting)
        qsort(waiting, n_waiting, sizeof *waiting, by_id);
    for (size_t i = 0; i < n_all; i++) {
        if (n_waiting && bsearch(&all[i], waiting, n_waiting, sizeof *waiting, by_id))
            continue;
        all[n] = all[i];
        all[n].place = labeling_gold_rank(look, &all[i].id);
        n++;
    }
    if (n)
        qsort(all, n, sizeof *all, by_rank);
    size_t first = 0;
    while (first < n && all[first].place <= seat->gold_mark)
        first++;
    /* what was added behind the mark meanwhile comes when the rest has been handed out */
    if (n - first < BATCH)
        first = n <= BATCH || first == n ? 0 : first;
    size_t batch = n - first < BATCH ? n - first : BATCH;
    bool complete = batch == n;
    seat->gold_mark = complete ? INT64_MAX : batch == n - first ? -1 : all[first + batch - 1].place;
    seat->gold_tasks = complete ? counts.gold_tasks : INT_NONE;
    look->moved = true;
    look->gold = all + first;
    look->n_gold = batch;
    return store_label_pending_add(look->db, &look->actor, true, look->gold, batch);
}

enum err labeling_gold_look(struct labeling_look *look)
{
    struct store_label_place *waiting = NULL;
    size_t n_waiting = 0;
    const struct store_label_seat *seat = &look->seat;
    /* who has seen no honeypot has hardly answered any: the few are told apart when they come up */
    bool first = seat->gold_mark == -1 && seat->gold_tasks == INT_NONE && seat->n_gold_served == 0;
    struct store_label_place after = store_label_head;
    for (;;) {
        struct store_label_place *rows, *stale = NULL;
        size_t n, n_stale = 0, n_free = 0;
        enum err err = store_label_pending_window(look->db, look->arena, &look->actor, true, &after,
                                                  WINDOW, look->now, &rows, &n);
        if (err)
            return err;
        for (size_t i = 0; i < n; i++) {
            if (rows[i].done || !rows[i].open) {
                stale = store_list_room(look->arena, stale, n_stale, sizeof *stale);
                stale[n_stale++] = rows[i];
            } else {
                waiting = store_list_room(look->arena, waiting, n_waiting, sizeof *waiting);
                waiting[n_waiting++] = rows[i];
                n_free += !rows[i].held;
            }
        }
        err = store_label_pending_drop(look->db, &look->actor, true, stale, n_stale);
        if (err)
            return err;
        if (n_free) {
            look->gold = rows;
            look->n_gold = n;
            return ERR_OK;
        }
        if (n == WINDOW) {
            after = rows[n - 1];
            continue;
        }
        err = refill(look, waiting, n_waiting, first);
        if (!err && !look->n_gold && !n_waiting && look->seat.gold_tasks != INT_NONE)
            look->seat.gold_next = INT64_MAX; /* none is left */
        if (err || !first)
            return err;
        first = false;
        look->n_gold = n_waiting = 0;
        after = store_label_head;
    }
}

enum err labeling_gold_judge(struct request *request, const struct store_label_actor *actor,
                             const struct store_label_tallies *tallies)
{
    size_t n = tallies->n;
    enum err err = ERR_OK;
    struct calc_trust_tally *list = ARENA_ARRAY(request->arena, n + 1, struct calc_trust_tally);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct calc_trust_tally){.gold = (uint32_t)tallies->at[i].answered,
                                            .gold_right = (uint32_t)tallies->at[i].correct};
    double mean = calc_trust_prior_mean(list, n);
    for (size_t i = 0; !err && i < n; i++) {
        struct store_label_actor judged = *actor;
        judged.id = tallies->at[i].actor;
        if ((uuid_is_nil(&actor->id) || uuid_equal(&actor->id, &judged.id)) &&
            calc_trust_blocked(&list[i], mean, NULL))
            err = store_label_seat_stop(request->db, &judged, request->now);
    }
    return err;
}
