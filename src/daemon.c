/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of a serving program. */
#include "daemon.h"

#include "buf.h"
#include "config.h"
#include "descriptors.h"
#include "log.h"
#include "master.h"
#include "memory.h"
#include "worker.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE 2

static void usage(FILE *out, const char *program)
{
    struct buf settings = {0};
    settings_help(&settings);
    fprintf(
        out,
        "usage: %s [--config FILE] [--set NAME=VALUE]... [--check]\n"
        "       %s --help | --version\n"
        "\n"
        "  --config FILE      read settings from FILE: lines name = value, # begins a comment\n"
        "  --set NAME=VALUE   a setting that wins over the file; may be repeated\n"
        "  --check            check the configuration and end: status 0 good, %d faulty\n"
        "\n"
        "Signals: TERM or INT drains and ends, a second one kills; HUP reads the settings again\n"
        "and replaces the workers one by one.\n"
        "\n"
        "Settings:\n%s",
        program, program, WORKER_EXIT_CONFIG, buf_text(&settings));
    buf_clear(&settings);
}

/* The exit status, or -1: the program is to run. overrides has room for argc. */
static int read_options(int argc, char **argv, const char **overrides, struct master_source *source,
                        bool *check)
{
    enum { CONFIG = 1, SET, CHECK, HELP, VERSION_ };
    static const struct option options[] = {
        {"config", required_argument, NULL, CONFIG}, {"set", required_argument, NULL, SET},
        {"check", no_argument, NULL, CHECK},         {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION_},    {NULL, 0, NULL, 0},
    };
    int status = -1, option;
    while (status < 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case CONFIG:
            source->file = optarg;
            break;
        case SET:
            overrides[source->n_overrides++] = optarg;
            break;
        case CHECK:
            *check = true;
            break;
        case HELP:
            usage(stdout, PACKAGE_NAME "d");
            status = EXIT_SUCCESS;
            break;
        case VERSION_:
            puts(PACKAGE_NAME "d " PACKAGE_VERSION);
            status = EXIT_SUCCESS;
            break;
        default:
            status = EXIT_USAGE;
        }
    }
    if (status < 0 && optind < argc) {
        fprintf(stderr, "%s: unexpected argument \"%s\"\n", argv[0], argv[optind]);
        status = EXIT_USAGE;
    }
    if (status == EXIT_USAGE)
        fprintf(stderr, "Try %s --help.\n", argv[0]);
    return status;
}

static int load_and_run(const struct master_source *source, bool check,
                        const struct worker_service *service)
{
    struct settings settings;
    enum err err = master_load(&settings, source);
    if (!err && !check)
        return master_run(&settings, source, service);
    settings_clear(&settings);
    if (err)
        return WORKER_EXIT_CONFIG;
    puts("the configuration is good");
    return EXIT_SUCCESS;
}

int daemon_main(int argc, char **argv, const struct worker_service *service)
{
    descriptors_hold();
    log_setup(false, LOG_LEVEL_INFO); /* for what is wrong with the settings */
    const char **overrides = memory_new(((size_t)argc + 1) * sizeof *overrides);
    struct master_source source = {.overrides = overrides};
    bool check = false;
    int status = read_options(argc, argv, overrides, &source, &check);
    if (status < 0)
        status = load_and_run(&source, check, service);
    free(overrides);
    return status;
}
