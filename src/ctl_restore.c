/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl restore. */
#include "ctl.h"
#include "ctl_backup.h"
#include "ctl_child.h"
#include "settings.h"
#include "store_consistency.h"
#include "store_db.h"
#include "store_schema.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* An empty database under its name. */
static int make_room(struct ctl *ctl)
{
    const char **tables;
    size_t n;
    bool force = ctl->options[0];
    struct buf why = {0};
    enum err err = store_schema_create(ctl->settings, &why);
    if (err)
        ctl_fail("%s", buf_text(&why));
    buf_clear(&why);
    if (err)
        return CTL_FAILED;
    err = store_consistency_tables(ctl->db, ctl->arena, &tables, &n);
    if (err)
        return ctl_fail_database(ctl, err);
    if (n && !force)
        return ctl_fail("database %s has %zu tables; --force drops them first",
                        ctl->settings->db_name, n);
    err = store_schema_empty(ctl->db, ctl->arena, tables, n);
    return err ? ctl_fail_database(ctl, err) : CTL_OK;
}

/* here | mariadb */
static bool load(struct ctl *ctl, struct backup_sum *sum, struct backup_head *head)
{
    char option[64];
    const char *const words[] = {"mariadb",
                                 option,
                                 "--batch",
                                 "--binary-mode",
                                 "--default-character-set=utf8mb4",
                                 "--max-allowed-packet=1G",
                                 ctl->settings->db_name,
                                 NULL};
    struct ctl_child client = {0};
    int to[2], login = ctl_child_login(ctl->settings, DB_ADMIN, db_host(ctl->db), option);
    if (login < 0)
        return false;
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    bool good = !pipe2(to, O_CLOEXEC);
    if (good && ctl_child_start(&client, words, to[0], nowhere, login)) {
        good = backup_read(ctl->argument, to[1], sum, head);
        close(to[1]);
        good = ctl_child_end(&client) && good;
    } else {
        good = false;
    }
    close(login);
    return good;
}

static bool compare(struct ctl *ctl, const struct backup_sum *sum)
{
    bool same = true;
    for (size_t i = 0; i < sum->n; i++) {
        int64_t rows;
        enum err err = store_consistency_rows(ctl->db, sum->tables[i].name, ctl->arena, &rows);
        if (err) {
            ctl_fail_database(ctl, err);
            return false;
        }
        if (rows != sum->tables[i].rows)
            ctl_fail("%s has %lld rows, the backup has %lld", sum->tables[i].name, (long long)rows,
                     (long long)sum->tables[i].rows);
        same &= rows == sum->tables[i].rows;
    }
    return same;
}

static int restore(struct ctl *ctl, struct backup_sum *sum)
{
    struct backup_head head;
    bool good = backup_read(ctl->argument, -1, sum, &head);
    if (!good)
        return CTL_FAILED;
    if (head.schema > store_schema_needed())
        return ctl_fail("%s is of schema version %d, this program knows %d: install the newer one",
                        ctl->argument, head.schema, store_schema_needed());
    int status = make_room(ctl);
    if (status)
        return status;
    backup_sum_clear(sum);
    if (!load(ctl, sum, &head) || !compare(ctl, sum))
        return ctl_fail("database %s is not whole: mend what was said and restore again with "
                        "--force",
                        ctl->settings->db_name);
    int64_t rows = 0;
    for (size_t i = 0; i < sum->n; i++)
        rows += sum->tables[i].rows;
    printf("database %s: %zu tables, %lld rows, schema version %d%s\n", ctl->settings->db_name,
           sum->n, (long long)rows, head.schema,
           head.schema < store_schema_needed() ? "; next: costwrightctl migrate" : "");
    return CTL_OK;
}

static int run(struct ctl *ctl)
{
    static struct backup_sum sum; /* its alignment is beyond the arena's */
    signal(SIGPIPE, SIG_IGN);
    ctl->db = db_open(ctl->settings, DB_ADMIN);
    int status = restore(ctl, &sum);
    backup_sum_clear(&sum);
    return status;
}

const struct ctl_command ctl_restore = {
    .name = "restore",
    .argument = "FILE",
    .summary = "Put the rows of a backup into an empty database.",
    .help =
        "Stop the service first. The whole file is checked before anything is changed. Connects\n"
        "as db_admin_user and makes the database where there is none. A run that was cut off\n"
        "leaves a database that no program takes for whole: repeat it with --force. A backup\n"
        "of an older schema is followed by costwrightctl migrate.",
    .need = CTL_SETTINGS,
    .run = run,
    .options = {{"force", NULL, "Drop the tables that are there.", CTL_MAY}},
};
