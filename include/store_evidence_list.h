/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evidence as people look at it: by source, page by page. */
#ifndef COSTWRIGHT_STORE_EVIDENCE_LIST_H
#define COSTWRIGHT_STORE_EVIDENCE_LIST_H

#include "store_evidence.h"
#include "store_list.h"

struct store_evidence_source {
    const char *source;
    enum metric metric;
    int64_t rows, pending, first_at, last_at;
};

/* By source and metric; outcomes only: what oracles reported. */
enum err store_evidence_sources(struct db *db, struct arena *arena, struct uuid org,
                                struct uuid env, bool outcomes_only,
                                struct store_evidence_source **list, size_t *n);

struct store_evidence_filter {
    const char *source; /* NULL: any */
    enum metric metric; /* METRIC_COUNT: any */
};

/* In the order of arrival; metrics[i] is that of rows[i]. */
enum err store_evidence_page(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             const struct store_evidence_filter *filter,
                             const struct store_page *page, struct evidence **rows,
                             enum metric **metrics, size_t *n, int64_t *total);

/* All of them in that order, a part at a time: in one snapshot. */
enum err store_evidence_each(
    struct db *db, struct uuid org, struct uuid env, const struct store_evidence_filter *filter,
    enum err (*take)(void *context, const struct evidence *row, enum metric metric), void *context);

/* Outcomes too. *removed: how many rows there were. */
enum err store_evidence_remove(struct db *db, struct uuid org, struct uuid env,
                               const struct store_evidence_filter *filter, int64_t *removed);

#endif
