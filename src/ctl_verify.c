/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl verify. */
#include "ctl.h"
#include "ctl_backup.h"
#include "settings.h"
#include "store_consistency.h"
#include "store_db.h"

#include <signal.h>
#include <stdio.h>

enum { FILE_OPTION, DATABASE_OPTION };

static bool verify_file(const char *path)
{
    static struct backup_sum sum; /* its alignment is beyond the arena's */
    struct backup_head head;
    bool good = backup_read(path, -1, &sum, &head);
    if (good) {
        printf("%s: whole; database %s, schema version %d, made %s\n", path, head.database,
               head.schema, head.made_at);
        for (size_t i = 0; i < sum.n; i++)
            printf("%-26s %10lld rows\n", sum.tables[i].name, (long long)sum.tables[i].rows);
    }
    backup_sum_clear(&sum);
    return good;
}

struct verifying {
    struct ctl *ctl;
    size_t n_checks, n_broken;
};

/* In one transaction: rows and counters are those of one moment, though the service goes on. */
static enum err verify_rows(void *context)
{
    struct verifying *verifying = context;
    struct ctl *ctl = verifying->ctl;
    struct consistency_check *checks;
    verifying->n_broken = 0;
    enum err err = store_consistency_checks(ctl->db, ctl->arena, &checks, &verifying->n_checks);
    for (size_t i = 0; !err && i < verifying->n_checks; i++) {
        int64_t broken;
        const char *place;
        err = store_consistency_find(ctl->db, &checks[i], ctl->arena, &broken, &place);
        if (err || !broken)
            continue;
        verifying->n_broken++;
        printf("broken: %s: not at %lld places, the first is %s\n        mend: %s\n",
               checks[i].what, (long long)broken, place, checks[i].mend);
    }
    return err;
}

static int verify_database(struct ctl *ctl)
{
    struct verifying verifying = {.ctl = ctl};
    bool unknown;
    ctl->db = db_open(ctl->settings, DB_OPERATOR);
    enum err err = db_transact(ctl->db, verify_rows, &verifying, &unknown);
    if (err) {
        int status = ctl_fail_database(ctl, err);
        if (err == ERR_INTERNAL)
            ctl_check_schema(ctl); /* tables that are not there yet */
        return status;
    }
    if (!verifying.n_broken)
        printf("database %s: consistent, %zu checks\n", ctl->settings->db_name, verifying.n_checks);
    return verifying.n_broken ? CTL_FAILED : CTL_OK;
}

static int run(struct ctl *ctl)
{
    const char *file = ctl->options[FILE_OPTION];
    int status = CTL_OK;
    signal(SIGPIPE, SIG_IGN);
    if (!file && !ctl->options[DATABASE_OPTION])
        return ctl_misused("give --file FILE, --database or both");
    if (file && !verify_file(file))
        status = CTL_FAILED;
    if (ctl->options[DATABASE_OPTION] && verify_database(ctl) != CTL_OK)
        status = CTL_FAILED;
    return status;
}

const struct ctl_command ctl_verify = {
    .name = "verify",
    .summary = "Check a backup, or the rows of the database, or both; change nothing.",
    .help = "Of a backup: that it is whole and every table has the rows and the checksum that its\n"
            "last line says. Of the database: foreign keys, and counters and references that the\n"
            "tables promise each other, of one moment; it may run beside the service. What is\n"
            "broken is printed with a place and how to mend it; exit status 1 then.",
    .need = CTL_SETTINGS,
    .run = run,
    .options = {{"file", "FILE", "A backup.", CTL_MAY},
                {"database", NULL, "Check the database, too.", CTL_MAY}},
};
