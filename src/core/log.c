/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines: built on the stack, control characters escaped, one write each. */
#include "log.h"

#include "when.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A write of at most PIPE_BUF bytes is not torn apart by other writers of the same pipe. */
enum { LINE = 4096, MESSAGE = 3072 };

static struct {
    bool json, journal;
    enum log_level least;
} setup = {.least = LOG_LEVEL_INFO};

static const struct {
    const char *name, *prefix;
} levels[] = {
    [LOG_LEVEL_DEBUG] = {"debug", "<7>"},
    [LOG_LEVEL_INFO] = {"info", "<6>"},
    [LOG_LEVEL_WARNING] = {"warning", "<4>"},
    [LOG_LEVEL_ERROR] = {"error", "<3>"},
};

struct line {
    size_t len;
    char text[LINE];
};

void log_setup(bool json, enum log_level least)
{
    setup.json = json;
    setup.least = least;
    setup.journal =
        getenv("JOURNAL_STREAM") != NULL; /* set by systemd where stderr is the journal */
}

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = LINE - 2 - line->len; /* keeps place for the end of the object and the newline */
    int len = vsnprintf(line->text + line->len, room, format, args);
    va_end(args);
    if (len > 0)
        line->len += (size_t)len < room ? (size_t)len : room - 1;
}

/* ASCII only: a byte of any other text (or of no text at all) could break the line or its JSON */
static void add_escaped(struct line *line, const char *text, const char *special)
{
    for (const unsigned char *p = (const unsigned char *)text; *p && line->len < LINE - 64; p++) {
        if (*p < 0x20 || *p >= 0x7f)
            add(line, "\\u%04x", *p);
        else if (strchr(special, *p))
            add(line, "\\%c", *p);
        else
            line->text[line->len++] = (char)*p;
    }
}

/* One member: in text " key=value" with the value quoted where it holds a blank, in JSON
 * ,"key":"value". */
static void put(struct line *line, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    if (setup.json) {
        add(line, ",\"%s\":\"", key);
        add_escaped(line, value, "\"\\");
        add(line, "\"");
        return;
    }
    bool quoted = strpbrk(value, " \"\\") != NULL;
    add(line, quoted ? " %s=\"" : " %s=", key);
    add_escaped(line, value, "\"\\");
    if (quoted)
        add(line, "\"");
}

static void put_number(struct line *line, const char *key, int64_t value)
{
    add(line, setup.json ? ",\"%s\":%" PRId64 : " %s=%" PRId64, key, value);
}

static void begin(struct line *line, enum log_level level)
{
    char when[TIME_TEXT];
    time_text(time_now(), when);
    line->len = 0;
    if (setup.journal)
        add(line, "%s", levels[level].prefix);
    if (setup.json)
        add(line, "{\"ts\":\"%s\",\"level\":\"%s\",\"pid\":%d", when, levels[level].name, getpid());
    else if (setup.journal) /* journald knows the moment and the process */
        add(line, "%s", levels[level].name);
    else
        add(line, "%s [%d] %s", when, getpid(), levels[level].name);
}

static void end(struct line *line)
{
    if (setup.json)
        line->text[line->len++] = '}';
    line->text[line->len++] = '\n';
    ssize_t n = write(STDERR_FILENO, line->text, line->len);
    (void)n; /* a log that cannot be written has nowhere to say so */
}

void log_line(enum log_level level, const char *format, ...)
{
    if (level < setup.least)
        return;
    char message[MESSAGE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    struct line line;
    begin(&line, level);
    if (setup.json) {
        put(&line, "message", message);
    } else {
        add(&line, ": ");
        add_escaped(&line, message, "");
    }
    end(&line);
}

void log_request(const struct log_request *request)
{
    enum log_level level = request->status >= 500 ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO;
    if (level < setup.least)
        return;
    struct line line;
    begin(&line, level);
    put(&line, "request_id", request->request_id);
    put(&line, "method", request->method);
    put(&line, "operation", request->operation);
    put_number(&line, "status", request->status);
    put(&line, "code", request->code);
    put_number(&line, "us", request->microseconds);
    put_number(&line, "in", request->bytes_in);
    put_number(&line, "out", request->bytes_out);
    if (request->retries)
        put_number(&line, "retries", request->retries);
    put(&line, "key", request->key_prefix);
    put(&line, "remote", request->remote);
    put(&line, "path", request->path); /* last: it is the caller's text and may be long */
    end(&line);
}
