/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slugs. */
#include "slug.h"

#include <string.h>

bool slug_is(const char *text, size_t len)
{
    if (len < 1 || len > 64)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

const char *slug_check(const char *text)
{
    return slug_is(text, strlen(text)) ? NULL
                                       : "must be 1 to 64 of the characters a-z, 0-9, _ and -";
}
