/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands between the quotes of a JSON string, and UTF-8 (RFC 8259 section 7, RFC 3629). */
#ifndef COSTWRIGHT_JSON_TEXT_H
#define COSTWRIGHT_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at text, 1 to 4; 0 where it is not well-formed UTF-8 (overlong, a
   surrogate, beyond U+10FFFF, cut off at end). text < end. */
size_t utf8_char(const char *text, const char *end);
/* Code points of well-formed UTF-8. */
size_t utf8_count(const char *text, size_t len);
bool utf8_valid(const char *text, size_t len);
/* Does one of the controls U+0080 to U+009F begin at text, which is well-formed and NUL-terminated?
 */
static inline bool utf8_c1(const char *text)
{
    return text[0] == '\xc2' && (unsigned char)text[1] < 0xa0;
}

/* Checks the string that starts behind an opening quote. *at becomes its closing quote and *why
   stays as it was, or *at becomes the faulty byte and *why says what is wrong with it.
   escaped: whether there is a backslash. Nothing is read at or behind end. */
bool json_text_check(const char **at, const char *end, bool *escaped, const char **why);

/* Value of a hexadecimal digit; -1: it is none. */
int hex_digit(char c);

/* Unescapes checked text of len bytes into out, which may be text itself; returns its new length.
 */
size_t json_text_unescape(char *out, const char *text, size_t len);

#endif
