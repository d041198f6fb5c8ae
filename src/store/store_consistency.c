/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one table of what must hold among rows, and foreign keys read from the schema. Of all
   tenants at once: the operator asks. */
#include "store_consistency.h"

#include "arena.h"
#include "buf.h"
#include "store_db.h"
#include "store_list.h"

#define TASK_PLACE "CONCAT('task ', t.id, ' of organisation ', t.org_id)"
#define OF_TASK                                                                                    \
    " FROM labeling_submission s WHERE s.org_id = t.org_id AND s.campaign_id = t.campaign_id"      \
    " AND s.task_id = t.id"

/* A campaign's count is the sum over its seats: it must equal what is there. */
#define SEATS(column, rows)                                                                        \
    "SELECT CONCAT('campaign ', c.id, ' of organisation ', c.org_id, ': counted ', c.counted,"     \
    " ', there are ', c.found) FROM (SELECT g.org_id, g.id, (SELECT COALESCE(SUM(s." column        \
    "), 0)"                                                                                        \
    " FROM labeling_seat s WHERE s.org_id = g.org_id AND s.campaign_id = g.id) AS counted,"        \
    " (SELECT COUNT(*) FROM " rows " AND r.org_id = g.org_id AND r.campaign_id = g.id) AS found"   \
    " FROM labeling_campaign g) c WHERE c.counted <> c.found"
#define MEND_SEATS(column)                                                                         \
    "add the difference to " column " of one row of labeling_seat of the campaign"

/* A value as a campaign knows it (sql/0008_labeling_value.sql), and whether a campaign g does not
   know one of rows. */
#define DIGEST(value)                                                                              \
    "CASE JSON_TYPE(" value ") WHEN 'STRING' THEN"                                                 \
    " UNHEX(LEFT(SHA2(JSON_QUOTE(JSON_UNQUOTE(" value ")), 256), 32)) WHEN 'BOOLEAN' THEN"         \
    " UNHEX(LEFT(SHA2(JSON_COMPACT(" value "), 256), 32)) ELSE REPEAT(CHAR(0), 16) END"
#define UNKNOWN(value, rows)                                                                       \
    "EXISTS (SELECT 1 FROM " rows " r WHERE r." value " IS NOT NULL AND r.org_id = g.org_id"       \
    " AND r.campaign_id = g.id AND NOT EXISTS (SELECT 1 FROM labeling_value v"                     \
    " WHERE v.org_id = g.org_id AND v.campaign_id = g.id AND v.digest = " DIGEST("r." value) "))"
#define MEND_VALUES(value, rows)                                                                   \
    "INSERT IGNORE INTO labeling_value (org_id, campaign_id, digest) SELECT DISTINCT org_id,"      \
    " campaign_id, " DIGEST(value) " FROM " rows " WHERE campaign_id = the campaign AND " value    \
                                   " IS NOT NULL LIMIT 21"

static const struct consistency_check written[] = {
    {"all schema files are applied", "costwrightctl migrate",
     "SELECT CONCAT('file ', version) FROM schema_migration WHERE state <> 'applied'"},
    {"an organisation has one baseline environment",
     "set is_baseline of the environment that is to be it, and of no other",
     "SELECT CONCAT('organisation ', o.id) FROM org o WHERE (SELECT COUNT(*) FROM environment e"
     " WHERE e.org_id = o.id AND e.is_baseline = 1) <> 1"},
    {"a part's current revision is one of its own",
     "set part.current_revision_id to the newest id in part_revision, NULL where there is none",
     "SELECT CONCAT('part ', p.id, ' of organisation ', p.org_id) FROM part p LEFT JOIN"
     " part_revision r ON r.org_id = p.org_id AND r.id = p.current_revision_id AND r.part_id = p.id"
     " WHERE p.current_revision_id IS NOT NULL AND r.id IS NULL"},
    {"an active calibration has its run",
     "deactivate it, or calibrate again: POST .../auto-calibrate-from-erp with no new rows",
     "SELECT CONCAT(a.slot, ' of environment ', a.env_id) FROM calibration_active a LEFT JOIN"
     " calibration_run r ON r.org_id = a.org_id AND r.id = a.run_id AND r.env_id = a.env_id"
     " AND r.slot = a.slot WHERE a.run_id IS NOT NULL AND r.id IS NULL"},
    {"a run has all pieces of its record and posterior",
     "activate an earlier run of the environment, then calibrate again",
     "SELECT CONCAT('run ', run_id) FROM calibration_piece GROUP BY org_id, run_id, kind"
     " HAVING MIN(seq) <> 1 OR MAX(seq) <> COUNT(*)"},
    {"no stored answer is half made", "costwrightctl purge; else DELETE the rows with status 0",
     "SELECT CONCAT('caller ', caller_id) FROM idempotency WHERE status = 0"},
    {"a task counts its submissions",
     "UPDATE labeling_task t SET submission_count = (SELECT COUNT(*)" OF_TASK ")",
     "SELECT " TASK_PLACE
     " FROM labeling_task t WHERE t.submission_count <> (SELECT COUNT(*)" OF_TASK ")"},
    {"a task counts who was unsure",
     "UPDATE labeling_task t SET unsure_count = (SELECT COUNT(*)" OF_TASK
     " AND s.verdict = 'unsure')",
     "SELECT " TASK_PLACE " FROM labeling_task t WHERE t.unsure_count <> (SELECT COUNT(*)" OF_TASK
     " AND s.verdict = 'unsure')"},
    {"a task counts what decides it",
     "UPDATE labeling_task SET counted = submission_count - unsure_count + (unsure_count > 0)",
     "SELECT " TASK_PLACE " FROM labeling_task t"
     " WHERE t.counted <> t.submission_count - t.unsure_count + (t.unsure_count > 0)"},
    {"a decided task says what was decided",
     "close the campaign again, which decides every task that has a label",
     "SELECT " TASK_PLACE " FROM labeling_task t WHERE t.status IN ('resolved', 'adjudicated')"
     " AND (t.consensus_verdict IS NULL OR t.resolved_at IS NULL)"},
    {"a lease has one holder and an end", "set the four claim columns of the task to NULL",
     "SELECT " TASK_PLACE " FROM labeling_task t WHERE (t.claimed_by_user_id IS NOT NULL)"
     " + (t.claimed_by_annotator_account_id IS NOT NULL) <> (t.claim_expires_at IS NOT NULL)"},
    {"a campaign counts its tasks", MEND_SEATS("n_tasks"),
     SEATS("n_tasks", "labeling_task r WHERE r.is_gold = 0")},
    {"a campaign counts its honeypots", MEND_SEATS("n_gold_tasks"),
     SEATS("n_gold_tasks", "labeling_task r WHERE r.is_gold = 1")},
    {"a campaign counts its decided tasks", MEND_SEATS("n_resolved"),
     SEATS("n_resolved", "labeling_task r WHERE r.is_gold = 0"
                         " AND r.status IN ('resolved', 'adjudicated')")},
    {"a campaign counts its submissions", MEND_SEATS("n_submissions"),
     SEATS("n_submissions", "labeling_submission r WHERE 1")},
    {"an open campaign knows its values, or that its labels are verdicts",
     MEND_VALUES("predicted_value", "labeling_task") "; the same with corrected_value of"
                                                     " labeling_submission",
     "SELECT CONCAT('campaign ', g.id, ' of organisation ', g.org_id) FROM labeling_campaign g"
     " WHERE g.status = 'open' AND (SELECT COUNT(*) + COALESCE(SUM(21 * (v.digest = "
     "REPEAT(CHAR(0), 16))), 0)"
     " FROM labeling_value v WHERE v.org_id = g.org_id AND v.campaign_id = g.id) <= 20"
     " AND (" UNKNOWN("predicted_value", "labeling_task") " OR " UNKNOWN(
         "corrected_value", "labeling_submission") ")"},
    {"a promoted answer has its task", "DELETE the item; the task's quote is gone with it",
     "SELECT CONCAT('item ', i.id, ' of organisation ', i.org_id) FROM ground_truth_item i"
     " LEFT JOIN labeling_task t ON t.org_id = i.org_id AND t.id = i.task_id"
     " AND t.campaign_id = i.campaign_id WHERE t.id IS NULL"},
    {"an active assignment has an account", "revoke the assignment and invite the address again",
     "SELECT CONCAT('assignment ', a.id, ' of organisation ', a.org_id) FROM labeling_assignment a"
     " LEFT JOIN annotator_account n ON n.org_id = a.org_id AND n.id = a.annotator_account_id"
     " WHERE a.status = 'active' AND n.id IS NULL"},
};
enum { WRITTEN = sizeof written / sizeof written[0] };

static const struct sql select_foreign = {
    "SELECT constraint_name, table_name, referenced_table_name,"
    " GROUP_CONCAT(CONCAT('p.`', referenced_column_name, '` = c.`', column_name, '`')"
    " ORDER BY ordinal_position SEPARATOR ' AND '),"
    " GROUP_CONCAT(CONCAT('c.`', column_name, '` IS NOT NULL') SEPARATOR ' AND '),"
    " GROUP_CONCAT(CONCAT('c.`', column_name, '`') ORDER BY ordinal_position SEPARATOR ', '),"
    " MIN(referenced_column_name)"
    " FROM information_schema.key_column_usage WHERE table_schema = DATABASE()"
    " AND referenced_table_name IS NOT NULL GROUP BY table_name, constraint_name,"
    " referenced_table_name"};
static const struct sql select_tables = {
    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND table_type = 'BASE TABLE' ORDER BY table_name"};

enum err store_consistency_checks(struct db *db, struct arena *arena,
                                  struct consistency_check **checks, size_t *n)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, &select_foreign, DB_NO_ARGS);
    if (err)
        return err;
    struct consistency_check *list = NULL;
    size_t used = 0;
    for (size_t i = 0; i < WRITTEN; i++) {
        list = store_list_room(arena, list, used, sizeof *list);
        list[used++] = written[i];
    }
    while (db_next(rows)) {
        const char *table = db_get_text(rows, 1, NULL), *parent = db_get_text(rows, 2, NULL);
        list = store_list_room(arena, list, used, sizeof *list);
        list[used++] = (struct consistency_check){
            .what = arena_printf(arena, "what %s refers to is in %s (%s)", table, parent,
                                 db_get_text(rows, 0, NULL)),
            .mend =
                arena_printf(arena, "restore the rows of %s from a backup, or DELETE these of %s",
                             parent, table),
            .broken =
                arena_printf(arena,
                             "SELECT CONCAT_WS('/', %s) FROM `%s` c LEFT JOIN `%s` p ON %s"
                             " WHERE %s AND p.`%s` IS NULL",
                             db_get_text(rows, 5, NULL), table, parent, db_get_text(rows, 3, NULL),
                             db_get_text(rows, 4, NULL), db_get_text(rows, 6, NULL)),
        };
    }
    *checks = list;
    *n = used;
    return db_end(rows);
}

enum err store_consistency_find(struct db *db, const struct consistency_check *check,
                                struct arena *arena, int64_t *broken, const char **place)
{
    struct db_rows *rows;
    struct sql *sql = ARENA_NEW(arena, struct sql);
    sql->text = arena_printf(arena,
                             "SELECT COUNT(*), MIN(v.place) FROM (SELECT NULL AS place"
                             " WHERE FALSE UNION ALL %s) v",
                             check->broken);
    enum err err = db_query_one(db, &rows, sql, DB_NO_ARGS);
    if (err)
        return err;
    *broken = db_get_int(rows, 0);
    *place = db_copy_text(rows, 1, arena);
    return db_end(rows);
}

enum err store_consistency_tables(struct db *db, struct arena *arena, const char ***tables,
                                  size_t *n)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, &select_tables, DB_NO_ARGS);
    if (err)
        return err;
    const char **list = NULL;
    size_t used = 0;
    while (db_next(rows)) {
        list = store_list_room(arena, list, used, sizeof *list);
        list[used++] = db_copy_text(rows, 0, arena);
    }
    *tables = list;
    *n = used;
    return db_end(rows);
}

enum err store_consistency_rows(struct db *db, const char *table, struct arena *arena,
                                int64_t *count)
{
    struct sql *sql = ARENA_NEW(arena, struct sql);
    sql->text = arena_printf(arena, "SELECT COUNT(*) FROM `%s`", table);
    return db_query_int(db, sql, DB_NO_ARGS, count);
}
