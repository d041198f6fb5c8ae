/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Path and method to operation: patterns are split once per process, a path once per request. */
#include "http_private.h"

#include "arena.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENTS 12

struct segment {
    const char *text;
    uint32_t len;
    bool is_parameter, is_id; /* {env_id} is an id, {kind} a word: by the name's ending */
};

struct route {
    const struct operation *operation;
    unsigned n, literals;
    struct segment segments[SEGMENTS];
};

static unsigned split(const char *path, struct segment segments[SEGMENTS])
{
    unsigned n = 0;
    while (*path) {
        path += *path == '/';
        if (n == SEGMENTS)
            return SEGMENTS + 1;
        const char *end = strchrnul(path, '/');
        segments[n++] = (struct segment){.text = path, .len = (uint32_t)(end - path)};
        path = end;
    }
    return n;
}

struct route *http_routes_new(void)
{
    struct route *routes = memory_new(n_operations * sizeof *routes);
    for (size_t i = 0; i < n_operations; i++) {
        struct route *route = &routes[i];
        route->operation = &operations[i];
        route->n = split(operations[i].path, route->segments);
        if (route->n > SEGMENTS)
            abort(); /* the operation table has a path deeper than any */
        if (!route->segments[route->n - 1].len)
            route->n--; /* documented with a slash at its end */
        for (unsigned s = 0; s < route->n; s++) {
            struct segment *segment = &route->segments[s];
            segment->is_parameter = *segment->text == '{';
            segment->is_id = segment->is_parameter && segment->len > 4 &&
                             !memcmp(segment->text + segment->len - 4, "_id}", 4);
            route->literals += !segment->is_parameter;
        }
    }
    return routes;
}

/* The segment right below the API's root names a resource; where a part's id may stand there, only
   a UUID is one, so that a misspelt resource is an unknown route and not a malformed id. */
#define BELOW_ROOT 3

static bool matches(const struct route *route, const struct segment *path)
{
    struct uuid id;
    /* the beginning is the same for nearly all: look from the end */
    for (unsigned s = route->n; s-- > 0;) {
        const struct segment *wanted = &route->segments[s], *found = &path[s];
        if (wanted->is_parameter) {
            if (!found->len || (s == BELOW_ROOT && !uuid_parse(&id, found->text, found->len)))
                return false;
        } else if (wanted->len != found->len || memcmp(wanted->text, found->text, found->len)) {
            return false;
        }
    }
    return true;
}

static void read_parameters(struct exchange *exchange, const struct route *route,
                            const struct segment *path)
{
    struct request *request = &exchange->request;
    size_t n_ids = 0;
    for (unsigned s = 0; s < route->n; s++) {
        const struct segment *wanted = &route->segments[s], *found = &path[s];
        if (!wanted->is_parameter)
            continue;
        if (!wanted->is_id)
            request->word = arena_strndup(request->arena, found->text, found->len);
        else if (!uuid_parse(&request->id[n_ids++], found->text, found->len))
            exchange->path_flaws[exchange->n_path_flaws++] = (struct path_flaw){
                arena_strndup(request->arena, wanted->text + 1, wanted->len - 2), !found->len};
    }
}

static const char *add_method(struct arena *arena, const char *allow, const char *method)
{
    const char *also = strcmp(method, "GET") ? "" : ", HEAD";
    return arena_printf(arena, "%s%s%s%s", allow ? allow : "", allow ? ", " : "", method, also);
}

enum err http_route(struct exchange *exchange)
{
    const struct route *routes = exchange->http->routes, *best = NULL;
    const char *method = strcmp(exchange->method, "HEAD") ? exchange->method : "GET";
    struct segment path[SEGMENTS];
    unsigned n = split(exchange->path, path);
    /* the path decides first (most literal segments win), then the method within that path */
    for (size_t i = 0; i < n_operations; i++) {
        if (routes[i].n == n && (!best || routes[i].literals > best->literals) &&
            matches(&routes[i], path))
            best = &routes[i];
    }
    if (!best)
        return ERR_NOT_FOUND;
    for (size_t i = 0; i < n_operations; i++) {
        const struct operation *operation = routes[i].operation;
        if (routes[i].n != n || !operation_same_path(operation->path, best->operation->path))
            continue;
        if (!strcmp(operation->method, method)) {
            exchange->allow = NULL;
            exchange->request.operation = operation;
            read_parameters(exchange, &routes[i], path);
            return ERR_OK;
        }
        exchange->allow = add_method(exchange->http->arena, exchange->allow, operation->method);
    }
    return ERR_METHOD_NOT_ALLOWED;
}

void http_route_parameters(struct exchange *exchange)
{
    struct segment path[SEGMENTS];
    split(exchange->path, path);
    read_parameters(exchange, &exchange->http->routes[exchange->request.operation - operations],
                    path);
}
