/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauges of the whole installation, for /metrics: the same on every host. */
#ifndef COSTWRIGHT_STORE_METRICS_H
#define COSTWRIGHT_STORE_METRICS_H

#include "err.h"

#include <stdint.h>

struct db;

struct store_metrics {
    int64_t leases;           /* annotators that hold a task now */
    int64_t queue;            /* undecided tasks of open campaigns, honeypots left out */
    int64_t runs;             /* calibration runs stored */
    int64_t active;           /* calibrations that quotes use */
    int64_t alerts;           /* open drift alerts */
    int64_t idempotency_from; /* oldest stored answer; TIME_NONE: there is none */
};

/* One statement over small tables and indexes, ended by the server after 2 s. */
enum err store_metrics_read(struct db *db, int64_t now, struct store_metrics *metrics);

#endif
