/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machines that process plans name. */
#ifndef COSTWRIGHT_PLAN_MACHINES_H
#define COSTWRIGHT_PLAN_MACHINES_H

#include "err.h"
#include "field.h"

struct process_plan;
struct request;

/* A plan that is to be stored, and the object of the body whose process_plan it is. */
struct plan_at {
    const struct process_plan *plan;
    struct field_path of;
};

/* A flaw (unknown_reference) at machine_id of every operation whose machine the tenant does not
   have, whatever environment it stands in. One query for all plans, none where no operation names a
   machine. ERR_VALIDATION_ERROR if there was one. */
enum err plan_machines_check(struct request *request, const struct plan_at *plans, size_t n);

#endif
