/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the store suites, or those named, against the private server in DIR. */
#include "store_test.h"

#include "arena.h"
#include "buf.h"
#include "log.h"
#include "store_schema.h"

#include <CUnit/Basic.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *directory, *script;

static const struct {
    const char *name;
    void (*suite)(void);
} suites[] = {
    {"db", suite_store_db},         {"schema", suite_store_schema},
    {"key", suite_store_key},       {"list", suite_store_list},
    {"part", suite_store_part},     {"pieces", suite_store_pieces},
    {"tenant", suite_store_tenant}, {"labeling", suite_labeling_queue},
    {"seat", suite_labeling_seat},  {"lost", suite_store_db_lost},
};

/* Outside a test nothing can be asserted. */
static void must(struct db *db, enum err err)
{
    if (!err)
        return;
    fprintf(stderr, "store: %s\n", db_error_text(db));
    exit(2);
}

struct settings fresh_settings(void)
{
    static int number;
    char line[3][160];
    const char *overrides[] = {line[0], line[1], line[2], "db_user=root", "db_admin_user=root"};
    snprintf(line[0], sizeof line[0], "db_socket=%s/s", directory);
    snprintf(line[1], sizeof line[1], "db_name=test`%d", ++number);
    snprintf(line[2], sizeof line[2], "state_dir=%s", directory);
    struct settings settings;
    struct buf faults = {0};
    if (settings_load(&settings, NULL, overrides, 5, &faults)) {
        fputs(buf_text(&faults), stderr);
        exit(2);
    }
    return settings;
}

struct db *fresh_db(struct settings *settings)
{
    char text[128];
    *settings = fresh_settings();
    struct db *admin = db_open(settings, DB_ADMIN);
    const char *tick = strchr(settings->db_name, '`');
    snprintf(text, sizeof text, "CREATE DATABASE `test`%s`", tick);
    must(admin, db_script(admin, text));
    db_close(admin);
    return db_open(settings, DB_SERVICE);
}

void drop_db(struct db *db, struct settings *settings)
{
    char text[128];
    snprintf(text, sizeof text, "DROP DATABASE `test`%s`", strchr(settings->db_name, '`'));
    must(db, db_script(db, text));
    db_close(db);
    settings_clear(settings);
}

void server(const char *what)
{
    char command[512];
    snprintf(command, sizeof command, "'%s' %s '%s'", script, what, directory);
    if (system(command)) {
        fprintf(stderr, "store: %s failed\n", command);
        exit(2);
    }
}

int64_t one_int(struct db *db, const struct sql *sql)
{
    struct db_rows *rows;
    if (db_query_one(db, &rows, sql, DB_NO_ARGS))
        return INT_NONE;
    int64_t value = db_get_int(rows, 0);
    return db_end(rows) ? INT_NONE : value;
}

void check_plan(struct db *db, struct arena *arena, const struct sql *sql,
                const struct db_value *args, size_t n_args, const struct step *steps, size_t n)
{
    struct db_rows *rows;
    size_t i = 0;
    struct sql *explain = ARENA_NEW(arena, struct sql); /* its address is its name */
    explain->text = arena_printf(arena, "EXPLAIN %s", sql->text);
    OK(db_query(db, &rows, explain, args, n_args));
    for (; db_next(rows) && i < n; i++) {
        CU_ASSERT_STRING_EQUAL(db_get_text(rows, 2, NULL), steps[i].table);
        CU_ASSERT_STRING_EQUAL(db_get_text(rows, 3, NULL), steps[i].access);
        const char *key = db_get_text(rows, 5, NULL);
        CU_ASSERT_STRING_EQUAL(key ? key : "none", steps[i].key);
        const char *extra = db_get_text(rows, 9, NULL);
        CU_ASSERT_PTR_NULL(strstr(extra, "filesort"));
        CU_ASSERT_PTR_NULL(strstr(extra, "temporary"));
    }
    OK(db_end(rows));
    IS(i, n);
}

void migrated(const struct settings *settings)
{
    struct schema_run run = {.files = schema_files, .n_files = schema_files_n};
    enum err err = store_schema_migrate(settings, &run);
    if (err)
        fprintf(stderr, "%s\n", buf_text(&run.why));
    buf_clear(&run.why);
    if (err)
        exit(2);
}

int main(int argc, char **argv)
{
    if (argc < 3 || sodium_init() < 0 || CU_initialize_registry() != CUE_SUCCESS) {
        fprintf(stderr, "usage: %s DIR SERVER-SCRIPT [SUITE...]\n", argv[0]);
        return 2;
    }
    directory = argv[1];
    script = argv[2];
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++) {
        bool wanted = argc == 3;
        for (int k = 3; k < argc; k++)
            wanted |= !strcmp(argv[k], suites[i].name);
        if (wanted)
            suites[i].suite();
    }
    /* failures are provoked all the time: the log is only in the way */
    log_setup(false, getenv("COSTWRIGHT_TEST_LOG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR + 1);
    setvbuf(stdout, NULL, _IOLBF, 0);
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned run = CU_get_number_of_tests_run(), failed = CU_get_number_of_tests_failed();
    CU_basic_show_failures(CU_get_failure_list());
    CU_cleanup_registry();
    printf("\nstore: %u passed, %u failed\n", run - failed, failed);
    return failed || !run;
}
