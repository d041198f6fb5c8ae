/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements of organisations and users. */
#include "store_org.h"

#include "arena.h"
#include "store_db.h"
#include "store_list.h"
#include "when.h"

#include <string.h>

#define ORG_COLUMNS  "id, name, created_at"
#define USER_COLUMNS "org_id, id, email, name, created_at"

static const struct sql insert_org = {"INSERT INTO org (id, name, created_at) VALUES (?, ?, ?)"};
static const struct sql insert_baseline = {
    "INSERT INTO environment (org_id, id, name, region, currency, description, valid_from,"
    " valid_to, enabled_extractors, is_baseline, attributes, created_at)"
    " VALUES (?, ?, 'Baseline', NULL, 'EUR', NULL, '2000-01-01', NULL, '[\"arcnm\"]', 1, '{}', ?)"};
static const struct sql select_org_id = {"SELECT " ORG_COLUMNS " FROM org WHERE id = ?"};
static const struct sql select_org_name = {"SELECT " ORG_COLUMNS " FROM org WHERE name = ?"};
static const struct sql select_orgs = {"SELECT " ORG_COLUMNS " FROM org ORDER BY name"};
static const struct sql insert_user = {
    "INSERT INTO app_user (org_id, id, email, name, created_at) VALUES (?, ?, ?, ?, ?)"};
static const struct sql select_user_id = {"SELECT " USER_COLUMNS
                                          " FROM app_user WHERE org_id = ? AND id = ?"};
static const struct sql select_user_email = {"SELECT " USER_COLUMNS
                                             " FROM app_user WHERE org_id = ? AND email = ?"};
static const struct sql select_users = {"SELECT " USER_COLUMNS
                                        " FROM app_user WHERE org_id = ? ORDER BY email"};

static void get_org(const struct db_rows *rows, struct store_org *org, struct arena *arena)
{
    *org = (struct store_org){.id = db_get_uuid(rows, 0),
                              .name = db_copy_text(rows, 1, arena),
                              .created_at = db_get_time(rows, 2)};
}

static void get_user(const struct db_rows *rows, struct store_user *user, struct arena *arena)
{
    *user = (struct store_user){.org = db_get_uuid(rows, 0),
                                .id = db_get_uuid(rows, 1),
                                .email = db_copy_text(rows, 2, arena),
                                .name = db_copy_text(rows, 3, arena),
                                .created_at = db_get_time(rows, 4)};
}

enum err store_org_insert(struct db *db, struct store_org *org)
{
    org->id = uuid_v7();
    org->created_at = time_now();
    enum err err = db_run(db, &insert_org,
                          DB_ARGS(db_uuid(org->id), db_text(org->name), db_time(org->created_at)));
    if (err)
        return err;
    return db_run(db, &insert_baseline,
                  DB_ARGS(db_uuid(org->id), db_uuid(uuid_v7()), db_time(org->created_at)));
}

static enum err find_org(struct db *db, const struct sql *sql, struct db_value by,
                         struct store_org *org, struct arena *arena)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, sql, DB_ARGS(by));
    if (err)
        return err;
    get_org(rows, org, arena);
    return db_end(rows);
}

enum err store_org_find(struct db *db, const char *id_or_name, struct store_org *org,
                        struct arena *arena)
{
    struct uuid id;
    enum err err = ERR_NOT_FOUND;
    if (uuid_parse(&id, id_or_name, strlen(id_or_name)))
        err = find_org(db, &select_org_id, db_uuid(id), org, arena);
    return err == ERR_NOT_FOUND ? find_org(db, &select_org_name, db_text(id_or_name), org, arena)
                                : err;
}

enum err store_org_list(struct db *db, struct arena *arena, struct store_org **orgs, size_t *n)
{
    struct db_rows *rows;
    struct store_org *list = NULL;
    size_t used = 0;
    enum err err = db_query(db, &rows, &select_orgs, DB_NO_ARGS);
    if (err)
        return err;
    while (db_next(rows)) {
        list = store_list_room(arena, list, used, sizeof *list);
        get_org(rows, &list[used++], arena);
    }
    *orgs = list;
    *n = used;
    return db_end(rows);
}

enum err store_user_insert(struct db *db, struct store_user *user)
{
    struct arena *arena = arena_new();
    user->id = uuid_v7();
    user->created_at = time_now();
    enum err err = db_run(db, &insert_user,
                          DB_ARGS(db_uuid(user->org), db_uuid(user->id),
                                  db_text(arena_lower(arena, user->email)), db_text(user->name),
                                  db_time(user->created_at)));
    arena_free(arena);
    return err == ERR_CONFLICT ? ERR_NOT_FOUND : err; /* no such org */
}

static enum err find_user(struct db *db, const struct sql *sql, struct uuid org, struct db_value by,
                          struct store_user *user, struct arena *arena)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, sql, DB_ARGS(db_uuid(org), by));
    if (err)
        return err;
    get_user(rows, user, arena);
    return db_end(rows);
}

enum err store_user_find(struct db *db, struct uuid org, const char *id_or_email,
                         struct store_user *user, struct arena *arena)
{
    struct uuid id;
    if (uuid_parse(&id, id_or_email, strlen(id_or_email)))
        return find_user(db, &select_user_id, org, db_uuid(id), user, arena);
    return find_user(db, &select_user_email, org, db_text(arena_lower(arena, id_or_email)), user,
                     arena);
}

enum err store_user_list(struct db *db, struct uuid org, struct arena *arena,
                         struct store_user **users, size_t *n)
{
    struct db_rows *rows;
    struct store_user *list = NULL;
    size_t used = 0;
    enum err err = db_query(db, &rows, &select_users, DB_ARGS(db_uuid(org)));
    if (err)
        return err;
    while (db_next(rows)) {
        list = store_list_room(arena, list, used, sizeof *list);
        get_user(rows, &list[used++], arena);
    }
    *users = list;
    *n = used;
    return db_end(rows);
}
