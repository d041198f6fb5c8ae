/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choices: checked, made canonical, read back. */
#include "policy_choice.h"

#include "arena.h"
#include "buf.h"
#include "json_in.h"

#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 200

static int feature_by_name(const void *a, const void *b)
{
    const struct policy_feature *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int candidate_by_machine(const void *a, const void *b)
{
    const struct policy_candidate *x = a, *y = b;
    return strcmp(x->machine, y->machine);
}

/* One member into to, or a flaw. */
static void read_member(struct json_in *in, const char *name, struct policy_candidate *to,
                        struct flaws *flaws, const struct field_path *path)
{
    char *text;
    size_t len;
    struct json_number number;
    enum json_kind kind = json_in_peek(in);
    if (!strcmp(name, "machine_id")) {
        if (kind == JSON_STRING && json_in_string(in, &text, &len) && len && len <= NAME_BYTES &&
            strlen(text) == len) {
            to->machine = text;
            return;
        }
        if (kind != JSON_STRING)
            json_in_skip(in, NULL, NULL);
        flaw_add_at(flaws, path, name, "type_error", "must be a text of 1 to 200 bytes");
    } else if (kind == JSON_NUMBER) {
        json_in_number(in, &number);
        if (!isfinite(number.value))
            flaw_add_at(flaws, path, name, "out_of_range", "must fit a double");
        else if (to->n == CHOICE_FEATURES)
            flaw_add_at(flaws, path, name, "too_many", "there are at most %d features",
                        CHOICE_FEATURES);
        else
            to->features[to->n++] =
                (struct policy_feature){name, number.value == 0 ? 0 : number.value};
    } else {
        json_in_skip(in, NULL, NULL);
        if (kind != JSON_NULL)
            flaw_add_at(flaws, path, name, "type_error", "a feature must be a number or null");
    }
}

/* in stands at the candidate; texts stay where they are read. */
static bool read_candidate(struct arena *arena, struct json_in *in, struct policy_candidate *to,
                           struct flaws *flaws, const struct field_path *path)
{
    size_t before = flaws->total, len;
    char *name;
    struct policy_feature found[CHOICE_FEATURES];
    *to = (struct policy_candidate){.features = found};
    if (json_in_peek(in) != JSON_OBJECT) {
        json_in_skip(in, NULL, NULL);
        flaw_add(flaws, path, "type_error", "must be an object {machine_id, features}");
    } else if (json_in_object(in)) {
        while (json_in_member(in, &name, &len))
            read_member(in, name, to, flaws, path);
        if (!to->machine && before == flaws->total)
            flaw_add_at(flaws, path, "machine_id", "missing", "is required");
    }
    qsort(found, to->n, sizeof *found, feature_by_name);
    to->features = ARENA_ARRAY(arena, to->n, struct policy_feature);
    memcpy(to->features, found, to->n * sizeof *found);
    return before == flaws->total;
}

static void write_choice(struct buf *out, const struct policy_choice *choice)
{
    json_object(out);
    json_put_text(out, "chosen", choice->chosen);
    json_key(out, "candidates");
    json_array(out);
    for (size_t i = 0; i < choice->n; i++) {
        const struct policy_candidate *candidate = &choice->candidates[i];
        json_object(out);
        json_put_text(out, "machine_id", candidate->machine);
        for (size_t f = 0; f < candidate->n; f++)
            json_put_num(out, candidate->features[f].name, candidate->features[f].value);
        json_object_end(out);
    }
    json_array_end(out);
    json_object_end(out);
}

const char *policy_choice_text(struct arena *arena, struct arena *scratch,
                               const struct field_list *candidates, const char *chosen,
                               struct flaws *flaws, const struct field_path *path)
{
    const struct field_path list = {.up = path, .key = "candidates"};
    const struct field_raw *raw = candidates->at;
    struct policy_choice choice = {
        chosen, ARENA_ARRAY(scratch, candidates->n, struct policy_candidate), candidates->n};
    bool good = true;
    for (size_t i = 0; i < candidates->n; i++) {
        const struct field_path at = {.up = &list, .index = i};
        struct json_in in;
        json_in_open(&in, arena_strndup(scratch, raw[i].text, raw[i].len), raw[i].len);
        good &= read_candidate(scratch, &in, &choice.candidates[i], flaws, &at);
        json_in_close(&in);
    }
    if (!good)
        return NULL;
    qsort(choice.candidates, choice.n, sizeof *choice.candidates, candidate_by_machine);
    for (size_t i = 1; i < choice.n; i++)
        if (!strcmp(choice.candidates[i - 1].machine, choice.candidates[i].machine)) {
            flaw_add(flaws, &list, "duplicate", "names the machine %s twice",
                     choice.candidates[i].machine);
            return NULL;
        }
    struct buf out = {0};
    write_choice(&out, &choice);
    return field_raw_take(arena, &out).text;
}

static void read_stored(struct arena *arena, struct json_in *in, struct policy_choice *choice)
{
    struct flaws flaws = {.arena = arena};
    struct policy_candidate *items = NULL;
    if (!json_in_array(in))
        return;
    size_t room = 0;
    while (json_in_element(in)) {
        if (choice->n == room) {
            struct policy_candidate *more =
                ARENA_ARRAY(arena, room ? 2 * room : 8, struct policy_candidate);
            if (room)
                memcpy(more, items, room * sizeof *items);
            items = more;
            room = room ? 2 * room : 8;
        }
        read_candidate(arena, in, &items[choice->n++], &flaws, NULL);
    }
    choice->candidates = items;
}

enum err policy_choice_read(struct arena *arena, const char *text, struct policy_choice *choice)
{
    struct json_in in;
    char *name, *chosen;
    size_t len = strlen(text);
    *choice = (struct policy_choice){0};
    json_in_open(&in, arena_strndup(arena, text, len), len);
    if (json_in_object(&in))
        while (json_in_member(&in, &name, &len)) {
            if (!strcmp(name, "chosen")) {
                if (json_in_string(&in, &chosen, &len))
                    choice->chosen = chosen;
            } else {
                read_stored(arena, &in, choice);
            }
        }
    bool failed = in.failed || !choice->chosen;
    json_in_close(&in);
    return failed ? ERR_INTERNAL : ERR_OK;
}
