/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the store tests share: settings of the private server, throw-away databases. What fails
   here ends the program. */
#ifndef COSTWRIGHT_STORE_TEST_H
#define COSTWRIGHT_STORE_TEST_H

#include "settings.h"
#include "store_db.h"

#include <CUnit/CUnit.h>

#define OK(call)       CU_ASSERT_EQUAL((call), ERR_OK)
#define IS(call, want) CU_ASSERT_EQUAL((call), (want))

/* Settings of a database that does not exist yet; clear with settings_clear. */
struct settings fresh_settings(void);
/* A new, empty database and a connection to it. */
struct db *fresh_db(struct settings *settings);
/* Drops the database and closes. */
void drop_db(struct db *db, struct settings *settings);
/* start, kill or stop, as tests/store/server does them. */
void server(const char *what);
/* The one integer that a statement without arguments yields; INT_NONE where it fails. */
int64_t one_int(struct db *db, const struct sql *sql);
/* Every step of the plan of a statement is as given; nothing is sorted or copied. */
struct step {
    const char *table, *access, *key;
};
void check_plan(struct db *db, struct arena *arena, const struct sql *sql,
                const struct db_value *args, size_t n_args, const struct step *steps, size_t n);
/* Makes the tables of the product. */
void migrated(const struct settings *settings);

void suite_store_db(void);
void suite_store_db_lost(void);
void suite_store_schema(void);
void suite_store_key(void);
void suite_store_list(void);
void suite_store_part(void);
void suite_store_pieces(void);
void suite_store_tenant(void);
void suite_labeling_queue(void);
void suite_labeling_seat(void);

#endif
