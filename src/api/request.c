/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How handlers fail and answer. */
#include "request.h"

#include "api.h"
#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PIECE_BYTES ((size_t)256 * 1024) /* a shorter answer goes out whole, with its length */

static const char *format_text(struct arena *arena, const char *format, va_list args)
{
    if (!format)
        return NULL;
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

enum err request_fail(struct request *request, enum err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    request->fail_message = format_text(request->arena, format, args);
    va_end(args);
    return err;
}

enum err request_conflict(struct request *request, const char *reason, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    request->fail_message = format_text(request->arena, format, args);
    va_end(args);
    request->fail_details = arena_printf(request->arena, "{\"reason\":\"%s\"}", reason);
    return ERR_CONFLICT;
}

void request_flaw(struct request *request, const char *key, const char *type, const char *format,
                  ...)
{
    va_list args;
    va_start(args, format);
    const char *text = format_text(request->arena, format, args);
    va_end(args);
    const struct field_path body = {.key = "body"};
    flaw_add_at(request->flaws, &body, key, type, "%s", text);
}

enum err request_flawed(struct request *request)
{
    return request->flaws->total ? ERR_VALIDATION_ERROR : ERR_OK;
}

enum err request_transact(struct request *request,
                          enum err (*body)(struct request *request, void *context), void *context,
                          bool last)
{
    return request->transact(request, body, context, last);
}

enum err request_alone(struct request *request,
                       enum err (*body)(struct request *request, void *context), void *context)
{
    return request->alone(request, body, context);
}

enum err request_call(struct request *request, struct call *call)
{
    return request->call(request, call);
}

enum err request_send(struct request *request)
{
    return request->send && request->out->len >= PIECE_BYTES ? request->send(request) : ERR_OK;
}

const char *request_header(const struct request *request, const char *name)
{
    return request->header(request, name);
}

static const struct field page_fields[] = {API_PAGE(0, FIELD_ADDED)};
static const struct field environment_page_fields[] = {API_PAGE(0, 0)};
static const struct field limit_fields[] = {API_PAGE_OR_ALL(0)};

const struct shape shape_page = {
    .name = "Page", SHAPE_OF(struct store_page, page_fields), .nulls = SHAPE_NO_NULLS};
const struct shape shape_environment_page = {.name = "EnvironmentPage",
                                             SHAPE_OF(struct store_page, environment_page_fields),
                                             .nulls = SHAPE_NO_NULLS};
const struct shape shape_limit = {
    .name = "OptionalPage", SHAPE_OF(struct store_page, limit_fields), .nulls = SHAPE_NO_NULLS};

static const struct field message_fields[] = {
    {FIELD_OF(struct api_message, message), .kind = FIELD_TEXT, .help = "What was done, in words."},
};

const struct shape shape_message = {
    .name = "Message", SHAPE_OF(struct api_message, message_fields), .nulls = SHAPE_NO_NULLS};

enum err api_answer(struct request *request, const void *thing)
{
    field_write(request->out, request->operation->answer, thing);
    return ERR_OK;
}

enum err api_answer_created(struct request *request, const struct uuid *id, const void *thing)
{
    const struct uuid *in_path = request->id;
    const char *path = request->operation->path, *place;
    struct buf location = {0};
    char text[UUID_TEXT];
    for (; (place = strchr(path, '{')); path = strchr(place, '}') + 1) {
        uuid_text(in_path++, text);
        buf_add(&location, path, (size_t)(place - path));
        buf_adds(&location, text);
    }
    uuid_text(id, text);
    buf_printf(&location, "%s/%s", path, text);
    request->location = field_raw_take(request->arena, &location).text;
    return api_answer(request, thing);
}

enum err api_say(struct request *request, const char *text)
{
    const struct api_message message = {text};
    return api_answer(request, &message);
}

enum err api_unknown_reference(struct request *request, const char *key, enum err err)
{
    if (err != ERR_NOT_FOUND)
        return err;
    request_flaw(request, key, "unknown_reference", "there is no such resource");
    return ERR_VALIDATION_ERROR;
}
