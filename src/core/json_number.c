/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of the JSON reader: strict grammar, exact value. */
#include "json_in.h"
#include "number.h"
#include "words.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>

#define SIGNIFICANT   19 /* digits that fit 64 bits */
#define EXPONENT_STOP 100000000

struct token {
    bool negative;
    uint64_t digits;  /* the first 19 significant ones */
    int n;            /* how many those are; leading zeros may count */
    int64_t exponent; /* value = digits * 10^exponent */
    bool cut;         /* digits other than 0 did not fit */
};

static bool fail(struct json_in *in, char *at)
{
    in->failed = true;
    in->why = at == in->end ? "the text ends inside a number" : "not a number";
    in->where = (size_t)(at - in->start);
    in->at = in->end;
    return false;
}

static bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

/* How many of eight characters, the first in the lowest byte, are digits in front of anything else,
   and *value their number. */
static inline unsigned eight_digits(uint64_t text, uint64_t *value)
{
    uint64_t x = text ^ WORD_OF('0');
    uint64_t other = (x | (x + WORD_OF(0x80 - 10))) & WORD_OF(0x80);
    unsigned n = other ? (unsigned)__builtin_ctzll(other) / 8 : 8;
    *value = 0;
    if (!n)
        return 0;
    x <<= 64 - 8 * n; /* zeros in front of the digits */
    x = (x * 10 + (x >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
    x = (x * 100 + (x >> 16)) & UINT64_C(0x0000ffff0000ffff);
    *value = (x * 10000 + (x >> 32)) & UINT64_C(0xffffffff);
    return n;
}

/* The digits at p, if they are few enough that neither their number nor leading zeros need any
   care; else p itself. */
static inline char *few_digits(struct token *token, char *p, const char *end)
{
    static const uint32_t power10[] = {1,      10,      100,      1000,     10000,
                                       100000, 1000000, 10000000, 100000000};
    char *from = p;
    uint64_t digits = token->digits;
    for (unsigned n = 8; n == 8 && end - p >= 8; p += n) {
        uint64_t value;
        n = eight_digits(le64toh(word_at(p)), &value);
        digits = digits * power10[n] + value;
    }
    for (; is_digit(p, end); p++)
        digits = digits * 10 + (uint64_t)(*p - '0');
    if (p - from + token->n > SIGNIFICANT)
        return from;
    token->digits = digits;
    token->n += (int)(p - from);
    return p;
}

static char *many_digits(struct token *token, char *p, const char *end, bool fraction)
{
    char *from = p;
    uint64_t digits = token->digits;
    int n = digits ? token->n : 0;
    for (; n < SIGNIFICANT && is_digit(p, end); p++) {
        digits = digits * 10 + (uint64_t)(*p - '0');
        n += digits != 0;
    }
    token->digits = digits;
    token->n = n;
    if (fraction)
        token->exponent -= p - from;
    for (; is_digit(p, end); p++) {
        token->cut |= *p != '0';
        token->exponent += !fraction;
    }
    return p;
}

/* the digits at p; each one that is kept or dropped moves the decimal point */
static inline char *take_digits(struct token *token, char *p, const char *end, bool fraction)
{
    char *from = p;
    p = few_digits(token, p, end);
    if (p != from) {
        token->exponent -= fraction ? p - from : 0;
        return p;
    }
    return many_digits(token, p, end, fraction);
}

static char *take_exponent(struct token *token, char *p, const char *end)
{
    bool negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    int64_t exponent = 0;
    char *from = p;
    for (; is_digit(p, end); p++)
        if (exponent < EXPONENT_STOP)
            exponent = exponent * 10 + (*p - '0');
    token->exponent += negative ? -exponent : exponent;
    return p == from ? NULL : p;
}

/* whether the token is a whole number that fits int64 */
static bool whole(const struct token *token, int64_t *integer)
{
    uint64_t size = token->digits;
    int64_t exponent = token->exponent;
    if (token->cut)
        return false;
    if (size == 0)
        exponent = 0;
    if (exponent < -SIGNIFICANT || exponent > SIGNIFICANT)
        return false;
    for (; exponent < 0; exponent++, size /= 10)
        if (size % 10)
            return false;
    for (; exponent > 0; exponent--)
        if (__builtin_mul_overflow(size, 10, &size))
            return false;
    if (size > (uint64_t)INT64_MAX + token->negative)
        return false;
    *integer = (int64_t)(token->negative ? 0 - size : size);
    return true;
}

/* A number by the grammar; its text begins at the return value, NULL where it is none. */
static inline char *take_number(struct json_in *in, struct token *token)
{
    if (json_in_peek(in) != JSON_NUMBER) {
        if (!in->failed)
            fail(in, in->at);
        return NULL;
    }
    char *p = in->at, *from = p, *end = in->end;
    token->negative = *p == '-';
    p += token->negative;
    if (!is_digit(p, end)) {
        fail(in, p);
        return NULL;
    }
    if (*p == '0')
        p++;
    else
        p = take_digits(token, p, end, false);
    if (p < end && *p == '.') {
        if (!is_digit(++p, end)) {
            fail(in, p);
            return NULL;
        }
        p = take_digits(token, p, end, true);
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        char *mark = p;
        p = take_exponent(token, p + 1, end);
        if (!p) {
            fail(in, mark);
            return NULL;
        }
    }
    in->at = p;
    return from;
}

/* from: the token's text, which ends at end */
static inline double value_of(const struct token *token, const char *from, char *end)
{
    double size;
    bool small = token->exponent > -400 && token->exponent < 400;
    if (!token->cut && small && number_from_decimal(&size, token->digits, (int)token->exponent))
        return token->negative ? -size : size;
    /* ended by force: what follows might continue it for strtod, as in 0x1 */
    char next = *end;
    *end = '\0';
    size = strtod(from, NULL);
    *end = next;
    return size;
}

bool json_in_number(struct json_in *in, struct json_number *number)
{
    struct token token = {0};
    const char *from = take_number(in, &token);
    if (!from || !number)
        return from;
    number->value = value_of(&token, from, in->at);
    number->integer = 0;
    number->is_integer = whole(&token, &number->integer);
    return true;
}

bool json_in_double(struct json_in *in, double *value)
{
    struct token token = {0};
    const char *from = take_number(in, &token);
    if (from)
        *value = value_of(&token, from, in->at);
    return from;
}
