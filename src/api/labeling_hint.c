/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks that were free a moment ago, kept by the worker: guesses, which the claim compares. */
#include "labeling_hint.h"

#include "when.h"

#define CAMPAIGNS 16
#define LIST      32
#define AGE       2000000 /* microseconds */

static struct hints {
    struct uuid campaign, ids[LIST];
    int64_t asked, until; /* time_monotonic */
    bool busy;            /* asked so often that a list pays */
    size_t n;
} kept[CAMPAIGNS];

static struct hints *hints_of(const struct labeling_look *look)
{
    const struct uuid *campaign = &look->actor.campaign;
    struct hints *hints = &kept[campaign->b[sizeof campaign->b - 1] % CAMPAIGNS];
    if (!uuid_equal(&hints->campaign, campaign))
        *hints = (struct hints){.campaign = *campaign};
    return hints;
}

enum err labeling_hint_first(struct labeling_look *look)
{
    struct hints *hints = hints_of(look);
    int64_t now = time_monotonic();
    hints->busy = now - hints->asked < AGE / 8;
    hints->asked = now;
    if (!hints->n || now >= hints->until) {
        hints->n = 0;
        return ERR_NOT_FOUND;
    }
    enum err err =
        store_label_seat_guess(look->db, look->arena, &look->actor, hints->ids[--hints->n],
                               look->now, &look->seat, &look->first, &look->first_task);
    if (err == ERR_NOT_FOUND) /* so may the others be wrong */
        hints->n = 0;
    return err;
}

enum err labeling_hint_fill(struct labeling_look *look)
{
    struct hints *hints = hints_of(look);
    if (!hints->busy || look->seat.adaptive)
        return ERR_OK;
    hints->until = hints->asked + AGE;
    return store_label_queue_next(look->db, &look->actor, look->first.place, hints->ids, LIST,
                                  &hints->n);
}
