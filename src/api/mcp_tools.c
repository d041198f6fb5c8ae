/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tools of agents: the operation table, called like any other caller calls it. */
#include "mcp_private.h"

#include "arena.h"
#include "json_in.h"
#include "operation_schema.h"

#include <ctype.h>
#include <string.h>

#define LIST_MS (INT64_C(300) * 1000)

static bool is_tool(const struct operation *operation)
{
    return operation->scope != SCOPE_NONE && !(operation->flags & (OP_RAW | OP_NO_TOOL));
}

static void put_tool(struct buf *out, struct arena *arena, const struct operation *operation)
{
    json_object(out);
    json_put_text(out, "name", operation->name);
    json_put_text(out, "title", operation->summary);
    json_put_text(out, "description",
                  arena_printf(arena, "%s. %s", operation->summary,
                               operation->description ? operation->description : ""));
    json_key(out, "inputSchema");
    operation_arguments_schema(out, operation);
    if (operation->answer) {
        json_key(out, "outputSchema");
        operation_answer_schema(out, operation);
    }
    bool changes = operation_mutates(operation);
    json_key(out, "annotations");
    json_object(out);
    json_put_bool(out, "readOnlyHint", !changes);
    json_put_bool(out, "destructiveHint", operation->flags & OP_DESTRUCTIVE);
    json_put_bool(out, "idempotentHint", !changes || strcmp(operation->method, "POST") != 0);
    json_put_bool(out, "openWorldHint", false);
    json_object_end(out);
    json_object_end(out);
}

enum mcp_code mcp_tools_list(struct request *request, struct mcp_message *message)
{
    struct buf *out = request->out;
    mcp_result_begin(out, message, LIST_MS);
    json_key(out, "tools");
    json_array(out);
    for (const struct operation *one = operations; one < operations + n_operations; one++)
        if (is_tool(one) && operation_allows(one, request->caller.scopes))
            put_tool(out, request->arena, one);
    json_array_end(out);
    return MCP_OK;
}

/* --- arguments: each goes where the operation reads it */

struct arguments {
    struct arena *arena;
    const struct operation *operation;
    struct field_raw ids[REQUEST_IDS + 1]; /* texts of the path parameters, in path order */
    const char *idempotency_key;
    struct buf query, body;
    bool has_body;
};

/* U+0000 may stand in a text: what reads it refuses it, where it would end a C string. */
static void put_encoded(struct buf *out, struct field_raw text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.text[i];
        if (isalnum(c) || (c && strchr("-._~", c)))
            buf_addc(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

static int path_index(const struct operation *operation, const char *name, size_t len)
{
    const char *path = operation->path, *parameter;
    size_t parameter_len;
    for (int i = 0; (parameter = operation_parameter(&path, &parameter_len)); i++)
        if (parameter_len == len && !memcmp(parameter, name, len))
            return i;
    return -1;
}

static bool is_query(const struct operation *operation, const char *name)
{
    for (size_t i = 0; operation->query && i < operation->query->n; i++)
        if (!strcmp(operation->query->fields[i].name, name))
            return true;
    return false;
}

/* A scalar as it stands in a path or a query, a whole number in digits (1.0 is one); text NULL:
   null. */
static struct field_raw read_scalar(struct arguments *arguments, struct json_in *in)
{
    struct json_number number;
    const char *raw;
    char *text;
    size_t len;
    switch (json_in_peek(in)) {
    case JSON_STRING:
        return json_in_string(in, &text, &len) ? (struct field_raw){text, len}
                                               : (struct field_raw){0};
    case JSON_NULL:
        json_in_literal(in);
        return (struct field_raw){0};
    case JSON_NUMBER:
        raw = in->at;
        if (!json_in_number(in, &number))
            return (struct field_raw){0};
        raw = number.is_integer ? arena_printf(arguments->arena, "%lld", (long long)number.integer)
                                : arena_strndup(arguments->arena, raw, (size_t)(in->at - raw));
        return (struct field_raw){raw, strlen(raw)};
    default:
        if (!json_in_skip(in, &raw, &len))
            return (struct field_raw){0};
        return (struct field_raw){arena_strndup(arguments->arena, raw, len), len};
    }
}

static void read_argument(struct arguments *arguments, struct json_in *in, const char *name,
                          size_t len)
{
    const struct operation *operation = arguments->operation;
    int in_path = path_index(operation, name, len);
    struct field_raw value;
    const char *raw;
    size_t raw_len;
    if (in_path >= 0) {
        arguments->ids[in_path] = read_scalar(arguments, in);
    } else if (is_query(operation, name)) {
        value = read_scalar(arguments, in);
        if (!value.text)
            return;
        buf_printf(&arguments->query, "%s%s=", arguments->query.len ? "&" : "", name);
        put_encoded(&arguments->query, value);
    } else if (!strcmp(name, "idempotency_key") && operation_mutates(operation)) {
        value = read_scalar(arguments, in);
        if (value.text) /* two quotes stand for a key that is none, as an empty header does */
            arguments->idempotency_key =
                value.len && strlen(value.text) == value.len ? value.text : "\"\"";
    } else if (json_in_skip(in, &raw, &raw_len)) {
        if (!arguments->has_body)
            json_object(&arguments->body);
        arguments->has_body = true;
        json_key_len(&arguments->body, name, len);
        json_raw_len(&arguments->body, raw, raw_len);
    }
}

static bool read_arguments(struct arguments *arguments, const struct field_raw *text)
{
    struct json_in in;
    char *name;
    size_t len;
    json_in_open(&in, (char *)text->text, text->len);
    bool good = json_in_object(&in);
    while (good && json_in_member(&in, &name, &len))
        read_argument(arguments, &in, name, len);
    good &= !in.failed;
    json_in_close(&in);
    return good;
}

/* The operation's path with the parameters in place, as a caller would have sent it. */
static const char *make_path(const struct arguments *arguments, struct buf *out)
{
    const char *path = arguments->operation->path;
    for (int i = 0; *path; path++) {
        if (*path != '{') {
            buf_addc(out, *path);
            continue;
        }
        put_encoded(out, arguments->ids[i]);
        path = strchr(path, '}');
        i++;
    }
    return buf_text(out);
}

/* --- answers */

/* ["body","rows",17,"actual"] as rows[17].actual: whether a name went into path, query or body is
   no concern of an agent. */
static void put_place(struct buf *out, const char *loc)
{
    const char *p = strchr(loc, ',');
    bool any = false;
    while (p && *p && *p != ']') {
        p += strspn(p, ", ");
        if (*p == '"') {
            size_t len = strcspn(p + 1, "\"");
            if (any)
                buf_addc(out, '.');
            buf_add(out, p + 1, len);
            p += len + 2;
        } else {
            size_t len = strcspn(p, ",]");
            buf_addc(out, '[');
            buf_add(out, p, len);
            buf_addc(out, ']');
            p += len;
        }
        any = true;
    }
    if (!any)
        buf_adds(out, "arguments");
}

/* In words: what is wrong, where, and what to do. */
static void put_fault(struct buf *text, const struct request *failed, enum err err)
{
    buf_printf(text, "%s: %s", err_code(err),
               failed->fail_message ? failed->fail_message : err_message(err));
    const struct flaws *flaws = failed->flaws;
    size_t kept = flaws->total < FLAWS_KEPT ? flaws->total : FLAWS_KEPT;
    for (size_t i = 0; i < kept; i++) {
        buf_adds(text, "\n- ");
        put_place(text, flaws->kept[i].loc);
        buf_printf(text, ": %s (%s)", flaws->kept[i].message, flaws->kept[i].type);
    }
    if (flaws->total > kept)
        buf_printf(text, "\n- and %zu more", flaws->total - kept);
    if (failed->fail_details)
        buf_printf(text, "\ndetails: %s", failed->fail_details);
    if (flaws->total)
        buf_adds(text, "\nMend these arguments and call again.");
    else
        buf_printf(text, "\n%s", err_mend(err));
    if (err_retry_safe(err))
        buf_adds(text, "\nThe same call may be repeated; with an idempotency_key its effect "
                       "happens once.");
}

/* Structured content is an object: a bare array or null stands inside one. */
static void put_structured(struct buf *out, const struct call *call)
{
    const struct request *answer = call->answer;
    if (!operation_answers_bare(call->operation)) {
        buf_add(out, call->out->data, call->out->len);
        return;
    }
    json_object(out);
    json_key(out, "data");
    json_raw_len(out, call->out->data, call->out->len);
    if (answer->total >= 0)
        json_put_int(out, "total", answer->total);
    if (answer->queue_state)
        json_put_text(out, "queue_state", answer->queue_state);
    json_object_end(out);
}

static void put_result(struct request *request, const struct mcp_message *message,
                       const struct call *call, enum err err)
{
    struct buf structured = {0}, text = {0};
    if (err)
        put_fault(&text, call->answer, err);
    else
        put_structured(&structured, call);
    const struct buf *shown = err ? &text : &structured;
    struct buf *out = request->out;
    mcp_result_begin(out, message, -1);
    json_key(out, "content");
    json_array(out);
    json_object(out);
    json_put_text(out, "type", "text");
    json_key(out, "text");
    json_text_len(out, shown->data, shown->len);
    json_object_end(out);
    json_array_end(out);
    if (!err) { /* an error does not have the shape that outputSchema promises */
        json_key(out, "structuredContent");
        json_raw_len(out, structured.data, structured.len);
    }
    json_put_bool(out, "isError", err != ERR_OK);
    buf_clear(&structured);
    buf_clear(&text);
}

enum mcp_code mcp_tools_call(struct request *request, struct mcp_message *message)
{
    const char *name = message->name ? message->name : "";
    const struct operation *operation = operation_find(name, strlen(name));
    if (!operation || !is_tool(operation)) {
        message->fault = arena_printf(request->arena, "Unknown tool: %s", name);
        return MCP_INVALID_PARAMS;
    }
    struct arguments arguments = {
        .arena = request->arena, .operation = operation, .idempotency_key = ""};
    struct buf path = {0}, answer = {0};
    bool good = !message->arguments.text || read_arguments(&arguments, &message->arguments);
    if (good) {
        if (arguments.has_body)
            json_object_end(&arguments.body);
        else if (operation->body)
            buf_adds(&arguments.body, "{}");
        buf_text(&arguments.body); /* the reader may look one byte behind the end */
        struct call call = {.operation = operation,
                            .path = make_path(&arguments, &path),
                            .query = buf_text(&arguments.query),
                            .idempotency_key = arguments.idempotency_key,
                            .body = &arguments.body,
                            .out = &answer};
        enum err err = request_call(request, &call);
        put_result(request, message, &call, err);
    } else {
        message->fault = "arguments must be an object";
    }
    buf_clear(&path);
    buf_clear(&answer);
    buf_clear(&arguments.query);
    buf_clear(&arguments.body);
    return good ? MCP_OK : MCP_INVALID_PARAMS;
}
