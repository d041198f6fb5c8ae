/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_labels.c: labels sorted by task, annotator and class */
#include "calc_labels.h"

#include <string.h>

static int sizes_fit(size_t n, size_t n_tasks, size_t n_annotators, size_t k)
{
    return k >= 1 && k <= CALC_LABELS_MAX_K && n < UINT32_MAX && n_tasks < UINT32_MAX &&
           n_annotators < UINT32_MAX / k;
}

size_t calc_labels_size(size_t n, size_t n_tasks, size_t n_annotators, size_t k)
{
    if (!sizes_fit(n, n_tasks, n_annotators, k))
        return 0;
    /* begin, counted, cell; then scratch: task and cell in first-pass order, one bucket per cell */
    return sizeof(uint32_t) * ((n_tasks + 1) + n_tasks + n + 2 * n + n_annotators * k);
}

/* Bucket sizes become the position of each bucket's first element. */
static uint32_t positions(uint32_t *bucket, size_t k, size_t n_annotators, const uint8_t *blocked,
                          int which, uint32_t at)
{
    for (size_t j = 0; j < n_annotators; j++) {
        if ((blocked && blocked[j]) != which)
            continue;
        for (size_t c = j * k; c < (j + 1) * k; c++) {
            uint32_t size = bucket[c];

            bucket[c] = at;
            at += size;
        }
    }
    return at;
}

enum calc_status calc_labels_build(struct calc_labels *out, const struct calc_label *rows, size_t n,
                                   size_t n_tasks, size_t n_annotators, size_t k,
                                   const uint8_t *blocked, void *mem, size_t size)
{
    if (!sizes_fit(n, n_tasks, n_annotators, k))
        return CALC_DOMAIN;
    if (size < calc_labels_size(n, n_tasks, n_annotators, k))
        return CALC_SIZE;

    uint32_t *begin = mem;
    uint32_t *counted = begin + n_tasks + 1;
    uint32_t *cell = counted + n_tasks;
    uint32_t *pass_task = cell + n;
    uint32_t *pass_cell = pass_task + n;
    uint32_t *bucket = pass_cell + n;

    memset(begin, 0, sizeof *begin * (2 * n_tasks + 1));
    memset(bucket, 0, sizeof *bucket * n_annotators * k);
    for (size_t r = 0; r < n; r++) {
        if (rows[r].task >= n_tasks || rows[r].annotator >= n_annotators || rows[r].label >= k)
            return CALC_DOMAIN;
        bucket[rows[r].annotator * k + rows[r].label]++;
        begin[rows[r].task + 1]++;
        if (!blocked || !blocked[rows[r].annotator])
            counted[rows[r].task]++;
    }

    /* First pass by cell, blocked annotators last; the second pass, by task, is stable. */
    uint32_t at = positions(bucket, k, n_annotators, blocked, 0, 0);

    positions(bucket, k, n_annotators, blocked, 1, at);
    for (size_t r = 0; r < n; r++) {
        uint32_t c = rows[r].annotator * (uint32_t)k + rows[r].label;

        at = bucket[c]++;
        pass_task[at] = rows[r].task;
        pass_cell[at] = c;
    }
    for (size_t i = 0; i < n_tasks; i++)
        begin[i + 1] += begin[i];
    for (size_t r = 0; r < n; r++)
        cell[begin[pass_task[r]]++] = pass_cell[r];

    /* Every begin now stands at its task's end: shift back by one. */
    memmove(begin + 1, begin, sizeof *begin * n_tasks);
    begin[0] = 0;
    for (size_t i = 0; i < n_tasks; i++)
        counted[i] += begin[i];

    *out = (struct calc_labels){.n = (uint32_t)n,
                                .n_tasks = (uint32_t)n_tasks,
                                .n_annotators = (uint32_t)n_annotators,
                                .k = (uint32_t)k,
                                .begin = begin,
                                .counted = counted,
                                .cell = cell};
    return CALC_OK;
}

uint32_t calc_labels_votes(const struct calc_labels *labels, uint32_t task, uint32_t *votes)
{
    uint32_t from = labels->begin[task], to = labels->counted[task];

    memset(votes, 0, sizeof *votes * labels->k);
    for (uint32_t s = from; s < to; s++)
        votes[labels->cell[s] % labels->k]++;
    return to - from;
}
