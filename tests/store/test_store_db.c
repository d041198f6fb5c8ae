/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_db.c: values into the database and out again, bulk inserts, errors, transactions */
#include "store_test.h"

#include "when.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char make[] =
    "CREATE TABLE thing (id INT NOT NULL PRIMARY KEY, i BIGINT, small TINYINT, d DOUBLE,"
    " money DECIMAL(18,6), t LONGTEXT, b LONGBLOB, fixed BINARY(4), u UUID, day DATE,"
    " at DATETIME(6), json JSON) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin";
static const struct sql insert = {
    "INSERT INTO thing (id, i, small, d, money, t, b, fixed, u, day, at, json)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql select_all = {
    "SELECT i, small, d, money, t, b, fixed, u, day, at, json FROM thing ORDER BY id"};
static const struct sql count = {"SELECT COUNT(*) FROM thing"};
static const struct sql insert_id = {"INSERT INTO thing (id, i) VALUES (?, ?)"};
static const struct sql select_i = {"SELECT i FROM thing WHERE id = ?"};
static const struct sql set_i = {"UPDATE thing SET i = ? WHERE id = ?"};
static const struct sql add_i = {"UPDATE thing SET i = i + 1 WHERE id = ?"};
static const struct sql lock_i = {"SELECT i FROM thing WHERE id = ? FOR UPDATE"};

static struct settings settings;
static struct db *db;

static int begin_suite(void)
{
    db = fresh_db(&settings);
    return db_script(db, make);
}

static int end_suite(void)
{
    drop_db(db, &settings);
    return 0;
}

static void empty_table(void)
{
    OK(db_script(db, "DELETE FROM thing"));
}

#define TIMES4(text) text text text text

/* One row of values; the awkward ones of every type beside NULL, and short after long. */
struct values {
    int64_t i;
    int8_t small;
    double d;
    const char *t;
    size_t t_len; /* where t is repeated up to this length; 0: as it is */
    int32_t date;
    int64_t time;
    const char *json;
};

static const struct values cases[] = {
    {1, 1, 5e-324, "a", 0, 0, 0, "{}"},
    {INT64_MAX, 0, 1.7976931348623157e308, "", 0, -1, -1, "[]"},
    {INT_NONE, BOOL_NONE, NAN, NULL, 0, DATE_NONE, TIME_NONE, NULL},
    {INT64_MIN + 1, 1, -2.2250738585072014e-308, "gr\xc3\xbcn \xf0\x9f\x94\xa9", 0, -354285,
     -1234567890123456, "{\"a\":\"\\u0000\"}"},
    {-1, 0, 0.1, "x", 255, 2932896, 253402300799999999, "1.50"},
    {0, 0, 2.385, "xy", 256, 19782, 999999, "null"},
    {42, 1, 0.30000000000000004, "xyz", 257, 19782, 86399999999, "\"\""},
    {INT_NONE, BOOL_NONE, NAN, NULL, 0, DATE_NONE, TIME_NONE, NULL},
    {7, 1, -1e-7, "gr\xc3\xbcn", 1300000, 11016, 951782400000001, "{\"b\":1,\"a\":2}"},
    {8, 0, 9007199254740993.0, "short", 0, 11017, 951868800000000, "[1,2]"},
    {9, 0, -0.0, "'; DROP TABLE thing; --", 0, 1, 1, "false"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static char *long_text(const struct values *v)
{
    if (!v->t)
        return NULL;
    size_t unit = strlen(v->t), len = v->t_len ? v->t_len / unit * unit : unit;
    char *text = malloc(len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = v->t[i % unit];
    text[len] = 0;
    return text;
}

static void check_row(const struct db_rows *rows, const struct values *v, struct uuid id)
{
    size_t len;
    char *text = long_text(v);
    CU_ASSERT_EQUAL(db_get_int(rows, 0), v->i);
    CU_ASSERT_EQUAL(db_is_null(rows, 1), v->small == BOOL_NONE);
    CU_ASSERT(v->small == BOOL_NONE || db_get_int(rows, 1) == v->small);
    double d = db_get_num(rows, 2);
    CU_ASSERT(isnan(v->d) ? isnan(d) : d == v->d); /* -0.0 comes back as 0.0 */
    CU_ASSERT(isnan(v->d) ? isnan(db_get_num(rows, 3)) : db_get_num(rows, 3) == 1234.567891);
    const char *got = db_get_text(rows, 4, &len);
    CU_ASSERT_EQUAL(!got, !text);
    CU_ASSERT(!text || (len == strlen(text) && !memcmp(got, text, len + 1)));
    got = db_get_text(rows, 5, &len);
    CU_ASSERT(text ? len == 4 && !memcmp(got, "a\0b\xff", 4) : !got);
    got = db_get_text(rows, 6, &len);
    CU_ASSERT(text ? len == 4 && !memcmp(got, "\0\1\2 ", 4) : !got);
    struct uuid want = text ? id : (struct uuid){{0}}, have = db_get_uuid(rows, 7);
    CU_ASSERT(uuid_equal(&want, &have));
    CU_ASSERT_EQUAL(db_get_date(rows, 8), v->date);
    CU_ASSERT_EQUAL(db_get_time(rows, 9), v->time);
    got = db_get_text(rows, 10, NULL);
    CU_ASSERT(v->json ? got && !strcmp(got, v->json) : !got);
    free(text);
}

static void test_round_trip(void)
{
    struct uuid ids[CASES];
    empty_table();
    for (int k = 0; k < CASES; k++) {
        const struct values *v = &cases[k];
        char *text = long_text(v);
        ids[k] = uuid_v7();
        OK(db_run(db, &insert,
                  DB_ARGS(db_int(k), db_int(v->i), db_bool(v->small), db_num(v->d),
                          db_num(isnan(v->d) ? NAN : 1234.567891), db_text(text),
                          db_blob(text ? "a\0b\xff" : NULL, 4), db_blob(text ? "\0\1\2 " : NULL, 4),
                          db_uuid(text ? ids[k] : (struct uuid){{0}}), db_date(v->date),
                          db_time(v->time), db_text(v->json))));
        CU_ASSERT_EQUAL(db_affected(db), 1);
        free(text);
    }
    struct db_rows *rows;
    int k = 0;
    OK(db_query(db, &rows, &select_all, DB_NO_ARGS));
    for (; k < CASES && db_next(rows); k++)
        check_row(rows, &cases[k], ids[k]);
    CU_ASSERT_EQUAL(k, CASES);
    CU_ASSERT(!db_next(rows));
    OK(db_end(rows));
}

enum { MANY = 2500 };

struct bulk_row {
    int64_t id, i, small;
    double d, money;
    const char *t;
    struct field_raw b, fixed;
    struct uuid u;
    int32_t day;
    int64_t at;
    const char *json;
};

#define COLUMN(kind, member)                                                                       \
    {                                                                                              \
        kind, &rows[0].member, sizeof rows[0]                                                      \
    }
#define COLUMNS                                                                                    \
    {                                                                                              \
        COLUMN(DB_INT, id), COLUMN(DB_INT, i), COLUMN(DB_INT, small), COLUMN(DB_NUM, d),           \
            COLUMN(DB_NUM, money), COLUMN(DB_TEXT, t), COLUMN(DB_BLOB, b), COLUMN(DB_BLOB, fixed), \
            COLUMN(DB_UUID, u), COLUMN(DB_DATE, day), COLUMN(DB_TIME, at), COLUMN(DB_TEXT, json)   \
    }

/* Rows whose columns are NULL one after the other: column c of row r where r % 13 == c. */
static struct bulk_row *bulk_rows(struct uuid *ids)
{
    struct bulk_row *rows = calloc(MANY, sizeof *rows);
    for (int k = 0; k < MANY; k++) {
        int hole = k % 13;
        const struct values *v = &cases[k % 2];
        ids[k] = uuid_v7();
        rows[k] = (struct bulk_row){
            .id = k,
            .i = hole == 1 ? INT_NONE : v->i,
            .small = hole == 2 ? INT_NONE : v->small,
            .d = hole == 3 ? NAN : v->d,
            .money = hole == 4 ? NAN : 1234.567891,
            .t = hole == 5 ? NULL : v->t,
            .b = hole == 6 ? (struct field_raw){NULL, 0} : (struct field_raw){"a\0b\xff", 4},
            .fixed = hole == 7 ? (struct field_raw){NULL, 0} : (struct field_raw){"\0\1\2 ", 4},
            .u = hole == 8 ? (struct uuid){{0}} : ids[k],
            .day = hole == 9 ? DATE_NONE : v->date,
            .at = hole == 10 ? TIME_NONE : v->time,
            .json = hole == 11 ? NULL : v->json,
        };
    }
    return rows;
}

static void test_bulk(void)
{
    static struct uuid ids[MANY];
    struct bulk_row *rows = bulk_rows(ids);
    const struct db_column columns[] = COLUMNS;
    empty_table();
    OK(db_bulk(db, &insert, columns, 12, MANY));
    CU_ASSERT_EQUAL(db_affected(db), MANY);
    struct db_rows *got;
    int k = 0;
    OK(db_query(db, &got, &select_all, DB_NO_ARGS));
    for (; k < MANY && db_next(got); k++) {
        unsigned hole = (unsigned)(k % 13), nulls = 0;
        for (unsigned c = 0; c < 11; c++)
            nulls += db_is_null(got, c);
        CU_ASSERT_EQUAL(nulls, hole >= 1 && hole <= 11);
        if (hole >= 1 && hole <= 11)
            CU_ASSERT(db_is_null(got, hole - 1));
        if (hole == 0 || hole == 12)
            check_row(got, &cases[k % 2], ids[k]);
    }
    CU_ASSERT_EQUAL(k, MANY);
    OK(db_end(got));
    /* the same statement for one row afterwards */
    OK(db_run(db, &insert,
              DB_ARGS(db_int(MANY), db_int(5), db_int(1), db_num(1), db_num(1), db_text("t"),
                      db_blob("b", 1), db_blob("1234", 4), db_uuid(ids[0]), db_date(0), db_time(0),
                      db_text("{}"))));
    CU_ASSERT_EQUAL(one_int(db, &count), MANY + 1);
    free(rows);
}

/* 24 MB in rows of 1 MB: more than a packet may hold */
static void test_bulk_wide(void)
{
    enum { ROWS = 24, WIDE = 1 << 20 };
    static const struct sql wide = {"INSERT INTO thing (id, t) VALUES (?, ?)"};
    static const struct sql bytes = {"SELECT SUM(LENGTH(t)) FROM thing"};
    char *text = malloc(WIDE + 1);
    memset(text, 'w', WIDE);
    text[WIDE] = 0;
    struct {
        int64_t id;
        const char *t;
    } rows[ROWS];
    for (int k = 0; k < ROWS; k++) {
        rows[k].id = k;
        rows[k].t = text;
    }
    const struct db_column columns[] = {COLUMN(DB_INT, id), COLUMN(DB_TEXT, t)};
    empty_table();
    OK(db_bulk(db, &wide, columns, 2, ROWS));
    CU_ASSERT_EQUAL(one_int(db, &bytes), (int64_t)ROWS * WIDE);
    empty_table();
    free(text);
}

struct bulk_call {
    const struct db_column *columns;
    size_t n;
};

static enum err bulk_body(void *context)
{
    const struct bulk_call *call = context;
    enum err err = db_run(db, &insert_id, DB_ARGS(db_int(-5), db_int(1)));
    return err ? err : db_bulk(db, &insert, call->columns, 12, call->n);
}

static void test_bulk_duplicate(void)
{
    static struct uuid ids[MANY];
    struct bulk_row *rows = bulk_rows(ids);
    const struct db_column columns[] = COLUMNS;
    rows[2345].id = 17;
    empty_table();
    bool unknown;
    IS(db_transact(db, bulk_body, &(struct bulk_call){columns, MANY}, &unknown), ERR_DUPLICATE);
    CU_ASSERT(!unknown);
    CU_ASSERT_EQUAL(one_int(db, &count), 0);
    rows[2345].id = 2345;
    OK(db_transact(db, bulk_body, &(struct bulk_call){columns, MANY}, &unknown));
    CU_ASSERT_EQUAL(one_int(db, &count), MANY + 1);
    OK(db_bulk(db, &insert, columns, 12, 0));
    free(rows);
}

static void test_errors(void)
{
    static const struct sql too_long = {"INSERT INTO narrow (id, t) VALUES (?, ?)"};
    static const struct sql child = {"INSERT INTO child (id, parent) VALUES (?, ?)"};
    static const struct sql drop_parent = {"DELETE FROM narrow WHERE id = ?"};
    static const struct sql wrong = {"SELECT no_such_column FROM thing"};
    empty_table();
    OK(db_script(db, "CREATE TABLE narrow (id INT PRIMARY KEY, t VARCHAR(3))"));
    OK(db_script(db, "CREATE TABLE child (id INT PRIMARY KEY, parent INT,"
                     " FOREIGN KEY (parent) REFERENCES narrow (id))"));
    OK(db_run(db, &too_long, DB_ARGS(db_int(1), db_text("abc"))));
    IS(db_run(db, &too_long, DB_ARGS(db_int(1), db_text("abc"))), ERR_DUPLICATE);
    CU_ASSERT_EQUAL(db_error(db), 1062);
    IS(db_run(db, &too_long, DB_ARGS(db_int(2), db_text("abcd"))), ERR_INTERNAL); /* never cut */
    IS(db_run(db, &child, DB_ARGS(db_int(1), db_int(99))), ERR_CONFLICT);
    OK(db_run(db, &child, DB_ARGS(db_int(1), db_int(1))));
    IS(db_run(db, &drop_parent, DB_ARGS(db_int(1))), ERR_CONFLICT);
    IS(db_script(db, "CREATE TABLE narrow (id INT)"), ERR_CONFLICT);
    CU_ASSERT_EQUAL(db_error(db), 1050);
    CU_ASSERT_PTR_NOT_NULL(strstr(db_error_text(db), "narrow"));
    IS(db_script(db, "CREATE TABLE (("), ERR_INTERNAL);
    struct db_rows *rows;
    IS(db_query(db, &rows, &wrong, DB_NO_ARGS), ERR_INTERNAL);
    IS(db_query_one(db, &rows, &select_i, DB_ARGS(db_int(1))), ERR_NOT_FOUND);
    OK(db_script(db, "SELECT 1"));
    OK(db_script(db, "DROP TABLE child"));
    OK(db_script(db, "DROP TABLE narrow"));
    CU_ASSERT(db_ping(db));
}

static void test_rows(void)
{
    empty_table();
    for (int k = 0; k < 20; k++)
        OK(db_run(db, &insert_id, DB_ARGS(db_int(k), db_int(k * k))));
    struct db_rows *rows;
    /* a result that is left in the middle does not disturb the next statement */
    OK(db_query(db, &rows, &select_all, DB_NO_ARGS));
    CU_ASSERT(db_next(rows));
    OK(db_query_one(db, &rows, &select_i, DB_ARGS(db_int(4))));
    CU_ASSERT_EQUAL(db_get_int(rows, 0), 16);
    CU_ASSERT_EQUAL(db_get_num(rows, 0), 16.0);
    OK(db_end(rows));
    /* rows matched, not rows changed */
    OK(db_run(db, &set_i, DB_ARGS(db_int(16), db_int(4))));
    CU_ASSERT_EQUAL(db_affected(db), 1);
    OK(db_run(db, &set_i, DB_ARGS(db_int(16), db_int(400))));
    CU_ASSERT_EQUAL(db_affected(db), 0);
}

struct body {
    int runs, fail_runs; /* or rows read */
    enum err err;
    struct db *other;
};

static enum err counting_body(void *context)
{
    struct body *body = context;
    body->runs++;
    enum err err = db_run(db, &insert_id, DB_ARGS(db_int(body->runs), db_int(1)));
    if (err)
        return err;
    return body->runs <= body->fail_runs ? body->err : ERR_OK;
}

static void test_transact(void)
{
    static const struct {
        int fail_runs;
        enum err err, want;
        int runs, rows;
    } table[] = {
        {0, ERR_OK, ERR_OK, 1, 1},
        {12, ERR_CONFLICT, ERR_CONFLICT, 1, 0},
        {12, ERR_NOT_FOUND, ERR_NOT_FOUND, 1, 0},
        {3, ERR_RETRY, ERR_OK, 4, 1},
        {11, ERR_RETRY, ERR_OK, 12, 1},
        {12, ERR_RETRY, ERR_UNAVAILABLE, 12, 0},
    };
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        struct body body = {.fail_runs = table[k].fail_runs, .err = table[k].err};
        int64_t before = db_retries(db);
        bool unknown = true;
        empty_table();
        IS(db_transact(db, counting_body, &body, &unknown), table[k].want);
        CU_ASSERT(!unknown);
        CU_ASSERT_EQUAL(body.runs, table[k].runs);
        CU_ASSERT_EQUAL(db_retries(db) - before, table[k].runs - 1);
        CU_ASSERT_EQUAL(one_int(db, &count), table[k].rows);
    }
}

/* Reads row 1; then, in the first run, another session changes row id. */
static enum err read_stale(struct body *body, int64_t id, int64_t *i)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, &select_i, DB_ARGS(db_int(1)));
    if (err)
        return err;
    *i = db_get_int(rows, 0);
    if (!body->runs++)
        OK(db_run(body->other, &add_i, DB_ARGS(db_int(id))));
    return db_end(rows);
}

static enum err stale_body(void *context)
{
    int64_t i;
    enum err err = read_stale(context, 1, &i);
    return err ? err : db_run(db, &set_i, DB_ARGS(db_int(i + 1), db_int(1)));
}

/* The change is met while rows come in: the server found the first ones good. */
static enum err stale_rows_body(void *context)
{
    static const struct sql lock_all = {"SELECT i FROM thing WHERE id > ? ORDER BY id FOR UPDATE"};
    struct body *body = context;
    struct db_rows *rows;
    int64_t i;
    enum err err = read_stale(body, 3, &i);
    if (!err)
        err = db_query(db, &rows, &lock_all, DB_ARGS(db_int(0)));
    if (err)
        return err;
    for (body->fail_runs = 0; db_next(rows);)
        body->fail_runs++;
    return db_end(rows);
}

static void test_lost_update(void)
{
    struct body body = {.other = db_open(&settings, DB_SERVICE)};
    bool unknown;
    empty_table();
    OK(db_run(db, &insert_id, DB_ARGS(db_int(1), db_int(40))));
    OK(db_transact(db, stale_body, &body, &unknown));
    CU_ASSERT_EQUAL(body.runs, 2);
    struct db_rows *rows;
    OK(db_query_one(db, &rows, &select_i, DB_ARGS(db_int(1))));
    CU_ASSERT_EQUAL(db_get_int(rows, 0), 42);
    OK(db_end(rows));
    OK(db_run(db, &insert_id, DB_ARGS(db_int(3), db_int(40))));
    body.runs = 0;
    OK(db_transact(db, stale_rows_body, &body, &unknown));
    CU_ASSERT_EQUAL(body.runs, 2);
    CU_ASSERT_EQUAL(body.fail_runs, 2);
    db_close(body.other);
}

struct crossing {
    struct db *db;
    int first, second; /* rows in the order of locking */
    int hear, tell;    /* pipes */
    int runs;
};

static enum err crossing_body(void *context)
{
    struct crossing *crossing = context;
    struct db_rows *rows;
    char byte = 0;
    enum err err = db_query_one(crossing->db, &rows, &lock_i, DB_ARGS(db_int(crossing->first)));
    if (!err)
        err = db_end(rows);
    if (err)
        return err;
    /* in the first run both hold their first row before either asks for its second */
    if (!crossing->runs++)
        if (write(crossing->tell, &byte, 1) != 1 || read(crossing->hear, &byte, 1) != 1)
            return ERR_INTERNAL;
    err = db_run(crossing->db, &add_i, DB_ARGS(db_int(crossing->second)));
    return err ? err : db_run(crossing->db, &add_i, DB_ARGS(db_int(crossing->first)));
}

static void test_deadlock(void)
{
    int down[2], up[2], status;
    bool unknown;
    CU_ASSERT_EQUAL_FATAL(pipe(down) | pipe(up), 0);
    empty_table();
    OK(db_run(db, &insert_id, DB_ARGS(db_int(1), db_int(0))));
    OK(db_run(db, &insert_id, DB_ARGS(db_int(2), db_int(0))));
    pid_t child = fork();
    if (!child) {
        struct crossing crossing = {db_open(&settings, DB_SERVICE), 2, 1, down[0], up[1], 0};
        enum err err = db_transact(crossing.db, crossing_body, &crossing, &unknown);
        db_close(crossing.db);
        _exit(err ? 100 : crossing.runs);
    }
    struct crossing crossing = {db, 1, 2, up[0], down[1], 0};
    OK(db_transact(db, crossing_body, &crossing, &unknown));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    CU_ASSERT(WIFEXITED(status));
    /* one of the two was chosen as victim and ran twice */
    CU_ASSERT_EQUAL(WEXITSTATUS(status) + crossing.runs, 3);
    static const struct sql sum = {"SELECT MIN(i) * 10 + MAX(i) FROM thing"};
    CU_ASSERT_EQUAL(one_int(db, &sum), 22);
    close(down[0]);
    close(down[1]);
    close(up[0]);
    close(up[1]);
}

void suite_store_db(void)
{
    CU_pSuite suite = CU_add_suite("store_db", begin_suite, end_suite);
    CU_add_test(suite, "round trip", test_round_trip);
    CU_add_test(suite, "bulk", test_bulk);
    CU_add_test(suite, "bulk, wide rows", test_bulk_wide);
    CU_add_test(suite, "bulk, duplicate", test_bulk_duplicate);
    CU_add_test(suite, "errors", test_errors);
    CU_add_test(suite, "rows", test_rows);
    CU_add_test(suite, "transactions", test_transact);
    CU_add_test(suite, "lost update", test_lost_update);
    CU_add_test(suite, "deadlock", test_deadlock);
}
