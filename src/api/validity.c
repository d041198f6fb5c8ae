/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From which day to which something is valid. */
#include "validity.h"

#include "field.h"
#include "when.h"

void validity_check(int32_t from, int32_t to, struct flaws *flaws, const struct field_path *path)
{
    if (from != DATE_NONE && to != DATE_NONE && to < from)
        flaw_add_at(flaws, path, "valid_to", "date_order", "must not be before valid_from");
}
