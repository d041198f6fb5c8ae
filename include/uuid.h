/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UUIDs: 16 bytes in memory, 36 characters on the wire and in SQL. */
#ifndef COSTWRIGHT_UUID_H
#define COSTWRIGHT_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uuid {
    uint8_t b[16];
};

#define UUID_TEXT 37 /* with the terminating NUL */

/* Version 7 (RFC 9562): 48 bits of Unix milliseconds, then a counter that keeps ids made by one
   process in order, then randomness (libsodium). */
struct uuid uuid_v7(void);
void uuid_v7_many(struct uuid *ids, size_t n); /* the same, in order */
/* Version 4: nothing but randomness, for ids whose order would tell something. */
struct uuid uuid_v4(void);
/* Version 8: of a hash. The database's type UUID refuses what has no version and variant. */
struct uuid uuid_v8(const uint8_t hash[16]);
/* Any version, either case, exactly 8-4-4-4-12; false leaves *id alone. text need not end with NUL.
 */
bool uuid_parse(struct uuid *id, const char *text, size_t len);
void uuid_text(const struct uuid *id, char out[UUID_TEXT]);
bool uuid_is_nil(const struct uuid *id);
int uuid_compare(const struct uuid *a, const struct uuid *b);
bool uuid_equal(const struct uuid *a, const struct uuid *b);

#endif
