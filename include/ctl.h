/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl: one command is one declarative entry and one function. */
#ifndef COSTWRIGHT_CTL_H
#define COSTWRIGHT_CTL_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct settings;
struct store_org;

/* Where settings come from unless --config says it. */
#define CTL_DEFAULT_FILE "/etc/costwright/costwright.conf"

/* Exit statuses. */
enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2, CTL_CONFIG = 78 };

#define CTL_OPTIONS 12
#define CTL_LISTED  16

/* How often an option may be given: once; it must be; any number of times: its values are in
   listed, and a command has one such option. */
enum ctl_given { CTL_MAY, CTL_MUST, CTL_OFTEN };

struct ctl_option {
    const char *name;  /* without the dashes */
    const char *value; /* what the help calls its value; NULL: takes none, options[] is its name */
    const char *help;
    enum ctl_given given;
};

#define CTL_OPTION_ORG                                                                             \
    {                                                                                              \
        "org", "ORG", "Organisation: id or exact name.", CTL_MUST                                  \
    }

/* What a command finds when it is called. */
struct ctl {
    const struct ctl_command *command;
    const struct settings *settings;
    const char *file;                 /* they come from; NULL: defaults and --set only */
    struct db *db;                    /* DB_OPERATOR, schema checked; NULL without CTL_DATABASE */
    struct arena *arena;              /* for everything: released when the command has ended */
    const char *options[CTL_OPTIONS]; /* values in the order of command->options; NULL: not given */
    const char *listed[CTL_LISTED];   /* values of the option that may be given often */
    size_t n_listed;
    const char *argument; /* NULL where the command takes none */
};

enum ctl_need { CTL_SETTINGS, CTL_DATABASE };

struct ctl_command {
    const char *name;     /* "key create" */
    const char *argument; /* what the help calls it; NULL: takes none. It is required */
    const char *summary;  /* one line */
    const char *help;     /* paragraphs for help COMMAND; may be NULL */
    enum ctl_need need;
    int (*run)(struct ctl *ctl); /* returns an exit status; errors are said already */
    struct ctl_option options[CTL_OPTIONS];
};

extern const struct ctl_command ctl_doctor, ctl_purge;
extern const struct ctl_command ctl_backup, ctl_restore, ctl_verify;
extern const struct ctl_command ctl_org_export, ctl_org_erase;
extern const struct ctl_command ctl_migrate, ctl_schema, ctl_check_config;
extern const struct ctl_command ctl_org_create, ctl_org_list, ctl_user_create, ctl_user_list;
extern const struct ctl_command ctl_import_erp, ctl_annotator_flag;
extern const struct ctl_command ctl_key_create, ctl_key_list, ctl_key_revoke, ctl_key_rotate;

/* Says "costwrightctl: ..." on stderr and returns CTL_FAILED. Never pass a secret. */
int ctl_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same of what was asked in a wrong way; returns CTL_USAGE. */
int ctl_misused(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for what went wrong with a database call. */
int ctl_fail_database(const struct ctl *ctl, enum err err);

/* A command that works on rows needs the tables it was written for: CTL_OK, or said what to do. */
int ctl_check_schema(struct ctl *ctl);

/* The organisation of that id or exact name; on failure *status and false. */
bool ctl_org(struct ctl *ctl, const char *id_or_name, struct store_org *org, int *status);
/* A name for people: UTF-8, 1 to 200 characters, not blank, without controls; says what is wrong.
 */
bool ctl_name_ok(const char *what, const char *name);
/* "2026-04-24T09:30:00Z", or "-" for TIME_NONE; in the command's arena. */
const char *ctl_time(struct ctl *ctl, int64_t time);

#endif
