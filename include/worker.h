/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One worker: a single-threaded loop that accepts one FastCGI connection, has it answered, and goes
   back to the queue. It leaves after a bounded number of requests, when its memory has grown, and
   on SIGTERM, never in the middle of an answer. */
#ifndef COSTWRIGHT_WORKER_H
#define COSTWRIGHT_WORKER_H

#include "err.h"
#include "shared.h"

#include <stdbool.h>

struct FCGX_Request;
struct settings;
struct worker;

/* What a worker does with requests: filled in by the program, so that the benchmark's echo runs in
   the very same loop. */
struct worker_service {
    /* After fork. ERR_VALIDATION_ERROR: the configuration is unusable (exit status 78). */
    enum err (*start)(void **context, const struct worker *worker);
    /* Answers one request; must read its body to the end. */
    void (*serve)(void *context, struct FCGX_Request *request);
    /* After a second without a request that followed one. */
    void (*idle)(void *context);
    void (*stop)(void *context);
};

struct worker {
    const struct worker_service *service;
    const struct settings *settings;
    struct shared *shared;
    struct shared_worker *slot; /* its own, pid and pool filled in; a heartbeat marks it ready */
    int listener;               /* listening socket, non-blocking */
    bool handed_on; /* the socket outlives the service (systemd's): leave its queue alone */
};

#define WORKER_EXIT_CONFIG 78 /* EX_CONFIG */

/* Runs until the worker is to leave; returns the exit status of the process. SIGTERM must be
 * blocked. */
int worker_run(const struct worker *worker);

#endif
