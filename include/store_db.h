/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database connection: prepared statements, typed values, rows, bulk inserts, transactions.
   Only the files store_db*.c see <mysql.h>. */
#ifndef COSTWRIGHT_STORE_DB_H
#define COSTWRIGHT_STORE_DB_H

#include "err.h"
#include "field.h"
#include "uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct db;
struct settings;

/* A statement: a constant at the head of a store file. Its address is its name: it is prepared
   once per connection, on first use. None may make equal to an argument, in some runs only, a
   column that it orders by: after such a run MariaDB (10.11) no longer orders by that column. */
struct sql {
    const char *text;
};

enum db_kind { DB_NULL, DB_INT, DB_NUM, DB_TEXT, DB_BLOB, DB_UUID, DB_DATE, DB_TIME };

struct db_value {
    enum db_kind kind;
    union {
        int64_t i;
        double d;
        struct {
            const void *p;
            size_t n;
        } s;
        struct uuid u;
    };
};

/* The none of each kind (INT_NONE, NAN, NULL, nil uuid, DATE_NONE, TIME_NONE) is SQL NULL. */
struct db_value db_int(int64_t value);
struct db_value db_bool(int8_t value);
struct db_value db_num(double value);
struct db_value db_text(const char *text);
struct db_value db_blob(const void *data, size_t n); /* NULL data is SQL NULL */
struct db_value db_uuid(struct uuid id);
struct db_value db_date(int32_t date);
struct db_value db_time(int64_t time);

#define DB_ARGS(...)                                                                               \
    (const struct db_value[]){__VA_ARGS__},                                                        \
        sizeof((const struct db_value[]){__VA_ARGS__}) / sizeof(struct db_value)
#define DB_NO_ARGS NULL, 0

/* settings' db_user or db_admin_user. A statement of the service may take 45 s, of its light pool
   10 s; the operator is the service's user at a terminal, the administrator connects also while the
   database does not exist, and the statements of these two may run for a day. */
enum db_role { DB_SERVICE, DB_SERVICE_LIGHT, DB_OPERATOR, DB_ADMIN };

/* Sets the client library up, as else the first connection does. */
void db_library(void);

/* MariaDB's unix_socket authentication lets in the account that has the name of the user that
   connects. Root may be any user: so, without a password, it connects as the account's own, and
   costwrightctl works as root. False: this is not root, or there is no such user. */
bool db_account(const char *name, uid_t *user);

/* Connects lazily and again by itself when the server went away and came back: to the first host of
   db_host that takes writes. A connection that was idle for a second is looked at before it is
   used, so that a primary that was demoted, or a node that was expelled, is left also by those who
   only read. The only host there is may be read-only: then reads are answered. */
struct db *db_open(const struct settings *settings, enum db_role role);
void db_close(struct db *db);

/* Errors of every call: ERR_RETRY (deadlock, lock wait, changed since read: run the transaction
   again), ERR_DUPLICATE (unique key), ERR_CONFLICT (a foreign key holds the row; a table, column or
   key to be made is there already, or to be dropped is gone), ERR_UNAVAILABLE (server away, full,
   read-only), ERR_INTERNAL (logged here with SQL state). */
enum err db_run(struct db *db, const struct sql *sql, const struct db_value *args, size_t n_args);
/* Rows matched or changed by the last db_run or db_block (found rows: an UPDATE that sets equal
   values counts). */
int64_t db_affected(const struct db *db);
/* Number and text of the last failure, as the server or the client library gave them. */
unsigned db_error(const struct db *db);
const char *db_error_text(const struct db *db);
/* The one of db_host that the last connection was made to; "" by unix socket, or for none. */
const char *db_host(const struct db *db);
/* A statement that is not prepared and has no arguments (migrations, SET). */
enum err db_script(struct db *db, const char *text);

/* Streams a result: for (err = db_query(...); !err && db_next(rows); ) ...; err = db_end(rows).
   One open result per connection at a time; db_end is also made by the next db_query or db_run. */
struct db_rows;
enum err db_query(struct db *db, struct db_rows **rows, const struct sql *sql,
                  const struct db_value *args, size_t n_args);
bool db_next(struct db_rows *rows);
enum err db_end(struct db_rows *rows);
/* The one row of a result, or ERR_NOT_FOUND; it stays readable until the next call on this
   connection. */
enum err db_one(struct db_rows *rows);
enum err db_query_one(struct db *db, struct db_rows **rows, const struct sql *sql,
                      const struct db_value *args, size_t n_args);

/* Columns of the current row; the none of the kind for SQL NULL. Texts are NUL-terminated and live
   until the next db_next or statement. */
bool db_is_null(const struct db_rows *rows, unsigned column);
int64_t db_get_int(const struct db_rows *rows, unsigned column);
double db_get_num(const struct db_rows *rows, unsigned column);
const char *db_get_text(const struct db_rows *rows, unsigned column, size_t *len);
/* The same, copied into arena. */
const char *db_copy_text(const struct db_rows *rows, unsigned column, struct arena *arena);
struct field_raw db_copy_raw(const struct db_rows *rows, unsigned column, struct arena *arena);
struct uuid db_get_uuid(const struct db_rows *rows, unsigned column);
int32_t db_get_date(const struct db_rows *rows, unsigned column);
int64_t db_get_time(const struct db_rows *rows, unsigned column);
/* Columns first, first + 1, … into the fields of shape in table order (those flagged
   FIELD_NOT_COLUMN are skipped; lists and objects are not columns); texts copied into arena.
   Returns the next free column. */
unsigned db_get_shape(const struct db_rows *rows, unsigned first, const struct shape *shape,
                      void *thing, struct arena *arena);

/* A statement for one row that is a shape, or one number (ERR_NOT_FOUND: no row); or asked only
   whether it has a row. */
enum err db_query_shape(struct db *db, const struct sql *sql, const struct db_value *args,
                        size_t n_args, const struct shape *shape, void *thing, struct arena *arena);
enum err db_query_int(struct db *db, const struct sql *sql, const struct db_value *args,
                      size_t n_args, int64_t *value);
enum err db_query_any(struct db *db, const struct sql *sql, const struct db_value *args,
                      size_t n_args, bool *any);

/* Bulk insert by array binding, chunked by rows and bytes: value of row i, column c is
   *(member type of kind) (base + i * stride); kinds as in DB_*: int64_t, double, const char *,
   struct field_raw (BLOB), struct uuid, int32_t date, int64_t time; nones are NULL. */
struct db_column {
    enum db_kind kind;
    const void *base;
    size_t stride;
};
enum err db_bulk(struct db *db, const struct sql *sql, const struct db_column *columns,
                 size_t n_columns, size_t n_rows);
/* The last db_bulk came to LAST_INSERT_ID(value) with some row: in ON DUPLICATE KEY UPDATE one
   whose key was known. */
bool db_marked(const struct db *db);

/* Runs body inside one transaction: begin, body, commit; rolled back when body returns an error.
   The whole is run again, up to 11 times with jitter and in the first half of request_seconds, on
   ERR_RETRY and when the server went away before COMMIT was sent. Any failure of COMMIT itself but
   a lost race is ERR_UNAVAILABLE with *unknown set. */
enum err db_transact(struct db *db, enum err (*body)(void *context), void *context, bool *unknown);
/* Runs body, one statement that changes something, as a transaction by itself: without begin and
   commit. ERR_RETRY: it lost a race, or no server took it; db_transact does it, at another host if
   need be. ERR_UNAVAILABLE with *unknown as above. */
enum err db_alone(struct db *db, enum err (*body)(void *context), void *context, bool *unknown);
/* A transaction with blocks of statements (BEGIN NOT ATOMIC), which spare the round trips between
   them: body calls db_block before any other statement. That block begins the transaction; it or a
   later one (commits: it may) commits it where that was all, else body goes on in it. What
   db_transact says of COMMIT holds for such a block. Inside db_transact db_block works too: the
   block then is to neither begin nor commit. *rows: what its one SELECT found, read as those of
   db_query; none where it came by no SELECT, and then db_affected is of its last statement. */
enum err db_transact_block(struct db *db, enum err (*body)(void *context), void *context,
                           bool *unknown);
enum err db_block(struct db *db, struct db_rows **rows, const struct sql *sql,
                  const struct db_value *args, size_t n_args, bool commits);
/* Runs body in a transaction that only reads: all its statements see one state. Never run again:
   body may have handed on what it read. */
enum err db_snapshot(struct db *db, enum err (*body)(void *context), void *context);
int64_t db_retries(const struct db *db); /* transactions run again since db_open */
int64_t db_errors(const struct db *db);  /* failures that are no normal race, since db_open */
/* Whether a server answers now and takes writes. */
bool db_ping(struct db *db);

#endif
