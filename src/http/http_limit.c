/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rate limits: GCRA buckets in shared memory, one compare-and-set each. */
#include "http_private.h"

#include "arena.h"
#include "settings.h"
#include "shared.h"

#include <string.h>

#define WINDOW (INT64_C(60) * 1000000)
#define PROBES 8

/* The bucket of id: its own, else one nobody has used for a window, else the first (shared by
   accident: then the two are limited together, never unlimited). */
static struct shared_bucket *bucket_of(struct shared *shared, const struct uuid *id, uint64_t salt,
                                       int64_t now)
{
    uint64_t tag;
    memcpy(&tag, id->b + 8, sizeof tag);
    tag = (tag ^ salt) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    struct shared_bucket *idle = NULL;
    for (size_t i = 0; i < PROBES; i++) {
        struct shared_bucket *bucket = &shared->buckets[((tag >> 40) + i) % SHARED_BUCKETS];
        uint64_t held = atomic_load(&bucket->tag);
        if (held == tag)
            return bucket;
        if (!idle && atomic_load(&bucket->arrival) <= now)
            idle = bucket;
    }
    if (idle) {
        atomic_store(&idle->tag, tag);
        return idle;
    }
    return &shared->buckets[(tag >> 40) % SHARED_BUCKETS];
}

/* True when the request fits; *left and *wait describe the bucket after it. */
static bool take(struct shared_bucket *bucket, int64_t limit, int64_t now, int64_t *left,
                 int64_t *wait)
{
    int64_t step = WINDOW / limit > 0 ? WINDOW / limit : 1;
    int64_t arrival = atomic_load(&bucket->arrival);
    for (;;) {
        int64_t next = (arrival > now ? arrival : now) + step;
        if (next - now > WINDOW) {
            *left = 0;
            *wait = (next - now - WINDOW + 999999) / 1000000;
            return false;
        }
        if (atomic_compare_exchange_weak(&bucket->arrival, &arrival, next)) {
            *left = (WINDOW - (next - now)) / step;
            *wait = (next - now + 999999) / 1000000;
            return true;
        }
    }
}

static enum err check(struct exchange *exchange, enum metrics_limit what, const struct uuid *id,
                      int64_t limit)
{
    static const char *const names[METRICS_LIMITS] = {"key", "session", "org"};
    if (!limit || uuid_is_nil(id))
        return ERR_OK;
    int64_t now = exchange->started, left, wait;
    struct shared *shared = exchange->http->shared;
    bool fits = take(bucket_of(shared, id, what + 1, now), limit, now, &left, &wait);
    metrics_decision(&shared->metrics, what, fits);
    if (!exchange->limit || !fits || left < exchange->remaining) {
        exchange->limit_name = names[what];
        exchange->limit = limit;
        exchange->remaining = left;
        exchange->reset = wait;
    }
    if (fits)
        return ERR_OK;
    exchange->request.fail_details = arena_printf(
        exchange->http->arena, "{\"limit\":%lld,\"window_seconds\":60}", (long long)limit);
    return ERR_RATE_LIMITED;
}

enum err http_limit(struct exchange *exchange)
{
    const struct settings *settings = exchange->http->settings;
    const struct caller *caller = &exchange->request.caller;
    int64_t hosts = settings->hosts, org = settings->rate_org_per_minute;
    enum err err =
        uuid_is_nil(&caller->session)
            ? check(exchange, METRICS_KEY, &caller->key, settings->rate_key_per_minute)
            : check(exchange, METRICS_SESSION, &caller->session, settings->rate_session_per_minute);
    if (err)
        return err;
    return check(exchange, METRICS_ORG, &caller->org, org && org < hosts ? 1 : org / hosts);
}
