/* SPDX-License-Identifier: GPL-3.0-or-later */
/* costwrightctl: reads the command line, finds the command, gives it what it needs. */
#include "ctl.h"

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "descriptors.h"
#include "json_text.h"
#include "log.h"
#include "memory.h"
#include "settings.h"
#include "store_db.h"
#include "store_org.h"
#include "store_schema.h"
#include "when.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM PACKAGE_NAME "ctl"

static const struct ctl_command *const commands[] = {
    &ctl_doctor,     &ctl_check_config, &ctl_migrate,     &ctl_schema,         &ctl_backup,
    &ctl_restore,    &ctl_verify,       &ctl_purge,       &ctl_org_create,     &ctl_org_list,
    &ctl_org_export, &ctl_org_erase,    &ctl_user_create, &ctl_user_list,      &ctl_key_create,
    &ctl_key_list,   &ctl_key_revoke,   &ctl_key_rotate,  &ctl_annotator_flag, &ctl_import_erp,
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* The command line before the command. */
struct global {
    const char *file, **overrides;
    size_t n_overrides;
};

static void say(const char *format, va_list args)
{
    fputs(PROGRAM ": ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

int ctl_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return CTL_FAILED;
}

int ctl_misused(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return CTL_USAGE;
}

int ctl_fail_database(const struct ctl *ctl, enum err err)
{
    enum { DENIED = 1698 }; /* by the unix socket; only root may come as another user */
    if (err == ERR_UNAVAILABLE || err == ERR_INTERNAL)
        return ctl_fail("database %s: %u %s%s", ctl->settings->db_name, db_error(ctl->db),
                        db_error_text(ctl->db),
                        db_error(ctl->db) == DENIED && geteuid() ? "; run this as root" : "");
    return ctl_fail("%s", err_message(err));
}

bool ctl_org(struct ctl *ctl, const char *id_or_name, struct store_org *org, int *status)
{
    enum err err = store_org_find(ctl->db, id_or_name, org, ctl->arena);
    if (err == ERR_NOT_FOUND)
        *status = ctl_fail("there is no organisation with the id or name \"%s\"", id_or_name);
    else if (err)
        *status = ctl_fail_database(ctl, err);
    return !err;
}

bool ctl_name_ok(const char *what, const char *name)
{
    size_t len = strlen(name);
    bool control = false;
    for (const char *p = name; *p; p++)
        control |= (unsigned char)*p < 0x20 || *p == 0x7f || utf8_c1(p);
    const char *fault = !utf8_valid(name, len)        ? "is not UTF-8"
                        : !name[strspn(name, " ")]    ? "is blank"
                        : control                     ? "has a control character"
                        : utf8_count(name, len) > 200 ? "has more than 200 characters"
                                                      : NULL;
    if (fault)
        ctl_fail("%s %s", what, fault);
    return !fault;
}

const char *ctl_time(struct ctl *ctl, int64_t time)
{
    char text[TIME_TEXT];
    if (time == TIME_NONE)
        return "-";
    time_text(time, text);
    return arena_printf(ctl->arena, "%.19sZ", text);
}

static void usage_line(FILE *out, const struct ctl_command *command)
{
    fprintf(out, PROGRAM " %s", command->name);
    if (command->argument)
        fprintf(out, " %s", command->argument);
    for (const struct ctl_option *option = command->options; option->name; option++)
        fprintf(out, " %s--%s%s%s%s%s", option->given == CTL_MUST ? "" : "[", option->name,
                option->value ? " " : "", option->value ? option->value : "",
                option->given == CTL_MUST ? "" : "]", option->given == CTL_OFTEN ? "..." : "");
    fputc('\n', out);
}

static void help_command(const struct ctl_command *command)
{
    fputs("usage: ", stdout);
    usage_line(stdout, command);
    printf("\n%s\n", command->summary);
    if (command->help)
        printf("\n%s\n", command->help);
    if (command->options->name)
        fputc('\n', stdout);
    for (const struct ctl_option *option = command->options; option->name; option++) {
        char name[64];
        snprintf(name, sizeof name, "--%s %s", option->name, option->value ? option->value : "");
        printf("  %-18s %s\n", name, option->help);
    }
}

static void help(void)
{
    printf("usage: " PROGRAM
           " [--config FILE] [--set NAME=VALUE]... COMMAND [ARGUMENT] [OPTION]...\n"
           "       " PROGRAM " help [COMMAND] | --help | --version\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-14s %s\n", commands[i]->name, commands[i]->summary);
    printf("  %-14s %s\n", "help", "Show this, or what a command takes.");
    printf("\nSettings are read from FILE, by default from " CTL_DEFAULT_FILE " where that is\n"
           "there; --set wins over the file. Exit status: 0 done, 1 failed, 2 wrong usage,\n"
           "78 faulty configuration.\n");
}

/* The command that the words begin with; *used words name it. */
static const struct ctl_command *find_command(char **words, int n, int *used)
{
    char two[64] = "";
    if (n > 1)
        snprintf(two, sizeof two, "%s %s", words[0], words[1]);
    for (size_t i = 0; i < COMMANDS; i++)
        for (*used = 1; *used <= 2; ++*used)
            if (n >= *used && !strcmp(commands[i]->name, *used == 1 ? words[0] : two))
                return commands[i];
    return NULL;
}

static int unknown_command(char **words, int n)
{
    int found = 0;
    for (size_t i = 0; i < COMMANDS; i++) {
        size_t len = strlen(words[0]);
        if (strncmp(commands[i]->name, words[0], len) || commands[i]->name[len] != ' ')
            continue;
        if (!found++)
            ctl_fail("%s: one of these is needed", words[0]);
        fputs("  ", stderr);
        usage_line(stderr, commands[i]);
    }
    if (!found)
        ctl_fail("there is no command \"%s%s%s\"; see " PROGRAM " help", words[0], n > 1 ? " " : "",
                 n > 1 ? words[1] : "");
    return CTL_USAGE;
}

static int wrong_usage(const struct ctl_command *command, const char *format, const char *what)
{
    ctl_fail(format, what);
    fputs("usage: ", stderr);
    usage_line(stderr, command);
    return CTL_USAGE;
}

/* The value of option k; false: one more than may be. */
static bool keep_option(struct ctl *ctl, size_t k, const char *value)
{
    if (ctl->command->options[k].given == CTL_OFTEN) {
        if (ctl->n_listed == CTL_LISTED)
            return false;
        ctl->listed[ctl->n_listed++] = value;
    } else if (ctl->options[k]) {
        return false;
    }
    ctl->options[k] = value;
    return true;
}

/* --name, --name value or --name=value at words[*i]; moves *i to the last word taken. */
static int take_option(struct ctl *ctl, char **words, int n, int *i)
{
    const struct ctl_command *command = ctl->command;
    const char *name = words[*i] + 2;
    size_t len = strcspn(name, "=");
    for (size_t k = 0; command->options[k].name; k++) {
        if (strlen(command->options[k].name) != len || strncmp(command->options[k].name, name, len))
            continue;
        const struct ctl_option *option = &command->options[k];
        if (!option->value && name[len])
            return wrong_usage(command, "--%s takes no value", option->name);
        if (option->value && !name[len] && *i + 1 == n)
            return wrong_usage(command, "--%s needs a value", option->name);
        const char *value = name[len] ? name + len + 1 : option->value ? words[++*i] : name;
        if (!keep_option(ctl, k, value))
            return wrong_usage(command,
                               option->given == CTL_OFTEN ? "--%s is given too often"
                                                          : "--%s is given twice",
                               option->name);
        return CTL_OK;
    }
    return wrong_usage(command, "there is no option %s", words[*i]);
}

static int take_words(struct ctl *ctl, char **words, int n)
{
    const struct ctl_command *command = ctl->command;
    bool options_end = false;
    for (int i = 0; i < n; i++) {
        if (!options_end && !strcmp(words[i], "--")) {
            options_end = true;
        } else if (!options_end && !strncmp(words[i], "--", 2)) {
            int status = take_option(ctl, words, n, &i);
            if (status)
                return status;
        } else if (!command->argument || ctl->argument) {
            return wrong_usage(command, "unexpected argument \"%s\"", words[i]);
        } else {
            ctl->argument = words[i];
        }
    }
    if (command->argument && !ctl->argument)
        return wrong_usage(command, "%s is missing", command->argument);
    for (size_t k = 0; command->options[k].name; k++)
        if (command->options[k].given == CTL_MUST && !ctl->options[k])
            return wrong_usage(command, "--%s is missing", command->options[k].name);
    return CTL_OK;
}

int ctl_check_schema(struct ctl *ctl)
{
    int version;
    enum err err = store_schema_version(ctl->db, &version);
    if (err)
        return ctl_fail_database(ctl, err);
    if (version < store_schema_needed())
        return ctl_fail(
            "the schema of database %s is at version %d, this program needs %d: run " PROGRAM
            " migrate",
            ctl->settings->db_name, version, store_schema_needed());
    return CTL_OK;
}

static int run_command(struct ctl *ctl)
{
    int status = CTL_OK;
    if (ctl->command->need == CTL_DATABASE) {
        ctl->db = db_open(ctl->settings, DB_OPERATOR);
        status = ctl_check_schema(ctl);
    }
    if (status == CTL_OK)
        status = ctl->command->run(ctl);
    db_close(ctl->db);
    return status;
}

static int with_settings(struct ctl *ctl, const struct global *global)
{
    struct settings settings;
    struct buf faults = {0};
    const char *file = global->file;
    if (!file && !access(CTL_DEFAULT_FILE, F_OK))
        file = CTL_DEFAULT_FILE;
    int status = CTL_CONFIG;
    if (settings_load(&settings, file, global->overrides, global->n_overrides, &faults)) {
        fputs(buf_text(&faults), stderr);
    } else {
        ctl->settings = &settings;
        ctl->file = file;
        ctl->arena = arena_new();
        status = run_command(ctl);
        arena_free(ctl->arena);
    }
    settings_clear(&settings);
    buf_clear(&faults);
    return status;
}

/* Options before the command; returns how many words they take, -1: wrong. */
static int take_global(int argc, char **argv, struct global *global)
{
    int i = 1;
    for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
        bool config = !strcmp(argv[i], "--config"), set = !strcmp(argv[i], "--set");
        if (!config && !set) {
            if (!strncmp(argv[i], "--config=", 9))
                global->file = argv[i] + 9;
            else if (!strncmp(argv[i], "--set=", 6))
                global->overrides[global->n_overrides++] = argv[i] + 6;
            else
                break;
        } else if (i + 1 == argc) {
            ctl_fail("%s needs a value", argv[i]);
            return -1;
        } else if (config) {
            global->file = argv[++i];
        } else {
            global->overrides[global->n_overrides++] = argv[++i];
        }
    }
    return i;
}

static bool asks_help(char **words, int n)
{
    for (int i = 0; i < n && strcmp(words[i], "--") != 0; i++)
        if (!strcmp(words[i], "--help"))
            return true;
    return false;
}

static int dispatch(char **words, int n, const struct global *global)
{
    int used;
    bool asks = !strcmp(words[0], "help") || !strcmp(words[0], "--help") || !strcmp(words[0], "-h");
    if (asks && (n == 1 || !strcmp(words[1], "help"))) {
        help();
        return CTL_OK;
    }
    if (!strcmp(words[0], "--version")) {
        puts(PROGRAM " " PACKAGE_VERSION);
        return CTL_OK;
    }
    if (words[0][0] == '-' && !asks)
        return ctl_misused("there is no option %s; see " PROGRAM " help", words[0]);
    struct ctl ctl = {.command = find_command(words + asks, n - asks, &used)};
    if (!ctl.command)
        return unknown_command(words + asks, n - asks);
    if (asks || asks_help(words + used, n - used)) {
        help_command(ctl.command);
        return CTL_OK;
    }
    int status = take_words(&ctl, words + used, n - used);
    return status ? status : with_settings(&ctl, global);
}

int main(int argc, char **argv)
{
    descriptors_hold();
    if (sodium_init() < 0)
        abort();
    log_setup(false, LOG_LEVEL_ERROR);
    struct global global = {.overrides = memory_new(((size_t)argc + 1) * sizeof *global.overrides)};
    int used = take_global(argc, argv, &global), status = CTL_USAGE;
    if (used == argc)
        ctl_fail("a command is missing; see " PROGRAM " help");
    else if (used > 0)
        status = dispatch(argv + used, argc - used, &global);
    free(global.overrides);
    if (status == CTL_OK && (fflush(stdout) || ferror(stdout)))
        status = ctl_fail("standard output cannot be written");
    return status;
}
