/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks that were free a moment ago. In a campaign that many ask for work, a worker reads places of
   the queue ahead and offers those one after the other: each claim then reads one task by its id,
   half of what a look into the queue costs. A guess is no promise: it is read with all that makes
   a task free, and leased by compare and set. */
#ifndef COSTWRIGHT_LABELING_HINT_H
#define COSTWRIGHT_LABELING_HINT_H

#include "labeling_queue.h"

/* Fills seat, first and first_task. ERR_NOT_FOUND: there was no guess, or a wrong one. */
enum err labeling_hint_first(struct labeling_look *look);
/* After first was found in the queue: what stands behind it. Not in adaptive campaigns, where the
   order of the queue matters. */
enum err labeling_hint_fill(struct labeling_look *look);

#endif
