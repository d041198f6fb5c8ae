/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One text for equal JSON values. */
#ifndef COSTWRIGHT_JSON_CANONICAL_H
#define COSTWRIGHT_JSON_CANONICAL_H

#include "field.h"

struct arena;
struct buf;

/* Appends the value in text (well-formed JSON) without white space: members by name, numbers as
   their shortest decimal (1, 1.0 and 1e0 are one value), strings with the least escapes. False,
   out left alone, where text is no JSON. */
bool json_canonical(struct buf *out, const char *text, size_t len);
/* Whether a and b are one value; false where either is none or no JSON. */
bool json_same(const struct field_raw *a, const struct field_raw *b);

#endif
