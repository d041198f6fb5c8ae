/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The api room: handlers and request shapes, one resource a file; all of them stand in the
 * operation table. */
#ifndef COSTWRIGHT_API_H
#define COSTWRIGHT_API_H

#include "field.h"
#include "request.h"
#include "store_list.h"

/* shared shapes */
extern const struct shape shape_page;             /* struct store_page: limit, offset of a list */
extern const struct shape shape_environment_page; /* the same where both are documented */
extern const struct shape shape_limit;            /* the same; everything unless limit is given */
extern const struct shape shape_message;          /* struct api_message: what a DELETE answers */

/* A page of a list, and how many there are. */
struct counted_list {
    int64_t count; /* of all pages */
    struct field_list data;
};

/* clang-format off */
/* The fields of a struct store_page that lies at `at` of a query's struct; marks: of offset. */
#define API_OFFSET(at, marks)                                                                      \
    {.name = "offset", .kind = FIELD_INT, .flags = (marks),                                        \
     .offset = (at) + offsetof(struct store_page, offset), FIELD_FROM(0), .otherwise = "0",        \
     .help = "Items to pass over."}
#define API_PAGE(at, marks)                                                                        \
    {.name = "limit", .kind = FIELD_INT, .offset = (at) + offsetof(struct store_page, limit),      \
     FIELD_BETWEEN(1, 500), .otherwise = "100", .help = "Most items of one page."},                \
    API_OFFSET(at, marks)
#define API_PAGE_OR_ALL(at)                                                                        \
    {.name = "limit", .kind = FIELD_INT, .flags = FIELD_ADDED,                                     \
     .offset = (at) + offsetof(struct store_page, limit), FIELD_BETWEEN(1, 500),                   \
     .help = "Most items of one page; absent: everything."},                                       \
    API_OFFSET(at, FIELD_ADDED)
/* The fields of a struct counted_list of things of that shape. */
#define API_COUNTED(of, count_help)                                                                \
    {FIELD_OF(struct counted_list, count), .kind = FIELD_INT, .help = (count_help)},               \
    {FIELD_OF(struct counted_list, data), .kind = FIELD_LIST, .item = FIELD_OBJECT, .shape = (of)}
/* clang-format on */

struct api_message {
    const char *message;
};

/* Answers thing through the operation's answer shape. */
enum err api_answer(struct request *request, const void *thing);
/* The same with its Location: the path that created it, and its id. */
enum err api_answer_created(struct request *request, const struct uuid *id, const void *thing);
/* Answers {"message": text}. */
enum err api_say(struct request *request, const char *text);
/* ERR_NOT_FOUND becomes 422 at body.<key>: an id inside a body that does not exist or is another
 * org's. */
enum err api_unknown_reference(struct request *request, const char *key, enum err err);
/* Answers a bare array of n items through the operation's answer shape, with its total. */
enum err api_answer_list(struct request *request, const void *items, size_t n, int64_t total);

/* service */
enum err service_healthz(struct request *request);
enum err service_readyz(struct request *request);
enum err service_metrics(struct request *request);
enum err openapi_show(struct request *request);
enum err mcp_message(struct request *request);

/* calibration (shapes: calibrate_shapes.h, calibration_result.h) */
enum err calibration_auto(struct request *request);
enum err calibration_from_erp(struct request *request);
enum err calibration_teach(struct request *request);
enum err calibration_outcomes(struct request *request);
enum err calibration_finalize(struct request *request);
enum err calibration_recalibrate(struct request *request);
enum err calibration_learning_curve(struct request *request);
enum err calibration_policy(struct request *request);
enum err calibration_status(struct request *request);
enum err calibration_revert(struct request *request);
enum err calibration_deactivate(struct request *request);
enum err calibration_deactivate_platform(struct request *request);
enum err run_list(struct request *request);
enum err run_show(struct request *request);
enum err run_rows(struct request *request);
enum err run_activate(struct request *request);
enum err evidence_list(struct request *request);
enum err evidence_sources(struct request *request);
enum err evidence_remove(struct request *request);

/* environments */
extern const struct shape shape_environment_create, shape_environment_identity;
extern const struct shape shape_environment_extractors;
enum err environment_create(struct request *request);
enum err environment_list(struct request *request);
enum err environment_show(struct request *request);
enum err environment_update(struct request *request);
enum err environment_update_identity(struct request *request);
enum err environment_remove(struct request *request);

/* machines (shapes: machine_definition.h) and their memberships */
extern const struct shape shape_membership_create, shape_membership_change;
enum err machine_create(struct request *request);
enum err machine_list(struct request *request);
enum err machine_show(struct request *request);
enum err machine_replace(struct request *request);
enum err machine_update(struct request *request);
enum err machine_remove(struct request *request);
enum err membership_create(struct request *request);
enum err membership_list(struct request *request);
enum err membership_show(struct request *request);
enum err membership_update(struct request *request);
enum err membership_remove(struct request *request);

/* rates */
extern const struct shape shape_rate_create, shape_rate_query;
enum err rate_create(struct request *request);
enum err rate_list(struct request *request);
enum err rate_show(struct request *request);
enum err rate_remove(struct request *request);

/* parts and their revisions (shapes: part_shapes.h) */
enum err part_create(struct request *request);
enum err part_list(struct request *request);
enum err part_show(struct request *request);
enum err part_update(struct request *request);
enum err part_remove(struct request *request);
enum err part_import(struct request *request);
enum err revision_create(struct request *request);
enum err revision_list(struct request *request);
enum err revision_show(struct request *request);

/* labeling (shapes: label_shapes.h, store_label_*.h) */
extern const struct shape shape_label_invited, shape_label_session;
enum err label_project_create(struct request *request);
enum err label_project_list(struct request *request);
enum err label_project_show(struct request *request);
enum err label_campaign_create(struct request *request);
enum err label_campaign_list(struct request *request);
enum err label_campaign_show(struct request *request);
enum err label_task_create(struct request *request);
enum err label_task_list(struct request *request);
enum err label_next_task(struct request *request);
enum err label_task_submit(struct request *request);
enum err label_task_adjudicate(struct request *request);
enum err label_assignment_create(struct request *request);
enum err label_assignment_list(struct request *request);
enum err label_assignment_revoke(struct request *request);

/* labeling: labels in and out, consensus, ground truth */
extern const struct shape shape_label_quality, shape_label_promote, shape_label_promotion;
extern const struct shape shape_label_import, shape_label_imported, shape_label_record_list;
extern const struct shape shape_label_generate, shape_label_generated;
extern const struct shape shape_truth_dataset_list, shape_truth_item_list;
enum err label_project_generate(struct request *request);
enum err label_submission_import(struct request *request);
enum err label_submission_list(struct request *request);
enum err label_campaign_quality(struct request *request);
enum err label_campaign_close(struct request *request);
enum err label_campaign_promote(struct request *request);
enum err truth_dataset_list(struct request *request);
enum err truth_dataset_show(struct request *request);
enum err truth_item_list(struct request *request);
enum err annotator_session_create(struct request *request);

/* calculations (shapes: calculation.h) */
enum err calculation_quote(struct request *request);
enum err calculation_batch(struct request *request);
enum err calculation_list(struct request *request);
enum err calculation_show(struct request *request);

#endif
