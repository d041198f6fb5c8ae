/* SPDX-License-Identifier: GPL-3.0-or-later */
/* API keys as they are stored: never the key itself, only its keyed hash. */
#ifndef COSTWRIGHT_STORE_KEY_H
#define COSTWRIGHT_STORE_KEY_H

#include "apikey.h"
#include "err.h"
#include "uuid.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

struct store_key {
    struct uuid org, id, user;
    char prefix[APIKEY_PREFIX + 1];
    uint8_t digest[APIKEY_DIGEST]; /* apikey_digest of the whole key */
    const char *name;              /* arena; NULL after store_key_find */
    unsigned scopes;               /* bits of enum scope as given: implied ones are not added */
    /* TIME_NONE: never, not yet, not revoked */
    int64_t expires_at, last_used_at, revoked_at, created_at;
};

/* key->id and created_at are set here. ERR_NOT_FOUND: no such user in the org; ERR_DUPLICATE: the
   prefix is taken (make another key). */
enum err store_key_insert(struct db *db, struct store_key *key);
/* By the public prefix, which is unique on the installation; revoked and expired keys too: the
   caller looks at revoked_at, expires_at and digest. ERR_NOT_FOUND. */
enum err store_key_find(struct db *db, const char *prefix, struct store_key *key);
/* One key of the org by id or by prefix. ERR_NOT_FOUND. */
enum err store_key_get(struct db *db, struct uuid org, const char *id_or_prefix,
                       struct store_key *key, struct arena *arena);
/* All keys of the org, oldest first. */
enum err store_key_list(struct db *db, struct uuid org, struct arena *arena,
                        struct store_key **keys, size_t *n);
/* Remembers that it was used; callers do it about once a minute. */
enum err store_key_touch(struct db *db, struct uuid org, struct uuid id, int64_t now);
/* From now on refused; a key that was revoked before keeps its moment. ERR_NOT_FOUND. After the
   commit the caller raises the host's epoch, so that cached copies are not used again. */
enum err store_key_revoke(struct db *db, struct uuid org, struct uuid id, int64_t now);
/* Ends at `when`, or earlier if it was to end earlier. ERR_NOT_FOUND; raise the epoch too. */
enum err store_key_expire(struct db *db, struct uuid org, struct uuid id, int64_t when);

#endif
