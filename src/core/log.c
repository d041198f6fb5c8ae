/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Log lines: built on the stack, control characters escaped, one write each. */
#include "log.h"

#include "buf.h"
#include "when.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A write of at most PIPE_BUF bytes is not torn apart by other writers of the same pipe. */
enum { LINE = 4096, MESSAGE = 3072, SHORT = 80 };

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

enum log_level log_level_named(const char *name)
{
    enum log_level level = LOG_LEVEL_ERROR;
    while (level > LOG_LEVEL_DEBUG && strcmp(levels[level].name, name) != 0)
        level--;
    return level;
}

struct line {
    size_t len;
    char text[LINE];
};

/* systemd names the journal's stream by device and inode; that it does so is not enough: stderr may
   go to a file all the same, and children inherit the name. */
static bool is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat there;
    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &there) == 0 &&
           there.st_dev == device && there.st_ino == inode;
}

void log_setup(bool json, enum log_level least)
{
    setup.json = json;
    setup.least = least;
    setup.journal = is_journal(STDERR_FILENO);
}

/* By hand: a line is written for every request, and the printf family took a tenth of it. */
static void add_bytes(struct line *line, const char *text, size_t len)
{
    size_t room = LINE - 2 - line->len; /* keeps place for the end of the object and the newline */
    len = len < room ? len : room;
    memcpy(line->text + line->len, text, len);
    line->len += len;
}

static void add(struct line *line, const char *text)
{
    add_bytes(line, text, strlen(text));
}

static void add_int(struct line *line, int64_t value)
{
    char text[NUMBER_TEXT];
    add_bytes(line, text, number_int_text(text, value));
}

/* ASCII only: a byte of any other text (or of no text at all) could break the line or its JSON.
   In quotes those and backslashes are escaped too. */
static void add_escaped(struct line *line, const char *text, size_t most, bool in_quotes)
{
    static const char hex[] = "0123456789abcdef";
    for (const char *p = text; *p && p < text + most && line->len < LINE - 64; p++) {
        unsigned char byte = (unsigned char)*p;
        if (byte < 0x20 || byte >= 0x7f)
            add_bytes(line, (char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
        else if (in_quotes && (byte == '"' || byte == '\\'))
            add_bytes(line, (char[]){'\\', *p}, 2);
        else
            line->text[line->len++] = *p;
    }
}

static void put_key(struct line *line, const char *key)
{
    add(line, setup.json ? ",\"" : " ");
    add(line, key);
    add(line, setup.json ? "\":" : "=");
}

/* One member: in text " key=value" with the value quoted where it holds a blank, in JSON
 * ,"key":"value". Of the value the first `most` bytes. */
static void put(struct line *line, const char *key, const char *value, size_t most)
{
    if (!value || !*value)
        return;
    bool quoted = setup.json || strpbrk(value, " \"\\") != NULL;
    put_key(line, key);
    if (quoted)
        add(line, "\"");
    add_escaped(line, value, most, true);
    if (quoted)
        add(line, "\"");
}

static void put_number(struct line *line, const char *key, int64_t value)
{
    put_key(line, key);
    add_int(line, value);
}

static void begin(struct line *line, enum log_level level)
{
    char when[TIME_TEXT];
    line->len = 0;
    if (setup.journal)
        add(line, levels[level].prefix);
    /* journald knows the moment and the process */
    if (!setup.json && setup.journal) {
        add(line, levels[level].name);
        return;
    }
    time_text(time_now(), when);
    if (setup.json) {
        add(line, "{\"ts\":\"");
        add(line, when);
        add(line, "\"");
        put(line, "level", levels[level].name, SHORT);
        put_number(line, "pid", getpid());
    } else {
        add(line, when);
        add(line, " [");
        add_int(line, getpid());
        add(line, "] ");
        add(line, levels[level].name);
    }
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
        put(&line, "message", message, MESSAGE);
    } else {
        add(&line, ": ");
        add_escaped(&line, message, MESSAGE, false);
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
    put(&line, "request_id", request->request_id, SHORT);
    put(&line, "method", request->method, SHORT);
    put(&line, "operation", request->operation, SHORT);
    put_number(&line, "status", request->status);
    put(&line, "code", request->code, SHORT);
    put_number(&line, "us", request->microseconds);
    put_number(&line, "in", request->bytes_in);
    put_number(&line, "out", request->bytes_out);
    if (request->retries)
        put_number(&line, "retries", request->retries);
    put(&line, "key", request->key_prefix, SHORT);
    put(&line, "remote", request->remote, SHORT);
    put(&line, "path", request->path, LINE); /* last: it is the caller's text and may be long */
    end(&line);
}
