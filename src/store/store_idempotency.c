/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idempotency rows. */
#include "store_idempotency.h"

#include "store_db.h"
#include "store_pieces.h"

#include <string.h>

static const struct sql insert_row = {
    "INSERT INTO idempotency (org_id, caller_id, key_hash, fingerprint, status, sealed, created_at)"
    " VALUES (?, ?, ?, ?, 0, 0, ?)"};

static const struct sql select_row = {
    "SELECT fingerprint, status, sealed, headers, body, created_at FROM idempotency"
    " WHERE org_id = ? AND caller_id = ? AND key_hash = ?"};

static const struct sql update_row = {
    "UPDATE idempotency SET status = ?, sealed = ?, headers = ?, body = ?"
    " WHERE org_id = ? AND caller_id = ? AND key_hash = ?"};

static const struct store_pieces pieces =
    STORE_PIECES("idempotency_piece", "org_id, caller_id, key_hash", "?, ?, ?",
                 "org_id = ? AND caller_id = ? AND key_hash = ?");

static const struct sql delete_row = {
    "DELETE FROM idempotency WHERE org_id = ? AND caller_id = ? AND key_hash = ?"};

enum err store_idempotency_insert(struct db *db, struct uuid org, struct uuid caller,
                                  const uint8_t key_hash[IDEMPOTENCY_HASH],
                                  const uint8_t fingerprint[IDEMPOTENCY_HASH], int64_t now)
{
    return db_run(db, &insert_row,
                  DB_ARGS(db_uuid(org), db_uuid(caller), db_blob(key_hash, IDEMPOTENCY_HASH),
                          db_blob(fingerprint, IDEMPOTENCY_HASH), db_time(now)));
}

enum err store_idempotency_find(struct db *db, struct arena *arena, struct uuid org,
                                struct uuid caller, const uint8_t key_hash[IDEMPOTENCY_HASH],
                                struct store_idempotency *found)
{
    struct db_rows *rows;
    enum err err =
        db_query_one(db, &rows, &select_row,
                     DB_ARGS(db_uuid(org), db_uuid(caller), db_blob(key_hash, IDEMPOTENCY_HASH)));
    if (err)
        return err;
    size_t len;
    bool any = true;
    const char *fingerprint = db_get_text(rows, 0, &len);
    if (!fingerprint || len != IDEMPOTENCY_HASH)
        return ERR_INTERNAL;
    memcpy(found->fingerprint, fingerprint, len);
    found->status = (int)db_get_int(rows, 1);
    found->sealed = db_get_int(rows, 2) == 1;
    found->headers = db_copy_text(rows, 3, arena);
    found->body = db_copy_raw(rows, 4, arena);
    found->created_at = db_get_time(rows, 5);
    err = store_pieces_append(
        db, arena, &pieces,
        DB_ARGS(db_uuid(org), db_uuid(caller), db_blob(key_hash, IDEMPOTENCY_HASH)), &found->body,
        &any);
    return err || any ? err : ERR_NOT_FOUND;
}

enum err store_idempotency_save(struct db *db, struct uuid org, struct uuid caller,
                                const uint8_t key_hash[IDEMPOTENCY_HASH],
                                const struct store_idempotency *answer)
{
    const struct db_value owner = db_uuid(org), by = db_uuid(caller),
                          key = db_blob(key_hash, IDEMPOTENCY_HASH);
    enum err err =
        db_run(db, &update_row,
               DB_ARGS(db_int(answer->status), db_bool(answer->sealed), db_text(answer->headers),
                       store_pieces_first(&answer->body), owner, by, key));
    return err ? err : store_pieces_insert(db, &pieces, DB_ARGS(owner, by, key), &answer->body);
}

enum err store_idempotency_delete(struct db *db, struct uuid org, struct uuid caller,
                                  const uint8_t key_hash[IDEMPOTENCY_HASH])
{
    return db_run(db, &delete_row,
                  DB_ARGS(db_uuid(org), db_uuid(caller), db_blob(key_hash, IDEMPOTENCY_HASH)));
}
