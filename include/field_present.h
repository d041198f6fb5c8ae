/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Structs of a field table written as JSON to be stored: only what is there. */
#ifndef COSTWRIGHT_FIELD_PRESENT_H
#define COSTWRIGHT_FIELD_PRESENT_H

#include "field.h"

struct arena;

/* {"name": value, ...}: members in table order without those that are absent, at every depth;
   numbers as their shortest decimal. field_read gets the same struct back. */
void field_write_present(struct buf *out, const struct shape *shape, const void *thing);
/* The same as a text in arena. */
struct field_raw field_present(struct arena *arena, const struct shape *shape, const void *thing);

/* Reads text as field_read does, from a copy in flaws->arena; false: a syntax fault. */
bool field_read_copy(const struct field_raw *text, const struct shape *shape, void *thing,
                     struct flaws *flaws, const struct field_path *path);
/* Reads stored text that was once checked against shape, from a copy in arena: what does not fit
   the shape any more is passed over. */
void field_read_stored(struct arena *arena, const struct shape *shape, void *thing,
                       const struct field_raw *text);

#endif
