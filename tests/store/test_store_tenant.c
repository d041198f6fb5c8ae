/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_tenant.c: all rows of an organisation go in batches, however many there are */
#include "store_test.h"

#include "arena.h"
#include "store_org.h"
#include "store_tenant.h"

#include <string.h>

static struct settings settings;
static struct db *db;
static struct arena *arena;
static struct store_org acme;

static int begin_suite(void)
{
    settings = fresh_settings();
    migrated(&settings);
    db = db_open(&settings, DB_OPERATOR);
    arena = arena_new();
    acme = (struct store_org){.name = "acme"};
    return store_org_insert(db, &acme) ||
           db_script(db, "INSERT INTO part (org_id, id, part_number, folded_number, attributes,"
                         " created_at) SELECT id, UUID(), seq, seq, '{}', NOW(6)"
                         " FROM org, seq_1_to_20 WHERE name = 'acme'");
}

static int end_suite(void)
{
    arena_free(arena);
    drop_db(db, &settings);
    return 0;
}

/* A connection keeps what it has prepared: one statement for all batches of a table. */
static void test_batches(void)
{
    static const struct sql prepared = {"SELECT CAST(VARIABLE_VALUE AS SIGNED)"
                                        " FROM information_schema.SESSION_STATUS"
                                        " WHERE VARIABLE_NAME = 'COM_STMT_PREPARE'"};
    struct tenant_table *tables, *parts = NULL;
    size_t n;
    int64_t gone;
    OK(store_tenant_tables(db, arena, &tables, &n));
    for (size_t i = 0; i < n; i++)
        if (!strcmp(tables[i].name, "part"))
            parts = &tables[i];
    CU_ASSERT_PTR_NOT_NULL_FATAL(parts);
    int64_t before = one_int(db, &prepared);
    for (int batch = 0; batch < 10; batch++) {
        OK(store_tenant_delete(db, parts, acme.id, 2, &gone));
        IS(gone, 2);
    }
    OK(store_tenant_delete(db, parts, acme.id, 2, &gone));
    IS(gone, 0);
    IS(one_int(db, &prepared) - before, 1);
}

void suite_store_tenant(void)
{
    CU_pSuite s = CU_add_suite("store_tenant", begin_suite, end_suite);

    CU_ADD_TEST(s, test_batches);
}
