/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_vdi3258.h: machine-hour rate after VDI 3258 */
#ifndef CALC_VDI3258_H
#define CALC_VDI3258_H

#include "calc_status.h"

/* Inputs under their wire names; a missing one is 0. Money is EUR, time is hours. */
struct calc_vdi3258_input {
    double acquisition_cost_eur;
    double depreciation_life_h;   /* productive hours over the whole life */
    double annual_hours_T_G;      /* theoretical hours of a year */
    double annual_hours_T_ST;     /* standstill, without setup (setup is charged separately) */
    double annual_hours_T_IH;     /* maintenance */
    double capital_interest_rate; /* fraction per year, 0 <= i < 1 */
    double energy_kw;             /* average draw while running */
    double energy_eur_per_kwh;
    double floor_space_m2;
    double space_eur_per_m2_y;
    double maintenance_eur_per_year;
    double tooling_eur_per_year;
    double operator_hourly_eur;
    double operator_share; /* 0..1: share of an operator bound by the machine */
};

/* EUR per hour, except run_hours. */
struct calc_vdi3258_rate {
    double run_hours; /* T_N, hours per year */
    double depreciation;
    double interest;
    double space;
    double energy;
    double maintenance;
    double tooling;
    double machine; /* sum of the six above: the machine-hour rate */
    double labour;  /* operator_share * operator_hourly_eur; no part of the classical rate */
    double total;   /* machine + labour */
};

/*
 * VDI 3258 sheet 1, NUMERICS 9:
 *   T_N          = T_G - T_ST - T_IH                    (must be > 0)
 *   depreciation = acquisition / life                   (life = productive hours)
 *   interest     = 1/2 * acquisition * rate / T_N       (half is tied up on average)
 *   space        = m2 * EUR per m2 and year / T_N
 *   energy       = kW * EUR per kWh
 *   maintenance  = EUR per year / T_N,   tooling likewise
 *
 * CALC_DOMAIN     an input is negative or not a number, T_N <= 0, acquisition > 0 without a life,
 *                 interest rate >= 1 (a percentage was sent), operator share > 1
 * CALC_UNDEFINED  the inputs are so far apart that a term exceeds the range of double
 * In both cases *field is the wire name of the offending input, else NULL.
 */
enum calc_status calc_vdi3258(const struct calc_vdi3258_input *in, struct calc_vdi3258_rate *out,
                              const char **field);

#endif
