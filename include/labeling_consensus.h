/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions about tasks: of single ones between the fits of a campaign, of all at a fit. */
#ifndef COSTWRIGHT_LABELING_CONSENSUS_H
#define COSTWRIGHT_LABELING_CONSENSUS_H

#include "err.h"
#include "uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct labeling_fit;
struct request;
struct store_label_campaign;
struct store_label_decision;
struct store_label_submission;
struct store_label_task;

/* Decides a normal open task of an open campaign by the campaign's method. Called with the task
   locked (store_label_vote, counted as it will be), in the transaction that will store the
   submission that makes it due (blocked: its annotator is): at n_required counted submissions; in a
   campaign with adaptive redundancy after every submission. The task then becomes resolved, or
   needs_adjudication where the best posterior is below 0.6 or tied; with adaptive redundancy it may
   also stay open (calc_redundancy_open): *decided is false, and it gets its place in the queue by
   its entropy. The caller writes the decision (store_label_answer). */
enum err labeling_decide(struct request *request, const struct store_label_campaign *campaign,
                         const struct store_label_task *task,
                         const struct store_label_submission *submission, bool blocked,
                         struct store_label_decision *decision, bool *decided);

/* The same for many (distinct) tasks, honeypots and tasks that are not due among them; the caller
   counts *resolved. */
enum err labeling_decide_tasks(struct request *request, const struct store_label_campaign *campaign,
                               const struct uuid *tasks, size_t n, int64_t *resolved);

/* Decides every task of a fit that has a label and is neither honeypot nor adjudicated. *resolved:
   by how many the resolved ones became more. */
enum err labeling_decide_all(struct request *request, const struct store_label_campaign *campaign,
                             const struct labeling_fit *fit, int64_t *resolved);

/* Makes the seats say who the fit blocks: next-task asks them. */
enum err labeling_block(struct request *request, struct uuid campaign,
                        const struct labeling_fit *fit);

#endif
