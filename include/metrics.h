/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all processes of a service count together, and its text form (Prometheus exposition 0.0.4).
   Every counter is one atomic addition in shared memory: no lock, so a process may die anywhere and
   the counts of the others go on. A request counts when its answer is made, before it is sent. */
#ifndef COSTWRIGHT_METRICS_H
#define COSTWRIGHT_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define METRICS_OPERATIONS 256 /* what would be beyond shares the last slot */
#define METRICS_BOUNDS     14
#define METRICS_CLASSES    5
#define METRICS_POOLS      2

/* A histogram. */
struct metrics_times {
    _Atomic uint64_t counts[METRICS_BOUNDS + 1]; /* by bound, each time in one; the last: above */
    _Atomic uint64_t microseconds;               /* of all of them */
};

struct metrics_operation {
    _Atomic uint64_t answers[METRICS_CLASSES]; /* by hundreds of the status, from 1xx */
    struct metrics_times latency;
};

/* What may refuse a request: the rate of a key, a session, an organisation, or an organisation's
   share of the heavy workers. */
enum metrics_limit { METRICS_KEY, METRICS_SESSION, METRICS_ORG, METRICS_HEAVY, METRICS_LIMITS };
extern const char *const metrics_limit_names[METRICS_LIMITS]; /* "key", "session", ... */

struct metrics {
    struct metrics_operation operations[METRICS_OPERATIONS];
    struct metrics_times waits[METRICS_POOLS];                         /* in the queue of a pool */
    _Atomic uint64_t allowed[METRICS_LIMITS], refused[METRICS_LIMITS]; /* by the rate limiter */
    _Atomic uint64_t database_errors, database_retries;
};

void metrics_answer(struct metrics *metrics, size_t operation, int status, int64_t microseconds);
/* A request came to a worker of the pool after so long in its queue. */
void metrics_wait(struct metrics *metrics, size_t pool, int64_t microseconds);
void metrics_decision(struct metrics *metrics, enum metrics_limit limit, int allowed);
void metrics_database(struct metrics *metrics, int64_t errors, int64_t retries);

/* One family's head; type is counter, gauge or histogram. Its samples follow it at once. */
void metrics_family(struct buf *out, const char *name, const char *type, const char *help);
/* One sample; labels are pairs "name", "value" up to a NULL. */
void metrics_sample(struct buf *out, const char *name, uint64_t value, ...)
    __attribute__((sentinel));
/* All samples of a histogram with one label. */
void metrics_histogram(struct buf *out, const char *name, const char *label, const char *value,
                       const struct metrics_times *times);

#endif
