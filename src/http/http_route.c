/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Path and method to operation. */
#include "http_private.h"

#include "arena.h"

#include <string.h>

static const char *next_segment(const char *p, size_t *len)
{
    p += *p == '/';
    *len = strcspn(p, "/");
    return p;
}

/* The segment right below the API's root names a resource; where a part's id may stand there, only
   a UUID is one, so that a misspelt resource is an unknown route and not a malformed id. */
static bool names_resource(const char *pattern, const char *path, size_t len)
{
    static const char root_id[] = "{part_id}";
    struct uuid id;
    return strncmp(pattern, root_id, sizeof root_id - 1) != 0 || uuid_parse(&id, path, len);
}

/* How many literal segments of pattern the path matches in full; -1: it does not match. */
static int match(const char *pattern, const char *path)
{
    int literal = 0;
    while (*pattern && *path) {
        size_t pattern_len, path_len;
        pattern = next_segment(pattern, &pattern_len);
        path = next_segment(path, &path_len);
        if (*pattern != '{') {
            if (pattern_len != path_len || memcmp(pattern, path, path_len) != 0)
                return -1;
            literal++;
        } else if (!path_len || !names_resource(pattern, path, path_len)) {
            return -1;
        }
        pattern += pattern_len;
        path += path_len;
    }
    return *pattern || *path ? -1 : literal;
}

/* {env_id} is an id, {kind} a word: by the name's ending. */
static void read_parameters(struct exchange *exchange, const char *pattern)
{
    struct request *request = &exchange->request;
    size_t n_ids = 0;
    for (const char *path = exchange->path; *pattern;) {
        size_t pattern_len, path_len;
        pattern = next_segment(pattern, &pattern_len);
        path = next_segment(path, &path_len);
        if (*pattern == '{') {
            const char *name = arena_strndup(request->arena, pattern + 1, pattern_len - 2);
            const char *ending = strrchr(name, '_');
            if (!ending || strcmp(ending, "_id") != 0)
                request->word = arena_strndup(request->arena, path, path_len);
            else if (!uuid_parse(&request->id[n_ids++], path, path_len) && !exchange->path_flaw[0])
                exchange->path_flaw[0] = name;
        }
        pattern += pattern_len;
        path += path_len;
    }
}

enum err http_route(struct exchange *exchange)
{
    const char *method = strcmp(exchange->method, "HEAD") ? exchange->method : "GET";
    const char *best_path = NULL;
    int best = -1;
    for (size_t i = 0; i < n_operations; i++) {
        if (best_path && !strcmp(operations[i].path, best_path))
            continue;
        int literal = match(operations[i].path, exchange->path);
        if (literal > best) {
            best = literal;
            best_path = operations[i].path;
        }
    }
    if (!best_path)
        return ERR_NOT_FOUND;
    const char *allow = NULL;
    for (size_t i = 0; i < n_operations; i++) {
        const struct operation *operation = &operations[i];
        if (strcmp(operation->path, best_path) != 0)
            continue;
        if (!strcmp(operation->method, method)) {
            exchange->request.operation = operation;
            read_parameters(exchange, operation->path);
            return ERR_OK;
        }
        const char *also = strcmp(operation->method, "GET") ? "" : ", HEAD";
        allow = arena_printf(exchange->http->arena, "%s%s%s%s", allow ? allow : "",
                             allow ? ", " : "", operation->method, also);
    }
    exchange->allow = allow;
    return ERR_METHOD_NOT_ALLOWED;
}

const struct operation *http_route_twin(const struct operation *operation)
{
    if (!strcmp(operation->method, "POST"))
        return NULL;
    /* …/{env_id}/identity changes the resource that …/{env_id} shows */
    size_t len = strlen(operation->path);
    for (;;) {
        for (size_t i = 0; i < n_operations; i++)
            if (operations[i].flags & OP_RESOURCE && strlen(operations[i].path) == len &&
                !strncmp(operations[i].path, operation->path, len))
                return &operations[i];
        while (len && operation->path[len - 1] != '/')
            len--;
        if (!len || operation->path[len] == '{')
            return NULL;
        len--;
    }
}
