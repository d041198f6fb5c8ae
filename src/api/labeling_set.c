/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From verdicts and values to labels. */
#include "labeling_set.h"

#include "arena.h"
#include "json_canonical.h"
#include "labeling.h"

#include <stdlib.h>
#include <string.h>

static bool is_string(const struct intern *values, uint32_t value)
{
    return values->entries[value].text[0] == '"';
}

/* The value that a honeypot's answer names: one that the campaign has, known before any answer was
   added, else what it names by itself. INTERN_NONE: it names a verdict, or nothing. */
static uint32_t gold_value(struct intern *values, uint32_t n_known, const char *answer)
{
    if (!answer || label_verdict_find(answer) != LABEL_NO_VERDICT)
        return INTERN_NONE;
    struct buf text = {0};
    json_text(&text, answer);
    uint32_t found = intern_find(values, text.data, text.len);
    buf_clear(&text);
    if (found >= n_known && json_canonical(&text, answer, strlen(answer)))
        found = intern_find(values, text.data, text.len);
    buf_clear(&text);
    return found < n_known ? found : labeling_value_answer(values, answer);
}

/* Marks value as used; false: it is no label, or one too many. */
static bool use(const struct intern *values, uint8_t *used, uint32_t *n_used, uint32_t value)
{
    if (value == INTERN_NONE || used[value])
        return true;
    used[value] = 1;
    return labeling_value_is_label(values, value) && ++*n_used <= LABELING_VALUES;
}

static bool is_value_mode(struct arena *arena, struct label_data *data)
{
    uint32_t n_used = 0;
    uint32_t *answers = ARENA_ARRAY(arena, data->n_tasks + 1, uint32_t);
    for (size_t i = 0; i < data->n_tasks; i++)
        answers[i] = data->tasks[i].is_gold
                         ? labeling_value_answer(&data->values, data->tasks[i].gold_answer)
                         : INTERN_NONE;
    uint8_t *used = ARENA_ARRAY(arena, (size_t)data->values.n + 1, uint8_t);
    for (size_t i = 0; i < data->n_tasks; i++) {
        const struct label_task *task = &data->tasks[i];
        if (!use(&data->values, used, &n_used, task->predicted) ||
            !use(&data->values, used, &n_used, answers[i]) ||
            (task->status == LABEL_ADJUDICATED && task->verdict == LABEL_CORRECT &&
             !use(&data->values, used, &n_used, task->value)))
            return false;
    }
    for (size_t i = 0; i < data->n_given; i++)
        if (data->given[i].verdict == LABEL_CORRECT &&
            !use(&data->values, used, &n_used, data->given[i].value))
            return false;
    return true;
}

/* What a verdict on a task stands for. */
static struct labeling_class class_of(const struct labeling_set *set, uint32_t predicted,
                                      enum label_verdict verdict, uint32_t value)
{
    if (!set->value_mode || verdict == LABEL_REJECT)
        value = INTERN_NONE;
    else if (verdict == LABEL_CONFIRM)
        value = predicted;
    return (struct labeling_class){.value = value,
                                   .verdict = value == INTERN_NONE ? verdict : LABEL_NO_VERDICT};
}

static struct labeling_class class_known(const struct labeling_set *set,
                                         const struct label_task *task, uint32_t gold)
{
    if (!task->is_gold)
        return class_of(set, task->predicted, task->verdict, task->value);
    if (gold == INTERN_NONE)
        return class_of(set, task->predicted, label_verdict_find(task->gold_answer), INTERN_NONE);
    return class_of(set, task->predicted, gold == task->predicted ? LABEL_CONFIRM : LABEL_CORRECT,
                    gold);
}

static int labeling_class_compare(const struct labeling_class *a, const struct labeling_class *b)
{
    int order = strcmp(a->text, b->text);
    if (!order)
        order = (int)a->verdict - (int)b->verdict;
    return order;
}

uint32_t labeling_class_find(const struct labeling_class *classes, uint32_t k,
                             const struct labeling_class *wanted)
{
    for (uint32_t c = 0; c < k; c++)
        if (!labeling_class_compare(&classes[c], wanted))
            return c;
    return CALC_LABEL_NONE;
}

static int compare(const void *a, const void *b)
{
    return labeling_class_compare(a, b);
}

/* A set while it is built. */
struct building {
    struct arena *arena;
    struct labeling_set *set;
    uint32_t *gold;                   /* of each task of data: the value its honeypot asks for */
    uint32_t *task_at, *annotator_at; /* their numbers in the set, or CALC_LABEL_NONE */
    /* classes as they are met; slot: 1 + the place of a value's class, then of a verdict's, in the
       list and, once it is in order, in the set; 0: it does not occur */
    struct labeling_class list[CALC_LABELS_MAX_K];
    uint32_t n, n_values;
    uint32_t *slot;
};

static uint32_t *slot_of(const struct building *building, const struct labeling_class *class)
{
    return &building->slot[class->value != INTERN_NONE ? class->value
                                                       : building->n_values + class->verdict];
}

static uint32_t class_number(const struct building *building, struct labeling_class class)
{
    uint32_t slot = *slot_of(building, &class);
    return slot ? slot - 1 : CALC_LABEL_NONE;
}

static void collect(struct building *building, struct labeling_class class)
{
    const struct intern *values = &building->set->data->values;
    uint32_t *slot = slot_of(building, &class);
    if (*slot)
        return;
    if (building->n == CALC_LABELS_MAX_K)
        abort(); /* value mode has at most LABELING_VALUES and two verdicts */
    if (class.value == INTERN_NONE) {
        class.text = label_verdict_texts[class.verdict];
    } else {
        const struct intern_entry *entry = &values->entries[class.value];
        bool string = is_string(values, class.value);
        class.text =
            string ? arena_strndup(building->arena, entry->text + 1, entry->len - 2) : entry->text;
        class.verdict = string ? LABELING_STRING : LABELING_BOOLEAN;
    }
    building->list[building->n++] = class;
    *slot = building->n;
}

static bool is_known(const struct label_task *task, uint32_t gold)
{
    if (!task->is_gold)
        return task->status == LABEL_ADJUDICATED && task->verdict < LABEL_UNSURE;
    enum label_verdict verdict = label_verdict_find(task->gold_answer);
    return gold != INTERN_NONE || verdict == LABEL_CONFIRM || verdict == LABEL_REJECT ||
           verdict == LABEL_CORRECT;
}

/* In value mode "correct" says that a honeypot's prediction is wrong, not what is right: such a
   honeypot tells about annotators, but has no class. */
static bool has_class(const struct labeling_set *set, const struct label_task *task, uint32_t gold)
{
    return is_known(task, gold) && !(task->is_gold && set->value_mode && gold == INTERN_NONE &&
                                     label_verdict_find(task->gold_answer) == LABEL_CORRECT);
}

/* Marks what has a label: tasks, and annotators that gave one. */
static void mark_labelled(const struct building *building)
{
    const struct labeling_set *set = building->set;
    const struct label_data *data = set->data;
    for (size_t i = 0; i < data->n_given; i++) {
        const struct label_given *given = &data->given[i];
        const struct label_task *task = &data->tasks[given->task];
        if (given->verdict == LABEL_UNSURE)
            continue;
        building->annotator_at[given->annotator] = 1;
        if (!task->is_gold || has_class(set, task, building->gold[given->task]))
            building->task_at[given->task] = 1;
    }
}

/* Numbers the marked ones of n things: at[i] becomes the number of i, and the list of those that
   have one is returned. */
static uint32_t *number(struct arena *arena, uint32_t *at, size_t n, uint32_t *n_kept)
{
    uint32_t kept = 0;
    for (size_t i = 0; i < n; i++)
        kept += at[i];
    uint32_t *list = ARENA_ARRAY(arena, (size_t)kept + 1, uint32_t);
    *n_kept = kept;
    kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool marked = at[i];
        at[i] = marked ? kept : CALC_LABEL_NONE;
        if (marked)
            list[kept++] = i;
    }
    return list;
}

/* Is it a label of the set? */
static bool counts(const struct building *building, const struct label_given *given)
{
    return given->verdict != LABEL_UNSURE && building->task_at[given->task] != CALC_LABEL_NONE;
}

static struct labeling_class class_given(const struct labeling_set *set,
                                         const struct label_given *given)
{
    return class_of(set, set->data->tasks[given->task].predicted, given->verdict, given->value);
}

/* The classes that occur, in order; counts the labels. */
static void put_classes(struct building *building)
{
    struct labeling_set *set = building->set;
    const struct label_data *data = set->data;
    building->n_values = data->values.n;
    building->slot =
        ARENA_ARRAY(building->arena, (size_t)building->n_values + LABEL_NO_VERDICT + 1, uint32_t);
    for (uint32_t u = 0; u < set->n_tasks; u++) {
        const struct label_task *task = &data->tasks[set->task[u]];
        uint32_t gold = building->gold[set->task[u]];
        if (has_class(set, task, gold))
            collect(building, class_known(set, task, gold));
    }
    for (size_t i = 0; i < data->n_given; i++) {
        if (!counts(building, &data->given[i]))
            continue;
        collect(building, class_given(set, &data->given[i]));
        set->n_rows++;
    }
    set->k = building->n;
    set->classes = ARENA_ARRAY(building->arena, (size_t)set->k + 1, struct labeling_class);
    memcpy(set->classes, building->list, set->k * sizeof *set->classes);
    qsort(set->classes, set->k, sizeof *set->classes, compare);
    for (uint32_t c = 0; c < set->k; c++)
        *slot_of(building, &set->classes[c]) = c + 1;
}

static void put_tasks(const struct building *building)
{
    struct labeling_set *set = building->set;
    set->known = ARENA_ARRAY(building->arena, (size_t)set->n_tasks + 1, uint32_t);
    set->gold = ARENA_ARRAY(building->arena, (size_t)set->n_tasks + 1, uint8_t);
    set->predicted = ARENA_ARRAY(building->arena, (size_t)set->n_tasks + 1, uint32_t);
    for (uint32_t u = 0; u < set->n_tasks; u++) {
        const struct label_task *task = &set->data->tasks[set->task[u]];
        uint32_t gold = building->gold[set->task[u]];
        set->gold[u] = task->is_gold;
        set->known[u] = has_class(set, task, gold)
                            ? class_number(building, class_known(set, task, gold))
                            : CALC_LABEL_NONE;
        set->predicted[u] =
            class_number(building, class_of(set, task->predicted, LABEL_CONFIRM, INTERN_NONE));
    }
}

static void put_rows(const struct building *building)
{
    struct labeling_set *set = building->set;
    const struct label_data *data = set->data;
    set->rows = ARENA_ARRAY(building->arena, set->n_rows + 1, struct calc_label);
    set->row_given = ARENA_ARRAY(building->arena, set->n_rows + 1, uint32_t);
    set->begin = ARENA_ARRAY(building->arena, (size_t)set->n_tasks + 1, uint32_t);
    uint32_t n = 0;
    for (uint32_t i = 0; i < data->n_given; i++) {
        const struct label_given *given = &data->given[i];
        if (!counts(building, given))
            continue;
        uint32_t u = building->task_at[given->task];
        set->row_given[n] = i;
        set->begin[u + 1] = n + 1;
        set->rows[n++] = (struct calc_label){u, building->annotator_at[given->annotator],
                                             class_number(building, class_given(set, given))};
    }
}

/* c and g of every annotator: an answer of the wrong value is wrong, whatever its verdict. */
static void put_gold(const struct building *building)
{
    struct labeling_set *set = building->set;
    const struct label_data *data = set->data;
    set->gold_answered = ARENA_ARRAY(building->arena, (size_t)set->n_annotators + 1, uint32_t);
    set->gold_right = ARENA_ARRAY(building->arena, (size_t)set->n_annotators + 1, uint32_t);
    for (size_t i = 0; i < data->n_given; i++) {
        const struct label_given *given = &data->given[i];
        const struct label_task *task = &data->tasks[given->task];
        if (!task->is_gold || given->verdict == LABEL_UNSURE || !task->gold_answer)
            continue;
        struct field_raw predicted = labeling_value_text(&data->values, task->predicted),
                         corrected = labeling_value_text(&data->values, given->value);
        uint32_t j = building->annotator_at[given->annotator];
        set->gold_answered[j]++;
        set->gold_right[j] += labeling_gold_right(
            task->gold_answer, label_verdict_texts[given->verdict], &predicted, &corrected);
    }
}

void labeling_set_build(struct arena *arena, struct label_data *data, bool verdicts_only,
                        struct labeling_set *set)
{
    struct building building = {
        .arena = arena,
        .set = set,
        .gold = ARENA_ARRAY(arena, data->n_tasks + 1, uint32_t),
        .task_at = ARENA_ARRAY(arena, data->n_tasks + 1, uint32_t),
        .annotator_at = ARENA_ARRAY(arena, data->n_annotators + 1, uint32_t),
    };
    const uint32_t n_known = data->values.n;
    for (size_t i = 0; i < data->n_tasks; i++)
        building.gold[i] = data->tasks[i].is_gold
                               ? gold_value(&data->values, n_known, data->tasks[i].gold_answer)
                               : INTERN_NONE;
    *set = (struct labeling_set){.data = data};
    set->value_mode = !verdicts_only && is_value_mode(arena, data);
    mark_labelled(&building);
    set->task = number(arena, building.task_at, data->n_tasks, &set->n_tasks);
    set->annotator = number(arena, building.annotator_at, data->n_annotators, &set->n_annotators);
    put_classes(&building);
    put_tasks(&building);
    put_rows(&building);
    put_gold(&building);
}
