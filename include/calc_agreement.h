/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_agreement.h: Krippendorff's alpha with its jackknife error */
#ifndef CALC_AGREEMENT_H
#define CALC_AGREEMENT_H

#include "calc_labels.h"
#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability". Only units with m_u >= 2
 * values count; n = sum m_u, n_c = how often value c occurs among them, d2 = squared difference:
 *
 *     alpha = 1 - (n-1) sum_u O_u / E,  O_u = sum_{i != j in u} d2 / (m_u - 1),
 *     E = sum_{c != k} n_c n_k d2_ck
 *
 *     nominal   d2 = [c != k]           interval  d2 = (c - k)^2
 *     ordinal   interval on the mid-ranks R_c = sum_{g <= c} n_g - n_c / 2
 *     ratio     d2 = ((c-k)/(c+k))^2, 0 for c = k = 0; values >= 0
 *
 * Linear time: O(values + n_values); ratio also n_values^2 and, per unit, the square of the
 * distinct values in it. Units and values in a fixed order give bit-equal answers.
 */
enum calc_agreement_metric {
    CALC_AGREEMENT_NOMINAL,
    CALC_AGREEMENT_ORDINAL,
    CALC_AGREEMENT_INTERVAL,
    CALC_AGREEMENT_RATIO,
};

/*
 * The data: value number s of unit u, begin[u] <= s < end[u], is code[s] % modulus, an index below
 * n_values; modulus > 0 lets the cells of calc_labels serve as they are.
 */
struct calc_agreement_units {
    uint32_t n_units;
    const uint32_t *begin;
    const uint32_t *end;
    const uint32_t *code;
    uint32_t modulus;
    const uint8_t *skip; /* n_units: 1 = leave the unit out (gold); NULL = none */
    uint32_t n_values;
    const double *value; /* n_values, strictly ascending; NULL for nominal */
};

/* The counted labels of a campaign as units; skip as above. Nominal only. */
struct calc_agreement_units calc_agreement_from_labels(const struct calc_labels *labels,
                                                       const uint8_t *skip);

enum calc_agreement_reason {
    CALC_AGREEMENT_DEFINED,
    CALC_AGREEMENT_NO_PAIR,   /* no unit has two values */
    CALC_AGREEMENT_ONE_VALUE, /* all pairable values are equal: nothing to tell apart */
};

struct calc_agreement {
    double alpha;
    double observed; /* disagreement D_o = sum O_u / n */
    double expected; /* disagreement D_e = E / (n (n-1)) */
    uint32_t n;      /* pairable values */
    uint32_t units;  /* units that hold them */
    enum calc_agreement_reason reason;
};

/* Bytes of workspace, aligned for double. */
size_t calc_agreement_size(size_t n_values);

/*
 * CALC_UNDEFINED: no alpha; out->reason, n and units are filled, the rest is 0.
 * CALC_DOMAIN: n_values or modulus 0, a value missing, not finite, not ascending, or negative for
 * ratio; a code out of range. CALC_SIZE: size < calc_agreement_size().
 */
enum calc_status calc_agreement_alpha(enum calc_agreement_metric metric,
                                      const struct calc_agreement_units *units, void *mem,
                                      size_t size, struct calc_agreement *out);

/*
 * Standard error of alpha by the delete-one-unit jackknife over the U units that count:
 * sqrt((U-1)/U sum (alpha_(u) - mean)^2). Deterministic. From running sums, in the time of alpha
 * itself; ordinal ranks change with every deletion: O(units * (values + n_values)).
 * CALC_UNDEFINED: alpha is, or becomes so when some unit is deleted (a single unit included).
 * Other statuses as above.
 */
enum calc_status calc_agreement_jackknife(enum calc_agreement_metric metric,
                                          const struct calc_agreement_units *units, void *mem,
                                          size_t size, double *error);

#endif
