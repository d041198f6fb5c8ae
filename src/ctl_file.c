/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are there whole or not at all. */
#include "ctl_file.h"

#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Length of the directory's part of the path, its last slash included. */
static int directory_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash + 1 - path) : 0;
}

bool ctl_file_open(struct ctl_file *file, const char *path)
{
    *file = (struct ctl_file){.fd = -1, .path = path};
    struct stat there;
    int dir = directory_len(path);
    int len = snprintf(file->hidden, sizeof file->hidden, "%.*s.%s.XXXXXX", dir, path, path + dir);
    if (len < 0 || (size_t)len >= sizeof file->hidden || !path[dir]) {
        file->hidden[0] = '\0';
        ctl_fail("%s is no name for a file", path);
    } else if (!lstat(path, &there)) {
        file->hidden[0] = '\0';
        ctl_fail("%s is there already", path);
    } else if ((file->fd = mkostemp(file->hidden, O_CLOEXEC)) < 0) { /* mode 0600 */
        file->hidden[0] = '\0';
        ctl_fail("%s cannot be written: %s", path, strerror(errno));
    }
    return file->fd >= 0;
}

static bool sync_directory(const char *path)
{
    char name[4096];
    int dir = directory_len(path);
    snprintf(name, sizeof name, "%.*s", dir ? dir : 1, dir ? path : ".");
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && !fsync(fd);
    if (fd >= 0)
        close(fd);
    return good;
}

static bool give_name(const struct ctl_file *file)
{
    struct stat there;
    if (!renameat2(AT_FDCWD, file->hidden, AT_FDCWD, file->path, RENAME_NOREPLACE))
        return true;
    if (errno != EINVAL)
        return false;
    /* NFS and some others cannot rename and refuse in one step: a last look must do */
    if (!lstat(file->path, &there)) {
        errno = EEXIST;
        return false;
    }
    return !rename(file->hidden, file->path);
}

bool ctl_file_keep(struct ctl_file *file)
{
    bool good = !fsync(file->fd);
    good = !close(file->fd) && good;
    file->fd = -1;
    if (good && give_name(file)) {
        file->hidden[0] = '\0';
        good = sync_directory(file->path);
    } else {
        good = false;
    }
    if (!good)
        ctl_fail("%s cannot be written: %s", file->path, strerror(errno));
    return good;
}

void ctl_file_drop(struct ctl_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->hidden[0])
        unlink(file->hidden);
    *file = (struct ctl_file){.fd = -1};
}

bool ctl_write(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}
