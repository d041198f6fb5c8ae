/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Honeypots: when one is due, which one, and what its answer says about the annotator. */
#ifndef COSTWRIGHT_LABELING_GOLD_H
#define COSTWRIGHT_LABELING_GOLD_H

#include "err.h"

#include <stdbool.h>

struct labeling_look;
struct request;
struct store_label_actor;
struct store_label_seat;
struct store_label_tallies;

/* calc_honeypot.h's rule for the seat. */
bool labeling_gold_due(const struct labeling_look *look);
/* Raises gold_next of a seat whose counts have reached it. */
void labeling_gold_ahead(const struct labeling_look *look, struct store_label_seat *seat);
/* Fills look->gold in the annotator's own order: batches of it are kept in labeling_pending, so
   that the campaign's honeypots are ranked once in a while and not at every call. */
enum err labeling_gold_look(struct labeling_look *look);
/* After answers to honeypots were counted: blocks the annotator, with actor->id nil every one,
   whose gold answers say so. */
enum err labeling_gold_judge(struct request *request, const struct store_label_actor *actor,
                             const struct store_label_tallies *tallies);

#endif
