/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_c.h: an independent reader to compare with */
#ifndef COSTWRIGHT_FUZZ_JSON_C_H
#define COSTWRIGHT_FUZZ_JSON_C_H

#include <stdbool.h>
#include <stddef.h>

/* Does json-c take both texts, and do they say the same to it? Numbers as doubles: it has no
   integers beyond 64 bits. */
bool json_c_agrees(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
