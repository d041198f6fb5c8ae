/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal to double and back: exact integer arithmetic in the usual range, libc outside it. */
#include "number.h"
#include "buf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide;

#define DIGITS 17 /* digits that tell any double from its neighbours */

static const uint64_t power5[] = {
    UINT64_C(1),
    UINT64_C(5),
    UINT64_C(25),
    UINT64_C(125),
    UINT64_C(625),
    UINT64_C(3125),
    UINT64_C(15625),
    UINT64_C(78125),
    UINT64_C(390625),
    UINT64_C(1953125),
    UINT64_C(9765625),
    UINT64_C(48828125),
    UINT64_C(244140625),
    UINT64_C(1220703125),
    UINT64_C(6103515625),
    UINT64_C(30517578125),
    UINT64_C(152587890625),
    UINT64_C(762939453125),
    UINT64_C(3814697265625),
    UINT64_C(19073486328125),
    UINT64_C(95367431640625),
    UINT64_C(476837158203125),
    UINT64_C(2384185791015625),
    UINT64_C(11920928955078125),
    UINT64_C(59604644775390625),
    UINT64_C(298023223876953125),
    UINT64_C(1490116119384765625),
    UINT64_C(7450580596923828125),
};
#define POWERS ((int)(sizeof power5 / sizeof *power5))

const double number_power10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static const uint64_t unit10[] = {UINT64_C(1),
                                  UINT64_C(10),
                                  UINT64_C(100),
                                  UINT64_C(1000),
                                  UINT64_C(10000),
                                  UINT64_C(100000),
                                  UINT64_C(1000000),
                                  UINT64_C(10000000),
                                  UINT64_C(100000000),
                                  UINT64_C(1000000000),
                                  UINT64_C(10000000000),
                                  UINT64_C(100000000000),
                                  UINT64_C(1000000000000),
                                  UINT64_C(10000000000000),
                                  UINT64_C(100000000000000),
                                  UINT64_C(1000000000000000),
                                  UINT64_C(10000000000000000),
                                  UINT64_C(100000000000000000)};

/* 2^n, n within the normal exponents */
static double power2(int n)
{
    uint64_t bits = (uint64_t)(n + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

bool number_from_wide(double *value, uint64_t digits, int exponent)
{
    if (!digits) {
        *value = 0;
        return true;
    }
    if (exponent <= -POWERS || exponent >= POWERS)
        return false;
    if (exponent >= 0) { /* the product is exact in 127 bits; the conversion rounds once */
        *value = (double)((wide)digits * power5[exponent]) * power2(exponent);
        return true;
    }
    /* a quotient of at least 64 bits, its lowest bit standing for the remainder as well */
    int shift = 64 + __builtin_clzll(digits);
    wide dividend = (wide)digits << shift;
    uint64_t divisor = power5[-exponent];
    wide quotient = dividend / divisor;
    if (quotient * divisor != dividend)
        quotient |= 1;
    *value = (double)quotient * power2(exponent - shift);
    return true;
}

/* |value| as 17 decimal digits: digits * 10^exponent, correctly rounded */
struct decimal {
    uint64_t digits;
    int exponent;
    int rest;      /* sign of |value| - digits * 10^exponent */
    bool lopsided; /* the decimal second nearest to the value may be the one that reads back */
};

/* round(numerator / 2^shift), half to even */
static uint64_t round_shift(wide numerator, int shift, int *rest)
{
    uint64_t whole = (uint64_t)(numerator >> shift);
    wide below = numerator - ((wide)whole << shift), half = (wide)1 << (shift - 1);
    *rest = below != 0;
    if (below > half || (below == half && (whole & 1))) {
        *rest = -1;
        whole++;
    }
    return whole;
}

static uint64_t round_divide(wide numerator, uint64_t divisor, int *rest)
{
    uint64_t whole = (uint64_t)(numerator / divisor);
    uint64_t below = (uint64_t)(numerator - (wide)whole * divisor);
    *rest = below != 0;
    if (below > divisor - below || (below == divisor - below && (whole & 1))) {
        *rest = -1;
        whole++;
    }
    return whole;
}

/* 1e-7 <= value < 1e22: every product below stays under 2^107 */
static struct decimal decimal_exact(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
    int binary = (int)(bits >> 52) - 1075;
    struct decimal out = {.lopsided = mantissa == UINT64_C(1) << 52};
    int magnitude = (int)floor((binary + 52) * 0.30102999566398120); /* floor(log10), or one less */
    for (;; magnitude++) {
        int scale = DIGITS - 1 - magnitude, shift = binary + scale;
        if (scale < 0)
            out.digits = round_divide((wide)mantissa << binary, unit10[-scale], &out.rest);
        else if (shift >= 0)
            out.digits = (uint64_t)((wide)mantissa * power5[scale] << shift);
        else
            out.digits = round_shift((wide)mantissa * power5[scale], -shift, &out.rest);
        out.exponent = -scale;
        if (out.digits < unit10[DIGITS])
            return out;
    }
}

static struct decimal decimal_libc(double value)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%.16e", value); /* d.dddddddddddddddde-xxx */
    /* what the 17 digits leave over is not known here, so nearest is a guess at a tie */
    struct decimal out = {.digits = (uint64_t)(text[0] - '0'),
                          .exponent = atoi(text + DIGITS + 2) - (DIGITS - 1),
                          .lopsided = true};
    for (int i = 2; i <= DIGITS; i++)
        out.digits = out.digits * 10 + (uint64_t)(text[i] - '0');
    return out;
}

static bool is_usual(double value)
{
    return value >= 1e-7 && value < 1e22;
}

static double read_back(uint64_t digits, int exponent)
{
    double value;
    if (number_from_decimal(&value, digits, exponent))
        return value;
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent);
    return strtod(text, NULL);
}

/* The nearest decimal of 17 - drop digits, without the dropped zeros; *other leads to the second
   nearest: +1 above or -1 below. */
static uint64_t decimal_round(const struct decimal *decimal, int drop, int *other)
{
    uint64_t unit = unit10[drop], kept = decimal->digits / unit, below = decimal->digits % unit;
    bool up = below > unit - below ||
              (below == unit - below && (decimal->rest > 0 || (!decimal->rest && (kept & 1))));
    *other = up ? -1 : 1;
    return kept + up;
}

/* The shortest digits that read back as value. Up to 15 digits at most one decimal does in the
   normal range, so 15 digits without their trailing zeros are already the shortest; below it
   (subnormals) every length is tried. Where the lower neighbour is closer than the upper one
   (powers of two) the second nearest decimal may read back although the nearest does not. */
static void decimal_shorten(struct decimal *decimal, double value, bool usual)
{
    for (int drop = usual ? 2 : DIGITS - 1; drop > 0; drop--) {
        int other, exponent = decimal->exponent + drop;
        uint64_t digits = decimal_round(decimal, drop, &other);
        if (read_back(digits, exponent) != value) {
            digits += (uint64_t)(int64_t)other;
            if (!decimal->lopsided || read_back(digits, exponent) != value)
                continue;
        }
        decimal->digits = digits;
        decimal->exponent = exponent;
        break;
    }
    while (decimal->digits % 10 == 0) {
        decimal->digits /= 10;
        decimal->exponent++;
    }
}

static int put_integer(char *out, uint64_t value)
{
    char digits[20], *p = digits + sizeof digits;
    do
        *--p = (char)('0' + value % 10);
    while (value /= 10);
    int n = (int)(digits + sizeof digits - p);
    memcpy(out, p, (size_t)n);
    return n;
}

/* as JavaScript prints: plain up to 21 digits before and 6 zeros behind the point */
static char *put_decimal(char *out, const struct decimal *decimal)
{
    char digits[20];
    int n = put_integer(digits, decimal->digits);
    int point = n + decimal->exponent; /* digits in front of the point */
    if (point > 21 || point < -5) {
        *out++ = digits[0];
        if (n > 1) {
            *out++ = '.';
            memcpy(out, digits + 1, (size_t)(n - 1));
            out += n - 1;
        }
        *out++ = 'e';
        int exponent = point - 1;
        if (exponent < 0)
            *out++ = '-';
        return out + put_integer(out, (uint64_t)abs(exponent));
    }
    if (point <= 0) {
        *out++ = '0';
        *out++ = '.';
        memset(out, '0', (size_t)-point);
        out += -point;
        point = n;
    }
    int whole = point < n ? point : n;
    memcpy(out, digits, (size_t)whole);
    out += whole;
    if (point > n) {
        memset(out, '0', (size_t)(point - n));
        out += point - n;
    } else if (point < n) {
        *out++ = '.';
        memcpy(out, digits + point, (size_t)(n - point));
        out += n - point;
    }
    return out;
}

size_t number_text(char *out, double value)
{
    char *p = out;
    if (!isfinite(value)) {
        memcpy(out, "null", 5);
        return 4;
    }
    if (value < 0) {
        *p++ = '-';
        value = -value;
    }
    if (value < 1e15 && (double)(uint64_t)value == value) {
        p += put_integer(p, (uint64_t)value);
    } else {
        bool usual = is_usual(value);
        struct decimal decimal = usual ? decimal_exact(value) : decimal_libc(value);
        decimal_shorten(&decimal, value, usual);
        p = put_decimal(p, &decimal);
    }
    *p = '\0';
    return (size_t)(p - out);
}

double number_round12(double value)
{
    double size = fabs(value);
    if (!isfinite(value) || size == 0)
        return value;
    if (!is_usual(size)) {
        char text[NUMBER_TEXT];
        snprintf(text, sizeof text, "%.11e", value);
        return strtod(text, NULL);
    }
    struct decimal decimal = decimal_exact(size);
    int drop = DIGITS - 12, other;
    uint64_t digits = decimal_round(&decimal, drop, &other);
    return copysign(read_back(digits, decimal.exponent + drop), value);
}

size_t number_int_text(char *out, int64_t value)
{
    char *end = out;
    if (value < 0)
        *end++ = '-';
    end += put_integer(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    *end = '\0';
    return (size_t)(end - out);
}
