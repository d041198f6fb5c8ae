/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An order of annotators and tasks that no id has a part in. */
#include "labeling_order.h"

#include "arena.h"
#include "calc_hash.h"

#include <stdlib.h>
#include <string.h>

struct annotator {
    const char *email;
    struct uuid id;
    bool is_user;
    uint32_t before; /* index so far */
};

static int compare_annotators(const void *a, const void *b)
{
    const struct annotator *x = a, *y = b;
    int order = !x->email - !y->email;
    if (!order && x->email)
        order = strcmp(x->email, y->email);
    return order ? order : uuid_compare(&x->id, &y->id);
}

static void order_annotators(struct arena *arena, struct label_data *data,
                             const struct label_emails *emails)
{
    size_t n = data->n_annotators;
    struct annotator *list = ARENA_ARRAY(arena, n + 1, struct annotator);
    uint32_t *now = ARENA_ARRAY(arena, n + 1, uint32_t);
    for (uint32_t j = 0; j < n; j++)
        list[j] = (struct annotator){label_email_of(emails, &data->annotators[j]),
                                     data->annotators[j], data->is_user[j], j};
    if (n)
        qsort(list, n, sizeof *list, compare_annotators);
    for (uint32_t j = 0; j < n; j++) {
        data->annotators[j] = list[j].id;
        data->is_user[j] = list[j].is_user;
        now[list[j].before] = j;
    }
    for (size_t i = 0; i < data->n_given; i++)
        data->given[i].annotator = now[data->given[i].annotator];
}

static int compare_given(const void *a, const void *b)
{
    const struct label_given *x = a, *y = b;
    return (x->annotator > y->annotator) - (x->annotator < y->annotator);
}

struct task {
    uint64_t hash;
    uint32_t before, begin, end; /* index so far, labels */
};

static int compare_tasks(const void *a, const void *b)
{
    const struct task *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->before > y->before) - (x->before < y->before);
}

/* By number of the value; that of the intern table is another in every process. */
static const uint64_t *hash_values(struct arena *arena, const struct intern *values)
{
    uint64_t *hashes = ARENA_ARRAY(arena, (size_t)values->n + 1, uint64_t);
    for (uint32_t v = 0; v < values->n; v++)
        hashes[v] = calc_hash_h64(values->entries[v].text, values->entries[v].len);
    return hashes;
}

static uint64_t value_hash(const uint64_t *hashes, uint32_t value)
{
    return value == INTERN_NONE ? 0 : hashes[value];
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 29;
}

static uint64_t task_hash(const struct label_data *data, const uint64_t *values,
                          const struct task *at)
{
    const struct label_task *task = &data->tasks[at->before];
    bool known = task->status == LABEL_ADJUDICATED;
    uint64_t hash = mix(task->is_gold, value_hash(values, task->predicted));
    hash = mix(hash, known ? task->verdict + 1 : 0);
    hash = mix(hash, known ? value_hash(values, task->value) : 0);
    if (task->gold_answer)
        hash = mix(hash, calc_hash_h64(task->gold_answer, strlen(task->gold_answer)));
    for (uint32_t s = at->begin; s < at->end; s++) {
        hash = mix(hash, (uint64_t)data->given[s].annotator << 8 | data->given[s].verdict);
        hash = mix(hash, value_hash(values, data->given[s].value));
    }
    return hash;
}

static void order_tasks(struct arena *arena, struct label_data *data)
{
    struct task *list = ARENA_ARRAY(arena, data->n_tasks + 1, struct task);
    struct label_task *tasks = ARENA_ARRAY(arena, data->n_tasks + 1, struct label_task);
    struct label_given *given = ARENA_ARRAY(arena, data->n_given + 1, struct label_given);
    const uint64_t *values = hash_values(arena, &data->values);
    size_t n_labeled = 0, n_bare = data->n_tasks, n = 0;
    uint32_t s = 0;
    for (uint32_t i = 0; i < data->n_tasks; i++) {
        struct task at = {.before = i, .begin = s};
        while (s < data->n_given && data->given[s].task == i)
            s++;
        at.end = s;
        if (at.begin == at.end) {
            list[--n_bare] = at;
            continue;
        }
        qsort(data->given + at.begin, at.end - at.begin, sizeof *data->given, compare_given);
        at.hash = task_hash(data, values, &at);
        list[n_labeled++] = at;
    }
    if (n_labeled)
        qsort(list, n_labeled, sizeof *list, compare_tasks);
    for (uint32_t i = 0; i < data->n_tasks; i++) {
        tasks[i] = data->tasks[list[i].before];
        for (s = list[i].begin; s < list[i].end; s++) {
            given[n] = data->given[s];
            given[n++].task = i;
        }
    }
    data->tasks = tasks;
    data->given = given;
}

void labeling_order(struct arena *arena, struct label_data *data, const struct label_emails *emails)
{
    order_annotators(arena, data, emails);
    order_tasks(arena, data);
}
