/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal digits to a double, correctly rounded, without libc; printing is in buf.h. */
#ifndef COSTWRIGHT_NUMBER_H
#define COSTWRIGHT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* *value = digits * 10^exponent, rounded once to nearest even. False, *value left alone, where
   exponent is outside -27..27 and digits is not 0: the caller then asks strtod. */
bool number_from_decimal(double *value, uint64_t digits, int exponent);

#endif
