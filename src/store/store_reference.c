/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what a request points at is there. */
#include "store_reference.h"

#include "store_db.h"
#include "store_keys.h"

/* the keys are asked in one statement; k.i counts from 1 */
static const struct sql select_missing[] = {
    [REFERENCE_REVISION] = {"SELECT k.i FROM " STORE_KEYS_IDS " LEFT JOIN part_revision r"
                            " ON r.org_id = ? AND r.id = CAST(k.id AS UUID) WHERE r.id IS NULL"},
    [REFERENCE_CALCULATION] = {"SELECT k.i FROM " STORE_KEYS_IDS " LEFT JOIN calculation c"
                               " ON c.org_id = ? AND c.id = CAST(k.id AS UUID) WHERE c.id IS NULL"},
    [REFERENCE_MACHINE] = {"SELECT k.i FROM " STORE_KEYS_IDS " LEFT JOIN machine m"
                           " ON m.org_id = ? AND m.id = CAST(k.id AS UUID) WHERE m.id IS NULL"},
};

enum err store_reference_missing(struct db *db, struct uuid org, enum store_reference kind,
                                 const struct uuid *ids, size_t n, bool *missing)
{
    struct buf keys = {0};
    struct db_rows *rows;
    size_t named = 0;
    for (size_t i = 0; i < n; i++) {
        missing[i] = false;
        named += !uuid_is_nil(&ids[i]);
    }
    if (!named)
        return ERR_OK;
    /* a nil id is a null in the array, and joins with nothing */
    store_keys_ids(&keys, ids, n);
    enum err err =
        db_query(db, &rows, &select_missing[kind], DB_ARGS(db_text(buf_text(&keys)), db_uuid(org)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        size_t i = (size_t)db_get_int(rows, 0) - 1;
        if (i < n)
            missing[i] = !uuid_is_nil(&ids[i]);
    }
    return db_end(rows);
}
