/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as labels: which may be, and what a campaign's are known to be without reading it. */
#ifndef COSTWRIGHT_LABELING_VALUE_H
#define COSTWRIGHT_LABELING_VALUE_H

#include "err.h"
#include "intern.h"
#include "store_label_task.h"
#include "store_label_value.h"

#include <stdbool.h>

struct request;

#define LABELING_VALUES 20 /* most distinct values in value mode */

/* Values are numbers of their canonical JSON text: that text, NULL of INTERN_NONE. */
static inline struct field_raw labeling_value_text(const struct intern *values, uint32_t value)
{
    if (value == INTERN_NONE)
        return (struct field_raw){NULL, 0};
    return (struct field_raw){values->entries[value].text, values->entries[value].len};
}

/* A string or boolean. */
bool labeling_value_is_label(const struct intern *values, uint32_t value);
/* Adds the value that a honeypot's answer names by itself: a JSON string or boolean that, any other
   text the string of it. INTERN_NONE: it names a verdict, or nothing (NULL). */
uint32_t labeling_value_answer(struct intern *values, const char *answer);

/* Makes values known as some of the campaign's, where known is what the caller has read of it in
   this transaction, and says whether all of them make its labels verdicts: one is no label, or they
   are more than LABELING_VALUES. What is verdicts never becomes values again. */
enum err labeling_value_join(struct request *request, struct uuid campaign,
                             const struct label_digests *known, const struct intern *values,
                             bool *verdicts_only);
/* Whoever adds a value calls one of these in its transaction, after the counts
   (store_label_campaign_add): of new tasks, or a corrected or adjudicated one (none: nothing is
   done). A campaign has few distinct ones, so nearly always it is one read. */
enum err labeling_value_tasks(struct request *request, struct uuid campaign,
                              const struct store_label_task *tasks, size_t n);
enum err labeling_value_said(struct request *request, struct uuid campaign,
                             const struct field_raw *value);

#endif
