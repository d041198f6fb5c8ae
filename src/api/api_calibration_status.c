/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the calibration of an environment stands. */
#include "api.h"

#include "arena.h"
#include "calibration_input.h"
#include "run_shapes.h"
#include "store_drift.h"
#include "store_evidence_list.h"

#define INTERVALS 10
#define ALERTS    20

static enum err put_intervals(struct request *request, struct calibration_status *status)
{
    const struct run_filter filter = {.with_interval = true};
    const struct store_page page = {INTERVALS, 0};
    struct run *runs;
    size_t n;
    enum err err = store_run_list(request->db, request->arena, request->caller.org, request->id[0],
                                  &filter, &page, &runs, &n, NULL);
    struct status_interval *list = ARENA_ARRAY(request->arena, n + 1, struct status_interval);
    for (size_t i = 0; i < n && !err; i++) {
        struct calibration_result result;
        err = calibration_result_parse(request->arena, runs[i].document, &result);
        list[i] = (struct status_interval){
            .id = runs[i].id,
            .kind = runs[i].kind,
            .target_metric = metric_text(runs[i].metric),
            .status = runs[i].status,
            .alpha = result.alpha,
            .q_alpha = result.q_alpha,
            .observed_coverage = result.observed_coverage,
            .n_calibration = result.n_calibration,
            .active = runs[i].active,
            .created_at = runs[i].created_at,
        };
    }
    status->conformal = (struct field_list){list, n};
    return err;
}

static enum err put_alerts(struct request *request, struct calibration_status *status)
{
    static const char *const severities[] = {"none", "info", "warning", "critical"};
    struct store_drift_alert *alerts;
    size_t n;
    enum err err = store_drift_list(request->db, request->arena, request->caller.org,
                                    request->id[0], ALERTS, &alerts, &n);
    if (err)
        return err;
    struct status_alert *list = ARENA_ARRAY(request->arena, n + 1, struct status_alert);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct status_alert){
            .id = alerts[i].id,
            .run_id = alerts[i].run,
            .target_metric = metric_text(alerts[i].metric),
            .bin = alerts[i].bin,
            .signal = alerts[i].signal,
            .severity = severities[alerts[i].severity & 3],
            .status = alerts[i].resolved_at == TIME_NONE ? "open" : "resolved",
            .statistic = alerts[i].statistic,
            .log_shift = alerts[i].log_shift,
            .n = alerts[i].n,
            .opened_at = alerts[i].opened_at,
            .updated_at = alerts[i].updated_at,
            .resolved_at = alerts[i].resolved_at,
        };
    status->drift_alerts = (struct field_list){list, n};
    return ERR_OK;
}

static enum err put_observations(struct request *request, struct calibration_status *status)
{
    struct store_evidence_source *sources;
    size_t n;
    enum err err = store_evidence_sources(request->db, request->arena, request->caller.org,
                                          request->id[0], true, &sources, &n);
    if (err)
        return err;
    struct status_observations *list =
        ARENA_ARRAY(request->arena, n + 1, struct status_observations);
    for (size_t i = 0; i < n; i++)
        list[i] =
            (struct status_observations){sources[i].source, metric_text(sources[i].metric),
                                         sources[i].pending, sources[i].rows - sources[i].pending};
    status->observations = (struct field_list){list, n};
    return ERR_OK;
}

enum err calibration_status(struct request *request)
{
    struct calibration_status status = {.env_id = request->id[0], .last_fit_at = TIME_NONE};
    const struct run_filter any = {0};
    const struct store_page newest = {1, 0};
    struct run *runs;
    size_t n;
    enum err err = input_environment(request);
    if (!err)
        err = store_active_count(request->db, request->caller.org, request->id[0],
                                 &status.active_posterior_count);
    if (!err)
        err = store_run_list(request->db, request->arena, request->caller.org, request->id[0], &any,
                             &newest, &runs, &n, NULL);
    if (!err && n)
        status.last_fit_at = runs[0].created_at;
    if (!err)
        err = put_intervals(request, &status);
    if (!err)
        err = put_alerts(request, &status);
    if (!err)
        err = put_observations(request, &status);
    return err ? err : api_answer(request, &status);
}
