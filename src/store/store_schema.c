/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The migration runner. */
#include "store_schema.h"

#include "arena.h"
#include "settings.h"
#include "store_db.h"
#include "when.h"

#include <string.h>
#include <strings.h>

/* A runner waits this long, and up to six times, for another one. */
#define WAIT_SECONDS "10"

static const char make_lock[] =
    "CREATE TABLE IF NOT EXISTS schema_lock ("
    " id TINYINT NOT NULL COMMENT 'always 1: locked by the runner that works',"
    " PRIMARY KEY (id)"
    ") ENGINE=InnoDB COMMENT='at most one migration at a time'";
static const char make_migration[] =
    "CREATE TABLE IF NOT EXISTS schema_migration ("
    " version INT NOT NULL COMMENT 'number of the file',"
    " name VARCHAR(64) NOT NULL COMMENT 'topic of the file',"
    " checksum CHAR(64) NOT NULL COMMENT 'BLAKE2b-256 of the file, hexadecimal',"
    " state VARCHAR(8) NOT NULL COMMENT 'running or applied',"
    " runner UUID NOT NULL COMMENT 'who runs or ran it',"
    " begun INT NOT NULL COMMENT 'statements begun',"
    " finished INT NOT NULL COMMENT 'statements finished',"
    " started_at DATETIME(6) NOT NULL COMMENT 'UTC',"
    " finished_at DATETIME(6) NULL COMMENT 'UTC',"
    " PRIMARY KEY (version)"
    ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin"
    " COMMENT='files of the schema that were applied'";

static const struct sql insert_lock = {"INSERT IGNORE INTO schema_lock (id) VALUES (1)"};
static const struct sql lock = {"SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE"};
static const struct sql insert_row = {
    "INSERT INTO schema_migration (version, name, checksum, state, runner, begun, finished,"
    " started_at) VALUES (?, ?, ?, 'running', ?, 0, 0, ?)"};
static const struct sql take_over = {
    "UPDATE schema_migration SET runner = ? WHERE version = ? AND state = 'running'"};
static const struct sql set_begun = {"UPDATE schema_migration SET begun = ?"
                                     " WHERE version = ? AND runner = ? AND finished = ?"};
static const struct sql set_finished = {"UPDATE schema_migration SET finished = ?"
                                        " WHERE version = ? AND runner = ? AND begun = ?"};
static const struct sql set_applied = {
    "UPDATE schema_migration SET state = 'applied', finished_at = ?"
    " WHERE version = ? AND runner = ? AND begun = finished"};

/* A runner: two connections, so that the lock outlives the commits of the statements. */
struct runner {
    struct schema_run *run;
    const struct settings *settings;
    struct db *guard, *work;
    struct arena *arena;
    struct uuid id;
    enum err result;
};

/* A statement that runs inside a transaction of the runner's. */
struct step {
    struct runner *runner;
    const struct schema_file *file;
    const char *text;
    int number;
    bool doubtful; /* it may have been run before, without being counted */
};

static void watch(const struct step *step, enum schema_step what)
{
    const struct schema_run *run = step->runner->run;
    if (run->watch)
        run->watch(run->context, step->file, step->number, what);
}

/* One row was to be changed: none means that another runner has taken the file over. */
static enum err overtaken(struct runner *runner)
{
    buf_reset(&runner->run->why, 0);
    buf_adds(&runner->run->why, "another runner has taken over");
    return ERR_CONFLICT;
}

static enum err must_change(struct runner *runner, enum err err)
{
    if (!err && db_affected(runner->work) != 1)
        return overtaken(runner);
    return err;
}

static bool defines(const char *text)
{
    return !strncasecmp(text, "CREATE", 6) || !strncasecmp(text, "ALTER", 5) ||
           !strncasecmp(text, "DROP", 4) || !strncasecmp(text, "RENAME", 6);
}

static enum err step_begin(void *context)
{
    struct step *step = context;
    struct runner *runner = step->runner;
    return must_change(runner, db_run(runner->work, &set_begun,
                                      DB_ARGS(db_int(step->number), db_int(step->file->version),
                                              db_uuid(runner->id), db_int(step->number - 1))));
}

static enum err step_run(void *context)
{
    struct step *step = context;
    struct runner *runner = step->runner;
    enum err err = db_script(runner->work, step->text);
    if (err == ERR_CONFLICT && step->doubtful && defines(step->text)) {
        switch (db_error(runner->work)) {
        case 1007: /* database exists */
        case 1050: /* table exists */
        case 1060: /* column exists */
        case 1061: /* key exists */
        case 1051: /* no such table to drop */
        case 1091: /* no such column or key to drop */
            err = ERR_OK;
        }
    }
    if (err)
        return err;
    watch(step, SCHEMA_DONE);
    step->doubtful = true; /* for the run after a connection lost between here and the commit */
    return must_change(runner, db_run(runner->work, &set_finished,
                                      DB_ARGS(db_int(step->number), db_int(step->file->version),
                                              db_uuid(runner->id), db_int(step->number))));
}

/* The statement was refused, so it did nothing: whoever resumes is not to doubt it. */
static enum err step_withdraw(void *context)
{
    struct step *step = context;
    struct runner *runner = step->runner;
    return db_run(runner->work, &set_begun,
                  DB_ARGS(db_int(step->number - 1), db_int(step->file->version),
                          db_uuid(runner->id), db_int(step->number - 1)));
}

static enum err run_statement(struct step *step)
{
    struct runner *runner = step->runner;
    bool unknown;
    enum err err = db_transact(runner->work, step_begin, step, &unknown);
    if (err)
        return err;
    watch(step, SCHEMA_BEGUN);
    bool doubtful = step->doubtful;
    err = db_transact(runner->work, step_run, step, &unknown);
    if (!err) {
        watch(step, SCHEMA_RECORDED);
        return ERR_OK;
    }
    if (runner->run->why.len)
        return err; /* overtaken */
    buf_printf(&runner->run->why, "%04d_%s, statement %d: %u %s\n    %.300s", step->file->version,
               step->file->name, step->number, db_error(runner->work), db_error_text(runner->work),
               step->text);
    if (err == ERR_UNAVAILABLE)
        return err;
    if (!doubtful)
        db_transact(runner->work, step_withdraw, step, &unknown);
    return ERR_INTERNAL;
}

static enum err take_file(struct runner *runner, const struct schema_file *file,
                          const struct schema_row *row)
{
    if (row)
        return must_change(runner, db_run(runner->work, &take_over,
                                          DB_ARGS(db_uuid(runner->id), db_int(file->version))));
    char checksum[SCHEMA_CHECKSUM];
    store_schema_checksum(file, checksum);
    enum err err = db_run(runner->work, &insert_row,
                          DB_ARGS(db_int(file->version), db_text(file->name), db_text(checksum),
                                  db_uuid(runner->id), db_time(time_now())));
    return err == ERR_DUPLICATE ? overtaken(runner) : err;
}

/* row: where another runner stopped, NULL for a file not begun */
static enum err apply(struct runner *runner, const struct schema_file *file,
                      const struct schema_row *row)
{
    enum err err = take_file(runner, file, row);
    const char *at = file->text, *text;
    size_t len;
    for (int number = 1; !err && (text = store_schema_statement(&at, &len)); number++) {
        if (row && number <= row->finished)
            continue;
        struct step step = {.runner = runner,
                            .file = file,
                            .text = arena_strndup(runner->arena, text, len),
                            .number = number,
                            .doubtful = row && number <= row->begun};
        err = run_statement(&step);
    }
    if (!err)
        err = must_change(runner, db_run(runner->work, &set_applied,
                                         DB_ARGS(db_time(time_now()), db_int(file->version),
                                                 db_uuid(runner->id))));
    if (!err)
        runner->run->applied++;
    return err;
}

/* Everything in the database must come from the files we have. */
static enum err check_row(struct runner *runner, const struct schema_row *row, size_t place)
{
    const struct schema_run *run = runner->run;
    struct buf *why = &runner->run->why;
    int last = run->n_files ? run->files[run->n_files - 1].version : 0;
    if (row->version > last || place >= run->n_files) {
        buf_printf(why,
                   "the database is newer than this program: it has %04d_%s, the program knows"
                   " files up to %04d; install the newer program",
                   row->version, row->name, last);
        return ERR_CONFLICT;
    }
    const struct schema_file *file = &run->files[place];
    if (row->version != file->version) {
        buf_printf(why, "%04d_%s is in the database, but not among this program's files",
                   row->version, row->name);
        return ERR_CONFLICT;
    }
    char checksum[SCHEMA_CHECKSUM];
    store_schema_checksum(file, checksum);
    if (!strcmp(row->checksum, checksum))
        return ERR_OK;
    buf_printf(why,
               "%04d_%s was applied with checksum %s, but this program's file has %s: a schema file"
               " must not be changed once it was applied",
               row->version, row->name, row->checksum, checksum);
    return ERR_CONFLICT;
}

static enum err work(struct runner *runner)
{
    struct schema_run *run = runner->run;
    struct schema_row *rows = NULL;
    size_t n = 0;
    enum err err = store_schema_list(runner->work, runner->arena, &rows, &n);
    for (size_t i = 0; !err && i < n; i++)
        err = check_row(runner, &rows[i], i);
    for (size_t i = 0; !err && i < run->n_files; i++)
        if (i >= n || strcmp(rows[i].state, "applied"))
            err = apply(runner, &run->files[i], i < n ? &rows[i] : NULL);
    return err;
}

static enum err guarded(void *context)
{
    struct runner *runner = context;
    struct db_rows *rows;
    enum err err = db_run(runner->guard, &insert_lock, DB_NO_ARGS);
    if (!err)
        err = db_query_one(runner->guard, &rows, &lock, DB_NO_ARGS);
    if (!err)
        err = db_end(rows);
    if (err) {
        runner->result = err;
        return err;
    }
    runner->result = work(runner);
    return ERR_OK; /* there is nothing to roll back: what was done is counted by its own commits */
}

static enum err prepare(struct runner *runner)
{
    enum err err = store_schema_create(runner->settings, &runner->run->why);
    if (err)
        return err;
    static const char *const scripts[] = {
        "SET SESSION innodb_lock_wait_timeout = " WAIT_SECONDS,
        make_lock,
        make_migration,
    };
    for (size_t i = 0; !err && i < sizeof scripts / sizeof scripts[0]; i++)
        err = db_script(runner->guard, scripts[i]);
    if (err)
        buf_printf(&runner->run->why, "%u %s", db_error(runner->guard),
                   db_error_text(runner->guard));
    return err;
}

enum err store_schema_migrate(const struct settings *settings, struct schema_run *run)
{
    struct runner runner = {.run = run,
                            .settings = settings,
                            .guard = db_open(settings, DB_ADMIN),
                            .work = db_open(settings, DB_ADMIN),
                            .arena = arena_new(),
                            .id = uuid_v7()};
    run->applied = 0;
    bool unknown;
    enum err err = prepare(&runner);
    if (!err) {
        runner.result = ERR_RETRY;
        err = db_transact(runner.guard, guarded, &runner, &unknown);
        if (runner.result != ERR_RETRY) {
            err = runner.result; /* how the guard's empty transaction ended says nothing */
        } else if (db_error(runner.guard) == 1205) {
            buf_adds(&run->why, "another runner is at work; try again when it is done");
            err = ERR_CONFLICT;
        } else {
            buf_printf(&run->why, "%u %s", db_error(runner.guard), db_error_text(runner.guard));
        }
    }
    if (err && !run->why.len)
        buf_printf(&run->why, "%u %s", db_error(runner.work), db_error_text(runner.work));
    db_close(runner.work);
    db_close(runner.guard);
    arena_free(runner.arena);
    return err;
}
