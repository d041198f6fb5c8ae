/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drift: running statistics by bin, and alerts. */
#ifndef COSTWRIGHT_STORE_DRIFT_H
#define COSTWRIGHT_STORE_DRIFT_H

#include "store_evidence.h"
#include "store_list.h"

#define DRIFT_STATE_BYTES 255

struct store_drift_state {
    const char *bin;
    struct uuid run;
    struct field_raw state;
};

/* Of one metric, locked until the transaction ends. */
enum err store_drift_states(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                            enum metric metric, struct store_drift_state **list, size_t *n);
enum err store_drift_save(struct db *db, struct uuid org, struct uuid env, enum metric metric,
                          const struct store_drift_state *states, size_t n, int64_t now);

struct store_drift_alert {
    struct uuid id, run;
    enum metric metric;
    const char *bin, *signal; /* bias, coverage, shift */
    int64_t severity;         /* 1 info, 2 warning, 3 critical */
    double statistic, log_shift;
    int64_t n;
    int64_t opened_at, updated_at, resolved_at;
};

/* One alert per (metric, bin, signal, run): opens it, anew where it was resolved, or keeps the
   worst of both. */
enum err store_drift_alert(struct db *db, struct uuid org, struct uuid env,
                           const struct store_drift_alert *alert);
/* A new fit: its open alerts are resolved, its states start anew. */
enum err store_drift_resolve(struct db *db, struct uuid org, struct uuid env, enum metric metric,
                             int64_t now);
/* Another interval: open alerts of coverage are resolved. */
enum err store_drift_resolve_coverage(struct db *db, struct uuid org, struct uuid env,
                                      enum metric metric, int64_t now);
/* Open ones first, then newest first. */
enum err store_drift_list(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                          int64_t most, struct store_drift_alert **list, size_t *n);

#endif
