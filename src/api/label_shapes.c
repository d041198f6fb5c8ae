/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and lists of labeling: field tables. */
#include "label_shapes.h"

#include "api.h"
#include "field_present.h"
#include "labeling.h"
#include "process_plan.h" /* target kinds */
#include "store_label_assignment.h"
#include "store_label_campaign.h"
#include "store_label_data.h"

#include <string.h>

#define COORDINATES 100

static const char *target_kind_check(const char *text)
{
    for (const char *const *kind = prediction_target_kinds; *kind; kind++)
        if (!strcmp(*kind, text))
            return NULL;
    return "must be one of feature, face, dfm_issue, pmi, drawing_region, material, operation,"
           " machine_choice, field";
}

const char *label_email_check(const char *text)
{
    const char *at = strchr(text, '@');
    /* what stands around addresses where they were copied from is no part of them */
    bool good = at && at != text && at[1] && !strchr(at + 1, '@') && !strpbrk(text, "<>,;\"");
    for (const char *p = text; *p && good; p++)
        good = (unsigned char)*p > ' ' && *p != 0x7f;
    return good ? NULL : "must be an e-mail address";
}

/* --- projects */

static const char *const strategies[] = {"uncertainty", "random", "all", NULL};

#define POLICY(member) FIELD_OF(struct label_policy, member)
static const struct field policy_fields[] = {
    {POLICY(strategy), .kind = FIELD_TEXT, .choices = strategies, .otherwise = "\"uncertainty\"",
     .help = "Which come first where limit bites: the least confident, any, or all of them."},
    {POLICY(max_confidence), .kind = FIELD_NUM, FIELD_BETWEEN(0, 1),
     .help = "Only predictions at most this confident."},
    {POLICY(limit), .kind = FIELD_INT, FIELD_FROM(1), .help = "At most so many tasks a call."},
    {POLICY(honeypots), .kind = FIELD_BOOL, .otherwise = "true",
     .help = "Whether honeypots are planted out of the ground truth."},
};

static const struct shape shape_label_policy = {.name = "SelectionPolicy",
                                                SHAPE_OF(struct label_policy, policy_fields),
                                                .nulls = SHAPE_NO_NULLS};

void label_policy_read(const struct field_raw *text, struct label_policy *policy,
                       struct flaws *flaws, const struct field_path *path)
{
    field_read_copy(text, &shape_label_policy, policy, flaws, path);
}

static void check_policy(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct label_project_create *create = thing;
    const struct field_path here = {.up = path, .key = "selection_policy"};
    struct label_policy policy;
    label_policy_read(&create->selection_policy, &policy, flaws, &here);
}

#define PROJECT(member) FIELD_OF(struct label_project_create, member)
static const struct field project_fields[] = {
    {PROJECT(name), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT},
    {PROJECT(description), .kind = FIELD_TEXT},
    {PROJECT(guideline_id), .kind = FIELD_UUID, .help = "Kept elsewhere, stored and shown."},
    {PROJECT(ontology_id), .kind = FIELD_UUID, .help = "Kept elsewhere, stored and shown."},
    {PROJECT(target_kinds), .kind = FIELD_LIST, .item = FIELD_TEXT, FIELD_UP_TO(9),
     .check = target_kind_check, .help = "Kinds of predictions it asks about; empty: all."},
    {PROJECT(selection_policy), .kind = FIELD_JSON, .flags = FIELD_OBJECT_JSON, .otherwise = "{}",
     .help = "{strategy: uncertainty, random or all; max_confidence; limit; honeypots}."},
    {PROJECT(uses_platform_pool), .kind = FIELD_BOOL, .otherwise = "false",
     .help = "Platform annotators may be assigned."},
};

static const struct field_rule project_rules[] = {{check_policy, {"selection_policy"}}};

const struct shape shape_label_project_create = {
    .name = "LabelingProjectCreate",
    SHAPE_OF(struct label_project_create, project_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(project_rules)};

/* --- campaigns */

static const char *const methods[] = {"dawid_skene", "majority", "weighted_majority", NULL};

#define CAMPAIGN(member) FIELD_OF(struct label_campaign_create, member)
static const struct field campaign_fields[] = {
    {CAMPAIGN(name), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NAME_TEXT},
    {CAMPAIGN(description), .kind = FIELD_TEXT},
    {CAMPAIGN(consensus_method), .kind = FIELD_TEXT, .choices = methods,
     .otherwise = "\"dawid_skene\""},
    {CAMPAIGN(acceptance_alpha), .kind = FIELD_NUM, FIELD_BETWEEN(-1, 1), .otherwise = "0.8",
     .help = "Least Krippendorff alpha that promotes."},
    {CAMPAIGN(gold_fraction), .kind = FIELD_NUM, .flags = FIELD_BELOW_MAX, FIELD_BETWEEN(0, 1),
     .otherwise = "0.1", .help = "Share of honeypots among the tasks an annotator is served."},
    {CAMPAIGN(target_redundancy), .kind = FIELD_INT, FIELD_BETWEEN(1, LABEL_REDUNDANCY),
     .otherwise = "3", .help = "n_required of tasks that name none."},
    {CAMPAIGN(adaptive_redundancy), .kind = FIELD_BOOL, .flags = FIELD_ADDED, .otherwise = "false",
     .help = "A task ends early (from 2 labels, posterior >= 0.99) or goes on (to 2 n_required "
             "labels, posterior < 0.95); the most uncertain are served first."},
    {CAMPAIGN(project_id), .kind = FIELD_UUID, .flags = FIELD_ADDED,
     .help = "The project it belongs to."},
};

const struct shape shape_label_campaign_create = {
    .name = "LabelingCampaignCreate",
    SHAPE_OF(struct label_campaign_create, campaign_fields),
    .nulls = SHAPE_NO_NULLS};

static const char *const campaign_states[] = {"open", "closed", "promoted", NULL};
static const char *const task_states[] = {"open", "resolved", "needs_adjudication", "adjudicated",
                                          NULL};

#define STATUS_QUERY(states)                                                                       \
    API_PAGE(offsetof(struct label_status_query, page), FIELD_ADDED),                              \
    {                                                                                              \
        FIELD_OF(struct label_status_query, status), .kind = FIELD_TEXT, .choices = (states),      \
                                                     .help = "Only those of this state"            \
    }

/* clang-format off */
static const struct field campaign_query_fields[] = {STATUS_QUERY(campaign_states)};
static const struct field task_query_fields[] = {STATUS_QUERY(task_states)};
/* clang-format on */

const struct shape shape_label_campaign_query = {
    .name = "LabelingCampaignQuery",
    SHAPE_OF(struct label_status_query, campaign_query_fields),
    .nulls = SHAPE_NO_NULLS};
const struct shape shape_label_task_query = {.name = "LabelingTaskQuery",
                                             SHAPE_OF(struct label_status_query, task_query_fields),
                                             .nulls = SHAPE_NO_NULLS};

/* --- tasks */

static void check_task(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct label_task_create *create = thing;
    if (create->is_gold == 1 && !create->gold_answer)
        flaw_add_at(flaws, path, "gold_answer", "missing", "is needed for a honeypot");
    if (create->is_gold != 1 && create->gold_answer)
        flaw_add_at(flaws, path, "gold_answer", "not_allowed", "is for honeypots only (is_gold)");
}

#define TASK(member) FIELD_OF(struct label_task_create, member)
static const struct field task_fields[] = {
    {TASK(target_kind), .kind = FIELD_TEXT, .choices = prediction_target_kinds,
     .otherwise = "\"field\"", .help = "What is asked about."},
    {TASK(detail_kind), .kind = FIELD_TEXT, FIELD_UP_TO(200)},
    {TASK(field_name), .kind = FIELD_TEXT, FIELD_UP_TO(200)},
    {TASK(field_path), .kind = FIELD_TEXT, .help = "What is claimed, as a path."},
    {TASK(part_revision_id), .kind = FIELD_UUID, .help = "A revision of the organisation."},
    {TASK(calculation_id), .kind = FIELD_UUID, .help = "A calculation of the organisation."},
    {TASK(feature_id), .kind = FIELD_UUID},
    {TASK(face_uuid), .kind = FIELD_UUID},
    {TASK(pmi_id), .kind = FIELD_UUID},
    {TASK(dfm_issue_id), .kind = FIELD_UUID},
    {TASK(drawing_bbox), .kind = FIELD_LIST, .item = FIELD_NUM, FIELD_UP_TO(COORDINATES)},
    {TASK(position), .kind = FIELD_LIST, .item = FIELD_NUM, FIELD_UP_TO(COORDINATES)},
    {TASK(prompt), .kind = FIELD_TEXT, .help = "What an annotator is asked."},
    {TASK(predicted_value), .kind = FIELD_JSON, .help = "What is to be checked; any JSON."},
    {TASK(predicted_confidence), .kind = FIELD_NUM, FIELD_BETWEEN(0, 1),
     .help = "Never shown to annotators."},
    {TASK(n_required), .kind = FIELD_INT, FIELD_BETWEEN(1, LABEL_REDUNDANCY),
     .help = "Submissions that decide it; absent: the campaign's target_redundancy."},
    {TASK(is_gold), .kind = FIELD_BOOL, .otherwise = "false", .help = "A honeypot."},
    {TASK(gold_answer), .kind = FIELD_TEXT, FIELD_BETWEEN(1, 10000),
     .help = "Of a honeypot: a verdict, or the right value."},
};

static const struct field_rule task_rules[] = {{check_task, {"is_gold", "gold_answer"}}};

static const struct shape shape_label_task_create = {
    .name = "LabelingTaskCreate",
    SHAPE_OF(struct label_task_create, task_fields),
    .nulls = SHAPE_NO_NULLS,
    SHAPE_RULES(task_rules)};

static const struct field tasks_fields[] = {
    {FIELD_OF(struct label_tasks_create, tasks), .kind = FIELD_LIST, .item = FIELD_OBJECT,
     .flags = FIELD_REQUIRED, FIELD_BETWEEN(1, LABEL_TASKS), .shape = &shape_label_task_create},
};

const struct shape shape_label_tasks_create = {.name = "LabelingTasksCreate",
                                               SHAPE_OF(struct label_tasks_create, tasks_fields),
                                               .nulls = SHAPE_NO_NULLS};

/* --- answers */

static void check_answer(const void *thing, struct flaws *flaws, const struct field_path *path)
{
    const struct label_answer *answer = thing;
    labeling_check_answer(answer->verdict, &answer->corrected_value, flaws, path);
}

#define ANSWER(member) FIELD_OF(struct label_answer, member)
#define VERDICT(of, text)                                                                          \
    {ANSWER(verdict), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .choices = (of),                \
     .help = (text)},                                                                              \
    {                                                                                              \
        ANSWER(corrected_value),                                                                   \
            .kind = FIELD_JSON,                                                                    \
            .help = "The right value, any JSON but null; with verdict correct, and only then."     \
    }

/* clang-format off */
static const struct field submit_fields[] = {
    VERDICT(label_verdict_texts, NULL),
    {ANSWER(confidence), .kind = FIELD_NUM, FIELD_BETWEEN(0, 1)},
    {ANSWER(duration_ms), .kind = FIELD_INT, FIELD_FROM(0), .help = "Time spent on the task, milliseconds."},
};
static const struct field adjudicate_fields[] = {
    VERDICT(labeling_adjudication_verdicts, "confirm: the prediction is right; correct: corrected_value is; reject: it is wrong."),
};
/* clang-format on */
static const struct field_rule answer_rules[] = {{check_answer, {"verdict", "corrected_value"}}};

const struct shape shape_label_submit = {.name = "LabelingSubmissionCreate",
                                         SHAPE_OF(struct label_answer, submit_fields),
                                         .nulls = SHAPE_NO_NULLS,
                                         SHAPE_RULES(answer_rules)};
const struct shape shape_label_adjudicate = {.name = "LabelingAdjudication",
                                             SHAPE_OF(struct label_answer, adjudicate_fields),
                                             .nulls = SHAPE_NO_NULLS,
                                             SHAPE_RULES(answer_rules)};

/* --- annotators */

#define INVITATION(member) FIELD_OF(struct label_invitation, member)
static const struct field invitation_fields[] = {
    {INVITATION(email), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, FIELD_UP_TO(254),
     .check = label_email_check, .help = "Kept in lower case."},
    {INVITATION(display_name), .kind = FIELD_TEXT, .flags = FIELD_NAME_TEXT},
};

const struct shape shape_label_invitation = {.name = "CampaignAssignmentCreate",
                                             SHAPE_OF(struct label_invitation, invitation_fields),
                                             .nulls = SHAPE_NO_NULLS};

static const struct field redemption_fields[] = {
    {FIELD_OF(struct label_redemption, token), .kind = FIELD_TEXT, .flags = FIELD_REQUIRED,
     FIELD_BETWEEN(1, 200), .help = "The magic link's."},
};

const struct shape shape_label_redemption = {.name = "AnnotatorSessionCreate",
                                             SHAPE_OF(struct label_redemption, redemption_fields),
                                             .nulls = SHAPE_NO_NULLS};

/* --- lists */

#define COUNTED_SHAPE(variable, wire, table)                                                       \
    const struct shape variable = {                                                                \
        .name = wire, SHAPE_OF(struct counted_list, table), .nulls = SHAPE_NO_NULLS}

/* clang-format off */
static const struct field project_list_fields[] = {API_COUNTED(&shape_label_project, "Of all pages.")};
static const struct field campaign_list_fields[] = {API_COUNTED(&shape_label_campaign, "Of all pages.")};
static const struct field task_list_fields[] = {API_COUNTED(&shape_label_task, "Of all pages.")};
static const struct field assignment_list_fields[] = {API_COUNTED(&shape_label_assignment, "Of all pages.")};
/* clang-format on */

COUNTED_SHAPE(shape_label_project_list, "LabelingProjectList", project_list_fields);
COUNTED_SHAPE(shape_label_campaign_list, "LabelingCampaignList", campaign_list_fields);
COUNTED_SHAPE(shape_label_task_list, "LabelingTaskList", task_list_fields);
COUNTED_SHAPE(shape_label_assignment_list, "CampaignAssignmentList", assignment_list_fields);
