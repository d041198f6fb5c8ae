/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements of API keys. */
#include "store_key.h"

#include "arena.h"
#include "store_db.h"
#include "store_list.h"
#include "when.h"

#include <string.h>

#define COLUMNS                                                                                    \
    "org_id, id, user_id, prefix, digest, name, scopes, expires_at, last_used_at, revoked_at,"     \
    " created_at"

static const struct sql insert = {
    "INSERT INTO api_key (org_id, id, user_id, prefix, digest, name, scopes, expires_at,"
    " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
/* without the tenant: it is how the tenant is found */
static const struct sql select_prefix = {"SELECT " COLUMNS " FROM api_key WHERE prefix = ?"};
static const struct sql select_own_prefix = {"SELECT " COLUMNS
                                             " FROM api_key WHERE org_id = ? AND prefix = ?"};
static const struct sql select_id = {"SELECT " COLUMNS " FROM api_key WHERE org_id = ? AND id = ?"};
static const struct sql select_all = {"SELECT " COLUMNS
                                      " FROM api_key WHERE org_id = ? ORDER BY id"};
static const struct sql touch = {"UPDATE api_key SET last_used_at = ? WHERE org_id = ? AND id = ?"};
static const struct sql revoke = {
    "UPDATE api_key SET revoked_at = COALESCE(revoked_at, ?) WHERE org_id = ? AND id = ?"};
static const struct sql expire = {
    "UPDATE api_key SET expires_at = LEAST(COALESCE(expires_at, '9999-12-31'), ?)"
    " WHERE org_id = ? AND id = ?"};

/* arena NULL: without the name */
static void get_key(const struct db_rows *rows, struct store_key *key, struct arena *arena)
{
    size_t prefix_len, digest_len;
    const char *prefix = db_get_text(rows, 3, &prefix_len);
    const char *digest = db_get_text(rows, 4, &digest_len);
    *key = (struct store_key){.org = db_get_uuid(rows, 0),
                              .id = db_get_uuid(rows, 1),
                              .user = db_get_uuid(rows, 2),
                              .name = arena ? db_copy_text(rows, 5, arena) : NULL,
                              .scopes = (unsigned)db_get_int(rows, 6),
                              .expires_at = db_get_time(rows, 7),
                              .last_used_at = db_get_time(rows, 8),
                              .revoked_at = db_get_time(rows, 9),
                              .created_at = db_get_time(rows, 10)};
    if (prefix_len == APIKEY_PREFIX)
        memcpy(key->prefix, prefix, APIKEY_PREFIX);
    if (digest_len == APIKEY_DIGEST)
        memcpy(key->digest, digest, APIKEY_DIGEST);
}

enum err store_key_insert(struct db *db, struct store_key *key)
{
    key->id = uuid_v7();
    key->created_at = time_now();
    key->last_used_at = key->revoked_at = TIME_NONE;
    enum err err = db_run(db, &insert,
                          DB_ARGS(db_uuid(key->org), db_uuid(key->id), db_uuid(key->user),
                                  db_text(key->prefix), db_blob(key->digest, APIKEY_DIGEST),
                                  db_text(key->name), db_int(key->scopes), db_time(key->expires_at),
                                  db_time(key->created_at)));
    return err == ERR_CONFLICT ? ERR_NOT_FOUND : err;
}

static enum err find(struct db *db, const struct sql *sql, const struct db_value *args,
                     size_t n_args, struct store_key *key, struct arena *arena)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, sql, args, n_args);
    if (err)
        return err;
    get_key(rows, key, arena);
    return db_end(rows);
}

enum err store_key_find(struct db *db, const char *prefix, struct store_key *key)
{
    return find(db, &select_prefix, DB_ARGS(db_text(prefix)), key, NULL);
}

enum err store_key_get(struct db *db, struct uuid org, const char *id_or_prefix,
                       struct store_key *key, struct arena *arena)
{
    struct uuid id;
    if (uuid_parse(&id, id_or_prefix, strlen(id_or_prefix)))
        return find(db, &select_id, DB_ARGS(db_uuid(org), db_uuid(id)), key, arena);
    return find(db, &select_own_prefix, DB_ARGS(db_uuid(org), db_text(id_or_prefix)), key, arena);
}

enum err store_key_list(struct db *db, struct uuid org, struct arena *arena,
                        struct store_key **keys, size_t *n)
{
    struct db_rows *rows;
    struct store_key *list = NULL;
    size_t used = 0;
    enum err err = db_query(db, &rows, &select_all, DB_ARGS(db_uuid(org)));
    if (err)
        return err;
    while (db_next(rows)) {
        list = store_list_room(arena, list, used, sizeof *list);
        get_key(rows, &list[used++], arena);
    }
    *keys = list;
    *n = used;
    return db_end(rows);
}

enum err store_key_touch(struct db *db, struct uuid org, struct uuid id, int64_t now)
{
    return db_run(db, &touch, DB_ARGS(db_time(now), db_uuid(org), db_uuid(id)));
}

static enum err end(struct db *db, const struct sql *sql, struct uuid org, struct uuid id,
                    int64_t when)
{
    enum err err = db_run(db, sql, DB_ARGS(db_time(when), db_uuid(org), db_uuid(id)));
    return err ? err : db_affected(db) == 1 ? ERR_OK : ERR_NOT_FOUND;
}

enum err store_key_revoke(struct db *db, struct uuid org, struct uuid id, int64_t now)
{
    return end(db, &revoke, org, id, now);
}

enum err store_key_expire(struct db *db, struct uuid org, struct uuid id, int64_t when)
{
    return end(db, &expire, org, id, when);
}
