/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labeling projects and campaigns, and what is counted of them: rows and statements. */
#ifndef COSTWRIGHT_STORE_LABEL_CAMPAIGN_H
#define COSTWRIGHT_STORE_LABEL_CAMPAIGN_H

#include "err.h"
#include "field.h"
#include "store_list.h"
#include "uuid.h"

struct arena;
struct db;

struct store_label_project {
    struct uuid id, org_id;
    const char *name, *description;
    struct uuid guideline_id, ontology_id;
    struct field_raw target_kinds;     /* array of texts; empty: all */
    struct field_raw selection_policy; /* object */
    int8_t uses_platform_pool;
    const char *status; /* active, archived */
    int64_t campaign_count;
    struct uuid created_by_user_id;
    int64_t created_at;
};

extern const struct shape shape_label_project;

/* ERR_NOT_FOUND: unknown or another tenant's. */
enum err store_label_project_get(struct db *db, struct arena *arena, struct uuid org,
                                 struct uuid id, struct store_label_project *project);
/* Of two transactions that lock a project the second waits for the first. */
enum err store_label_project_lock(struct db *db, struct uuid org, struct uuid id);
/* In the order of creation. */
enum err store_label_project_list(struct db *db, struct arena *arena, struct uuid org,
                                  const struct store_page *page, struct store_label_project **list,
                                  size_t *n, int64_t *total);
enum err store_label_project_insert(struct db *db, struct uuid org,
                                    const struct store_label_project *project);

/* Everything but honeypots is counted in task_count and resolved_count (resolved, adjudicated);
   both come with the row, as of the same snapshot, except where it is locked: then they are
   INT_NONE (store_label_campaign_counts). */
struct store_label_campaign {
    struct uuid id, org_id, project_id;
    const char *name, *description;
    const char *status;           /* open, closed, promoted */
    const char *consensus_method; /* dawid_skene, majority, weighted_majority */
    double acceptance_alpha, gold_fraction;
    int64_t target_redundancy;
    int8_t adaptive_redundancy;
    struct uuid created_by_user_id;
    int64_t created_at, closed_at;
    int64_t task_count, resolved_count;
};

extern const struct shape shape_label_campaign;

/* ERR_NOT_FOUND. STORE_SHARE is what a change inside the campaign takes, STORE_UPDATE what ends
   it: no submission is under way then. */
enum err store_label_campaign_get(struct db *db, struct arena *arena, struct uuid org,
                                  struct uuid id, enum store_lock lock,
                                  struct store_label_campaign *campaign);
/* In the order of creation; status NULL: all. */
enum err store_label_campaign_list(struct db *db, struct arena *arena, struct uuid org,
                                   const char *status, const struct store_page *page,
                                   struct store_label_campaign **list, size_t *n, int64_t *total);
enum err store_label_campaign_insert(struct db *db, struct uuid org,
                                     const struct store_label_campaign *campaign);
/* Its status; closed_at stays once it is set. */
enum err store_label_campaign_end(struct db *db, struct uuid org, struct uuid id,
                                  const char *status, int64_t now);

/* Sums over labeling_seat, as of the transaction's snapshot. Equal `changes` mean that nothing
   which the campaign's quality depends on was committed in between. */
struct store_label_counts {
    int64_t tasks, gold_tasks; /* normal ones, honeypots */
    int64_t resolved;          /* resolved or adjudicated */
    int64_t submissions;       /* all, honeypots included */
    int64_t changes;
    int64_t seats, gold_answered, gold_correct;
};
enum err store_label_campaign_counts(struct db *db, struct uuid org, struct uuid id,
                                     struct store_label_counts *counts);

/* A seat that was served nothing yet: behind INSERT or INSERT IGNORE; arguments: the key, is_user,
   then what the counts (n_tasks to gold_correct) ask for. */
#define STORE_LABEL_NEW_SEAT(counts)                                                               \
    "INTO labeling_seat (org_id, campaign_id, actor_id, is_user, turn, n_served, n_gold_served,"   \
    " sweep_wrapped, gold_mark, n_tasks, n_gold_tasks, n_resolved, n_submissions, n_changes,"      \
    " gold_answered, gold_correct) VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, " counts ")"

/* Adds to the counts of the campaign, in the transaction of the effect. Every actor (user or
   annotator account) has a seat of its own, so that nobody waits for another's transaction;
   `changes` is raised by one by every call. Whoever adds submissions, decides or adjudicates
   tasks calls this, once a transaction where it can. */
struct store_label_change {
    int64_t tasks, gold_tasks, resolved, submissions;
    int64_t gold_answered, gold_correct;
};
enum err store_label_campaign_add(struct db *db, struct uuid org, struct uuid campaign,
                                  struct uuid actor, bool is_user,
                                  const struct store_label_change *change);

#endif
