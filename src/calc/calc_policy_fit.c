/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_policy_fit.c: past choices into canonical order, split, fitted, judged */
#include "calc_carve.h"
#include "calc_hash.h"
#include "calc_policy.h"
#include "calc_policy_search.h"
#include "calc_split.h"

#include <math.h>
#include <string.h>

enum { POLICY_KEY = 16 }; /* hexadecimal digits of a row's hash */

/* A usable set in canonical order. */
struct policy_row {
    uint64_t hash;
    const struct calc_policy_set *set;
    char key[POLICY_KEY];
};

/* A candidate to be sorted inside its set. */
struct policy_place {
    const struct calc_policy_candidate *c;
    size_t n_features;
    size_t index;
};

struct policy_work {
    size_t k;
    size_t n;                   /* usable sets */
    struct policy_row *row;     /* n */
    struct policy_place *place; /* of one set */
    struct calc_policy_candidate *sorted;
    size_t *start;  /* n + 1: first candidate of each set in z; training sets come first */
    size_t *chosen; /* n */
    double *z;      /* candidates x k, normalised, tie order inside a set */
    double *seed;   /* k */
    void *search;   /* scratch of the search */
    bool *held;
    struct calc_key *keys;
    struct calc_split_row *split;
    size_t n_train;
    size_t widest;
};

static bool policy_usable(const struct calc_policy_set *s)
{
    return s->n >= 2 && s->chosen < s->n;
}

static size_t policy_carve(void *base, const struct calc_policy_set *sets, size_t n_sets, size_t k,
                           struct policy_work *w)
{
    size_t used = 0, rows = 0, widest = 0, n = 0;

    for (size_t i = 0; i < n_sets; i++) {
        if (!policy_usable(&sets[i]))
            continue;
        n++;
        rows += sets[i].n;
        widest = sets[i].n > widest ? sets[i].n : widest;
    }
    *w = (struct policy_work){.k = k, .n = n, .widest = widest};
    w->row = calc_carve(base, &used, n, sizeof *w->row);
    w->place = calc_carve(base, &used, widest, sizeof *w->place);
    w->sorted = calc_carve(base, &used, widest, sizeof *w->sorted);
    w->start = calc_carve(base, &used, n + 1, sizeof *w->start);
    w->chosen = calc_carve(base, &used, n, sizeof *w->chosen);
    w->z = calc_carve(base, &used, rows * k, sizeof *w->z);
    w->seed = calc_carve(base, &used, k, sizeof *w->seed);
    w->search = calc_carve(base, &used, calc_policy_search_scratch(k, widest), 1);
    w->held = calc_carve(base, &used, n, sizeof *w->held);
    w->keys = calc_carve(base, &used, n, sizeof *w->keys);
    w->split = calc_carve(base, &used, n, sizeof *w->split);
    return used;
}

size_t calc_policy_scratch(const struct calc_policy_set *sets, size_t n_sets, size_t n_features)
{
    struct policy_work w;

    return policy_carve(NULL, sets, n_sets, n_features, &w);
}

static int policy_place_compare(const void *pa, const void *pb)
{
    const struct policy_place *a = pa;
    const struct policy_place *b = pb;
    int c = calc_policy_tie(a->c, b->c);

    for (size_t f = 0; c == 0 && f < a->n_features; f++) {
        bool na = isnan(a->c->features[f]), nb = isnan(b->c->features[f]);

        c = na || nb ? (int)na - (int)nb : calc_order_numbers(a->c->features[f], b->c->features[f]);
    }
    return c;
}

static int policy_row_compare(const void *pa, const void *pb)
{
    const struct policy_row *a = pa;
    const struct policy_row *b = pb;

    return (a->hash > b->hash) - (a->hash < b->hash);
}

static void policy_hash_number(struct calc_hash *h, double x)
{
    uint64_t bits;
    char bytes[8];

    x = isnan(x) ? (double)INFINITY : x + 0.0; /* one pattern for missing, one for zero */
    memcpy(&bits, &x, sizeof bits);
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(bits >> (8 * i));
    calc_hash_add(h, bytes, sizeof bytes);
}

/* Candidates of a set into tie order; returns the place of the chosen one. */
static size_t policy_sort_set(struct policy_work *w, const struct calc_policy_set *s)
{
    size_t at = 0;

    for (size_t i = 0; i < s->n; i++)
        w->place[i] = (struct policy_place){&s->candidates[i], w->k, i};
    calc_order_sort(w->place, s->n, sizeof w->place[0], policy_place_compare);
    while (w->place[at].index != s->chosen)
        at++;
    /* equal candidates: the first of them, whichever was meant */
    while (at > 0 && policy_place_compare(&w->place[at - 1], &w->place[at]) == 0)
        at--;
    return at;
}

/* Hash of what the row says, independent of the order of its candidates. */
static void policy_identify(struct policy_work *w, const struct calc_policy_set *s,
                            struct policy_row *row)
{
    size_t chosen = policy_sort_set(w, s);
    struct calc_hash h;

    calc_hash_init(&h);
    for (size_t i = 0; i < s->n; i++) {
        const struct calc_policy_candidate *c = w->place[i].c;

        calc_hash_add(&h, i == chosen ? "*" : "-", 1);
        calc_hash_add(&h, c->machine.s, c->machine.n);
        calc_hash_add(&h, "", 1);
        policy_hash_number(&h, c->fleet_priority);
        for (size_t f = 0; f < w->k; f++)
            policy_hash_number(&h, c->features[f]);
    }
    row->set = s;
    row->hash = calc_hash_value(&h);
    for (int i = 0; i < POLICY_KEY; i++)
        row->key[i] = "0123456789abcdef"[row->hash >> (60 - 4 * i) & 15];
}

/* Append a set's normalised rows as set number at. */
static void policy_append(struct policy_work *w, const struct calc_policy_set *s, size_t at)
{
    size_t chosen = policy_sort_set(w, s);

    for (size_t i = 0; i < s->n; i++)
        w->sorted[i] = *w->place[i].c;
    calc_policy_normalise(w->sorted, s->n, w->k, w->z + w->start[at] * w->k);
    w->start[at + 1] = w->start[at] + s->n;
    w->chosen[at] = w->start[at] + chosen;
}

static enum calc_status policy_check(const struct calc_policy_set *s, size_t k)
{
    for (size_t i = 0; i < s->n; i++) {
        if (!isfinite(s->candidates[i].fleet_priority))
            return CALC_DOMAIN;
        for (size_t f = 0; f < k; f++)
            if (isinf(s->candidates[i].features[f]))
                return CALC_DOMAIN;
    }
    return CALC_OK;
}

/* Rows in canonical order, split, training sets before held-out ones. */
static enum calc_status policy_load(struct policy_work *w, const struct calc_policy_set *sets,
                                    size_t n_sets, const struct calc_policy_options *o)
{
    size_t m = 0, n_held = 0, at = 0;

    for (size_t i = 0; i < n_sets; i++) {
        if (!policy_usable(&sets[i]))
            continue;
        if (policy_check(&sets[i], w->k) != CALC_OK)
            return CALC_DOMAIN;
        policy_identify(w, &sets[i], &w->row[m++]);
    }
    calc_order_sort(w->row, m, sizeof w->row[0], policy_row_compare);
    for (size_t i = 0; i < m; i++) {
        w->keys[i] = (struct calc_key){w->row[i].key, POLICY_KEY};
        w->held[i] = false;
    }
    if (o->holdout_pct != 0.0 && calc_split_holdout(o->salt, w->keys, m, o->holdout_pct, w->split,
                                                    w->held, &n_held) != CALC_OK)
        return CALC_DOMAIN;
    w->start[0] = 0;
    for (int held = 0; held < 2; held++)
        for (size_t i = 0; i < m; i++)
            if (w->held[i] == (held != 0))
                policy_append(w, w->row[i].set, at++);
    w->n_train = m - n_held;
    return CALC_OK;
}

static enum calc_status policy_seed(struct policy_work *w, const double *seed)
{
    double total = 0.0;

    for (size_t f = 0; f < w->k; f++) {
        if (!isfinite(seed[f]) || seed[f] < 0.0)
            return CALC_DOMAIN;
        total += seed[f];
    }
    if (!(total > 0.0) || !isfinite(total))
        return CALC_DOMAIN;
    for (size_t f = 0; f < w->k; f++)
        w->seed[f] = seed[f] / total;
    return CALC_OK;
}

enum calc_status calc_policy_fit(const struct calc_policy_set *sets, size_t n_sets,
                                 size_t n_features, const double *seed,
                                 const struct calc_policy_options *options, void *scratch,
                                 double *weights, struct calc_policy_fit *fit)
{
    struct calc_policy_fit f = {.samples = n_sets};
    struct calc_policy_search found;
    struct policy_work w;
    size_t seed_hits;
    enum calc_status st;

    for (size_t i = 0; i < n_sets; i++) {
        f.dropped_single += sets[i].n < 2;
        f.dropped_absent += sets[i].n >= 2 && sets[i].chosen >= sets[i].n;
    }
    if (n_features == 0 || f.dropped_single + f.dropped_absent == n_sets) {
        *fit = f;
        return CALC_SIZE;
    }
    if (options->grid < 0 || !(options->holdout_pct >= 0.0 && options->holdout_pct < 1.0))
        return CALC_DOMAIN;
    policy_carve(scratch, sets, n_sets, n_features, &w);
    st = policy_seed(&w, seed);
    if (st == CALC_OK)
        st = policy_load(&w, sets, n_sets, options);
    if (st != CALC_OK)
        return st;
    f.samples_applied = w.n;
    f.n_train = w.n_train;
    f.n_holdout = w.n - w.n_train;
    struct calc_logit_data train = {f.n_train, n_features, w.start, w.chosen, w.z};
    struct calc_logit_data rest = {f.n_holdout, n_features, w.start + f.n_train,
                                   w.chosen + f.n_train, w.z};

    calc_policy_search(&train, w.seed, options->grid, w.search, w.widest, weights, &found);
    f.grid_size = found.evaluated;
    f.logit_used = found.logit_used;
    seed_hits = calc_policy_search_hits(&train, w.seed);
    f.seed_accuracy = (double)seed_hits / (double)f.n_train;
    f.fitted_accuracy = (double)found.hits / (double)f.n_train;
    f.improved = found.hits > seed_hits;
    if (f.n_holdout > 0) {
        size_t seed_held = calc_policy_search_hits(&rest, w.seed);
        size_t held = calc_policy_search_hits(&rest, weights);

        f.seed_holdout_accuracy = (double)seed_held / (double)f.n_holdout;
        f.holdout_accuracy = (double)held / (double)f.n_holdout;
        f.improved = f.improved && held + 1 >= seed_held;
    }
    *fit = f;
    return CALC_OK;
}
