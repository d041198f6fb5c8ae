/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels in and out, many at once. */
#ifndef COSTWRIGHT_STORE_LABEL_IMPORT_H
#define COSTWRIGHT_STORE_LABEL_IMPORT_H

#include "err.h"
#include "field.h"
#include "store_label_data.h"
#include "store_list.h"

struct arena;
struct db;

/* Somebody who labels, by e-mail address (lower case). */
struct label_person {
    const char *email;
    struct uuid id; /* nil: nobody has the address */
    int8_t is_user;
};

/* Fills ids; a user goes before an annotator account of the same address. One query. */
enum err store_label_people_find(struct db *db, struct uuid org, struct label_person *people,
                                 size_t n);
/* Accounts for those without id, which they get in the order given. ERR_DUPLICATE: somebody made
   one meanwhile. */
enum err store_label_people_insert(struct db *db, struct arena *arena, struct uuid org,
                                   struct label_person *people, size_t n, int64_t now);

/* Many; ERR_DUPLICATE: one is there already. */
enum err store_label_import_insert(struct db *db, struct uuid org, struct uuid campaign,
                                   const struct store_label_submission *submissions, size_t n);

/* What new submissions add to the counts of a task. */
struct label_task_gain {
    struct uuid task;
    int64_t submissions, said, unsure; /* said: other than unsure */
};
enum err store_label_import_count(struct db *db, struct uuid org, struct uuid campaign,
                                  const struct label_task_gain *gains, size_t n);

/* What they add to the seats of those who gave them; seats are made where there are none. */
struct label_seat_gain {
    struct uuid actor;
    int64_t is_user, submissions, gold_answered, gold_correct;
};
enum err store_label_import_seats(struct db *db, struct uuid org, struct uuid campaign,
                                  const struct label_seat_gain *gains, size_t n);

/* A label as it goes in and out. */
struct label_record {
    struct uuid task_id;
    const char *annotator_email;
    const char *verdict;
    struct field_raw corrected_value;
    double confidence;
    int64_t duration_ms, submitted_at;
};

extern const struct shape shape_label_record;

/* By task, then annotator, as the server orders ids; read part by part, to be called in a snapshot
   (db_snapshot). take may not use the database, its error ends the call; the record's texts live
   until it returns. */
enum err store_label_record_each(struct db *db, struct uuid org, struct uuid campaign,
                                 const struct label_emails *emails, const struct store_page *page,
                                 enum err (*take)(void *context, const struct label_record *record),
                                 void *context);

#endif
