/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a schema file: its statements and its checksum. */
#include "store_schema.h"

#include <sodium.h>
#include <string.h>

void store_schema_checksum(const struct schema_file *file, char out[SCHEMA_CHECKSUM])
{
    unsigned char hash[SCHEMA_CHECKSUM / 2];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)file->text, strlen(file->text),
                       NULL, 0);
    sodium_bin2hex(out, SCHEMA_CHECKSUM, hash, sizeof hash);
}

/* Behind the comment that starts at p; p itself where none does. */
static const char *behind_comment(const char *p)
{
    if (*p == '#' || (p[0] == '-' && p[1] == '-' && (!p[2] || strchr(" \t\n", p[2]))))
        return p + strcspn(p, "\n");
    if (p[0] != '/' || p[1] != '*')
        return p;
    const char *end = strstr(p + 2, "*/");
    return end ? end + 2 : p + strlen(p);
}

/* Behind the quoted text that starts at p. A doubled quote reads as two texts in a row. */
static const char *behind_quoted(const char *p)
{
    char quote = *p++;
    for (; *p && *p != quote; p++)
        if (*p == '\\' && quote != '`' && p[1])
            p++;
    return *p ? p + 1 : p;
}

const char *store_schema_statement(const char **at, size_t *len)
{
    const char *p = *at;
    for (const char *before = NULL; before != p;) {
        before = p;
        p += strspn(p, " \t\r\n;");
        p = behind_comment(p);
    }
    const char *start = p;
    while (*p && *p != ';') {
        const char *behind = behind_comment(p);
        p = behind != p ? behind : strchr("'\"`", *p) ? behind_quoted(p) : p + 1;
    }
    *at = *p ? p + 1 : p;
    *len = (size_t)(p - start);
    while (*len && strchr(" \t\r\n", start[*len - 1]))
        --*len;
    return *len ? start : NULL;
}
