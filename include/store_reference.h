/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what a request points at is there. */
#ifndef COSTWRIGHT_STORE_REFERENCE_H
#define COSTWRIGHT_STORE_REFERENCE_H

#include "err.h"
#include "uuid.h"

struct db;

enum store_reference { REFERENCE_REVISION, REFERENCE_CALCULATION, REFERENCE_MACHINE };

/* missing[i]: the tenant does not have ids[i]. Nil ids are never missing; one query for all. */
enum err store_reference_missing(struct db *db, struct uuid org, enum store_reference kind,
                                 const struct uuid *ids, size_t n, bool *missing);

#endif
