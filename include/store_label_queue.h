/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue of a campaign as one annotator meets it: seats, windows of the queue, leases. */
#ifndef COSTWRIGHT_STORE_LABEL_QUEUE_H
#define COSTWRIGHT_STORE_LABEL_QUEUE_H

#include "err.h"
#include "store_label_campaign.h"
#include "store_label_task.h"
#include "uuid.h"

struct arena;
struct db;
struct sql;

/* Whose seat. */
struct store_label_actor {
    struct uuid org, campaign, id;
    bool is_user;
};

/* A full look at a queue with many tasks the annotator has done goes on from call to call: from
   `from` up to the end, then from the start up to `from` again. */
struct store_label_sweep {
    int64_t from;  /* it began behind this; INT_NONE: none under way */
    int64_t at;    /* rnd of the last task it passed; INT_NONE: complete */
    bool wrapped;  /* it has passed the end */
    int64_t tasks; /* normal tasks of the campaign when it began; later ones make it void */
};

struct store_label_seat {
    bool exists;
    int64_t turn;        /* store_label_seat_serve compares and raises it */
    struct uuid task_id; /* served last and not answered */
    bool live;           /* and still leased by the annotator */
    bool lapsed;         /* and open, but neither leased by it nor answered */
    bool lapsed_gold;
    int64_t lapsed_place; /* rnd of that task */
    int64_t n_served, n_gold_served;
    struct store_label_sweep sweep;
    int64_t gold_mark;  /* rank up to which honeypots were put into labeling_pending */
    int64_t gold_tasks; /* honeypots there were when all had been; INT_NONE: not all */
    int64_t gold_next;  /* n_served below which no honeypot is due, until some are added */
    bool has_lapsed;    /* of some task, once */
    bool blocked;
    /* of the campaign */
    const char *status;
    double gold_fraction;
    bool adaptive;
};

/* A task the annotator may be served. */
struct store_label_place {
    struct uuid id;
    int64_t place;
    bool open; /* else decided */
    bool held; /* leased by somebody */
    bool done; /* answered by this annotator */
};
extern const struct store_label_place store_label_head; /* before the first of a queue */

/* Campaign and seat; live and lapsed members only if there is no task_id (nil), else ask
   store_label_seat_outstanding too, which fills in the task as it is served. The two together are
   what an ordinary call reads of the seat, and the second is needed only by those who come back
   without having answered.
   ERR_NOT_FOUND: no such campaign. */
enum err store_label_seat_get(struct db *db, struct arena *arena,
                              const struct store_label_actor *actor, struct store_label_seat *seat);
enum err store_label_seat_outstanding(struct db *db, struct arena *arena,
                                      const struct store_label_actor *actor, int64_t now,
                                      struct store_label_seat *seat, struct store_label_task *task);
/* store_label_seat_get, and in the same statement the first free task behind `after` that the
   annotator has not answered, among the first few in the queue: nearly always all that a call
   needs. ERR_NOT_FOUND: no such campaign, or none of those; there may be more behind them. */
enum err store_label_seat_first(struct db *db, struct arena *arena,
                                const struct store_label_actor *actor, int64_t after, int64_t now,
                                struct store_label_seat *seat, struct store_label_place *place,
                                struct store_label_task *task);
/* An empty seat, unless there is one. */
enum err store_label_seat_make(struct db *db, const struct store_label_actor *actor);
/* Writes n_served, n_gold_served, sweep, gold members, task_id (nil: the old one stays)
   and raises turn. ERR_CONFLICT: turn is not seat->turn, another call was first. */
enum err store_label_seat_serve(struct db *db, const struct store_label_actor *actor,
                                const struct store_label_seat *seat, struct uuid task);
/* What an answer depends on; others change none of it before the transaction ends. */
struct store_label_question {
    struct store_label_task task;         /* STORE_LABEL_ANSWERED */
    struct store_label_campaign campaign; /* id, status, consensus_method, adaptive_redundancy */
    bool blocked;                         /* the actor, there */
};
/* Inserts an answer and counts it at task and seat, where that is all there is to do: it says
   confirm or reject, the actor's lease allows it now, in an open campaign, which is the actor's
   unless that is nil, and the task is a normal one that it does not decide, without adaptive
   redundancy. Else *counted is false, nothing changed, and *question is read; ERR_NOT_FOUND: no
   such task. One round trip. begins: first in db_transact_block, which has ended if *counted; else
   inside a transaction. */
enum err store_label_vote(struct db *db, struct arena *arena, const struct store_label_actor *actor,
                          const struct store_label_submission *submission, bool begins, int64_t now,
                          bool *counted, struct store_label_question *question);
/* Gold tallies of every seat that made submissions, in the order of actors. */
struct store_label_tallies {
    struct store_label_tally {
        struct uuid actor;
        int64_t answered, correct;
    } * at;
    size_t n;
};
enum err store_label_tallies_get(struct db *db, struct arena *arena, struct uuid org,
                                 struct uuid campaign, struct store_label_tallies *tallies);
/* What an answer changes. */
struct store_label_answered {
    bool counts; /* toward n_required */
    bool unsure;
    bool judged, right;                          /* an answer to a honeypot, unsure left out */
    const struct store_label_decision *decision; /* resolved or needs_adjudication; NULL: none */
};
/* Counts an answer and what it decides at task and seat, ends the lease and inserts the answer, in
   one round trip, in the transaction of its store_label_vote. commits: that, which must be
   db_transact_block, ends with it. *tallies: if it is judged. ERR_DUPLICATE: this annotator has
   answered this task. ERR_INTERNAL: there is no such task. */
enum err store_label_answer(struct db *db, struct arena *arena,
                            const struct store_label_actor *actor,
                            const struct store_label_submission *submission,
                            const struct store_label_answered *answered, bool commits, int64_t now,
                            struct store_label_tallies *tallies);
/* Blocks the annotator from now on; one that is blocked keeps its moment. */
enum err store_label_seat_stop(struct db *db, const struct store_label_actor *actor, int64_t now);
/* what the test of their plans explains */
extern const struct sql store_label_sql_first, store_label_sql_next, store_label_sql_window;

/* Up to limit open normal tasks behind `after` in the queue, up to place `last` inclusive; where
   after has no id: behind all of its place. Returns what is there, done and held ones too: what a
   window costs does not depend on what is in it. */
enum err store_label_queue_window(struct db *db, struct arena *arena,
                                  const struct store_label_actor *actor,
                                  const struct store_label_place *after, int64_t last, size_t limit,
                                  int64_t now, struct store_label_place **list, size_t *n);
/* What is served, and submission_count, of up to limit normal tasks behind place `after` that are
   open, free and not answered by the annotator, among the next in the queue; fewer if the arena
   comes to hold so many bytes. */
enum err store_label_queue_next(struct db *db, struct arena *arena,
                                const struct store_label_actor *actor, int64_t after, int64_t now,
                                size_t bytes, struct store_label_task *list, size_t limit,
                                size_t *n);
/* The same as a window among the tasks put aside for the annotator, honeypots or normal ones. */
enum err store_label_pending_window(struct db *db, struct arena *arena,
                                    const struct store_label_actor *actor, bool is_gold,
                                    const struct store_label_place *after, size_t limit,
                                    int64_t now, struct store_label_place **list, size_t *n);
enum err store_label_pending_add(struct db *db, const struct store_label_actor *actor, bool is_gold,
                                 const struct store_label_place *list, size_t n);
enum err store_label_pending_drop(struct db *db, const struct store_label_actor *actor,
                                  bool is_gold, const struct store_label_place *list, size_t n);
/* All honeypots, with or without those the annotator has answered; place is left 0. */
enum err store_label_queue_gold(struct db *db, struct arena *arena,
                                const struct store_label_actor *actor, bool answered_too,
                                struct store_label_place **list, size_t *n);

/* Leases a task and writes n_served, n_gold_served, gold_next, task_id and turn of the seat, in one
   statement; n_served is written one lower where the seat has_lapsed, and that of this task. gold
   not NULL: it is a honeypot, and the seat has not lapsed; it is pending no more and read as it is
   served, in one round trip and outside of any transaction. ERR_NOT_FOUND: the task was taken, the
   campaign closed, or another call of this annotator was first. */
enum err store_label_take(struct db *db, const struct store_label_actor *actor,
                          const struct store_label_seat *seat,
                          const struct store_label_place *place, int64_t now, int64_t until,
                          struct arena *arena, struct store_label_task *gold);
/* Leases a task by its id and counts it at the seat, in one round trip, to an annotator of whom
   nothing was read, where any free normal task would do: the campaign is open, the annotator is not
   blocked, holds no task, has never let go of one, is due no honeypot and is not sweeping; the task
   is open, free, normal and not answered by it. Of the task its id and submission_count, which may
   be old, are read. ERR_NOT_FOUND: one of this is not so. */
enum err store_label_take_next(struct db *db, const struct store_label_actor *actor,
                               const struct store_label_task *task, int64_t now, int64_t until);
/* Compare and set: leases an open task that nobody holds, of an open campaign. ERR_NOT_FOUND: it is
   not so any more. */
enum err store_label_lease(struct db *db, const struct store_label_actor *actor, struct uuid task,
                           int64_t now, int64_t until);
/* What is served. again: whether it was served to this annotator before; NULL: not asked. */
enum err store_label_served(struct db *db, struct arena *arena,
                            const struct store_label_actor *actor, struct uuid id,
                            struct store_label_task *task, bool *again);
/* Remembers that a task was served and not answered. */
enum err store_label_lapse(struct db *db, const struct store_label_actor *actor, struct uuid task);
/* Ends the lease the actor holds, if any. */
enum err store_label_release(struct db *db, const struct store_label_actor *actor);

#endif
