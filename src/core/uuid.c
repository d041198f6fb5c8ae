/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UUIDs: made, read and printed. */
#include "uuid.h"
#include "when.h"

#include <sodium.h>
#include <string.h>

/* RFC 9562 section 6.2, method 1: 26 bits behind the milliseconds count ids of the same
   millisecond. The count starts at a random value below 2^25, so 32 million ids fit; past that, or
   when the clock steps back, the millisecond is borrowed from the future. The 48 bits behind it
   are fresh randomness, so processes forked with the same count do not collide. */
#define COUNT_BITS 26

struct uuid uuid_v7(void)
{
    static uint64_t last_ms, count;
    uint8_t fresh[10];
    randombytes_buf(fresh, sizeof fresh);
    uint64_t ms = (uint64_t)(time_now() / 1000);
    uint32_t seed;
    memcpy(&seed, fresh + 6, sizeof seed);
    seed &= (1u << (COUNT_BITS - 1)) - 1;
    if (ms > last_ms) {
        last_ms = ms;
        count = seed;
    } else if (++count >> COUNT_BITS) {
        last_ms++;
        count = seed;
    }
    struct uuid id;
    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(last_ms >> (40 - 8 * i));
    id.b[6] = (uint8_t)(0x70 | count >> 22);
    id.b[7] = (uint8_t)(count >> 14);
    id.b[8] = (uint8_t)(0x80 | (count >> 8 & 0x3f));
    id.b[9] = (uint8_t)count;
    memcpy(id.b + 10, fresh, 6);
    return id;
}

struct uuid uuid_v4(void)
{
    struct uuid id;
    randombytes_buf(id.b, sizeof id.b);
    id.b[6] = (uint8_t)(0x40 | (id.b[6] & 0x0f));
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
    return id;
}

/* value of a hexadecimal digit plus one; 0 = none */
static const uint8_t hex_value[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* where each byte's two digits stand in 8-4-4-4-12 */
static const uint8_t place[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

bool uuid_parse(struct uuid *id, const char *text, size_t len)
{
    if (len != UUID_TEXT - 1 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
        text[23] != '-')
        return false;
    struct uuid out;
    bool good = true;
    for (int i = 0; i < 16; i++) {
        unsigned high = hex_value[(unsigned char)text[place[i]]];
        unsigned low = hex_value[(unsigned char)text[place[i] + 1]];
        good &= high && low;
        out.b[i] = (uint8_t)((high - 1) << 4 | ((low - 1) & 15));
    }
    if (good)
        *id = out;
    return good;
}

void uuid_text(const struct uuid *id, char out[UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    memset(out, '-', UUID_TEXT - 1);
    for (int i = 0; i < 16; i++) {
        out[place[i]] = digits[id->b[i] >> 4];
        out[place[i] + 1] = digits[id->b[i] & 15];
    }
    out[UUID_TEXT - 1] = '\0';
}

bool uuid_is_nil(const struct uuid *id)
{
    static const struct uuid nil;
    return uuid_equal(id, &nil);
}

int uuid_compare(const struct uuid *a, const struct uuid *b)
{
    return memcmp(a->b, b->b, sizeof a->b);
}

bool uuid_equal(const struct uuid *a, const struct uuid *b)
{
    return !memcmp(a->b, b->b, sizeof a->b);
}
