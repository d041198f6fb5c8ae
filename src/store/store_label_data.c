/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A campaign's tasks and labels into arrays. */
#include "store_label_data.h"

#include "arena.h"
#include "json_canonical.h"
#include "store_db.h"
#include "store_keys.h"

#include <stdlib.h>
#include <string.h>

#define TASK_COLUMNS                                                                               \
    "CAST(t.id AS BINARY(16)), t.status + 0, t.is_gold, t.n_required, t.counted, t.created_at,"    \
    " t.predicted_value, t.gold_answer, t.consensus_verdict + 0,"                                  \
    " IF(t.status = 'adjudicated', t.consensus_value, NULL)"
#define LABEL_COLUMNS                                                                              \
    "CAST(s.task_id AS BINARY(16)), CAST(s.annotator_id AS BINARY(16)), s.is_user,"                \
    " s.verdict + 0, s.corrected_value"
#define OF_TASKS(table, column)                                                                    \
    " FROM " STORE_KEYS_IDS " STRAIGHT_JOIN " table " FORCE INDEX (PRIMARY) ON " column            \
    ".org_id = ? AND " column ".campaign_id = ? AND "

static const struct sql select_tasks = {"SELECT " TASK_COLUMNS
                                        " FROM labeling_task t FORCE INDEX (PRIMARY)"
                                        " WHERE t.org_id = ? AND t.campaign_id = ? ORDER BY t.id"};
static const struct sql select_labels = {
    "SELECT " LABEL_COLUMNS " FROM labeling_submission s FORCE INDEX (PRIMARY)"
    " WHERE s.org_id = ? AND s.campaign_id = ? ORDER BY s.task_id, s.annotator_id"};
/* others' seats are not locked: their calls write them all the time */
static const struct sql select_task_labels = {
    "SELECT " LABEL_COLUMNS ", b.blocked_at IS NOT NULL, m.org_id IS NOT NULL, " STORE_LABEL_DIGESTS
    " FROM labeling_campaign c"
    " LEFT JOIN labeling_model m ON m.org_id = c.org_id AND m.campaign_id = c.id"
    " LEFT JOIN labeling_submission s ON s.org_id = c.org_id AND s.campaign_id = c.id"
    " AND s.task_id = ?"
    " LEFT JOIN labeling_seat b ON b.org_id = s.org_id AND b.campaign_id = s.campaign_id"
    " AND b.actor_id = s.annotator_id WHERE c.org_id = ? AND c.id = ?"};
static const struct sql lock_tasks = {
    "SELECT " TASK_COLUMNS OF_TASKS("labeling_task t", "t") "t.id = CAST(k.id AS UUID)"
                                                            " ORDER BY t.id FOR UPDATE"};
static const struct sql lock_labels = {"SELECT " LABEL_COLUMNS OF_TASKS(
    "labeling_submission s", "s") "s.task_id = CAST(k.id AS UUID)"
                                  " ORDER BY s.task_id, s.annotator_id LOCK IN SHARE MODE"};

const char *const label_verdict_texts[] = {"confirm", "reject", "correct", "unsure", NULL};

enum label_verdict label_verdict_find(const char *text)
{
    enum label_verdict verdict = LABEL_CONFIRM;
    while (text && verdict < LABEL_NO_VERDICT && strcmp(text, label_verdict_texts[verdict]) != 0)
        verdict++;
    return text ? verdict : LABEL_NO_VERDICT;
}

/* Place of an ENUM's member, which counts from 1; NULL is behind the last. */
static unsigned enum_at(const struct db_rows *rows, unsigned column, unsigned none)
{
    return db_is_null(rows, column) ? none : (unsigned)db_get_int(rows, column) - 1;
}

/* Most values are short strings that are canonical as they stand. */
static bool is_plain_string(const char *text, size_t len)
{
    if (len < 2 || text[0] != '"' || text[len - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < len; i++)
        if (text[i] == '\\' || text[i] == '"' || (unsigned char)text[i] >= 0x7f)
            return false;
    return true;
}

uint32_t label_value_put(struct intern *values, const char *text, size_t len)
{
    if (!text)
        return INTERN_NONE;
    if (is_plain_string(text, len))
        return intern_put(values, text, len);
    struct buf canonical = {0};
    uint32_t value = INTERN_NONE;
    if (json_canonical(&canonical, text, len))
        value = intern_put(values, canonical.data, canonical.len);
    buf_clear(&canonical);
    return value;
}

static uint32_t get_value(const struct db_rows *rows, unsigned column, struct intern *values)
{
    size_t len;
    const char *text = db_get_text(rows, column, &len);
    return label_value_put(values, text, len);
}

static void get_task(const struct db_rows *rows, struct arena *arena, struct intern *values,
                     struct label_task *task)
{
    *task = (struct label_task){
        .id = db_get_uuid(rows, 0),
        .status = enum_at(rows, 1, LABEL_OPEN),
        .is_gold = db_get_int(rows, 2) == 1,
        .n_required = db_get_int(rows, 3),
        .counted = db_get_int(rows, 4),
        .created_at = db_get_time(rows, 5),
        .predicted = get_value(rows, 6, values),
        .gold_answer = db_copy_text(rows, 7, arena),
        .verdict = enum_at(rows, 8, LABEL_NO_VERDICT),
        .value = get_value(rows, 9, values),
    };
}

/* Annotators are numbered as they are met, then by id. */
struct reader {
    struct label_data *data;
    struct arena *arena;
    struct intern tasks, annotators;
    bool *is_user, *blocked, tells_blocked;
};

static enum err read_tasks(struct db_rows *rows, struct reader *reader)
{
    struct label_data *data = reader->data;
    while (db_next(rows)) {
        data->tasks =
            store_list_room(reader->arena, data->tasks, data->n_tasks, sizeof *data->tasks);
        struct label_task *task = &data->tasks[data->n_tasks++];
        get_task(rows, reader->arena, &data->values, task);
        intern_put_uuid(&reader->tasks, &task->id);
    }
    return db_end(rows);
}

/* The annotator's number. */
static uint32_t put_annotator(struct reader *reader, const struct uuid *id, bool is_user,
                              bool blocked)
{
    uint32_t known = reader->annotators.n, j = intern_put_uuid(&reader->annotators, id);
    if (j < known)
        return j;
    reader->is_user = store_list_room(reader->arena, reader->is_user, known, sizeof(bool));
    reader->is_user[j] = is_user;
    reader->blocked = store_list_room(reader->arena, reader->blocked, known, sizeof(bool));
    reader->blocked[j] = blocked;
    return j;
}

static void put_label(struct reader *reader, struct label_given given)
{
    struct label_data *data = reader->data;
    data->given = store_list_room(reader->arena, data->given, data->n_given, sizeof *data->given);
    data->given[data->n_given++] = given;
}

static enum err read_labels(struct db_rows *rows, struct reader *reader)
{
    struct label_data *data = reader->data;
    uint32_t last = 0;
    while (db_next(rows)) {
        struct uuid task = db_get_uuid(rows, 0), annotator = db_get_uuid(rows, 1);
        if (last >= data->n_tasks || !uuid_equal(&data->tasks[last].id, &task))
            last = intern_find_uuid(&reader->tasks, &task);
        /* a task that came between the two queries */
        if (last == INTERN_NONE)
            continue;
        uint32_t j = put_annotator(reader, &annotator, db_get_int(rows, 2) == 1, false);
        put_label(reader, (struct label_given){last, j, enum_at(rows, 3, LABEL_UNSURE),
                                               get_value(rows, 4, &data->values)});
    }
    return db_end(rows);
}

/* A label of the only task there is. */
static void put_task_label(struct reader *reader, struct uuid annotator, bool is_user, bool blocked,
                           enum label_verdict verdict, uint32_t value)
{
    put_label(reader, (struct label_given){0, put_annotator(reader, &annotator, is_user, blocked),
                                           verdict, value});
}

/* One row without a label where there are none. */
static enum err read_task_labels(struct db_rows *rows, struct reader *reader, bool *fitted,
                                 struct label_digests *known)
{
    for (bool first = true; db_next(rows); first = false) {
        if (first) {
            *fitted = db_get_int(rows, 6) == 1;
            *known = store_label_value_get(rows, 7, reader->arena);
        }
        if (!db_is_null(rows, 0))
            put_task_label(reader, db_get_uuid(rows, 1), db_get_int(rows, 2) == 1,
                           db_get_int(rows, 5) == 1, enum_at(rows, 3, LABEL_UNSURE),
                           get_value(rows, 4, &reader->data->values));
    }
    return db_end(rows);
}

static int compare_annotators(const void *a, const void *b, void *context)
{
    const struct intern *annotators = context;
    return memcmp(annotators->entries[*(const uint32_t *)a].text,
                  annotators->entries[*(const uint32_t *)b].text, sizeof(struct uuid));
}

static int compare_given(const void *a, const void *b)
{
    const struct label_given *x = a, *y = b;
    if (x->task != y->task)
        return x->task < y->task ? -1 : 1;
    return (x->annotator > y->annotator) - (x->annotator < y->annotator);
}

static void order_annotators(struct reader *reader)
{
    struct label_data *data = reader->data;
    uint32_t n = reader->annotators.n;
    uint32_t *order = ARENA_ARRAY(reader->arena, n + 1, uint32_t);
    uint32_t *rank = ARENA_ARRAY(reader->arena, n + 1, uint32_t);
    data->n_annotators = n;
    data->annotators = ARENA_ARRAY(reader->arena, n + 1, struct uuid);
    data->is_user = ARENA_ARRAY(reader->arena, n + 1, bool);
    data->blocked = reader->tells_blocked ? ARENA_ARRAY(reader->arena, n + 1, bool) : NULL;
    for (uint32_t j = 0; j < n; j++)
        order[j] = j;
    qsort_r(order, n, sizeof *order, compare_annotators, &reader->annotators);
    for (uint32_t j = 0; j < n; j++) {
        rank[order[j]] = j;
        memcpy(&data->annotators[j], reader->annotators.entries[order[j]].text,
               sizeof(struct uuid));
        data->is_user[j] = reader->is_user[order[j]];
        if (reader->tells_blocked)
            data->blocked[j] = reader->blocked[order[j]];
    }
    bool ordered = true;
    for (size_t i = 0; i < data->n_given; i++) {
        data->given[i].annotator = rank[data->given[i].annotator];
        ordered = ordered && (!i || compare_given(&data->given[i - 1], &data->given[i]) < 0);
    }
    /* the server orders some versions of UUID otherwise */
    if (!ordered)
        qsort(data->given, data->n_given, sizeof *data->given, compare_given);
}

static void reader_init(struct reader *reader, struct arena *arena, struct label_data *data)
{
    *data = (struct label_data){.n_tasks = 0};
    *reader = (struct reader){.data = data, .arena = arena};
    intern_init(&data->values, arena);
    intern_init(&reader->tasks, arena);
    intern_init(&reader->annotators, arena);
}

enum err store_label_data_load(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid campaign, struct label_data *data)
{
    struct reader reader;
    struct db_rows *rows;
    reader_init(&reader, arena, data);
    enum err err = db_query(db, &rows, &select_tasks, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    if (!err)
        err = read_tasks(rows, &reader);
    if (!err)
        err = db_query(db, &rows, &select_labels, DB_ARGS(db_uuid(org), db_uuid(campaign)));
    if (!err)
        err = read_labels(rows, &reader);
    if (!err)
        order_annotators(&reader);
    return err;
}

enum err store_label_data_lock(struct db *db, struct arena *arena, struct uuid org,
                               struct uuid campaign, const struct uuid *ids, size_t n,
                               struct label_data *data)
{
    struct reader reader;
    struct db_rows *rows;
    struct buf keys = {0};
    reader_init(&reader, arena, data);
    store_keys_ids(&keys, ids, n);
    const struct db_value args[] = {db_text(buf_text(&keys)), db_uuid(org), db_uuid(campaign)};
    enum err err = db_query(db, &rows, &lock_tasks, args, 3);
    if (!err)
        err = read_tasks(rows, &reader);
    if (!err)
        err = db_query(db, &rows, &lock_labels, args, 3);
    if (!err)
        err = read_labels(rows, &reader);
    buf_clear(&keys);
    if (!err)
        order_annotators(&reader);
    return err;
}

enum err store_label_data_task(struct db *db, struct arena *arena, struct uuid org,
                               const struct store_label_task *task,
                               const struct store_label_submission *answer, bool blocked,
                               struct label_data *data, bool *fitted, struct label_digests *known)
{
    struct reader reader;
    struct db_rows *rows;
    reader_init(&reader, arena, data);
    reader.tells_blocked = true;
    data->tasks = ARENA_NEW(arena, struct label_task);
    data->n_tasks = 1;
    *data->tasks = (struct label_task){
        .id = task->id,
        .status = LABEL_OPEN,
        .n_required = task->n_required,
        .counted = task->counted,
        .created_at = task->created_at,
        .predicted =
            label_value_put(&data->values, task->predicted_value.text, task->predicted_value.len),
        .verdict = LABEL_NO_VERDICT,
        .value = INTERN_NONE,
    };
    *fitted = false;
    *known = (struct label_digests){NULL, 0};
    enum err err = db_query(db, &rows, &select_task_labels,
                            DB_ARGS(db_uuid(task->id), db_uuid(org), db_uuid(task->campaign_id)));
    if (!err)
        err = read_task_labels(rows, &reader, fitted, known);
    if (err)
        return err;
    const struct field_raw *value = &answer->corrected_value;
    put_task_label(&reader, answer->annotator_id, answer->is_user == 1, blocked,
                   label_verdict_find(answer->verdict),
                   label_value_put(&data->values, value->text, value->len));
    order_annotators(&reader);
    return ERR_OK;
}
