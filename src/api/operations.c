/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one operation table. A new endpoint is a new row here, a handler and its shapes. */
#include "operation.h"

#include "api.h"
#include "calculation.h"
#include "calibrate_shapes.h"
#include "calibration_result.h"
#include "label_shapes.h"
#include "machine_definition.h"
#include "observe_shapes.h"
#include "part_shapes.h"
#include "run_shapes.h"
#include "store_environment.h"
#include "store_label_assignment.h"
#include "store_label_campaign.h"
#include "store_label_task.h"
#include "store_part.h"
#include "store_rate.h"
#include "store_truth.h"

#define API      "/api/v1/parts"
#define LABELING API "/labeling"

/* clang-format off */
const struct operation operations[] = {
    /* service */
    {"service_healthz", "GET", "/healthz", SCOPE_NONE, service_healthz, NULL, NULL, NULL, OP_READ_ONLY, 200,
     "Is this process alive?", "Answers 200 as long as a worker can answer at all."},
    {"service_readyz", "GET", "/readyz", SCOPE_NONE, service_readyz, NULL, NULL, NULL, OP_READ_ONLY, 200,
     "Can requests be served?", "200 when the database answers and carries the schema this program needs; else 503."},
    {"service_metrics", "GET", "/metrics", SCOPE_NONE, service_metrics, NULL, NULL, NULL, OP_READ_ONLY, 200,
     "Counters of the service", "Prometheus text exposition: what all processes of this host have counted since its start, and "
     "gauges of the installation where the database answers. nginx lets only this host read it."},

    {"openapi_show", "GET", "/openapi.json", SCOPE_NONE, openapi_show, NULL, NULL, NULL, OP_READ_ONLY | OP_RESOURCE, 200,
     "This description", "OpenAPI 3.1, written from the tables that route and check requests."},

    {"mcp_message", "POST", "/mcp-server/mcp", SCOPE_READ | SCOPE_LABEL | SCOPE_WRITE | SCOPE_ADMIN, mcp_message, NULL, NULL,
     NULL, OP_RAW | OP_READ_ONLY | OP_HEAVY, 200, "Tools and resources for agents",
     "Model Context Protocol over HTTP, answers in JSON, no sessions: 2026-07-28 (server/discover) and the revisions that "
     "begin with initialize (2025-11-25, 2025-06-18, 2025-03-26). The tools are the operations that the key may call."},

    /* environments */
    {"environment_create", "POST", API "/environments", SCOPE_WRITE, environment_create, NULL, &shape_environment_create,
     &shape_environment, OP_DOCUMENTED | OP_LOCATED, 201, "Create an environment",
     "Names are unique in the organisation (409, reason name_taken). valid_to must not be before valid_from. The canonical "
     "geometry source arcnm is always among enabled_extractors, first; duplicates are folded."},
    {"environment_list", "GET", API "/environments/", SCOPE_READ, environment_list, &shape_environment_page, NULL, &shape_environment,
     OP_DOCUMENTED | OP_LIST, 200, "List environments", "In the order of creation; X-Total-Count counts all."},
    {"environment_show", "GET", API "/environments/{env_id}", SCOPE_READ, environment_show, NULL, NULL,
     &shape_environment_detail, OP_DOCUMENTED | OP_RESOURCE, 200, "Show an environment", "With its free attributes."},
    {"environment_update", "PATCH", API "/environments/{env_id}", SCOPE_WRITE, environment_update, NULL,
     &shape_environment_extractors, &shape_environment, OP_DOCUMENTED, 200, "Set the enabled extractors",
     "Replaces the list. arcnm is kept and listed first; duplicates are folded."},
    {"environment_remove", "DELETE", API "/environments/{env_id}", SCOPE_WRITE, environment_remove, NULL, NULL,
     &shape_message, OP_DOCUMENTED | OP_DESTRUCTIVE, 200, "Delete an environment",
     "Its rates, memberships, evidence and calibration go with it; machine definitions and calculations stay. The baseline "
     "environment cannot be deleted (409, reason baseline)."},
    {"environment_update_identity", "PUT", API "/environments/{env_id}/identity", SCOPE_WRITE, environment_update_identity,
     NULL, &shape_environment_identity, &shape_environment, OP_DOCUMENTED, 200, "Change name, region, currency, dates",
     "Changes only what is present; null clears region, description and valid_to and is refused for name, currency and "
     "valid_from. The currency cannot change once rates or calibrations exist (409, reason currency_in_use)."},

    /* memberships */
    {"membership_create", "POST", API "/environments/{env_id}/machines", SCOPE_WRITE, membership_create, NULL,
     &shape_membership_create, &shape_membership, OP_DOCUMENTED | OP_LOCATED, 201, "Add a machine to an environment",
     "Either machine_id, a machine of the organisation, or new_machine, which is defined by this call. Absent dates: the "
     "later valid_from of environment and machine, and the machine's valid_to. The same machine twice on one day is 409, "
     "reason overlapping_membership."},
    {"membership_list", "GET", API "/environments/{env_id}/machines", SCOPE_READ, membership_list, &shape_limit, NULL,
     &shape_membership, OP_DOCUMENTED | OP_LIST, 200, "List the machines of an environment",
     "By fleet_priority, then machine, then valid_from. Everything, unless limit is given."},
    {"membership_show", "GET", API "/environments/{env_id}/machines/{membership_id}", SCOPE_READ, membership_show, NULL,
     NULL, &shape_membership, OP_RESOURCE, 200, "Show a machine of an environment", "Its ETag serves If-Match."},
    {"membership_update", "PATCH", API "/environments/{env_id}/machines/{membership_id}", SCOPE_WRITE, membership_update,
     NULL, &shape_membership_change, &shape_membership, OP_DOCUMENTED, 200, "Change a machine's membership",
     "Changes what is present; null counts as absent. A membership that has ended is opened again by a later valid_to, such as "
     "9999-12-31."},
    {"membership_remove", "DELETE", API "/environments/{env_id}/machines/{membership_id}", SCOPE_WRITE, membership_remove,
     NULL, NULL, &shape_message, OP_DOCUMENTED | OP_DESTRUCTIVE, 200, "Remove a machine from an environment",
     "The machine definition stays."},

    /* rates */
    {"rate_create", "POST", API "/environments/{env_id}/rates", SCOPE_WRITE, rate_create, NULL, &shape_rate_create,
     &shape_rate, OP_DOCUMENTED | OP_LOCATED, 201, "Set a rate",
     "Rates are effective-dated: pricing at a date takes the row of the same key fields with the latest valid_from that is "
     "valid then. The same kind, key fields and valid_from again replace the values of that rate, which keeps its id."},
    {"rate_list", "GET", API "/environments/{env_id}/rates", SCOPE_READ, rate_list, &shape_rate_query, NULL, &shape_rate,
     OP_DOCUMENTED | OP_LIST, 200, "List rates",
     "By kind, key fields, valid_from; of one kind where kind is given. Everything, unless limit is given."},
    {"rate_show", "GET", API "/environments/{env_id}/rates/{kind}/{rate_id}", SCOPE_READ, rate_show, NULL, NULL,
     &shape_rate, OP_RESOURCE, 200, "Show a rate", "Its ETag serves If-Match."},
    {"rate_remove", "DELETE", API "/environments/{env_id}/rates/{kind}/{rate_id}", SCOPE_WRITE, rate_remove, NULL, NULL,
     &shape_message, OP_DOCUMENTED | OP_DESTRUCTIVE, 200, "Delete a rate",
     "Quotes that were priced with it keep their snapshot."},

    /* machines */
    {"machine_create", "POST", API "/machines", SCOPE_WRITE, machine_create, NULL, &shape_machine_create,
     &shape_machine_detail, OP_LOCATED, 201, "Define a machine",
     "hourly_rate_eur, or a capabilities.vdi_3258 block that the machine rate is derived from (without operator)."},
    {"machine_list", "GET", API "/machines", SCOPE_READ, machine_list, &shape_limit, NULL, &shape_machine_detail, OP_LIST,
     200, "List the machines of the organisation", "In the order of creation. Everything, unless limit is given."},
    {"machine_show", "GET", API "/machines/{machine_id}", SCOPE_READ, machine_show, NULL, NULL, &shape_machine_detail,
     OP_RESOURCE, 200, "Show a machine", "Its ETag serves If-Match."},
    {"machine_replace", "PUT", API "/machines/{machine_id}", SCOPE_WRITE, machine_replace, NULL, &shape_machine_create,
     &shape_machine_detail, 0, 200, "Replace a machine definition",
     "Absent members take their defaults, as in a new definition."},
    {"machine_update", "PATCH", API "/machines/{machine_id}", SCOPE_WRITE, machine_update, NULL, &shape_machine_change,
     &shape_machine_detail, 0, 200, "Change a machine definition",
     "Changes what is present; null counts as absent; capabilities are replaced whole. A derived rate is derived again; "
     "hourly_rate_eur 0 asks for that."},
    {"machine_remove", "DELETE", API "/machines/{machine_id}", SCOPE_WRITE, machine_remove, NULL, NULL, &shape_message,
     OP_DESTRUCTIVE, 200, "Delete a machine",
     "409, reason machine_in_use, while an environment has it as a member or an overhead rate names it."},

    /* calibration */
    {"calibration_auto", "POST", API "/calibration/environments/{env_id}/auto-calibrate", SCOPE_WRITE, calibration_auto,
     &shape_calibration_query, &shape_auto_calibrate, &shape_calibration_result,
     OP_DOCUMENTED | OP_HEAVY | OP_CSV | OP_OWN_TRANSACTION, 200, "Calibrate from actual unit costs",
     "The rows join the environment's evidence; the fit uses all evidence of unit cost. Each row's revision must have a "
     "quote here; it is priced again, uncalibrated, at the row's lot size with the rates of its day. What was held out of "
     "the first fit measures it; the fit that may be activated uses all rows, its intervals sized by leaving out."},
    {"calibration_from_erp", "POST", API "/calibration/environments/{env_id}/auto-calibrate-from-erp", SCOPE_WRITE,
     calibration_from_erp, &shape_calibration_query, &shape_from_erp, &shape_calibration_result,
     OP_DOCUMENTED | OP_HEAVY | OP_CSV | OP_OWN_TRANSACTION, 200, "Calibrate from finished work orders",
     "As auto-calibrate, from part numbers and order totals: no quote is needed, the part's current revision is priced as "
     "it stands. Setup and variable cost per part are reported in fit.work_orders."},
    {"calibration_teach", "POST", API "/calibration/environments/{env_id}/teach", SCOPE_WRITE, calibration_teach,
     &shape_calibration_query, &shape_teach, &shape_calibration_result, OP_DOCUMENTED | OP_HEAVY | OP_CSV | OP_OWN_TRANSACTION, 200,
     "Teach from predictions and actuals",
     "predicted must be what a stored quote of the revision said (unit_cost or uncalibrated_unit_cost, within 0.5 %); its "
     "uncalibrated components are fitted, with the times and the learning curve that are active now in place of those it was "
     "made with: whatever was calibrated then or is now, nothing is corrected twice."},

    {"calibration_outcomes", "POST", API "/calibration/outcomes", SCOPE_WRITE, calibration_outcomes,
     &shape_calibration_query, &shape_outcomes, &shape_calibration_result, OP_DOCUMENTED | OP_HEAVY | OP_CSV | OP_ADMIN_ALSO, 200,
     "Report observations",
     "They wait, counted by oracle in status, until finalize fits them. external_ref identifies an observation of its oracle, "
     "else what it is about does: sent again it adds nothing, with another content it replaces. They are compared with the "
     "active calibration as they arrive: status shows drift. Scope platform needs platform:admin."},
    {"calibration_finalize", "POST", API "/calibration/environments/{env_id}/finalize", SCOPE_WRITE, calibration_finalize,
     &shape_calibration_query, &shape_finalize, &shape_calibration_result,
     OP_DOCUMENTED | OP_HEAVY | OP_OWN_TRANSACTION, 200, "Fit the observations of a metric",
     "Pending observations join the evidence and are fitted with it. Times: quotes multiply planned times by what is learned "
     "per operation class, and the evidence of unit cost is priced again and fitted again in the same transaction, so that "
     "nothing is corrected twice. machine_choice: the policy by which quotes choose machines."},

    {"calibration_recalibrate", "POST", API "/calibration/conformal-recalibrate", SCOPE_WRITE, calibration_recalibrate,
     &shape_calibration_query, &shape_recalibrate, &shape_calibration_result,
     OP_DOCUMENTED | OP_HEAVY | OP_OWN_TRANSACTION | OP_ADMIN_ALSO, 200, "Size the interval anew",
     "Replaces the interval only: of the scores |ln(actual/predicted)| of n rows the one of rank ceil((n + 1)(1 - alpha)), "
     "without borrowing; too few rows for alpha: q_alpha null, and the active interval stays. Quotes then show unit_cost e^-q "
     ".. e^q with the basis conformal:<run> until a newer run of the metric, or of what it is priced with, is activated. "
     "Without samples the stored evidence serves, each row predicted without itself. Scope platform needs platform:admin and "
     "serves environments that have no interval."},
    {"calibration_learning_curve", "POST", API "/calibration/environments/{env_id}/learning-curve-fit", SCOPE_WRITE,
     calibration_learning_curve, &shape_calibration_query, &shape_curve, &shape_calibration_result,
     OP_DOCUMENTED | OP_HEAVY | OP_OWN_TRANSACTION, 200, "Fit a learning curve",
     "Quotes of the revision then multiply their run cost by the mean of x^b over the units that follow units_produced, "
     "divided by the same mean over the fitted lots. A curve that rises is reported as no_learning and not used. The evidence "
     "of unit cost is priced again and fitted again in the same transaction."},
    {"calibration_policy", "POST", API "/calibration/environments/{env_id}/policy/calibrate", SCOPE_WRITE, calibration_policy,
     &shape_calibration_query, &shape_policy, &shape_calibration_result, OP_DOCUMENTED | OP_HEAVY | OP_OWN_TRANSACTION, 200,
     "Learn how machines are chosen",
     "From past choices: weights of features that are better when smaller. The rows join the environment's evidence. Quotes "
     "compute fleet_priority, hourly_rate, load_ratio, op_cost (of a piece in its lot, setup included) and setup_cost (of the "
     "order). Only a policy that repeats the choices better than the region's seed is activated."},

    {"calibration_status", "GET", API "/calibration/environments/{env_id}/status", SCOPE_READ, calibration_status, NULL, NULL,
     &shape_calibration_status, OP_DOCUMENTED, 200, "Where calibration stands",
     "What is active, the latest intervals, drift of observations against what is active, observations by oracle."},
    {"calibration_revert", "POST", API "/calibration/environments/{env_id}/revert", SCOPE_WRITE, calibration_revert, NULL,
     &shape_slot_body, &shape_activation, OP_HEAVY | OP_OWN_TRANSACTION, 200, "Go back to the run before",
     "To the run that was active when the active one was made, its base_run_id; to none where there was none. activate goes "
     "to any other. Evidence stays. Where prices change by it, unit cost is fitted again in the same transaction; where "
     "times, curves, machine choice or rates have changed since a run of unit cost, the rows it was fitted on are fitted "
     "again in its place: run_id and refit_run_id are then that fit."},
    {"calibration_deactivate", "POST", API "/calibration/environments/{env_id}/deactivate", SCOPE_WRITE,
     calibration_deactivate, NULL, &shape_slot_body, &shape_activation, OP_HEAVY | OP_OWN_TRANSACTION, 200,
     "Use nothing in a slot",
     "As revert; quotes then do without that correction until evidence of its own is fitted."},
    {"calibration_deactivate_platform", "POST", API "/calibration/platform/deactivate", SCOPE_ADMIN,
     calibration_deactivate_platform, NULL, &shape_slot_body, &shape_activation, OP_HEAVY | OP_OWN_TRANSACTION, 200,
     "Use nothing in a slot of the platform", "As deactivate, for what platform scope calibrated."},
    {"run_list", "GET", API "/calibration/environments/{env_id}/runs", SCOPE_READ, run_list, &shape_run_query, NULL,
     &shape_run_list, 0, 200, "List calibration runs", "Newest first. Runs never change."},
    {"run_show", "GET", API "/calibration/environments/{env_id}/runs/{run_id}", SCOPE_READ, run_show, NULL, NULL,
     &shape_run_report, 0, 200, "Show a run in full",
     "What the call answered, every driver by environment, bin and part with its 90 % interval, rows left out by reason."},
    {"run_rows", "GET", API "/calibration/environments/{env_id}/runs/{run_id}/rows", SCOPE_READ, run_rows, &shape_page, NULL,
     &shape_run_rows, OP_HEAVY | OP_EXPORT, 200, "List the rows a run has fitted",
     "With their components and what the run predicts. Accept: text/csv or application/x-ndjson answers all of them. Runs of "
     "unit cost only."},
    {"run_activate", "POST", API "/calibration/environments/{env_id}/runs/{run_id}/activate", SCOPE_WRITE, run_activate, NULL,
     NULL, &shape_activation, OP_HEAVY | OP_OWN_TRANSACTION, 200, "Activate an earlier run",
     "One that was activated once (else 409, reason never_activated). Fits follow as with revert."},
    {"evidence_list", "GET", API "/calibration/environments/{env_id}/evidence", SCOPE_READ, evidence_list,
     &shape_evidence_query, NULL, &shape_evidence_list, OP_HEAVY | OP_EXPORT, 200, "List or export evidence",
     "In the order of arrival. Accept: text/csv or application/x-ndjson answers all of it."},
    {"evidence_sources", "GET", API "/calibration/environments/{env_id}/evidence/sources", SCOPE_READ, evidence_sources, NULL,
     NULL, &shape_evidence_source, OP_LIST, 200, "Where evidence came from", "By source and metric."},
    {"evidence_remove", "DELETE", API "/calibration/environments/{env_id}/evidence", SCOPE_WRITE, evidence_remove,
     &shape_evidence_removal, NULL, &shape_message, OP_DESTRUCTIVE | OP_HEAVY, 200, "Remove the evidence of a source",
     "Active calibrations stay until the next fit."},

    /* parts and their revisions */
    {"part_create", "POST", API, SCOPE_WRITE, part_create, NULL, &shape_part_create, &shape_part, OP_LOCATED, 201, "Create a part",
     "Part numbers are unique in the organisation (409, reason part_number_taken). What it costs to make is given as a "
     "revision."},
    {"part_list", "GET", API, SCOPE_READ, part_list, &shape_part_query, NULL, &shape_part_list, 0, 200, "List parts",
     "In the order of creation."},
    {"part_import", "POST", API "/import", SCOPE_WRITE, part_import, NULL, &shape_part_import, &shape_part_imported,
     OP_HEAVY, 201, "Import parts in bulk",
     "Up to 5,000 parts, all or nothing. A new part number makes a part with its first revision. A known one gets a new "
     "revision if plan or predictions differ from the current revision's, else it stays; its name and attributes stay in "
     "any case. The same number twice in one call is a flaw."},
    {"part_show", "GET", API "/{part_id}", SCOPE_READ, part_show, NULL, NULL, &shape_part, OP_RESOURCE, 200, "Show a part",
     "Its ETag serves If-Match."},
    {"part_update", "PATCH", API "/{part_id}", SCOPE_WRITE, part_update, NULL, &shape_part_change, &shape_part, 0, 200,
     "Change a part", "Changes what is present; null counts as absent; attributes are replaced whole."},
    {"part_remove", "DELETE", API "/{part_id}", SCOPE_WRITE, part_remove, NULL, NULL, &shape_message, OP_DESTRUCTIVE, 200,
     "Delete a part",
     "With its revisions. Calculations stay: they are snapshots. A part that calibration evidence names cannot be deleted "
     "(409, reason part_has_evidence)."},
    {"revision_create", "POST", API "/{part_id}/revisions", SCOPE_WRITE, revision_create, NULL, &shape_revision_create,
     &shape_revision, OP_LOCATED, 201, "Add a revision to a part", "It becomes the current one. Revisions never change."},
    {"revision_list", "GET", API "/{part_id}/revisions", SCOPE_READ, revision_list, &shape_page, NULL,
     &shape_revision_list, 0, 200, "List the revisions of a part", "Newest first."},
    {"revision_show", "GET", API "/{part_id}/revisions/{part_revision_id}", SCOPE_READ, revision_show, NULL, NULL,
     &shape_revision, OP_RESOURCE, 200, "Show a revision", "Process plan and predictions, as they were given."},

    /* labeling: projects, campaigns, tasks */
    {"label_project_create", "POST", LABELING "/projects", SCOPE_WRITE, label_project_create, NULL,
     &shape_label_project_create, &shape_label_project, OP_DOCUMENTED | OP_LOCATED, 201, "Create a labeling project",
     "selection_policy says which predictions generate-tasks turns into tasks: strategy uncertainty (least confident first), "
     "random or all; at most max_confidence confident; at most limit; honeypots planted out of the ground truth or not."},
    {"label_project_list", "GET", LABELING "/projects", SCOPE_READ, label_project_list, &shape_page, NULL,
     &shape_label_project_list, OP_DOCUMENTED, 200, "List labeling projects", "In the order of creation."},
    {"label_project_show", "GET", LABELING "/projects/{project_id}", SCOPE_READ, label_project_show, NULL, NULL,
     &shape_label_project, OP_DOCUMENTED | OP_RESOURCE, 200, "Show a labeling project",
     "With the number of its campaigns."},
    {"label_campaign_create", "POST", LABELING "/campaigns", SCOPE_WRITE, label_campaign_create, NULL,
     &shape_label_campaign_create, &shape_label_campaign, OP_DOCUMENTED | OP_LOCATED, 201, "Create a campaign",
     "It is open at once. Names need not be unique."},
    {"label_campaign_list", "GET", LABELING "/campaigns", SCOPE_READ, label_campaign_list, &shape_label_campaign_query, NULL,
     &shape_label_campaign_list, OP_DOCUMENTED, 200, "List campaigns", "In the order of creation, with their progress."},
    {"label_campaign_show", "GET", LABELING "/campaigns/{campaign_id}", SCOPE_READ, label_campaign_show, NULL, NULL,
     &shape_label_campaign, OP_DOCUMENTED | OP_RESOURCE, 200, "Show a campaign",
     "task_count and resolved_count (resolved or adjudicated) leave honeypots out and are exact at every moment."},
    {"label_task_create", "POST", LABELING "/campaigns/{campaign_id}/tasks", SCOPE_WRITE, label_task_create, NULL,
     &shape_label_tasks_create, &shape_label_task_list, OP_DOCUMENTED | OP_HEAVY, 201, "Add tasks to a campaign",
     "1 to 5,000, all or nothing, answered whole in request order. A honeypot (is_gold) needs its gold_answer: a verdict, or "
     "the right value. 409, reason campaign_closed, once the campaign is closed."},
    {"label_task_list", "GET", LABELING "/campaigns/{campaign_id}/tasks", SCOPE_READ, label_task_list,
     &shape_label_task_query, NULL, &shape_label_task_list, OP_DOCUMENTED | OP_HEAVY, 200, "List the tasks of a campaign",
     "Honeypots too. In the order of creation; those of one status in the order of the queue, normal ones first."},

    /* labeling: annotators' work */
    {"label_next_task", "POST", LABELING "/campaigns/{campaign_id}/next-task", SCOPE_LABEL, label_next_task, NULL, NULL,
     &shape_label_task_served, OP_DOCUMENTED | OP_ANNOTATOR | OP_OWN_TRANSACTION | OP_MAYBE_NULL, 200, "Take the next task",
     "Leases an open task to the caller: the user of the key, or the annotator of the session. Nobody else gets it until it "
     "is answered or the lease ends (claim_expires_at). Who holds a task gets that one again; nobody gets a task twice that "
     "they have answered. null when there is none; X-Queue-State says why: drained (all answered by the caller or decided), "
     "all_claimed (others hold the rest: ask again), blocked (too many honeypots answered wrong), closed. Honeypots look like "
     "any other task."},
    {"label_task_submit", "POST", LABELING "/tasks/{task_id}/submit", SCOPE_LABEL, label_task_submit, NULL,
     &shape_label_submit, &shape_label_submission, OP_DOCUMENTED | OP_ANNOTATOR | OP_BLOCK, 201, "Answer a task",
     "confirm: predicted_value is right; correct: corrected_value is; reject: it is wrong; unsure: no label, and counts toward "
     "n_required at most once a task. At n_required answers the task is decided. 409, with the reason: no_lease, lease_expired, "
     "already_submitted, task_decided, campaign_closed."},
    {"label_task_adjudicate", "POST", LABELING "/tasks/{task_id}/adjudicate", SCOPE_WRITE, label_task_adjudicate, NULL,
     &shape_label_adjudicate, &shape_label_task, OP_DOCUMENTED, 200, "Decide a task",
     "The owner's final word, whatever the answers so far; a lease on the task ends, ground truth that came of the task "
     "follows. 409, reason already_adjudicated or gold_task."},

    /* labeling: labels in and out, consensus, ground truth */
    {"label_project_generate", "POST", LABELING "/projects/{project_id}/generate-tasks", SCOPE_WRITE,
     label_project_generate, NULL, &shape_label_generate, &shape_label_generated, OP_DOCUMENTED | OP_HEAVY, 201,
     "Make tasks of predictions",
     "Of the predictions behind the calculations' revisions, those that the project's target_kinds and selection_policy let "
     "through and that no live task asks and no ground truth answers. Honeypots are planted out of the ground truth so that "
     "they are gold_fraction of all. Doing it again makes no duplicates."},
    {"label_submission_import", "POST", LABELING "/campaigns/{campaign_id}/submissions/import", SCOPE_WRITE,
     label_submission_import, NULL, &shape_label_import, &shape_label_imported, OP_HEAVY | OP_CSV, 201,
     "Import labels made elsewhere",
     "Up to 20,000, all or nothing; they need no lease and may exceed n_required. One per annotator and task: the first "
     "stays. Tasks that have n_required answers then are decided again. 409, reason campaign_closed."},
    {"label_submission_list", "GET", LABELING "/campaigns/{campaign_id}/submissions", SCOPE_READ, label_submission_list,
     &shape_limit, NULL, &shape_label_record_list, OP_HEAVY | OP_EXPORT, 200, "Export labels",
     "As import takes them, by task, then annotator. With Accept: application/x-ndjson or text/csv everything (unless limit "
     "is given), one label a line; else a page of 100."},
    {"label_campaign_quality", "GET", LABELING "/campaigns/{campaign_id}/quality", SCOPE_READ, label_campaign_quality, NULL,
     NULL, &shape_label_quality, OP_DOCUMENTED | OP_HEAVY, 200, "Measure the quality of a campaign",
     "Krippendorff's alpha (nominal) of the labels of normal tasks, and what each annotator's answers are worth: honeypots, "
     "leave-one-out majority, Dawid-Skene. A label is the value an answer stands for where all values of the campaign are "
     "strings or booleans, at most 20 of them; else its verdict. Never older than the last answer."},
    {"label_campaign_close", "POST", LABELING "/campaigns/{campaign_id}/close", SCOPE_WRITE, label_campaign_close, NULL, NULL,
     &shape_label_campaign, OP_DOCUMENTED | OP_HEAVY, 200, "Close a campaign",
     "Fits once more and decides every task that has a label and is not adjudicated: resolved, or needs_adjudication where "
     "the best posterior is below 0.6 or tied. 409, reason not_open, if it is closed already."},
    {"label_campaign_promote", "POST", LABELING "/campaigns/{campaign_id}/promote", SCOPE_WRITE, label_campaign_promote,
     &shape_label_promote, NULL, &shape_label_promotion, OP_DOCUMENTED | OP_HEAVY, 200, "Promote to ground truth",
     "Resolved and adjudicated tasks become ground truth, each once, if alpha is defined and at least acceptance_alpha or "
     "force=true; else nothing does. Again: only what is new. A closed campaign becomes promoted; an open one stays open, and "
     "where it decides a task otherwise later, ground truth follows: the answer changes, or goes until it is adjudicated."},
    {"truth_dataset_list", "GET", API "/ground-truth/datasets", SCOPE_READ, truth_dataset_list, &shape_page, NULL,
     &shape_truth_dataset_list, 0, 200, "List ground truth",
     "One dataset per project, or per campaign without one, in the order of creation."},
    {"truth_dataset_show", "GET", API "/ground-truth/datasets/{dataset_id}", SCOPE_READ, truth_dataset_show, NULL, NULL,
     &shape_truth_dataset, OP_RESOURCE, 200, "Show a dataset of ground truth",
     "Where it came from, and how many items it has."},
    {"truth_item_list", "GET", API "/ground-truth/datasets/{dataset_id}/items", SCOPE_READ, truth_item_list, &shape_limit,
     NULL, &shape_truth_item_list, OP_HEAVY | OP_EXPORT, 200, "Export ground truth",
     "In the order of promotion. With Accept: application/x-ndjson or text/csv everything (unless limit is given), one item "
     "a line; else a page of 100."},

    /* labeling: annotators */
    {"label_assignment_create", "POST", LABELING "/campaigns/{campaign_id}/assignments", SCOPE_WRITE,
     label_assignment_create, NULL, &shape_label_invitation, &shape_label_invited, OP_DOCUMENTED | OP_SECRET, 201,
     "Invite an annotator",
     "magic_link_token is shown once, is used up by opening a session and lasts 7 days. Inviting an address again makes "
     "another token and voids the old one; a revoked assignment comes back to life."},
    {"label_assignment_list", "GET", LABELING "/campaigns/{campaign_id}/assignments", SCOPE_READ, label_assignment_list,
     &shape_limit, NULL, &shape_label_assignment_list, OP_DOCUMENTED, 200, "List the annotators of a campaign",
     "In the order of the first invitation. Everything, unless limit is given."},
    {"label_assignment_revoke", "DELETE", LABELING "/campaigns/{campaign_id}/assignments/{assignment_id}", SCOPE_WRITE,
     label_assignment_revoke, NULL, NULL, &shape_label_assignment, OP_DOCUMENTED | OP_DESTRUCTIVE, 200,
     "Revoke an annotator's assignment",
     "Link and sessions end at once, a leased task goes back to the queue; answers stay."},
    {"annotator_session_create", "POST", LABELING "/annotator-sessions", SCOPE_NONE, annotator_session_create, NULL,
     &shape_label_redemption, &shape_label_session, OP_SECRET | OP_NO_TOOL, 201, "Open an annotator session",
     "Redeems a magic link's token, once; repeated under its Idempotency-Key it answers the same session. The session may take "
     "and answer tasks of that campaign, nothing else. 401 when the token was used, is void or has expired."},

    /* calculations */
    {"calculation_quote", "POST", API "/calculations/quote", SCOPE_WRITE, calculation_quote, NULL, &shape_quote_create,
     &shape_calculation, OP_OWN_TRANSACTION | OP_LOCATED, 201, "Price a part revision",
     "By process plan and the rates of the day, corrected by the environment's active calibration, with an interval and a "
     "curve over the lot size. What is missing makes a failed calculation whose error names it; nothing is taken as zero. "
     "The costs add up to unit_cost. setup_cost is that of the whole order: the setup driver with its overheads times its "
     "calibration factor."},
    {"calculation_batch", "POST", API "/calculations/batch", SCOPE_WRITE, calculation_batch, NULL, &shape_batch_create,
     &shape_calculation_batch, OP_HEAVY, 201, "Price up to 1,000 part revisions", "In the order of items, without lot curves."},
    {"calculation_list", "GET", API "/calculations", SCOPE_READ, calculation_list, &shape_calculation_query, NULL,
     &shape_calculation_batch, 0, 200, "List calculations", "Newest first."},
    {"calculation_show", "GET", API "/calculations/{calculation_id}", SCOPE_READ, calculation_show, NULL, NULL,
     &shape_calculation, OP_RESOURCE, 200, "Show a calculation", "As it was answered."},
};
/* clang-format on */

const size_t n_operations = sizeof operations / sizeof *operations;
