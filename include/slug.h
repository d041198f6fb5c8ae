/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slugs: short machine-made names, [a-z0-9_-]{1,64}. */
#ifndef COSTWRIGHT_SLUG_H
#define COSTWRIGHT_SLUG_H

#include <stdbool.h>
#include <stddef.h>

bool slug_is(const char *text, size_t len);
/* For field tables: NULL where text is a slug, else a constant sentence. */
const char *slug_check(const char *text);

#endif
