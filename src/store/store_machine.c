/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machine definitions: rows and statements. */
#include "store_machine.h"

#include "store_db.h"
#include "store_stamp.h"

#define COLUMNS                                                                                    \
    "id, name, klass, subclass, vendor, model_no, hourly_rate_eur, burden_rate_eur, capabilities," \
    " valid_from, valid_to, parent_template_id, rate_basis, created_at"
#define ONE "SELECT " COLUMNS " FROM machine WHERE org_id = ? AND id = ?"

static const struct sql select_one = {ONE};
static const struct sql select_locked = {ONE " FOR UPDATE"};
static const struct sql select_page = {
    "SELECT " COLUMNS " FROM machine WHERE org_id = ? ORDER BY id LIMIT ? OFFSET ?"};
static const struct sql select_count = {"SELECT COUNT(*) FROM machine WHERE org_id = ?"};
static const struct sql insert_one = {"INSERT INTO machine (org_id, " COLUMNS ")"
                                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql update_one = {
    "UPDATE machine SET name = ?, klass = ?, subclass = ?, vendor = ?, model_no = ?,"
    " hourly_rate_eur = ?, burden_rate_eur = ?, capabilities = ?, valid_from = ?, valid_to = ?,"
    " parent_template_id = ?, rate_basis = ? WHERE org_id = ? AND id = ?"};
static const struct sql delete_one = {"DELETE FROM machine WHERE org_id = ? AND id = ?"};
/* overhead rates of this machine: the machine is the second key field */
static const struct sql select_rate_user = {
    "SELECT 1 FROM rate WHERE org_id = ? AND kind = 'overhead'"
    " AND rate_key = CONCAT('manufacturing', CHAR(31), ?) LIMIT 1 LOCK IN SHARE MODE"};

#define AT(member) FIELD_OF(struct store_machine, member)

/* in the order of COLUMNS; what only machines' own calls show comes last */
static const struct field fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(name), .kind = FIELD_TEXT, .help = "Not unique."},
    {AT(klass), .kind = FIELD_TEXT, .help = "<process>.<type>."},
    {AT(subclass), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .help = "small, medium or large."},
    {AT(vendor), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(model_no), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(hourly_rate_eur), .kind = FIELD_NUM, .flags = FIELD_NULLABLE,
     .help = "Machine rate, EUR per hour, given or derived after VDI 3258; without operator."},
    {AT(burden_rate_eur), .kind = FIELD_NUM, .flags = FIELD_NULLABLE,
     .help = "EUR per hour, charged beside the machine rate."},
    {AT(capabilities), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON,
     .help = "What was stated of the machine."},
    {AT(valid_from), .kind = FIELD_DATE, .help = "First day."},
    {AT(valid_to), .kind = FIELD_DATE, .flags = FIELD_NULLABLE, .help = "Last day; null: open."},
    {AT(parent_template_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE | FIELD_ADDED},
    {AT(rate_basis), .kind = FIELD_TEXT, .flags = FIELD_ADDED,
     .help = "Where hourly_rate_eur comes from: given or vdi_3258."},
    {AT(created_at), .kind = FIELD_TIME, .flags = FIELD_ADDED},
};

const struct shape shape_machine_detail = {
    .name = "MachineDetail",
    SHAPE_OF(struct store_machine, fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "A machine definition of the organisation.",
};

const struct shape shape_machine = {
    .name = "MachinePublic",
    .fields = fields,
    .n = sizeof fields / sizeof *fields - 3,
    .size = sizeof(struct store_machine),
    .nulls = SHAPE_NO_NULLS,
    .help = "A machine definition, as environments show it.",
};

enum err store_machine_get(struct db *db, struct arena *arena, struct uuid org, struct uuid id,
                           enum store_lock lock, struct store_machine *machine)
{
    return db_query_shape(db, lock == STORE_READ ? &select_one : &select_locked,
                          DB_ARGS(db_uuid(org), db_uuid(id)), &shape_machine_detail, machine,
                          arena);
}

enum err store_machine_list(struct db *db, struct arena *arena, struct uuid org,
                            const struct store_page *page, struct store_machine **list, size_t *n,
                            int64_t *total)
{
    enum err err =
        store_list_rows(db, arena, &select_page,
                        DB_ARGS(db_uuid(org), db_int(store_page_limit(page)), db_int(page->offset)),
                        &shape_machine_detail, list, n);
    if (err)
        return err;
    return store_list_total(db, page, *n, &select_count, DB_ARGS(db_uuid(org)), total);
}

enum err store_machine_insert(struct db *db, struct uuid org, const struct store_machine *machine,
                              int64_t now)
{
    return db_run(db, &insert_one,
                  DB_ARGS(db_uuid(org), db_uuid(machine->id), db_text(machine->name),
                          db_text(machine->klass), db_text(machine->subclass),
                          db_text(machine->vendor), db_text(machine->model_no),
                          db_num(machine->hourly_rate_eur), db_num(machine->burden_rate_eur),
                          db_text(machine->capabilities.text), db_date(machine->valid_from),
                          db_date(machine->valid_to), db_uuid(machine->parent_template_id),
                          db_text(machine->rate_basis), db_time(now)));
}

enum err store_machine_update(struct db *db, struct uuid org, const struct store_machine *machine)
{
    enum err err =
        db_run(db, &update_one,
               DB_ARGS(db_text(machine->name), db_text(machine->klass), db_text(machine->subclass),
                       db_text(machine->vendor), db_text(machine->model_no),
                       db_num(machine->hourly_rate_eur), db_num(machine->burden_rate_eur),
                       db_text(machine->capabilities.text), db_date(machine->valid_from),
                       db_date(machine->valid_to), db_uuid(machine->parent_template_id),
                       db_text(machine->rate_basis), db_uuid(org), db_uuid(machine->id)));
    if (err)
        return err;
    return db_affected(db) ? store_stamp_machine(db, org, machine->id) : ERR_NOT_FOUND;
}

enum err store_machine_delete(struct db *db, struct uuid org, struct uuid id)
{
    char text[UUID_TEXT];
    uuid_text(&id, text);
    enum err err = db_run(db, &delete_one, DB_ARGS(db_uuid(org), db_uuid(id)));
    if (err)
        return err;
    if (!db_affected(db))
        return ERR_NOT_FOUND;
    /* asked behind the deletion: a new rate of this machine waits for its row */
    bool used;
    err = db_query_any(db, &select_rate_user, DB_ARGS(db_uuid(org), db_text(text)), &used);
    return err ? err : used ? ERR_CONFLICT : ERR_OK;
}
