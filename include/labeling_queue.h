/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to offer an annotator next. */
#ifndef COSTWRIGHT_LABELING_QUEUE_H
#define COSTWRIGHT_LABELING_QUEUE_H

#include "store_label_queue.h"

#include <stdbool.h>

struct arena;
struct db;

/* A few tasks behind a random place, or else windows of 64 and 512, hold one at once, unless this
   annotator has done nearly all that are open: then a sweep begins that passes every open task
   once, over as many calls as it takes, and puts aside those that others hold at that moment. After
   it only what was put aside can become available, until tasks are added. So the queue is never
   walked again and again, and an empty answer is exact. In adaptive campaigns the order matters:
   windows from the head of the queue. */
struct labeling_look {
    struct db *db;
    struct arena *arena;
    const char *secret; /* 32 bytes */
    struct store_label_actor actor;
    struct store_label_seat seat; /* as read; sweep and gold members as the look leaves them */
    int64_t start;                /* a random place */
    int64_t now, until;           /* a lease begins and ends */

    /* normal tasks to try in this order; those not free are passed over */
    struct store_label_place *rows;
    size_t n;
    bool sweeping;  /* rows come from the sweep: what is passed over is put aside */
    bool put_aside; /* rows were put aside before */
    bool held;      /* some task is only kept by others' leases */
    bool moved;     /* sweep or gold members changed: worth writing even without a task */
    struct store_label_place *passed; /* to be put aside whatever happens */
    size_t n_passed;
    struct store_label_place *stale; /* put aside earlier, decided or answered since */
    size_t n_stale;

    /* a free task behind start, read along with the seat; nil id: none was among the next few */
    struct store_label_place first;
    struct store_label_task first_task;

    /* the honeypots that are due, in this order */
    struct store_label_place *gold;
    size_t n_gold;
};

static inline bool labeling_place_free(const struct store_label_place *place)
{
    return place->open && !place->held && !place->done;
}

/* Reads the seat, and first with it. ERR_NOT_FOUND: no such campaign. */
enum err labeling_seat(struct labeling_look *look);
/* Fills rows (n = 0: there is nothing for this annotator now; held says why) and, when rows there
   are and a honeypot is due, gold. */
enum err labeling_look(struct labeling_look *look);
/* Rank of a honeypot in this annotator's order. */
int64_t labeling_gold_rank(const struct labeling_look *look, const struct uuid *task);

/* The usual case: first is a normal task of which everything is known. */
static inline bool labeling_is_first(const struct labeling_look *look)
{
    return look->n && look->rows == &look->first && !look->n_gold && !look->moved;
}
/* Can it be claimed outside of a transaction: by one round trip, or nothing is written? */
static inline bool labeling_claim_alone(const struct labeling_look *look)
{
    if (look->moved || look->n_stale)
        return false;
    return !look->n || labeling_is_first(look) || (look->n_gold && !look->seat.has_lapsed);
}
/* Inside a transaction, or outside of any if alone (which labeling_claim_alone must allow): leases
   the first of the look's honeypots, or of its rows where it has none, that is still free, fills
   *task and writes the seat. ERR_NOT_FOUND: all were taken meanwhile, or another call of this
   annotator was first; look again. A look without rows: *task keeps its nil id. */
enum err labeling_claim(struct labeling_look *look, bool alone, struct store_label_task *task);
/* Before the look: what the annotator let go of can be served again, without counting again. */
enum err labeling_let_go(struct labeling_look *look);

#endif
