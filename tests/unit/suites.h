/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every suite of the unit tests: one file test_NAME.c each, alphabetical. */
#ifndef COSTWRIGHT_SUITES_H
#define COSTWRIGHT_SUITES_H

#define SUITES(X)                                                                                  \
    X(calc_agreement)                                                                              \
    X(calc_bias)                                                                                   \
    X(calc_conformal)                                                                              \
    X(calc_consensus)                                                                              \
    X(calc_consensus_golden)                                                                       \
    X(calc_curve)                                                                                  \
    X(calc_drift)                                                                                  \
    X(calc_driver)                                                                                 \
    X(calc_driver_gate)                                                                            \
    X(calc_driver_posterior)                                                                       \
    X(calc_hash)                                                                                   \
    X(calc_honeypot)                                                                               \
    X(calc_labels)                                                                                 \
    X(calc_policy)                                                                                 \
    X(calc_price)                                                                                  \
    X(calc_price_choose)                                                                           \
    X(calc_redundancy)                                                                             \
    X(calc_times)                                                                                  \
    X(calc_trust)                                                                                  \
    X(calc_vdi3258)                                                                                \
    X(calc_vote)                                                                                   \
    X(calc_workorder)                                                                              \
    X(core_apikey)                                                                                 \
    X(core_buf)                                                                                    \
    X(core_cache)                                                                                  \
    X(core_canonical)                                                                              \
    X(core_field)                                                                                  \
    X(core_intern)                                                                                 \
    X(core_json)                                                                                   \
    X(core_number)                                                                                 \
    X(core_query)                                                                                  \
    X(core_uuid)                                                                                   \
    X(core_when)                                                                                   \
    X(currency)                                                                                    \
    X(labeling_order)                                                                              \
    X(log)                                                                                         \
    X(machine_class)                                                                               \
    X(settings)

#endif
