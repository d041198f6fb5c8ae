/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is calling, and may they. */
#include "http_private.h"

#include "arena.h"
#include "shared.h"
#include "store_key.h"
#include "store_label_assignment.h"

#include <sodium.h>
#include <string.h>

#define CACHE_LIFE  (INT64_C(2) * 1000000)  /* bound for revocations made on another host */
#define TOUCH_EVERY (INT64_C(60) * 1000000) /* last_used_at is coarse */

/* What a cached key is packed as: 16 words, the last one a check over the others, since a writer
   may have died, or two may have met, in the middle. */
struct cached {
    uint8_t digest[APIKEY_DIGEST];
    struct uuid org, user, key;
    uint64_t scopes;
    int64_t expires_at, loaded_at;
    uint64_t epoch;
    uint64_t spare;
    uint64_t check;
};
_Static_assert(sizeof(struct cached) == sizeof((struct shared_key *)0)->words, "16 words");

static uint64_t check_of(const struct cached *cached)
{
    uint64_t words[16], sum = UINT64_C(0x2545f4914f6cdd1d);
    memcpy(words, cached, sizeof words);
    for (size_t i = 0; i < 15; i++)
        sum = (sum ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15) + (sum >> 29);
    return sum;
}

static struct shared_key *slot_of(const struct http *http, const uint8_t digest[APIKEY_DIGEST])
{
    uint32_t hash;
    memcpy(&hash, digest, sizeof hash);
    return &http->shared->keys[hash % SHARED_KEYS];
}

static uint64_t epoch_now(const struct http *http)
{
    return http->epoch ? atomic_load(http->epoch) : 0;
}

static bool cache_read(const struct exchange *exchange, const uint8_t digest[APIKEY_DIGEST],
                       struct cached *cached)
{
    struct shared_key *slot = slot_of(exchange->http, digest);
    uint64_t before = atomic_load(&slot->sequence), words[16];
    for (size_t i = 0; i < 16; i++)
        words[i] = atomic_load_explicit(&slot->words[i], memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    if (before & 1 || atomic_load(&slot->sequence) != before)
        return false;
    memcpy(cached, words, sizeof *cached);
    return cached->check == check_of(cached) &&
           !sodium_memcmp(cached->digest, digest, APIKEY_DIGEST) &&
           cached->epoch == epoch_now(exchange->http) &&
           exchange->started - cached->loaded_at < CACHE_LIFE;
}

static void cache_write(const struct exchange *exchange, struct cached *cached)
{
    struct shared_key *slot = slot_of(exchange->http, cached->digest);
    uint64_t words[16], sequence = atomic_load(&slot->sequence) | 1;
    cached->check = check_of(cached);
    memcpy(words, cached, sizeof words);
    atomic_store(&slot->sequence, sequence);
    for (size_t i = 0; i < 16; i++)
        atomic_store_explicit(&slot->words[i], words[i], memory_order_relaxed);
    atomic_store(&slot->sequence, sequence + 1);
}

static unsigned with_implied(unsigned scopes)
{
    return scopes & SCOPE_WRITE ? scopes | SCOPE_READ | SCOPE_LABEL : scopes;
}

static enum err load_key(struct exchange *exchange, const char *prefix,
                         const uint8_t digest[APIKEY_DIGEST], struct cached *cached)
{
    struct http *http = exchange->http;
    /* read before the row: a revocation between the two must not be hidden by what is cached here
     */
    uint64_t epoch = epoch_now(http);
    struct store_key key = {.revoked_at = TIME_NONE};
    enum err err = store_key_find(http->db, prefix, &key);
    if (err && err != ERR_NOT_FOUND)
        return err;
    /* an unknown prefix is compared with zeros; that no row was fetched still shows in the time,
       but a prefix is public */
    bool right = !sodium_memcmp(key.digest, digest, APIKEY_DIGEST);
    if (err || !right || key.revoked_at != TIME_NONE)
        return ERR_INVALID_API_KEY;
    *cached = (struct cached){.org = key.org,
                              .user = key.user,
                              .key = key.id,
                              .scopes = with_implied(key.scopes),
                              .expires_at = key.expires_at,
                              .loaded_at = exchange->started,
                              .epoch = epoch};
    memcpy(cached->digest, digest, APIKEY_DIGEST);
    if (key.last_used_at == TIME_NONE || exchange->request.now - key.last_used_at > TOUCH_EVERY)
        (void)store_key_touch(http->db, key.org, key.id, exchange->request.now);
    cache_write(exchange, cached);
    return ERR_OK;
}

static enum err authenticate_key(struct exchange *exchange, const char *text)
{
    struct caller *caller = &exchange->request.caller;
    char prefix[APIKEY_PREFIX + 1];
    uint8_t digest[APIKEY_DIGEST];
    if (!apikey_prefix(text, prefix))
        return ERR_INVALID_API_KEY;
    memcpy(caller->prefix, prefix, sizeof prefix);
    apikey_digest(&exchange->http->pepper, text, digest);
    struct cached cached;
    if (!cache_read(exchange, digest, &cached)) {
        enum err err = load_key(exchange, prefix, digest, &cached);
        if (err)
            return err;
    }
    if (cached.expires_at != TIME_NONE && cached.expires_at <= exchange->request.now)
        return ERR_INVALID_API_KEY;
    caller->org = cached.org;
    caller->user = cached.user;
    caller->key = cached.key;
    caller->scopes = (unsigned)cached.scopes;
    return ERR_OK;
}

/* Not cached: a revoked annotator is out at once, and there is one read per task to save. */
static enum err authenticate_session(struct exchange *exchange, const char *token)
{
    struct caller *caller = &exchange->request.caller;
    const int64_t now = exchange->request.now;
    uint8_t digest[APIKEY_DIGEST];
    struct store_label_session session;
    apikey_digest(&exchange->http->pepper, token, digest);
    enum err err = store_label_session_find(exchange->http->db, digest, &session);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_INVALID_API_KEY : err;
    if (now - session.last_used_at >= LABEL_SESSION_IDLE ||
        now - session.created_at >= LABEL_SESSION_LIFE)
        return ERR_INVALID_API_KEY;
    caller->org = session.org;
    caller->session = session.id;
    caller->campaign = session.campaign;
    caller->annotator = session.account;
    if (now - session.last_used_at > TOUCH_EVERY)
        (void)store_label_session_touch(exchange->http->db, session.org, session.id, now);
    return ERR_OK;
}

/* Of no use once it was hashed; libfcgi keeps it where it stands until the request ends. */
static void wipe(const char *text)
{
    sodium_memzero((char *)(uintptr_t)text, strlen(text));
}

enum err http_authenticate(struct exchange *exchange)
{
    if (exchange->request.operation->scope == SCOPE_NONE)
        return ERR_OK;
    const char *bearer = exchange->bearer;
    bool has_bearer = !strncasecmp(bearer, "Bearer ", 7);
    const char *token = has_bearer ? bearer + 7 + strspn(bearer + 7, " ") : "";
    const char *text = *exchange->key_text ? exchange->key_text : token;
    bool is_session = has_bearer && text == token && strncmp(text, "ak_", 3) != 0;
    enum err err =
        is_session ? authenticate_session(exchange, text) : authenticate_key(exchange, text);
    wipe(exchange->key_text);
    wipe(bearer);
    return err;
}

enum err http_authorize(struct exchange *exchange)
{
    const struct operation *operation = exchange->request.operation;
    const struct caller *caller = &exchange->request.caller;
    if (uuid_is_nil(&caller->session) ? operation_allows(operation, caller->scopes)
                                      : operation->flags & OP_ANNOTATOR)
        return ERR_OK;
    exchange->request.fail_details = arena_printf(exchange->http->arena, "{\"required\":\"%s\"}",
                                                  operation_scope(operation->scope));
    return ERR_INSUFFICIENT_SCOPE;
}
