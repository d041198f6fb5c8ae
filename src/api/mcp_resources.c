/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resources of agents: environments as they are now, and guides. */
#include "mcp_private.h"

#include "arena.h"
#include "store_environment.h"

#include <string.h>

#define LIST_MS     (INT64_C(60) * 1000)
#define GUIDES      "costwright://guides/"
#define ENVIRONMENT "costwright://environments/{env_id}"
#define LISTED_MAX  100 /* environments whose resources are listed; the templates reach all */

/* What can be read of an environment: the GET operation it stands for, whose path has the same
   parameters in the same order. */
static const struct view {
    const char *uri, *operation, *title;
} views[] = {
    {ENVIRONMENT, "environment_show", "Environment"},
    {ENVIRONMENT "/machines", "membership_list", "Machines"},
    {ENVIRONMENT "/rates", "rate_list", "Rates"},
    {ENVIRONMENT "/status", "calibration_status", "Calibration status"},
    {ENVIRONMENT "/runs", "run_list", "Calibration runs"},
    {ENVIRONMENT "/runs/{run_id}", "run_show", "Calibration report"},
};
#define N_VIEWS (sizeof views / sizeof *views)

static const struct operation *operation_of(const struct view *view)
{
    return operation_find(view->operation, strlen(view->operation));
}

/* A template with ids in place of its parameters, 36 characters each. */
static const char *fill_in(struct arena *arena, const char *template, const char *const *ids)
{
    char *text = arena_alloc(arena, strlen(template) + REQUEST_IDS * UUID_TEXT), *at = text;
    for (const char *p = template; *p; p++) {
        if (*p != '{') {
            *at++ = *p;
            continue;
        }
        memcpy(at, *ids++, UUID_TEXT - 1);
        at += UUID_TEXT - 1;
        p = strchr(p, '}');
    }
    return text;
}

static void put_resource(struct buf *out, const char *key, const char *uri, const char *name,
                         const char *title, const char *help, const char *type)
{
    json_object(out);
    json_put_text(out, key, uri);
    json_put_text(out, "name", name);
    json_put_text(out, "title", title);
    json_put_text(out, "description", help);
    json_put_text(out, "mimeType", type);
    json_object_end(out);
}

static enum err put_environments(struct request *request)
{
    struct arena *arena = request->arena;
    const struct store_page page = {.limit = LISTED_MAX};
    struct store_environment *list;
    size_t n;
    int64_t total;
    enum err err =
        store_environment_list(request->db, arena, request->caller.org, &page, &list, &n, &total);
    for (size_t i = 0; !err && i < n; i++) {
        char id[UUID_TEXT];
        uuid_text(&list[i].id, id);
        for (const struct view *view = views; view < views + N_VIEWS; view++) {
            if (strstr(view->uri, "{run_id}"))
                continue;
            const struct operation *operation = operation_of(view);
            put_resource(request->out, "uri", fill_in(arena, view->uri, &(const char *){id}),
                         list[i].name, arena_printf(arena, "%s: %s", list[i].name, view->title),
                         operation->summary, "application/json");
        }
    }
    return err;
}

enum mcp_code mcp_resources_list(struct request *request, struct mcp_message *message)
{
    struct buf *out = request->out;
    mcp_result_begin(out, message, LIST_MS);
    json_key(out, "resources");
    json_array(out);
    for (size_t i = 0; i < mcp_n_guides; i++)
        put_resource(out, "uri", arena_printf(request->arena, GUIDES "%s", mcp_guides[i].name),
                     mcp_guides[i].name, mcp_guides[i].title, mcp_guides[i].help, "text/markdown");
    enum err err = request->caller.scopes & SCOPE_READ ? put_environments(request) : ERR_OK;
    json_array_end(out);
    message->fault = err_message(err);
    return err ? MCP_INTERNAL : MCP_OK;
}

enum mcp_code mcp_resources_templates(struct request *request, struct mcp_message *message)
{
    struct buf *out = request->out;
    mcp_result_begin(out, message, LIST_MS);
    json_key(out, "resourceTemplates");
    json_array(out);
    for (const struct view *view = views; view < views + N_VIEWS; view++) {
        const struct operation *operation = operation_of(view);
        put_resource(out, "uriTemplate", view->uri, operation->name, view->title,
                     operation->summary, "application/json");
    }
    json_array_end(out);
    return MCP_OK;
}

static void put_contents(struct request *request, const struct mcp_message *message,
                         const char *type, const char *text, size_t len)
{
    struct buf *out = request->out;
    mcp_result_begin(out, message, 0);
    json_key(out, "contents");
    json_array(out);
    json_object(out);
    json_put_text(out, "uri", message->uri);
    json_put_text(out, "mimeType", type);
    json_key(out, "text");
    json_text_len(out, text, len);
    json_object_end(out);
    json_array_end(out);
}

static const struct mcp_guide *find_guide(const char *uri)
{
    for (size_t i = 0; i < mcp_n_guides; i++)
        if (!strncmp(uri, GUIDES, sizeof GUIDES - 1) &&
            !strcmp(uri + sizeof GUIDES - 1, mcp_guides[i].name))
            return &mcp_guides[i];
    return NULL;
}

/* ids: where in uri those of the template stand */
static bool matches(const char *template, const char *uri, const char *ids[REQUEST_IDS])
{
    struct uuid id;
    while (*template && *uri) {
        if (*template == '{') {
            if (!uuid_parse(&id, uri, strnlen(uri, UUID_TEXT - 1)))
                return false;
            *ids++ = uri;
            uri += UUID_TEXT - 1;
            template = strchr(template, '}') + 1;
        } else if (*template ++ != *uri++) {
            return false;
        }
    }
    return !*template && !*uri;
}

static const struct operation *find_view(const char *uri, const char *ids[REQUEST_IDS])
{
    for (const struct view *view = views; view < views + N_VIEWS; view++)
        if (matches(view->uri, uri, ids))
            return operation_of(view);
    return NULL;
}

enum mcp_code mcp_resources_read(struct request *request, struct mcp_message *message)
{
    const char *uri = message->uri ? message->uri : "", *ids[REQUEST_IDS];
    const struct mcp_guide *guide = find_guide(uri);
    if (guide) {
        put_contents(request, message, "text/markdown", guide->text, strlen(guide->text));
        return MCP_OK;
    }
    message->fault = arena_printf(request->arena, "Resource not found: %s", uri);
    const struct operation *operation = find_view(uri, ids);
    if (!operation)
        return MCP_INVALID_PARAMS;
    struct buf body = {0}, answer = {0};
    struct call call = {.operation = operation,
                        .path = fill_in(request->arena, operation->path, ids),
                        .query = "",
                        .idempotency_key = "",
                        .body = &body,
                        .out = &answer};
    enum err err = request_call(request, &call);
    if (!err)
        put_contents(request, message, "application/json", answer.data, answer.len);
    else if (err != ERR_NOT_FOUND)
        message->fault = arena_strdup(request->arena, err_message(err));
    buf_clear(&answer);
    buf_clear(&body);
    return !err ? MCP_OK : err_status(err) < 500 ? MCP_INVALID_PARAMS : MCP_INTERNAL;
}
