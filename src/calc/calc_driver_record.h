/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_record.h: byte layout of the packed posterior (private) */
#ifndef CALC_DRIVER_RECORD_H
#define CALC_DRIVER_RECORD_H

#include "calc_driver_posterior.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* "CWDRIVER" and the version come first; everything from RECORD_HASHED on is under the checksum. */
#define RECORD_MAGIC UINT64_C(0x5245564952445743)

enum {
    RECORD_VERSION = 1,
    RECORD_AT_VERSION = 8,
    RECORD_AT_SIZE = 16,
    RECORD_AT_CHECKSUM = 24,
    RECORD_HASHED = 32,
    RECORD_AT_COUNTS = 32, /* u64: rows, units, bins, groups, keys, text bytes */
    RECORD_AT_MODEL = 80,  /* u32: model, k, present, main group */
    RECORD_AT_NUMBERS = 96,
    RECORD_NUMBERS = 28, /* alpha s tau_bin4 tau_part4 mu4 mu_var10 share4 */
    RECORD_HEADER = 320,
    RECORD_GROUP = 40, /* u32 kind method bin bounded; f64 q; u32 units n; f64 coverage */
    RECORD_BIN = 24,   /* u32 text at, length, first unit, group, rows, 0; f64 location, variance */
    RECORD_UNIT = 16,  /* u32 text at, length, rows, unit at this place by (part, bin); f64 ... */
};

static inline size_t record_location_size(size_t k)
{
    return 8 * (k + k * (k + 1) / 2);
}

static inline uint32_t record_u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t record_u64(const unsigned char *p)
{
    return (uint64_t)record_u32(p) | (uint64_t)record_u32(p + 4) << 32;
}

static inline double record_f64(const unsigned char *p)
{
    uint64_t bits = record_u64(p);
    double v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline void record_put_u32(unsigned char *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> (8 * i));
}

static inline void record_put_u64(unsigned char *p, uint64_t v)
{
    record_put_u32(p, (uint32_t)v);
    record_put_u32(p + 4, (uint32_t)(v >> 32));
}

static inline void record_put_f64(unsigned char *p, double v)
{
    uint64_t bits;

    v += 0.0; /* one zero only */
    memcpy(&bits, &v, sizeof bits);
    record_put_u64(p, bits);
}

/*
 * Checksum of n bytes, n a multiple of 8: four lanes of multiply and rotate, folded by splitmix64's
 * finaliser. Every step is a bijection of the word it takes in, so one changed word always shows.
 */
uint64_t record_checksum(const unsigned char *p, size_t n);

/* Conformal group of a part unseen in a bin. */
size_t driver_view_bin_group(const struct calc_driver_view *view, size_t bin);

/* k numbers of a location and the triangle of its covariance. */
void driver_view_location(const struct calc_driver_view *view, enum calc_driver_level level,
                          size_t index, double *phi, double *var);

#endif
