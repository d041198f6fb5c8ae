/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the operation table says, asked. */
#include "operation.h"

#include <string.h>

const struct operation *operation_find(const char *name, size_t len)
{
    for (size_t i = 0; i < n_operations; i++)
        if (!strncmp(operations[i].name, name, len) && !operations[i].name[len])
            return &operations[i];
    return NULL;
}

bool operation_mutates(const struct operation *operation)
{
    return strcmp(operation->method, "GET") != 0 && !(operation->flags & OP_READ_ONLY);
}

bool operation_allows(const struct operation *operation, unsigned scopes)
{
    unsigned allowed = operation->scope;
    if (operation->flags & OP_ADMIN_ALSO)
        allowed |= SCOPE_ADMIN;
    return operation->scope == SCOPE_NONE || scopes & allowed;
}

static size_t path_length(const char *path)
{
    size_t len = strlen(path);
    return len > 1 && path[len - 1] == '/' ? len - 1 : len;
}

bool operation_same_path(const char *a, const char *b)
{
    size_t len = path_length(a);
    return len == path_length(b) && !memcmp(a, b, len);
}

static const struct operation *shown_at(const char *path, size_t len)
{
    for (size_t i = 0; i < n_operations; i++)
        if (!strcmp(operations[i].method, "GET") && path_length(operations[i].path) == len &&
            !memcmp(operations[i].path, path, len))
            return &operations[i];
    return NULL;
}

const struct operation *operation_twin(const struct operation *operation)
{
    const char *path = operation->path;
    size_t len = path_length(path);
    const struct operation *shown = shown_at(path, len);
    if (!shown && !strcmp(operation->method, "PUT")) {
        while (len && path[--len] != '/')
            ;
        shown = shown_at(path, len);
    }
    return shown && shown->flags & OP_RESOURCE ? shown : NULL;
}

const char *operation_parameter(const char **path, size_t *len)
{
    const char *brace = strchr(*path, '{');
    if (!brace)
        return NULL;
    *len = strcspn(brace, "}") - 1;
    *path = brace + 1 + *len;
    return brace + 1;
}

const char *operation_scope(enum scope scope)
{
    if (scope & SCOPE_READ)
        return "parts:read";
    if (scope & SCOPE_LABEL)
        return "parts:label";
    if (scope & SCOPE_WRITE)
        return "parts:write";
    return "platform:admin";
}
