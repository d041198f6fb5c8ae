/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict JSON pull reader: one pass, checks while it reads. */
#ifndef COSTWRIGHT_JSON_IN_H
#define COSTWRIGHT_JSON_IN_H

#include "words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whole documents of RFC 8259: UTF-8 (no overlong forms, no surrogates), no BOM, depth <= 32, no
   duplicate member names (compared after unescaping), at most 65,536 members in an object, lone
   surrogate escapes refused, not empty, nothing behind the value. A number of any size is
   well-formed; one beyond double range reads as not finite and is the field table's flaw, not a
   syntax error.

   The body is changed in place: a string that is *read* is unescaped where it stands and
   NUL-terminated; one that is *skipped* stays as it is. Once anything is malformed, failed is set,
   every call returns false or JSON_BAD, and why/where say what and at which byte. */
enum json_kind {
    JSON_BAD,
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

#define JSON_DEPTH 32

struct json_in {
    char *at, *end, *start;
    char *kept;      /* end of what json_in_keep has moved to the start */
    const char *why; /* first fault, in words; NULL while well-formed */
    size_t where;    /* its byte offset */
    bool failed;
    int depth;
    struct json_frame *frames; /* names seen per open object; owned, see json_in_close */
};

struct json_number {
    double value;    /* correctly rounded; may be infinite */
    int64_t integer; /* where is_integer */
    bool is_integer; /* value is a whole number that fits int64 exactly (1.0 and 1e2 count) */
};

/* body[len] is written to as well (a number at the very end): the caller keeps one byte there. */
void json_in_open(struct json_in *in, char *body, size_t len);
void json_in_close(struct json_in *in);

extern const uint8_t json_kinds[256]; /* enum json_kind by the first byte of a value */
enum json_kind json_in_peek_far(struct json_in *in);

/* kind of the next value, nothing consumed */
static inline enum json_kind json_in_peek(struct json_in *in)
{
    /* a reader that failed stands at its end */
    if (in->at < in->end && json_kinds[(unsigned char)*in->at] != JSON_BAD)
        return (enum json_kind)json_kinds[(unsigned char)*in->at];
    return json_in_peek_far(in);
}

/* '{', then per member its name, then its value; false at '}' (consumed) or fault */
bool json_in_object(struct json_in *in);
bool json_in_member(struct json_in *in, char **name, size_t *len);
/* json_in_member without the check for duplicates: for a caller who finds those among the names
   it knows (json_in_twice: the fault, always false) and hands every other one to
   json_in_unique. guess: the name that probably follows (no escapes, no quotes; NULL = no idea);
   where it does, *name becomes NULL. */
bool json_in_name(struct json_in *in, const char *guess, size_t guess_len, char **name,
                  size_t *len);
/* Steps over key, a comma, a quoted name and a colon, where exactly that follows, as in rows that a
   program wrote. Only behind a member of the object that is open. */
static inline bool json_in_key(struct json_in *in, const char *key, size_t len)
{
    if ((size_t)(in->end - in->at) < len || !words_same(in->at, key, len))
        return false;
    in->at += len;
    return true;
}
bool json_in_unique(struct json_in *in, const char *name, size_t len);
bool json_in_twice(struct json_in *in, const char *name);

/* '[', then true while a value follows; false at ']' (consumed) or fault */
bool json_in_array(struct json_in *in);
bool json_in_element(struct json_in *in);

bool json_in_string(struct json_in *in, char **text, size_t *len);
/* Moves a member or item that was just read or skipped to the start of the body, behind those moved
   before, over what has been read, and NUL-terminates it: from in->kept on, nothing of the body is
   needed when all is read. Who keeps what he needs that way must keep all of it so. */
char *json_in_keep(struct json_in *in, const char *text, size_t len);
/* number NULL: checked only */
bool json_in_number(struct json_in *in, struct json_number *number);
/* its value alone */
bool json_in_double(struct json_in *in, double *value);
/* true, false or null */
bool json_in_literal(struct json_in *in);
/* any value, checked; its text, not NUL-terminated; raw NULL: checked only */
bool json_in_skip(struct json_in *in, const char **raw, size_t *len);
/* nothing but white space is left */
bool json_in_finish(struct json_in *in);

/* Whole-document check without reading anything out; text stays untouched. */
bool json_check(const char *text, size_t len, const char **why, size_t *where);

#endif
