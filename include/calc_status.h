/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_status.h: what a function of the numeric module says about its answer */
#ifndef CALC_STATUS_H
#define CALC_STATUS_H

/*
 * Every function of the numeric module that can fail returns one of these. Out-parameters are
 * left alone unless the status is CALC_OK (a header says so where it differs). No function hands
 * out NaN or infinity: an answer that does not exist is CALC_UNDEFINED.
 */
enum calc_status {
    CALC_OK = 0,
    CALC_DOMAIN,        /* an input lies outside the documented domain (caller's mistake) */
    CALC_SIZE,          /* fewer rows than needed, or the caller's array is too small */
    CALC_SINGULAR,      /* the rows do not determine the parameters */
    CALC_NOT_CONVERGED, /* the iteration limit was reached first */
    CALC_UNDEFINED,     /* valid input for which the quantity does not exist, or is unbounded */
};

#endif
