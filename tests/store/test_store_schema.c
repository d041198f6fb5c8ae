/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_schema.c: the migration runner, killed, raced and lied to */
#include "store_test.h"

#include "arena.h"
#include "store_schema.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Definitions and changes of rows, some of which must not happen twice. */
static const struct schema_file files[] = {
    {1, "first",
     "-- a comment; with a semicolon\n"
     "CREATE TABLE t (id INT PRIMARY KEY COMMENT 'it''s; here', n INT NOT NULL, gone INT);\n"
     "INSERT INTO t (id, n) VALUES (1, 10), (2, 20);\n"
     "UPDATE t SET n = n + 1;\n"
     "CREATE TABLE dropped (id INT PRIMARY KEY);\n"},
    {2, "second",
     "ALTER TABLE t ADD COLUMN m INT NULL;\n"
     "ALTER TABLE t ADD INDEX t_n (n);\n"
     "ALTER TABLE t DROP COLUMN gone;\n"
     "UPDATE t SET m = COALESCE(m, 0) + n;\n"
     "DROP TABLE dropped"},
    {3, "third", "INSERT INTO t (id, n, m) SELECT id + 2, n, m FROM t;\n"},
};
enum { FILES = 3, STATEMENTS = 10 };

/* 11, 21 in n and m, four rows, one index beside the key, three columns, one table of ours */
static const struct sql rows_sum = {"SELECT COUNT(*) * 1000000 + SUM(n) * 1000 + SUM(m) FROM t"};
static const struct sql shape_sum = {
    "SELECT (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND"
    " table_name = 't') * 100 + (SELECT COUNT(*) FROM information_schema.statistics WHERE"
    " table_schema = DATABASE() AND table_name = 't') * 10 + (SELECT COUNT(*) FROM"
    " information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ('t',"
    " 'dropped'))"};
static const struct sql begun_sum = {"SELECT SUM(begun) * 100 + SUM(finished) FROM"
                                     " schema_migration WHERE state = 'applied'"};

static void check_whole(struct db *db)
{
    int version;
    CU_ASSERT_EQUAL(one_int(db, &rows_sum), 4064064);
    CU_ASSERT_EQUAL(one_int(db, &shape_sum), 321);
    CU_ASSERT_EQUAL(one_int(db, &begun_sum), STATEMENTS * 101);
    OK(store_schema_version(db, &version));
    CU_ASSERT_EQUAL(version, FILES);
}

static enum err migrate(const struct settings *settings, const struct schema_file *what, size_t n,
                        int *applied, char why[512])
{
    struct schema_run run = {.files = what, .n_files = n};
    enum err err = store_schema_migrate(settings, &run);
    *applied = run.applied;
    snprintf(why, 512, "%s", buf_text(&run.why));
    buf_clear(&run.why);
    return err;
}

static void test_statements(void)
{
    static const struct {
        const char *text, *want[4];
    } table[] = {
        {"", {NULL}},
        {" ;;\n; ", {NULL}},
        {"-- only a comment", {NULL}},
        {"A", {"A"}},
        {"A;", {"A"}},
        {" A ;\n B\n;C", {"A", "B", "C"}},
        {"-- x; y\n# z;\n/* ; */ A 'a;b' \"c;d\" `e;f`; B", {"A 'a;b' \"c;d\" `e;f`", "B"}},
        {"A 'it''s; one'; B", {"A 'it''s; one'", "B"}},
        {"A 'it\\'s; one'; B", {"A 'it\\'s; one'", "B"}},
        {"A -- c;\n 1 - -1 --2; B", {"A -- c;\n 1 - -1 --2", "B"}},
        {"A /* ; ' */ x; B", {"A /* ; ' */ x", "B"}},
        {"A `\\`; B", {"A `\\`", "B"}},
        {"A 'open; B", {"A 'open; B"}},
        {"A /* open; B", {"A /* open; B"}},
    };
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        const char *at = table[k].text;
        size_t len;
        for (int i = 0; i < 4; i++) {
            const char *got = store_schema_statement(&at, &len), *want = table[k].want[i];
            CU_ASSERT_EQUAL(!got, !want);
            CU_ASSERT(!got || !want || (strlen(want) == len && !strncmp(got, want, len)));
        }
    }
}

static void test_fresh(void)
{
    struct settings settings = fresh_settings();
    struct db *db = db_open(&settings, DB_SERVICE), *admin = db_open(&settings, DB_ADMIN);
    int applied, version;
    char why[512];
    OK(store_schema_version(admin, &version)); /* before the database is there */
    CU_ASSERT_EQUAL(version, 0);
    OK(migrate(&settings, files, FILES, &applied, why));
    CU_ASSERT_EQUAL(applied, FILES);
    check_whole(db);
    OK(migrate(&settings, files, FILES, &applied, why));
    CU_ASSERT_EQUAL(applied, 0);
    check_whole(db);
    struct arena *arena = arena_new();
    struct schema_row *rows;
    size_t n;
    OK(store_schema_list(db, arena, &rows, &n));
    CU_ASSERT_EQUAL_FATAL(n, FILES);
    for (size_t i = 0; i < n; i++) {
        char checksum[SCHEMA_CHECKSUM];
        store_schema_checksum(&files[i], checksum);
        CU_ASSERT_STRING_EQUAL(rows[i].checksum, checksum);
        CU_ASSERT_STRING_EQUAL(rows[i].name, files[i].name);
        CU_ASSERT_STRING_EQUAL(rows[i].state, "applied");
        CU_ASSERT(rows[i].started_at <= rows[i].finished_at);
    }
    arena_free(arena);
    db_close(admin);
    drop_db(db, &settings);
}

/* The schema of the product, and the rules of its house. */
static void test_product(void)
{
    static const struct sql bare = {
        "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND"
        " column_comment = ''"};
    static const struct sql keyless = {
        "SELECT COUNT(*) FROM information_schema.tables t WHERE t.table_schema = DATABASE() AND"
        " (t.engine <> 'InnoDB' OR NOT EXISTS (SELECT * FROM information_schema.statistics s WHERE"
        " s.table_schema = t.table_schema AND s.table_name = t.table_name AND s.index_name ="
        " 'PRIMARY'))"};
    static const struct sql tables = {
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"};
    struct settings settings = fresh_settings();
    migrated(&settings);
    struct db *db = db_open(&settings, DB_SERVICE);
    int version;
    OK(store_schema_version(db, &version));
    CU_ASSERT_EQUAL(version, store_schema_needed());
    CU_ASSERT_EQUAL((size_t)version, schema_files_n);
    CU_ASSERT(one_int(db, &tables) > 10);
    CU_ASSERT_EQUAL(one_int(db, &bare), 0);
    CU_ASSERT_EQUAL(one_int(db, &keyless), 0);
    drop_db(db, &settings);
}

struct killing {
    int version, statement;
    enum schema_step step;
};

static void kill_here(void *context, const struct schema_file *file, int statement,
                      enum schema_step step)
{
    const struct killing *killing = context;
    if (file->version == killing->version && statement == killing->statement &&
        step == killing->step)
        raise(SIGKILL);
}

/* A runner in a process of its own, which kills itself; true when it came to that. */
static bool killed(const struct settings *settings, const struct schema_file *what, size_t n,
                   struct killing killing)
{
    int status;
    pid_t child = fork();
    if (!child) {
        struct schema_run run = {
            .files = what, .n_files = n, .watch = kill_here, .context = &killing};
        _exit(store_schema_migrate(settings, &run));
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void test_killed(void)
{
    int count = 0;
    for (int k = 0; k < FILES; k++) {
        const char *at = files[k].text;
        size_t len;
        for (int statement = 1; store_schema_statement(&at, &len); statement++)
            for (enum schema_step step = SCHEMA_BEGUN; step <= SCHEMA_RECORDED; step++) {
                struct settings settings = fresh_settings();
                struct killing killing = {files[k].version, statement, step};
                int applied;
                char why[512];
                CU_ASSERT(killed(&settings, files, FILES, killing));
                /* what is half done does not pass for done */
                struct db *db = db_open(&settings, DB_SERVICE);
                int version;
                OK(store_schema_version(db, &version));
                CU_ASSERT_EQUAL(version, k);
                OK(migrate(&settings, files, FILES, &applied, why));
                CU_ASSERT_EQUAL(applied, FILES - k);
                check_whole(db);
                drop_db(db, &settings);
                count++;
            }
    }
    CU_ASSERT_EQUAL(count, 3 * STATEMENTS);
}

/* A second kill while the first one's work is being resumed. */
static void test_killed_twice(void)
{
    struct settings settings = fresh_settings();
    int applied;
    char why[512];
    CU_ASSERT(killed(&settings, files, FILES, (struct killing){2, 2, SCHEMA_DONE}));
    CU_ASSERT(killed(&settings, files, FILES, (struct killing){2, 2, SCHEMA_DONE}));
    CU_ASSERT(killed(&settings, files, FILES, (struct killing){2, 2, SCHEMA_BEGUN}));
    OK(migrate(&settings, files, FILES, &applied, why));
    struct db *db = db_open(&settings, DB_SERVICE);
    check_whole(db);
    drop_db(db, &settings);
}

static void test_refused(void)
{
    static const struct sql as_newer = {
        "INSERT INTO schema_migration (version, name, checksum, state, runner, begun, finished,"
        " started_at) SELECT 4, 'fourth', checksum, state, runner, 0, 0, started_at FROM"
        " schema_migration WHERE version = 1"};
    static const struct sql drop_second = {"DELETE FROM schema_migration WHERE version = 2"};
    struct settings settings = fresh_settings();
    struct schema_file changed[FILES];
    int applied;
    char why[512];
    memcpy(changed, files, sizeof files);
    OK(migrate(&settings, files, 2, &applied, why));
    changed[0].text = "CREATE TABLE other (id INT PRIMARY KEY)";
    IS(migrate(&settings, changed, FILES, &applied, why), ERR_CONFLICT);
    CU_ASSERT_EQUAL(applied, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "0001_first"));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "must not be changed"));
    OK(migrate(&settings, files, FILES, &applied, why));
    CU_ASSERT_EQUAL(applied, 1);
    struct db *db = db_open(&settings, DB_SERVICE);
    check_whole(db);
    IS(migrate(&settings, files, 2, &applied, why), ERR_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "newer"));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "0003_third"));
    OK(db_run(db, &as_newer, DB_NO_ARGS));
    IS(migrate(&settings, files, FILES, &applied, why), ERR_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "0004_fourth"));
    OK(db_script(db, "DELETE FROM schema_migration WHERE version = 4"));
    OK(db_run(db, &drop_second, DB_NO_ARGS));
    IS(migrate(&settings, files, FILES, &applied, why), ERR_CONFLICT);
    drop_db(db, &settings);
}

/* A statement that fails is an error each time, whether or not it says "exists". */
static void test_failing(void)
{
    static const struct {
        const char *text, *why;
    } table[] = {
        {"CREATE TABLE mine (id INT PRIMARY KEY); CREATE TABLE there (id INT)",
         "statement 2: 1050"},
        {"CREATE TABLE mine (id INT PRIMARY KEY); NO SUCH STATEMENT", "statement 2: 1064"},
        {"CREATE TABLE mine (id INT PRIMARY KEY); INSERT INTO there (id) VALUES (1)", "1062"},
        {"CREATE TABLE mine (id INT PRIMARY KEY); ALTER TABLE there ADD UNIQUE (n)", "1062"},
        {"CREATE TABLE mine (id INT PRIMARY KEY); DROP TABLE nowhere", "statement 2: 1051"},
    };
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        struct schema_file file = {1, "bad", table[k].text};
        struct settings settings;
        struct db *db = fresh_db(&settings);
        int applied, version;
        char why[512];
        OK(db_script(db, "CREATE TABLE there (id INT PRIMARY KEY, n INT DEFAULT 5)"));
        OK(db_script(db, "INSERT INTO there (id) VALUES (1), (2)"));
        for (int again = 0; again < 3; again++) {
            IS(migrate(&settings, &file, 1, &applied, why), ERR_INTERNAL);
            CU_ASSERT_PTR_NOT_NULL(strstr(why, "0001_bad"));
            CU_ASSERT_PTR_NOT_NULL(strstr(why, table[k].why));
            OK(store_schema_version(db, &version));
            CU_ASSERT_EQUAL(version, 0);
        }
        drop_db(db, &settings);
    }
    /* duplicates in rows are no sign that a key was made, not even after a crash */
    struct schema_file file = {1, "bad",
                               "CREATE TABLE t (id INT PRIMARY KEY, n INT);"
                               "INSERT INTO t VALUES (1, 5), (2, 5); ALTER TABLE t ADD UNIQUE (n)"};
    struct settings settings = fresh_settings();
    int applied;
    char why[512];
    CU_ASSERT(killed(&settings, &file, 1, (struct killing){1, 3, SCHEMA_BEGUN}));
    IS(migrate(&settings, &file, 1, &applied, why), ERR_INTERNAL);
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "1062"));
    drop_db(db_open(&settings, DB_SERVICE), &settings);
}

/* Several at once: each ends well, everything is done once; with and without a lock row that an
   earlier runner left. */
static void race(bool earlier)
{
    enum { RUNNERS = 4 };
    static const struct schema_file slow[] = {
        {1, "slow",
         "CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL, m INT);"
         "INSERT INTO t (id, n, m) VALUES (1, 0, 0); SELECT SLEEP(0.3); UPDATE t SET n = n + 1"},
        {2, "more", "SELECT SLEEP(0.2); UPDATE t SET n = n + 1, m = m + 1"},
    };
    struct settings settings = fresh_settings();
    pid_t children[RUNNERS];
    int sum = 0, none;
    char nothing[512];
    if (earlier)
        OK(migrate(&settings, slow, 0, &none, nothing));
    for (int i = 0; i < RUNNERS; i++)
        if (!(children[i] = fork())) {
            int applied;
            char why[512];
            enum err err = migrate(&settings, slow, 2, &applied, why);
            _exit(err ? 100 : applied);
        }
    for (int i = 0; i < RUNNERS; i++) {
        int status;
        while (waitpid(children[i], &status, 0) < 0 && errno == EINTR)
            continue;
        CU_ASSERT(WIFEXITED(status));
        sum += WEXITSTATUS(status);
    }
    CU_ASSERT_EQUAL(sum, 2);
    struct db *db = db_open(&settings, DB_SERVICE);
    CU_ASSERT_EQUAL(one_int(db, &rows_sum), 1002001);
    drop_db(db, &settings);
}

static void test_race(void)
{
    race(false);
    race(true);
}

static void steal(void *context, const struct schema_file *file, int statement,
                  enum schema_step step)
{
    if (file->version == 2 && statement == 3 && step == SCHEMA_BEGUN)
        OK(db_script(context, "UPDATE schema_migration SET runner = UUID() WHERE version = 2"));
}

/* On a cluster a runner on another node may believe that this one is dead. */
static void test_overtaken(void)
{
    struct settings settings = fresh_settings();
    int applied;
    char why[512];
    OK(migrate(&settings, files, 1, &applied, why));
    struct db *db = db_open(&settings, DB_SERVICE);
    struct schema_run run = {.files = files, .n_files = FILES, .watch = steal, .context = db};
    IS(store_schema_migrate(&settings, &run), ERR_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(buf_text(&run.why), "taken over"));
    buf_clear(&run.why);
    OK(migrate(&settings, files, FILES, &applied, why));
    CU_ASSERT_EQUAL(applied, 2);
    check_whole(db);
    drop_db(db, &settings);
}

void suite_store_schema(void)
{
    CU_pSuite suite = CU_add_suite("store_schema", NULL, NULL);
    CU_add_test(suite, "statements of a file", test_statements);
    CU_add_test(suite, "fresh", test_fresh);
    CU_add_test(suite, "the product's schema", test_product);
    CU_add_test(suite, "killed at every step", test_killed);
    CU_add_test(suite, "killed twice", test_killed_twice);
    CU_add_test(suite, "refused", test_refused);
    CU_add_test(suite, "failing statements", test_failing);
    CU_add_test(suite, "race", test_race);
    CU_add_test(suite, "overtaken", test_overtaken);
}
