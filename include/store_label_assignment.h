/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Annotators: accounts, assignments to campaigns, magic links, sessions. */
#ifndef COSTWRIGHT_STORE_LABEL_ASSIGNMENT_H
#define COSTWRIGHT_STORE_LABEL_ASSIGNMENT_H

#include "apikey.h"
#include "err.h"
#include "field.h"
#include "store_list.h"
#include "uuid.h"

#include <stdbool.h>

struct arena;
struct db;

struct store_label_assignment {
    struct uuid id, org_id, campaign_id, annotator_account_id;
    const char *annotator_email, *display_name;
    const char *status; /* invited, active, revoked */
    int64_t invited_at;
    int64_t link_expires_at; /* TIME_NONE: there is no link to use */
};

extern const struct shape shape_label_assignment;

/* ERR_NOT_FOUND: none for that address, that id, that link. All three lock the row. */
enum err store_label_assignment_find(struct db *db, struct arena *arena, struct uuid org,
                                     struct uuid campaign, const char *email,
                                     struct store_label_assignment *assignment);
enum err store_label_assignment_get(struct db *db, struct arena *arena, struct uuid org,
                                    struct uuid campaign, struct uuid id,
                                    struct store_label_assignment *assignment);
enum err store_label_assignment_by_link(struct db *db, struct arena *arena,
                                        const uint8_t digest[APIKEY_DIGEST],
                                        struct store_label_assignment *assignment);
/* In the order of creation. */
enum err store_label_assignment_list(struct db *db, struct arena *arena, struct uuid org,
                                     struct uuid campaign, const struct store_page *page,
                                     struct store_label_assignment **list, size_t *n,
                                     int64_t *total);
/* With the digest of its link. ERR_DUPLICATE: the address was invited meanwhile. */
enum err store_label_assignment_insert(struct db *db,
                                       const struct store_label_assignment *assignment,
                                       const uint8_t link[APIKEY_DIGEST]);
/* Everything but ids and address; link NULL: none. */
enum err store_label_assignment_update(struct db *db,
                                       const struct store_label_assignment *assignment,
                                       const uint8_t *link);

struct store_label_account {
    struct uuid id;
    const char *email, *display_name;
    int64_t created_at;
};

/* The account of an address in the tenant, or (platform) one the operator flagged. ERR_NOT_FOUND.
 */
enum err store_label_account_find(struct db *db, struct uuid org, const char *email, bool platform,
                                  struct uuid *id);
/* ERR_DUPLICATE: the address has one. */
enum err store_label_account_insert(struct db *db, struct uuid org,
                                    const struct store_label_account *account);

#define LABEL_LINK_LIFE    (INT64_C(7) * 24 * 3600 * 1000000)
#define LABEL_SESSION_IDLE (INT64_C(12) * 3600 * 1000000)      /* ends without use */
#define LABEL_SESSION_LIFE (INT64_C(30) * 24 * 3600 * 1000000) /* ends in any case */

/* In or out of the pool that projects of every tenant may use. */
enum err store_label_account_flag(struct db *db, struct uuid org, struct uuid id, bool platform);

struct store_label_session {
    struct uuid org, id, campaign, account;
    int64_t created_at, last_used_at;
};

/* A session that nobody ended, of an assignment that was not revoked; whether it has run out, the
   caller decides. ERR_NOT_FOUND. The statement looks for the tenant, so it has none. */
enum err store_label_session_find(struct db *db, const uint8_t digest[APIKEY_DIGEST],
                                  struct store_label_session *session);
enum err store_label_session_insert(struct db *db, struct uuid org, struct uuid id,
                                    struct uuid assignment, const uint8_t digest[APIKEY_DIGEST],
                                    int64_t now);
enum err store_label_session_touch(struct db *db, struct uuid org, struct uuid id, int64_t now);
/* Ends all sessions of an assignment. */
enum err store_label_session_end(struct db *db, struct uuid org, struct uuid assignment,
                                 int64_t now);

#endif
