/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: lines on stderr, as text or as JSON; with a <priority> prefix where stderr is the
   journal. Lines are ASCII (other bytes as \u00xx) and shorter than 4,096 bytes, so that those of
   several processes do not mix in a pipe. */
#ifndef COSTWRIGHT_LOG_H
#define COSTWRIGHT_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

/* As the setting log_level names it. */
enum log_level log_level_named(const char *name);
/* Never pass a secret: keys appear by their public prefix only. Each call is one write(2). */
void log_setup(bool json, enum log_level least);
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One line per request. */
struct log_request {
    const char *request_id, *method, *path, *operation, *code, *key_prefix, *remote;
    int status;
    int64_t bytes_in, bytes_out, microseconds, retries;
};
void log_request(const struct log_request *request);

#endif
