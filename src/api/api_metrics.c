/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GET /metrics. */
#include "api.h"

#include "metrics.h"
#include "shared.h"
#include "store_db.h"
#include "store_metrics.h"
#include "when.h"

#define NO_OPERATION "none"

/* A service that answered nothing for an operation yet shows no samples of it. */
static bool was_called(const struct metrics_operation *counted)
{
    for (size_t i = 0; i < METRICS_CLASSES; i++)
        if (atomic_load(&counted->answers[i]))
            return true;
    return false;
}

static const char *operation_name(size_t i)
{
    return i < n_operations ? operations[i].name : NO_OPERATION;
}

static void write_requests(struct buf *out, const struct metrics *metrics)
{
    static const char *const classes[METRICS_CLASSES] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    metrics_family(out, "costwright_requests_total", "counter",
                   "Answers by operation and status class; a call made through mcp_message counts "
                   "under both.");
    for (size_t i = 0; i < METRICS_OPERATIONS; i++)
        for (size_t k = 0; k < METRICS_CLASSES; k++) {
            uint64_t n = atomic_load(&metrics->operations[i].answers[k]);
            if (n)
                metrics_sample(out, "costwright_requests_total", n, "operation", operation_name(i),
                               "status", classes[k], NULL);
        }
    metrics_family(out, "costwright_request_seconds", "histogram",
                   "Time from the start of a request in its worker to its answer.");
    for (size_t i = 0; i < METRICS_OPERATIONS; i++)
        if (was_called(&metrics->operations[i]))
            metrics_histogram(out, "costwright_request_seconds", "operation", operation_name(i),
                              &metrics->operations[i].latency);
}

static void write_limiter(struct buf *out, const struct metrics *metrics)
{
    metrics_family(out, "costwright_limiter_decisions_total", "counter",
                   "Requests weighed by the rates of a key, an annotator session and an "
                   "organisation, and by an organisation's share of the heavy workers.");
    for (enum metrics_limit i = 0; i < METRICS_LIMITS; i++) {
        metrics_sample(out, "costwright_limiter_decisions_total", atomic_load(&metrics->allowed[i]),
                       "limit", metrics_limit_names[i], "decision", "allowed", NULL);
        metrics_sample(out, "costwright_limiter_decisions_total", atomic_load(&metrics->refused[i]),
                       "limit", metrics_limit_names[i], "decision", "refused", NULL);
    }
}

static void write_queues(struct buf *out, const struct metrics *metrics)
{
    metrics_family(out, "costwright_queue_seconds", "histogram",
                   "Time from the web server to a worker of the pool: how deep its queue is.");
    for (enum pool pool = 0; pool < POOL_COUNT; pool++)
        metrics_histogram(out, "costwright_queue_seconds", "pool", pool_names[pool],
                          &metrics->waits[pool]);
}

static void write_workers(struct buf *out, const struct shared *shared)
{
    uint64_t idle[POOL_COUNT] = {0}, busy[POOL_COUNT] = {0};
    for (size_t i = 0; i < SHARED_WORKERS; i++) {
        const struct shared_worker *worker = &shared->workers[i];
        if (!atomic_load(&worker->pid))
            continue;
        bool works = atomic_load(&worker->busy_since);
        ++(works ? busy : idle)[atomic_load(&worker->pool) == POOL_HEAVY ? POOL_HEAVY : POOL_LIGHT];
    }
    metrics_family(out, "costwright_workers", "gauge",
                   "Worker processes; the one that answers this is busy.");
    for (enum pool pool = 0; pool < POOL_COUNT; pool++) {
        metrics_sample(out, "costwright_workers", busy[pool], "pool", pool_names[pool], "state",
                       "busy", NULL);
        metrics_sample(out, "costwright_workers", idle[pool], "pool", pool_names[pool], "state",
                       "idle", NULL);
    }
    metrics_family(out, "costwright_worker_restarts_total", "counter",
                   "Workers that died and were replaced; those that left in order do not count.");
    metrics_sample(out, "costwright_worker_restarts_total", atomic_load(&shared->restarts), NULL);
}

static void write_gauge(struct buf *out, const char *name, const char *help, int64_t value)
{
    metrics_family(out, name, "gauge", help);
    metrics_sample(out, name, value > 0 ? (uint64_t)value : 0, NULL);
}

static void write_database(struct request *request)
{
    const struct metrics *metrics = &request->shared->metrics;
    struct buf *out = request->out;
    struct store_metrics now;
    metrics_family(out, "costwright_database_errors_total", "counter",
                   "Failed connections and statements, races among transactions left out.");
    metrics_sample(out, "costwright_database_errors_total", atomic_load(&metrics->database_errors),
                   NULL);
    metrics_family(out, "costwright_database_retries_total", "counter",
                   "Transactions run again after a deadlock, a changed row or a lost server.");
    metrics_sample(out, "costwright_database_retries_total",
                   atomic_load(&metrics->database_retries), NULL);
    bool up = db_ping(request->db) && !store_metrics_read(request->db, request->now, &now);
    write_gauge(out, "costwright_database_up",
                "Whether the database answers; the gauges below "
                "are of the whole installation and absent where it does not.",
                up);
    if (!up)
        return;
    write_gauge(out, "costwright_labeling_leases", "Annotators that hold a task.", now.leases);
    write_gauge(out, "costwright_labeling_queue", "Undecided tasks of open campaigns.", now.queue);
    write_gauge(out, "costwright_calibration_runs", "Calibration runs stored.", now.runs);
    write_gauge(out, "costwright_calibrations_active", "Calibrations that quotes use.", now.active);
    write_gauge(out, "costwright_drift_alerts", "Open drift alerts.", now.alerts);
    write_gauge(
        out, "costwright_idempotency_age_seconds",
        "Age of the oldest stored answer: far above a day, nobody runs costwrightctl purge.",
        now.idempotency_from == TIME_NONE ? 0 : (request->now - now.idempotency_from) / 1000000);
}

enum err service_metrics(struct request *request)
{
    write_requests(request->out, &request->shared->metrics);
    write_limiter(request->out, &request->shared->metrics);
    write_queues(request->out, &request->shared->metrics);
    write_workers(request->out, request->shared);
    write_database(request);
    request->content_type = "text/plain; version=0.0.4; charset=utf-8";
    return ERR_OK;
}
