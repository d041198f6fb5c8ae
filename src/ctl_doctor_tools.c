/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of costwrightctl doctor, other users, other programs. */
#include "ctl_doctor.h"

#include "buf.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNTRIED 100 /* exit status of a process that could not become the user */

static void line(const char *state, const char *area, const char *format, va_list args)
{
    printf("%-6s%-15s", state, area);
    vprintf(format, args);
}

void doctor_ok(struct doctor *doctor, const char *area, const char *format, ...)
{
    (void)doctor;
    va_list args;
    va_start(args, format);
    line("ok", area, format, args);
    va_end(args);
    putchar('\n');
}

void doctor_fault(struct doctor *doctor, const char *area, const char *mend, const char *format,
                  ...)
{
    doctor->faults++;
    va_list args;
    va_start(args, format);
    line("fault", area, format, args);
    va_end(args);
    printf("\n%21smend: %s\n", "", mend);
}

static int exit_status(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void doctor_as(struct doctor *doctor, const char *area, const char *user,
               void (*body)(void *context), void *context)
{
    const struct passwd *entry = getpwnam(user);
    if (!entry) {
        doctor_fault(doctor, area, "systemd-sysusers (it makes costwright and costwright_migrate)",
                     "there is no user %s on this host", user);
        return;
    }
    if (entry->pw_uid == geteuid()) {
        body(context);
        return;
    }
    if (geteuid()) {
        doctor_fault(doctor, area, "run doctor as root", "only root can try as %s", user);
        return;
    }
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (initgroups(user, entry->pw_gid) || setgid(entry->pw_gid) || setuid(entry->pw_uid))
            _exit(UNTRIED);
        doctor->faults = 0;
        body(context);
        fflush(stdout);
        _exit(doctor->faults);
    }
    int faults = pid < 0 ? UNTRIED : exit_status(pid);
    if (faults < 0 || faults >= UNTRIED)
        doctor_fault(doctor, area, "run doctor as root, outside of a container without users",
                     "could not try as %s", user);
    else
        doctor->faults += faults;
}

int doctor_run(const char *program, const char *const *arguments, struct buf *out)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execv(program, (char *const *)arguments);
        _exit(127);
    }
    close(ends[1]);
    for (ssize_t n = 1; pid > 0 && n > 0;) {
        enum { CHUNK = 8192 };
        n = read(ends[0], buf_reserve(out, CHUNK), CHUNK);
        if (n > 0)
            out->len += (size_t)n;
    }
    close(ends[0]);
    return pid < 0 ? -1 : exit_status(pid);
}

int doctor_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    int error = connect(fd, (const struct sockaddr *)&address, sizeof address) ? errno : 0;
    close(fd);
    return error == EAGAIN ? 0 : error; /* a full queue: it is there all the same */
}
