/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers kept by Idempotency-Key, in the transaction of their effect. */
#ifndef COSTWRIGHT_STORE_IDEMPOTENCY_H
#define COSTWRIGHT_STORE_IDEMPOTENCY_H

#include "err.h"
#include "field.h"
#include "uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

#define IDEMPOTENCY_HASH 32
#define IDEMPOTENCY_LIFE (INT64_C(24) * 3600 * 1000000) /* microseconds an answer is replayed */

struct store_idempotency {
    uint8_t fingerprint[IDEMPOTENCY_HASH];
    int status;
    bool sealed;
    const char *headers;   /* header lines or NULL; arena */
    struct field_raw body; /* bytes; arena */
    int64_t created_at;
};

/* Takes the key for this transaction. ERR_DUPLICATE: it is taken already (find tells by whom);
   waits for a transaction that holds it, ERR_RETRY when that lasts too long. */
enum err store_idempotency_insert(struct db *db, struct uuid org, struct uuid caller,
                                  const uint8_t key_hash[IDEMPOTENCY_HASH],
                                  const uint8_t fingerprint[IDEMPOTENCY_HASH], int64_t now);
/* ERR_NOT_FOUND: there is none, or it was deleted while it was read. */
enum err store_idempotency_find(struct db *db, struct arena *arena, struct uuid org,
                                struct uuid caller, const uint8_t key_hash[IDEMPOTENCY_HASH],
                                struct store_idempotency *found);
enum err store_idempotency_save(struct db *db, struct uuid org, struct uuid caller,
                                const uint8_t key_hash[IDEMPOTENCY_HASH],
                                const struct store_idempotency *answer);
/* Forgets a row that is older than its 24 hours, so that the key can be used anew. */
enum err store_idempotency_delete(struct db *db, struct uuid org, struct uuid caller,
                                  const uint8_t key_hash[IDEMPOTENCY_HASH]);

#endif
