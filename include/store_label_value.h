/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which values a campaign has, as far as that decides about its mode: rows and statements. */
#ifndef COSTWRIGHT_STORE_LABEL_VALUE_H
#define COSTWRIGHT_STORE_LABEL_VALUE_H

#include "err.h"
#include "uuid.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct db_rows;

/* Names a value; all zeros: the labels of the campaign are verdicts for good. */
struct label_digest {
    uint8_t b[16];
};

/* Distinct ones, in no order. */
struct label_digests {
    const struct label_digest *at;
    size_t n;
};

/* All of a campaign c as one column of a statement, and how it is read. */
#define STORE_LABEL_DIGESTS                                                                        \
    "(SELECT GROUP_CONCAT(v.digest SEPARATOR '') FROM labeling_value v"                            \
    " WHERE v.org_id = c.org_id AND v.campaign_id = c.id)"
struct label_digests store_label_value_get(const struct db_rows *rows, unsigned column,
                                           struct arena *arena);

/* Those of a campaign, as of the transaction's snapshot. ERR_NOT_FOUND: there is no campaign. */
enum err store_label_value_list(struct db *db, struct arena *arena, struct uuid org,
                                struct uuid campaign, struct label_digests *digests);
/* Those that are there already, of another transaction perhaps, stay. */
enum err store_label_value_insert(struct db *db, struct arena *arena, struct uuid org,
                                  struct uuid campaign, const struct label_digests *digests);

#endif
