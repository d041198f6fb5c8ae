/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all processes of one service share: anonymous memory made by the master before it forks. */
#ifndef COSTWRIGHT_SHARED_H
#define COSTWRIGHT_SHARED_H

#include "err.h"
#include "metrics.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SHARED_WORKERS 256
#define SHARED_KEYS    4096  /* power of two */
#define SHARED_BUCKETS 65536 /* power of two */

/* Everything shared is changed by single atomic instructions: a process that dies holds nothing. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2, "atomics without locks");

enum pool { POOL_LIGHT, POOL_HEAVY, POOL_COUNT };
extern const char *const pool_names[POOL_COUNT]; /* "light", "heavy" */
_Static_assert(POOL_COUNT == METRICS_POOLS, "waits are counted by pool");

/* One worker, written by it, read by the master and by /metrics. */
struct shared_worker {
    _Atomic pid_t pid;
    _Atomic int pool;
    _Atomic int64_t started, busy_since, heartbeat; /* time_monotonic; busy_since 0 = idle */
    _Atomic uint64_t requests;
    _Atomic uint64_t heavy_for; /* tag of the organisation whose fit or import it runs; 0: none */
};

/* A cached API key: guarded by a sequence counter (odd while being written), never by a lock, so a
   worker that dies while writing only costs this slot until it is written again. */
struct shared_key {
    _Atomic uint64_t sequence;
    _Atomic uint64_t words[16]; /* packed by http_auth */
};

/* One rate-limit bucket: GCRA theoretical arrival time, one compare-and-set. */
struct shared_bucket {
    _Atomic uint64_t tag;
    _Atomic int64_t arrival;
};

struct shared {
    struct shared_worker workers[SHARED_WORKERS];
    struct shared_key keys[SHARED_KEYS];
    struct shared_bucket buckets[SHARED_BUCKETS];
    struct metrics metrics;
    _Atomic uint64_t restarts;       /* workers that died, not those that left */
    _Atomic uint64_t heavy_turn;     /* tag of the last organisation that came to the heavy pool */
    _Atomic int64_t contended_until; /* two took turns there less than a minute before */
    _Atomic int draining;
};

/* Made once; ends the process when memory is lacking. */
struct shared *shared_new(void);
void shared_free(struct shared *shared);

/* The revocation epoch of this host: 8 bytes in state_dir/epoch, mapped by every process;
   costwrightctl raises it after a key changed: cached copies are void from then on. NULL or false
   where the directory cannot be written (then cached keys just expire). */
_Atomic uint64_t *shared_epoch_open(const char *state_dir);
bool shared_epoch_raise(const char *state_dir);

#endif
