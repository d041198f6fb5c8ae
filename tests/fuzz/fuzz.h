/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz.h: what the fuzz targets share */
#ifndef COSTWRIGHT_FUZZ_H
#define COSTWRIGHT_FUZZ_H

#include "field.h"
#include "json_in.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

/* Every flaw can be written into an answer and does not echo the whole request. */
static inline void check_flaws(const struct flaws *flaws)
{
    for (size_t i = 0; i < flaws->total && i < FLAWS_KEPT; i++) {
        const char *why = NULL, *loc = flaws->kept[i].loc;
        size_t where;
        must(json_check(loc, strlen(loc), &why, &where), "loc is not JSON");
        must(strlen(loc) < 600 && strlen(flaws->kept[i].message) < 400, "a flaw echoes too much");
    }
}

#endif
