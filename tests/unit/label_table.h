/* SPDX-License-Identifier: GPL-3.0-or-later */
/* label_table.h: label tables of the golden data, and made-up ones, as rows for calc_labels */
#ifndef LABEL_TABLE_H
#define LABEL_TABLE_H

#include "calc_labels.h"
#include "golden.h"

enum { TABLE_ROWS = 6000, TABLE_IDS = 600, TABLE_TEXT = 16 };

struct label_ids {
    char text[TABLE_IDS][TABLE_TEXT]; /* bytewise ascending after label_table_load() */
    uint32_t n;
};

struct label_table {
    struct calc_label row[TABLE_ROWS];
    size_t n;
    struct label_ids tasks, annotators, classes;
    uint32_t answer[TABLE_IDS]; /* per task, CALC_LABEL_NONE where the file has no gold column */
};

static inline int label_id_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static inline void label_id_add(struct label_ids *ids, const char *text)
{
    for (uint32_t i = ids->n; i > 0; i--)
        if (!strcmp(ids->text[i - 1], text))
            return;
    if (ids->n == TABLE_IDS)
        abort();
    snprintf(ids->text[ids->n++], TABLE_TEXT, "%s", text);
}

static inline uint32_t label_id_find(const struct label_ids *ids, const char *text)
{
    const char *at = bsearch(text, ids->text, ids->n, TABLE_TEXT, label_id_compare);

    if (at == NULL)
        abort();
    return (uint32_t)((at - ids->text[0]) / TABLE_TEXT);
}

/* Read task,worker,label[,gold-or-repeat] of the data folder; false when it is absent. */
static inline bool label_table_load(struct label_table *t, const char *name, bool has_gold)
{
    char line[128], task[TABLE_TEXT], annotator[TABLE_TEXT], label[TABLE_TEXT], last[TABLE_TEXT];
    FILE *f = golden_open(name);

    if (f == NULL)
        return false;
    memset(t, 0, sizeof *t);
    for (int pass = 0; pass < 2; pass++) {
        rewind(f);
        if (fgets(line, sizeof line, f) == NULL)
            abort();
        t->n = 0;
        while (fgets(line, sizeof line, f) != NULL) {
            if (sscanf(line, "%15[^,],%15[^,],%15[^,],%15[^,\r\n]", task, annotator, label, last) !=
                    4 ||
                t->n == TABLE_ROWS)
                abort();
            if (pass == 0) {
                label_id_add(&t->tasks, task);
                label_id_add(&t->annotators, annotator);
                label_id_add(&t->classes, label);
                continue;
            }
            t->row[t->n++] = (struct calc_label){label_id_find(&t->tasks, task),
                                                 label_id_find(&t->annotators, annotator),
                                                 label_id_find(&t->classes, label)};
            t->answer[t->row[t->n - 1].task] =
                has_gold ? label_id_find(&t->classes, last) : CALC_LABEL_NONE;
        }
        qsort(t->tasks.text, t->tasks.n, TABLE_TEXT, label_id_compare);
        qsort(t->annotators.text, t->annotators.n, TABLE_TEXT, label_id_compare);
        qsort(t->classes.text, t->classes.n, TABLE_TEXT, label_id_compare);
    }
    fclose(f);
    return true;
}

/* The same rows in another order. */
static inline void label_rows_shuffle(struct calc_label *row, size_t n, unsigned long long seed)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)(golden_uniform(&seed) * (double)i);
        struct calc_label swap = row[i - 1];

        row[i - 1] = row[j];
        row[j] = swap;
    }
}

#endif
