/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON strings: check, unescape; UTF-8. */
#include "json_text.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool is_more(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t utf8_char(const char *text, const char *end)
{
    unsigned char c = (unsigned char)*text;
    if (c < 0x80)
        return 1;
    /* the second byte decides about overlong forms, surrogates and the end of Unicode */
    unsigned char low = 0x80, high = 0xbf;
    size_t len;
    if (c >= 0xc2 && c <= 0xdf) {
        len = 2;
    } else if (c >= 0xe0 && c <= 0xef) {
        len = 3;
        if (c == 0xe0)
            low = 0xa0;
        else if (c == 0xed)
            high = 0x9f;
    } else if (c >= 0xf0 && c <= 0xf4) {
        len = 4;
        if (c == 0xf0)
            low = 0x90;
        else if (c == 0xf4)
            high = 0x8f;
    } else {
        return 0;
    }
    if ((size_t)(end - text) < len || (unsigned char)text[1] < low || (unsigned char)text[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (!is_more(text[i]))
            return 0;
    return len;
}

size_t utf8_count(const char *text, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += !is_more(text[i]);
    return n;
}

bool utf8_valid(const char *text, size_t len)
{
    for (const char *end = text + len; text < end;) {
        size_t step = utf8_char(text, end);
        if (!step)
            return false;
        text += step;
    }
    return true;
}

/* first byte that is not plain: a quote, a backslash, a control or beyond ASCII */
static const char *plain_end(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');
    for (; end - p >= 16; p += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
        /* signed, so that bytes from 0x80 count as below a space too */
        __m128i odd =
            _mm_or_si128(_mm_cmplt_epi8(bytes, space),
                         _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)));
        int mask = _mm_movemask_epi8(odd);
        if (mask)
            return p + __builtin_ctz((unsigned)mask);
    }
#endif
    for (; p < end; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ' || (unsigned char)*p >= 0x80)
            break;
    return p;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* the four digits behind \u, or -1 */
static int hex4(const char *p)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_high(int unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(int unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* length of the escape at p (a backslash), 0 where it is not one */
static size_t escape_check(const char *p, const char *end, const char **why)
{
    if (end - p < 2) {
        *why = "the text ends inside a string";
        return 0;
    }
    if (p[1] != 'u') {
        /* strchr would also find the NUL */
        if (p[1] && strchr("\"\\/bfnrt", p[1]))
            return 2;
        *why = "there is no such escape";
        return 0;
    }
    int unit = end - p < 6 ? -1 : hex4(p + 2);
    if (unit < 0) {
        *why = "\\u needs four hexadecimal digits";
        return 0;
    }
    if (is_high(unit) && end - p >= 12 && p[6] == '\\' && p[7] == 'u' && is_low(hex4(p + 8)))
        return 12;
    if (is_high(unit) || is_low(unit)) {
        *why = "a surrogate escape without its partner";
        return 0;
    }
    return 6;
}

bool json_text_check(const char **at, const char *end, bool *escaped, const char **why)
{
    const char *p = *at;
    *escaped = false;
    for (;;) {
        *at = p = plain_end(p, end);
        if (p == end) {
            *why = "the text ends inside a string";
            return false;
        }
        if (*p == '"')
            return true;
        size_t step;
        if (*p == '\\') {
            *escaped = true;
            step = escape_check(p, end, why);
        } else if ((unsigned char)*p < ' ') {
            *why = "a control character stands in a string";
            step = 0;
        } else {
            step = utf8_char(p, end);
            if (!step)
                *why = "the text is not UTF-8";
        }
        if (!step)
            return false;
        p += step;
    }
}

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (char)(0xe0 | code >> 12);
        } else {
            *out++ = (char)(0xf0 | code >> 18);
            *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        }
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *out++ = (char)(0x80 | (code & 0x3f));
    return out;
}

size_t json_text_unescape(char *out, const char *text, size_t len)
{
    char *start = out;
    const char *end = text + len;
    while (text < end) {
        const char *slash = memchr(text, '\\', (size_t)(end - text));
        size_t plain = (size_t)((slash ? slash : end) - text);
        memmove(out, text, plain);
        out += plain;
        if (!slash)
            break;
        text = slash + 2;
        switch (slash[1]) {
        case 'b':
            *out++ = '\b';
            break;
        case 'f':
            *out++ = '\f';
            break;
        case 'n':
            *out++ = '\n';
            break;
        case 'r':
            *out++ = '\r';
            break;
        case 't':
            *out++ = '\t';
            break;
        case 'u': {
            unsigned code = (unsigned)hex4(text);
            text += 4;
            if (is_high((int)code)) {
                code = 0x10000 + ((code - 0xd800) << 10) + ((unsigned)hex4(text + 2) - 0xdc00);
                text += 6;
            }
            out = put_utf8(out, code);
            break;
        }
        default:
            *out++ = slash[1];
        }
    }
    return (size_t)(out - start);
}
