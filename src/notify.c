/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sd_notify protocol: one datagram per message. */
#include "notify.h"

#include "when.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct {
    int fd;
    struct sockaddr_un address;
    socklen_t len;
    int64_t watchdog;
} manager = {.fd = -1};

void notify_setup(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    const char *watchdog = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    size_t len = path ? strlen(path) : 0;
    if (len > 1 && len < sizeof manager.address.sun_path && (path[0] == '/' || path[0] == '@')) {
        manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        manager.address.sun_family = AF_UNIX;
        memcpy(manager.address.sun_path, path, len + 1);
        if (path[0] == '@')
            manager.address.sun_path[0] = '\0'; /* abstract name */
        manager.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    }
    if (watchdog && (!pid || strtol(pid, NULL, 10) == getpid()))
        manager.watchdog = strtoll(watchdog, NULL, 10) / 3;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void notify_send(const char *message)
{
    if (manager.fd < 0)
        return;
    /* never blocks the master: a message that does not fit now is given up */
    ssize_t n = sendto(manager.fd, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT,
                       (const struct sockaddr *)&manager.address, manager.len);
    (void)n;
}

void notify_reloading(void)
{
    char message[64];
    snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, time_monotonic());
    notify_send(message);
}

int64_t notify_watchdog(void)
{
    return manager.watchdog;
}
