/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tasks point at. */
#ifndef COSTWRIGHT_STORE_LABEL_REFERENCE_H
#define COSTWRIGHT_STORE_LABEL_REFERENCE_H

#include "err.h"
#include "uuid.h"

struct db;

enum store_label_reference { LABEL_REVISION, LABEL_CALCULATION };

/* missing[i]: the tenant does not have ids[i]. Nil ids are never missing; one query for all. */
enum err store_label_reference_missing(struct db *db, struct uuid org,
                                       enum store_label_reference kind, const struct uuid *ids,
                                       size_t n, bool *missing);

#endif
