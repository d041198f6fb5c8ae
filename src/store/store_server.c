/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the server is set. */
#include "store_server.h"

#include "store_db.h"

static const struct sql select_log = {
    "SELECT @@global.log_bin <> 0 AND @@global.binlog_format <> 'ROW'"};
static const struct sql select_connections = {"SELECT @@global.max_connections"};

enum err store_server_logs_statements(struct db *db, bool *statements)
{
    int64_t is;
    enum err err = db_query_int(db, &select_log, DB_NO_ARGS, &is);
    if (!err)
        *statements = is == 1;
    return err;
}

enum err store_server_connections(struct db *db, int64_t *most)
{
    return db_query_int(db, &select_connections, DB_NO_ARGS, most);
}
