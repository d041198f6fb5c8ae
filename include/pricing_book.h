/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What environments price with, kept by the process (cache.h) for quotes of one part. It is used
   only where its state is the one that stands in the database when the quote is stored, or in the
   snapshot that is read for it (store_stamp.h). So a change is seen by every worker from the moment
   it is committed, and nobody needs to be told of it. For what is written without a stamp, by hand
   or by the workers of an older release that still end, it is read anew after 5 s. */
#ifndef COSTWRIGHT_PRICING_BOOK_H
#define COSTWRIGHT_PRICING_BOOK_H

#include "pricing.h"
#include "pricing_models.h"
#include "store_run.h"

struct pricing_basis {
    struct store_state state;
    int64_t read_at; /* time_monotonic */
    const struct pricing_book *book;
    struct pricing_models models; /* without learning curves, which are of one revision each */
};

/* NULL: it is not kept. Lives until the next pricing_basis_keep. */
const struct pricing_basis *pricing_basis_kept(struct uuid org, struct uuid environment);
/* Reads it and keeps it; in the transaction that has read the state, so that all is of that one.
   stamp nil, or one that is too large: it lives until the request ends. As pricing_book. */
enum err pricing_basis_keep(struct request *request, struct uuid environment,
                            struct store_state state, const struct pricing_basis **basis);
/* When there are no requests for a while. */
void pricing_basis_forget(void);

#endif
