/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_c.c: the same JSON through another reader. A file of its own: its names and ours collide. */
#include "json_c.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 33 /* json-c counts the value itself */

/* json-c's idea of a number; beyond an integer's range it has none */
static bool same_number(struct json_object *a, struct json_object *b)
{
    double x = json_object_get_double(a), y = json_object_get_double(b);
    return x == y || fabs(x) >= 0x1p63 || fabs(y) >= 0x1p63;
}

/* json-c 0.16 takes an escaped character such as U+1DD27 for half a surrogate pair and puts U+FFFD
 */
static bool is_replaced(const char *text, int len)
{
    return memmem(text, (size_t)len, "\xef\xbf\xbd", 3) != NULL;
}

static bool same_value(struct json_object *a, struct json_object *b)
{
    bool number = json_object_is_type(a, json_type_int) || json_object_is_type(a, json_type_double);
    if (number)
        return same_number(a, b);
    if (json_object_get_type(a) != json_object_get_type(b))
        return false;
    if (json_object_is_type(a, json_type_array)) {
        size_t n = json_object_array_length(a);
        if (n != json_object_array_length(b))
            return false;
        for (size_t i = 0; i < n; i++)
            if (!same_value(json_object_array_get_idx(a, i), json_object_array_get_idx(b, i)))
                return false;
        return true;
    }
    if (json_object_is_type(a, json_type_string) &&
        is_replaced(json_object_get_string(a), json_object_get_string_len(a)))
        return true;
    if (!json_object_is_type(a, json_type_object))
        return json_object_equal(a, b);
    json_object_object_foreach(a, name, value)
    {
        struct json_object *other;
        if (is_replaced(name, (int)strlen(name)))
            return true;
        if (!json_object_object_get_ex(b, name, &other) || !same_value(value, other))
            return false;
    }
    return json_object_object_length(a) == json_object_object_length(b);
}

static struct json_object *parse(const char *text, size_t len, bool *good)
{
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    char *ended = strndup(text, len); /* its end tells json-c that a number is whole */
    struct json_object *value = json_tokener_parse_ex(tokener, ended, (int)len + 1);
    free(ended);
    *good = json_tokener_get_error(tokener) == json_tokener_success;
    json_tokener_free(tokener);
    return value;
}

bool json_c_agrees(const char *a, size_t a_len, const char *b, size_t b_len)
{
    bool a_good, b_good;
    struct json_object *here = parse(a, a_len, &a_good), *there = parse(b, b_len, &b_good);
    bool same = a_good && b_good && same_value(here, there);
    json_object_put(here);
    json_object_put(there);
    return same;
}
