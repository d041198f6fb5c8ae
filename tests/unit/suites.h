/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every suite of the unit tests: one file test_NAME.c each, alphabetical. */
#ifndef COSTWRIGHT_SUITES_H
#define COSTWRIGHT_SUITES_H

#define SUITES(X)                                                                                  \
    X(calc_bias)                                                                                   \
    X(calc_conformal)                                                                              \
    X(calc_curve)                                                                                  \
    X(calc_drift)                                                                                  \
    X(calc_hash)                                                                                   \
    X(calc_price)                                                                                  \
    X(calc_price_choose)                                                                           \
    X(calc_times)                                                                                  \
    X(calc_vdi3258)                                                                                \
    X(calc_workorder)                                                                              \
    X(core_apikey)                                                                                 \
    X(currency)                                                                                    \
    X(machine_class)

#endif
