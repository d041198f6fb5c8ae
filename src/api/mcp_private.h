/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by the files of the agent endpoint (Model Context Protocol over HTTP). */
#ifndef COSTWRIGHT_MCP_PRIVATE_H
#define COSTWRIGHT_MCP_PRIVATE_H

#include "request.h"

#define MCP_MODERN   "2026-07-28" /* metadata in every request, no sessions */
#define MCP_LEGACY   "2025-11-25" /* newest of those that begin with initialize */
#define MCP_VERSIONS "[\"2026-07-28\",\"2025-11-25\",\"2025-06-18\",\"2025-03-26\"]"

/* JSON-RPC 2.0 and MCP error codes */
enum mcp_code {
    MCP_OK = 0,
    MCP_PARSE_ERROR = -32700,
    MCP_INVALID_REQUEST = -32600,
    MCP_UNKNOWN_METHOD = -32601,
    MCP_INVALID_PARAMS = -32602,
    MCP_INTERNAL = -32603,
    MCP_HEADER_MISMATCH = -32020,
    MCP_UNSUPPORTED_VERSION = -32022,
};

/* One message, as far as this endpoint reads it. Texts are NULL where absent. */
struct mcp_message {
    const char *id; /* JSON text of a string or number; NULL: a notification */
    const char *method;
    const char *meta_version; /* params._meta: the modern way to say the version */
    bool has_capabilities;    /* params._meta */
    const char *version;      /* params of initialize */
    const char *name, *uri;   /* params of tools/call and resources/read */
    struct field_raw arguments;
    bool modern;
    const char *fault; /* why a call failed, for a person; arena */
};

/* mcp_message.c: MCP_PARSE_ERROR, MCP_INVALID_REQUEST or MCP_INVALID_PARAMS with fault set. */
enum mcp_code mcp_message_read(struct request *request, struct mcp_message *message);
/* "result": and its object's members that every result has; cacheable ones say for how long. */
void mcp_result_begin(struct buf *out, const struct mcp_message *message, int64_t cache_ms);

/* Each writes the members of its result behind mcp_result_begin. */
enum mcp_code mcp_tools_list(struct request *request, struct mcp_message *message);
enum mcp_code mcp_tools_call(struct request *request, struct mcp_message *message);
enum mcp_code mcp_resources_list(struct request *request, struct mcp_message *message);
enum mcp_code mcp_resources_templates(struct request *request, struct mcp_message *message);
enum mcp_code mcp_resources_read(struct request *request, struct mcp_message *message);

/* mcp_guides.c */
struct mcp_guide {
    const char *name, *title, *help, *text; /* Markdown */
};
extern const struct mcp_guide mcp_guides[];
extern const size_t mcp_n_guides;
extern const char mcp_instructions[];

#endif
