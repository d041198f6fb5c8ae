/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions about single tasks between the fits of a campaign. */
#ifndef COSTWRIGHT_LABELING_CONSENSUS_H
#define COSTWRIGHT_LABELING_CONSENSUS_H

#include "err.h"
#include "uuid.h"

struct request;

/* Decides a normal open task of an open campaign by the campaign's method. Called with the task
   locked, in the transaction of the submission that made it due: at n_required counted
   submissions; in a campaign with adaptive redundancy after every submission. The task then
   becomes resolved, or needs_adjudication where the best posterior is below 0.6 or tied; with
   adaptive redundancy it may also stay open (calc_redundancy_open) and gets its place in the queue
   by its entropy (store_label_task_move). Writes the decision (store_label_task_decide) and counts
   what became resolved (store_label_campaign_add with caller_actor). */
enum err labeling_decide(struct request *request, struct uuid campaign, struct uuid task);

#endif
