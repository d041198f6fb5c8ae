/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What consensus reads of a campaign and what it writes back, many rows at once. */
#ifndef COSTWRIGHT_STORE_LABEL_DATA_H
#define COSTWRIGHT_STORE_LABEL_DATA_H

#include "err.h"
#include "field.h"
#include "intern.h"
#include "store_label_task.h"
#include "store_label_value.h"

struct arena;
struct db;

enum label_verdict { LABEL_CONFIRM, LABEL_REJECT, LABEL_CORRECT, LABEL_UNSURE, LABEL_NO_VERDICT };
extern const char *const label_verdict_texts[];          /* NULL-terminated, in that order */
enum label_verdict label_verdict_find(const char *text); /* NULL or unknown: LABEL_NO_VERDICT */

enum label_status { LABEL_OPEN, LABEL_RESOLVED, LABEL_NEEDS_ADJUDICATION, LABEL_ADJUDICATED };

/* Values are numbers of their canonical JSON text (label_data.values), INTERN_NONE: none. */
uint32_t label_value_put(struct intern *values, const char *text, size_t len); /* text NULL: none */
struct label_task {
    struct uuid id;
    enum label_status status;
    bool is_gold;
    int64_t n_required, counted, created_at;
    uint32_t predicted;
    const char *gold_answer;
    enum label_verdict verdict; /* adjudicated: the answer */
    uint32_t value;
};

struct label_given {
    uint32_t task, annotator; /* indices */
    enum label_verdict verdict;
    uint32_t value; /* correct: what was said */
};

/* Tasks and labels by id as the server orders ids; annotators bytewise by id. Nothing depends on
   the order in which rows were written. */
struct label_data {
    struct label_task *tasks;
    struct uuid *annotators;
    bool *is_user; /* of annotators */
    bool *blocked; /* of annotators; NULL: not read */
    struct label_given *given;
    size_t n_tasks, n_annotators, n_given;
    struct intern values;
};

/* All of a campaign: two streamed queries. */
enum err store_label_data_load(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid campaign, struct label_data *data);
/* Only these tasks (distinct), in the order of ids, locked until the transaction ends: their newest
   state and that of their labels. Tasks that the campaign does not have are left out. */
enum err store_label_data_lock(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid campaign, const struct uuid *ids, size_t n,
                               struct label_data *data);

/* One open normal task, which the caller has read and locked, with its labels and who is blocked,
   and one more label that is about to be stored; blocked: its annotator is. *fitted: the campaign
   was; *known: its values (store_label_value_list). */
enum err store_label_data_task(struct db *db, struct arena *arena, struct uuid org,
                               const struct store_label_task *task,
                               const struct store_label_submission *answer, bool blocked,
                               struct label_data *data, bool *fitted, struct label_digests *known);

/* Many decisions. Leases end. A status of open takes the decision away again. */
enum err store_label_data_decide(struct db *db, struct uuid org, struct uuid campaign,
                                 const struct store_label_decision *decisions, size_t n,
                                 int64_t now);

/* The last fit. basis: `changes` of store_label_campaign_counts that it belongs to. */
struct label_model {
    int64_t basis;
    struct field_raw weights, quality;
};
/* What decides tasks between fits; text NULL: never fitted, or without a label. */
enum err store_label_model_weights(struct db *db, struct arena *arena, struct uuid org,
                                   struct uuid campaign, struct field_raw *weights);
/* The answer alone, where it belongs to basis; else ERR_NOT_FOUND. */
enum err store_label_model_quality(struct db *db, struct arena *arena, struct uuid org,
                                   struct uuid campaign, int64_t basis, struct field_raw *quality);
enum err store_label_model_put(struct db *db, struct uuid org, struct uuid campaign,
                               const struct label_model *model, int64_t now);

/* Who may not be served any more. */
struct label_seat {
    struct uuid actor;
    int64_t blocked_at;
};
enum err store_label_seat_blocked(struct db *db, struct arena *arena, struct uuid org,
                                  struct uuid campaign, struct label_seat **seats, size_t *n);
/* blocked_at of one seat, unless it has answered another number of honeypots meanwhile: then its
   own call has judged it by more. TIME_NONE lifts it. */
enum err store_label_seat_block(struct db *db, struct uuid org, struct uuid campaign,
                                struct uuid actor, int64_t gold_answered, int64_t blocked_at);

/* Who takes part in a campaign: e-mail addresses of its users and annotator accounts. */
struct label_emails {
    struct intern ids;
    const char **emails; /* by number of ids; NULL: the person is gone */
};
enum err store_label_emails(struct db *db, struct arena *arena, struct uuid org,
                            struct uuid campaign, struct label_emails *emails);
/* NULL: not in the campaign, or gone. */
static inline const char *label_email_of(const struct label_emails *emails, const struct uuid *id)
{
    uint32_t at = intern_find_uuid(&emails->ids, id);
    return at == INTERN_NONE ? NULL : emails->emails[at];
}

#endif
