/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one operation table. A new endpoint is a new row here, a handler and its shapes. */
#include "operation.h"

#include "api.h"

#define API "/api/v1/parts"

/* clang-format off */
const struct operation operations[] = {
    /* service */
    {"service_healthz", "GET", "/healthz", SCOPE_NONE, service_healthz, NULL, NULL, NULL, OP_READ_ONLY, 200,
     "Is this process alive?", "Answers 200 as long as a worker can answer at all."},
    {"service_readyz", "GET", "/readyz", SCOPE_NONE, service_readyz, NULL, NULL, NULL, OP_READ_ONLY, 200,
     "Can requests be served?", "200 when the database answers and carries the schema this program needs; else 503."},
};
/* clang-format on */

const size_t n_operations = sizeof operations / sizeof *operations;
