/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the database server is set, where that matters to what is stored in it. */
#ifndef COSTWRIGHT_STORE_SERVER_H
#define COSTWRIGHT_STORE_SERVER_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

/* Whether it keeps a binary log that may hold statements instead of rows (binlog_format MIXED, the
   default, or STATEMENT): ids are bound as bytes, and a replica or a replay of the log refuses
   their text form (error 1292). */
enum err store_server_logs_statements(struct db *db, bool *statements);

/* How many connections it takes, all clients together. */
enum err store_server_connections(struct db *db, int64_t *most);

#endif
