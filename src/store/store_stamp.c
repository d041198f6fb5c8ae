/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stamps of environments: statements. */
#include "store_stamp.h"

#include "store_db.h"

static const struct sql put_one = {
    "INSERT INTO pricing_stamp (org_id, env_id, stamp) VALUES (?, ?, ?)"
    " ON DUPLICATE KEY UPDATE stamp = VALUES(stamp)"};
/* locks the memberships, too: one that is made meanwhile waits, and stamps its own environment */
static const struct sql put_members = {
    "INSERT INTO pricing_stamp (org_id, env_id, stamp)"
    " SELECT DISTINCT org_id, env_id, CAST(? AS UUID) FROM environment_machine"
    " WHERE org_id = ? AND machine_id = ? ON DUPLICATE KEY UPDATE stamp = VALUES(stamp)"};

enum err store_stamp_environment(struct db *db, struct uuid org, struct uuid environment)
{
    return db_run(db, &put_one, DB_ARGS(db_uuid(org), db_uuid(environment), db_uuid(uuid_v7())));
}

enum err store_stamp_machine(struct db *db, struct uuid org, struct uuid machine)
{
    return db_run(db, &put_members, DB_ARGS(db_uuid(uuid_v7()), db_uuid(org), db_uuid(machine)));
}
