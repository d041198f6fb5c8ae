/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files of store_db only: the connection's inside. */
#ifndef COSTWRIGHT_STORE_DB_PRIVATE_H
#define COSTWRIGHT_STORE_DB_PRIVATE_H

#include "memory.h"
#include "store_db.h"

#include <mysql.h>

#define STATEMENTS 1024 /* slots of the cache; a power of two, never more than half full */
#define MAX_ARGS   48

/* One cell of the current row. */
struct cell {
    union {
        int64_t i;
        double d;
        MYSQL_TIME t;
    };
    char *text;
    unsigned long cap, len;
    my_bool null, cut;
};

struct statement {
    const struct sql *sql;
    MYSQL_STMT *stmt;
    unsigned n_columns;
    struct cell *cells;
    MYSQL_BIND *binds;
    bool unbound; /* binds are to be told to stmt before its next row */
};

struct db_rows {
    struct db *db;
    struct statement *statement;
    enum err err;
};

struct db {
    const struct settings *settings;
    enum db_role role;
    MYSQL *mysql; /* NULL while not connected */
    bool in_transaction;
    bool block_lost;    /* the connection, while db_block waited for the end of a transaction */
    char host[256];     /* of db_host, while connected by TCP */
    bool read_only;     /* the only host there is takes no writes now */
    int64_t looked_at;  /* time_monotonic: the connection was good */
    int64_t not_before; /* no attempt to connect earlier than this */
    int64_t affected, retries, errors;
    bool marked;
    unsigned error;
    char error_text[MYSQL_ERRMSG_SIZE];
    struct db_rows rows; /* the one open result; statement NULL when none */
    struct statement cache[STATEMENTS];
};

/* Turns the failure of the connection (stmt NULL) or of stmt into an enum err; logs what is not a
 * normal race. */
enum err db_failed(struct db *db, MYSQL_STMT *stmt, const char *what);
enum err db_close_rows(struct db *db);
/* store_db_connect.c: db->mysql is there, to a host that takes writes where there is one. Outside
   of a transaction what was idle is looked at first. */
enum err db_connect(struct db *db);
void db_disconnect(struct db *db);
/* store_db_wait.c: from now on a read of this connection sleeps in recv(), for seconds at most,
   where the library would try, poll and try again. Not with TLS, and not where another release of
   the library is found than the one built with. */
void db_wait_in_read(MYSQL *mysql, unsigned seconds);
/* The connection is up and sql is prepared on it. */
enum err db_prepare(struct db *db, const struct sql *sql, struct statement **out);
/* Result buffers after the statement's own metadata; none without a result. */
void db_bind_columns(struct statement *statement);
/* Gives the memory of large cells back; the next execution binds anew. */
void db_shrink_columns(struct statement *statement);
void db_bind_values(const struct db_value *args, size_t n, MYSQL_BIND *binds, MYSQL_TIME *times);
MYSQL_TIME db_mysql_time(enum db_kind kind, int64_t value);

#endif
