/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests and lists of labeling. */
#ifndef COSTWRIGHT_LABEL_SHAPES_H
#define COSTWRIGHT_LABEL_SHAPES_H

#include "field.h"
#include "store_list.h"

#define LABEL_TASKS      5000 /* most in one call */
#define LABEL_REDUNDANCY 1000 /* most labels a task may need */

struct label_project_create {
    const char *name, *description;
    struct uuid guideline_id, ontology_id;
    struct field_list target_kinds;    /* of const char * */
    struct field_raw selection_policy; /* object */
    int8_t uses_platform_pool;
};

struct label_campaign_create {
    const char *name, *description, *consensus_method;
    double acceptance_alpha, gold_fraction;
    int64_t target_redundancy;
    int8_t adaptive_redundancy;
    struct uuid project_id; /* nil: none; not part of the documented surface */
};

struct label_status_query {
    struct store_page page;
    const char *status; /* NULL: all */
};

struct label_task_create {
    const char *target_kind, *detail_kind, *field_name, *field_path, *prompt, *gold_answer;
    struct uuid part_revision_id, calculation_id, feature_id, face_uuid, pmi_id, dfm_issue_id;
    struct field_list drawing_bbox, position; /* of double */
    struct field_raw predicted_value;
    double predicted_confidence;
    int64_t n_required; /* INT_NONE: the campaign's target_redundancy */
    int8_t is_gold;
};

struct label_tasks_create {
    struct field_list tasks; /* of struct label_task_create */
};

struct label_answer {
    const char *verdict;
    struct field_raw corrected_value;
    double confidence;
    int64_t duration_ms;
};

struct label_invitation {
    const char *email, *display_name;
};

struct label_redemption {
    const char *token;
};

extern const struct shape shape_label_project_create, shape_label_project_list;
extern const struct shape shape_label_campaign_create, shape_label_campaign_query;
extern const struct shape shape_label_campaign_list;
extern const struct shape shape_label_tasks_create, shape_label_task_query, shape_label_task_list;
extern const struct shape shape_label_submit, shape_label_adjudicate;
extern const struct shape shape_label_invitation, shape_label_assignment_list;
extern const struct shape shape_label_redemption;

/* NULL: text looks like an e-mail address; else what is wrong. */
const char *label_email_check(const char *text);

/* What a project's selection policy says. */
struct label_policy {
    const char *strategy;  /* uncertainty, random, all */
    double max_confidence; /* NAN: any */
    int64_t limit;         /* INT_NONE: any number */
    int8_t honeypots;      /* whether they are planted */
};

struct flaws;
struct field_path;
struct request;
struct store_label_campaign;

/* A new campaign as create asks for it, of project (nil: of none). */
struct store_label_campaign label_campaign_new(const struct request *request,
                                               const struct label_campaign_create *create,
                                               struct uuid project);

/* The policy's text is an object; its flaws are added at path. */
void label_policy_read(const struct field_raw *text, struct label_policy *policy,
                       struct flaws *flaws, const struct field_path *path);

#endif
