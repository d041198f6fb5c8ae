/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration runs (immutable) and what is active. */
#ifndef COSTWRIGHT_STORE_RUN_H
#define COSTWRIGHT_STORE_RUN_H

#include "err.h"
#include "field.h"
#include "store_evidence.h"
#include "uuid.h"

struct arena;
struct db;

#define RUN_BASIS 32

struct run {
    struct uuid id, env, base;
    const char *kind, *status, *document;
    enum metric metric;
    struct uuid subject; /* learning curve: the part revision; else nil */
    uint8_t basis[RUN_BASIS];
    struct field_raw record, posterior; /* text NULL = none */
    int64_t created_at;
};

/* What is active in a slot ("unit_cost", …). No row yet: nil run, version 0. */
struct active {
    struct uuid run;
    int64_t version;
};

enum err store_active_find(struct db *db, struct uuid org, struct uuid env, const char *slot,
                           struct active *active);
/* Inside a transaction: makes run active (nil: nothing) if the slot is still at `before`, raises
   its version. ERR_CONFLICT: it changed meanwhile. activate false: only the version is raised (the
   evidence changed). */
enum err store_active_set(struct db *db, struct uuid org, struct uuid env, const char *slot,
                          const struct active *before, bool activate, struct uuid run, int64_t now);

enum err store_run_insert(struct db *db, struct uuid org, const struct run *run);
/* Without record and posterior. */
enum err store_run_find(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                        struct uuid id, struct run *run);
/* The newest run of that metric and basis. */
enum err store_run_find_basis(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                              enum metric metric, const uint8_t basis[RUN_BASIS], struct run *run);
enum err store_run_posterior(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             struct uuid id, struct field_raw *posterior);
enum err store_run_record(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                          struct uuid id, struct field_raw *record);

#endif
