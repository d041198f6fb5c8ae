/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From which day to which something is valid. */
#ifndef COSTWRIGHT_VALIDITY_H
#define COSTWRIGHT_VALIDITY_H

#include <stdint.h>

struct field_path;
struct flaws;

/* The rule between the members valid_from and valid_to of the thing at path: a flaw of the latter
   where it is before. DATE_NONE: open. */
void validity_check(int32_t from, int32_t to, struct flaws *flaws, const struct field_path *path);

#endif
