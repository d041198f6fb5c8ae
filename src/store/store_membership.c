/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memberships: which machines an environment has, and when. */
#include "store_db.h"
#include "store_machine.h"
#include "store_stamp.h"

#define COLUMNS "em.id, em.machine_id, em.fleet_priority, em.is_enabled, em.valid_from, em.valid_to"
#define SELECT                                                                                     \
    "SELECT " COLUMNS ", m.id, m.name, m.klass, m.subclass, m.vendor, m.model_no,"                 \
    " m.hourly_rate_eur, m.burden_rate_eur, m.capabilities, m.valid_from, m.valid_to,"             \
    " m.parent_template_id, m.rate_basis, m.created_at"                                            \
    " FROM environment_machine em JOIN machine m ON m.org_id = em.org_id AND m.id = em.machine_id" \
    " WHERE em.org_id = ? AND em.env_id = ?"
#define ORDER " ORDER BY em.fleet_priority, em.machine_id, em.valid_from"

static const struct sql select_all = {SELECT ORDER};
static const struct sql select_page = {SELECT ORDER " LIMIT ? OFFSET ?"};
static const struct sql select_one = {SELECT " AND em.id = ?"};
static const struct sql select_count = {
    "SELECT COUNT(*) FROM environment_machine WHERE org_id = ? AND env_id = ?"};
static const struct sql insert_one = {
    "INSERT INTO environment_machine (org_id, id, env_id, machine_id, fleet_priority, is_enabled,"
    " valid_from, valid_to, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql update_one = {
    "UPDATE environment_machine SET fleet_priority = ?, is_enabled = ?, valid_from = ?,"
    " valid_to = ? WHERE org_id = ? AND env_id = ? AND id = ?"};
static const struct sql delete_one = {
    "DELETE FROM environment_machine WHERE org_id = ? AND env_id = ? AND id = ?"};
static const struct sql select_overlap = {
    "SELECT 1 FROM environment_machine WHERE org_id = ? AND env_id = ? AND machine_id = ?"
    " AND id <> ? AND (valid_to IS NULL OR valid_to >= ?) AND (? IS NULL OR valid_from <= ?)"
    " LIMIT 1 LOCK IN SHARE MODE"};

#define AT(member) FIELD_OF(struct store_membership, member)

/* in the order of COLUMNS */
static const struct field fields[] = {
    {.name = "membership_id", .kind = FIELD_UUID, .offset = offsetof(struct store_membership, id)},
    {AT(machine_id), .kind = FIELD_UUID, .flags = FIELD_HIDDEN},
    {AT(fleet_priority), .kind = FIELD_INT, .help = "Lower is tried first."},
    {AT(is_enabled), .kind = FIELD_BOOL, .help = "False: never chosen."},
    {AT(valid_from), .kind = FIELD_DATE, .help = "First day."},
    {AT(valid_to), .kind = FIELD_DATE, .flags = FIELD_NULLABLE, .help = "Last day; null: open."},
    {AT(machine), .kind = FIELD_OBJECT, .flags = FIELD_NULLABLE | FIELD_NOT_COLUMN,
     .shape = &shape_machine},
};

const struct shape shape_membership = {
    .name = "EnvironmentMachinePublic",
    SHAPE_OF(struct store_membership, fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "A machine of an environment.",
};

static void read_row(const struct db_rows *rows, struct arena *arena,
                     struct store_membership *membership)
{
    struct store_machine *machine = ARENA_NEW(arena, struct store_machine);
    unsigned next = db_get_shape(rows, 0, &shape_membership, membership, arena);
    db_get_shape(rows, next, &shape_machine_detail, machine, arena);
    membership->machine = machine;
}

static enum err list_rows(struct db *db, struct arena *arena, const struct sql *sql,
                          const struct db_value *args, size_t n_args,
                          struct store_membership **list, size_t *n)
{
    struct db_rows *rows;
    struct store_membership *items = NULL;
    size_t count = 0;
    enum err err = db_query(db, &rows, sql, args, n_args);
    if (err)
        return err;
    while (db_next(rows)) {
        items = store_list_room(arena, items, count, sizeof *items);
        read_row(rows, arena, &items[count++]);
    }
    err = db_end(rows);
    if (err)
        return err;
    *list = items;
    *n = count;
    return ERR_OK;
}

enum err store_membership_list(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid environment, struct store_membership **list, size_t *n)
{
    return list_rows(db, arena, &select_all, DB_ARGS(db_uuid(org), db_uuid(environment)), list, n);
}

enum err store_membership_page(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid environment, const struct store_page *page,
                               struct store_membership **list, size_t *n, int64_t *total)
{
    enum err err = list_rows(db, arena, &select_page,
                             DB_ARGS(db_uuid(org), db_uuid(environment),
                                     db_int(store_page_limit(page)), db_int(page->offset)),
                             list, n);
    if (err)
        return err;
    return store_list_total(db, page, *n, &select_count,
                            DB_ARGS(db_uuid(org), db_uuid(environment)), total);
}

enum err store_membership_get(struct db *db, struct arena *arena, struct uuid org,
                              struct uuid environment, struct uuid id,
                              struct store_membership *membership)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, &select_one,
                                DB_ARGS(db_uuid(org), db_uuid(environment), db_uuid(id)));
    if (err)
        return err;
    read_row(rows, arena, membership);
    return db_end(rows);
}

enum err store_membership_insert(struct db *db, struct uuid org, struct uuid environment,
                                 const struct store_membership *membership, int64_t now)
{
    enum err err =
        db_run(db, &insert_one,
               DB_ARGS(db_uuid(org), db_uuid(membership->id), db_uuid(environment),
                       db_uuid(membership->machine_id), db_int(membership->fleet_priority),
                       db_bool(membership->is_enabled), db_date(membership->valid_from),
                       db_date(membership->valid_to), db_time(now)));
    return err ? err : store_stamp_environment(db, org, environment);
}

enum err store_membership_update(struct db *db, struct uuid org, struct uuid environment,
                                 const struct store_membership *membership)
{
    enum err err =
        db_run(db, &update_one,
               DB_ARGS(db_int(membership->fleet_priority), db_bool(membership->is_enabled),
                       db_date(membership->valid_from), db_date(membership->valid_to), db_uuid(org),
                       db_uuid(environment), db_uuid(membership->id)));
    return err ? err : store_stamp_environment(db, org, environment);
}

enum err store_membership_delete(struct db *db, struct uuid org, struct uuid environment,
                                 struct uuid id)
{
    enum err err =
        db_run(db, &delete_one, DB_ARGS(db_uuid(org), db_uuid(environment), db_uuid(id)));
    if (err)
        return err;
    return db_affected(db) ? store_stamp_environment(db, org, environment) : ERR_NOT_FOUND;
}

enum err store_membership_overlaps(struct db *db, struct uuid org, struct uuid environment,
                                   const struct store_membership *membership, bool *overlaps)
{
    return db_query_any(db, &select_overlap,
                        DB_ARGS(db_uuid(org), db_uuid(environment), db_uuid(membership->machine_id),
                                db_uuid(membership->id), db_date(membership->valid_from),
                                db_date(membership->valid_to), db_date(membership->valid_to)),
                        overlaps);
}
