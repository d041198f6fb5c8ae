/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labeling projects and campaigns, and what is counted of them: rows and statements. */
#include "store_label_campaign.h"

#include "store_db.h"

#define PROJECT_COLUMNS                                                                            \
    "p.id, p.org_id, p.name, p.description, p.guideline_id, p.ontology_id, p.target_kinds,"        \
    " p.selection_policy, p.uses_platform_pool, p.status, (SELECT COUNT(*) FROM labeling_campaign" \
    " c WHERE c.org_id = p.org_id AND c.project_id = p.id), p.created_by_user_id, p.created_at"

static const struct sql select_project = {"SELECT " PROJECT_COLUMNS " FROM labeling_project p"
                                          " WHERE p.org_id = ? AND p.id = ?"};
static const struct sql lock_project = {
    "SELECT 1 FROM labeling_project WHERE org_id = ? AND id = ? FOR UPDATE"};
static const struct sql select_projects = {"SELECT " PROJECT_COLUMNS
                                           " FROM labeling_project p WHERE p.org_id = ?"
                                           " ORDER BY p.id LIMIT ? OFFSET ?"};
static const struct sql count_projects = {"SELECT COUNT(*) FROM labeling_project WHERE org_id = ?"};
static const struct sql insert_project = {
    "INSERT INTO labeling_project (org_id, id, name, description, guideline_id, ontology_id,"
    " target_kinds, selection_policy, uses_platform_pool, status, created_by_user_id, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

#define CAMPAIGN_COLUMNS                                                                           \
    "c.id, c.org_id, c.project_id, c.name, c.description, c.status, c.consensus_method,"           \
    " c.acceptance_alpha, c.gold_fraction, c.target_redundancy, c.adaptive_redundancy,"            \
    " c.created_by_user_id, c.created_at, c.closed_at"
#define SUM_OF(column)                                                                             \
    ", COALESCE((SELECT SUM(s." column ") FROM labeling_seat s WHERE s.org_id = c.org_id AND"      \
    " s.campaign_id = c.id), 0)"
#define COUNTED CAMPAIGN_COLUMNS SUM_OF("n_tasks") SUM_OF("n_resolved")
#define ONE     " FROM labeling_campaign c WHERE c.org_id = ? AND c.id = ?"

static const struct sql select_campaign = {"SELECT " COUNTED ONE};
static const struct sql share_campaign = {"SELECT " CAMPAIGN_COLUMNS ", NULL, NULL" ONE
                                          " LOCK IN SHARE MODE"};
static const struct sql lock_campaign = {"SELECT " CAMPAIGN_COLUMNS ", NULL, NULL" ONE
                                         " FOR UPDATE"};
static const struct sql select_campaigns = {"SELECT " COUNTED
                                            " FROM labeling_campaign c WHERE c.org_id = ?"
                                            " ORDER BY c.id LIMIT ? OFFSET ?"};
static const struct sql select_campaigns_of = {"SELECT " COUNTED
                                               " FROM labeling_campaign c WHERE c.org_id = ?"
                                               " AND c.status = ? ORDER BY c.id LIMIT ? OFFSET ?"};
static const struct sql count_campaigns = {
    "SELECT COUNT(*) FROM labeling_campaign WHERE org_id = ?"};
static const struct sql count_campaigns_of = {
    "SELECT COUNT(*) FROM labeling_campaign WHERE org_id = ? AND status = ?"};
static const struct sql insert_campaign = {
    "INSERT INTO labeling_campaign (org_id, id, project_id, name, description, status,"
    " consensus_method, acceptance_alpha, gold_fraction, target_redundancy, adaptive_redundancy,"
    " created_by_user_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};
static const struct sql end_campaign = {
    "UPDATE labeling_campaign SET status = ?, closed_at = COALESCE(closed_at, ?)"
    " WHERE org_id = ? AND id = ?"};

static const struct sql select_counts = {
    "SELECT COALESCE(SUM(n_tasks), 0), COALESCE(SUM(n_gold_tasks), 0),"
    " COALESCE(SUM(n_resolved), 0), COALESCE(SUM(n_submissions), 0), COALESCE(SUM(n_changes), 0),"
    " COUNT(*), COALESCE(SUM(gold_answered), 0), COALESCE(SUM(gold_correct), 0)"
    " FROM labeling_seat WHERE org_id = ? AND campaign_id = ?"};
static const struct sql add_counts = {
    "UPDATE labeling_seat SET n_tasks = n_tasks + ?, n_gold_tasks = n_gold_tasks + ?,"
    " n_resolved = n_resolved + ?, n_submissions = n_submissions + ?, n_changes = n_changes + 1,"
    " gold_answered = gold_answered + ?, gold_correct = gold_correct + ?"
    " WHERE org_id = ? AND campaign_id = ? AND actor_id = ?"};
static const struct sql insert_counts = {"INSERT " STORE_LABEL_NEW_SEAT("?, ?, ?, ?, 1, ?, ?")};

static const struct sql forget_due = {
    "UPDATE labeling_seat SET gold_next = 0, turn = turn + 1 WHERE org_id = ? AND campaign_id = ?"};

#define AT(member) FIELD_OF(struct store_label_project, member)

/* in the order of PROJECT_COLUMNS */
static const struct field project_fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(org_id), .kind = FIELD_UUID},
    {AT(name), .kind = FIELD_TEXT},
    {AT(description), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(guideline_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {AT(ontology_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {AT(target_kinds), .kind = FIELD_JSON, .flags = FIELD_ARRAY_JSON, .item = FIELD_TEXT,
     .help = "Array of the kinds of predictions it asks about; empty: all."},
    {AT(selection_policy), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON,
     .help = "Which predictions become tasks."},
    {AT(uses_platform_pool), .kind = FIELD_BOOL, .help = "Platform annotators may be assigned."},
    {AT(status), .kind = FIELD_TEXT, .help = "active or archived."},
    {AT(campaign_count), .kind = FIELD_INT},
    {AT(created_by_user_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {AT(created_at), .kind = FIELD_TIME},
};
#undef AT

const struct shape shape_label_project = {
    .name = "LabelingProjectPublic",
    SHAPE_OF(struct store_label_project, project_fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "A labeling project: which predictions people check, in campaigns.",
};

#define AT(member) FIELD_OF(struct store_label_campaign, member)

/* in the order of CAMPAIGN_COLUMNS, then the counts */
static const struct field campaign_fields[] = {
    {AT(id), .kind = FIELD_UUID},
    {AT(org_id), .kind = FIELD_UUID},
    {AT(project_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {AT(name), .kind = FIELD_TEXT},
    {AT(description), .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {AT(status), .kind = FIELD_TEXT, .help = "open, closed or promoted."},
    {AT(consensus_method), .kind = FIELD_TEXT,
     .help = "dawid_skene, majority or weighted_majority."},
    {AT(acceptance_alpha), .kind = FIELD_NUM, .help = "Least Krippendorff alpha that promotes."},
    {AT(gold_fraction), .kind = FIELD_NUM,
     .help = "Share of honeypots among the tasks an annotator is served."},
    {AT(target_redundancy), .kind = FIELD_INT, .help = "n_required of tasks that name none."},
    {AT(adaptive_redundancy), .kind = FIELD_BOOL, .flags = FIELD_ADDED,
     .help = "Labels per task after its posterior."},
    {AT(created_by_user_id), .kind = FIELD_UUID, .flags = FIELD_NULLABLE},
    {AT(created_at), .kind = FIELD_TIME},
    {AT(closed_at), .kind = FIELD_TIME, .flags = FIELD_NULLABLE},
    {AT(task_count), .kind = FIELD_INT, .help = "Without honeypots."},
    {AT(resolved_count), .kind = FIELD_INT, .help = "Resolved or adjudicated, without honeypots."},
};
#undef AT

const struct shape shape_label_campaign = {
    .name = "LabelingCampaignPublic",
    SHAPE_OF(struct store_label_campaign, campaign_fields),
    .nulls = SHAPE_NO_NULLS,
    .help = "A campaign: tasks that annotators answer several times each.",
};

enum err store_label_project_get(struct db *db, struct arena *arena, struct uuid org,
                                 struct uuid id, struct store_label_project *project)
{
    return db_query_shape(db, &select_project, DB_ARGS(db_uuid(org), db_uuid(id)),
                          &shape_label_project, project, arena);
}

enum err store_label_project_lock(struct db *db, struct uuid org, struct uuid id)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, &lock_project, DB_ARGS(db_uuid(org), db_uuid(id)));
    return err ? err : db_end(rows);
}

enum err store_label_project_list(struct db *db, struct arena *arena, struct uuid org,
                                  const struct store_page *page, struct store_label_project **list,
                                  size_t *n, int64_t *total)
{
    enum err err =
        store_list_rows(db, arena, &select_projects,
                        DB_ARGS(db_uuid(org), db_int(store_page_limit(page)), db_int(page->offset)),
                        &shape_label_project, list, n);
    if (err)
        return err;
    return store_list_total(db, page, *n, &count_projects, DB_ARGS(db_uuid(org)), total);
}

enum err store_label_project_insert(struct db *db, struct uuid org,
                                    const struct store_label_project *project)
{
    return db_run(db, &insert_project,
                  DB_ARGS(db_uuid(org), db_uuid(project->id), db_text(project->name),
                          db_text(project->description), db_uuid(project->guideline_id),
                          db_uuid(project->ontology_id), db_text(project->target_kinds.text),
                          db_text(project->selection_policy.text),
                          db_bool(project->uses_platform_pool), db_text(project->status),
                          db_uuid(project->created_by_user_id), db_time(project->created_at)));
}

enum err store_label_campaign_get(struct db *db, struct arena *arena, struct uuid org,
                                  struct uuid id, enum store_lock lock,
                                  struct store_label_campaign *campaign)
{
    static const struct sql *const by_lock[] = {[STORE_READ] = &select_campaign,
                                                [STORE_SHARE] = &share_campaign,
                                                [STORE_UPDATE] = &lock_campaign};
    return db_query_shape(db, by_lock[lock], DB_ARGS(db_uuid(org), db_uuid(id)),
                          &shape_label_campaign, campaign, arena);
}

enum err store_label_campaign_list(struct db *db, struct arena *arena, struct uuid org,
                                   const char *status, const struct store_page *page,
                                   struct store_label_campaign **list, size_t *n, int64_t *total)
{
    struct db_value limit = db_int(store_page_limit(page)), offset = db_int(page->offset);
    enum err err =
        status ? store_list_rows(db, arena, &select_campaigns_of,
                                 DB_ARGS(db_uuid(org), db_text(status), limit, offset),
                                 &shape_label_campaign, list, n)
               : store_list_rows(db, arena, &select_campaigns, DB_ARGS(db_uuid(org), limit, offset),
                                 &shape_label_campaign, list, n);
    if (err)
        return err;
    return status ? store_list_total(db, page, *n, &count_campaigns_of,
                                     DB_ARGS(db_uuid(org), db_text(status)), total)
                  : store_list_total(db, page, *n, &count_campaigns, DB_ARGS(db_uuid(org)), total);
}

enum err store_label_campaign_insert(struct db *db, struct uuid org,
                                     const struct store_label_campaign *campaign)
{
    enum err err =
        db_run(db, &insert_campaign,
               DB_ARGS(db_uuid(org), db_uuid(campaign->id), db_uuid(campaign->project_id),
                       db_text(campaign->name), db_text(campaign->description),
                       db_text(campaign->status), db_text(campaign->consensus_method),
                       db_num(campaign->acceptance_alpha), db_num(campaign->gold_fraction),
                       db_int(campaign->target_redundancy), db_bool(campaign->adaptive_redundancy),
                       db_uuid(campaign->created_by_user_id), db_time(campaign->created_at)));
    return err == ERR_CONFLICT ? ERR_NOT_FOUND : err;
}

enum err store_label_campaign_end(struct db *db, struct uuid org, struct uuid id,
                                  const char *status, int64_t now)
{
    return db_run(db, &end_campaign,
                  DB_ARGS(db_text(status), db_time(now), db_uuid(org), db_uuid(id)));
}

enum err store_label_campaign_counts(struct db *db, struct uuid org, struct uuid id,
                                     struct store_label_counts *counts)
{
    struct db_rows *rows;
    enum err err = db_query_one(db, &rows, &select_counts, DB_ARGS(db_uuid(org), db_uuid(id)));
    if (err)
        return err;
    *counts = (struct store_label_counts){
        .tasks = db_get_int(rows, 0),
        .gold_tasks = db_get_int(rows, 1),
        .resolved = db_get_int(rows, 2),
        .submissions = db_get_int(rows, 3),
        .changes = db_get_int(rows, 4),
        .seats = db_get_int(rows, 5),
        .gold_answered = db_get_int(rows, 6),
        .gold_correct = db_get_int(rows, 7),
    };
    return db_end(rows);
}

enum err store_label_campaign_add(struct db *db, struct uuid org, struct uuid campaign,
                                  struct uuid actor, bool is_user,
                                  const struct store_label_change *change)
{
    const struct db_value counts[] = {
        db_int(change->tasks),       db_int(change->gold_tasks),    db_int(change->resolved),
        db_int(change->submissions), db_int(change->gold_answered), db_int(change->gold_correct),
    };
    const struct db_value seat[] = {db_uuid(org), db_uuid(campaign), db_uuid(actor)};
    enum err err = ERR_OK;
    if (change->gold_tasks)
        err = db_run(db, &forget_due, DB_ARGS(seat[0], seat[1]));
    if (!err)
        err = db_run(db, &add_counts,
                     DB_ARGS(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5],
                             seat[0], seat[1], seat[2]));
    if (err || db_affected(db))
        return err;
    err = db_run(db, &insert_counts,
                 DB_ARGS(seat[0], seat[1], seat[2], db_bool(is_user), counts[0], counts[1],
                         counts[2], counts[3], counts[4], counts[5]));
    /* made by another transaction meanwhile: the next run finds it */
    return err == ERR_DUPLICATE ? ERR_RETRY : err;
}
