/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that is there whole or not at all: written under a hidden name beside it (.NAME.XXXXXX),
   given its name when all of it is on the disk. */
#ifndef COSTWRIGHT_CTL_FILE_H
#define COSTWRIGHT_CTL_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct ctl_file {
    int fd; /* -1: not open */
    const char *path;
    char hidden[4096];
};

/* Opens for writing, mode 0600. A path that exists is refused. Failures of all three are said. */
bool ctl_file_open(struct ctl_file *file, const char *path);
/* On the disk, under its name; never over another file that came meanwhile. Closes it. */
bool ctl_file_keep(struct ctl_file *file);
/* Nothing of it is left. May follow any outcome of the others. */
void ctl_file_drop(struct ctl_file *file);
/* All of it; false, errno set, when that fails. */
bool ctl_write(int fd, const void *data, size_t len);

#endif
