/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_set.c: rows of evidence in canonical order, bins and parts interned */
#include "calc_driver.h"
#include "calc_driver_memory.h"
#include "calc_hash.h"
#include "calc_sort.h"

#include <math.h>
#include <string.h>

enum { D = CALC_DRIVER_MAX, MAX_ROWS = 1 << 30 };

struct layout {
    uint32_t *order, *unit_row, *unit_bin, *bin_unit; /* kept */
    double *x, *share;                                /* kept */
    double *split, *log_total;                        /* scratch, input order */
    uint64_t *key, *key2;
    uint32_t *index2, *bin_of, *label, *label2, *rank, *table;
    size_t slots;
};

static struct layout lay_out(struct calc_driver_memory *m, size_t n)
{
    struct layout l = {0};

    for (l.slots = 16; l.slots < 2 * n;)
        l.slots *= 2;
    l.order = calc_driver_cut_indices(m, n);
    l.unit_row = calc_driver_cut_indices(m, n + 1);
    l.unit_bin = calc_driver_cut_indices(m, n);
    l.bin_unit = calc_driver_cut_indices(m, n + 1);
    l.x = calc_driver_cut_numbers(m, n);
    l.share = calc_driver_cut_numbers(m, n * D);
    l.split = calc_driver_cut_numbers(m, n * D);
    l.log_total = calc_driver_cut_numbers(m, n);
    l.key = calc_driver_cut(m, n, sizeof *l.key);
    l.key2 = calc_driver_cut(m, n, sizeof *l.key2);
    l.index2 = calc_driver_cut_indices(m, n);
    l.bin_of = calc_driver_cut_indices(m, n);
    l.label = calc_driver_cut_indices(m, n);
    l.label2 = calc_driver_cut_indices(m, n);
    l.rank = calc_driver_cut_indices(m, n);
    l.table = calc_driver_cut_indices(m, l.slots);
    return l;
}

size_t calc_driver_set_size(size_t n)
{
    struct calc_driver_memory m = {0};

    if (n > MAX_ROWS)
        return 0;
    lay_out(&m, n);
    return m.used;
}

struct calc_key calc_driver_set_bin(const struct calc_driver_set *set, size_t bin)
{
    return set->rows[set->order[set->unit_row[set->bin_unit[bin]]]].bin;
}

struct calc_key calc_driver_set_part(const struct calc_driver_set *set, size_t unit)
{
    return set->rows[set->order[set->unit_row[unit]]].part;
}

static bool row_is_valid(const struct calc_driver_row *row)
{
    bool any = false;

    for (unsigned k = 0; k < D; k++) {
        if (!(row->c[k] >= 0.0) || !isfinite(row->c[k]))
            return false;
        any = any || row->c[k] > 0.0;
    }
    if (!any && (!(row->predicted > 0.0) || !isfinite(row->predicted)))
        return false;
    return row->lot_size >= 0.0 && isfinite(row->lot_size) && row->actual > 0.0 &&
           isfinite(row->actual) && row->bin.n < MAX_ROWS && row->part.n < MAX_ROWS;
}

/* c / sum(c), and ln sum(c), without overflow; false if all c are 0, share is then 0 too. */
static bool split(const double c[D], double share[D], double *log_total)
{
    double top = 0.0, sum = 0.0;

    for (unsigned k = 0; k < D; k++)
        top = c[k] > top ? c[k] : top;
    if (!(top > 0.0)) {
        memset(share, 0, D * sizeof *share);
        return false;
    }
    for (unsigned k = 0; k < D; k++) {
        share[k] = c[k] / top;
        sum += share[k];
    }
    for (unsigned k = 0; k < D; k++)
        share[k] /= sum;
    *log_total = log(top) + log(sum);
    return true;
}

/*
 * Shares and logarithm of every row's total, in input order, and the mean of the shares over the
 * rows with components, by integer sums so that it does not depend on their order: shares are cut
 * to multiples of 2^-64, two words of 32 bits each. Rows with a total only then get the mean
 * shares.
 */
static bool split_rows(struct calc_driver_set *set, struct layout *l, size_t n)
{
    uint64_t hi[D] = {0}, lo[D] = {0};
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        double *share = l->split + i * D;

        if (!split(set->rows[i].c, share, &l->log_total[i])) {
            l->log_total[i] = log(set->rows[i].predicted);
            continue;
        }
        used++;
        for (unsigned k = 0; k < D; k++) {
            double scaled = share[k] * 0x1p32;
            uint64_t whole = (uint64_t)scaled;

            hi[k] += whole;
            lo[k] += (uint64_t)((scaled - (double)whole) * 0x1p32);
        }
    }
    for (unsigned k = 0; k < D && used > 0; k++)
        set->mean_share[k] = ((double)hi[k] * 0x1p-32 + (double)lo[k] * 0x1p-64) / (double)used;
    for (size_t i = 0; i < n && used < n; i++) {
        double *share = l->split + i * D;

        if (share[0] + share[1] + share[2] + share[3] == 0.0)
            memcpy(share, set->mean_share, sizeof set->mean_share);
    }
    return used > 0;
}

static int compare_labels(const void *context, uint32_t a, uint32_t b)
{
    const struct calc_driver_row *rows = context;

    return calc_order_keys(rows[a].bin, rows[b].bin);
}

/* bin_of[i] = rank of row i's bin among the distinct labels. Returns their number. */
static size_t intern_bins(const struct calc_driver_set *set, struct layout *l, size_t n)
{
    const struct calc_driver_row *rows = set->rows;
    const struct calc_sort_compare by = {compare_labels, rows};
    size_t bins = 0;

    memset(l->table, 0xff, l->slots * sizeof *l->table);
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)calc_hash_h64(rows[i].bin.s, rows[i].bin.n) & (l->slots - 1);

        while (l->table[at] != UINT32_MAX &&
               calc_order_keys(rows[l->label2[l->table[at]]].bin, rows[i].bin) != 0)
            at = (at + 1) & (l->slots - 1);
        if (l->table[at] == UINT32_MAX) {
            l->label2[bins] = (uint32_t)i;
            l->table[at] = (uint32_t)bins++;
        }
        l->bin_of[i] = l->table[at];
    }
    memcpy(l->label, l->label2, bins * sizeof *l->label);
    calc_sort_merge(l->label, l->index2, bins, by);
    for (size_t b = 0; b < bins; b++)
        l->rank[l->bin_of[l->label[b]]] = (uint32_t)b;
    for (size_t i = 0; i < n; i++)
        l->bin_of[i] = l->rank[l->bin_of[i]];
    return bins;
}

/* Component k as sorted: the one given, or its part of the total; all of the total if no row has
 * any. */
static double component(const struct calc_driver_set *set, const struct calc_driver_row *row,
                        unsigned k)
{
    bool given = row->c[0] > 0.0 || row->c[1] > 0.0 || row->c[2] > 0.0 || row->c[3] > 0.0;

    return given                       ? row->c[k]
           : set->share != NULL        ? row->predicted * set->mean_share[k]
           : k == CALC_DRIVER_MATERIAL ? row->predicted
                                       : 0.0;
}

static int compare_rows(const void *context, uint32_t a, uint32_t b)
{
    const struct calc_driver_set *set = context;
    const struct calc_driver_row *ra = &set->rows[a], *rb = &set->rows[b];
    int c = calc_order_keys(ra->part, rb->part);

    if (c == 0)
        c = calc_order_numbers(ra->lot_size, rb->lot_size);
    for (unsigned k = 0; k < D && c == 0; k++)
        c = calc_order_numbers(component(set, ra, k), component(set, rb, k));
    if (c == 0)
        c = calc_order_numbers(ra->actual, rb->actual);
    if (c == 0)
        c = (ra->key > rb->key) - (ra->key < rb->key);
    return c;
}

/* By bin and first bytes of the part in linear time, then the runs of equals by everything. */
static void sort_rows(const struct calc_driver_set *set, struct layout *l, size_t n)
{
    const struct calc_sort_compare by = {compare_rows, set};

    for (size_t i = 0; i < n; i++) {
        l->order[i] = (uint32_t)i;
        l->key[i] = calc_sort_prefix(set->rows[i].part);
    }
    calc_sort_radix(l->key, l->order, l->key2, l->index2, n);
    for (size_t i = 0; i < n; i++)
        l->key[i] = l->bin_of[l->order[i]];
    calc_sort_radix(l->key, l->order, l->key2, l->index2, n);
    for (size_t a = 0, b; a < n; a = b) {
        uint64_t head = calc_sort_prefix(set->rows[l->order[a]].part);

        for (b = a + 1; b < n && l->key[b] == l->key[a]; b++)
            if (calc_sort_prefix(set->rows[l->order[b]].part) != head)
                break;
        calc_sort_merge(l->order + a, l->index2, b - a, by);
    }
}

static void index_units(struct calc_driver_set *set, struct layout *l, size_t n)
{
    size_t units = 0, bins = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t row = l->order[i], before = i > 0 ? l->order[i - 1] : 0;
        bool new_bin = i == 0 || l->bin_of[row] != l->bin_of[before];

        if (new_bin)
            l->bin_unit[bins++] = (uint32_t)units;
        if (new_bin || calc_order_keys(set->rows[row].part, set->rows[before].part) != 0) {
            l->unit_bin[units] = (uint32_t)(bins - 1);
            l->unit_row[units++] = (uint32_t)i;
        }
    }
    l->unit_row[units] = (uint32_t)n;
    l->bin_unit[bins] = (uint32_t)units;
    set->n_units = units;
    set->n_bins = bins;
}

enum calc_status calc_driver_set_build(struct calc_driver_set *set,
                                       const struct calc_driver_row *rows, size_t n, void *memory,
                                       size_t size, size_t *bad)
{
    struct calc_driver_memory m = {memory, size, 0};
    struct calc_driver_set out = {.n_rows = n, .rows = rows};
    struct layout l;

    if (n > MAX_ROWS)
        return CALC_SIZE;
    l = lay_out(&m, n);
    if (memory == NULL || m.used > size)
        return CALC_SIZE;
    for (size_t i = 0; i < n; i++) {
        if (!row_is_valid(&rows[i])) {
            if (bad != NULL)
                *bad = i;
            return CALC_DOMAIN;
        }
    }

    out.share = split_rows(&out, &l, n) ? l.share : NULL;
    intern_bins(&out, &l, n);
    sort_rows(&out, &l, n);
    index_units(&out, &l, n);
    for (size_t i = 0; i < n; i++) {
        const size_t row = l.order[i];

        l.x[i] = log(rows[row].actual) - l.log_total[row];
        for (unsigned k = 0; k < D; k++) {
            l.share[i * D + k] = l.split[row * D + k];
            out.present |= l.share[i * D + k] > 0.0 ? 1U << k : 0U;
        }
    }
    out.order = l.order;
    out.unit_row = l.unit_row;
    out.unit_bin = l.unit_bin;
    out.bin_unit = l.bin_unit;
    out.x = l.x;
    *set = out;
    return CALC_OK;
}
