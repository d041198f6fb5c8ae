/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UUIDs: made, read and printed. */
#include "uuid.h"
#include "when.h"
#include "words.h"

#include <endian.h>
#include <sodium.h>
#include <string.h>

/* RFC 9562 section 6.2, method 1: 26 bits behind the milliseconds count ids of the same
   millisecond. The count starts at a random value below 2^25, so 32 million ids fit; past that, or
   when the clock steps back, the millisecond is borrowed from the future. The 48 bits behind it
   are fresh randomness, so processes forked with the same count do not collide. */
#define COUNT_BITS 26
#define AT_ONCE    100 /* ids from one call for randomness */

static struct uuid next_v7(uint64_t ms, const uint8_t fresh[10])
{
    static uint64_t last_ms, count;
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

void uuid_v7_many(struct uuid *ids, size_t n)
{
    uint8_t fresh[AT_ONCE][10];
    uint64_t ms = (uint64_t)(time_now() / 1000);
    for (size_t i = 0; i < n; i++) {
        if (i % AT_ONCE == 0)
            randombytes_buf(fresh, sizeof *fresh * (n - i < AT_ONCE ? n - i : AT_ONCE));
        ids[i] = next_v7(ms, fresh[i % AT_ONCE]);
    }
}

struct uuid uuid_v7(void)
{
    struct uuid id;
    uuid_v7_many(&id, 1);
    return id;
}

static struct uuid of_version(struct uuid id, uint8_t version)
{
    id.b[6] = (uint8_t)(version << 4 | (id.b[6] & 0x0f));
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
    return id;
}

struct uuid uuid_v4(void)
{
    struct uuid id;
    randombytes_buf(id.b, sizeof id.b);
    return of_version(id, 4);
}

struct uuid uuid_v8(const uint8_t hash[16])
{
    struct uuid id;
    memcpy(id.b, hash, sizeof id.b);
    return of_version(id, 8);
}

/* where each byte's two digits stand in 8-4-4-4-12 */
static const uint8_t place[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

/* Eight hexadecimal digits, the first in the lowest byte, to four bytes in the same order; clears
 *good where one is none. Every byte is below 0x80 when added to, so none carries into the next. */
static inline uint32_t hex8(uint64_t text, uint64_t *good)
{
    uint64_t ascii = ~text & WORD_OF(0x80), x = text & WORD_OF(0x7f), lower = x | WORD_OF(0x20);
    uint64_t digit = (x + WORD_OF(0x80 - '0')) & ~(x + WORD_OF(0x80 - '9' - 1)) & WORD_OF(0x80);
    uint64_t letter =
        (lower + WORD_OF(0x80 - 'a')) & ~(lower + WORD_OF(0x80 - 'f' - 1)) & WORD_OF(0x80);
    *good &= (digit | letter) & ascii;
    uint64_t value = (x & WORD_OF(0x0f)) + (letter >> 7) * 9;
    value = (value << 4 | value >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    value = (value | value >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)(value | value >> 16);
}

static uint64_t load4(const char *text)
{
    uint32_t four;
    memcpy(&four, text, sizeof four);
    return le32toh(four);
}

bool uuid_parse(struct uuid *id, const char *text, size_t len)
{
    if (len != UUID_TEXT - 1 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
        text[23] != '-')
        return false;
    uint64_t good = WORD_OF(0x80);
    uint32_t out[4] = {
        htole32(hex8(load4(text) | load4(text + 4) << 32, &good)),
        htole32(hex8(load4(text + 9) | load4(text + 14) << 32, &good)),
        htole32(hex8(load4(text + 19) | load4(text + 24) << 32, &good)),
        htole32(hex8(load4(text + 28) | load4(text + 32) << 32, &good)),
    };
    if (good != WORD_OF(0x80))
        return false;
    memcpy(id->b, out, sizeof id->b);
    return true;
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
