/* SPDX-License-Identifier: GPL-3.0-or-later */
/* API description: one operation, and the errors it can end with. */
#include "openapi_private.h"

#include "arena.h"
#include "field.h"
#include "operation_schema.h"
#include "terms.h"

#include <string.h>

/* Which errors an operation can end with, from what it takes and needs. 405, 414 and 431 belong to
   no operation: they are about requests that never reach one. */
static bool can_end_with(const struct operation *operation, enum err err)
{
    bool keyed = operation->scope != SCOPE_NONE;
    bool mutates = operation_mutates(operation);
    switch (err) {
    case ERR_BAD_REQUEST:
        return mutates || operation->body;
    case ERR_REQUEST_TIMEOUT:
    case ERR_PAYLOAD_TOO_LARGE:
    case ERR_UNSUPPORTED_MEDIA_TYPE:
        return mutates || operation->body || operation->flags & OP_RAW;
    case ERR_INVALID_API_KEY:
    case ERR_RATE_LIMITED: /* who redeems a token may be refused like who shows a key */
        return keyed || operation->flags & OP_SECRET;
    case ERR_INSUFFICIENT_SCOPE:
        return keyed;
    case ERR_NOT_FOUND:
        return strchr(operation->path, '{');
    case ERR_CONFLICT:
    case ERR_IDEMPOTENCY_CONFLICT: /* who redeems a token is known by the body alone */
        return mutates && keyed;
    case ERR_IDEMPOTENCY_IN_FLIGHT:
        return mutates;
    case ERR_PRECONDITION_FAILED:
        return mutates && operation_twin(operation);
    case ERR_METHOD_NOT_ALLOWED:
    case ERR_URI_TOO_LONG:
    case ERR_HEADERS_TOO_LARGE:
        return false;
    default:
        return true;
    }
}

static void put_ref(struct buf *out, const char *room, const char *name)
{
    struct buf target = {0};
    buf_printf(&target, "#/components/%s/%s", room, name);
    json_put_text(out, "$ref", buf_text(&target));
    buf_clear(&target);
}

static void put_header_ref(struct buf *out, const char *header, const char *name)
{
    json_key(out, header);
    json_object(out);
    put_ref(out, "headers", name);
    json_object_end(out);
}

static void put_limit_refs(struct buf *out)
{
    put_header_ref(out, "RateLimit-Policy", "RateLimitPolicy");
    put_header_ref(out, "RateLimit", "RateLimit");
}

static void put_parameter_ref(struct buf *out, const char *name)
{
    json_object(out);
    put_ref(out, "parameters", name);
    json_object_end(out);
}

static void put_parameter(struct buf *out, const char *in, const char *name, size_t len,
                          const char *help, bool required)
{
    json_key(out, "name");
    json_text_len(out, name, len);
    json_put_text(out, "in", in);
    json_put_bool(out, "required", required);
    if (help)
        json_put_text(out, "description", help);
}

/* what a query parameter means stands beside its schema */
static const struct field_style bare = {.refer = openapi_ref};

static void put_parameters(struct buf *out, const struct operation *operation)
{
    json_key(out, "parameters");
    json_array(out);
    const char *path = operation->path, *name;
    size_t len;
    while ((name = operation_parameter(&path, &len))) {
        json_object(out);
        put_parameter(out, "path", name, len, operation_parameter_help(name, len), true);
        json_key(out, "schema");
        json_object(out);
        operation_parameter_schema(out, name, len);
        json_object_end(out);
        json_object_end(out);
    }
    for (size_t i = 0; operation->query && i < operation->query->n; i++) {
        /* null cannot be said in a query; what it is and whose stands beside the schema */
        struct field field = operation->query->fields[i];
        json_object(out);
        put_parameter(out, "query", field.name, strlen(field.name),
                      field.help ? field.help : term_help(field.name),
                      field.flags & FIELD_REQUIRED);
        if (field.flags & FIELD_ADDED)
            json_put_bool(out, ADDED, true);
        field.help = NULL;
        field.flags = (field.flags | FIELD_REQUIRED) & ~(unsigned)FIELD_ADDED;
        json_key(out, "schema");
        field_schema_value(out, &field, false, &bare);
        json_object_end(out);
    }
    if (operation_mutates(operation))
        put_parameter_ref(out, "IdempotencyKey");
    if (operation_mutates(operation) && operation_twin(operation))
        put_parameter_ref(out, "IfMatch");
    if (operation->flags & OP_RESOURCE)
        put_parameter_ref(out, "IfNoneMatch");
    json_array_end(out);
}

static void put_content(struct buf *out)
{
    json_key(out, "content");
    json_object(out);
    json_key(out, "application/json");
    json_object(out);
    json_key(out, "schema");
    json_object(out);
}

static const char *find_example(const struct operation *operation, bool answer)
{
    for (size_t i = 0; i < openapi_n_examples; i++)
        if (openapi_examples[i].answer == answer &&
            !strcmp(openapi_examples[i].operation, operation->name))
            return openapi_examples[i].text;
    return NULL;
}

static void put_schema_end(struct buf *out, const char *example)
{
    json_object_end(out);
    if (example)
        json_put_raw(out, "example", example);
    json_object_end(out);
}

/* The same in forms that are lines of text. */
static void put_text_form(struct buf *out, const char *type, const char *help)
{
    json_key(out, type);
    json_object(out);
    json_key(out, "schema");
    json_object(out);
    json_put_text(out, "type", "string");
    json_put_text(out, "description", help);
    json_object_end(out);
    json_object_end(out);
}

static void put_any_object(struct buf *out)
{
    json_put_text(out, "type", "object");
    json_put_bool(out, "additionalProperties", true);
}

static void put_body(struct buf *out, const struct operation *operation)
{
    if (!operation->body && !(operation->flags & OP_RAW))
        return;
    json_key(out, "requestBody");
    json_object(out);
    json_put_bool(out, "required", true);
    put_content(out);
    if (operation->body)
        json_put_text(out, "$ref", openapi_ref(operation->body, false));
    else
        put_any_object(out);
    put_schema_end(out, find_example(operation, false));
    if (operation->flags & OP_CSV)
        put_text_form(out, "text/csv",
                      "The list: a line of its members' names, then an item a line; comma, "
                      "semicolon or tab. What stands beside the list goes into the query.");
    json_object_end(out);
    json_object_end(out);
}

static void put_answer_schema(struct buf *out, const struct operation *operation)
{
    if (!operation->answer) {
        put_any_object(out);
        return;
    }
    const char *ref = openapi_ref(operation->answer, true);
    if (operation->flags & OP_LIST) {
        json_put_text(out, "type", "array");
        json_key(out, "items");
        json_object(out);
        json_put_text(out, "$ref", ref);
        json_object_end(out);
    } else if (operation->flags & OP_MAYBE_NULL) {
        json_key(out, "anyOf");
        json_array(out);
        json_object(out);
        json_put_text(out, "$ref", ref);
        json_object_end(out);
        json_object(out);
        json_put_text(out, "type", "null");
        json_object_end(out);
        json_array_end(out);
    } else {
        json_put_text(out, "$ref", ref);
    }
}

static void put_status(struct buf *out, int status)
{
    struct buf key = {0};
    buf_printf(&key, "%d", status);
    json_key(out, buf_text(&key));
    buf_clear(&key);
}

static void put_success(struct buf *out, const struct operation *operation)
{
    put_status(out, operation->status);
    json_object(out);
    json_put_text(out, "description",
                  operation->status == 201               ? "What was created."
                  : operation->flags & OP_LIST           ? "The list."
                  : !strcmp(operation->method, "DELETE") ? "It is done."
                                                         : "The answer.");
    json_key(out, "headers");
    json_object(out);
    put_header_ref(out, "X-Request-ID", "RequestId");
    put_header_ref(out, "X-API-Version", "ApiVersion");
    if (operation->scope != SCOPE_NONE)
        put_limit_refs(out);
    if (operation->flags & OP_LIST)
        put_header_ref(out, "X-Total-Count", "TotalCount");
    if (operation->flags & OP_RESOURCE)
        put_header_ref(out, "ETag", "ETag");
    if (operation->flags & OP_LOCATED)
        put_header_ref(out, "Location", "Location");
    if (operation->flags & OP_MAYBE_NULL)
        put_header_ref(out, "X-Queue-State", "QueueState");
    if (operation_mutates(operation))
        put_header_ref(out, "Idempotent-Replayed", "IdempotentReplayed");
    json_object_end(out);
    put_content(out);
    put_answer_schema(out, operation);
    put_schema_end(out, find_example(operation, true));
    if (operation->flags & OP_EXPORT) {
        put_text_form(out, "application/x-ndjson", "An item a line.");
        put_text_form(out, "text/csv", "A line of names, then an item a line.");
    }
    json_object_end(out);
    json_object_end(out);
    if (operation->flags & OP_RESOURCE) {
        json_key(out, "304");
        json_object(out);
        json_put_text(out, "description", "If-None-Match names the present state; no body.");
        json_object_end(out);
    }
}

/* What agents speak has errors of its own, JSON-RPC's. */
static void put_agent_answers(struct buf *out)
{
    static const struct {
        const char *status, *help;
    } refusals[] = {
        {"400", "No message, or headers that say something else: an error of JSON-RPC."},
        {"404", "An unknown method, said by 2026-07-28: an error of JSON-RPC."},
    };
    json_put_raw(out, "202", "{\"description\":\"A notification was taken; no body.\"}");
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        json_key(out, refusals[i].status);
        json_object(out);
        json_put_text(out, "description", refusals[i].help);
        put_content(out);
        put_any_object(out);
        put_schema_end(out, NULL);
        json_object_end(out);
        json_object_end(out);
    }
}

/* The catalogue lists the errors of one status one after the other. */
static bool begins_status(enum err err)
{
    return err_status(err) != err_status(err - 1);
}

static void put_error_name(struct buf *name, enum err err)
{
    buf_reset(name, name->cap);
    buf_printf(name, "Error%d", err_status(err));
    buf_text(name);
}

static void put_errors(struct buf *out, const struct operation *operation)
{
    struct buf name = {0};
    for (enum err err = ERR_OK + 1; err < ERR_RETRY; err++) {
        if (!begins_status(err) || !can_end_with(operation, err))
            continue;
        put_error_name(&name, err);
        put_status(out, err_status(err));
        json_object(out);
        put_ref(out, "responses", name.data);
        json_object_end(out);
    }
    buf_clear(&name);
}

static void put_security(struct buf *out, const struct operation *operation)
{
    if (operation->scope == SCOPE_NONE) {
        json_put_raw(out, "security", "[]");
        return;
    }
    if (operation->flags & OP_ANNOTATOR)
        json_put_raw(out, "security", "[{\"ApiKey\":[]},{\"Bearer\":[]},{\"AnnotatorToken\":[]}]");
    /* any of them; the required one of a 403 first */
    json_key(out, "x-costwright-scopes");
    json_array(out);
    for (enum scope scope = SCOPE_READ; scope <= SCOPE_ADMIN; scope *= 2)
        if (operation->scope & scope)
            json_text(out, operation_scope(scope));
    if (operation->flags & OP_ADMIN_ALSO)
        json_text(out, operation_scope(SCOPE_ADMIN));
    json_array_end(out);
}

void openapi_operation(struct buf *out, const struct operation *operation)
{
    const char *tag = operation_tag(operation);
    json_put_text(out, "operationId", operation->name);
    json_key(out, "tags");
    json_array(out);
    json_text(out, tag);
    json_array_end(out);
    json_put_text(out, "summary", operation->summary);
    if (operation->description)
        json_put_text(out, "description", operation->description);
    if (!(operation->flags & OP_DOCUMENTED))
        json_put_bool(out, ADDED, true);
    put_security(out, operation);
    put_parameters(out, operation);
    put_body(out, operation);
    json_key(out, "responses");
    json_object(out);
    put_success(out, operation);
    if (operation->flags & OP_RAW)
        put_agent_answers(out);
    put_errors(out, operation);
    json_object_end(out);
}

void openapi_error_responses(struct buf *out)
{
    struct buf name = {0}, text = {0};
    for (enum err err = ERR_OK + 1; err < ERR_RETRY; err++) {
        if (!begins_status(err))
            continue;
        put_error_name(&name, err);
        json_key(out, name.data);
        json_object(out);
        buf_reset(&text, text.cap);
        for (enum err same = err; err_status(same) == err_status(err); same++)
            buf_printf(&text, "%s`%s`: %s %s", same == err ? "" : "\n\n", err_code(same),
                       err_message(same), err_mend(same));
        json_put_text(out, "description", buf_text(&text));
        json_key(out, "x-codes");
        json_array(out);
        for (enum err same = err; err_status(same) == err_status(err); same++)
            json_text(out, err_code(same));
        json_array_end(out);
        json_key(out, "headers");
        json_object(out);
        put_header_ref(out, "X-Request-ID", "RequestId");
        put_header_ref(out, "X-API-Version", "ApiVersion");
        if (err == ERR_RATE_LIMITED)
            put_limit_refs(out);
        if (err == ERR_INVALID_API_KEY)
            put_header_ref(out, "WWW-Authenticate", "Authenticate");
        /* of the conflicts one does: another request with the key still runs */
        if (err_status(err) == 409 || err_status(err) == 429 || err_status(err) >= 502)
            put_header_ref(out, "Retry-After", "RetryAfter");
        json_object_end(out);
        put_content(out);
        put_ref(out, "schemas", "ErrorEnvelope");
        put_schema_end(out, NULL);
        json_object_end(out);
        json_object_end(out);
    }
    buf_clear(&name);
    buf_clear(&text);
}
