/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes in pieces. */
#include "store_pieces.h"

#include "arena.h"

#include <string.h>

#define MOST_OWNER 3 /* arguments */

static struct db_value piece(const struct field_raw *whole, size_t at)
{
    size_t left = whole->len - at;
    return db_blob(whole->text ? whole->text + at : NULL, left < STORE_PIECE ? left : STORE_PIECE);
}

struct db_value store_pieces_first(const struct field_raw *whole)
{
    return piece(whole, 0);
}

enum err store_pieces_insert(struct db *db, const struct store_pieces *pieces,
                             const struct db_value *owner, size_t n_owner,
                             const struct field_raw *whole)
{
    struct db_value args[MOST_OWNER + 2];
    enum err err = ERR_OK;
    int64_t seq = 1;
    memcpy(args, owner, n_owner * sizeof *args);
    for (size_t at = STORE_PIECE; at <= whole->len && !err; at += STORE_PIECE) {
        args[n_owner] = db_int(seq++);
        args[n_owner + 1] = piece(whole, at);
        err = db_run(db, &pieces->insert, args, n_owner + 2);
    }
    return err;
}

enum err store_pieces_append(struct db *db, struct arena *arena, const struct store_pieces *pieces,
                             const struct db_value *owner, size_t n_owner, struct field_raw *whole,
                             bool *any)
{
    struct db_rows *rows;
    bool found = false;
    if (whole->len != STORE_PIECE) /* a longer one was kept whole, before there were pieces */
        return ERR_OK;
    int64_t more;
    enum err err = db_query_int(db, &pieces->size, owner, n_owner, &more);
    if (err)
        return err;
    size_t room = whole->len + (size_t)more, len;
    char *text = arena_alloc(arena, room + 1);
    memcpy(text, whole->text, whole->len);
    whole->text = text;
    err = db_query(db, &rows, &pieces->select, owner, n_owner);
    if (err)
        return err;
    for (; db_next(rows); found = true) {
        const char *bytes = db_get_text(rows, 0, &len);
        if (len > room - whole->len)
            return ERR_INTERNAL;
        memcpy(text + whole->len, bytes, len);
        whole->len += len;
    }
    text[whole->len] = 0;
    if (any)
        *any = found;
    return db_end(rows);
}
