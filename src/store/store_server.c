/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the server is set. */
#include "store_server.h"

#include "store_db.h"

static const struct sql select_log = {
    "SELECT @@global.log_bin <> 0 AND @@global.binlog_format <> 'ROW'"};

enum err store_server_logs_statements(struct db *db, bool *statements)
{
    int64_t is;
    enum err err = db_query_int(db, &select_log, DB_NO_ARGS, &is);
    if (!err)
        *statements = is == 1;
    return err;
}
