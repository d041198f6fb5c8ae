/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks that were free a moment ago, kept by the worker: guesses, which the claim compares. */
#include "labeling_hint.h"

#include "arena.h"
#include "when.h"

#define CAMPAIGNS 16
#define LIST      32
#define BYTES     ((size_t)128 << 10) /* of one campaign's: larger tasks are fewer */
#define AGE       2000000             /* microseconds */
#define WRONG     2 /* in a row: the queue is not what it was (one may be a honeypot's turn) */

static struct hints {
    struct uuid campaign;
    struct arena *arena;
    struct store_label_task tasks[LIST]; /* their texts are the arena's */
    int64_t asked, until;                /* time_monotonic */
    bool busy;                           /* asked so often that a list pays */
    size_t n;
    int wrong;
} kept[CAMPAIGNS];

static struct hints *hints_of(const struct labeling_look *look)
{
    const struct uuid *campaign = &look->actor.campaign;
    struct hints *hints = &kept[campaign->b[sizeof campaign->b - 1] % CAMPAIGNS];
    if (!uuid_equal(&hints->campaign, campaign))
        *hints = (struct hints){.campaign = *campaign, .arena = hints->arena};
    return hints;
}

enum err labeling_hint_claim(const struct labeling_look *look, struct store_label_task *task)
{
    struct hints *hints = hints_of(look);
    int64_t now = time_monotonic();
    hints->busy = now - hints->asked < AGE / 8;
    hints->asked = now;
    if (now >= hints->until || hints->wrong == WRONG)
        hints->n = 0;
    if (!hints->n)
        return ERR_NOT_FOUND;
    *task = hints->tasks[--hints->n];
    task->claim_expires_at = look->until;
    enum err err = store_label_take_next(look->db, &look->actor, task, look->now, look->until);
    hints->wrong = err ? hints->wrong + 1 : 0;
    return err;
}

enum err labeling_hint_fill(const struct labeling_look *look)
{
    struct hints *hints = hints_of(look);
    if (!hints->busy || hints->n || look->seat.adaptive)
        return ERR_OK;
    if (!hints->arena)
        hints->arena = arena_new();
    arena_reset(hints->arena);
    hints->until = hints->asked + AGE;
    hints->wrong = 0;
    return store_label_queue_next(look->db, hints->arena, &look->actor, look->first.place,
                                  look->now, BYTES, hints->tasks, LIST, &hints->n);
}

void labeling_hint_forget(void)
{
    for (size_t i = 0; i < CAMPAIGNS; i++) {
        if (!kept[i].arena) /* nor is its memory touched */
            continue;
        arena_free(kept[i].arena);
        kept[i] = (struct hints){.arena = NULL};
    }
}
