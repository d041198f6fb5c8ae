/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running other programs. */
#include "ctl_child.h"

#include "buf.h"
#include "ctl.h"
#include "ctl_file.h"
#include "settings.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool ctl_child_start(struct ctl_child *child, const char *const *words, int in, int out, int keep)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (keep >= 0) /* onto itself: it is then not closed by exec */
        posix_spawn_file_actions_adddup2(&actions, keep, keep);
    child->name = words[0];
    /* a login without a password belongs to the user that it lets in */
    struct stat login;
    bool other =
        keep >= 0 && !fstat(keep, &login) && login.st_uid != geteuid() && !seteuid(login.st_uid);
    int error = posix_spawnp(&child->pid, words[0], &actions, NULL, (char *const *)words, environ);
    if (other && seteuid(0))
        abort();
    posix_spawn_file_actions_destroy(&actions);
    close(in);
    close(out);
    if (!error)
        return true;
    child->pid = 0;
    ctl_fail("%s cannot be run: %s", words[0], strerror(error));
    return false;
}

bool ctl_child_end(struct ctl_child *child)
{
    int status;
    if (!child->pid)
        return false;
    while (waitpid(child->pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    child->pid = 0;
    if (WIFEXITED(status) && !WEXITSTATUS(status))
        return true;
    if (WIFSIGNALED(status))
        ctl_fail("%s died of signal %d", child->name, WTERMSIG(status));
    else
        ctl_fail("%s ended with status %d", child->name, WEXITSTATUS(status));
    return false;
}

/* In quotes, as option files want it. */
static void put(struct buf *text, const char *name, const char *value)
{
    buf_printf(text, "%s=\"", name);
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\')
            buf_addc(text, '\\');
        buf_addc(text, *p);
    }
    buf_adds(text, "\"\n");
}

int ctl_child_login(const struct settings *settings, enum db_role role, const char *host,
                    char option[64])
{
    bool admin = role == DB_ADMIN;
    const char *user = admin ? settings->db_admin_user : settings->db_user;
    struct buf password = {0}, text = {0};
    buf_reserve(&text, 4096); /* no copy of the password stays behind a growing buffer */
    buf_adds(&text, "[client]\n");
    put(&text, "user", user);
    if (!settings_db_password(settings, admin, &password))
        put(&text, "password", buf_text(&password));
    uid_t account;
    bool other = !password.len && *settings->db_socket && db_account(user, &account);
    buf_wipe(&password);
    if (*settings->db_socket) {
        put(&text, "socket", settings->db_socket);
    } else {
        put(&text, "host", host);
        buf_printf(&text, "port=%lld\nprotocol=tcp\n", (long long)settings->db_port);
    }
    if (*settings->db_ca) {
        put(&text, "ssl-ca", settings->db_ca);
        buf_adds(&text, "ssl-verify-server-cert\n");
    }
    int fd = memfd_create("login", MFD_CLOEXEC);
    /* one that others may write would be ignored */
    bool good = fd >= 0 && !fchmod(fd, 0600) && ctl_write(fd, text.data, text.len) &&
                (!other || !fchown(fd, account, (gid_t)-1));
    buf_wipe(&text);
    if (!good) {
        ctl_fail("no memory for the login: %s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    snprintf(option, 64, "--defaults-file=/proc/self/fd/%d", fd);
    return fd;
}
