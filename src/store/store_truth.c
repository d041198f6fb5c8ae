/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ground truth: rows and statements. */
#include "store_truth.h"

#include "arena.h"
#include "store_db.h"

#define DATASET_COLUMNS                                                                            \
    "d.id, d.name, d.project_id, d.campaign_id, (SELECT COUNT(*) FROM ground_truth_item i"         \
    " WHERE i.org_id = d.org_id AND i.dataset_id = d.id), d.created_at"

static const struct sql select_dataset = {
    "SELECT " DATASET_COLUMNS " FROM ground_truth_dataset d WHERE d.org_id = ? AND d.id = ?"};
static const struct sql select_datasets = {"SELECT " DATASET_COLUMNS
                                           " FROM ground_truth_dataset d WHERE d.org_id = ?"
                                           " ORDER BY d.id LIMIT ? OFFSET ?"};
static const struct sql count_datasets = {
    "SELECT COUNT(*) FROM ground_truth_dataset WHERE org_id = ?"};
static const struct sql find_by_project = {
    "SELECT id FROM ground_truth_dataset WHERE org_id = ? AND project_id = ?"};
static const struct sql find_by_campaign = {
    "SELECT id FROM ground_truth_dataset WHERE org_id = ? AND campaign_id = ?"};
static const struct sql insert_dataset = {
    "INSERT INTO ground_truth_dataset (org_id, id, name, project_id, campaign_id, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?)"};
static const struct sql select_new = {
    "SELECT t.id, t.subject, t.consensus_verdict, t.consensus_value, t.confidence, t.agreement"
    " FROM labeling_task t"
    " LEFT JOIN ground_truth_item g ON g.org_id = t.org_id AND g.task_id = t.id"
    " WHERE t.org_id = ? AND t.campaign_id = ? AND t.status IN ('resolved', 'adjudicated')"
    " AND t.is_gold = 0 AND t.consensus_verdict IS NOT NULL AND g.task_id IS NULL"
    " ORDER BY t.created_at, t.id"};
static const struct sql insert_item = {
    "INSERT INTO ground_truth_item (org_id, dataset_id, task_id, id, campaign_id, subject, verdict,"
    " value, confidence, agreement, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
#define PROMOTED(key)                                                                              \
    "ground_truth_item i FORCE INDEX (" key                                                        \
    ") STRAIGHT_JOIN labeling_task t FORCE INDEX (PRIMARY) ON t.org_id = i.org_id"                 \
    " AND t.campaign_id = i.campaign_id AND t.id = i.task_id"
#define OF_TASK     PROMOTED("ground_truth_item_task")
#define OF_CAMPAIGN PROMOTED("ground_truth_item_campaign")
#define SAY_AS_TASK                                                                                \
    " SET i.verdict = t.consensus_verdict, i.value = t.consensus_value,"                           \
    " i.confidence = t.confidence, i.agreement = t.agreement WHERE i.org_id = ?"
static const struct sql update_of_task = {"UPDATE " OF_TASK SAY_AS_TASK " AND i.task_id = ?"};
static const struct sql update_of_campaign = {"UPDATE " OF_CAMPAIGN SAY_AS_TASK
                                              " AND i.campaign_id = ? AND t.status = 'resolved'"};
static const struct sql delete_of_campaign = {"DELETE i FROM " OF_CAMPAIGN
                                              " WHERE i.org_id = ? AND i.campaign_id = ?"
                                              " AND t.status = 'needs_adjudication'"};
#define ITEMS                                                                                      \
    "SELECT i.id, i.task_id, i.campaign_id, i.verdict, i.value, i.confidence, i.agreement,"        \
    " t.target_kind, t.part_revision_id, t.calculation_id, t.feature_id, t.face_uuid, t.pmi_id,"   \
    " t.dfm_issue_id, t.detail_kind, t.field_name, t.field_path, t.drawing_bbox, t.position,"      \
    " t.prompt, t.predicted_value, t.predicted_confidence, i.created_at"                           \
    " FROM ground_truth_item i FORCE INDEX (ground_truth_item_order)"                              \
    " STRAIGHT_JOIN labeling_task t FORCE INDEX (PRIMARY) ON t.org_id = i.org_id"                  \
    " AND t.campaign_id = i.campaign_id AND t.id = i.task_id"                                      \
    " WHERE i.org_id = ? AND i.dataset_id = ?"
#define ITEMS_IN_ORDER " ORDER BY i.id LIMIT ?"

static const struct sql select_items = {ITEMS ITEMS_IN_ORDER " OFFSET ?"};
static const struct sql select_items_after = {ITEMS " AND i.id > ?" ITEMS_IN_ORDER};

#define DATASET(member) FIELD_OF(struct store_truth_dataset, member)

/* in the order of DATASET_COLUMNS */
static const struct field dataset_fields[] = {
    {DATASET(id), .kind = FIELD_UUID},
    {DATASET(name), .kind = FIELD_TEXT, .help = "Of the project, or of a campaign without one."},
    {DATASET(project_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {DATASET(campaign_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {DATASET(item_count), .kind = FIELD_INT},
    {DATASET(created_at), .kind = FIELD_TIME},
};

const struct shape shape_truth_dataset = {.name = "GroundTruthDataset",
                                          SHAPE_OF(struct store_truth_dataset, dataset_fields),
                                          .nulls = SHAPE_NO_NULLS,
                                          .help = "Promoted answers of a project's campaigns."};

#define ITEM(member) FIELD_OF(struct store_truth_item, member)
#define OR_NONE(is, kind_)                                                                         \
    {                                                                                              \
        ITEM(is), .kind = (kind_), .flags = FIELD_NULLABLE                                         \
    }

/* in the order of ITEMS */
static const struct field item_fields[] = {
    {ITEM(id), .kind = FIELD_UUID},
    {ITEM(task_id), .kind = FIELD_UUID, .help = "The task it was promoted from."},
    {ITEM(campaign_id), .kind = FIELD_UUID},
    {ITEM(verdict), .kind = FIELD_TEXT, .help = "confirm, reject or correct."},
    OR_NONE(value, FIELD_JSON),
    OR_NONE(confidence, FIELD_NUM),
    OR_NONE(agreement, FIELD_NUM),
    {ITEM(target_kind), .kind = FIELD_TEXT},
    OR_NONE(part_revision_id, FIELD_UUID),
    OR_NONE(calculation_id, FIELD_UUID),
    OR_NONE(feature_id, FIELD_UUID),
    OR_NONE(face_uuid, FIELD_UUID),
    OR_NONE(pmi_id, FIELD_UUID),
    OR_NONE(dfm_issue_id, FIELD_UUID),
    OR_NONE(detail_kind, FIELD_TEXT),
    OR_NONE(field_name, FIELD_TEXT),
    OR_NONE(field_path, FIELD_TEXT),
    OR_NONE(drawing_bbox, FIELD_JSON),
    OR_NONE(position, FIELD_JSON),
    OR_NONE(prompt, FIELD_TEXT),
    OR_NONE(predicted_value, FIELD_JSON),
    OR_NONE(predicted_confidence, FIELD_NUM),
    {ITEM(created_at), .kind = FIELD_TIME, .help = "When it was promoted."},
};

const struct shape shape_truth_item = {.name = "GroundTruthItem",
                                       SHAPE_OF(struct store_truth_item, item_fields),
                                       .nulls = SHAPE_NO_NULLS,
                                       .help = "An agreed answer with its target."};

enum err store_truth_dataset_make(struct db *db, struct uuid org, struct uuid project,
                                  struct uuid campaign, const char *name, int64_t now,
                                  struct uuid *id)
{
    bool of_project = !uuid_is_nil(&project);
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, of_project ? &find_by_project : &find_by_campaign,
                                DB_ARGS(db_uuid(org), db_uuid(of_project ? project : campaign)));
    if (!err) {
        *id = db_get_uuid(rows, 0);
        return db_end(rows);
    }
    if (err != ERR_NOT_FOUND)
        return err;
    *id = uuid_v7();
    err = db_run(db, &insert_dataset,
                 DB_ARGS(db_uuid(org), db_uuid(*id), db_text(name), db_uuid(project),
                         db_uuid(of_project ? (struct uuid){{0}} : campaign), db_time(now)));
    /* another campaign of the project made it meanwhile */
    return err == ERR_DUPLICATE ? ERR_RETRY : err;
}

enum err store_truth_dataset_get(struct db *db, struct arena *arena, struct uuid org,
                                 struct uuid id, struct store_truth_dataset *dataset)
{
    return db_query_shape(db, &select_dataset, DB_ARGS(db_uuid(org), db_uuid(id)),
                          &shape_truth_dataset, dataset, arena);
}

enum err store_truth_dataset_list(struct db *db, struct arena *arena, struct uuid org,
                                  const struct store_page *page, struct store_truth_dataset **list,
                                  size_t *n, int64_t *total)
{
    enum err err =
        store_list_rows(db, arena, &select_datasets,
                        DB_ARGS(db_uuid(org), db_int(store_page_limit(page)), db_int(page->offset)),
                        &shape_truth_dataset, list, n);
    if (err)
        return err;
    return store_list_total(db, page, *n, &count_datasets, DB_ARGS(db_uuid(org)), total);
}

/* A decision on its way to an item. */
struct promoted {
    struct uuid task, id;
    struct field_raw subject;
    const char *verdict, *value;
    double confidence, agreement;
};

enum err store_truth_promote(struct db *db, struct arena *arena, struct uuid org,
                             struct uuid dataset, struct uuid campaign, int64_t now,
                             int64_t *promoted)
{
    struct db_rows *rows;
    struct promoted *list = NULL;
    size_t n = 0;
    enum err err = db_query(db, &rows, &select_new, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    if (err)
        return err;
    while (db_next(rows)) {
        list = store_list_room(arena, list, n, sizeof *list);
        list[n++] = (struct promoted){
            .task = db_get_uuid(rows, 0),
            .id = uuid_v7(),
            .subject = db_copy_raw(rows, 1, arena),
            .verdict = db_copy_text(rows, 2, arena),
            .value = db_copy_text(rows, 3, arena),
            .confidence = db_get_num(rows, 4),
            .agreement = db_get_num(rows, 5),
        };
    }
    err = db_end(rows);
    *promoted = (int64_t)n;
    if (err || !n)
        return err;
    const size_t stride = sizeof *list;
    const struct db_column columns[] = {
        {DB_UUID, &org, 0},
        {DB_UUID, &dataset, 0},
        {DB_UUID, &list->task, stride},
        {DB_UUID, &list->id, stride},
        {DB_UUID, &campaign, 0},
        {DB_BLOB, &list->subject, stride},
        {DB_TEXT, &list->verdict, stride},
        {DB_TEXT, &list->value, stride},
        {DB_NUM, &list->confidence, stride},
        {DB_NUM, &list->agreement, stride},
        {DB_TIME, &now, 0},
    };
    err = db_bulk(db, &insert_item, columns, sizeof columns / sizeof *columns, n);
    return err == ERR_DUPLICATE ? ERR_RETRY : err;
}

enum err store_truth_follow_task(struct db *db, struct uuid org, struct uuid task)
{
    return db_run(db, &update_of_task, DB_ARGS(db_uuid(org), db_uuid(task)));
}

enum err store_truth_follow(struct db *db, struct uuid org, struct uuid campaign)
{
    enum err err = db_run(db, &update_of_campaign, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    return err ? err : db_run(db, &delete_of_campaign, DB_ARGS(db_uuid(org), db_uuid(campaign)));
}

struct item_reading {
    struct db *db;
    struct arena *arena; /* of one item */
    struct uuid org, dataset, last;
    int64_t offset;
    enum err (*take)(void *context, const struct store_truth_item *item);
    void *context;
};

static enum err read_items(void *context, int64_t most, int64_t *n)
{
    struct item_reading *reading = context;
    const struct db_value org = db_uuid(reading->org), dataset = db_uuid(reading->dataset);
    struct db_rows *rows;
    enum err err = uuid_is_nil(&reading->last)
                       ? db_query(reading->db, &rows, &select_items,
                                  DB_ARGS(org, dataset, db_int(most), db_int(reading->offset)))
                       : db_query(reading->db, &rows, &select_items_after,
                                  DB_ARGS(org, dataset, db_uuid(reading->last), db_int(most)));
    if (err)
        return err;
    for (*n = 0; !err && db_next(rows); ++*n) {
        struct store_truth_item item;
        db_get_shape(rows, 0, &shape_truth_item, &item, reading->arena);
        reading->last = item.id;
        err = reading->take(reading->context, &item);
        arena_reset(reading->arena);
    }
    enum err end = db_end(rows);
    return err ? err : end;
}

enum err store_truth_item_each(struct db *db, struct uuid org, struct uuid dataset,
                               const struct store_page *page,
                               enum err (*take)(void *context, const struct store_truth_item *item),
                               void *context)
{
    struct item_reading reading = {.db = db,
                                   .arena = arena_new(),
                                   .org = org,
                                   .dataset = dataset,
                                   .offset = page->offset,
                                   .take = take,
                                   .context = context};
    enum err err = store_list_parts(page, read_items, &reading);
    arena_free(reading.arena);
    return err;
}
