/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /mcp-server/mcp: tools and resources for agents, Model Context Protocol over HTTP, answers
   in JSON, no sessions. Both eras: the modern one says version and method in every request, in body
   and headers; the legacy one begins with initialize. */
#include "config.h"
#include "mcp_private.h"

#include "api.h"
#include "arena.h"
#include "settings.h"

#include <sodium.h>
#include <string.h>

#define HOUR_MS  (INT64_C(3600) * 1000)
#define NO_CACHE (-1)
#define SERVER_IS                                                                                  \
    "\"name\":\"costwright\",\"title\":\"Costwright\",\"version\":\"" PACKAGE_VERSION "\""

static const char capabilities[] = "{\"tools\":{},\"resources\":{}}";

static bool is_on_this_machine(const char *origin)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = strstr(origin, "://");
    for (size_t i = 0; host && i < sizeof hosts / sizeof *hosts; i++) {
        size_t len = strlen(hosts[i]);
        if (!strncasecmp(host + 3, hosts[i], len) && strchr(":", host[3 + len]))
            return true;
    }
    return false;
}

/* Pages of other sites must not speak through a browser that can reach this server. The Host header
   proves nothing: a site may have its own name resolve to this server's address. */
static bool origin_is_allowed(const struct request *request)
{
    const char *origin = request_header(request, "ORIGIN");
    size_t len = strlen(origin);
    if (!len || is_on_this_machine(origin))
        return true;
    for (const char *at = request->settings->mcp_origins; *at;) {
        size_t n = strcspn(at, ", ");
        if (n == len && !strncasecmp(at, origin, n))
            return true;
        at += n + (at[n] != 0);
    }
    return false;
}

static bool is_legacy(const char *version)
{
    return !strcmp(version, "2025-11-25") || !strcmp(version, "2025-06-18") ||
           !strcmp(version, "2025-03-26");
}

static enum mcp_code discover(struct request *request, struct mcp_message *message)
{
    mcp_result_begin(request->out, message, HOUR_MS);
    json_put_raw(request->out, "supportedVersions", MCP_VERSIONS);
    json_put_raw(request->out, "capabilities", capabilities);
    json_put_text(request->out, "instructions", mcp_instructions);
    return MCP_OK;
}

static enum mcp_code initialize(struct request *request, struct mcp_message *message)
{
    bool known = message->version && is_legacy(message->version);
    mcp_result_begin(request->out, message, NO_CACHE);
    json_put_text(request->out, "protocolVersion", known ? message->version : MCP_LEGACY);
    json_put_raw(request->out, "capabilities", capabilities);
    json_put_raw(request->out, "serverInfo", "{" SERVER_IS "}");
    json_put_text(request->out, "instructions", mcp_instructions);
    return MCP_OK;
}

static enum mcp_code ping(struct request *request, struct mcp_message *message)
{
    mcp_result_begin(request->out, message, NO_CACHE);
    return MCP_OK;
}

enum era {
    MODERN = 1,
    LEGACY = 2,
};

static const struct method {
    const char *name;
    unsigned eras;
    enum mcp_code (*answer)(struct request *request, struct mcp_message *message);
} methods[] = {
    {"server/discover", MODERN, discover},
    {"initialize", LEGACY, initialize},
    {"ping", LEGACY, ping},
    {"tools/list", MODERN | LEGACY, mcp_tools_list},
    {"tools/call", MODERN | LEGACY, mcp_tools_call},
    {"resources/list", MODERN | LEGACY, mcp_resources_list},
    {"resources/templates/list", MODERN | LEGACY, mcp_resources_templates},
    {"resources/read", MODERN | LEGACY, mcp_resources_read},
};

/* Mcp-Name may stand as =?base64?...?= */
static bool header_equals(struct request *request, const char *header, const char *text)
{
    static const char mark[] = "=?base64?";
    size_t len = strlen(header);
    if (strncmp(header, mark, sizeof mark - 1) != 0 || len < sizeof mark + 1 ||
        strcmp(header + len - 2, "?=") != 0)
        return !strcmp(header, text);
    char *decoded = arena_alloc(request->arena, len);
    size_t n;
    return !sodium_base642bin((unsigned char *)decoded, len - 1, header + sizeof mark - 1,
                              len - sizeof mark + 1 - 2, NULL, &n, NULL,
                              sodium_base64_VARIANT_ORIGINAL) &&
           n == strlen(text) && !memcmp(decoded, text, n);
}

static enum mcp_code refuse(struct mcp_message *message, enum mcp_code code, const char *fault)
{
    message->fault = fault;
    return code;
}

/* What the modern era wants of every request: headers and body say the same. */
static enum mcp_code check_modern(struct request *request, struct mcp_message *message,
                                  const char *header)
{
    const char *version = message->meta_version;
    if (version && strcmp(header, version) != 0)
        return refuse(message, MCP_HEADER_MISMATCH,
                      "Header mismatch: MCP-Protocol-Version must equal the version in _meta.");
    if (strcmp(header, MCP_MODERN) != 0)
        return refuse(message, MCP_UNSUPPORTED_VERSION, "Unsupported protocol version");
    if (!version || !message->has_capabilities)
        return refuse(message, MCP_INVALID_PARAMS,
                      "params._meta must hold io.modelcontextprotocol/protocolVersion and "
                      "io.modelcontextprotocol/clientCapabilities.");
    if (!message->id)
        return MCP_OK; /* which headers a notification carries is not defined */
    if (!header_equals(request, request_header(request, "MCP_METHOD"), message->method))
        return refuse(message, MCP_HEADER_MISMATCH,
                      "Header mismatch: Mcp-Method must equal the method.");
    bool names_tool = !strcmp(message->method, "tools/call");
    bool names_resource = !strcmp(message->method, "resources/read");
    const char *name = names_tool ? message->name : names_resource ? message->uri : NULL;
    if ((names_tool || names_resource) &&
        !header_equals(request, request_header(request, "MCP_NAME"), name ? name : ""))
        return refuse(message, MCP_HEADER_MISMATCH,
                      "Header mismatch: Mcp-Name must equal params.name or params.uri.");
    return MCP_OK;
}

static enum mcp_code answer(struct request *request, struct mcp_message *message)
{
    const char *header = request_header(request, "MCP_PROTOCOL_VERSION");
    message->modern = message->meta_version || (*header && !is_legacy(header));
    if (message->modern) {
        enum mcp_code code = check_modern(request, message, header);
        if (code)
            return code;
    }
    if (!message->id) { /* a notification: nothing here listens to any */
        buf_reset(request->out, request->out->cap);
        request->status = 202;
        return MCP_OK;
    }
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, message->method) != 0 ||
            !(methods[i].eras & (message->modern ? MODERN : LEGACY)))
            continue;
        enum mcp_code code = methods[i].answer(request, message);
        if (!code)
            json_object_end(request->out);
        return code;
    }
    return refuse(message, MCP_UNKNOWN_METHOD, "Method not found");
}

static int status_of(enum mcp_code code, const struct mcp_message *message)
{
    if (code == MCP_UNKNOWN_METHOD && message->modern)
        return 404;
    bool about_metadata = code == MCP_INVALID_PARAMS && message->modern &&
                          (!message->meta_version || !message->has_capabilities);
    bool told = code == MCP_UNKNOWN_METHOD || code == MCP_INVALID_PARAMS || code == MCP_INTERNAL;
    return told && !about_metadata ? 200 : 400;
}

static void put_envelope(struct request *request, const struct mcp_message *message)
{
    buf_reset(request->out, request->out->cap);
    json_object(request->out);
    json_put_text(request->out, "jsonrpc", "2.0");
    json_put_raw(request->out, "id", message->id);
}

/* A header may hold any byte; what is said back of it is text. */
static const char *ascii_header(const struct request *request, const char *name)
{
    char *text = arena_strdup(request->arena, request_header(request, name));
    for (char *p = text; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            *p = '?';
    return text;
}

static void put_error(struct request *request, enum mcp_code code,
                      const struct mcp_message *message)
{
    struct buf *out = request->out;
    put_envelope(request, message);
    json_key(out, "error");
    json_object(out);
    json_put_int(out, "code", code);
    json_put_text(out, "message", message->fault);
    if (code == MCP_UNSUPPORTED_VERSION) {
        json_key(out, "data");
        json_object(out);
        json_put_raw(out, "supported", MCP_VERSIONS);
        json_put_text(out, "requested", ascii_header(request, "MCP_PROTOCOL_VERSION"));
        json_object_end(out);
    }
    json_object_end(out);
    json_object_end(out);
}

enum err mcp_message(struct request *request)
{
    struct mcp_message message = {.fault = "This Origin may not use the agent endpoint."};
    if (!origin_is_allowed(request)) {
        put_error(request, MCP_INVALID_REQUEST, &message);
        request->status = 403;
        return ERR_OK;
    }
    enum mcp_code code = mcp_message_read(request, &message);
    if (!code) {
        put_envelope(request, &message);
        code = answer(request, &message);
    }
    if (code) {
        put_error(request, code, &message);
        request->status = status_of(code, &message);
    } else if (message.id) {
        json_object_end(request->out);
    }
    return ERR_OK;
}
