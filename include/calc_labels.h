/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_labels.h: the labels of a campaign in the shape the labeling numerics read */
#ifndef CALC_LABELS_H
#define CALC_LABELS_H

#include "calc_status.h"

#include <stddef.h>
#include <stdint.h>

/*
 * A label is one answer: annotator j says class l of task i. All three are indices the caller
 * assigns: 0 .. n_tasks-1, 0 .. n_annotators-1, 0 .. k-1. Assign them in the bytewise order of the
 * ids and of the class texts; then neither the order of the rows nor the order of the request
 * changes a bit of any result, and "the smaller index" is "the bytewise smaller text".
 * k counts the distinct classes that occur, answers of gold and adjudicated tasks included.
 * A missing label (unsure) is no row. The same annotator may answer a task more than once.
 */
#define CALC_LABELS_MAX_K 64u
#define CALC_LABEL_NONE   UINT32_MAX

struct calc_label {
    uint32_t task;
    uint32_t annotator;
    uint32_t label;
};

/*
 * Compressed rows by task. Labels begin[i] .. begin[i+1]-1 belong to task i; those before
 * counted[i] weigh, the rest come from blocked annotators. Both parts are ordered by cell.
 * cell = annotator * k + label, so that the k numbers of a cell lie side by side in tables
 * [annotator][label][true class].
 */
struct calc_labels {
    uint32_t n;
    uint32_t n_tasks;
    uint32_t n_annotators;
    uint32_t k;
    const uint32_t *begin;   /* n_tasks + 1 */
    const uint32_t *counted; /* n_tasks */
    const uint32_t *cell;    /* n */
};

/* Bytes calc_labels_build() needs; any uint32_t alignment. 0 when the sizes are out of domain. */
size_t calc_labels_size(size_t n, size_t n_tasks, size_t n_annotators, size_t k);

/*
 * Sort rows[0..n-1] into *out, which points into mem from then on. blocked[j] != 0 marks the
 * annotators that weigh nothing; NULL when there are none. Two counting sorts: O(n + n_tasks +
 * n_annotators*k).
 * CALC_DOMAIN: an index out of range, k = 0 or > CALC_LABELS_MAX_K, n_annotators*k or n >= 2^32.
 * CALC_SIZE: size < calc_labels_size().
 */
enum calc_status calc_labels_build(struct calc_labels *out, const struct calc_label *rows, size_t n,
                                   size_t n_tasks, size_t n_annotators, size_t k,
                                   const uint8_t *blocked, void *mem, size_t size);

/* votes[0..k-1] = how many counted labels task i has for each class; returns their sum. */
uint32_t calc_labels_votes(const struct calc_labels *labels, uint32_t task, uint32_t *votes);

#endif
