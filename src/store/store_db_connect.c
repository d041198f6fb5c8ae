/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which host, and whether the connection to it is still worth anything. */
#include "store_db_private.h"

#include "buf.h"
#include "log.h"
#include "settings.h"
#include "when.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_SECONDS 3 /* to a host that neither refuses nor greets */
#define LOOK_EVERY      INT64_C(1000000)

/* Seconds: of one statement (0 = any), and of the server's silence before it counts as dead. The
   light pool answers /healthz, too: a server that hangs must not hold it for long. */
static const struct patience {
    unsigned statement, silence;
} patience[] = {
    [DB_SERVICE] = {45, 50},
    [DB_SERVICE_LIGHT] = {10, 15},
    [DB_OPERATOR] = {0, 86400}, /* all rows are looked at */
    [DB_ADMIN] = {0, 86400},    /* a migration may rebuild a large table */
};

static void statement_clear(struct statement *statement)
{
    if (statement->stmt)
        mysql_stmt_close(statement->stmt);
    for (unsigned i = 0; i < statement->n_columns; i++)
        free(statement->cells[i].text);
    free(statement->cells);
    free(statement->binds);
    *statement = (struct statement){0};
}

void db_disconnect(struct db *db)
{
    db->rows.statement = NULL;
    for (size_t i = 0; i < STATEMENTS; i++)
        if (db->cache[i].sql)
            statement_clear(&db->cache[i]);
    if (db->mysql)
        mysql_close(db->mysql);
    db->mysql = NULL;
    db->in_transaction = false;
}

/* A host that lost its power or its cable answers nothing, not even "closed": found after some ten
   seconds, where the kernel would wait for hours. Not for unix sockets. */
static void notice_dead_host(MYSQL *mysql)
{
    int fd = (int)mysql_get_socket(mysql);
    int on = 1, idle = 5, interval = 2, count = 3;
    unsigned unanswered = 10000;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered, sizeof unanswered);
}

static bool is_on(const char *value)
{
    return value && strcmp(value, "0") != 0 && strcasecmp(value, "OFF") != 0;
}

struct state {
    bool read_only, galera;
};

/* What the server says of itself; false: nothing, or that it is a Galera node outside of its
   cluster. Such a node greets and answers what touches no table of ours; the rest it refuses with
   1047. */
static bool look(MYSQL *mysql, struct state *state)
{
    static const char query[] =
        "SELECT @@global.read_only, (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES"
        " WHERE VARIABLE_NAME = 'WSREP_ON'), (SELECT VARIABLE_VALUE FROM"
        " information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'WSREP_READY')";
    if (mysql_query(mysql, query))
        return false;
    MYSQL_RES *result = mysql_store_result(mysql);
    MYSQL_ROW row = result ? mysql_fetch_row(result) : NULL;
    bool usable = row && (!is_on(row[1]) || is_on(row[2]));
    if (usable)
        *state = (struct state){is_on(row[0]), is_on(row[1])};
    if (result)
        mysql_free_result(result);
    return usable;
}

static bool set_session(MYSQL *mysql, enum db_role role, const struct state *state)
{
    char limit[64];
    snprintf(limit, sizeof limit, "SET SESSION max_statement_time = %u", patience[role].statement);
    const char *const session[] = {
        "SET SESSION sql_mode = "
        "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE',"
        " time_zone = '+00:00', innodb_snapshot_isolation = ON, innodb_lock_wait_timeout = 2,"
        " optimizer_switch = 'exists_to_in=off'",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        limit,
        /* a node reads, and inserts what a read decides, only after it has applied what the cluster
           had committed before: what one host was told is stored is there for the others, and after
           a change of the node */
        state->galera ? "SET SESSION wsrep_sync_wait = 5" : NULL,
    };
    for (size_t i = 0; i < sizeof session / sizeof session[0]; i++)
        if (session[i] && mysql_query(mysql, session[i]))
            return false;
    return true;
}

static MYSQL *prepare_connection(const struct settings *settings, enum db_role role)
{
    MYSQL *mysql = memory_got(mysql_init(NULL));
    unsigned connecting = CONNECT_SECONDS, silence = patience[role].silence, off = 0;
    my_bool yes = 1;
    mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connecting);
    mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &silence);
    mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &silence);
    mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
    if (*settings->db_ca) {
        mysql_options(mysql, MYSQL_OPT_SSL_CA, settings->db_ca);
        mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
        mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    }
    return mysql;
}

static bool connect_host(struct db *db, const char *host, bool only)
{
    const struct settings *settings = db->settings;
    bool admin = db->role == DB_ADMIN, local = *settings->db_socket;
    struct buf password = {0};
    settings_db_password(settings, admin, &password);
    MYSQL *mysql = prepare_connection(settings, db->role);
    const char *user = admin ? settings->db_admin_user : settings->db_user;
    uid_t account;
    bool other = local && !password.len && db_account(user, &account) && !seteuid(account);
    MYSQL *done = mysql_real_connect(
        mysql, local ? NULL : host, user, password.len ? buf_text(&password) : NULL,
        admin ? NULL : settings->db_name, local ? 0 : (unsigned)settings->db_port,
        local ? settings->db_socket : NULL,
        CLIENT_FOUND_ROWS | (admin ? CLIENT_MULTI_STATEMENTS : 0));
    if (other && seteuid(0))
        abort();
    buf_wipe(&password);
    if (done && !local)
        notice_dead_host(mysql);
    struct state state = {0};
    bool usable = done && look(mysql, &state) && (only || !state.read_only) &&
                  set_session(mysql, db->role, &state);
    if (usable) {
        /* the administrator also connects before the database is there */
        if (admin)
            mysql_select_db(mysql, settings->db_name);
        db_wait_in_read(mysql, patience[db->role].silence);
        db->mysql = mysql;
        snprintf(db->host, sizeof db->host, "%s", local || !host ? "" : host);
        db->read_only = state.read_only;
        return true;
    }
    db->error = mysql_errno(mysql);
    db->errors++;
    const char *why = mysql_error(mysql);
    if (!*why)
        why = state.read_only ? "the server is read-only" : "the node is not in its cluster";
    snprintf(db->error_text, sizeof db->error_text, "%s", why);
    log_line(LOG_LEVEL_WARNING, "database: cannot use %s: %u %s",
             local ? settings->db_socket : host, db->error, db->error_text);
    mysql_close(mysql);
    return false;
}

/* A primary may have been demoted, a node expelled, a host lost, since this connection was used. */
static bool still_good(struct db *db)
{
    struct state state;
    return look(db->mysql, &state) && state.read_only == db->read_only;
}

enum err db_connect(struct db *db)
{
    int64_t now = time_monotonic();
    if (db->mysql && (db->in_transaction || now - db->looked_at < LOOK_EVERY))
        return ERR_OK;
    if (db->mysql && still_good(db)) {
        db->looked_at = now;
        return ERR_OK;
    }
    db_disconnect(db);
    int64_t begin = time_monotonic();
    if (begin < db->not_before)
        return ERR_UNAVAILABLE;
    char hosts[256];
    snprintf(hosts, sizeof hosts, "%s", *db->settings->db_socket ? "" : db->settings->db_host);
    bool only = !strpbrk(hosts, ", ");
    char *save = NULL, *host = strtok_r(hosts, ", ", &save);
    do {
        if (connect_host(db, host, only)) {
            db->looked_at = time_monotonic();
            return ERR_OK;
        }
    } while (host && (host = strtok_r(NULL, ", ", &save)));
    /* a refusal is quick; where hosts were silent, the next requests are told at once for as long
       as this one has waited */
    int64_t end = time_monotonic();
    db->not_before = end + (end - begin);
    return ERR_UNAVAILABLE;
}

bool db_ping(struct db *db)
{
    db_close_rows(db);
    db->looked_at = 0;
    return !db_connect(db) && !db->read_only;
}
