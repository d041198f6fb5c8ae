/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Environment or platform: whose evidence a call is about. */
#ifndef COSTWRIGHT_SCOPE_H
#define COSTWRIGHT_SCOPE_H

#include "request.h"

struct scope_place {
    struct uuid org, env;
    bool platform;
};

/* scope and env_id of a body. ERR_INSUFFICIENT_SCOPE: a tenant's key at platform scope, an
   operator's key in an environment; ERR_VALIDATION_ERROR: env_id is missing or unknown. */
enum err scope_place(struct request *request, const char *scope, struct uuid env_id,
                     struct scope_place *place);

#endif
