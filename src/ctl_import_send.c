/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the operation of the HTTP interface in this process: the same checks, the same rules. */
#include "ctl_import.h"

#include "arena.h"
#include "buf.h"
#include "calibrate_shapes.h"
#include "json_in.h"
#include "request.h"
#include "store_db.h"

#include <stdlib.h>
#include <string.h>

#define TRIES 5 /* of a call that finds the calibration changed under it */

/* A request that came through no server. */
struct sending {
    struct request request;
    struct flaws flaws;
    struct buf body, out;
    bool stored;
};

/* The only list of objects of the body, which the rows go into. */
static const struct field *list_of(const struct operation *operation)
{
    for (size_t i = 0; i < operation->body->n; i++)
        if (operation->body->fields[i].kind == FIELD_LIST)
            return &operation->body->fields[i];
    abort();
}

/* json is read in place. */
static void read_shape(struct flaws *flaws, const struct shape *shape, char *json, size_t len,
                       const char *root, void *thing)
{
    const struct field_path path = {.key = root};
    struct json_in in;
    json_in_open(&in, json, len);
    field_read(&in, shape, thing, flaws, &path);
    if (!in.failed)
        json_in_finish(&in);
    if (in.failed)
        flaw_add(flaws, &path, "malformed", "%s", in.why);
    json_in_close(&in);
}

/* ["row","quantity"] in words */
static const char *flaw_words(struct arena *arena, const struct flaw *flaw)
{
    const char *last = strrchr(flaw->loc, ',');
    size_t len = last ? strcspn(last + 1, "]") : 0;
    if (len > 2 && last[1] == '"')
        return arena_printf(arena, "%.*s: %s", (int)len - 2, last + 2, flaw->message);
    return flaw->message;
}

const char *import_check(const struct operation *operation, struct arena *arena, const char *json)
{
    const struct shape *shape = list_of(operation)->shape;
    struct flaws flaws = {.arena = arena};
    const char *reason = NULL;
    size_t len = strlen(json);
    read_shape(&flaws, shape, arena_strndup(arena, json, len), len, "row",
               arena_alloc(arena, shape->size));
    for (size_t i = 0; i < flaws.total && i < FLAWS_KEPT; i++) {
        const char *words = flaw_words(arena, &flaws.kept[i]);
        reason = reason ? arena_printf(arena, "%s; %s", reason, words) : words;
    }
    return reason;
}

struct effect {
    struct sending *sending;
    enum err (*body)(struct request *request, void *context);
    void *context;
};

static enum err run_effect(void *context)
{
    struct effect *effect = context;
    struct sending *sending = effect->sending;
    buf_reset(&sending->out, sending->out.cap);
    sending->flaws.total = 0;
    sending->request.fail_message = sending->request.fail_details = NULL;
    return effect->body(&sending->request, effect->context);
}

static enum err transact(struct request *request,
                         enum err (*body)(struct request *request, void *context), void *context,
                         bool last)
{
    struct sending *sending = (struct sending *)request;
    struct effect effect = {sending, body, context};
    bool unknown;
    enum err err = db_transact(request->db, run_effect, &effect, &unknown);
    sending->stored |= last && !err;
    if (err && unknown)
        return request_fail(request, err,
                            "the database went away while it stored the rows: whether they are "
                            "there is not known");
    return err;
}

static enum err no_call(struct request *request, struct call *call)
{
    (void)call;
    return request_fail(request, ERR_INTERNAL, NULL);
}

static const char *no_header(const struct request *request, const char *name)
{
    (void)request;
    (void)name;
    return "";
}

static void write_body(struct import_call *call, struct buf *body)
{
    buf_reset(body, body->cap);
    json_object(body);
    json_key(body, list_of(call->operation)->name);
    json_array(body);
    for (size_t i = 0; i < call->n; i++)
        if (!call->rows[i].reason)
            json_raw(body, call->rows[i].json);
    json_array_end(body);
    json_put_text(body, "mode", call->replace ? "replace" : "add");
    if (call->alpha)
        json_put_raw(body, "target_alpha", call->alpha);
    json_object_end(body);
    buf_text(body);
}

static enum err run(struct import_call *call, struct sending *sending, struct arena *work)
{
    const struct operation *operation = call->operation;
    struct calibration_query query;
    struct request *request = &sending->request;
    void *body = arena_alloc(work, operation->body->size);
    field_defaults(operation->query, &query);
    query.dry_run = call->dry_run;
    *request = (struct request){
        .arena = work,
        .db = call->ctl->db,
        .settings = call->ctl->settings,
        .operation = operation,
        .id = {call->env},
        .query = &query,
        .body = body,
        .caller = {.org = call->org, .scopes = SCOPE_READ | SCOPE_WRITE},
        .now = time_now(),
        .accept = "",
        .secret = "",
        .out = &sending->out,
        .status = operation->status,
        .total = -1,
        .flaws = &sending->flaws,
        .transact = transact,
        .call = no_call,
        .header = no_header,
    };
    sending->flaws = (struct flaws){.arena = work};
    sending->stored = false;
    buf_reset(&sending->out, sending->out.cap);
    write_body(call, &sending->body);
    read_shape(&sending->flaws, operation->body, sending->body.data, sending->body.len, "body",
               body);
    return sending->flaws.total ? ERR_VALIDATION_ERROR : operation->handler(request);
}

/* Flaws of rows become their reasons. false: some flaw is of no row. */
static bool blame_rows(struct import_call *call, const struct sending *sending)
{
    const struct flaws *flaws = &sending->flaws;
    const char *list = list_of(call->operation)->name;
    size_t *sent = ARENA_ARRAY(call->arena, call->n, size_t), n = 0;
    const char *head = arena_printf(call->arena, "[\"body\",\"%s\",", list);
    for (size_t i = 0; i < call->n; i++)
        if (!call->rows[i].reason)
            sent[n++] = i;
    for (size_t i = 0; i < flaws->total && i < FLAWS_KEPT; i++) {
        const struct flaw *flaw = &flaws->kept[i];
        char *end;
        if (strncmp(flaw->loc, head, strlen(head)) != 0)
            return false;
        size_t row = strtoul(flaw->loc + strlen(head), &end, 10);
        if (end == flaw->loc + strlen(head) || row >= n)
            return false;
        bool clash = !strcmp(flaw->type, "conflicting_rows");
        call->rows[sent[row]].reason =
            clash ? "work_order_id: an earlier row has the same number and says something else"
                  : arena_strdup(call->arena, flaw_words(call->arena, flaw));
    }
    return flaws->total > 0;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

static int take_answer(struct import_call *call, struct sending *sending)
{
    struct calibration_result *result = &call->result;
    if (calibration_result_parse(call->arena, buf_text(&sending->out), result))
        return ctl_fail("the answer of %s cannot be read", call->operation->name);
    call->stored = sending->stored;
    const struct field_list *unknown = &result->unknown_part_numbers;
    for (size_t i = 0; i < call->n; i++)
        if (!call->rows[i].reason && unknown->n &&
            bsearch(call->rows[i].part_number, unknown->at, unknown->n, sizeof(char *),
                    compare_texts))
            call->rows[i].reason = "part_number: no part has this number";
    return CTL_OK;
}

static int fail(const struct import_call *call, const struct sending *sending, enum err err)
{
    if (sending->request.fail_message)
        return ctl_fail("%s", sending->request.fail_message);
    if (err == ERR_VALIDATION_ERROR && sending->flaws.total)
        return ctl_fail("%s", flaw_words(call->arena, &sending->flaws.kept[0]));
    return ctl_fail_database(call->ctl, err);
}

static bool any_left(const struct import_call *call)
{
    for (size_t i = 0; i < call->n; i++)
        if (!call->rows[i].reason)
            return true;
    return false;
}

int import_send(struct import_call *call)
{
    struct sending sending = {0};
    struct arena *work = arena_new();
    int status = CTL_OK;
    call->sent = false;
    for (int tries = 0; any_left(call);) {
        enum err err = run(call, &sending, work);
        if (!err) {
            call->sent = true;
            status = take_answer(call, &sending);
            break;
        }
        bool again = err == ERR_VALIDATION_ERROR && blame_rows(call, &sending);
        if (!again && (err != ERR_CONFLICT || ++tries == TRIES)) {
            status = fail(call, &sending, err);
            break;
        }
        arena_reset(work);
    }
    arena_free(work);
    buf_clear(&sending.body);
    buf_clear(&sending.out);
    return status;
}
