/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_batch.c: units in batches, one a lane */
#include "calc_driver_batch.h"
#include "calc_sort.h"

static size_t rows_of(const struct calc_driver_set *set, size_t u)
{
    return set->unit_row[u + 1] - set->unit_row[u];
}

static void cut_rows(struct calc_driver_memory *m, struct driver_batch_rows *rows, size_t n,
                     size_t k)
{
    rows->share = calc_driver_cut(m, n * k, sizeof *rows->share);
    rows->x = calc_driver_cut(m, n, sizeof *rows->x);
    rows->w = calc_driver_cut(m, n, sizeof *rows->w);
    rows->r = calc_driver_cut(m, n, sizeof *rows->r);
    rows->jac = calc_driver_cut(m, n * k, sizeof *rows->jac);
}

void driver_batches_cut(struct calc_driver_memory *m, struct driver_batches *b,
                        const struct calc_driver_set *set, size_t k)
{
    const size_t t = tri_size(k);
    size_t most = 0, batches = set->n_units / DRIVER_LANES + DRIVER_FOLDS, rows;

    for (size_t u = 0; u < set->n_units; u++)
        most = rows_of(set, u) > most ? rows_of(set, u) : most;
    /* Of full batches the longest unit is not longer than the shortest of the next one; of the last
     * full one and of the rest there are at most as many rows as the longest of all has. */
    rows = set->n_rows / DRIVER_LANES + DRIVER_FOLDS * DRIVER_FOLDS + 2 * most;
    rows = rows < set->n_rows ? rows : set->n_rows; /* a batch has the rows of one of its units */
    b->order = calc_driver_cut_indices(m, set->n_units);
    b->order2 = calc_driver_cut_indices(m, set->n_units);
    b->key = calc_driver_cut(m, set->n_units, sizeof *b->key);
    b->key2 = calc_driver_cut(m, set->n_units, sizeof *b->key2);
    b->unit = calc_driver_cut_indices(m, batches * DRIVER_LANES);
    b->row = calc_driver_cut_indices(m, batches + 1);
    b->live = calc_driver_cut(m, batches, sizeof *b->live);
    b->cavity = calc_driver_cut(m, batches * k, sizeof *b->cavity);
    b->cavity_var = calc_driver_cut(m, batches * t, sizeof *b->cavity_var);
    b->phi = calc_driver_cut(m, batches * k, sizeof *b->phi);
    b->lambda = calc_driver_cut(m, batches, sizeof *b->lambda);
    cut_rows(m, &b->rows, rows, k);
    cut_rows(m, &b->fold, most, k);
    b->sd = calc_driver_cut(m, most, sizeof *b->sd);
}

/* Units by number of rows, equals as they are in the set. */
static void order_units(struct driver_batches *b, const struct calc_driver_set *set)
{
    for (size_t u = 0; u < set->n_units; u++) {
        b->order[u] = (uint32_t)u;
        b->key[u] = rows_of(set, u);
    }
    calc_sort_radix(b->key, b->order, b->key2, b->order2, set->n_units);
}

/* Units of one batch from place at of the order; returns how many. */
static size_t take_units(struct driver_batches *b, const struct calc_driver_set *set, size_t at)
{
    const size_t folds = driver_folds(rows_of(set, b->order[at])), i = b->n;
    size_t n = 0;

    while (n < DRIVER_LANES && at + n < set->n_units &&
           driver_folds(rows_of(set, b->order[at + n])) == folds)
        n++;
    for (size_t l = 0; l < DRIVER_LANES; l++) {
        b->unit[i * DRIVER_LANES + l] = b->order[l < n ? at + l : at];
        b->live[i][l] = l < n ? 1.0 : 0.0;
    }
    b->row[i + 1] = b->row[i] + (uint32_t)rows_of(set, b->order[at + n - 1]);
    b->n++;
    return n;
}

static void fill_lane(struct driver_batches *b, const struct driver_candidate *c, size_t i, int l)
{
    const size_t u = b->unit[i * DRIVER_LANES + (size_t)l], K = c->k, T = tri_size(K);
    const size_t first = c->set->unit_row[u], n = b->live[i][l] > 0.0 ? rows_of(c->set, u) : 0;

    for (size_t k = 0; k < K; k++)
        b->cavity[i * K + k][l] = c->cavity[u * K + k];
    for (size_t t = 0; t < T; t++)
        b->cavity_var[i * T + t][l] = c->cavity_var[u * T + t];
    for (size_t to = b->row[i], j = 0; to < b->row[i + 1]; to++, j++) {
        b->rows.x[to][l] = j < n ? c->set->x[first + j] : 0.0;
        b->rows.w[to][l] = j < n ? 1.0 : 0.0;
        for (size_t k = 0; k < K && K > 1; k++)
            b->rows.share[to * K + k][l] = j < n ? c->share[(first + j) * K + k] : 1.0;
    }
}

void driver_batches_fill(struct driver_batches *b, const struct driver_candidate *c)
{
    order_units(b, c->set);
    b->n = 0;
    b->row[0] = 0;
    for (size_t at = 0; at < c->set->n_units;)
        at += take_units(b, c->set, at);
    for (size_t i = 0; i < b->n; i++)
        for (int l = 0; l < DRIVER_LANES; l++)
            fill_lane(b, c, i, l);
}
