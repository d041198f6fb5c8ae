/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of one call become evidence: natural keys, contents, merging with what is stored. */
#ifndef COSTWRIGHT_EVIDENCE_SET_H
#define COSTWRIGHT_EVIDENCE_SET_H

#include "store_evidence.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A row of a call before it has its keys. */
struct evidence_new {
    struct evidence row;
    size_t index;     /* its place in the request, for flaws */
    bool date_given;  /* a date that was filled in by us is not part of what the row says */
    uint32_t ordinal; /* among equals; set by evidence_identify */
};

/* A pair of rows of one call with the same natural key and different content. */
struct evidence_clash {
    size_t first, second; /* places in the request */
};

/* Gives every row its natural key and content, drops repetitions, and sorts by natural key:
   (source, reference) where the row has one; else outcomes (observation_type set) by (source,
   observation type, revision, bin, operation, lot size, date given, ordinal among equals) and
   calibrating rows by (source, revision, bin, lot size, actual, choice, ordinal among equals). *n
   shrinks by the repetitions. Order of the rows is irrelevant. The first clashes_size conflicts go
   to clashes, *n_clashes counts all. */
void evidence_identify(struct evidence_new *rows, size_t *n, struct evidence_clash *clashes,
                       size_t clashes_size, size_t *n_clashes);

/* What is stored, joined with what came. */
struct evidence_set {
    const struct evidence **rows; /* all considered, by natural key */
    size_t n;
    struct evidence *changed; /* to be written: new, or known with another content */
    size_t n_changed;
    bool drops;    /* the source is to be deleted before: rows of it did not come again */
    int64_t older; /* rows beyond the cap: stored, or to be written, but not considered */
};

/* Is there something to write? */
static inline bool evidence_differs(const struct evidence_set *set)
{
    return set->n_changed || set->drops;
}

/* Joins; with drop_source (or NULL) the stored rows of that source are left out. Beyond `most` rows
   the oldest are not considered. stored is sorted in place. */
struct evidence_set evidence_merge(struct arena *arena, const struct evidence_stored *stored,
                                   const struct evidence_new *rows, size_t n,
                                   const char *drop_source, size_t most);

#endif
