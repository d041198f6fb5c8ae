/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings: defaults, then a file of `name = value` lines, then NAME=VALUE overrides. */
#include "settings.h"

#include "buf.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { TEXT, INT };

static const struct row {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *text; /* default of a TEXT */
    int64_t number;   /* default of an INT */
    int64_t min, max; /* of the value, or of the length of a TEXT */
    const char *help;
} rows[] = {
#define TEXT_DEFAULT(otherwise) otherwise, 0
#define INT_DEFAULT(otherwise)  NULL, otherwise
#define X(member, kind, otherwise, min, max, help)                                                 \
    {#member, kind, offsetof(struct settings, member), kind##_DEFAULT(otherwise), min, max, help},
    SETTINGS_TABLE(X)
#undef X
};
enum { N_ROWS = sizeof rows / sizeof rows[0] };

/* Texts that must be one of a few words. */
static const struct {
    const char *name, *words[5];
} choices[] = {
    {"key_kind", {"live", "test"}},
    {"log_format", {"text", "json"}},
    {"log_level", {"debug", "info", "warning", "error"}},
};

struct loading {
    struct settings *settings;
    struct buf *faults;
    bool seen[N_ROWS]; /* in the file: twice is a fault */
    bool failed;
};

static const char **text_of(struct settings *settings, const struct row *row)
{
    return (const char **)((char *)settings + row->offset);
}

static int64_t *number_of(struct settings *settings, const struct row *row)
{
    return (int64_t *)((char *)settings + row->offset);
}

static void set_text(struct settings *settings, const struct row *row, const char *value)
{
    const char **place = text_of(settings, row);
    free((char *)*place);
    *place = memory_text(value);
}

/* A fault line "place: ..."; the caller goes on, so that one run shows all of them. */
#define FAULT(loading, place, ...)                                                                 \
    do {                                                                                           \
        (loading)->failed = true;                                                                  \
        buf_printf((loading)->faults, "%s: ", (place));                                            \
        buf_printf((loading)->faults, __VA_ARGS__);                                                \
        buf_addc((loading)->faults, '\n');                                                         \
    } while (0)

static bool is_choice(const struct row *row, const char *value)
{
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        if (strcmp(choices[i].name, row->name) != 0)
            continue;
        for (const char *const *word = choices[i].words; *word; word++)
            if (!strcmp(*word, value))
                return true;
        return false;
    }
    return true;
}

static void take_text(struct loading *loading, const struct row *row, const char *value,
                      const char *place)
{
    int64_t len = (int64_t)strlen(value);
    if (len < row->min || len > row->max)
        FAULT(loading, place, "%s must have %" PRId64 " to %" PRId64 " characters, not %" PRId64,
              row->name, row->min, row->max, len);
    else if (!is_choice(row, value))
        FAULT(loading, place, "%s cannot be \"%s\". %s", row->name, value, row->help);
    else
        set_text(loading->settings, row, value);
}

static void take_number(struct loading *loading, const struct row *row, const char *value,
                        const char *place)
{
    char *end;
    errno = 0;
    int64_t number = strtoll(value, &end, 10);
    /* strtoll takes blanks and a + before it */
    if (!*value || *end || !strchr("-0123456789", *value))
        FAULT(loading, place, "%s must be a whole number, not \"%s\"", row->name, value);
    else if (errno || number < row->min || number > row->max)
        FAULT(loading, place, "%s must be from %" PRId64 " to %" PRId64 ", not %s", row->name,
              row->min, row->max, value);
    else
        *number_of(loading->settings, row) = number;
}

/* Where the name ends: at blanks before '='. */
static void trim(char **text)
{
    char *start = *text + strspn(*text, " \t");
    size_t len = strlen(start);
    while (len && strchr(" \t\r", start[len - 1]))
        len--;
    start[len] = '\0';
    *text = start;
}

static void take(struct loading *loading, char *line, const char *place, bool from_file)
{
    char *equals = strchr(line, '=');
    if (!equals) {
        FAULT(loading, place, "\"%s\" is not of the form name = value", line);
        return;
    }
    *equals = '\0';
    char *name = line, *value = equals + 1;
    trim(&name);
    trim(&value);
    for (size_t i = 0; i < N_ROWS; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        if (from_file && loading->seen[i])
            FAULT(loading, place, "%s is set a second time", name);
        loading->seen[i] |= from_file;
        if (rows[i].kind == TEXT)
            take_text(loading, &rows[i], value, place);
        else
            take_number(loading, &rows[i], value, place);
        return;
    }
    FAULT(loading, place, "there is no setting \"%s\"", name);
}

static void take_file(struct loading *loading, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        FAULT(loading, path, "%s", strerror(errno));
        return;
    }
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    for (int number = 1; (len = getline(&line, &cap, file)) >= 0; number++) {
        struct buf place = {0};
        buf_printf(&place, "%s:%d", path, number);
        if (strlen(line) != (size_t)len) {
            FAULT(loading, buf_text(&place), "NUL in the line");
        } else {
            line[strcspn(line, "\n")] = '\0';
            char *text = line;
            trim(&text);
            if (*text && *text != '#')
                take(loading, text, buf_text(&place), true);
        }
        buf_clear(&place);
    }
    if (ferror(file))
        FAULT(loading, path, "cannot be read");
    free(line);
    fclose(file);
}

enum err settings_load(struct settings *settings, const char *file, const char *const *overrides,
                       size_t n_overrides, struct buf *faults)
{
    struct loading loading = {.settings = settings, .faults = faults};
    memset(settings, 0, sizeof *settings);
    for (size_t i = 0; i < N_ROWS; i++) {
        if (rows[i].kind == TEXT)
            set_text(settings, &rows[i], rows[i].text);
        else
            *number_of(settings, &rows[i]) = rows[i].number;
    }
    if (file)
        take_file(&loading, file);
    for (size_t i = 0; i < n_overrides; i++) {
        char *line = memory_text(overrides[i]);
        take(&loading, line, "--set", false);
        free(line);
    }
    return loading.failed ? ERR_VALIDATION_ERROR : ERR_OK;
}

void settings_clear(struct settings *settings)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].kind == TEXT)
            free((char *)*text_of(settings, &rows[i]));
    memset(settings, 0, sizeof *settings);
}

void settings_help(struct buf *out)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct row *row = &rows[i];
        if (row->kind == TEXT)
            buf_printf(out, "%s = %s\n", row->name, row->text);
        else
            buf_printf(out, "%s = %" PRId64 "   (%" PRId64 " to %" PRId64 ")\n", row->name,
                       row->number, row->min, row->max);
        buf_printf(out, "    %s\n", row->help);
    }
}

/* The file into out, by plain read: stdio would leave a copy of the secret in its own buffer. */
static enum err read_secret(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
    enum { MOST = 4096 };
    char *place = buf_reserve(out, MOST); /* once: a buffer that moves would leave copies */
    size_t len = 0;
    ssize_t n;
    while (len < MOST && (n = read(fd, place + len, MOST - len)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        len += (size_t)n;
    }
    bool whole = len < MOST && n == 0;
    close(fd);
    if (!whole)
        return ERR_UNAVAILABLE;
    if (len && place[len - 1] == '\n')
        len--;
    out->len += len;
    return ERR_OK;
}

enum err settings_secret(const char *credential, const char *file, struct buf *out)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");
    if (directory && credential) {
        struct buf path = {0};
        buf_printf(&path, "%s/%s", directory, credential);
        enum err err = read_secret(buf_text(&path), out);
        buf_clear(&path);
        if (err != ERR_NOT_FOUND)
            return err;
    }
    if (!file || !*file)
        return ERR_NOT_FOUND;
    return read_secret(file, out);
}

enum err settings_db_password(const struct settings *settings, bool admin, struct buf *out)
{
    return admin ? settings_secret("db.admin.password", settings->db_admin_password_file, out)
                 : settings_secret("db.password", settings->db_password_file, out);
}
