/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening sockets by socket activation or by own bind. */
#include "listen.h"

#include "log.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FIRST_FD 3 /* where systemd's sockets begin */
#define IN_USE_TURNS                                                                               \
    100 /* of 50 ms: the workers of a master that was killed finish their answers */

static bool activated(void)
{
    const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
    return pid && fds && strtol(pid, NULL, 10) == getpid() && strtol(fds, NULL, 10) > 0;
}

/* The position of name in the colon-separated list, or -1. */
static int position(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (int i = 0;; i++) {
        size_t item = strcspn(list, ":");
        if (item == len && !strncmp(list, name, len))
            return i;
        if (!list[item])
            return -1;
        list += item + 1;
    }
}

static bool make_ready(int fd)
{
    int listening = 0;
    socklen_t len = sizeof listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || !listening)
        return false;
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static enum err take_over(struct listen *listen)
{
    const char *names = getenv("LISTEN_FDNAMES");
    int count = (int)strtol(getenv("LISTEN_FDS"), NULL, 10);
    enum err err = ERR_OK;
    listen->handed_on = true;
    for (enum pool pool = 0; pool < POOL_COUNT; pool++) {
        int i = position(names ? names : "", pool_names[pool]);
        if (i >= 0 && i < count && make_ready(FIRST_FD + i)) {
            listen->fd[pool] = FIRST_FD + i;
            continue;
        }
        log_line(LOG_LEVEL_ERROR,
                 "socket activation: no listening socket named \"%s\" (FileDescriptorName=)",
                 pool_names[pool]);
        err = ERR_VALIDATION_ERROR;
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return err;
}

/* Whether somebody answers there now. */
static bool answered(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool used = fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ||
                            errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return used;
}

/* Whether somebody goes on answering there: then the path is not ours to replace. */
static bool in_use(const struct sockaddr_un *address)
{
    for (int turn = 0; turn < IN_USE_TURNS; turn++) {
        if (!answered(address))
            return false;
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    }
    return true;
}

static int bind_path(const char *path, int64_t backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    struct stat old;
    if (lstat(path, &old) == 0 && S_ISSOCK(old.st_mode)) {
        if (in_use(&address)) {
            errno = EADDRINUSE;
            return -1;
        }
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    mode_t before = umask(0117); /* 0660: the web server's group may connect, nobody else */
    int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
    umask(before);
    if (bound == 0 && listen(fd, (int)backlog) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

enum err listen_open(struct listen *listen, const char *const path[POOL_COUNT], int64_t backlog)
{
    *listen = (struct listen){.fd = {-1, -1}};
    if (activated())
        return take_over(listen);
    for (enum pool pool = 0; pool < POOL_COUNT; pool++) {
        listen->fd[pool] = bind_path(path[pool], backlog);
        if (listen->fd[pool] < 0) {
            log_line(LOG_LEVEL_ERROR, "listen_%s = %s: %s", pool_names[pool], path[pool],
                     strerror(errno));
            listen_unlink(listen);
            listen_close(listen);
            return ERR_VALIDATION_ERROR;
        }
        listen->path[pool] = memory_text(path[pool]);
    }
    return ERR_OK;
}

void listen_unlink(struct listen *listen)
{
    for (enum pool pool = 0; pool < POOL_COUNT; pool++) {
        if (listen->path[pool])
            unlink(listen->path[pool]);
        free(listen->path[pool]);
        listen->path[pool] = NULL;
    }
}

void listen_close(struct listen *listen)
{
    for (enum pool pool = 0; pool < POOL_COUNT; pool++) {
        if (listen->fd[pool] >= 0)
            close(listen->fd[pool]);
        listen->fd[pool] = -1;
    }
}

bool listen_waiting(const struct listen *listen, enum pool pool)
{
    struct pollfd poll_fd = {.fd = listen->fd[pool], .events = POLLIN};
    return poll(&poll_fd, 1, 0) > 0 && poll_fd.revents & POLLIN;
}
