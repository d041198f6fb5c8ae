/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Costing environments: rows and statements. */
#ifndef COSTWRIGHT_STORE_ENVIRONMENT_H
#define COSTWRIGHT_STORE_ENVIRONMENT_H

#include "err.h"
#include "field.h"
#include "store_list.h"
#include "uuid.h"

struct arena;
struct db;

/* Both JSON members are kept as the text that is stored and go out as they are: the answer of one
   environment is one statement and no parsing. */
struct store_environment {
    struct uuid id;
    const char *name, *region, *currency, *description;
    int32_t valid_from, valid_to;
    struct field_raw enabled_extractors; /* array of slugs, arcnm first */
    int8_t is_baseline;
    struct field_raw attributes; /* object */
};

extern const struct shape shape_environment_detail;
extern const struct shape shape_environment; /* the same struct without attributes */

/* ERR_NOT_FOUND: unknown or another tenant's. */
enum err store_environment_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                               enum store_lock lock, struct store_environment *environment);
/* In the order of creation. */
enum err store_environment_list(struct db *db, struct arena *arena, struct uuid org,
                                const struct store_page *page, struct store_environment **list,
                                size_t *n, int64_t *total);
/* ERR_DUPLICATE: the name is taken. Also how a tenant gets its baseline: is_baseline 1. */
enum err store_environment_insert(struct db *db, struct uuid org,
                                  const struct store_environment *environment, int64_t now);
/* Everything but id and is_baseline. */
enum err store_environment_update(struct db *db, struct uuid org,
                                  const struct store_environment *environment);
/* With its rates, memberships, evidence and calibration. */
enum err store_environment_delete(struct db *db, struct uuid org, struct uuid id);
/* Whether rates, evidence or calibration runs are kept in the environment's currency. Asked with
   the environment locked by STORE_UPDATE, none can be added before the transaction ends. */
enum err store_environment_has_money(struct db *db, struct uuid org, struct uuid id, bool *has);

#endif
