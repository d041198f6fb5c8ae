/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GET /openapi.json: the API description, written from the operation and field tables at the first
   request of a process. */
#include "api.h"
#include "openapi_private.h"

#include <string.h>

/* Texts that belong to no table. */
static const char info[] =
    "{\"title\":\"Costwright\",\"version\":\"" API_VERSION "\","
    "\"summary\":\"Self-hosted costing for manufactured parts that learns from actual costs.\","
    "\"description\":\"An environment (machines, rates) prices a part revision; the shop makes it "
    "and books what it cost; calibration learns the difference, so that the next quote is closer "
    "and carries an honest interval. Labeling closes a second loop: people check the predictions "
    "behind a quote, and agreed labels become ground truth.\\n\\nMoney of an environment is in its "
    "currency; fields that end in _eur are EUR. Times are seconds, hours only inside hourly rates. "
    "Shares and relative errors are fractions: 0.1 is 10 %. Dates are calendar days; timestamps "
    "are "
    "UTC. Members and operations that go beyond the documented surface carry x-costwright-added."
    "\\n\\nIn requests an explicit null for an optional member equals its absence, and unknown "
    "members and query parameters are refused. In answers every member is present, null where it "
    "does not apply. A path with and without a slash at its end is the same path.\\n\\nEvery "
    "answer "
    "that is not a success has the error envelope as its body; /docs/errors explains the codes."
    "\\n\\nExamples are what a test run sent and was answered, with stand-ins for ids, times and "
    "tokens, and lists cut to their first three items.\","
    "\"license\":{\"name\":\"GPL-3.0-or-later\",\"identifier\":\"GPL-3.0-or-later\"}}";

static const char tags[] =
    "[{\"name\":\"environments\",\"description\":\"Shops: machines, rates, validity.\"},"
    "{\"name\":\"calibration\",\"description\":\"Learning from actual costs and times.\"},"
    "{\"name\":\"labeling\",\"description\":\"People check predictions; agreed labels become "
    "ground "
    "truth.\"},"
    "{\"name\":\"ground-truth\",\"description\":\"Agreed labels.\"},"
    "{\"name\":\"machines\",\"description\":\"Machine definitions of the organisation.\"},"
    "{\"name\":\"parts\",\"description\":\"Parts and their revisions: process plans and "
    "predictions.\"},"
    "{\"name\":\"calculations\",\"description\":\"Quotes.\"},"
    "{\"name\":\"service\",\"description\":\"For operators and agents.\"}]";

static const char security_schemes[] =
    "{\"ApiKey\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-API-Key\","
    "\"description\":\"Made by costwrightctl key create.\"},"
    "\"Bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"The same key.\"},"
    "\"AnnotatorToken\":{\"type\":\"http\",\"scheme\":\"bearer\",\"description\":\"An annotator's "
    "session: may take and submit tasks of its campaign only.\"}}";

static const char parameters[] =
    "{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":false,"
    "\"x-costwright-added\":true,\"description\":\"1 to 255 printable ASCII characters. The same "
    "request with the same key has its effect once; a repetition within 24 hours gets the first "
    "answer.\",\"schema\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":257}},"
    "\"IfMatch\":{\"name\":\"If-Match\",\"in\":\"header\",\"required\":false,"
    "\"x-costwright-added\":true,\"description\":\"ETag of the resource as it was read: 412 where "
    "it has changed since.\",\"schema\":{\"type\":\"string\"}},"
    "\"IfNoneMatch\":{\"name\":\"If-None-Match\",\"in\":\"header\",\"required\":false,"
    "\"x-costwright-added\":true,\"description\":\"ETag that the caller has: 304 where it is still "
    "the present one.\",\"schema\":{\"type\":\"string\"}}}";

static const char headers[] =
    "{\"RequestId\":{\"description\":\"Names this request in the log; a caller's own X-Request-ID "
    "is kept.\",\"schema\":{\"type\":\"string\"}},"
    "\"ApiVersion\":{\"description\":\"Version of this description.\","
    "\"schema\":{\"type\":\"string\",\"const\":\"" API_VERSION "\"}},"
    "\"TotalCount\":{\"description\":\"Number of all items, beyond this page too.\","
    "\"schema\":{\"type\":\"integer\"}},"
    "\"ETag\":{\"description\":\"Strong tag of the resource's present state.\","
    "\"schema\":{\"type\":\"string\"}},"
    "\"QueueState\":{\"description\":\"With null: why there is no task.\","
    "\"schema\":{\"type\":\"string\",\"enum\":[\"drained\",\"all_claimed\",\"blocked\","
    "\"closed\"]}},"
    "\"IdempotentReplayed\":{\"description\":\"true: the stored answer of an earlier request with "
    "this Idempotency-Key.\",\"schema\":{\"type\":\"string\",\"const\":\"true\"}},"
    "\"Location\":{\"description\":\"Path at which what was created is shown.\","
    "\"schema\":{\"type\":\"string\"}},"
    "\"Authenticate\":{\"description\":\"How a key may be shown.\","
    "\"schema\":{\"type\":\"string\",\"const\":\"Bearer\"}},"
    "\"RateLimitPolicy\":{\"description\":\"The nearest of the limits, where there are any: whose, "
    "q requests in w seconds.\",\"schema\":{\"type\":\"string\"}},"
    "\"RateLimit\":{\"description\":\"r requests are left of it now, all again in t seconds.\","
    "\"schema\":{\"type\":\"string\"}},"
    "\"RetryAfter\":{\"description\":\"Seconds to wait.\",\"schema\":{\"type\":\"integer\"}}}";

static const char error_envelope[] =
    "{\"type\":\"object\",\"description\":\"Body of every answer that is not a success.\","
    "\"properties\":{\"error\":{\"type\":\"object\",\"description\":\"What is wrong.\","
    "\"properties\":{"
    "\"code\":{\"type\":\"string\",\"description\":\"Stable; see /docs/errors.\"},"
    "\"message\":{\"type\":\"string\",\"description\":\"What is wrong, for a person.\"},"
    "\"details\":{\"type\":\"object\",\"description\":\"By code, as described in /docs/errors.\","
    "\"properties\":{\"errors\":{\"type\":\"array\",\"description\":\"The first 50 flaws.\","
    "\"items\":{\"$ref\":\"#/components/schemas/ErrorFlaw\"}},"
    "\"total\":{\"type\":\"integer\",\"description\":\"Number of all flaws.\"},"
    "\"required\":{\"type\":\"string\",\"description\":\"The scope that is missing.\"},"
    "\"reason\":{\"type\":\"string\",\"description\":\"What stands in the way, as a word.\"},"
    "\"offset\":{\"type\":\"integer\",\"description\":\"Byte of the body at which it is no "
    "JSON.\"},"
    "\"limit_bytes\":{\"type\":\"integer\",\"description\":\"Most bytes of a body.\"},"
    "\"observed_bytes\":{\"type\":[\"integer\",\"null\"],\"description\":\"Bytes of this one; "
    "null: "
    "its length was not told.\"},"
    "\"limit\":{\"type\":\"integer\",\"description\":\"Most requests in the window.\"},"
    "\"window_seconds\":{\"type\":[\"integer\",\"null\"],\"description\":\"Seconds; null: at one "
    "time.\"}}},"
    "\"doc_url\":{\"type\":\"string\",\"description\":\"Where the code is explained.\"}},"
    "\"required\":[\"code\",\"message\",\"details\",\"doc_url\"]},"
    "\"request_id\":{\"type\":\"string\",\"description\":\"Equals X-Request-ID.\"}},"
    "\"required\":[\"error\",\"request_id\"]}";

static const char error_flaw[] =
    "{\"type\":\"object\",\"properties\":{\"loc\":{\"type\":\"array\",\"description\":\"Where: "
    "body, "
    "query, path or header, then names and positions, as in [\\\"body\\\", \\\"rows\\\", 17, "
    "\\\"actual\\\"].\",\"items\":{\"type\":[\"string\",\"integer\"]}},"
    "\"type\":{\"type\":\"string\",\"description\":\"Kind of flaw: missing, extra_forbidden, "
    "type_error, out_of_range, ...\"},\"message\":{\"type\":\"string\","
    "\"description\":\"What is wrong there, for a person.\"}},"
    "\"required\":[\"loc\",\"type\",\"message\"]}";

static bool is_first_of_path(const struct operation *operation)
{
    for (const struct operation *other = operations; other < operation; other++)
        if (!strcmp(other->path, operation->path))
            return false;
    return true;
}

static void put_method(struct buf *out, const struct operation *operation)
{
    char method[16] = "";
    for (size_t i = 0; i < sizeof method - 1 && operation->method[i]; i++)
        method[i] = (char)(operation->method[i] | 0x20);
    json_key(out, method);
    json_object(out);
    openapi_operation(out, operation);
    json_object_end(out);
}

static void put_paths(struct buf *out)
{
    json_key(out, "paths");
    json_object(out);
    for (const struct operation *first = operations; first < operations + n_operations; first++) {
        if (!is_first_of_path(first))
            continue;
        json_key(out, first->path);
        json_object(out);
        for (const struct operation *same = first; same < operations + n_operations; same++)
            if (!strcmp(same->path, first->path))
                put_method(out, same);
        json_object_end(out);
    }
    json_object_end(out);
}

static void put_components(struct buf *out)
{
    json_key(out, "components");
    json_object(out);
    json_key(out, "schemas");
    json_object(out);
    json_put_raw(out, "ErrorEnvelope", error_envelope);
    json_put_raw(out, "ErrorFlaw", error_flaw);
    openapi_schemas(out);
    json_object_end(out);
    json_key(out, "responses");
    json_object(out);
    openapi_error_responses(out);
    json_object_end(out);
    json_put_raw(out, "parameters", parameters);
    json_put_raw(out, "headers", headers);
    json_put_raw(out, "securitySchemes", security_schemes);
    json_object_end(out);
}

enum err openapi_show(struct request *request)
{
    static struct buf document; /* the tables do not change: kept for good */
    if (!document.len) {
        json_object(&document);
        json_put_text(&document, "openapi", "3.1.0");
        json_put_raw(&document, "info", info);
        json_put_raw(&document, "servers", "[{\"url\":\"/\"}]");
        json_put_raw(&document, "security", "[{\"ApiKey\":[]},{\"Bearer\":[]}]");
        json_put_raw(&document, "tags", tags);
        put_paths(&document);
        put_components(&document);
        json_object_end(&document);
    }
    buf_add(request->out, document.data, document.len);
    return ERR_OK;
}
