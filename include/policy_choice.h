/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A past choice of a machine: from the wire to evidence and to the fit. */
#ifndef COSTWRIGHT_POLICY_CHOICE_H
#define COSTWRIGHT_POLICY_CHOICE_H

#include "field.h"

struct arena;

#define CHOICE_FEATURES   32  /* most features of all rows of a fit */
#define CHOICE_CANDIDATES 200 /* most machines of one choice */

/* Checks the candidates, objects {machine_id, features: numbers or null}, and writes them with the
   choice as one canonical text: candidates by machine, features by name. Flaws are added at path;
   NULL where there were any. What scratch gets is not needed afterwards. */
const char *policy_choice_text(struct arena *arena, struct arena *scratch,
                               const struct field_list *candidates, const char *chosen,
                               struct flaws *flaws, const struct field_path *path);

struct policy_feature {
    const char *name;
    double value;
};

struct policy_candidate {
    const char *machine;
    struct policy_feature *features; /* by name */
    size_t n;
};

struct policy_choice {
    const char *chosen;
    struct policy_candidate *candidates;
    size_t n;
};

/* A text of policy_choice_text; what it says lives in the arena. */
enum err policy_choice_read(struct arena *arena, const char *text, struct policy_choice *choice);

#endif
