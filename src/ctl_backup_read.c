/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a backup, which is checking it. */
#include "ctl.h"
#include "ctl_backup.h"
#include "ctl_child.h"
#include "ctl_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The text of the file into sum and sink. False, said: it could not be read or passed on. */
static bool read_text(const char *path, int sink, struct backup_sum *sum)
{
    static const char *const words[] = {"gzip", "-dcq", NULL};
    char text[65536];
    int ends[2];
    struct ctl_child gzip;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || pipe2(ends, O_CLOEXEC)) {
        ctl_fail("%s cannot be read: %s", path, strerror(errno));
        if (file >= 0)
            close(file);
        return false;
    }
    if (!ctl_child_start(&gzip, words, file, ends[1], -1)) {
        close(ends[0]);
        return false;
    }
    ssize_t n;
    bool good = true;
    while (good && (n = read(ends[0], text, sizeof text)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        good = n > 0 && (sink < 0 || ctl_write(sink, text, (size_t)n));
        if (good)
            backup_sum_add(sum, text, (size_t)n);
    }
    close(ends[0]); /* not read to its end: gzip dies of that */
    good = ctl_child_end(&gzip) && good;
    if (!good)
        ctl_fail("%s is damaged or could not be passed on", path);
    return good;
}

bool backup_read(const char *path, int sink, struct backup_sum *sum, struct backup_head *head)
{
    struct buf contents = {0};
    backup_sum_init(sum);
    if (!read_text(path, sink, sum))
        return false;
    backup_sum_end(sum, &contents);
    const char *line = sum->last.len ? buf_text(&sum->last) : "";
    const char *says = strstr(line, ", contents ");
    bool known = says && !sum->after_last && !sum->overflow &&
                 sscanf(line, BACKUP_MARK "schema %d, database %64[^,], made %31[^,]",
                        &head->schema, head->database, head->made_at) == 3;
    bool same = known && says[strlen(says) - 1] == '\n' &&
                strlen(says) == strlen(", contents \n") + contents.len &&
                !memcmp(says + strlen(", contents "), contents.data, contents.len);
    buf_clear(&contents);
    if (!known)
        ctl_fail("%s is no whole backup: its last line does not say what it holds", path);
    else if (!same)
        ctl_fail("%s does not hold what its last line says", path);
    return same;
}
