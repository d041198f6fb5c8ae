/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan's machines, rates and calibrated times, as the active models have them. */
#ifndef COSTWRIGHT_PRICING_RESOLVE_H
#define COSTWRIGHT_PRICING_RESOLVE_H

#include "pricing.h"
#include "pricing_models.h"

/* What a policy can weigh of a candidate machine, all better when smaller. hourly_rate: EUR;
   op_cost: the operation's cost of a piece in this lot, its setup included; setup_cost: of the
   order; load_ratio: of the part's envelope to the machine's, the tightest side; fleet_priority.
   NULL-terminated, bytewise. */
extern const char *const pricing_features[];

/* Does the price of a plan depend on the lot beyond the price equation? */
bool pricing_depends_on_lot(const struct pricing_models *models, const struct uuid *revision);

/*
 * calc_price_resolve with planned times multiplied by the calibrated factors of their class, with
 * the machines that the active policy prefers at this lot size, and with run costs at the learning
 * curve's level for the units that follow order->units_produced. scores[n_operations] (may be
 * NULL): of the machine taken; NAN without a policy or where the plan names the machine.
 */
enum calc_status pricing_resolve(struct arena *arena, const struct pricing_book *book,
                                 const struct pricing_plan *plan,
                                 const struct pricing_models *models,
                                 const struct pricing_order *order, int32_t date,
                                 struct price_coefficients *out, struct price_detail *detail,
                                 double *scores, struct price_faults *faults);

/* Room for what calc_price_resolve says of the plan. */
struct price_detail pricing_detail(struct arena *arena, const struct price_plan *plan);

/* Run costs at another level: what a learning curve does. */
void pricing_scale_run(struct price_coefficients *coefficients, double factor);

#endif
