/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of a program that serves: costwrightd, and the echo of the benchmarks. */
#ifndef COSTWRIGHT_DAEMON_H
#define COSTWRIGHT_DAEMON_H

struct worker_service;

/* --config FILE, --set NAME=VALUE, --check, --help, --version. Returns the exit status: 0, 2 =
   usage, 78 = configuration, else failure. */
int daemon_main(int argc, char **argv, const struct worker_service *service);

#endif
