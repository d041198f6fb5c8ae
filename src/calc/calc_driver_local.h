/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_local.h: LOCAL, a batch of parts at their own locations (private) */
#ifndef CALC_DRIVER_LOCAL_H
#define CALC_DRIVER_LOCAL_H

#include "calc_driver_batch.h"

/* Parts of a batch: prior N(q, vq + T / lambda), location, and what the last round left. */
struct driver_local {
    const driver_lanes *q, *vq;
    driver_lanes live; /* 1 in the lanes that count in the sums, else 0 */
    driver_lanes phi[CALC_DRIVER_MAX], lambda;
    driver_lanes precision[TRI_MAX]; /* P */
    driver_lanes var[TRI_MAX];       /* V, linearised where the last step began */
    driver_mask ok;                  /* cleared where a matrix was not positive definite */
};

struct driver_scales {
    double s2, inv_s2, tau2[CALC_DRIVER_MAX];
};

/* Sums over parts that become the next s and tau_part. */
struct driver_sums {
    driver_lanes squares, used, part_s[CALC_DRIVER_MAX], part_v[CALC_DRIVER_MAX];
};

/*
 * With sums: one round from phi, lambda and the weights of rows; sums are those with the old
 * weights. Without: LOCAL from phi = q with weights 1; var is then the posterior covariance at phi.
 * r and jac of rows must be those at the location of entry (w is 0 where a lane has no row); they
 * are those at phi on return.
 */
void driver_local_run(size_t k, const struct driver_scales *o, const struct driver_batch_rows *rows,
                      struct driver_local *l, struct driver_sums *s);

/* r and jac of rows at phi and the standard deviations sqrt(s^2 + J' var J) of r. */
void driver_local_predict(size_t k, const struct driver_scales *o,
                          const struct driver_batch_rows *rows, const driver_lanes *phi,
                          const driver_lanes *var, driver_lanes *sd);

#endif
