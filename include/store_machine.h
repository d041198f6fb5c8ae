/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine definitions of a tenant, and their memberships in environments. */
#ifndef COSTWRIGHT_STORE_MACHINE_H
#define COSTWRIGHT_STORE_MACHINE_H

#include "err.h"
#include "field.h"
#include "store_list.h"
#include "uuid.h"

struct arena;
struct db;

#define MACHINE_RATE_GIVEN "given"
#define MACHINE_RATE_VDI   "vdi_3258"

struct store_machine {
    struct uuid id;
    const char *name, *klass, *subclass, *vendor, *model_no;
    double hourly_rate_eur;        /* the machine rate; NUMERICS 9 where derived, unrounded */
    double burden_rate_eur;        /* NAN: none */
    struct field_raw capabilities; /* object; machine_capabilities_stored reads it */
    int32_t valid_from, valid_to;
    struct uuid parent_template_id;
    const char *rate_basis; /* MACHINE_RATE_* */
    int64_t created_at;
};

extern const struct shape shape_machine;        /* what environments show */
extern const struct shape shape_machine_detail; /* the same struct: template, basis, creation too */

/* ERR_NOT_FOUND: unknown or another tenant's. lock: STORE_READ or STORE_UPDATE. */
enum err store_machine_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                           enum store_lock lock, struct store_machine *machine);
/* In the order of creation. */
enum err store_machine_list(struct db *db, struct arena *arena, struct uuid org,
                            const struct store_page *page, struct store_machine **list, size_t *n,
                            int64_t *total);
enum err store_machine_insert(struct db *db, struct uuid org, const struct store_machine *machine,
                              int64_t now);
/* Everything but id and created_at. */
enum err store_machine_update(struct db *db, struct uuid org, const struct store_machine *machine);
/* ERR_CONFLICT: an environment or a rate uses it. */
enum err store_machine_delete(struct db *db, struct uuid org, struct uuid id);

struct store_membership {
    struct uuid id, machine_id;
    int64_t fleet_priority; /* lower is tried first */
    int8_t is_enabled;
    int32_t valid_from, valid_to;
    const struct store_machine *machine; /* NULL in what is only stored */
};

extern const struct shape shape_membership;

/* All memberships of an environment with their machines, one statement: by fleet_priority, then
   machine, then valid_from. Empty for an unknown environment. */
enum err store_membership_list(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid environment, struct store_membership **list, size_t *n);
/* The same by pages. */
enum err store_membership_page(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid environment, const struct store_page *page,
                               struct store_membership **list, size_t *n, int64_t *total);
enum err store_membership_get(struct db *db, struct arena *arena, struct uuid org,
                              struct uuid environment, struct uuid id,
                              struct store_membership *membership);
enum err store_membership_insert(struct db *db, struct uuid org, struct uuid environment,
                                 const struct store_membership *membership, int64_t now);
/* fleet_priority, is_enabled, valid_from, valid_to. */
enum err store_membership_update(struct db *db, struct uuid org, struct uuid environment,
                                 const struct store_membership *membership);
enum err store_membership_delete(struct db *db, struct uuid org, struct uuid environment,
                                 struct uuid id);
/* Whether another membership of the same machine shares a day with this one. Asked with the
   environment locked by STORE_UPDATE. */
enum err store_membership_overlaps(struct db *db, struct uuid org, struct uuid environment,
                                   const struct store_membership *membership, bool *overlaps);

#endif
