/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which values a campaign has, as far as that decides about its mode: rows and statements. */
#include "store_label_value.h"

#include "arena.h"
#include "store_db.h"

#include <string.h>

static const struct sql select_digests = {"SELECT " STORE_LABEL_DIGESTS " FROM labeling_campaign c"
                                          " WHERE c.org_id = ? AND c.id = ?"};
static const struct sql insert_digest = {
    "INSERT IGNORE INTO labeling_value (org_id, campaign_id, digest) VALUES (?, ?, ?)"};

struct label_digests store_label_value_get(const struct db_rows *rows, unsigned column,
                                           struct arena *arena)
{
    size_t len = 0;
    const char *text = db_get_text(rows, column, &len);
    size_t n = text ? len / sizeof(struct label_digest) : 0;
    struct label_digest *list = ARENA_ARRAY(arena, n + 1, struct label_digest);
    if (n)
        memcpy(list, text, n * sizeof *list);
    return (struct label_digests){list, n};
}

enum err store_label_value_list(struct db *db, struct arena *arena, struct uuid org,
                                struct uuid campaign, struct label_digests *digests)
{
    struct db_rows *rows;
    enum err err =
        db_query_one(db, &rows, &select_digests, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    if (err)
        return err;
    *digests = store_label_value_get(rows, 0, arena);
    return db_end(rows);
}

enum err store_label_value_insert(struct db *db, struct arena *arena, struct uuid org,
                                  struct uuid campaign, const struct label_digests *digests)
{
    struct field_raw *list = ARENA_ARRAY(arena, digests->n + 1, struct field_raw);
    for (size_t i = 0; i < digests->n; i++)
        list[i] = (struct field_raw){(const char *)digests->at[i].b, sizeof digests->at[i].b};
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &campaign, 0},
        {DB_BLOB, list, sizeof *list},
    };
    return db_bulk(db, &insert_digest, columns, sizeof columns / sizeof *columns, digests->n);
}
