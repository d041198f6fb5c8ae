/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_hash.h: keyed 64-bit hash that replaces random choices */
#ifndef CALC_HASH_H
#define CALC_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * h64(text) = FNV-1a 64 (Fowler, Noll, Vo) over the bytes, then the finaliser of splitmix64
 * (Steele, Lea, Flood 2014), because FNV alone leaves the high bits of short keys weak. Not
 * cryptographic: where the outcome must not be foreseen, the key has to include a secret.
 *
 * Text is fed in pieces, as in h64("salt|key"):
 *     calc_hash_init(&h); calc_hash_add(&h, salt, ns); calc_hash_add(&h, "|", 1);
 *     calc_hash_add(&h, key, nk); v = calc_hash_value(&h);
 */
struct calc_hash {
    uint64_t fnv;
};

void calc_hash_init(struct calc_hash *h);

/* Append n bytes; s may be NULL when n = 0. */
void calc_hash_add(struct calc_hash *h, const char *s, size_t n);

/* h64 of all bytes added so far; more may be added afterwards. */
uint64_t calc_hash_value(const struct calc_hash *h);

/* h64 of n bytes at once. */
uint64_t calc_hash_h64(const char *s, size_t n);

/* The finaliser alone: a permutation after which any bit of v tells in all bits of the result. */
static inline uint64_t calc_hash_mix(uint64_t v)
{
    v ^= v >> 30;
    v *= UINT64_C(0xbf58476d1ce4e5b9);
    v ^= v >> 27;
    v *= UINT64_C(0x94d049bb133111eb);
    v ^= v >> 31;
    return v;
}

/* v / 2^64 as a number in [0, 1): the top 53 bits, so that rounding never gives 1. */
double calc_hash_unit(uint64_t v);

#endif
