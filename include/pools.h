/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The master's two pools of worker processes: start, watch, replace, end. Nothing here blocks. */
#ifndef COSTWRIGHT_POOLS_H
#define COSTWRIGHT_POOLS_H

#include "shared.h"
#include "worker.h"

#include <stdbool.h>
#include <stdint.h>

struct listen;
struct settings;

struct pools {
    const struct settings *settings; /* re-read by the master in place */
    const struct worker_service *service;
    const struct listen *listen;
    struct shared *shared;
    int signals; /* the master's signalfd: closed in workers */
    struct pool_slot {
        pid_t pid; /* 0 = free */
        enum pool pool;
        int64_t started;
        bool stale;          /* to be replaced: runs with old settings */
        bool leaving;        /* was told to end */
    } slots[SHARED_WORKERS]; /* slot i is shared->workers[i] */
    struct {
        int failures;       /* deaths within 5 s of the start, in a row */
        int64_t not_before; /* no start earlier than this */
    } state[POOL_COUNT];
    int successor; /* slot that is to take the place of a stale one; -1 = none */
    bool unusable; /* a worker ended with WORKER_EXIT_CONFIG */
};

void pools_init(struct pools *pools, const struct settings *settings,
                const struct worker_service *service, const struct listen *listen, int signals);
void pools_clear(struct pools *pools);

/* Collects the dead. */
void pools_reap(struct pools *pools, int64_t now);
/* Starts what is missing (back-off permitting), retires what is too many, kills the stuck, and goes
   on replacing. Call after pools_reap. */
void pools_keep(struct pools *pools, int64_t now);
/* Every worker of now is to be replaced, each only when its successor is ready. When a successor
   does not start, the rest stay. */
void pools_replace_all(struct pools *pools);

void pools_drain(struct pools *pools); /* marks the service as ending and sends TERM to all */
void pools_signal(struct pools *pools, int signal);
/* While draining with no worker left: starts one for each queue that holds connections; whether
 * there was any. */
bool pools_serve_queue(struct pools *pools, int64_t now);

int pools_alive(const struct pools *pools);
int pools_count(const struct pools *pools, enum pool pool); /* alive and not leaving */
bool pools_ready(
    const struct pools *pools); /* each pool has one that serves, none is being replaced */
int pools_wait_ms(const struct pools *pools, int64_t now); /* until there may be something to do */
bool pools_unusable(const struct pools *pools);

#endif
