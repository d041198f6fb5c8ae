/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idempotency-Key: one effect, one answer, however often it is asked. */
#include "http_private.h"

#include "arena.h"
#include "store_idempotency.h"

#include <sodium.h>
#include <string.h>

struct identity {
    struct uuid org, caller;
    uint8_t key_hash[IDEMPOTENCY_HASH], fingerprint[IDEMPOTENCY_HASH];
};

static void hash_text(crypto_generichash_state *state, const char *text)
{
    crypto_generichash_update(state, (const uint8_t *)text, strlen(text) + 1);
}

static struct identity identify(const struct exchange *exchange)
{
    const struct caller *caller = &exchange->request.caller;
    struct identity identity = {
        caller->org, uuid_is_nil(&caller->session) ? caller->key : caller->session, {0}, {0}};
    /* who redeems a link is known by nothing but its token, which the body holds */
    if (uuid_is_nil(&caller->org)) {
        identity.org = uuid_v8(exchange->body_hash);
        identity.caller = uuid_v8(exchange->body_hash + sizeof identity.org);
    }
    /* bare and quoted forms of a key are the same key */
    const char *key = exchange->idempotency_key;
    size_t len = strlen(key);
    if (len >= 2 && key[0] == '"' && key[len - 1] == '"') {
        key++;
        len -= 2;
    }
    crypto_generichash(identity.key_hash, IDEMPOTENCY_HASH, (const uint8_t *)key, len, NULL, 0);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, IDEMPOTENCY_HASH);
    hash_text(&state, exchange->method);
    hash_text(&state, exchange->path);
    hash_text(&state, exchange->query);
    crypto_generichash_update(&state, exchange->body_hash, sizeof exchange->body_hash);
    crypto_generichash_final(&state, identity.fingerprint, IDEMPOTENCY_HASH);
    return identity;
}

/* Copies a stored answer into the reply. */
static enum err replay(struct exchange *exchange, const struct store_idempotency *found)
{
    struct http *http = exchange->http;
    struct buf *out = exchange->request.out;
    buf_reset(out, out->cap);
    if (found->sealed) {
        const uint8_t *box = (const uint8_t *)found->body.text;
        if (found->body.len < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
            return ERR_INTERNAL;
        size_t len = found->body.len - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES;
        uint8_t *open = (uint8_t *)buf_reserve(out, len + 1);
        if (crypto_secretbox_open_easy(open, box + crypto_secretbox_NONCEBYTES,
                                       found->body.len - crypto_secretbox_NONCEBYTES, box,
                                       http->pepper.seal))
            return request_fail(&exchange->request, ERR_CONFLICT,
                                "The stored answer was sealed under another pepper.");
        out->len = len;
    } else {
        buf_add(out, found->body.text, found->body.len);
    }
    exchange->request.status = found->status;
    exchange->replayed_headers = found->headers;
    exchange->kept = exchange->replayed = true;
    return ERR_OK;
}

static enum err found_row(struct exchange *exchange, const struct identity *identity,
                          struct store_idempotency *found, bool *expired)
{
    *expired = false;
    enum err err = store_idempotency_find(exchange->http->db, exchange->http->arena, identity->org,
                                          identity->caller, identity->key_hash, found);
    if (err)
        return err;
    *expired = found->created_at + IDEMPOTENCY_LIFE < exchange->request.now;
    if (*expired)
        return ERR_NOT_FOUND;
    if (sodium_memcmp(found->fingerprint, identity->fingerprint, IDEMPOTENCY_HASH) != 0)
        return ERR_IDEMPOTENCY_CONFLICT;
    return ERR_OK;
}

enum err http_idempotency_find(struct exchange *exchange)
{
    struct identity identity = identify(exchange);
    struct store_idempotency found;
    bool expired;
    enum err err = found_row(exchange, &identity, &found, &expired);
    return err ? err : replay(exchange, &found);
}

enum err http_idempotency_claim(struct exchange *exchange)
{
    struct db *db = exchange->http->db;
    struct identity identity = identify(exchange);
    for (int attempt = 0; attempt < 2; attempt++) {
        enum err err =
            store_idempotency_insert(db, identity.org, identity.caller, identity.key_hash,
                                     identity.fingerprint, exchange->request.now);
        /* the row is held by a first request that is still running */
        if (err == ERR_RETRY && exchange->claim_waits++ > 0)
            return ERR_IDEMPOTENCY_IN_FLIGHT;
        if (err != ERR_DUPLICATE)
            return err;
        struct store_idempotency found;
        bool expired;
        err = found_row(exchange, &identity, &found, &expired);
        if (!err)
            return replay(exchange, &found);
        if (err != ERR_NOT_FOUND)
            return err;
        if (!expired)
            return ERR_RETRY; /* its transaction was rolled back between our two statements */
        err = store_idempotency_delete(db, identity.org, identity.caller, identity.key_hash);
        if (err)
            return err;
    }
    return ERR_RETRY;
}

enum err http_idempotency_save(struct exchange *exchange)
{
    struct http *http = exchange->http;
    struct request *request = &exchange->request;
    const struct buf *out = request->out;
    struct identity identity = identify(exchange);
    struct store_idempotency answer = {.status = request->status,
                                       .sealed = request->operation->flags & OP_SECRET,
                                       .headers = http_extra_headers(exchange),
                                       .body = {out->data ? out->data : "", out->len}};
    if (answer.sealed) {
        size_t len = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + out->len;
        uint8_t *box = arena_alloc(http->arena, len);
        randombytes_buf(box, crypto_secretbox_NONCEBYTES);
        crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (uint8_t *)out->data, out->len,
                              box, http->pepper.seal);
        answer.body = (struct field_raw){(char *)box, len};
    }
    exchange->kept = true;
    return store_idempotency_save(http->db, identity.org, identity.caller, identity.key_hash,
                                  &answer);
}
