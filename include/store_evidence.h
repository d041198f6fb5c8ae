/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evidence: the actuals an environment has received, one row each, per metric. */
#ifndef COSTWRIGHT_STORE_EVIDENCE_H
#define COSTWRIGHT_STORE_EVIDENCE_H

#include "err.h"
#include "field.h"
#include "uuid.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;

enum metric {
    METRIC_UNIT_COST,
    METRIC_CYCLE_TIME,
    METRIC_SETUP_TIME,
    METRIC_MACHINE_CHOICE,
    METRIC_COUNT
};

/* "unit_cost", "cycle_time_s", "setup_time_s", "machine_choice" */
const char *metric_text(enum metric metric);
extern const char *const metric_texts[]; /* the same, NULL-terminated */
/* METRIC_COUNT: no such metric */
enum metric metric_find(const char *text);

/* 128-bit hashes stand for what identifies a row and for what it says; as raw bytes so that they
   bind as they are. */
struct evidence_hash {
    uint8_t b[16];
};

struct evidence {
    struct evidence_hash natural, content;
    const char *source, *observation_type, *reference, *bin, *choice, *model_version;
    struct uuid part, revision;
    int64_t operation_sequence;                    /* INT_NONE */
    double lot_size, annual_volume, tooling_units; /* NAN = none */
    double predicted, actual;
    double c[4];         /* as the quote said that brought it; c[0] NAN: priced at the fit */
    int32_t occurred_on; /* never none */
    int64_t applied, received_at;
};

/* Orders struct evidence by natural key, for qsort and bsearch. */
int evidence_by_natural(const void *a, const void *b);
/* The same of pointers to them. */
int evidence_at_by_natural(const void *a, const void *b);

/* What is stored of one metric. */
struct evidence_stored {
    struct evidence *rows;
    size_t n;
    int64_t older; /* further ones, which were not read */
};
/* The newest at most `most` rows of one metric, in no order; texts in the arena, repeated bins and
   sources shared. */
enum err store_evidence_list(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                             enum metric metric, int64_t most, struct evidence_stored *stored);
/* Every row of these distinct parts that is priced at the fit, in no order. */
enum err store_evidence_priced(struct db *db, struct arena *arena, struct uuid org, struct uuid env,
                               enum metric metric, const struct uuid *parts, size_t n_parts,
                               struct evidence_stored *stored);
/* Bulk: new natural keys are inserted, known ones replaced; one that says what is known keeps its
   time of arrival, and stays applied. *known: some were. */
enum err store_evidence_upsert(struct db *db, struct uuid org, struct uuid env, enum metric metric,
                               const struct evidence *rows, size_t n, bool *known);
/* Leaves those of rows, by natural key, that are stored as arrived now. One statement. */
enum err store_evidence_arrived(struct db *db, struct uuid org, struct uuid env, enum metric metric,
                                int64_t now, const struct evidence **rows, size_t *n);
/* Every row of that source and metric that calibrating calls brought; outcomes stay. */
enum err store_evidence_delete_source(struct db *db, struct uuid org, struct uuid env,
                                      enum metric metric, const char *source);
/* Marks the pending rows of a metric that were received up to now as applied. */
enum err store_evidence_applied(struct db *db, struct uuid org, struct uuid env,
                                enum metric metric);

#endif
