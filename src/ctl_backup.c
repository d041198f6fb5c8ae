/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl backup. */
#include "ctl_backup.h"
#include "arena.h"
#include "config.h"
#include "ctl.h"
#include "ctl_child.h"
#include "ctl_file.h"
#include "settings.h"
#include "store_consistency.h"
#include "store_db.h"
#include "store_schema.h"
#include "when.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* FILE, or a name with the moment in the directory FILE. */
static const char *name_of(struct ctl *ctl, const char *made_at)
{
    struct stat there;
    if (stat(ctl->argument, &there) || !S_ISDIR(there.st_mode))
        return ctl->argument;
    char moment[32];
    size_t len = 0;
    for (const char *p = made_at; *p; p++)
        if (*p != '-' && *p != ':')
            moment[len++] = *p;
    moment[len] = '\0';
    return arena_printf(ctl->arena, "%s/%s-%s.sql.gz", ctl->argument, ctl->settings->db_name,
                        moment);
}

/* The tables, those last that say which schema it is: a restore that is cut off leaves a database
   that no program takes for whole. */
static bool list_tables(struct ctl *ctl, const char **words, size_t *n)
{
    const char **tables;
    size_t count;
    enum err err = store_consistency_tables(ctl->db, ctl->arena, &tables, &count);
    if (err || count > BACKUP_TABLES) {
        err ? ctl_fail_database(ctl, err)
            : ctl_fail("there are more than %d tables", BACKUP_TABLES);
        return false;
    }
    for (int own = 0; own < 2; own++)
        for (size_t i = 0; i < count; i++)
            if (store_schema_is_own(tables[i]) == own)
                words[(*n)++] = tables[i];
    words[*n] = NULL;
    return true;
}

/* The dump goes by into gzip and is counted. */
static bool pass(int dump, int gzip, struct backup_sum *sum)
{
    char text[65536];
    ssize_t n;
    while ((n = read(dump, text, sizeof text)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !ctl_write(gzip, text, (size_t)n)) {
            ctl_fail("the dump cannot be passed on: %s", strerror(errno));
            return false;
        }
        backup_sum_add(sum, text, (size_t)n);
    }
    return true;
}

struct backup {
    struct ctl *ctl;
    struct backup_sum *sum;
    const char *const *words;
    const char *made_at;
    int schema, login;
};

static bool put_last_line(const struct backup *backup, int gzip)
{
    struct buf line = {0};
    buf_printf(&line, BACKUP_MARK "schema %d, database %s, made %s, contents ", backup->schema,
               backup->ctl->settings->db_name, backup->made_at);
    struct buf contents = {0}; /* by itself: the JSON writer looks at what stands before */
    backup_sum_end(backup->sum, &contents);
    buf_add(&line, contents.data, contents.len);
    buf_addc(&line, '\n');
    bool good = ctl_write(gzip, line.data, line.len);
    if (!good)
        ctl_fail("the backup cannot be written: %s", strerror(errno));
    buf_clear(&contents);
    buf_clear(&line);
    return good;
}

/* mariadb-dump | here | gzip >file. Only when all three ended well is it a backup. */
static bool make(const struct backup *backup, int file)
{
    static const char *const gzip_words[] = {"gzip", "-cn", NULL};
    struct ctl_child dump = {0}, gzip = {0};
    int from[2], to[2];
    if (pipe2(from, O_CLOEXEC) || pipe2(to, O_CLOEXEC)) {
        ctl_fail("no pipe: %s", strerror(errno));
        return false;
    }
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int copy = fcntl(file, F_DUPFD_CLOEXEC, 0);
    bool good = ctl_child_start(&gzip, gzip_words, to[0], copy, -1);
    good = ctl_child_start(&dump, backup->words, nothing, from[1], backup->login) && good;
    good = good && pass(from[0], to[1], backup->sum);
    close(from[0]);
    good = ctl_child_end(&dump) && good;
    good = good && put_last_line(backup, to[1]);
    close(to[1]);
    return ctl_child_end(&gzip) && good;
}

static int finish(struct backup *backup, struct ctl_file *file)
{
    struct ctl *ctl = backup->ctl;
    int after;
    if (!make(backup, file->fd))
        return CTL_FAILED;
    if (backup->sum->overflow)
        return ctl_fail("a table's name is too long");
    if (store_schema_version(ctl->db, &after) || after != backup->schema)
        return ctl_fail("the schema changed meanwhile; make the backup when the migration is done");
    if (!ctl_file_keep(file))
        return CTL_FAILED;
    int64_t rows = 0;
    for (size_t i = 0; i < backup->sum->n; i++)
        rows += backup->sum->tables[i].rows;
    fprintf(stderr, "costwrightctl: %zu tables, %lld rows, schema version %d\n", backup->sum->n,
            (long long)rows, backup->schema);
    puts(file->path);
    return CTL_OK;
}

static int run(struct ctl *ctl)
{
    static struct backup_sum sum; /* its alignment is beyond the arena's */
    char option[64];
    const char *words[BACKUP_TABLES + 20] = {"mariadb-dump",
                                             option,
                                             "--single-transaction",
                                             "--quick",
                                             "--hex-blob",
                                             "--order-by-primary",
                                             "--no-tablespaces",
                                             "--skip-lock-tables",
                                             "--skip-add-locks",
                                             "--skip-comments",
                                             "--skip-triggers",
                                             "--default-character-set=utf8mb4",
                                             "--max-allowed-packet=1G",
                                             ctl->settings->db_name};
    size_t n = 14;
    struct backup backup = {ctl, &sum, words, ctl_time(ctl, time_now()), 0, -1};
    struct ctl_file file;
    signal(SIGPIPE, SIG_IGN);
    ctl->db = db_open(ctl->settings, DB_OPERATOR);
    enum err err = store_schema_version(ctl->db, &backup.schema);
    if (err)
        return ctl_fail_database(ctl, err);
    if (!backup.schema)
        return ctl_check_schema(ctl);
    if (!list_tables(ctl, words, &n))
        return CTL_FAILED;
    backup.login = ctl_child_login(ctl->settings, DB_OPERATOR, db_host(ctl->db), option);
    if (backup.login < 0)
        return CTL_FAILED;
    backup_sum_init(&sum);
    int status = CTL_FAILED;
    if (ctl_file_open(&file, name_of(ctl, backup.made_at)))
        status = finish(&backup, &file);
    ctl_file_drop(&file);
    backup_sum_clear(&sum);
    close(backup.login);
    return status;
}

const struct ctl_command ctl_backup = {
    .name = "backup",
    .argument = "FILE",
    .summary = "Write all data of the database into FILE, while the service runs.",
    .help =
        "One snapshot by mariadb-dump, compressed by gzip. FILE may be a directory: then the\n"
        "name is made of database and moment, and printed. FILE appears only when it is whole;\n"
        "what a killed run leaves is a hidden file .FILE.XXXXXX. Its last line holds schema\n"
        "version, and rows and checksum of every table. The pepper is not in it: keep it too.\n"
        "A database of an older schema is taken as it is, before costwrightctl migrate.",
    .need = CTL_SETTINGS,
    .run = run,
};
