/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict JSON pull reader: structure, names, skipping. Strings are in json_text.c, numbers in
   json_number.c. */
#include "json_in.h"
#include "json_text.h"
#include "memory.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

#define FEW  32    /* names compared one by one before a hash set is built */
#define MANY 65536 /* names of one object: the set must stay small beside the body */

struct json_frame {
    bool object, started;
    size_t n;        /* names kept */
    uint64_t *table; /* open addressing, 0 = free; NULL while there are few */
    size_t cap;      /* a power of two, at least twice n */
    uint64_t few[FEW];
};

static bool fail_at(struct json_in *in, const char *where, const char *why)
{
    if (!in->failed) {
        in->failed = true;
        in->why = why;
        in->where = (size_t)(where - in->start);
        in->at = in->end;
    }
    return false;
}

static bool fail(struct json_in *in, const char *why)
{
    return fail_at(in, in->at, in->at == in->end ? "the text ends too early" : why);
}

void json_in_open(struct json_in *in, char *body, size_t len)
{
    *in = (struct json_in){.at = body, .start = body, .kept = body, .end = body + len};
    in->frames = memory_got(malloc(JSON_DEPTH * sizeof *in->frames));
}

void json_in_close(struct json_in *in)
{
    for (int i = 0; i < in->depth; i++)
        free(in->frames[i].table);
    free(in->frames);
    in->frames = NULL;
    in->depth = 0;
    in->failed = true;
}

static inline void skip_space(struct json_in *in)
{
    char *p = in->at;
    if (p < in->end && (unsigned char)*p > ' ')
        return;
    while (p < in->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    in->at = p;
}

const uint8_t json_kinds[256] = {
    ['n'] = JSON_NULL,   ['f'] = JSON_FALSE,  ['t'] = JSON_TRUE,   ['"'] = JSON_STRING,
    ['['] = JSON_ARRAY,  ['{'] = JSON_OBJECT, ['-'] = JSON_NUMBER, ['0'] = JSON_NUMBER,
    ['1'] = JSON_NUMBER, ['2'] = JSON_NUMBER, ['3'] = JSON_NUMBER, ['4'] = JSON_NUMBER,
    ['5'] = JSON_NUMBER, ['6'] = JSON_NUMBER, ['7'] = JSON_NUMBER, ['8'] = JSON_NUMBER,
    ['9'] = JSON_NUMBER,
};

enum json_kind json_in_peek_far(struct json_in *in)
{
    if (in->failed)
        return JSON_BAD;
    skip_space(in);
    if (in->at == in->end) {
        fail_at(in, in->at, in->depth ? "the text ends too early" : "there is no value");
        return JSON_BAD;
    }
    enum json_kind kind = (enum json_kind)json_kinds[(unsigned char)*in->at];
    if (kind == JSON_BAD)
        fail(in, in->at == in->start && (unsigned char)*in->at >= 0x80
                     ? "the text is not UTF-8 without a byte order mark"
                     : "a value was expected");
    return kind;
}

static bool open_frame(struct json_in *in, enum json_kind kind)
{
    if (json_in_peek(in) != kind)
        return fail(in, kind == JSON_OBJECT ? "an object was expected" : "an array was expected");
    if (in->depth == JSON_DEPTH)
        return fail(in, "more than 32 levels deep");
    struct json_frame *frame = &in->frames[in->depth++];
    frame->object = kind == JSON_OBJECT;
    frame->started = false;
    frame->n = 0;
    frame->table = NULL;
    in->at++;
    return true;
}

bool json_in_object(struct json_in *in)
{
    return open_frame(in, JSON_OBJECT);
}

bool json_in_array(struct json_in *in)
{
    return open_frame(in, JSON_ARRAY);
}

/* Steps over the comma in front of the next item; false at the end of the object or array, which
   is consumed, or at a fault. */
static inline bool next_item(struct json_in *in, bool object)
{
    if (in->failed)
        return false;
    if (!in->depth || in->frames[in->depth - 1].object != object)
        return fail(in, object ? "not inside an object" : "not inside an array");
    struct json_frame *frame = &in->frames[in->depth - 1];
    skip_space(in);
    if (in->at == in->end)
        return fail(in, NULL);
    if (*in->at == (object ? '}' : ']')) {
        free(frame->table);
        in->depth--;
        in->at++;
        return false;
    }
    if (!frame->started) {
        frame->started = true;
        return true;
    }
    if (*in->at != ',')
        return fail(in, object ? "a comma or } was expected" : "a comma or ] was expected");
    in->at++;
    return true;
}

bool json_in_element(struct json_in *in)
{
    return next_item(in, false);
}

/* the text between the quotes of the string at in->at; in->at goes behind it */
static bool scan_string(struct json_in *in, char **text, size_t *len, bool *escaped)
{
    const char *from = in->at + 1, *why = NULL, *close = from;
    if (!json_text_check(&close, in->end, escaped, &why))
        return fail_at(in, close, why);
    *text = in->at + 1;
    *len = (size_t)(close - from);
    in->at += *len + 2;
    return true;
}

static void finish_string(char *text, size_t *len, bool escaped)
{
    if (escaped)
        *len = json_text_unescape(text, text, *len);
    text[*len] = '\0';
}

/* the quote of the next member's name */
static inline bool find_name(struct json_in *in)
{
    if (!next_item(in, true))
        return false;
    skip_space(in);
    return (in->at < in->end && *in->at == '"') || fail(in, "a member name was expected");
}

static inline bool scan_colon(struct json_in *in)
{
    skip_space(in);
    if (in->at == in->end || *in->at != ':')
        return fail(in, "a colon was expected");
    in->at++;
    return true;
}

static bool scan_name(struct json_in *in, char **name, size_t *len, bool *escaped)
{
    return find_name(in) && scan_string(in, name, len, escaped) && scan_colon(in);
}

/* Keyed by a secret of this process, so that nobody can prepare names that collide. */
static uint64_t hash_name(const char *name, size_t len)
{
    static uint64_t secret[2];
    while (!secret[0])
        randombytes_buf(secret, sizeof secret);
    uint64_t hash = secret[1] ^ len;
    for (;;) {
        uint64_t block = 0;
        memcpy(&block, name, len < 8 ? len : 8);
        wide product = (wide)(hash ^ block) * (secret[0] | 1);
        hash = (uint64_t)product ^ (uint64_t)(product >> 64);
        if (len <= 8)
            break;
        name += 8;
        len -= 8;
    }
    wide product = (wide)(hash ^ secret[0]) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (uint64_t)product ^ (uint64_t)(product >> 64);
    return hash ? hash : 1;
}

/* false when it is there already */
static bool table_add(uint64_t *table, size_t cap, uint64_t hash)
{
    size_t i = hash & (cap - 1);
    for (; table[i]; i = (i + 1) & (cap - 1))
        if (table[i] == hash)
            return false;
    table[i] = hash;
    return true;
}

static void table_grow(struct json_frame *frame)
{
    size_t cap = frame->table ? frame->cap * 2 : (size_t)4 * FEW;
    uint64_t *table = memory_new(cap * sizeof *table);
    const uint64_t *old = frame->table ? frame->table : frame->few;
    size_t places = frame->table ? frame->cap : frame->n;
    for (size_t i = 0; i < places; i++)
        if (old[i])
            table_add(table, cap, old[i]);
    free(frame->table);
    frame->table = table;
    frame->cap = cap;
}

static bool frame_add(struct json_frame *frame, uint64_t hash)
{
    if (!frame->table) {
        for (size_t i = 0; i < frame->n; i++)
            if (frame->few[i] == hash)
                return false;
        if (frame->n < FEW) {
            frame->few[frame->n++] = hash;
            return true;
        }
    }
    if (!frame->table || frame->n * 2 >= frame->cap)
        table_grow(frame);
    frame->n++;
    return table_add(frame->table, frame->cap, hash);
}

bool json_in_twice(struct json_in *in, const char *name)
{
    return fail_at(in, name ? name : in->at, "a member name stands twice in one object");
}

static bool add_name(struct json_in *in, const char *name, uint64_t hash)
{
    struct json_frame *frame = &in->frames[in->depth - 1];
    if (frame->n == MANY)
        return fail(in, "more than 65536 members in one object");
    return frame_add(frame, hash) || json_in_twice(in, name);
}

bool json_in_unique(struct json_in *in, const char *name, size_t len)
{
    if (in->failed || !in->depth)
        return false;
    return add_name(in, name, hash_name(name, len));
}

bool json_in_name(struct json_in *in, const char *guess, size_t guess_len, char **name, size_t *len)
{
    bool escaped;
    if (!find_name(in))
        return false;
    if (guess && (size_t)(in->end - in->at) >= guess_len + 2 && in->at[guess_len + 1] == '"' &&
        !memcmp(in->at + 1, guess, guess_len)) {
        in->at += guess_len + 2;
        *name = NULL;
        return scan_colon(in);
    }
    if (!scan_string(in, name, len, &escaped) || !scan_colon(in))
        return false;
    finish_string(*name, len, escaped);
    return true;
}

bool json_in_member(struct json_in *in, char **name, size_t *len)
{
    return json_in_name(in, NULL, 0, name, len) && json_in_unique(in, *name, *len);
}

bool json_in_string(struct json_in *in, char **text, size_t *len)
{
    bool escaped;
    if (json_in_peek(in) != JSON_STRING)
        return fail(in, "a string was expected");
    if (!scan_string(in, text, len, &escaped))
        return false;
    finish_string(*text, len, escaped);
    return true;
}

char *json_in_keep(struct json_in *in, const char *text, size_t len)
{
    char *place = memmove(in->kept, text, len);
    place[len] = '\0'; /* a bracket, at least, has been read beside what was kept */
    in->kept += len + 1;
    return place;
}

bool json_in_literal(struct json_in *in)
{
    const char *word;
    switch (json_in_peek(in)) {
    case JSON_NULL:
        word = "null";
        break;
    case JSON_FALSE:
        word = "false";
        break;
    case JSON_TRUE:
        word = "true";
        break;
    default:
        return fail(in, "true, false or null was expected");
    }
    size_t len = strlen(word);
    if ((size_t)(in->end - in->at) < len || memcmp(in->at, word, len) != 0)
        return fail(in, "true, false or null was expected");
    in->at += len;
    return true;
}

/* a name that is checked and compared but left as it stands */
static bool skip_name(struct json_in *in)
{
    char *name;
    size_t len;
    bool escaped;
    if (!scan_name(in, &name, &len, &escaped))
        return false;
    if (!escaped)
        return json_in_unique(in, name, len);
    char *plain = memory_got(malloc(len));
    uint64_t hash = hash_name(plain, json_text_unescape(plain, name, len));
    free(plain);
    return add_name(in, name, hash);
}

static bool skip_value(struct json_in *in)
{
    char *text;
    size_t len;
    bool escaped;
    switch (json_in_peek(in)) {
    case JSON_BAD:
        return false;
    case JSON_STRING:
        return scan_string(in, &text, &len, &escaped);
    case JSON_NUMBER:
        return json_in_number(in, NULL);
    case JSON_ARRAY:
        if (!json_in_array(in))
            return false;
        while (json_in_element(in) && skip_value(in))
            ;
        return !in->failed;
    case JSON_OBJECT:
        if (!json_in_object(in))
            return false;
        while (skip_name(in) && skip_value(in))
            ;
        return !in->failed;
    default:
        return json_in_literal(in);
    }
}

bool json_in_skip(struct json_in *in, const char **raw, size_t *len)
{
    if (json_in_peek(in) == JSON_BAD)
        return false;
    const char *from = in->at;
    if (!skip_value(in))
        return false;
    if (raw) {
        *raw = from;
        *len = (size_t)(in->at - from);
    }
    return true;
}

bool json_in_finish(struct json_in *in)
{
    if (in->failed)
        return false;
    skip_space(in);
    if (in->depth)
        return fail(in, "an array or object is still open");
    return in->at == in->end || fail(in, "something stands behind the value");
}

bool json_check(const char *text, size_t len, const char **why, size_t *where)
{
    struct json_in in;
    json_in_open(&in, (char *)(uintptr_t)text, len); /* skipping writes nothing */
    bool good = json_in_skip(&in, NULL, NULL) && json_in_finish(&in);
    if (!good) {
        *why = in.why;
        *where = in.where;
    }
    json_in_close(&in);
    return good;
}
