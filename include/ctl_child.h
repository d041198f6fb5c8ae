/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other programs: mariadb-dump, mariadb, gzip. Found by PATH, run without a shell. */
#ifndef COSTWRIGHT_CTL_CHILD_H
#define COSTWRIGHT_CTL_CHILD_H

#include "store_db.h"

#include <stdbool.h>
#include <sys/types.h>

struct settings;

struct ctl_child {
    pid_t pid;
    const char *name;
};

/* Runs words (NULL-terminated) with in and out as its standard input and output, which are closed
   here; it inherits also keep (-1: nothing more). Says what fails. */
bool ctl_child_start(struct ctl_child *child, const char *const *words, int in, int out, int keep);
/* Waits; true when it ended with status 0. Says so when it did not. */
bool ctl_child_end(struct ctl_child *child);

/* An option file for MariaDB's programs in memory: how to connect and the password, which is so in
   no argument, no environment and on no disk. Returns a descriptor, -1 when it fails (said);
   option gets "--defaults-file=..." that names it. host: see db_host. */
int ctl_child_login(const struct settings *settings, enum db_role role, const char *host,
                    char option[64]);

#endif
