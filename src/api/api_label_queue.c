/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The next task of an annotator. */
#include "api.h"
#include "labeling.h"
#include "labeling_hint.h"
#include "settings.h"

#include <string.h>

/* calls that met others at the same tasks look again; each time somebody got one */
#define LOOKS 64

struct next {
    struct labeling_look look;
    const char *state; /* why there is nothing */
    bool alone;        /* the claim is one statement, outside of a transaction */
    bool again;        /* everything was taken meanwhile */
};

/* What is one statement needs no transaction, unless the answer is to be stored with it. */
static enum err perform(struct request *request,
                        enum err (*body)(struct request *request, void *context), void *context,
                        bool alone)
{
    return alone && !request->keyed ? body(request, context)
                                    : request_transact(request, body, context, true);
}

static enum err answer_nothing(struct request *request, const char *state)
{
    request->queue_state = state;
    json_null(request->out);
    return ERR_OK;
}

static enum err say_state(struct request *request, void *context)
{
    return answer_nothing(request, context);
}

static enum err serve_again(struct request *request, void *context)
{
    return api_answer(request, context);
}

static enum err claim(struct request *request, void *context)
{
    struct next *next = context;
    struct store_label_task task;
    enum err err = labeling_claim(&next->look, next->alone, &task);
    next->again = err == ERR_NOT_FOUND || (err == ERR_RETRY && next->alone);
    if (err)
        return err;
    if (uuid_is_nil(&task.id))
        return answer_nothing(request, next->look.held ? "all_claimed" : "drained");
    return api_answer(request, &task);
}

static enum err look_and_claim(struct request *request, struct next *next)
{
    struct labeling_look *look = &next->look;
    struct store_label_seat *seat = &look->seat;
    enum err err = ERR_OK;
    if (!seat->exists) {
        seat->turn = seat->n_served = seat->n_gold_served = 0;
        seat->gold_mark = -1;
        err = store_label_seat_make(request->db, &look->actor);
    }
    if (!err)
        err = labeling_let_go(look);
    if (!err)
        err = labeling_look(look);
    if (err)
        return err;
    next->alone = labeling_claim_alone(look) && !request->keyed;
    return perform(request, claim, next, next->alone);
}

enum err label_next_task(struct request *request)
{
    const struct caller *caller = &request->caller;
    const int64_t lease = request->settings->lease_seconds * 1000000;
    if (!uuid_is_nil(&caller->session) && !uuid_equal(&caller->campaign, &request->id[0]))
        return ERR_NOT_FOUND;
    for (int i = 0; i < LOOKS; i++) {
        struct next next = {.look = {.db = request->db,
                                     .arena = request->arena,
                                     .secret = request->secret,
                                     .actor = {caller->org, request->id[0], labeling_actor(request),
                                               labeling_is_user(request)},
                                     .start = labeling_place_random(),
                                     .now = request->now,
                                     .until = request->now + lease}};
        struct labeling_look *look = &next.look;
        struct store_label_task task;
        enum err err = request->keyed ? ERR_NOT_FOUND : labeling_hint_claim(look, &task);
        if (!err)
            return api_answer(request, &task);
        /* whatever failed: a lease that was written nevertheless is found there */
        err = labeling_seat(look);
        if (!err && !uuid_is_nil(&look->seat.task_id))
            err = store_label_seat_outstanding(request->db, request->arena, &look->actor, look->now,
                                               &look->seat, &task);
        if (err)
            return err;
        if (strcmp(look->seat.status, "open") != 0)
            return perform(request, say_state, "closed", true);
        if (look->seat.live)
            return perform(request, serve_again, &task, true);
        if (look->seat.blocked)
            return perform(request, say_state, "blocked", true);
        err = look_and_claim(request, &next);
        if (!next.again)
            return err;
    }
    return ERR_UNAVAILABLE;
}
