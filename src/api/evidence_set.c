/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Natural keys, contents, merge. */
#include "evidence_set.h"

#include "arena.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void feed_text(crypto_generichash_state *state, const char *text)
{
    uint32_t len = text ? (uint32_t)strlen(text) : UINT32_MAX;
    crypto_generichash_update(state, (const uint8_t *)&len, sizeof len);
    if (text)
        crypto_generichash_update(state, (const uint8_t *)text, len);
}

static struct evidence_hash finish(crypto_generichash_state *state)
{
    struct evidence_hash hash;
    crypto_generichash_final(state, hash.b, sizeof hash.b);
    return hash;
}

/* One NaN and one zero, so that equal numbers have equal bytes. */
static double canonical(double value)
{
    return value == 0 ? 0 : isnan(value) ? NAN : value;
}

/* Everything of a row that is neither text nor a date we filled in. */
struct numbers {
    struct uuid revision;
    double lot_size, predicted, actual, annual_volume, tooling_units, c[4];
    int64_t sequence;
    int64_t date;
};

static struct numbers numbers_of(const struct evidence_new *new)
{
    const struct evidence *row = &new->row;
    struct numbers numbers;
    memset(&numbers, 0, sizeof numbers);
    numbers.revision = row->revision;
    numbers.lot_size = canonical(row->lot_size);
    numbers.predicted = canonical(row->predicted);
    numbers.actual = canonical(row->actual);
    numbers.annual_volume = canonical(row->annual_volume);
    numbers.tooling_units = canonical(row->tooling_units);
    for (int k = 0; k < 4; k++)
        numbers.c[k] = canonical(row->c[k]);
    numbers.sequence = row->operation_sequence;
    numbers.date = new->date_given ? row->occurred_on : INT64_MIN;
    return numbers;
}

static struct evidence_hash content_of(const struct evidence_new *new)
{
    const struct evidence *row = &new->row;
    const struct numbers numbers = numbers_of(new);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof(struct evidence_hash));
    feed_text(&state, row->source);
    feed_text(&state, row->observation_type);
    feed_text(&state, row->reference);
    feed_text(&state, row->bin);
    feed_text(&state, row->choice);
    feed_text(&state, row->model_version);
    crypto_generichash_update(&state, (const uint8_t *)&numbers, sizeof numbers);
    return finish(&state);
}

/* ordinal counts rows that are equal in what the key is made of; rows with a reference have none.
 */
static struct evidence_hash natural_of(const struct evidence_new *new, uint32_t ordinal)
{
    const struct evidence *row = &new->row;
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof(struct evidence_hash));
    feed_text(&state, row->source);
    feed_text(&state, row->reference);
    /* an oracle may be called what a calibrating call is */
    feed_text(&state, row->observation_type ? "outcome" : NULL);
    if (row->reference)
        return finish(&state);
    struct numbers numbers = numbers_of(new);
    numbers.annual_volume = numbers.tooling_units = numbers.predicted = 0;
    memset(numbers.c, 0, sizeof numbers.c);
    if (row->observation_type)
        numbers.actual = 0; /* an outcome reported again with another value replaces it */
    else
        numbers.date = 0;
    feed_text(&state, row->observation_type);
    feed_text(&state, row->bin);
    feed_text(&state, row->observation_type ? NULL : row->choice);
    crypto_generichash_update(&state, (const uint8_t *)&numbers, sizeof numbers);
    crypto_generichash_update(&state, (const uint8_t *)&ordinal, sizeof ordinal);
    return finish(&state);
}

static int compare_hash(const struct evidence_hash *a, const struct evidence_hash *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

static int by_natural_content(const void *a, const void *b)
{
    const struct evidence_new *x = a, *y = b;
    int order = compare_hash(&x->row.natural, &y->row.natural);
    if (!order)
        order = compare_hash(&x->row.content, &y->row.content);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The later row is at fault, whatever order the hashes are in. */
static struct evidence_clash clash_of(size_t a, size_t b)
{
    return a < b ? (struct evidence_clash){a, b} : (struct evidence_clash){b, a};
}

void evidence_identify(struct evidence_new *rows, size_t *n, struct evidence_clash *clashes,
                       size_t clashes_size, size_t *n_clashes)
{
    *n_clashes = 0;
    for (size_t i = 0; i < *n; i++) {
        rows[i].row.content = content_of(&rows[i]);
        rows[i].row.natural = natural_of(&rows[i], 0);
    }
    qsort(rows, *n, sizeof *rows, by_natural_content);
    size_t kept = 0;
    uint32_t ordinal = 0;
    bool equals = false;
    for (size_t i = 0; i < *n; i++) {
        bool again =
            kept && i &&
            !memcmp(&rows[i].row.natural, &rows[i - 1].row.natural, sizeof rows[i].row.natural);
        ordinal = again ? ordinal + 1 : 0;
        if (again && rows[i].row.reference) {
            /* the same order twice: once if it says the same, a clash if not */
            if (compare_hash(&rows[i].row.content, &rows[kept - 1].row.content)) {
                if (*n_clashes < clashes_size)
                    clashes[*n_clashes] = clash_of(rows[kept - 1].index, rows[i].index);
                ++*n_clashes;
            }
            continue;
        }
        rows[kept++] = rows[i];
        rows[kept - 1].ordinal = ordinal;
        equals |= ordinal > 0;
    }
    *n = kept;
    if (!equals)
        return;
    for (size_t i = 0; i < kept; i++)
        if (rows[i].ordinal)
            rows[i].row.natural = natural_of(&rows[i], rows[i].ordinal);
    qsort(rows, kept, sizeof *rows, by_natural_content);
}

static int newest_first(const void *a, const void *b)
{
    const struct evidence *x = *(const struct evidence *const *)a;
    const struct evidence *y = *(const struct evidence *const *)b;
    if (x->received_at != y->received_at)
        return x->received_at < y->received_at ? 1 : -1;
    return compare_hash(&y->natural, &x->natural);
}

/* An oracle may be called what a calibrating call is: its outcomes stay. */
static bool is_of(const struct evidence *row, const char *source)
{
    return !row->observation_type && !strcmp(row->source, source);
}

/* Is there a stored row of the source that did not come again? */
static bool has_others(const struct evidence_stored *stored, const struct evidence_new *rows,
                       size_t n, const char *source)
{
    for (size_t s = 0, r = 0; s < stored->n; s++) {
        const struct evidence *old = &stored->rows[s];
        while (r < n && compare_hash(&rows[r].row.natural, &old->natural) < 0)
            r++;
        bool came = r < n && !compare_hash(&rows[r].row.natural, &old->natural);
        if (!came && is_of(old, source))
            return true;
    }
    return false;
}

struct evidence_set evidence_merge(struct arena *arena, const struct evidence_stored *stored,
                                   const struct evidence_new *rows, size_t n,
                                   const char *drop_source, size_t most)
{
    qsort(stored->rows, stored->n, sizeof *stored->rows, evidence_by_natural);
    const struct evidence *old = stored->rows, *old_end = old + stored->n;
    const struct evidence_new *new = rows, *new_end = rows + n;
    const struct evidence **merged = ARENA_ARRAY(arena, stored->n + n, const struct evidence *);
    struct evidence_set set = {
        .rows = merged,
        .changed = ARENA_ARRAY(arena, n, struct evidence),
        .drops = drop_source && (stored->older || has_others(stored, rows, n, drop_source)),
        .older = stored->older,
    };
    while (old < old_end || new < new_end) {
        int order = old == old_end   ? 1
                    : new == new_end ? -1
                                     : compare_hash(&old->natural, &new->row.natural);
        bool dropped = order <= 0 && set.drops && is_of(old, drop_source);
        if (order < 0) {
            if (!dropped)
                merged[set.n++] = old;
        } else if (order == 0 && !compare_hash(&old->content, &new->row.content)) {
            /* known and unchanged; after a drop it has to be written again */
            if (dropped)
                set.changed[set.n_changed++] = *old;
            merged[set.n++] = old;
        } else {
            set.changed[set.n_changed] = new->row;
            merged[set.n++] = &set.changed[set.n_changed++];
        }
        old += order <= 0;
        new += order >= 0;
    }
    if (set.n > most) {
        qsort(merged, set.n, sizeof(const struct evidence *), newest_first);
        set.older += (int64_t)(set.n - most);
        set.n = most;
        qsort(merged, set.n, sizeof(const struct evidence *), evidence_at_by_natural);
    }
    return set;
}
