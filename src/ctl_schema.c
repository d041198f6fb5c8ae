/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl migrate, schema, check-config. */
#include "apikey.h"
#include "arena.h"
#include "ctl.h"
#include "settings.h"
#include "store_db.h"
#include "store_schema.h"

#include <stdio.h>

static void show(void *context, const struct schema_file *file, int statement,
                 enum schema_step step)
{
    int *last = context;
    if (step == SCHEMA_BEGUN && *last != file->version)
        fprintf(stderr, "%04d_%s, from statement %d\n", file->version, file->name, statement);
    *last = file->version;
}

static int migrate(struct ctl *ctl)
{
    int last = 0;
    struct schema_run run = {
        .files = schema_files, .n_files = schema_files_n, .watch = show, .context = &last};
    enum err err = store_schema_migrate(ctl->settings, &run);
    int status = CTL_OK;
    if (err)
        status = ctl_fail("%s", buf_text(&run.why));
    else if (run.applied)
        printf("schema of database %s is at version %d: %d of its files applied\n",
               ctl->settings->db_name, store_schema_needed(), run.applied);
    else
        printf("schema of database %s is at version %d: nothing to do\n", ctl->settings->db_name,
               store_schema_needed());
    buf_clear(&run.why);
    return status;
}

const struct ctl_command ctl_migrate = {
    .name = "migrate",
    .summary = "Bring the database's schema up to date.",
    .help = "Connects as db_admin_user, makes the database where there is none and applies the\n"
            "schema files that are missing. One runner works at a time. A run that was cut off\n"
            "is resumed by the next. Refuses a database that is newer than this program and one\n"
            "whose applied files differ from this program's.",
    .need = CTL_SETTINGS,
    .run = migrate,
};

static int schema(struct ctl *ctl)
{
    struct schema_row *rows;
    size_t n;
    int version, needed = store_schema_needed();
    ctl->db = db_open(ctl->settings, DB_SERVICE);
    enum err err = store_schema_version(ctl->db, &version);
    if (!err)
        err = store_schema_list(ctl->db, ctl->arena, &rows, &n);
    if (err)
        return ctl_fail_database(ctl, err);
    printf("database %s: version %d; this program needs %d\n", ctl->settings->db_name, version,
           needed);
    if (n)
        printf("VERSION\tNAME\tSTATE\tSTATEMENTS\tSTARTED\tFINISHED\tCHECKSUM\n");
    for (size_t i = 0; i < n; i++)
        printf("%d\t%s\t%s\t%d\t%s\t%s\t%.16s\n", rows[i].version, rows[i].name, rows[i].state,
               rows[i].finished, ctl_time(ctl, rows[i].started_at),
               ctl_time(ctl, rows[i].finished_at), rows[i].checksum);
    return version < needed ? CTL_FAILED : CTL_OK;
}

const struct ctl_command ctl_schema = {
    .name = "schema",
    .summary = "Show which schema files the database has.",
    .help = "Exit status 1 when it is older than this program needs.",
    .need = CTL_SETTINGS,
    .run = schema,
};

static int check_config(struct ctl *ctl)
{
    struct pepper pepper;
    enum err err = pepper_load(ctl->settings, &pepper);
    const char *file = ctl->settings->pepper_file;
    switch (err) {
    case ERR_OK:
        pepper_clear(&pepper);
        puts("the configuration is good");
        return CTL_OK;
    case ERR_NOT_FOUND:
        ctl_fail("there is no pepper: neither credential key.pepper nor file \"%s\"", file);
        break;
    case ERR_VALIDATION_ERROR:
        ctl_fail("the pepper (credential key.pepper or file \"%s\") is shorter than 32 bytes",
                 file);
        break;
    default:
        ctl_fail("the pepper (credential key.pepper or file \"%s\") cannot be read", file);
    }
    return CTL_CONFIG;
}

const struct ctl_command ctl_check_config = {
    .name = "check-config",
    .summary = "Check the settings and the pepper; touch nothing.",
    .need = CTL_SETTINGS,
    .run = check_config,
};
