/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_key.c: organisations, users and API keys */
#include "store_test.h"

#include "arena.h"
#include "store_key.h"
#include "store_org.h"
#include "when.h"

#include <string.h>

static struct settings settings;
static struct db *db;
static struct arena *arena;
static struct store_org acme, other;

static int begin_suite(void)
{
    settings = fresh_settings();
    migrated(&settings);
    db = db_open(&settings, DB_SERVICE);
    arena = arena_new();
    acme = (struct store_org){.name = "Acme; DROP TABLE org --"};
    other = (struct store_org){.name = "acme; drop table org --"};
    return store_org_insert(db, &acme) || store_org_insert(db, &other);
}

static int end_suite(void)
{
    arena_free(arena);
    drop_db(db, &settings);
    return 0;
}

static enum err insert_org(void *context)
{
    return store_org_insert(db, context);
}

static void test_org(void)
{
    struct store_org found, *orgs;
    size_t n;
    char id[UUID_TEXT];
    bool unknown;
    uuid_text(&acme.id, id);
    OK(store_org_find(db, id, &found, arena));
    CU_ASSERT_STRING_EQUAL(found.name, acme.name);
    CU_ASSERT_EQUAL(found.created_at, acme.created_at);
    OK(store_org_find(db, other.name, &found, arena)); /* names differ by case */
    CU_ASSERT(uuid_equal(&found.id, &other.id));
    IS(store_org_find(db, "ACME; DROP TABLE ORG --", &found, arena), ERR_NOT_FOUND);
    IS(store_org_find(db, "Acme; DROP TABLE org -- ", &found, arena), ERR_NOT_FOUND);
    IS(store_org_find(db, "", &found, arena), ERR_NOT_FOUND);
    IS(store_org_find(db, "' OR '1'='1", &found, arena), ERR_NOT_FOUND);
    /* a name that looks like an id */
    struct store_org odd = {.name = "00000000-0000-7000-8000-000000000000"};
    OK(db_transact(db, insert_org, &odd, &unknown));
    OK(store_org_find(db, odd.name, &found, arena));
    CU_ASSERT(uuid_equal(&found.id, &odd.id));
    IS(db_transact(db, insert_org, &(struct store_org){.name = acme.name}, &unknown),
       ERR_DUPLICATE);
    OK(store_org_list(db, arena, &orgs, &n));
    CU_ASSERT_EQUAL_FATAL(n, 4);
    CU_ASSERT_STRING_EQUAL(orgs[0].name, "(platform)"); /* comes with the schema */
    CU_ASSERT_STRING_EQUAL(orgs[1].name, odd.name);     /* by code point */
    CU_ASSERT_STRING_EQUAL(orgs[2].name, acme.name);
    CU_ASSERT_STRING_EQUAL(orgs[3].name, other.name);
}

static void test_baseline(void)
{
    static const struct sql baseline = {
        "SELECT name, currency, valid_from, valid_to, enabled_extractors, is_baseline, attributes,"
        " region, description FROM environment WHERE org_id = ?"};
    struct db_rows *rows;
    OK(db_query(db, &rows, &baseline, DB_ARGS(db_uuid(acme.id))));
    CU_ASSERT_FATAL(db_next(rows));
    CU_ASSERT_STRING_EQUAL(db_get_text(rows, 0, NULL), "Baseline");
    CU_ASSERT_STRING_EQUAL(db_get_text(rows, 1, NULL), "EUR");
    CU_ASSERT_EQUAL(db_get_date(rows, 2), date_from_ymd(2000, 1, 1));
    CU_ASSERT(db_is_null(rows, 3));
    CU_ASSERT_STRING_EQUAL(db_get_text(rows, 4, NULL), "[\"arcnm\"]");
    CU_ASSERT_EQUAL(db_get_int(rows, 5), 1);
    CU_ASSERT_STRING_EQUAL(db_get_text(rows, 6, NULL), "{}");
    CU_ASSERT(db_is_null(rows, 7) && db_is_null(rows, 8));
    CU_ASSERT(!db_next(rows));
    OK(db_end(rows));
}

static void test_user(void)
{
    struct store_user jane = {.org = acme.id, .email = "Jane@Example.COM", .name = "J\xc3\xa4ne"};
    struct store_user nameless = {.org = acme.id, .email = "a@b"}, found, *users;
    size_t n;
    char id[UUID_TEXT];
    OK(store_user_insert(db, &jane));
    OK(store_user_insert(db, &nameless));
    uuid_text(&jane.id, id);
    OK(store_user_find(db, acme.id, id, &found, arena));
    CU_ASSERT_STRING_EQUAL(found.email, "jane@example.com");
    CU_ASSERT_STRING_EQUAL(found.name, "J\xc3\xa4ne");
    OK(store_user_find(db, acme.id, "JANE@example.com", &found, arena));
    CU_ASSERT(uuid_equal(&found.id, &jane.id));
    IS(store_user_find(db, other.id, "jane@example.com", &found, arena), ERR_NOT_FOUND);
    IS(store_user_find(db, other.id, id, &found, arena), ERR_NOT_FOUND);
    struct store_user again = {.org = acme.id, .email = "jane@EXAMPLE.com"};
    IS(store_user_insert(db, &again), ERR_DUPLICATE);
    again.org = other.id;
    OK(store_user_insert(db, &again));
    again.org = uuid_v7();
    IS(store_user_insert(db, &again), ERR_NOT_FOUND);
    OK(store_user_list(db, acme.id, arena, &users, &n));
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_STRING_EQUAL(users[0].email, "a@b");
    CU_ASSERT_PTR_NULL(users[0].name);
    OK(store_user_list(db, uuid_v7(), arena, &users, &n));
    CU_ASSERT_EQUAL(n, 0);
}

static struct store_key make_key(struct uuid user)
{
    char text[APIKEY_TEXT];
    struct store_key key = {
        .org = acme.id, .user = user, .name = "line 1", .scopes = 13, .expires_at = TIME_NONE};
    apikey_make("test", text);
    apikey_prefix(text, key.prefix);
    for (int i = 0; i < APIKEY_DIGEST; i++)
        key.digest[i] = (uint8_t)(i * 37);
    return key;
}

static void test_key(void)
{
    struct store_user user = {.org = acme.id, .email = "key@example.com"};
    OK(store_user_insert(db, &user));
    struct store_key key = make_key(user.id), found, *keys;
    OK(store_key_insert(db, &key));
    OK(store_key_find(db, key.prefix, &found));
    CU_ASSERT(uuid_equal(&found.org, &acme.id) && uuid_equal(&found.id, &key.id));
    CU_ASSERT(uuid_equal(&found.user, &user.id));
    CU_ASSERT_STRING_EQUAL(found.prefix, key.prefix);
    CU_ASSERT_EQUAL(memcmp(found.digest, key.digest, APIKEY_DIGEST), 0);
    CU_ASSERT_EQUAL(found.scopes, 13);
    CU_ASSERT(found.expires_at == TIME_NONE && found.last_used_at == TIME_NONE &&
              found.revoked_at == TIME_NONE);
    CU_ASSERT_EQUAL(found.created_at, key.created_at);
    /* a prefix counts to the last letter and its case */
    char wrong[APIKEY_PREFIX + 1];
    strcpy(wrong, key.prefix);
    wrong[7] = wrong[7] == '0' ? '1' : '0';
    IS(store_key_find(db, wrong, &found), ERR_NOT_FOUND);
    IS(store_key_find(db, "", &found), ERR_NOT_FOUND);
    for (char *p = strcpy(wrong, key.prefix); *p; p++)
        *p ^= (*p > '9') * 0x20;
    IS(store_key_find(db, wrong, &found), strcmp(wrong, key.prefix) ? ERR_NOT_FOUND : ERR_OK);

    char id[UUID_TEXT];
    uuid_text(&key.id, id);
    OK(store_key_get(db, acme.id, id, &found, arena));
    CU_ASSERT_STRING_EQUAL(found.name, "line 1");
    OK(store_key_get(db, acme.id, key.prefix, &found, arena));
    IS(store_key_get(db, other.id, id, &found, arena), ERR_NOT_FOUND);
    IS(store_key_get(db, other.id, key.prefix, &found, arena), ERR_NOT_FOUND);

    struct store_key same = make_key(user.id);
    strcpy(same.prefix, key.prefix);
    IS(store_key_insert(db, &same), ERR_DUPLICATE);
    struct store_key orphan = make_key(uuid_v7());
    IS(store_key_insert(db, &orphan), ERR_NOT_FOUND);
    struct store_key foreign = make_key(user.id);
    foreign.org = other.id; /* a user of one org holds no key of another */
    IS(store_key_insert(db, &foreign), ERR_NOT_FOUND);

    struct store_key second = make_key(user.id);
    size_t n;
    second.expires_at = 1800000000123456;
    OK(store_key_insert(db, &second));
    OK(store_key_list(db, acme.id, arena, &keys, &n));
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_STRING_EQUAL(keys[0].prefix, key.prefix);
    CU_ASSERT_EQUAL(keys[1].expires_at, 1800000000123456);
}

static void test_key_ends(void)
{
    struct store_user user = {.org = acme.id, .email = "end@example.com"};
    OK(store_user_insert(db, &user));
    struct store_key key = make_key(user.id), found;
    OK(store_key_insert(db, &key));
    OK(store_key_touch(db, acme.id, key.id, 1700000000000001));
    OK(store_key_find(db, key.prefix, &found));
    CU_ASSERT_EQUAL(found.last_used_at, 1700000000000001);
    OK(store_key_expire(db, acme.id, key.id, 1900000000000000));
    OK(store_key_find(db, key.prefix, &found));
    CU_ASSERT_EQUAL(found.expires_at, 1900000000000000);
    OK(store_key_expire(db, acme.id, key.id, 1950000000000000)); /* no longer life */
    OK(store_key_expire(db, acme.id, key.id, 1800000000000000));
    OK(store_key_expire(db, acme.id, key.id, 1850000000000000));
    OK(store_key_find(db, key.prefix, &found));
    CU_ASSERT_EQUAL(found.expires_at, 1800000000000000);
    OK(store_key_revoke(db, acme.id, key.id, 1710000000000000));
    OK(store_key_revoke(db, acme.id, key.id, 1720000000000000));
    OK(store_key_find(db, key.prefix, &found));
    CU_ASSERT_EQUAL(found.revoked_at, 1710000000000000);
    IS(store_key_revoke(db, other.id, key.id, 1), ERR_NOT_FOUND);
    IS(store_key_expire(db, other.id, key.id, 1), ERR_NOT_FOUND);
    IS(store_key_revoke(db, acme.id, uuid_v7(), 1), ERR_NOT_FOUND);
}

void suite_store_key(void)
{
    CU_pSuite suite = CU_add_suite("store_key", begin_suite, end_suite);
    CU_add_test(suite, "organisations", test_org);
    CU_add_test(suite, "baseline environment", test_baseline);
    CU_add_test(suite, "users", test_user);
    CU_add_test(suite, "keys", test_key);
    CU_add_test(suite, "end of keys", test_key_ends);
}
