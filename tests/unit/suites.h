/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every suite of the unit tests: one file test_NAME.c each, alphabetical. */
#ifndef COSTWRIGHT_SUITES_H
#define COSTWRIGHT_SUITES_H

#define SUITES(X)                                                                                  \
    X(calc_bias)                                                                                   \
    X(calc_conformal)                                                                              \
    X(calc_hash)                                                                                   \
    X(calc_times)                                                                                  \
    X(calc_vdi3258)                                                                                \
    X(calc_workorder)                                                                              \
    X(core_apikey)                                                                                 \
    X(currency)                                                                                    \
    X(machine_class)

#endif
