/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Effective-dated rates of an environment. */
#ifndef COSTWRIGHT_STORE_RATE_H
#define COSTWRIGHT_STORE_RATE_H

#include "err.h"
#include "field.h"
#include "store_list.h"
#include "uuid.h"

struct arena;
struct db;

/* Natural key: environment, kind, key, valid_from. */
struct store_rate {
    struct uuid id, env_id;
    const char *kind;        /* labour, overhead, material, fx */
    struct field_raw fields; /* object; rate_fields_stored reads it */
    const char *currency;    /* ISO 4217, never NULL */
    int32_t valid_from, valid_to;
    int64_t created_at;
    const char *key; /* key fields of the kind, rate_fields_key makes it */
};

extern const struct shape shape_rate;

/* All rates of an environment, one statement: by kind, key, valid_from. Empty for an unknown
   environment. */
enum err store_rate_list(struct db *db, struct arena *arena, struct uuid org,
                         struct uuid environment, struct store_rate **list, size_t *n);
/* The same by pages; kind NULL: every kind. */
enum err store_rate_page(struct db *db, struct arena *arena, struct uuid org,
                         struct uuid environment, const char *kind, const struct store_page *page,
                         struct store_rate **list, size_t *n, int64_t *total);
enum err store_rate_get(struct db *db, struct arena *arena, struct uuid org,
                        struct uuid environment, const char *kind, struct uuid id,
                        struct store_rate *rate);
/* Adds the rate, or gives its fields, currency and valid_to to the row of the same natural key;
   then *rate is what is stored: a replaced row keeps its id and created_at. */
enum err store_rate_put(struct db *db, struct arena *arena, struct uuid org,
                        struct store_rate *rate);
enum err store_rate_delete(struct db *db, struct uuid org, struct uuid environment,
                           const char *kind, struct uuid id);

#endif
