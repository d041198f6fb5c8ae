/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration runs (immutable) and what is active. */
#ifndef COSTWRIGHT_STORE_RUN_H
#define COSTWRIGHT_STORE_RUN_H

#include "err.h"
#include "field.h"
#include "store_evidence.h"
#include "store_list.h"
#include "store_part.h"
#include "uuid.h"

#include <string.h>

struct arena;
struct db;

#define RUN_BASIS 32
#define RUN_SLOT  64

/* What a run can be active as: "unit_cost" and the other metrics ("machine_choice" is the policy),
   "conformal:<metric>", "curve:<part revision>". */
#define SLOT_INTERVAL "conformal:"
#define SLOT_CURVE    "curve:"

/* What stands behind that prefix; NULL: the slot is of another kind. */
static inline const char *slot_behind(const char *slot, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(slot, prefix, len) != 0 ? NULL : slot + len;
}

/* The tenant and environment of platform-scope calibration. */
#define STORE_PLATFORM_ORG "01900000-0000-7000-8000-000000000001"
#define STORE_PLATFORM_ENV "01900000-0000-7000-8000-000000000002"
extern const struct uuid store_platform_org, store_platform_env;

struct run {
    struct uuid id, env, base;
    const char *kind, *slot, *status, *document;
    enum metric metric;
    int64_t posterior_count; /* quantities it corrects while it is active */
    struct uuid subject;     /* learning curve: the part revision; else nil */
    uint8_t basis[RUN_BASIS];
    struct field_raw record, posterior; /* text NULL = none */
    int64_t created_at;
    bool active; /* store_run_list only */
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

/* Whatever it was: raises the version, because evidence changed. Also the lock of whoever changes
   evidence without a fit. */
enum err store_active_raise(struct db *db, struct uuid org, struct uuid env, const char *slot,
                            int64_t now);
/* Whatever it was: nothing is active there any more. */
enum err store_active_clear(struct db *db, struct uuid org, struct uuid env, const char *slot,
                            int64_t now);

/* An active run that quotes read whole; all but the posterior of unit cost. */
struct active_model {
    const char *slot;
    struct uuid run, subject;
    bool platform; /* the platform's interval */
    struct field_raw posterior;
};

/* The active times, policy, unit-cost intervals (environment's, platform's) and, if asked for,
   learning curves; and the run of unit cost, without its posterior (nil: none). One statement. */
enum err store_active_models(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             bool curves, struct active_model **list, size_t *n);

/* The state of what an environment prices with: its stamp, and that of the platform, whose interval
   serves environments that have none (store_stamp.h). */
struct store_state {
    struct uuid stamp, platform; /* nil: none */
};

/* What one quote rests on: that state, and what is the revision's own. */
struct store_basis {
    struct store_state state;
    struct uuid environment, revision;
    struct store_plan plan;
    struct uuid curve_run; /* of its learning curve; nil: none */
    struct field_raw curve;
};

/* The platform's stamp, as f. */
#define STORE_PLATFORM_STAMP                                                                       \
    "pricing_stamp f ON f.org_id = '" STORE_PLATFORM_ORG "' AND f.env_id = '" STORE_PLATFORM_ENV "'"

/* One statement, so all of one state. */
enum err store_basis_get(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                         struct uuid revision, struct store_basis *basis);

/* Every active run of an environment: sum of their posterior_count. */
enum err store_active_count(struct db *db, struct uuid org, struct uuid env, int64_t *count);

/* Has a calibration of times or a learning curve ever been active here? */
enum err store_run_scaled(struct db *db, struct uuid org, struct uuid env, bool *scaled);
/* Has a run of unit cost? */
enum err store_run_corrected(struct db *db, struct uuid org, struct uuid env, bool *corrected);

enum err store_run_insert(struct db *db, struct uuid org, const struct run *run);
/* Without record and posterior. */
enum err store_run_find(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                        struct uuid id, struct run *run);
/* The newest run of that slot and basis. */
enum err store_run_find_basis(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                              const char *slot, const uint8_t basis[RUN_BASIS], struct run *run);

/* for their plans to be tested */
extern const struct sql store_run_sql_count, store_run_sql_quote;

struct run_filter {
    const char *slot;   /* NULL: any */
    bool with_interval; /* only runs that sized an interval */
};
/* Newest first, without record and posterior; active is set where the run is what its slot uses.
   total: of the slot, interval or not; NULL: not counted. */
enum err store_run_list(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                        const struct run_filter *filter, const struct store_page *page,
                        struct run **list, size_t *n, int64_t *total);
enum err store_run_posterior(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             struct uuid id, struct field_raw *posterior);
enum err store_run_record(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                          struct uuid id, struct field_raw *record);

#endif
