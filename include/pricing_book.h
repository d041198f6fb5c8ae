/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Books kept by the process, for quotes of one part: at most 8 of them and 4 MiB together, the one
   that was not used for longest goes first. A book is used only where the stamp that stands in the
   database now, in the statement that reads the quote's plan, is the one it was read with
   (store_stamp.h). So a change is seen by every worker from the moment it is committed, and nobody
   needs to be told of it. For what is written without a stamp, by hand or by the workers of an
   older release that still end, a book is read anew after 5 s. */
#ifndef COSTWRIGHT_PRICING_BOOK_H
#define COSTWRIGHT_PRICING_BOOK_H

#include "pricing.h"

/* NULL: it is not kept, or not that of this stamp. Lives until the next pricing_book_keep. */
const struct pricing_book *pricing_book_kept(struct uuid org, struct uuid environment,
                                             struct uuid stamp);
/* Reads the book and keeps it; in the transaction that has read the stamp, so that both are of one
   state. stamp nil, or a book that is too large: it lives until the request ends. As pricing_book.
 */
enum err pricing_book_keep(struct request *request, struct uuid environment, struct uuid stamp,
                           const struct pricing_book **book);
/* When there are no requests for a while. */
void pricing_books_forget(void);

#endif
