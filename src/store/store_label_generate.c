/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tasks are made of: statements. */
#include "store_label_generate.h"

#include "intern.h"
#include "store_db.h"
#include "store_keys.h"

#include <sodium.h>

#define SUBJECT 16 /* bytes */

#define KEYS_SUBJECTS "JSON_TABLE(?, '$[*]' COLUMNS(i FOR ORDINALITY, subject CHAR(32) PATH '$')) k"

static const struct sql select_sources = {
    "SELECT k.i, c.part_revision_id, r.predictions FROM " STORE_KEYS_IDS
    " STRAIGHT_JOIN calculation c FORCE INDEX (PRIMARY)"
    " ON c.org_id = ? AND c.id = CAST(k.id AS UUID)"
    " LEFT JOIN part_revision r ON r.org_id = ? AND r.id = c.part_revision_id ORDER BY k.i"};
static const struct sql select_asked = {
    "SELECT k.i FROM " KEYS_SUBJECTS
    " STRAIGHT_JOIN labeling_task t FORCE INDEX (labeling_task_subject)"
    " ON t.org_id = ? AND t.subject = UNHEX(k.subject)"
    " JOIN labeling_campaign c ON c.org_id = t.org_id AND c.id = t.campaign_id"
    " WHERE t.is_gold = 0"
    " AND (c.status = 'open' OR (c.status = 'closed' AND t.status <> 'open'))"};
static const struct sql select_true = {
    "SELECT k.i FROM " KEYS_SUBJECTS
    " STRAIGHT_JOIN ground_truth_item g FORCE INDEX (ground_truth_item_subject)"
    " ON g.org_id = ? AND g.subject = UNHEX(k.subject)"};
static const struct sql select_alike = {
    "SELECT id FROM labeling_campaign WHERE org_id = ? AND project_id = ? AND name = ?"
    " AND status = 'open' AND description <=> ? AND consensus_method = ? AND acceptance_alpha = ?"
    " AND gold_fraction = ? AND target_redundancy = ? AND adaptive_redundancy = ?"
    " ORDER BY id LIMIT 1"};
/* items without a subject (tasks without a revision) are told apart by nothing but their task */
static const struct sql select_gold = {
    "SELECT i.id, i.task_id, i.campaign_id, i.verdict, i.value, i.confidence, i.agreement,"
    " t.target_kind, t.part_revision_id, t.calculation_id, t.feature_id, t.face_uuid, t.pmi_id,"
    " t.dfm_issue_id, t.detail_kind, t.field_name, t.field_path, t.drawing_bbox, t.position,"
    " t.prompt, t.predicted_value, t.predicted_confidence, i.created_at"
    " FROM ground_truth_item i JOIN labeling_task t ON t.org_id = i.org_id"
    " AND t.campaign_id = i.campaign_id AND t.id = i.task_id"
    " LEFT JOIN labeling_task g FORCE INDEX (labeling_task_subject) ON g.org_id = i.org_id"
    " AND g.subject = i.subject AND g.campaign_id = ? AND g.is_gold = 1"
    " WHERE i.org_id = ? AND g.id IS NULL ORDER BY i.id DESC LIMIT ?"};

enum err store_label_sources(struct db *db, struct arena *arena, struct uuid org,
                             const struct uuid *calculations, size_t n,
                             struct label_source *sources)
{
    struct db_rows *rows;
    struct buf keys = {0};
    struct intern seen;
    intern_init(&seen, arena);
    for (size_t i = 0; i < n; i++)
        sources[i] = (struct label_source){.calculation = calculations[i]};
    store_keys_ids(&keys, calculations, n);
    enum err err = db_query(db, &rows, &select_sources,
                            DB_ARGS(db_text(buf_text(&keys)), db_uuid(org), db_uuid(org)));
    buf_clear(&keys);
    if (err)
        return err;
    while (db_next(rows)) {
        struct label_source *source = &sources[db_get_int(rows, 0) - 1];
        uint32_t before = seen.n;
        source->revision = db_get_uuid(rows, 1);
        if (!db_is_null(rows, 2) && intern_put_uuid(&seen, &source->revision) == before)
            source->predictions = db_copy_raw(rows, 2, arena);
    }
    return db_end(rows);
}

static enum err mark(struct db *db, struct uuid org, const struct sql *sql, struct buf *keys,
                     bool *known)
{
    struct db_rows *rows;
    enum err err = db_query(db, &rows, sql, DB_ARGS(db_text(buf_text(keys)), db_uuid(org)));
    if (err)
        return err;
    while (db_next(rows))
        known[db_get_int(rows, 0) - 1] = true;
    return db_end(rows);
}

enum err store_label_known(struct db *db, struct uuid org, const uint8_t *subjects, size_t n,
                           bool *known)
{
    struct buf keys = {0};
    if (!n)
        return ERR_OK;
    json_array(&keys);
    for (size_t i = 0; i < n; i++) {
        char text[2 * SUBJECT + 1];
        sodium_bin2hex(text, sizeof text, subjects + i * SUBJECT, SUBJECT);
        json_text(&keys, text);
        known[i] = false;
    }
    json_array_end(&keys);
    enum err err = mark(db, org, &select_asked, &keys, known);
    if (!err)
        err = mark(db, org, &select_true, &keys, known);
    buf_clear(&keys);
    return err;
}

enum err store_label_campaign_alike(struct db *db, struct uuid org,
                                    const struct store_label_campaign *campaign, struct uuid *id)
{
    struct db_rows *rows;
    enum err err = db_query_one(
        db, &rows, &select_alike,
        DB_ARGS(db_uuid(org), db_uuid(campaign->project_id), db_text(campaign->name),
                db_text(campaign->description), db_text(campaign->consensus_method),
                db_num(campaign->acceptance_alpha), db_num(campaign->gold_fraction),
                db_int(campaign->target_redundancy), db_bool(campaign->adaptive_redundancy)));
    if (err)
        return err;
    *id = db_get_uuid(rows, 0);
    return db_end(rows);
}

enum err store_label_gold_sources(struct db *db, struct arena *arena, struct uuid org,
                                  struct uuid campaign, int64_t most,
                                  struct store_truth_item **items, size_t *n)
{
    return store_list_rows(db, arena, &select_gold,
                           DB_ARGS(db_uuid(campaign), db_uuid(org), db_int(most)),
                           &shape_truth_item, items, n);
}
