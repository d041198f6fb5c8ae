/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idempotency rows. */
#include "store_idempotency.h"

#include "arena.h"
#include "buf.h"
#include "store_db.h"

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

static const struct sql insert_piece = {
    "INSERT INTO idempotency_piece (org_id, caller_id, key_hash, seq, bytes)"
    " VALUES (?, ?, ?, ?, ?)"};

static const struct sql select_pieces = {
    "SELECT bytes FROM idempotency_piece WHERE org_id = ? AND caller_id = ? AND key_hash = ?"
    " ORDER BY seq"};

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

/* A packet holds one piece. A first piece that is full is always followed by others, if only by an
   empty one: where there are none, the answer has been purged meanwhile. */
#define PIECE ((size_t)4 << 20)

static enum err append_pieces(struct db *db, struct arena *arena, struct uuid org,
                              struct uuid caller, const uint8_t key_hash[IDEMPOTENCY_HASH],
                              struct store_idempotency *found)
{
    struct buf whole = {0};
    struct db_rows *rows;
    enum err err =
        db_query(db, &rows, &select_pieces,
                 DB_ARGS(db_uuid(org), db_uuid(caller), db_blob(key_hash, IDEMPOTENCY_HASH)));
    if (err)
        return err;
    buf_add(&whole, found->body, found->body_len);
    bool any = false;
    for (; db_next(rows); any = true) {
        size_t len;
        const char *bytes = db_get_text(rows, 0, &len);
        buf_add(&whole, bytes, len);
    }
    err = db_end(rows);
    found->body = arena_strndup(arena, whole.data, whole.len);
    found->body_len = whole.len;
    buf_clear(&whole);
    return err || any ? err : ERR_NOT_FOUND;
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
    const char *fingerprint = db_get_text(rows, 0, &len);
    if (!fingerprint || len != IDEMPOTENCY_HASH)
        return ERR_INTERNAL;
    memcpy(found->fingerprint, fingerprint, len);
    found->status = (int)db_get_int(rows, 1);
    found->sealed = db_get_int(rows, 2) == 1;
    const char *headers = db_get_text(rows, 3, NULL);
    found->headers = headers ? arena_strdup(arena, headers) : NULL;
    const char *body = db_get_text(rows, 4, &found->body_len);
    found->body = body ? arena_strndup(arena, body, found->body_len) : "";
    found->created_at = db_get_time(rows, 5);
    /* a longer one was kept whole, before there were pieces */
    return found->body_len != PIECE ? ERR_OK
                                    : append_pieces(db, arena, org, caller, key_hash, found);
}

enum err store_idempotency_save(struct db *db, struct uuid org, struct uuid caller,
                                const uint8_t key_hash[IDEMPOTENCY_HASH],
                                const struct store_idempotency *answer)
{
    const size_t len = answer->body_len;
    const struct db_value owner = db_uuid(org), by = db_uuid(caller),
                          key = db_blob(key_hash, IDEMPOTENCY_HASH);
    enum err err =
        db_run(db, &update_row,
               DB_ARGS(db_int(answer->status), db_bool(answer->sealed), db_text(answer->headers),
                       db_blob(answer->body, len < PIECE ? len : PIECE), owner, by, key));
    int64_t seq = 1;
    for (size_t at = PIECE; at <= len && !err; at += PIECE)
        err = db_run(db, &insert_piece,
                     DB_ARGS(owner, by, key, db_int(seq++),
                             db_blob(answer->body + at, len - at < PIECE ? len - at : PIECE)));
    return err;
}

enum err store_idempotency_delete(struct db *db, struct uuid org, struct uuid caller,
                                  const uint8_t key_hash[IDEMPOTENCY_HASH])
{
    return db_run(db, &delete_row,
                  DB_ARGS(db_uuid(org), db_uuid(caller), db_blob(key_hash, IDEMPOTENCY_HASH)));
}
