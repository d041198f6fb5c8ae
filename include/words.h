/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts eight bytes at a time. */
#ifndef COSTWRIGHT_WORDS_H
#define COSTWRIGHT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A word of eight equal bytes. */
#define WORD_OF(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The eight bytes at text, as they lie in memory. */
static inline uint64_t word_at(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

/* Are len >= 4 bytes the same? For short ones: cheaper than a call of memcmp. The last words
   overlap those before. */
static inline bool words_same(const char *a, const char *b, size_t len)
{
    uint32_t first[2], last[2];
    if (len >= 8) {
        for (size_t i = 0; i + 8 < len; i += 8)
            if (word_at(a + i) != word_at(b + i))
                return false;
        return word_at(a + len - 8) == word_at(b + len - 8);
    }
    memcpy(&first[0], a, 4);
    memcpy(&first[1], b, 4);
    memcpy(&last[0], a + len - 4, 4);
    memcpy(&last[1], b + len - 4, 4);
    return first[0] == first[1] && last[0] == last[1];
}

#endif
