/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of labeling share. */
#ifndef COSTWRIGHT_LABELING_H
#define COSTWRIGHT_LABELING_H

#include "request.h"
#include "store_label_campaign.h"
#include "store_label_task.h"

/* Who acts: the user of the key or the annotator of the session. It has one seat per campaign. */
static inline bool labeling_is_user(const struct request *request)
{
    return uuid_is_nil(&request->caller.annotator);
}

static inline struct uuid labeling_actor(const struct request *request)
{
    return labeling_is_user(request) ? request->caller.user : request->caller.annotator;
}

/* ERR_CONFLICT, which says so: it is closed or promoted. */
enum err labeling_check_open(struct request *request, const struct store_label_campaign *campaign);

/* Hash of revision, kind and target: equal for tasks that ask the same question. False, subject
   left alone, for tasks without a revision. */
#define LABELING_SUBJECT 16
bool labeling_subject(const struct store_label_task *task, uint8_t subject[LABELING_SUBJECT]);

/* Place of a task in the queue: random; in adaptive campaigns by falling entropy (as a share of
   the greatest possible one, 0 to 1; a task without labels has 1), then by age. */
int64_t labeling_place_random(void);
int64_t labeling_place_uncertain(double entropy, int64_t created_at);

/* Whether an answer to a honeypot is right. gold_answer is a verdict, or the right value: the text
   itself of a string, else the JSON text; then confirm stands for the predicted value. */
bool labeling_gold_right(const char *gold_answer, const char *verdict,
                         const struct field_raw *predicted_value,
                         const struct field_raw *corrected_value);

/* label_verdict_texts (store_label_data.h) but unsure */
extern const char *const labeling_adjudication_verdicts[];
/* The rule between verdict and corrected_value: correct needs a value, the others forbid it. */
void labeling_check_answer(const char *verdict, const struct field_raw *corrected_value,
                           struct flaws *flaws, const struct field_path *path);

/* A list of doubles as the JSON array a task keeps; none where the list is none. */
struct field_raw labeling_numbers(struct arena *arena, const struct field_list *list);

#endif
