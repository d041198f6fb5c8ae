/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Organisations (tenants) and their users. */
#ifndef COSTWRIGHT_STORE_ORG_H
#define COSTWRIGHT_STORE_ORG_H

#include "err.h"
#include "uuid.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

struct store_org {
    struct uuid id;
    const char *name;
    int64_t created_at;
};

struct store_user {
    struct uuid org, id;
    const char *email, *name; /* e-mail in lower case; name may be NULL */
    int64_t created_at;
};

/* The organisation and its baseline environment "Baseline" (EUR, arcnm, no end). It is valid from
   2000-01-01 on, since work orders are priced with the environment as of the day they were made:
   one that began today could not price a single order of the shop's history. Call in a
   transaction. org->id and created_at are set here. ERR_DUPLICATE: the name is taken. */
enum err store_org_insert(struct db *db, struct store_org *org);
/* By id, else by exact name. ERR_NOT_FOUND. */
enum err store_org_find(struct db *db, const char *id_or_name, struct store_org *org,
                        struct arena *arena);
/* All, by name. */
enum err store_org_list(struct db *db, struct arena *arena, struct store_org **orgs, size_t *n);

/* user->id and created_at are set here; ERR_DUPLICATE: the org has a user of this e-mail. */
enum err store_user_insert(struct db *db, struct store_user *user);
/* By id, else by e-mail (any case). ERR_NOT_FOUND. */
enum err store_user_find(struct db *db, struct uuid org, const char *id_or_email,
                         struct store_user *user, struct arena *arena);
/* All of the org, by e-mail. */
enum err store_user_list(struct db *db, struct uuid org, struct arena *arena,
                         struct store_user **users, size_t *n);

#endif
