/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many parts or plans at once, by number or by revision. */
#include "store_part.h"

#include "arena.h"
#include "store_db.h"
#include "store_keys.h"

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

static const struct sql select_numbers = {
    "SELECT k.i, p.id, p.current_revision_id, r.content_hash FROM " STORE_KEYS_NUMBERS
    " STRAIGHT_JOIN part p FORCE INDEX (part_number)"
    " ON p.org_id = ? AND p.part_number = k.number"
    " LEFT JOIN part_revision r ON r.org_id = ? AND r.id = p.current_revision_id"};
static const struct sql select_folded = {
    "SELECT k.i, p.id, p.current_revision_id FROM " STORE_KEYS_NUMBERS
    " STRAIGHT_JOIN part p FORCE INDEX (part_folded)"
    " ON p.org_id = ? AND p.folded_number = k.number"};
static const struct sql select_plans = {"SELECT k.i, r.part_id, r.process_plan FROM " STORE_KEYS_IDS
                                        " STRAIGHT_JOIN part_revision r FORCE INDEX (PRIMARY)"
                                        " ON r.org_id = ? AND r.id = CAST(k.id AS UUID)"};

static bool is_space(wchar_t c)
{
    /* the fixed-width and no-break spaces are not white space to the C library */
    return iswspace((wint_t)c) || c == 0xa0 || c == 0x2007 || c == 0x202f || c == 0xfeff;
}

const char *store_part_fold(struct arena *arena, const char *part_number)
{
    static locale_t utf8;
    if (!utf8)
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = uselocale(utf8);
    size_t len = strlen(part_number), out = 0;
    /* a letter may be longer in lower case, but no text has more letters than bytes */
    char *folded = arena_alloc(arena, len * MB_LEN_MAX + 1);
    mbstate_t in_state = {0}, out_state = {0};
    for (size_t at = 0, used; at < len; at += used) {
        wchar_t c;
        used = mbrtowc(&c, part_number + at, len - at, &in_state);
        if (used == 0 || used > len - at)
            break;
        if (!is_space(c))
            out += wcrtomb(folded + out, (wchar_t)towlower((wint_t)c), &out_state);
    }
    uselocale(before);
    folded[out] = 0;
    return folded;
}

/* Places in the order of the keys there; equal keys are asked for once. */
struct order {
    const char *const *texts;
    const struct uuid *ids;
    size_t *place; /* sorted */
    size_t *asked; /* key i is entry asked[i] of what is asked */
    size_t n_asked;
};

static int compare_texts(const void *a, const void *b, void *context)
{
    const struct order *order = context;
    return strcmp(order->texts[*(const size_t *)a], order->texts[*(const size_t *)b]);
}

static int compare_ids(const void *a, const void *b, void *context)
{
    const struct order *order = context;
    return uuid_compare(&order->ids[*(const size_t *)a], &order->ids[*(const size_t *)b]);
}

static void order_keys(struct order *order, struct arena *arena, size_t n)
{
    int (*compare)(const void *, const void *, void *) = order->texts ? compare_texts : compare_ids;
    order->place = ARENA_ARRAY(arena, n ? n : 1, size_t);
    order->asked = ARENA_ARRAY(arena, n ? n : 1, size_t);
    for (size_t i = 0; i < n; i++)
        order->place[i] = i;
    qsort_r(order->place, n, sizeof *order->place, compare, order);
    order->n_asked = 0;
    for (size_t i = 0; i < n; i++) {
        if (!i || compare(&order->place[i - 1], &order->place[i], order)) {
            /* asked keys move to the front: place[j] is then a key with asked number j */
            order->place[order->n_asked++] = order->place[i];
            order->asked[order->place[order->n_asked - 1]] = order->n_asked - 1;
        } else {
            order->asked[order->place[i]] = order->n_asked - 1;
        }
    }
}

static void asked_texts(const struct order *order, struct buf *keys)
{
    json_array(keys);
    for (size_t i = 0; i < order->n_asked; i++)
        json_text(keys, order->texts[order->place[i]]);
    json_array_end(keys);
}

static enum err find(struct db *db, struct uuid org, const struct order *order,
                     struct store_part_ref *found)
{
    struct buf keys = {0};
    struct db_rows *rows;
    asked_texts(order, &keys);
    enum err err = db_query(db, &rows, &select_numbers,
                            DB_ARGS(db_text(buf_text(&keys)), db_uuid(org), db_uuid(org)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        struct store_part_ref *ref = &found[db_get_int(rows, 0) - 1];
        size_t len;
        const char *hash = db_get_text(rows, 3, &len);
        ref->part_id = db_get_uuid(rows, 1);
        ref->revision_id = db_get_uuid(rows, 2);
        ref->has_hash = hash && len == sizeof ref->content_hash;
        if (ref->has_hash)
            memcpy(ref->content_hash, hash, len);
    }
    return db_end(rows);
}

/* Those not found exactly, by their folded number. */
static enum err find_folded(struct db *db, struct arena *arena, struct uuid org,
                            const struct order *order, struct store_part_ref *found)
{
    struct buf keys = {0};
    struct db_rows *rows;
    size_t *missing = ARENA_ARRAY(arena, order->n_asked + 1, size_t), n = 0;
    bool *seen = ARENA_ARRAY(arena, order->n_asked + 1, bool);
    json_array(&keys);
    for (size_t i = 0; i < order->n_asked; i++)
        if (uuid_is_nil(&found[i].part_id)) {
            json_text(&keys, store_part_fold(arena, order->texts[order->place[i]]));
            missing[n++] = i;
        }
    json_array_end(&keys);
    if (!n) {
        buf_clear(&keys);
        return ERR_OK;
    }
    enum err err =
        db_query(db, &rows, &select_folded, DB_ARGS(db_text(buf_text(&keys)), db_uuid(org)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        size_t i = missing[db_get_int(rows, 0) - 1];
        /* two parts that resemble it: it is neither */
        struct store_part_ref ref = {0};
        if (!seen[i]) {
            ref.part_id = db_get_uuid(rows, 1);
            ref.revision_id = db_get_uuid(rows, 2);
        }
        found[i] = ref;
        seen[i] = true;
    }
    return db_end(rows);
}

static enum err resolve(struct db *db, struct arena *arena, struct uuid org,
                        const char *const *numbers, size_t n, struct store_part_ref *refs,
                        bool folded)
{
    if (!n)
        return ERR_OK;
    struct order order = {.texts = numbers};
    order_keys(&order, arena, n);
    struct store_part_ref *found = ARENA_ARRAY(arena, order.n_asked, struct store_part_ref);
    enum err err = find(db, org, &order, found);
    if (!err && folded)
        err = find_folded(db, arena, org, &order, found);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++)
        refs[i] = found[order.asked[i]];
    return ERR_OK;
}

enum err store_part_find(struct db *db, struct arena *arena, struct uuid org,
                         const char *const *numbers, size_t n, struct store_part_ref *refs)
{
    return resolve(db, arena, org, numbers, n, refs, false);
}

enum err store_part_resolve(struct db *db, struct arena *arena, struct uuid org,
                            const char *const *numbers, size_t n, struct store_part_ref *refs)
{
    return resolve(db, arena, org, numbers, n, refs, true);
}

enum err store_plan_list(struct db *db, struct arena *arena, struct uuid org,
                         const struct uuid *ids, size_t n, struct store_plan *plans)
{
    if (!n)
        return ERR_OK;
    struct order order = {.ids = ids};
    order_keys(&order, arena, n);
    struct store_plan *found = ARENA_ARRAY(arena, order.n_asked, struct store_plan);
    struct buf keys = {0};
    struct db_rows *rows;
    json_array(&keys);
    for (size_t i = 0; i < order.n_asked; i++)
        json_uuid(&keys, &ids[order.place[i]]);
    json_array_end(&keys);
    enum err err =
        db_query(db, &rows, &select_plans, DB_ARGS(db_text(buf_text(&keys)), db_uuid(org)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        struct store_plan *plan = &found[db_get_int(rows, 0) - 1];
        plan->part_id = db_get_uuid(rows, 1);
        plan->process_plan = db_copy_raw(rows, 2, arena);
    }
    err = db_end(rows);
    if (err)
        return err;
    for (size_t i = 0; i < n; i++)
        plans[i] = found[order.asked[i]];
    return ERR_OK;
}
