/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rate limits: GCRA buckets in shared memory, one compare-and-set each; shares of the heavy pool.
 */
#include "http_private.h"

#include "arena.h"
#include "settings.h"
#include "shared.h"

#include <string.h>

#define WINDOW      (INT64_C(60) * 1000000)
#define PROBES      8
#define HEAVY_RETRY 2 /* seconds */

static uint64_t tag_of(const struct uuid *id, uint64_t salt)
{
    uint64_t tag;
    memcpy(&tag, id->b + 8, sizeof tag);
    return (tag ^ salt) * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* The bucket of id: its own, else one nobody has used for a window, else the first (shared by
   accident: then the two are limited together, never unlimited). */
static struct shared_bucket *bucket_of(struct shared *shared, const struct uuid *id, uint64_t salt,
                                       int64_t now)
{
    uint64_t tag = tag_of(id, salt), held;
    struct shared_bucket *idle;
    do {
        idle = NULL;
        for (size_t i = 0; i < PROBES; i++) {
            struct shared_bucket *bucket = &shared->buckets[((tag >> 40) + i) % SHARED_BUCKETS];
            if (atomic_load(&bucket->tag) == tag)
                return bucket;
            if (!idle && atomic_load(&bucket->arrival) <= now)
                idle = bucket;
        }
        if (!idle)
            return &shared->buckets[(tag >> 40) % SHARED_BUCKETS];
        held = atomic_load(&idle->tag); /* somebody else may take it first: look again */
    } while (atomic_load(&idle->arrival) > now ||
             (held != tag && !atomic_compare_exchange_strong(&idle->tag, &held, tag)));
    return idle;
}

static int64_t step_of(int64_t limit)
{
    return WINDOW / limit > 0 ? WINDOW / limit : 1;
}

/* True when the request fits: limit of them at once, then one a step, so that after a minute of
   silence the whole limit is there again. *left and *wait describe the bucket after it. */
static bool take(struct shared_bucket *bucket, int64_t limit, int64_t now, int64_t *left,
                 int64_t *wait)
{
    int64_t step = step_of(limit), most = step * limit;
    int64_t arrival = atomic_load(&bucket->arrival);
    for (;;) {
        int64_t next = (arrival > now ? arrival : now) + step;
        if (next - now > most) {
            *left = 0;
            *wait = (next - now - most + 999999) / 1000000;
            return false;
        }
        if (atomic_compare_exchange_weak(&bucket->arrival, &arrival, next)) {
            *left = (most - (next - now)) / step;
            *wait = (next - now + 999999) / 1000000;
            return true;
        }
    }
}

static enum err check(struct exchange *exchange, enum metrics_limit what, const struct uuid *id,
                      int64_t limit, struct shared_bucket **taken)
{
    *taken = NULL;
    if (!limit || uuid_is_nil(id))
        return ERR_OK;
    int64_t now = exchange->started, left, wait;
    struct shared *shared = exchange->http->shared;
    *taken = bucket_of(shared, id, what + 1, now);
    bool fits = take(*taken, limit, now, &left, &wait);
    metrics_decision(&shared->metrics, what, fits);
    if (!exchange->limit || !fits || left < exchange->remaining) {
        exchange->limit_name = metrics_limit_names[what];
        exchange->limit = limit;
        exchange->remaining = left;
        exchange->reset = wait;
    }
    if (fits)
        return ERR_OK;
    exchange->retry_after = wait;
    exchange->request.fail_details = arena_printf(
        exchange->http->arena, "{\"limit\":%lld,\"window_seconds\":60}", (long long)limit);
    return ERR_RATE_LIMITED;
}

enum err http_limit(struct exchange *exchange)
{
    const struct settings *settings = exchange->http->settings;
    const struct caller *caller = &exchange->request.caller;
    bool by_key = uuid_is_nil(&caller->session);
    int64_t hosts = settings->hosts, org = settings->rate_org_per_minute;
    int64_t own = by_key ? settings->rate_key_per_minute : settings->rate_session_per_minute;
    struct shared_bucket *bucket, *shared;
    /* the key first: one that is refused takes nothing from the others of its organisation */
    enum err err = check(exchange, by_key ? METRICS_KEY : METRICS_SESSION,
                         by_key ? &caller->key : &caller->session, own, &bucket);
    if (err)
        return err;
    err = check(exchange, METRICS_ORG, &caller->org, org && org < hosts ? 1 : org / hosts, &shared);
    if (err && bucket)
        atomic_fetch_sub(&bucket->arrival, step_of(own)); /* nor does it pay for the others */
    return err;
}

/* Have two organisations taken turns at the heavy pool within the last minute? */
static bool is_contended(struct shared *shared, uint64_t tag, int64_t now)
{
    uint64_t last = atomic_exchange(&shared->heavy_turn, tag);
    if (last && last != tag)
        atomic_store(&shared->contended_until, now + WINDOW);
    return atomic_load(&shared->contended_until) > now;
}

/* Fits and imports take seconds: an organisation that sends many at once would have every heavy
   worker, and all others would wait for it. So while several organisations use the pool, one worker
   is always left to the others. Each marks itself before it counts: two that come together may both
   be refused, never both be one too many. */
enum err http_share(struct exchange *exchange)
{
    struct http *http = exchange->http;
    const struct operation *operation = exchange->request.operation;
    const struct uuid *org = &exchange->request.caller.org;
    if (!http->settings->rate_org_per_minute || uuid_is_nil(org))
        return ERR_OK;
    if (!(operation->flags & OP_HEAVY) || !operation_mutates(operation))
        return ERR_OK;
    uint64_t tag = tag_of(org, 0);
    bool contended = is_contended(http->shared, tag, exchange->started);
    int workers = 0, mine = 0;
    atomic_store(&http->slot->heavy_for, tag);
    for (size_t i = 0; i < SHARED_WORKERS; i++) {
        const struct shared_worker *worker = &http->shared->workers[i];
        if (!atomic_load(&worker->pid) || atomic_load(&worker->pool) != POOL_HEAVY)
            continue;
        workers++;
        mine += worker != http->slot && atomic_load(&worker->heavy_for) == tag;
    }
    bool fits = !contended || workers < 2 || mine < workers - 1;
    metrics_decision(&http->shared->metrics, METRICS_HEAVY, fits);
    if (fits)
        return ERR_OK;
    atomic_store(&http->slot->heavy_for, 0);
    exchange->retry_after = HEAVY_RETRY;
    exchange->request.fail_message =
        "Fits and imports of your organisation are at work on all workers "
        "but one; retry when one has ended.";
    exchange->request.fail_details =
        arena_printf(http->arena, "{\"limit\":%d,\"window_seconds\":null}", workers - 1);
    return ERR_RATE_LIMITED;
}
