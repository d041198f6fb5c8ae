/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks that were free a moment ago. In a campaign that many ask for work, a worker reads tasks of
   the queue ahead and offers those one after the other: a claim then is one statement and nothing
   read. A guess is no promise: what makes a task free, and an annotator one who may have it, is
   compared as it is leased. */
#ifndef COSTWRIGHT_LABELING_HINT_H
#define COSTWRIGHT_LABELING_HINT_H

#include "labeling_queue.h"

/* Leases the next guess and fills *task. ERR_NOT_FOUND: there was none, it was wrong, or more has
   to be known of the annotator; look. */
enum err labeling_hint_claim(const struct labeling_look *look, struct store_label_task *task);
/* After first was found in the queue: what stands behind it, unless there are guesses. Not in
   adaptive campaigns, where the order of the queue matters. */
enum err labeling_hint_fill(const struct labeling_look *look);
/* When there are no requests for a while. */
void labeling_hint_forget(void);

#endif
