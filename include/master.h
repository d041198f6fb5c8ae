/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The master: opens the sockets, forks two pools of workers and keeps them at strength.
   TERM or INT: drain and end. A second one, or drain_seconds: kill. HUP: read the settings again
   and replace the workers one by one; when that fails, the old ones stay. A worker that dies within
   5 s of its start is replaced after a pause of 100 ms, doubled each time up to 25 s. A worker
   stuck for 10 s beyond request_seconds is killed. */
#ifndef COSTWRIGHT_MASTER_H
#define COSTWRIGHT_MASTER_H

#include "settings.h"

#include <stddef.h>

struct worker_service;

/* Where the settings come from, to read them again. */
struct master_source {
    const char *file; /* or NULL */
    const char *const *overrides;
    size_t n_overrides;
};

/* Logs every fault. */
enum err master_load(struct settings *settings, const struct master_source *source);

/* Takes over settings. Returns the exit status of the program. */
int master_run(struct settings *settings, const struct master_source *source,
               const struct worker_service *service);

#endif
