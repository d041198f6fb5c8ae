/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decisions of tasks from posteriors and votes. */
#include "labeling_decision.h"

#include "arena.h"
#include "buf.h"
#include "calc_redundancy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEWCOMER_TRUST 0.8 /* before anything was fitted */

struct labeling_judge labeling_judge_fit(struct arena *arena, const struct labeling_fit *fit,
                                         const char *method)
{
    return (struct labeling_judge){
        .arena = arena,
        .method = method,
        .set = &fit->set,
        .blocked = fit->blocked,
        .trust = fit->trust,
        .k = fit->set.k,
        .classes = fit->set.classes,
        .posterior = fit->consensus.posterior,
    };
}

/* Where the set's classes are among those of the weights; CALC_LABEL_NONE: it is not. */
static const uint32_t *translate(struct arena *arena, const struct labeling_set *set,
                                 const struct labeling_weights *weights)
{
    uint32_t *class_of = ARENA_ARRAY(arena, (size_t)set->k + 1, uint32_t);
    for (uint32_t c = 0; c < set->k; c++)
        class_of[c] = labeling_class_find(weights->classes, weights->k, &set->classes[c]);
    return class_of;
}

struct labeling_judge labeling_judge_weights(struct arena *arena, const struct labeling_set *set,
                                             const uint8_t *blocked, const char *method,
                                             const struct labeling_weights *weights)
{
    double *trust = ARENA_ARRAY(arena, (size_t)set->n_annotators + 1, double);
    uint32_t *weight_of = ARENA_ARRAY(arena, (size_t)set->n_annotators + 1, uint32_t);
    struct labeling_judge judge = {
        .arena = arena,
        .method = method,
        .set = set,
        .blocked = blocked,
        .trust = trust,
        .k = set->k,
        .classes = set->classes,
        .weight_of = weight_of,
    };
    for (uint32_t j = 0; j < set->n_annotators; j++) {
        const struct uuid *id = &set->data->annotators[set->annotator[j]];
        trust[j] = NEWCOMER_TRUST;
        if (!weights)
            continue;
        weight_of[j] = labeling_weights_find(weights, id);
        trust[j] = weight_of[j] < weights->n ? weights->trust[weight_of[j]] : weights->m0;
    }
    if (weights && weights->value_mode == set->value_mode) {
        judge.class_of = translate(arena, set, weights);
        judge.weights = weights;
        judge.k = weights->k;
        judge.classes = weights->classes;
    }
    return judge;
}

static uint32_t class_at(const struct labeling_judge *judge, uint32_t class)
{
    return judge->class_of && class != CALC_LABEL_NONE ? judge->class_of[class] : class;
}

static void weigh_by_model(const struct labeling_judge *judge, uint32_t u, double *posterior)
{
    const struct labeling_set *set = judge->set;
    const struct labeling_weights *weights = judge->weights;
    uint32_t k = judge->k;
    if (judge->posterior) {
        memcpy(posterior, judge->posterior + (size_t)u * k, k * sizeof *posterior);
        return;
    }
    struct calc_consensus_options options = calc_consensus_defaults();
    struct calc_consensus_vote *votes = ARENA_ARRAY(
        judge->arena, (size_t)set->begin[u + 1] - set->begin[u] + 1, struct calc_consensus_vote);
    size_t n = 0;
    for (uint32_t s = set->begin[u]; s < set->begin[u + 1]; s++) {
        const struct calc_label *row = &set->rows[s];
        if (judge->blocked[row->annotator])
            continue;
        uint32_t at = weights ? judge->weight_of[row->annotator] : 0;
        votes[n++] = (struct calc_consensus_vote){
            weights && at < weights->n ? weights->theta + (size_t)at * k * k : NULL,
            class_at(judge, row->label)};
    }
    /* with pseudo-counts no label is impossible */
    if (calc_consensus_task(&options, k, weights ? weights->pi : NULL, votes, n, posterior) !=
        CALC_OK)
        abort();
}

static void weigh_by_trust(const struct labeling_judge *judge, uint32_t u, double *posterior)
{
    const struct labeling_set *set = judge->set;
    struct calc_vote_trusted *votes = ARENA_ARRAY(
        judge->arena, (size_t)set->begin[u + 1] - set->begin[u] + 1, struct calc_vote_trusted);
    size_t n = 0;
    for (uint32_t s = set->begin[u]; s < set->begin[u + 1]; s++) {
        const struct calc_label *row = &set->rows[s];
        if (!judge->blocked[row->annotator])
            votes[n++] = (struct calc_vote_trusted){class_at(judge, row->label),
                                                    judge->trust[row->annotator]};
    }
    if (calc_vote_weighted(votes, n, judge->k, posterior) != CALC_OK)
        abort();
}

/* The corrections that a task's labels "correct" named, as one. */
static struct field_raw combine(const struct labeling_judge *judge, uint32_t u)
{
    const struct labeling_set *set = judge->set;
    const struct intern *values = &set->data->values;
    size_t most = (size_t)set->begin[u + 1] - set->begin[u] + 1, n = 0, n_numbers = 0;
    struct calc_vote_number *numbers = ARENA_ARRAY(judge->arena, most, struct calc_vote_number);
    const struct intern_entry **texts =
        ARENA_ARRAY(judge->arena, most, const struct intern_entry *);
    for (uint32_t s = set->begin[u]; s < set->begin[u + 1]; s++) {
        const struct label_given *given = &set->data->given[set->row_given[s]];
        if (given->verdict != LABEL_CORRECT || given->value == INTERN_NONE ||
            judge->blocked[set->rows[s].annotator])
            continue;
        const struct intern_entry *entry = &values->entries[given->value];
        char *end;
        double number = strtod(entry->text, &end);
        texts[n++] = entry;
        if (!*end && isfinite(number))
            numbers[n_numbers++] =
                (struct calc_vote_number){number, judge->trust[set->rows[s].annotator]};
    }
    if (!n)
        return (struct field_raw){NULL, 0};
    double median;
    if (n_numbers == n && calc_vote_median(numbers, n, &median) == CALC_OK) {
        char text[NUMBER_TEXT];
        size_t len = number_text(text, median);
        return (struct field_raw){arena_strndup(judge->arena, text, len), len};
    }
    const struct intern_entry *best = NULL;
    size_t best_count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t count = 0;
        for (size_t j = 0; j < n; j++)
            count += texts[j] == texts[i];
        if (!best || count > best_count ||
            (count == best_count && strcmp(texts[i]->text, best->text) < 0)) {
            best = texts[i];
            best_count = count;
        }
    }
    return (struct field_raw){best->text, best->len};
}

/* Verdict and value that a class stands for. */
static void name_class(const struct labeling_judge *judge, uint32_t u, uint32_t class,
                       struct store_label_decision *decision)
{
    const struct labeling_class *named = &judge->classes[class];
    const struct label_data *data = judge->set->data;
    const struct label_task *task = &data->tasks[judge->set->task[u]];
    if (class == class_at(judge, judge->set->predicted[u])) {
        decision->verdict = "confirm";
        decision->value = labeling_value_text(&data->values, task->predicted);
        return;
    }
    if (named->verdict < LABEL_NO_VERDICT) {
        decision->verdict = label_verdict_texts[named->verdict];
        if (named->verdict == LABEL_CONFIRM)
            decision->value = labeling_value_text(&data->values, task->predicted);
        else if (named->verdict == LABEL_CORRECT)
            decision->value = combine(judge, u);
        return;
    }
    struct buf text = {0};
    const char *quote = named->verdict == LABELING_STRING ? "\"" : "";
    buf_adds(&text, quote);
    buf_adds(&text, named->text);
    buf_adds(&text, quote);
    decision->verdict = "correct";
    /* the prediction may be a class that no label of these tasks named */
    if (task->predicted != INTERN_NONE && data->values.entries[task->predicted].len == text.len &&
        !memcmp(data->values.entries[task->predicted].text, text.data, text.len))
        decision->verdict = "confirm";
    decision->value =
        (struct field_raw){arena_strndup(judge->arena, text.data, text.len), text.len};
    buf_clear(&text);
}

/* Do the weights have every class of task u? */
static bool knows_classes(const struct labeling_judge *judge, uint32_t u)
{
    const struct labeling_set *set = judge->set;
    for (uint32_t s = set->begin[u]; s < set->begin[u + 1]; s++)
        if (judge->class_of[set->rows[s].label] == CALC_LABEL_NONE)
            return false;
    return true;
}

struct alone {
    struct labeling_judge judge;
    uint32_t class_of[CALC_LABELS_MAX_K];
    struct labeling_class classes[CALC_LABELS_MAX_K];
};

/* The judge without weights, by the classes of task u alone, and one more where there is but one:
   another answer was possible, and that nobody gave it yet makes nobody sure. */
static const struct labeling_judge *judge_alone(const struct labeling_judge *judge, uint32_t u,
                                                struct alone *alone)
{
    const struct labeling_set *set = judge->set;
    bool here[CALC_LABELS_MAX_K] = {false};
    for (uint32_t s = set->begin[u]; s < set->begin[u + 1]; s++)
        here[set->rows[s].label] = true;
    alone->judge = *judge;
    alone->judge.k = 0;
    for (uint32_t c = 0; c < set->k; c++) {
        alone->class_of[c] = here[c] ? alone->judge.k : CALC_LABEL_NONE;
        if (here[c])
            alone->classes[alone->judge.k++] = set->classes[c];
    }
    if (alone->judge.k < 2)
        alone->judge.k = 2;
    alone->judge.class_of = alone->class_of;
    alone->judge.classes = alone->classes;
    alone->judge.weights = NULL;
    return &alone->judge;
}

static void judge_task(const struct labeling_judge *judge, uint32_t u,
                       struct store_label_decision *decision, struct calc_vote_decision *vote,
                       double *entropy)
{
    const struct labeling_set *set = judge->set;
    double posterior[CALC_LABELS_MAX_K];
    uint32_t votes[CALC_LABELS_MAX_K] = {0}, n = 0;
    *decision = (struct store_label_decision){.task = set->data->tasks[set->task[u]].id,
                                              .status = "needs_adjudication",
                                              .agreement = NAN,
                                              .confidence = NAN};
    *vote = (struct calc_vote_decision){.label = CALC_LABEL_NONE};
    *entropy = 1;
    for (uint32_t s = set->begin[u]; s < set->begin[u + 1]; s++)
        if (!judge->blocked[set->rows[s].annotator]) {
            votes[class_at(judge, set->rows[s].label)]++;
            n++;
        }
    /* nothing but labels of blocked annotators */
    if (!n)
        return;
    if (!strcmp(judge->method, "majority")) {
        if (calc_vote_majority(votes, judge->k, posterior) != CALC_OK)
            abort();
    } else if (!strcmp(judge->method, "weighted_majority")) {
        weigh_by_trust(judge, u, posterior);
    } else {
        weigh_by_model(judge, u, posterior);
    }
    calc_vote_decide(posterior, votes, judge->k, class_at(judge, set->predicted[u]), vote);
    *entropy =
        judge->k > 1 ? calc_redundancy_entropy(posterior, judge->k) / log((double)judge->k) : 0;
    decision->agreement = vote->agreement;
    decision->confidence = vote->confidence;
    name_class(judge, u, vote->label, decision);
    /* a correction nobody spelled out cannot stand */
    bool named = strcmp(decision->verdict, "correct") != 0 || decision->value.text;
    if (!vote->tied && vote->confidence >= LABELING_SURE && named)
        decision->status = "resolved";
}

void labeling_judge_task(const struct labeling_judge *judge, uint32_t u,
                         struct store_label_decision *decision, struct calc_vote_decision *vote,
                         double *entropy)
{
    struct alone alone;
    bool anew = !judge->posterior && (!judge->weights || !knows_classes(judge, u));
    judge_task(anew ? judge_alone(judge, u, &alone) : judge, u, decision, vote, entropy);
}
