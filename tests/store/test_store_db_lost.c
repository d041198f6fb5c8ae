/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_db_lost.c: the server is killed and comes back */
#include "store_test.h"

#include "when.h"

static const struct sql insert = {"INSERT INTO thing (id) VALUES (?)"};
static const struct sql count = {"SELECT COUNT(*) FROM thing"};
static const struct sql kill_other = {"KILL CONNECTION ?"};
static const struct sql connection = {"SELECT CONNECTION_ID()"};

/* a row, and then: a look (the transaction stays open), COMMIT, a failure, the connection's end, a
   look and a failure behind it */
enum then { THEN_LOOK, THEN_COMMIT, THEN_FAIL, THEN_DIE, THEN_LOOK_AND_FAIL };
static const struct sql block = {
    "BEGIN NOT ATOMIC IF ? = 1 THEN START TRANSACTION; END IF; INSERT INTO thing (id) VALUES (?);"
    " CASE ? WHEN 0 THEN SELECT 'seen', COUNT(*) FROM thing; WHEN 1 THEN COMMIT;"
    " WHEN 2 THEN INSERT INTO thing (id) VALUES (1);"
    " WHEN 3 THEN KILL CONNECTION CONNECTION_ID();"
    " ELSE SELECT 'seen', COUNT(*) FROM thing; INSERT INTO thing (id) VALUES (1); END CASE; END"};

static struct settings settings;
static struct db *db;

static int begin_suite(void)
{
    db = fresh_db(&settings);
    return db_script(db, "CREATE TABLE thing (id INT NOT NULL PRIMARY KEY)");
}

static int end_suite(void)
{
    drop_db(db, &settings);
    return 0;
}

static void restart(void)
{
    server("kill");
    server("start");
}

static void test_between_statements(void)
{
    OK(db_run(db, &insert, DB_ARGS(db_int(1))));
    restart();
    /* a read is made again by itself */
    CU_ASSERT_EQUAL(one_int(db, &count), 1);
    restart();
    /* of a single write nobody knows whether it was made: the caller is told, the next works (an
       idle connection is looked at first, and then nothing needs telling) */
    enum err err = db_run(db, &insert, DB_ARGS(db_int(2)));
    CU_ASSERT(err == ERR_OK || err == ERR_UNAVAILABLE);
    if (err)
        OK(db_run(db, &insert, DB_ARGS(db_int(2))));
    CU_ASSERT_EQUAL(one_int(db, &count), 2);
    restart();
    CU_ASSERT(db_ping(db));
    CU_ASSERT_EQUAL(one_int(db, &count), 2);
}

enum cut { CUT_NEVER, CUT_START, CUT_MIDDLE, CUT_END };

struct body {
    int cut; /* enum cut */
    int runs;
    void (*harm)(void);
};

static enum err three_rows(void *context)
{
    struct body *body = context;
    int run = body->runs++;
    for (int k = 0; k < 3; k++) {
        if (!run && body->cut == CUT_START + k)
            body->harm();
        enum err err = db_run(db, &insert, DB_ARGS(db_int(10 + k)));
        if (err)
            return err;
    }
    return ERR_OK;
}

static void in_transaction(void (*harm)(void))
{
    for (int cut = CUT_START; cut <= CUT_END; cut++) {
        struct body body = {.cut = cut, .harm = harm};
        bool unknown;
        OK(db_script(db, "DELETE FROM thing"));
        OK(db_transact(db, three_rows, &body, &unknown));
        CU_ASSERT_EQUAL(body.runs, 2);
        CU_ASSERT_EQUAL(one_int(db, &count), 3);
    }
}

static void test_in_transaction(void)
{
    in_transaction(restart);
}

static void kill_connection(void)
{
    struct db *other = db_open(&settings, DB_SERVICE);
    int64_t id = one_int(db, &connection);
    OK(db_run(other, &kill_other, DB_ARGS(db_int(id))));
    db_close(other);
}

static void test_connection_killed(void)
{
    in_transaction(kill_connection);
}

static void test_before_transaction(void)
{
    struct body body = {.cut = CUT_NEVER};
    bool unknown;
    OK(db_script(db, "DELETE FROM thing"));
    restart();
    OK(db_transact(db, three_rows, &body, &unknown));
    CU_ASSERT_EQUAL(body.runs, 1);
    CU_ASSERT_EQUAL(one_int(db, &count), 3);
}

struct blocked {
    enum then first, last;
    int64_t seen; /* by the last look; 0: none */
    int runs;
};

static enum err one_block(struct blocked *blocked, bool begins, int64_t id, enum then then)
{
    struct db_rows *rows;
    enum err err =
        db_block(db, &rows, &block, DB_ARGS(db_bool(begins), db_int(id), db_int(then)), true);
    if (err || !db_next(rows))
        return err;
    CU_ASSERT_STRING_EQUAL(db_get_text(rows, 0, NULL), "seen");
    blocked->seen = db_get_int(rows, 1);
    return ERR_OK; /* the next statement ends the rows */
}

static enum err two_blocks(void *context)
{
    struct blocked *blocked = context;
    blocked->runs++;
    enum err err = one_block(blocked, true, 1, blocked->first);
    return err || !blocked->seen ? err : one_block(blocked, false, 2, blocked->last);
}

static void test_block(void)
{
    static const struct {
        enum then first, last;
        enum err err;
        int64_t rows, seen;
        bool unknown;
    } want[] = {
        {THEN_COMMIT, THEN_LOOK, ERR_OK, 1, 0, false},
        {THEN_FAIL, THEN_LOOK, ERR_DUPLICATE, 0, 0, false},
        /* it may have committed: not run again */
        {THEN_DIE, THEN_LOOK, ERR_UNAVAILABLE, 0, 0, true},
        {THEN_LOOK, THEN_LOOK, ERR_OK, 2, 2, false},
        {THEN_LOOK, THEN_COMMIT, ERR_OK, 2, 1, false},
        {THEN_LOOK, THEN_FAIL, ERR_DUPLICATE, 0, 1, false},
        {THEN_LOOK, THEN_DIE, ERR_UNAVAILABLE, 0, 1, true},
        {THEN_LOOK_AND_FAIL, THEN_LOOK, ERR_DUPLICATE, 0, 1, false},
        {THEN_LOOK, THEN_LOOK_AND_FAIL, ERR_DUPLICATE, 0, 2, false},
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct blocked blocked = {.first = want[i].first, .last = want[i].last};
        bool unknown;
        OK(db_script(db, "DELETE FROM thing"));
        IS(db_transact_block(db, two_blocks, &blocked, &unknown), want[i].err);
        IS(blocked.seen, want[i].seen);
        IS(unknown, want[i].unknown);
        IS(blocked.runs, 1);
        IS(one_int(db, &count), want[i].rows);
    }
}

static void kill_server(void)
{
    server("kill");
}

static void test_down(void)
{
    struct body body = {.cut = CUT_MIDDLE, .harm = kill_server};
    bool unknown;
    OK(db_script(db, "DELETE FROM thing"));
    int64_t start = time_monotonic();
    IS(db_transact(db, three_rows, &body, &unknown), ERR_UNAVAILABLE);
    CU_ASSERT(!unknown);
    IS(db_run(db, &insert, DB_ARGS(db_int(1))), ERR_UNAVAILABLE);
    CU_ASSERT(!db_ping(db));
    CU_ASSERT_EQUAL(db_error(db), 2002);
    /* refused, not waited for: no time-out of the client is as short */
    CU_ASSERT(time_monotonic() - start < 10000000);
    server("start");
    CU_ASSERT_EQUAL(one_int(db, &count), 0);
    CU_ASSERT(db_ping(db));
}

void suite_store_db_lost(void)
{
    CU_pSuite suite = CU_add_suite("store_db_lost", begin_suite, end_suite);
    CU_add_test(suite, "block", test_block);
    CU_add_test(suite, "between statements", test_between_statements);
    CU_add_test(suite, "in a transaction", test_in_transaction);
    CU_add_test(suite, "connection killed", test_connection_killed);
    CU_add_test(suite, "before a transaction", test_before_transaction);
    CU_add_test(suite, "down", test_down);
}
