/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON-RPC messages of agents. Unknown members are passed over: the protocol lets clients add some.
 */
#include "config.h"
#include "mcp_private.h"

#include "arena.h"
#include "json_in.h"

#include <string.h>

#define META "io.modelcontextprotocol/"

static bool is(const char *name, const char *wanted)
{
    return !strcmp(name, wanted);
}

/* A text; any other value is passed over. */
static void read_text(struct json_in *in, const char **text)
{
    char *value;
    size_t len;
    if (json_in_peek(in) != JSON_STRING)
        json_in_skip(in, NULL, NULL);
    else if (json_in_string(in, &value, &len))
        *text = value;
}

static void read_meta(struct json_in *in, struct mcp_message *message)
{
    char *name;
    size_t len;
    if (json_in_peek(in) != JSON_OBJECT) {
        json_in_skip(in, NULL, NULL);
        return;
    }
    json_in_object(in);
    while (json_in_member(in, &name, &len)) {
        if (is(name, META "protocolVersion")) {
            read_text(in, &message->meta_version);
        } else {
            message->has_capabilities |=
                is(name, META "clientCapabilities") && json_in_peek(in) == JSON_OBJECT;
            json_in_skip(in, NULL, NULL);
        }
    }
}

static void read_params(struct request *request, struct json_in *in, struct mcp_message *message)
{
    char *name;
    const char *raw;
    size_t len;
    json_in_object(in);
    while (json_in_member(in, &name, &len)) {
        if (is(name, "_meta")) {
            read_meta(in, message);
        } else if (is(name, "protocolVersion")) {
            read_text(in, &message->version);
        } else if (is(name, "name")) {
            read_text(in, &message->name);
        } else if (is(name, "uri")) {
            read_text(in, &message->uri);
        } else if (is(name, "arguments") && json_in_skip(in, &raw, &len)) {
            message->arguments = (struct field_raw){arena_strndup(request->arena, raw, len), len};
        } else {
            json_in_skip(in, NULL, NULL);
        }
    }
}

/* "2.0", an id that is a text or a number, a method, params that are an object */
static const char *read_members(struct request *request, struct json_in *in,
                                struct mcp_message *message)
{
    const char *version = "", *fault = NULL, *raw;
    char *name;
    size_t len;
    json_in_object(in);
    while (json_in_member(in, &name, &len)) {
        enum json_kind kind = json_in_peek(in);
        if (is(name, "jsonrpc")) {
            read_text(in, &version);
        } else if (is(name, "method")) {
            read_text(in, &message->method);
        } else if (is(name, "id")) {
            if (!json_in_skip(in, &raw, &len))
                continue;
            if (kind == JSON_STRING || kind == JSON_NUMBER)
                message->id = arena_strndup(request->arena, raw, len);
            else
                fault = "id must be a text or a number"; /* and null in the answer */
        } else if (is(name, "params") && kind == JSON_OBJECT) {
            read_params(request, in, message);
        } else {
            if (is(name, "params"))
                fault = "params must be an object";
            json_in_skip(in, NULL, NULL);
        }
    }
    if (strcmp(version, "2.0") != 0)
        return "jsonrpc must be \"2.0\"";
    return fault ? fault : message->method ? NULL : "there is no method";
}

enum mcp_code mcp_message_read(struct request *request, struct mcp_message *message)
{
    struct json_in in;
    const char *fault = NULL;
    enum mcp_code code = MCP_INVALID_REQUEST;
    *message = (struct mcp_message){0};
    json_in_open(&in, (char *)request->raw.text, request->raw.len);
    if (json_in_peek(&in) == JSON_OBJECT) {
        fault = read_members(request, &in, message);
    } else {
        json_in_skip(&in, NULL, NULL);
        fault = "one message, an object, is expected";
    }
    if (!in.failed)
        json_in_finish(&in);
    if (in.failed) {
        code = MCP_PARSE_ERROR;
        fault = arena_printf(request->arena, "not strict JSON: %s at byte %zu", in.why, in.where);
    }
    json_in_close(&in);
    message->fault = fault;
    return fault ? code : MCP_OK;
}

void mcp_result_begin(struct buf *out, const struct mcp_message *message, int64_t cache_ms)
{
    json_key(out, "result");
    json_object(out);
    if (!message->modern)
        return;
    json_put_text(out, "resultType", "complete");
    json_put_raw(out, "_meta",
                 "{\"" META "serverInfo\":{\"name\":\"costwright\",\"version\":\"" PACKAGE_VERSION
                 "\"}}");
    if (cache_ms < 0)
        return;
    json_put_int(out, "ttlMs", cache_ms);
    json_put_text(out, "cacheScope", "private");
}
