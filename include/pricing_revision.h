/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What quotes rest on that is a revision's own, kept by the process: of the last 256 revisions that
   were read. A revision never changes; its learning curve is that of the environment and stamp it
   was read with. Whether the revision is still there, the statement that stores the quote says. */
#ifndef COSTWRIGHT_PRICING_REVISION_H
#define COSTWRIGHT_PRICING_REVISION_H

#include "store_run.h"

/* Its texts live until the next pricing_revision_keep. */
bool pricing_revision_kept(struct uuid environment, struct uuid stamp, struct uuid revision,
                           struct store_basis *basis);
/* One that was not kept. */
void pricing_revision_keep(const struct store_basis *basis);
/* When there are no requests for a while. */
void pricing_revision_forget(void);

#endif
