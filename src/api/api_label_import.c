/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels made elsewhere: import and export. */
#include "api.h"
#include "arena.h"
#include "export.h"
#include "label_shapes.h"
#include "labeling.h"
#include "labeling_consensus.h"
#include "labeling_gold.h"
#include "labeling_value.h"
#include "store_db.h"
#include "store_label_import.h"
#include "store_label_queue.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_IMPORT 20000

struct label_import {
    struct field_list submissions; /* of struct label_record */
};

struct label_imported {
    int64_t imported, duplicates;
};

static void check_record(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct label_record *record = thing;
    labeling_check_answer(record->verdict, &record->corrected_value, flaws, path);
}

#define RECORD(member) FIELD_OF(struct label_record, member)

static const struct field record_fields[] = {
    {RECORD(task_id), .kind = FIELD_UUID, .flags = FIELD_REQUIRED,
     .help = "A task of the campaign."},
    {RECORD(annotator_email), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, FIELD_UP_TO(254),
     .check = label_email_check, .help = "Kept in lower case; an unknown one gets an account."},
    {RECORD(verdict), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .choices = label_verdict_texts},
    {RECORD(corrected_value), .kind = FIELD_JSON,
     .help = "The right value, any JSON but null; with verdict correct, and only then."},
    {RECORD(confidence), .kind = FIELD_NUM, FIELD_BETWEEN(0, 1)},
    {RECORD(duration_ms), .kind = FIELD_INT, FIELD_FROM(0)},
    {RECORD(submitted_at), .kind = FIELD_TIME, .help = "Absent: now."},
};

static const struct field_rule record_rules[] = {{check_record, {"verdict", "corrected_value"}}};

static const struct shape shape_label_import_record = {.name = "LabelImportRecord",
                                                       SHAPE_OF(struct label_record, record_fields),
                                                       .nulls = SHAPE_NO_NULLS,
                                                       SHAPE_RULES(record_rules)};

static const struct field import_fields[] = {
    {FIELD_OF(struct label_import, submissions), .kind = FIELD_LIST, .item = FIELD_OBJECT,
     .flags = FIELD_REQUIRED, FIELD_UP_TO(LABEL_IMPORT), .shape = &shape_label_import_record},
};

const struct shape shape_label_import = {
    .name = "LabelImport", SHAPE_OF(struct label_import, import_fields), .nulls = SHAPE_NO_NULLS};

static const struct field imported_fields[] = {
    {FIELD_OF(struct label_imported, imported), .kind = FIELD_INT},
    {FIELD_OF(struct label_imported, duplicates), .kind = FIELD_INT,
     .help =
         "Left out: the annotator's answer to the task was there, or came earlier in the call."},
};

const struct shape shape_label_imported = {.name = "LabelImported",
                                           SHAPE_OF(struct label_imported, imported_fields),
                                           .nulls = SHAPE_NO_NULLS};

static const struct field list_fields[] = {API_COUNTED(&shape_label_record, "Of all pages.")};

const struct shape shape_label_record_list = {
    .name = "LabelRecordList", SHAPE_OF(struct counted_list, list_fields), .nulls = SHAPE_NO_NULLS};

/* One call on its way in. */
struct import {
    struct request *request;
    struct store_label_campaign campaign;
    const struct label_record *records;
    size_t n;
    struct label_data data;      /* the tasks named, with the labels they have */
    struct intern tasks;         /* their numbers in data */
    uint32_t *task_of;           /* per record: index in data */
    struct label_person *people; /* by address */
    size_t n_people;
    uint32_t *person_of;                 /* per record */
    struct store_label_submission *list; /* the new ones */
    size_t n_new;
    struct label_task_gain *task_gains; /* per task of data */
    struct label_seat_gain *seat_gains; /* per person */
};

static int compare_people(const void *a, const void *b)
{
    return strcmp(((const struct label_person *)a)->email, ((const struct label_person *)b)->email);
}

/* Tasks as the records name them, locked. */
static enum err find_tasks(struct import *import)
{
    struct request *request = import->request;
    struct arena *arena = request->arena;
    const struct field_path body = {.key = "body"}, list = {.up = &body, .key = "submissions"};
    struct intern named;
    intern_init(&named, arena);
    struct uuid *ids = ARENA_ARRAY(arena, import->n + 1, struct uuid);
    for (size_t i = 0; i < import->n; i++)
        ids[intern_put_uuid(&named, &import->records[i].task_id)] = import->records[i].task_id;
    enum err err = store_label_data_lock(request->db, arena, request->caller.org,
                                         import->campaign.id, ids, named.n, &import->data);
    if (err)
        return err;
    intern_init(&import->tasks, arena);
    for (size_t i = 0; i < import->data.n_tasks; i++)
        intern_put_uuid(&import->tasks, &import->data.tasks[i].id);
    import->task_of = ARENA_ARRAY(arena, import->n + 1, uint32_t);
    for (size_t i = 0; i < import->n; i++) {
        import->task_of[i] = intern_find_uuid(&import->tasks, &import->records[i].task_id);
        if (import->task_of[i] == INTERN_NONE)
            flaw_add_at(request->flaws, &(struct field_path){.up = &list, .index = i}, "task_id",
                        "unknown_reference", "the campaign has no such task");
    }
    return request_flawed(request);
}

/* Annotators in the order of their addresses, so that neither the order of the records nor the ids
   that new ones get change a result. */
static enum err find_people(struct import *import)
{
    struct request *request = import->request;
    struct arena *arena = request->arena;
    struct intern emails;
    intern_init(&emails, arena);
    uint32_t *email_of = ARENA_ARRAY(arena, import->n + 1, uint32_t);
    for (size_t i = 0; i < import->n; i++) {
        const char *email = arena_lower(arena, import->records[i].annotator_email);
        email_of[i] = intern_put(&emails, email, strlen(email));
    }
    import->n_people = emails.n;
    import->people = ARENA_ARRAY(arena, (size_t)emails.n + 1, struct label_person);
    for (uint32_t j = 0; j < emails.n; j++)
        import->people[j].email = emails.entries[j].text;
    qsort(import->people, emails.n, sizeof *import->people, compare_people);
    uint32_t *place = ARENA_ARRAY(arena, (size_t)emails.n + 1, uint32_t);
    for (uint32_t j = 0; j < emails.n; j++)
        place[intern_find(&emails, import->people[j].email, strlen(import->people[j].email))] = j;
    import->person_of = ARENA_ARRAY(arena, import->n + 1, uint32_t);
    for (size_t i = 0; i < import->n; i++)
        import->person_of[i] = place[email_of[i]];
    enum err err =
        store_label_people_find(request->db, request->caller.org, import->people, import->n_people);
    if (!err)
        err = store_label_people_insert(request->db, arena, request->caller.org, import->people,
                                        import->n_people, request->now);
    return err == ERR_DUPLICATE ? ERR_RETRY : err;
}

static uint32_t put_pair(struct intern *pairs, const struct uuid *task, const struct uuid *person)
{
    char key[2 * sizeof(struct uuid)];
    memcpy(key, task->b, sizeof task->b);
    memcpy(key + sizeof task->b, person->b, sizeof person->b);
    return intern_put(pairs, key, sizeof key);
}

static void add_record(struct import *import, size_t i)
{
    const struct label_record *record = &import->records[i];
    const struct label_task *task = &import->data.tasks[import->task_of[i]];
    const struct label_person *person = &import->people[import->person_of[i]];
    struct label_task_gain *task_gain = &import->task_gains[import->task_of[i]];
    struct label_seat_gain *seat_gain = &import->seat_gains[import->person_of[i]];
    bool unsure = !strcmp(record->verdict, "unsure");
    import->list[import->n_new++] = (struct store_label_submission){
        .task_id = record->task_id,
        .annotator_id = person->id,
        .id = uuid_v7(),
        .is_user = person->is_user,
        .verdict = record->verdict,
        .corrected_value = record->corrected_value,
        .confidence = record->confidence,
        .duration_ms = record->duration_ms,
        .is_imported = 1,
        .created_at =
            record->submitted_at == TIME_NONE ? import->request->now : record->submitted_at,
    };
    task_gain->task = task->id;
    task_gain->submissions++;
    task_gain->unsure += unsure;
    task_gain->said += !unsure;
    seat_gain->actor = person->id;
    seat_gain->is_user = person->is_user;
    seat_gain->submissions++;
    if (!task->is_gold || !task->gold_answer || unsure)
        return;
    const struct field_raw predicted = labeling_value_text(&import->data.values, task->predicted);
    seat_gain->gold_answered++;
    seat_gain->gold_correct += labeling_gold_right(task->gold_answer, record->verdict, &predicted,
                                                   &record->corrected_value);
}

/* One answer per annotator and task: what is stored stays, then the first of the call. */
static void choose_new(struct import *import)
{
    struct arena *arena = import->request->arena;
    const struct label_data *data = &import->data;
    struct intern pairs;
    intern_init(&pairs, arena);
    for (size_t i = 0; i < data->n_given; i++)
        put_pair(&pairs, &data->tasks[data->given[i].task].id,
                 &data->annotators[data->given[i].annotator]);
    import->list = ARENA_ARRAY(arena, import->n + 1, struct store_label_submission);
    import->task_gains = ARENA_ARRAY(arena, data->n_tasks + 1, struct label_task_gain);
    import->seat_gains = ARENA_ARRAY(arena, import->n_people + 1, struct label_seat_gain);
    for (size_t i = 0; i < import->n; i++) {
        uint32_t known = pairs.n;
        if (put_pair(&pairs, &import->records[i].task_id,
                     &import->people[import->person_of[i]].id) == known)
            add_record(import, i);
    }
}

/* Who answered honeypots may be blocked by that. */
static enum err judge(struct import *import)
{
    struct request *request = import->request;
    const struct store_label_actor everybody = {.org = request->caller.org,
                                                .campaign = import->campaign.id};
    struct store_label_tallies tallies;
    bool any = false;
    for (size_t j = 0; j < import->n_people; j++)
        any = any || import->seat_gains[j].gold_answered;
    if (!any)
        return ERR_OK;
    enum err err = store_label_tallies_get(request->db, request->arena, everybody.org,
                                           everybody.campaign, &tallies);
    return err ? err : labeling_gold_judge(request, &everybody, &tallies);
}

static enum err store(struct import *import)
{
    struct request *request = import->request;
    struct uuid org = request->caller.org, campaign = import->campaign.id;
    size_t n_tasks = 0, n_seats = 0;
    struct uuid *touched = ARENA_ARRAY(request->arena, import->data.n_tasks + 1, struct uuid);
    for (size_t i = 0; i < import->data.n_tasks; i++)
        if (import->task_gains[i].submissions) {
            touched[n_tasks] = import->task_gains[i].task;
            import->task_gains[n_tasks++] = import->task_gains[i];
        }
    for (size_t j = 0; j < import->n_people; j++)
        if (import->seat_gains[j].submissions)
            import->seat_gains[n_seats++] = import->seat_gains[j];
    enum err err =
        store_label_import_insert(request->db, org, campaign, import->list, import->n_new);
    if (err == ERR_DUPLICATE)
        return ERR_RETRY;
    if (!err)
        err = store_label_import_count(request->db, org, campaign, import->task_gains, n_tasks);
    if (!err)
        err = store_label_import_seats(request->db, org, campaign, import->seat_gains, n_seats);
    if (!err)
        err = judge(import);
    struct store_label_change change = {.resolved = 0};
    if (!err)
        err = labeling_decide_tasks(request, &import->campaign, touched, n_tasks, &change.resolved);
    if (!err && change.resolved)
        err = store_label_campaign_add(request->db, org, campaign, labeling_actor(request),
                                       labeling_is_user(request), &change);
    return err;
}

enum err label_submission_import(struct request *request)
{
    const struct label_import *body = request->body;
    struct import *import = ARENA_NEW(request->arena, struct import);
    import->request = request;
    import->records = body->submissions.at;
    import->n = body->submissions.n;
    enum err err = store_label_campaign_get(request->db, request->arena, request->caller.org,
                                            request->id[0], STORE_SHARE, &import->campaign);
    if (!err)
        err = find_tasks(import);
    if (!err)
        err = labeling_check_open(request, &import->campaign);
    if (!err)
        err = find_people(import);
    if (err)
        return err;
    choose_new(import);
    if (import->n_new)
        err = store(import);
    const struct label_imported answer = {(int64_t)import->n_new,
                                          (int64_t)(import->n - import->n_new)};
    return err ? err : api_answer(request, &answer);
}

static enum err take(void *context, const struct label_record *record)
{
    return export_item(context, record);
}

static enum err list_records(void *context)
{
    struct request *request = context;
    struct store_page page = *(const struct store_page *)request->query;
    struct store_label_campaign campaign;
    struct store_label_counts counts;
    struct label_emails emails;
    struct export export;
    struct uuid org = request->caller.org;
    enum err err = store_label_campaign_get(request->db, request->arena, org, request->id[0],
                                            STORE_READ, &campaign);
    if (!err)
        err = store_label_campaign_counts(request->db, org, campaign.id, &counts);
    if (!err)
        err = store_label_emails(request->db, request->arena, org, campaign.id, &emails);
    if (err)
        return err;
    export_begin(&export, request, &shape_label_record);
    if (export.form == EXPORT_PAGE && page.limit == INT_NONE)
        page.limit = 100;
    err = store_label_record_each(request->db, org, campaign.id, &emails, &page, take, &export);
    export_end(&export, counts.submissions);
    return err;
}

enum err label_submission_list(struct request *request)
{
    return db_snapshot(request->db, list_records, request);
}
