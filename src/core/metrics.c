/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters in shared memory, and how they are written. */
#include "metrics.h"

#include "buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

const char *const metrics_limit_names[METRICS_LIMITS] = {"key", "session", "org", "heavy"};

/* upper bounds of times, microseconds */
static const int64_t metrics_bounds[METRICS_BOUNDS] = {
    1000,   2500,   5000,    10000,   25000,   50000,    100000,
    250000, 500000, 1000000, 2500000, 5000000, 10000000, 50000000,
};

static void add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void add_time(struct metrics_times *times, int64_t microseconds)
{
    size_t bound = 0;
    while (bound < METRICS_BOUNDS && microseconds > metrics_bounds[bound])
        bound++;
    add(&times->counts[bound], 1);
    add(&times->microseconds, (uint64_t)microseconds);
}

void metrics_answer(struct metrics *metrics, size_t operation, int status, int64_t microseconds)
{
    if (operation >= METRICS_OPERATIONS)
        operation = METRICS_OPERATIONS - 1;
    struct metrics_operation *counted = &metrics->operations[operation];
    int class = status / 100 - 1;
    add(&counted->answers[class < 0 || class >= METRICS_CLASSES ? METRICS_CLASSES - 1 : class], 1);
    add_time(&counted->latency, microseconds);
}

void metrics_wait(struct metrics *metrics, size_t pool, int64_t microseconds)
{
    add_time(&metrics->waits[pool < METRICS_POOLS ? pool : METRICS_POOLS - 1], microseconds);
}

void metrics_decision(struct metrics *metrics, enum metrics_limit limit, int allowed)
{
    add(allowed ? &metrics->allowed[limit] : &metrics->refused[limit], 1);
}

void metrics_database(struct metrics *metrics, int64_t errors, int64_t retries)
{
    if (errors)
        add(&metrics->database_errors, (uint64_t)errors);
    if (retries)
        add(&metrics->database_retries, (uint64_t)retries);
}

void metrics_family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_sample(struct buf *out, const char *name, uint64_t value, ...)
{
    va_list labels;
    const char *label, *before = "{";
    buf_adds(out, name);
    va_start(labels, value);
    while ((label = va_arg(labels, const char *))) {
        buf_printf(out, "%s%s=\"%s\"", before, label, va_arg(labels, const char *));
        before = ",";
    }
    va_end(labels);
    buf_printf(out, "%s %" PRIu64 "\n", *before == ',' ? "}" : "", value);
}

void metrics_histogram(struct buf *out, const char *name, const char *label, const char *value,
                       const struct metrics_times *times)
{
    uint64_t sum = atomic_load(&times->microseconds), n = 0;
    for (size_t i = 0; i <= METRICS_BOUNDS; i++) {
        n += atomic_load(&times->counts[i]);
        char bound[32] = "+Inf";
        if (i < METRICS_BOUNDS)
            snprintf(bound, sizeof bound, "%g", (double)metrics_bounds[i] / 1e6);
        buf_printf(out, "%s_bucket{%s=\"%s\",le=\"%s\"} %" PRIu64 "\n", name, label, value, bound,
                   n);
    }
    buf_printf(out, "%s_sum{%s=\"%s\"} %" PRIu64 ".%06" PRIu64 "\n", name, label, value,
               sum / 1000000, sum % 1000000);
    buf_printf(out, "%s_count{%s=\"%s\"} %" PRIu64 "\n", name, label, value, n);
}
