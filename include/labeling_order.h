/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An order of annotators and tasks that no id has a part in. */
#ifndef COSTWRIGHT_LABELING_ORDER_H
#define COSTWRIGHT_LABELING_ORDER_H

#include "store_label_data.h"

/* Sums of doubles depend on the order of their terms, and ids are drawn anew with every import. So
   annotators are put in the order of their addresses (those without one behind, by id) and tasks in
   the order of a hash of what is known and was said of them: equal labels give equal answers to the
   last bit. Tasks that tie there are alike; tasks without labels come last. */
void labeling_order(struct arena *arena, struct label_data *data,
                    const struct label_emails *emails);

#endif
