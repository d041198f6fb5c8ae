/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans and learning curves of revisions, kept for the quotes that follow. */
#include "pricing_revision.h"

#include <stdlib.h>
#include <string.h>

#define KEPT       256               /* revisions, the oldest goes first, ... */
#define KEPT_BYTES ((size_t)8 << 10) /* ... none of which has longer texts */

static struct kept {
    struct store_basis basis;
    char *texts; /* NULL: nothing is kept here */
} kept[KEPT];
static size_t next;

static void forget(struct kept *one)
{
    free(one->texts);
    *one = (struct kept){.texts = NULL};
}

void pricing_revision_forget(void)
{
    for (size_t i = 0; i < KEPT; i++)
        forget(&kept[i]);
}

bool pricing_revision_kept(struct uuid environment, struct uuid stamp, struct uuid revision,
                           struct store_basis *basis)
{
    for (size_t i = 0; i < KEPT; i++)
        if (kept[i].texts && uuid_equal(&kept[i].basis.revision, &revision) &&
            uuid_equal(&kept[i].basis.state.stamp, &stamp) &&
            uuid_equal(&kept[i].basis.environment, &environment)) {
            *basis = kept[i].basis;
            return true;
        }
    return false;
}

static void copy(struct field_raw *raw, char *to)
{
    if (raw->text)
        raw->text = memcpy(to, raw->text, raw->len);
}

void pricing_revision_keep(const struct store_basis *basis)
{
    size_t plan = basis->plan.process_plan.len, curve = basis->curve.len;
    char *texts = plan + curve <= KEPT_BYTES ? malloc(plan + curve) : NULL;
    if (!texts)
        return;
    struct kept *one = &kept[next++ % KEPT];
    forget(one);
    *one = (struct kept){*basis, texts};
    copy(&one->basis.plan.process_plan, texts);
    copy(&one->basis.curve, texts + plan);
}
