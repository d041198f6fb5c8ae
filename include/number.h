/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal digits to a double, correctly rounded, without libc; printing is in buf.h. */
#ifndef COSTWRIGHT_NUMBER_H
#define COSTWRIGHT_NUMBER_H

#include <float.h>
#include <stdbool.h>
#include <stdint.h>

extern const double number_power10[23]; /* those that are exact */
bool number_from_wide(double *value, uint64_t digits, int exponent);

/* *value = digits * 10^exponent, rounded once to nearest even. False, *value left alone, where
   exponent is outside -27..27 and digits is not 0: the caller then asks strtod. */
static inline bool number_from_decimal(double *value, uint64_t digits, int exponent)
{
    /* both operands exact: one rounding (Clinger 1990, "How to read floating point numbers
       accurately") */
    if (FLT_EVAL_METHOD == 0 && digits <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22) {
        double exact = (double)digits;
        *value =
            exponent < 0 ? exact / number_power10[-exponent] : exact * number_power10[exponent];
        return true;
    }
    return number_from_wide(value, digits, exponent);
}

#endif
