/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_hash.c: FNV-1a 64 with the splitmix64 finaliser */
#include "calc_hash.h"

void calc_hash_init(struct calc_hash *h)
{
    h->fnv = UINT64_C(0xcbf29ce484222325);
}

void calc_hash_add(struct calc_hash *h, const char *s, size_t n)
{
    uint64_t v = h->fnv;

    for (size_t i = 0; i < n; i++) {
        v ^= (unsigned char)s[i];
        v *= UINT64_C(0x100000001b3);
    }
    h->fnv = v;
}

uint64_t calc_hash_value(const struct calc_hash *h)
{
    return calc_hash_mix(h->fnv);
}

uint64_t calc_hash_h64(const char *s, size_t n)
{
    struct calc_hash h;

    calc_hash_init(&h);
    calc_hash_add(&h, s, n);
    return calc_hash_value(&h);
}

double calc_hash_unit(uint64_t v)
{
    return (double)(v >> 11) * 0x1p-53;
}
