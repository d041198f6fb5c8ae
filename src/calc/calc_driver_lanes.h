/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_lanes.h: four numbers at a time (private to the driver posterior) */
#ifndef CALC_DRIVER_LANES_H
#define CALC_DRIVER_LANES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Vectors of the compiler, which it turns into whatever the processor has: every lane is the same
 * IEEE operation in the same order everywhere, so a result depends neither on the width of the
 * machine nor on what lies in the other lanes.
 */
enum { DRIVER_LANES = 4 };

typedef double driver_lanes __attribute__((vector_size(32), aligned(16)));
typedef int64_t driver_mask __attribute__((vector_size(32), aligned(16))); /* 0 or -1 */

#define DRIVER_INLINE static inline __attribute__((always_inline))
#define DRIVER_UNROLL _Pragma("GCC unroll 4")

/*
 * A function compiled twice and chosen when the program is loaded; -ffp-contract=off keeps the
 * results the same. Not under the sanitizer, which is not up yet when the choice is made, nor by
 * clang, whose choice is not seen from other files.
 */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define DRIVER_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define DRIVER_CLONES
#endif

DRIVER_INLINE driver_lanes lanes_of(double x)
{
    return (driver_lanes){x, x, x, x};
}

DRIVER_INLINE driver_mask lanes_all(void)
{
    return (driver_mask){-1, -1, -1, -1};
}

DRIVER_INLINE bool lanes_any(driver_mask m)
{
    return ((m[0] | m[1]) | (m[2] | m[3])) != 0;
}

/* a where the mask is set, else b. */
DRIVER_INLINE driver_lanes lanes_pick(driver_mask m, driver_lanes a, driver_lanes b)
{
    return (driver_lanes)((m & (driver_mask)a) | (~m & (driver_mask)b));
}

DRIVER_INLINE driver_lanes lanes_larger(driver_lanes a, driver_lanes b)
{
    return lanes_pick(a > b, a, b);
}

DRIVER_INLINE driver_lanes lanes_abs(driver_lanes x)
{
    return (driver_lanes)((driver_mask)x & INT64_MAX);
}

DRIVER_INLINE double lanes_sum(driver_lanes x)
{
    return (x[0] + x[1]) + (x[2] + x[3]);
}

/* exp(x), x <= 0; one of the effects of a location is its largest and has x = 0. */
DRIVER_INLINE driver_lanes lanes_exp(driver_lanes x)
{
    driver_lanes y;

    for (int l = 0; l < DRIVER_LANES; l++)
        y[l] = x[l] == 0.0 ? 1.0 : exp(x[l]);
    return y;
}

#endif
