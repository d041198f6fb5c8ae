/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calculations (quotes): snapshots that never change. */
#ifndef COSTWRIGHT_STORE_CALCULATION_H
#define COSTWRIGHT_STORE_CALCULATION_H

#include "err.h"
#include "field.h"
#include "store_list.h"
#include "uuid.h"

struct arena;
struct db;
struct sql;

#define CALCULATION_SUCCEEDED "succeeded"
#define CALCULATION_FAILED    "failed"

/* The columns beside the document are for queries: the document is the answer, whole. */
struct store_calculation {
    struct uuid id, part_id, part_revision_id, env_id;
    const char *status;
    double unit_cost, uncalibrated_unit_cost; /* NAN: failed */
    double driver[4];                         /* uncalibrated: material, run, setup, other */
    double lot_size;
    const char *model_version;
    struct field_raw document;
    int64_t created_at;
};

/* Many at once. */
enum err store_calculation_insert(struct db *db, struct uuid org,
                                  const struct store_calculation *calculations, size_t n);
/* One, if its environment is in that state now and its revision is there; else ERR_RETRY. */
struct store_state;
enum err store_calculation_insert_current(struct db *db, struct uuid org,
                                          const struct store_calculation *calculation,
                                          const struct store_state *state);
enum err store_calculation_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                               struct field_raw *document);

struct store_calculation_filter {
    const char *status;  /* NULL: any */
    struct uuid part_id; /* nil: any */
};

/* Documents, newest first. */
enum err store_calculation_list(struct db *db, struct arena *arena, struct uuid org,
                                const struct store_calculation_filter *filter,
                                const struct store_page *page, struct field_raw **documents,
                                size_t *n, int64_t *total);

/* Of all, by status, by part, by both: for their plans to be tested. */
extern const struct sql *const store_calculation_sql_count[4];
extern const struct sql store_calculation_sql_insert;

/* For calibration: what earlier quotes said. */
struct store_quoted {
    size_t revision; /* index into the revisions asked for */
    struct uuid id;
    double unit_cost, uncalibrated_unit_cost, driver[4], lot_size;
    int64_t created_at;
};

/* Hands every succeeded calculation of these revisions in env that model_version made (NULL: any)
   to take, in any order: there may be thousands of a revision, of which none is kept here. One
   query. revisions are distinct. */
enum err store_calculation_quoted(struct db *db, struct uuid org, struct uuid env,
                                  const struct uuid *revisions, size_t n, const char *model_version,
                                  void (*take)(void *context, const struct store_quoted *quoted),
                                  void *context);
/* Hands the documents of calculations to take, one after another, with where each id stands; what
   is read ends with the call. take makes no statement. One query. ids are distinct. */
enum err
store_calculation_documents(struct db *db, struct uuid org, const struct uuid *ids, size_t n,
                            void (*take)(void *context, size_t i, const struct field_raw *document),
                            void *context);
/* The part of each revision that is known and, unless quoted_in is nil, has a succeeded calculation
   in that environment; of the others parts stays as it is. One query. revisions are distinct. */
enum err store_calculation_parts(struct db *db, struct uuid org, struct uuid quoted_in,
                                 const struct uuid *revisions, size_t n, struct uuid *parts);

#endif
