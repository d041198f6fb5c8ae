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

extern const int64_t metrics_bounds[METRICS_BOUNDS]; /* upper bounds of latency, microseconds */

struct metrics_operation {
    _Atomic uint64_t answers[METRICS_CLASSES]; /* by hundreds of the status, from 1xx */
    _Atomic uint64_t
        latency[METRICS_BOUNDS + 1]; /* by bound, each answer in one; the last: above */
    _Atomic uint64_t microseconds;   /* of all its answers */
};

enum metrics_limit { METRICS_KEY, METRICS_SESSION, METRICS_ORG, METRICS_LIMITS };

struct metrics {
    struct metrics_operation operations[METRICS_OPERATIONS];
    _Atomic uint64_t allowed[METRICS_LIMITS], refused[METRICS_LIMITS]; /* by the rate limiter */
    _Atomic uint64_t database_errors, database_retries;
};

void metrics_answer(struct metrics *metrics, size_t operation, int status, int64_t microseconds);
void metrics_decision(struct metrics *metrics, enum metrics_limit limit, int allowed);
void metrics_database(struct metrics *metrics, int64_t errors, int64_t retries);

/* One family's head; type is counter, gauge or histogram. Its samples follow it at once. */
void metrics_family(struct buf *out, const char *name, const char *type, const char *help);
/* One sample; labels are pairs "name", "value" up to a NULL. */
void metrics_sample(struct buf *out, const char *name, uint64_t value, ...)
    __attribute__((sentinel));
/* All samples of a histogram with the label operation. */
void metrics_histogram(struct buf *out, const char *name, const char *operation,
                       const struct metrics_operation *counted);

#endif
