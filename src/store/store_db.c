/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database connection over Connector/C: statements, transactions, errors. */
#include "store_db_private.h"

#include "log.h"
#include "settings.h"
#include "when.h"

#include <errmsg.h>
#include <mysqld_error.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TRANSACT_RUNS   12
#define PAUSE_DOUBLINGS 6
#define EE_WRITE        3 /* mysys: "Error writing file"; Connector/C has no header for it */

void db_library(void)
{
    if (mysql_library_init(0, NULL, NULL))
        abort();
}

struct db *db_open(const struct settings *settings, enum db_role role)
{
    struct db *db = memory_new(sizeof *db);
    db->settings = settings;
    db->role = role;
    return db;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    if (db->rows.statement) /* or closing another statement waits for the rest of its rows */
        db_close_rows(db);
    db_disconnect(db);
    free(db);
}

/* What an error number of server or client means to us; *lost: the connection is gone or useless.
 */
static enum err classify(unsigned code, bool *lost)
{
    *lost = false;
    switch (code) {
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD:
        return ERR_RETRY;
    case ER_DUP_ENTRY:
        return ERR_DUPLICATE;
    case ER_ROW_IS_REFERENCED:
    case ER_ROW_IS_REFERENCED_2:
    case ER_NO_REFERENCED_ROW:
    case ER_NO_REFERENCED_ROW_2:
        return ERR_CONFLICT;
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case CR_SSL_CONNECTION_ERROR: /* the same, by TLS */
    case ER_SERVER_SHUTDOWN:
    case ER_CONNECTION_KILLED:
    case ER_UNKNOWN_COM_ERROR:         /* Galera: node not ready */
    case ER_OPTION_PREVENTS_STATEMENT: /* read-only: a demoted primary; try the next host */
    case ER_READ_ONLY_MODE:
        *lost = true;
        return ERR_UNAVAILABLE;
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
    case ER_ERROR_ON_WRITE:
    case ER_IO_WRITE_ERROR:
    case EE_WRITE:
    case ER_STATEMENT_TIMEOUT:
    case ER_QUERY_INTERRUPTED:
        return ERR_UNAVAILABLE;
    case ER_DB_CREATE_EXISTS:
    case ER_TABLE_EXISTS_ERROR:
    case ER_BAD_TABLE_ERROR:
    case ER_DUP_FIELDNAME:
    case ER_DUP_KEYNAME:
    case ER_CANT_DROP_FIELD_OR_KEY:
        return ERR_CONFLICT;
    default:
        return ERR_INTERNAL;
    }
}

unsigned db_error(const struct db *db)
{
    return db->error;
}

const char *db_error_text(const struct db *db)
{
    return db->error_text;
}

const char *db_host(const struct db *db)
{
    return db->host;
}

/* Turns the failure of the connection or of stmt into an enum err; logs what is not a normal race.
 */
enum err db_failed(struct db *db, MYSQL_STMT *stmt, const char *what)
{
    /* what fails while rows are fetched is noted at the connection, not at the statement */
    bool of_stmt = stmt && mysql_stmt_errno(stmt);
    unsigned code = of_stmt ? mysql_stmt_errno(stmt) : mysql_errno(db->mysql);
    const char *text = of_stmt ? mysql_stmt_error(stmt) : mysql_error(db->mysql);
    bool lost;
    enum err err = classify(code, &lost);
    db->error = code;
    snprintf(db->error_text, sizeof db->error_text, "%s", text);
    db->errors += err == ERR_UNAVAILABLE || err == ERR_INTERNAL;
    if (err == ERR_UNAVAILABLE)
        log_line(LOG_LEVEL_WARNING, "database: %u %s", code, text);
    else if (err == ERR_INTERNAL)
        log_line(LOG_LEVEL_ERROR, "database: %u %s in: %.200s", code, text, what);
    if (lost) {
        bool was_in_transaction = db->in_transaction;
        db_disconnect(db);
        if (was_in_transaction)
            return ERR_RETRY; /* nothing was committed: the transaction can be run again */
    }
    return err;
}

enum err db_close_rows(struct db *db)
{
    struct statement *statement = db->rows.statement;
    if (!statement)
        return ERR_OK;
    db->rows.statement = NULL;
    mysql_stmt_free_result(statement->stmt);
    while (mysql_stmt_more_results(statement->stmt)) /* of a block: how it ended */
        if (mysql_stmt_next_result(statement->stmt) > 0) {
            db->rows.err = db_failed(db, statement->stmt, statement->sql->text);
            return db->rows.err;
        }
    db_shrink_columns(statement);
    return db->rows.err;
}

enum err db_prepare(struct db *db, const struct sql *sql, struct statement **out)
{
    enum err err = db_close_rows(db);
    if (!err)
        err = db_connect(db);
    if (err)
        return err;
    size_t slot = ((uintptr_t)sql >> 3) * 0x9e3779b97f4a7c15u >> 54;
    for (size_t looks = 0; db->cache[slot].sql && db->cache[slot].sql != sql; looks++) {
        if (looks == STATEMENTS)
            abort(); /* statements are made without end somewhere */
        slot = (slot + 1) % STATEMENTS;
    }
    struct statement *statement = &db->cache[slot];
    if (!statement->sql) {
        MYSQL_STMT *stmt = memory_got(mysql_stmt_init(db->mysql));
        if (mysql_stmt_prepare(stmt, sql->text, strlen(sql->text))) {
            err = db_failed(db, stmt, sql->text);
            mysql_stmt_close(stmt);
            return err;
        }
        statement->sql = sql;
        statement->stmt = stmt;
        db_bind_columns(statement);
    }
    *out = statement;
    return ERR_OK;
}

static enum err execute_once(struct db *db, const struct sql *sql, const struct db_value *args,
                             size_t n_args, struct statement **out)
{
    struct statement *statement;
    enum err err = db_prepare(db, sql, &statement);
    if (err)
        return err;
    MYSQL_BIND binds[MAX_ARGS];
    MYSQL_TIME times[MAX_ARGS];
    if (n_args > MAX_ARGS || n_args != mysql_stmt_param_count(statement->stmt)) {
        log_line(LOG_LEVEL_ERROR, "database: %zu arguments for: %.200s", n_args, sql->text);
        abort();
    }
    unsigned int single = 0;
    mysql_stmt_attr_set(statement->stmt, STMT_ATTR_ARRAY_SIZE, &single);
    db_bind_values(args, n_args, binds, times);
    if ((n_args && mysql_stmt_bind_param(statement->stmt, binds)) ||
        mysql_stmt_execute(statement->stmt))
        return db_failed(db, statement->stmt, sql->text);
    if (!statement->n_columns) /* a block tells only now what it selects */
        db_bind_columns(statement);
    statement->unbound = statement->n_columns > 0;
    *out = statement;
    return ERR_OK;
}

static bool is_select(const struct sql *sql)
{
    return !strncmp(sql->text, "SELECT", 6);
}

static enum err execute(struct db *db, const struct sql *sql, const struct db_value *args,
                        size_t n_args, struct statement **out)
{
    bool alone = !db->in_transaction;
    enum err err = execute_once(db, sql, args, n_args, out);
    /* a read outside a transaction may be made again when the server had gone away meanwhile */
    if (err == ERR_UNAVAILABLE && alone && !db->mysql && is_select(sql))
        err = execute_once(db, sql, args, n_args, out);
    return err;
}

enum err db_run(struct db *db, const struct sql *sql, const struct db_value *args, size_t n_args)
{
    struct statement *statement;
    enum err err = execute(db, sql, args, n_args, &statement);
    if (!err)
        db->affected = (int64_t)mysql_stmt_affected_rows(statement->stmt);
    return err;
}

int64_t db_affected(const struct db *db)
{
    return db->affected;
}

enum err db_script(struct db *db, const char *text)
{
    db_close_rows(db);
    enum err err = db_connect(db);
    if (err)
        return err;
    if (mysql_query(db->mysql, text))
        return db_failed(db, NULL, text);
    do {
        MYSQL_RES *result = mysql_store_result(db->mysql);
        if (result)
            mysql_free_result(result);
    } while (!mysql_next_result(db->mysql));
    return mysql_errno(db->mysql) ? db_failed(db, NULL, text) : ERR_OK;
}

enum err db_query(struct db *db, struct db_rows **rows, const struct sql *sql,
                  const struct db_value *args, size_t n_args)
{
    struct statement *statement;
    enum err err = execute(db, sql, args, n_args, &statement);
    if (err)
        return err;
    bool selects = mysql_stmt_field_count(statement->stmt) > 0;
    db->affected = selects ? 0 : (int64_t)mysql_stmt_affected_rows(statement->stmt);
    db->rows = (struct db_rows){db, selects ? statement : NULL, ERR_OK};
    *rows = &db->rows;
    return ERR_OK;
}

int64_t db_retries(const struct db *db)
{
    return db->retries;
}

int64_t db_errors(const struct db *db)
{
    return db->errors;
}

/* ERR_RETRY also where the connection was lost: nothing has happened yet. */
static enum err begin(struct db *db, const char *statement)
{
    db_close_rows(db);
    enum err err = db_connect(db);
    if (err)
        return err;
    db->in_transaction = true;
    if (!mysql_query(db->mysql, statement))
        return ERR_OK;
    err = db_failed(db, NULL, statement);
    db->in_transaction = false;
    return err;
}

static void roll_back(struct db *db)
{
    db->in_transaction = false;
    if (mysql_rollback(db->mysql))
        db_disconnect(db);
}

/* Said by a server that has not run the statement. */
static bool is_refusal(unsigned code)
{
    return code == ER_UNKNOWN_COM_ERROR || code == ER_OPTION_PREVENTS_STATEMENT ||
           code == ER_READ_ONLY_MODE;
}

enum err db_alone(struct db *db, enum err (*body)(void *context), void *context, bool *unknown)
{
    *unknown = false;
    if (db_connect(db))
        return ERR_RETRY;
    enum err err = body(context);
    if (err != ERR_UNAVAILABLE)
        return err;
    if (is_refusal(db->error))
        return ERR_RETRY;
    /* whatever ended it from outside may have come after its commit */
    *unknown = !db->mysql || db->error == ER_STATEMENT_TIMEOUT || db->error == ER_QUERY_INTERRUPTED;
    return err;
}

enum err db_snapshot(struct db *db, enum err (*body)(void *context), void *context)
{
    static const char start[] = "START TRANSACTION READ ONLY";
    enum err err = begin(db, start);
    if (err == ERR_RETRY) /* the server had gone away meanwhile */
        err = begin(db, start);
    if (!err)
        err = body(context);
    db_close_rows(db);
    if (db->in_transaction)
        roll_back(db);
    return err == ERR_RETRY ? ERR_UNAVAILABLE : err;
}

static enum err transact_once(struct db *db, bool block, enum err (*body)(void *), void *context,
                              bool *unknown)
{
    /* until COMMIT is sent nothing has happened: whatever is lost is run again */
    enum err err = block ? db_connect(db) : begin(db, "START TRANSACTION");
    if (err)
        return err;
    db->block_lost = false;
    err = body(context);
    enum err ended = db_close_rows(db);
    if (!err)
        err = ended;
    *unknown = db->block_lost;
    if (!db->mysql)
        return err ? err : ERR_RETRY;
    if (err) {
        roll_back(db);
        return err;
    }
    if (!db->in_transaction) /* the block has committed */
        return ERR_OK;
    if (!mysql_commit(db->mysql)) {
        db->in_transaction = false;
        return ERR_OK;
    }
    /* a certification failure is a plain rollback; any other failure leaves the outcome open, and
       perhaps the transaction, which ends with its connection */
    db->in_transaction = false;
    err = db_failed(db, NULL, "COMMIT");
    if (err == ERR_RETRY)
        return err;
    *unknown = true;
    db_disconnect(db);
    return ERR_UNAVAILABLE;
}

enum err db_block(struct db *db, struct db_rows **rows, const struct sql *sql,
                  const struct db_value *args, size_t n_args, bool commits)
{
    enum err err = db_query(db, rows, sql, args, n_args);
    if (db->mysql) { /* what failed may have begun: it is rolled back */
        db->in_transaction = err || db->mysql->server_status & SERVER_STATUS_IN_TRANS;
    } else if (commits) {
        db->block_lost = true;
        err = ERR_UNAVAILABLE;
    }
    return err;
}

static enum err transact(struct db *db, bool block, enum err (*body)(void *context), void *context,
                         bool *unknown)
{
    int64_t retries = db->retries;
    *unknown = false;
    /* a run takes about as long as the one before it: none may end after the request's deadline */
    int64_t late = time_monotonic() + db->settings->request_seconds * 1000000 / 2;
    for (int run = 0; run < TRANSACT_RUNS && (!run || time_monotonic() < late); run++) {
        if (run) {
            db->retries++;
            /* jittered back-off: 2 to 4, 4 to 8, ... 64 to 128 milliseconds */
            uint32_t base = 1000u << (run < PAUSE_DOUBLINGS ? run : PAUSE_DOUBLINGS);
            struct timespec pause = {0, (long)(base + randombytes_uniform(base)) * 1000};
            nanosleep(&pause, NULL);
        }
        enum err err = transact_once(db, block, body, context, unknown);
        if (err != ERR_RETRY)
            return err;
    }
    log_line(LOG_LEVEL_WARNING, "database: transaction given up after %lld runs",
             (long long)(db->retries - retries + 1));
    return ERR_UNAVAILABLE;
}

enum err db_transact(struct db *db, enum err (*body)(void *context), void *context, bool *unknown)
{
    return transact(db, false, body, context, unknown);
}

enum err db_transact_block(struct db *db, enum err (*body)(void *context), void *context,
                           bool *unknown)
{
    return transact(db, true, body, context, unknown);
}
