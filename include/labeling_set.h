/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From verdicts and values to labels: the classes of a campaign, and who said which. */
#ifndef COSTWRIGHT_LABELING_SET_H
#define COSTWRIGHT_LABELING_SET_H

#include "calc_labels.h"
#include "labeling_value.h"
#include "store_label_data.h"

#include <stdbool.h>

#define LABELING_STRING  (LABEL_NO_VERDICT)
#define LABELING_BOOLEAN (LABEL_NO_VERDICT + 1)

/* A class is what a label can be. In value mode: a string or boolean (value, its number in
   label_data.values), or the verdict reject, or confirm where nothing was predicted. In verdict
   mode: a verdict. */
struct labeling_class {
    uint32_t value;   /* INTERN_NONE: the verdict alone */
    unsigned verdict; /* enum label_verdict; of values LABELING_STRING or LABELING_BOOLEAN */
    const char *text; /* the string as JSON spells it between its quotes, true, false, or the
                         verdict; classes are in its bytewise order, equal texts by verdict */
};

/* Value mode: every predicted and corrected value (and every right one of a honeypot) is a string
   or boolean, at most LABELING_VALUES of them distinct. Decided over data, so over the whole
   campaign where all of it was loaded. */
struct labeling_set {
    const struct label_data *data;
    bool value_mode;
    uint32_t k; /* classes that occur; 0: no label at all */
    struct labeling_class *classes;
    /* tasks that have a label, in the order of data */
    uint32_t n_tasks;
    uint32_t *task;      /* n_tasks: index in data */
    uint32_t *known;     /* n_tasks: class of honeypots and adjudicated tasks, or CALC_LABEL_NONE */
    uint8_t *gold;       /* n_tasks */
    uint32_t *predicted; /* n_tasks: class of the prediction, or CALC_LABEL_NONE */
    /* annotators that gave one: the others said unsure only */
    uint32_t n_annotators;
    uint32_t *annotator;                  /* n_annotators: index in data */
    uint32_t *gold_answered, *gold_right; /* n_annotators */
    /* the labels by task, then annotator, both numbered within the set; those of task u are
       begin[u] .. begin[u + 1] - 1 */
    uint32_t *begin;
    struct calc_label *rows;
    size_t n_rows;
    uint32_t *row_given; /* n_rows: index in data->given */
};

/* Everything lives in arena; data must outlive *set. verdicts_only: never value mode. */
void labeling_set_build(struct arena *arena, struct label_data *data, bool verdicts_only,
                        struct labeling_set *set);

/* CALC_LABEL_NONE: it does not occur. */
uint32_t labeling_class_find(const struct labeling_class *classes, uint32_t k,
                             const struct labeling_class *wanted);

#endif
