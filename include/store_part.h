/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts and their immutable revisions: rows and statements. */
#ifndef COSTWRIGHT_STORE_PART_H
#define COSTWRIGHT_STORE_PART_H

#include "err.h"
#include "field.h"
#include "store_list.h"
#include "uuid.h"

struct arena;
struct db;

struct store_part {
    struct uuid id;
    const char *part_number; /* unique in the tenant, exact */
    const char *name;
    struct field_raw attributes;     /* object, as it was sent */
    struct uuid current_revision_id; /* the newest; nil: none yet */
    int64_t created_at;
};

/* Plan and predictions as process_plan_text and predictions_text make them. */
struct store_revision {
    struct uuid id, part_id;
    const char *revision_code;
    struct field_raw process_plan, predictions;
    int64_t created_at;
    struct field_raw content_hash; /* 32 bytes; written, not read */
};

extern const struct shape shape_part;
extern const struct shape shape_revision;

/* ERR_NOT_FOUND: unknown or another tenant's. lock: STORE_READ or STORE_UPDATE. */
enum err store_part_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                        enum store_lock lock, struct store_part *part);
/* In the order of creation; part_number NULL: all, else the one with that number. */
enum err store_part_list(struct db *db, struct arena *arena, struct uuid org,
                         const char *part_number, const struct store_page *page,
                         struct store_part **list, size_t *n, int64_t *total);
/* Many at once. ERR_DUPLICATE: a part number is taken. */
enum err store_part_insert(struct db *db, struct arena *arena, struct uuid org,
                           const struct store_part *parts, size_t n);
/* part_number, name, attributes. ERR_DUPLICATE: the number is taken. */
enum err store_part_update(struct db *db, struct arena *arena, struct uuid org,
                           const struct store_part *part);
/* With its revisions. */
enum err store_part_delete(struct db *db, struct uuid org, struct uuid id);
/* Whether evidence of any environment names the part. Walks the tenant's evidence. */
enum err store_part_has_evidence(struct db *db, struct uuid org, struct uuid id, bool *has);

/* Many at once, each with its part known. */
enum err store_revision_insert(struct db *db, struct uuid org,
                               const struct store_revision *revisions, size_t n);
/* Makes each of them the current revision of its part. */
enum err store_revision_make_current(struct db *db, struct uuid org,
                                     const struct store_revision *revisions, size_t n);
enum err store_revision_get(struct db *db, struct arena *arena, struct uuid org, struct uuid part,
                            struct uuid id, struct store_revision *revision);
/* Newest first. */
enum err store_revision_list(struct db *db, struct arena *arena, struct uuid org, struct uuid part,
                             const struct store_page *page, struct store_revision **list, size_t *n,
                             int64_t *total);

/* The part number in lower case without white space of any kind: what resembles it equals it. */
const char *store_part_fold(struct arena *arena, const char *part_number);

/* A part by its number. Nil ids: unknown, or no revision yet. */
struct store_part_ref {
    struct uuid part_id, revision_id;
    bool has_hash;
    uint8_t content_hash[32]; /* of the current revision; store_part_find only */
};

/* Exactly these numbers, one query; locks nothing. refs[n] in the order of numbers. */
enum err store_part_find(struct db *db, struct arena *arena, struct uuid org,
                         const char *const *numbers, size_t n, struct store_part_ref *refs);
/* The part of that exact number, else the only one whose folded number is the same: at most two
   queries however many numbers there are. */
enum err store_part_resolve(struct db *db, struct arena *arena, struct uuid org,
                            const char *const *numbers, size_t n, struct store_part_ref *refs);

/* What pricing reads of a revision. part_id nil: unknown or another tenant's. */
struct store_plan {
    struct uuid part_id;
    struct field_raw process_plan;
};

/* plans[n] in the order of ids, one query however many ids there are; equal ids share a text. */
enum err store_plan_list(struct db *db, struct arena *arena, struct uuid org,
                         const struct uuid *ids, size_t n, struct store_plan *plans);

#endif
