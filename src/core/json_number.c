/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of the JSON reader: strict grammar, exact value. */
#include "json_in.h"
#include "number.h"

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

/* The digits at p, if they are few enough that neither their number nor leading zeros need any
   care; else p itself. */
static inline char *few_digits(struct token *token, char *p, const char *end)
{
    char *from = p;
    uint64_t digits = token->digits;
    for (; p < end; p++) {
        unsigned digit = (unsigned)(unsigned char)*p - '0';
        if (digit > 9)
            break;
        digits = digits * 10 + digit;
    }
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

bool json_in_number(struct json_in *in, struct json_number *number)
{
    if (json_in_peek(in) != JSON_NUMBER)
        return in->failed ? false : fail(in, in->at);
    char *p = in->at, *from = p, *end = in->end;
    struct token token = {.negative = *p == '-'};
    p += token.negative;
    if (!is_digit(p, end))
        return fail(in, p);
    if (*p == '0')
        p++;
    else
        p = take_digits(&token, p, end, false);
    if (p < end && *p == '.') {
        if (!is_digit(++p, end))
            return fail(in, p);
        p = take_digits(&token, p, end, true);
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        char *mark = p;
        p = take_exponent(&token, p + 1, end);
        if (!p)
            return fail(in, mark);
    }
    in->at = p;
    if (!number)
        return true;
    double size;
    bool small = token.exponent > -400 && token.exponent < 400;
    if (!token.cut && small && number_from_decimal(&size, token.digits, (int)token.exponent)) {
        number->value = token.negative ? -size : size;
    } else {
        /* ended by force: what follows might continue it for strtod, as in 0x1 */
        char next = *p;
        *p = '\0';
        number->value = strtod(from, NULL);
        *p = next;
    }
    number->integer = 0;
    number->is_integer = whole(&token, &number->integer);
    return true;
}
