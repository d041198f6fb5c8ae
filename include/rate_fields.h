/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fields object of a rate holds, by kind. */
#ifndef COSTWRIGHT_RATE_FIELDS_H
#define COSTWRIGHT_RATE_FIELDS_H

#include "field.h"
#include "store_rate.h"

struct arena;

enum rate_kind { RATE_LABOUR, RATE_OVERHEAD, RATE_MATERIAL, RATE_FX, RATE_KINDS };

extern const char *const rate_kinds[]; /* their wire names, NULL at the end */
/* RATE_KINDS: there is no such kind. */
enum rate_kind rate_kind_of(const char *name);

/* Key fields | values. Only those of the kind are set, the others are none.
   labour    category | hourly_rate, money per hour
   overhead  category, machine_ref (nil: every machine) | value, a fraction; base_labour
   material  material_ref | price_per_kg, scrap_price_per_kg (NAN: none)
   fx        from, to | rate: 1 from = rate to */
struct rate_fields {
    const char *category, *base, *material_ref, *from, *to;
    struct uuid machine_ref;
    double hourly_rate, value, price_per_kg, scrap_price_per_kg, rate;
};

/* Reads and checks; flaws are added at path and below. text is copied. */
void rate_fields_read(enum rate_kind kind, const struct field_raw *text, struct rate_fields *fields,
                      struct flaws *flaws, const struct field_path *path);
/* Out of a stored row. */
void rate_fields_stored(struct arena *arena, const struct store_rate *rate,
                        struct rate_fields *fields);
/* As they are stored: members of the kind that are there. */
struct field_raw rate_fields_text(struct arena *arena, enum rate_kind kind,
                                  const struct rate_fields *fields);
/* Key fields joined by U+001F, which no text may hold; ids in lower case. */
const char *rate_fields_key(struct arena *arena, enum rate_kind kind,
                            const struct rate_fields *fields);
/* An overhead on labour alone (base labour). */
bool rate_fields_base_labour(const struct rate_fields *fields);

#endif
