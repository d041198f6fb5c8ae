/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of the labeling queue share: one organisation, a clock, annotators who act as the
   handlers do for one. */
#ifndef COSTWRIGHT_LABELING_TEST_H
#define COSTWRIGHT_LABELING_TEST_H

#include "store_test.h"

#include "arena.h"
#include "labeling.h"
#include "labeling_hint.h" /* the queue, too */
#include "store_label_campaign.h"
#include "store_org.h"

#include <stdlib.h>
#include <string.h>

#define LEASE INT64_C(600000000)

extern struct db *db, *other; /* two connections to one database */
extern struct arena *arena;
extern struct store_org org;
extern int64_t now;
extern int by_hint; /* offers of a worker's list */

/* A further connection, of a child process; it ends with that. */
struct db *labeling_db(void);
int labeling_begin(void);
int labeling_end(void);

struct uuid campaign_new(double gold_fraction, bool adaptive);
struct store_label_actor annotator(struct uuid campaign);
/* n tasks, normal or honeypots, that take any number of answers. */
struct store_label_task *tasks_new(struct uuid campaign, size_t n, bool gold);

struct offer {
    struct labeling_look look;
    struct store_label_task task; /* nil id: nothing */
    bool alone;
};

struct offer offered(const struct store_label_actor *actor);
/* The actor's answer to a task. */
struct store_label_submission confirm(const struct store_label_actor *actor, struct uuid task);
/* By a block of its own (begins) or in a transaction; whether it counted. */
bool voted(const struct store_label_actor *actor, struct uuid task, bool begins);
void answer(const struct store_label_actor *actor, struct uuid task);
/* Takes and answers until there is nothing; the tasks, each of which must come once. */
size_t drain(const struct store_label_actor *actor, struct uuid *seen, size_t room,
             struct offer *last);

#endif
