/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_pieces.c: bytes around the borders of pieces */
#include "store_test.h"

#include "arena.h"
#include "store_pieces.h"

#include <string.h>

static const struct store_pieces pieces = STORE_PIECES("piece", "owner", "?", "owner = ?");
static const struct sql count = {"SELECT COUNT(*) FROM piece"};

static struct settings settings;
static struct db *db;
static struct arena *arena;

static int begin_suite(void)
{
    db = fresh_db(&settings);
    arena = arena_new();
    return db_script(db,
                     "CREATE TABLE piece (owner INT NOT NULL, seq INT NOT NULL, bytes MEDIUMBLOB"
                     " NOT NULL, PRIMARY KEY (owner, seq))");
}

static int end_suite(void)
{
    drop_db(db, &settings);
    arena_free(arena);
    return 0;
}

/* Bytes that differ from place to place and from piece to piece. */
static struct field_raw bytes_of(size_t len)
{
    char *text = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(i * 7 + i / STORE_PIECE);
    return (struct field_raw){text, len};
}

static void test_borders(void)
{
    static const struct {
        size_t len, pieces;
    } cases[] = {
        {0, 0},
        {1, 0},
        {STORE_PIECE - 1, 0},
        {STORE_PIECE, 1}, /* an empty one */
        {STORE_PIECE + 1, 1},
        {2 * STORE_PIECE - 1, 1},
        {2 * STORE_PIECE, 2},
        {2 * STORE_PIECE + 5, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct field_raw whole = bytes_of(cases[i].len);
        struct field_raw read = {whole.text, whole.len < STORE_PIECE ? whole.len : STORE_PIECE};
        bool any = false;
        OK(db_script(db, "DELETE FROM piece"));
        OK(store_pieces_insert(db, &pieces, DB_ARGS(db_int(8)), &whole));
        OK(store_pieces_insert(db, &pieces, DB_ARGS(db_int(9)), &whole));
        IS(one_int(db, &count), (int64_t)(2 * cases[i].pieces));
        OK(store_pieces_append(db, arena, &pieces, DB_ARGS(db_int(8)), &read, &any));
        IS(any, cases[i].pieces > 0);
        IS(read.len, whole.len);
        CU_ASSERT(read.len == whole.len && !memcmp(read.text, whole.text, whole.len));
        arena_reset(arena);
    }
}

static void test_gone(void)
{
    const struct field_raw whole = bytes_of(STORE_PIECE);
    struct field_raw read = whole;
    bool any = true;
    OK(db_script(db, "DELETE FROM piece"));
    OK(store_pieces_append(db, arena, &pieces, DB_ARGS(db_int(8)), &read, &any));
    CU_ASSERT(!any);
    IS(read.len, whole.len);
    OK(store_pieces_append(db, arena, &pieces, DB_ARGS(db_int(8)), &read, NULL));
}

void suite_store_pieces(void)
{
    CU_pSuite suite = CU_add_suite("store_pieces", begin_suite, end_suite);
    CU_ADD_TEST(suite, test_borders);
    CU_ADD_TEST(suite, test_gone);
}
