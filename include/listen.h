/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listening sockets of the two pools: systemd's, or bound here. */
#ifndef COSTWRIGHT_LISTEN_H
#define COSTWRIGHT_LISTEN_H

#include "err.h"
#include "shared.h"

#include <stdbool.h>
#include <stdint.h>

struct listen {
    int fd[POOL_COUNT];     /* non-blocking, close-on-exec; -1 = none */
    bool handed_on;         /* from systemd: stays open when we are gone */
    char *path[POOL_COUNT]; /* own sockets: to unlink */
};

/* Takes the sockets named "light" and "heavy" when LISTEN_PID is this process; else binds the two
   paths (mode 0660), replacing sockets that nobody listens on. Faults are logged;
   ERR_VALIDATION_ERROR. */
enum err listen_open(struct listen *listen, const char *const path[POOL_COUNT], int64_t backlog);
/* Own sockets disappear from the file system: no new connection, the queue stays. */
void listen_unlink(struct listen *listen);
void listen_close(struct listen *listen);
/* Whether a connection is waiting. */
bool listen_waiting(const struct listen *listen, enum pool pool);

#endif
