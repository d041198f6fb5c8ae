/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_price.h: what a part costs by its process plan and an environment's machines and rates */
#ifndef CALC_PRICE_H
#define CALC_PRICE_H

#include "calc_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The price equation. n = lot size, y = 1 - scrap rate, operation o on machine m with labour l:
 *
 *   material = (gross price_per_kg - max(0, gross - net) scrap_price) / y
 *   setup    = sum_o setup_h (hourly_m + burden_m + labour_l) / n          (fully attended)
 *   machine  = sum_o cycle_h / parts_per_cycle (hourly_m + burden_m) / y
 *   labour   = sum_o cycle_h / parts_per_cycle labour_l attendance / y
 *   tooling  = tooling_cost / (tooling_lifetime_units or annual_volume)
 *   external = per_part + per_lot / n + sum quantity unit_price
 *   overhead_variable = v_mat material + v_mfg (setup + machine + labour + tooling)
 *                       (base labour: v_mfg of the labour in setup and labour only)
 *   manufacturing cost = all of these
 *   overhead_fixed = (v_administration + v_sales) manufacturing cost
 *   uncalibrated unit cost = manufacturing cost + overhead_fixed
 *
 * labour_l is the rate of the operation's labour category; an operation without one is charged the
 * operator share of its machine instead. A manufacturing overhead that names a machine replaces
 * the general one in the operations on it; tooling takes the general one.
 *
 * Use: fill a price_book (one environment), calc_price_order() once; per plan and date
 * calc_price_resolve() finds machines, rates and exchange rates and leaves a dozen coefficients;
 * calc_price_at() prices those at any lot size in a few operations.
 *
 * Money of the result and of plans is in the book's currency. Hours only inside hourly rates, times
 * are seconds. Dates are days since 1970-01-01, PRICE_OPEN = no end. Missing numbers are NaN.
 * Texts are NUL-terminated, NULL = none, and must outlive the book.
 */
#define PRICE_OPEN     INT32_MIN
#define PRICE_NO_GRADE INT32_MIN /* IT grades: IT01 is -1, IT0 is 0, IT1 is 1, ... */
#define PRICE_NONE     UINT32_MAX

enum price_kind { PRICE_LABOUR, PRICE_OVERHEAD, PRICE_MATERIAL, PRICE_FX, PRICE_KINDS };

/* A rate row. Keys: labour {category, NULL}, overhead {category, machine_ref or NULL},
   material {material_ref, NULL}, fx {from, to}. */
struct price_rate {
    const char *key, *key2;
    int32_t valid_from, valid_to;
    char currency[4];    /* of value and scrap_price; not used by overhead and fx */
    bool on_labour_only; /* overhead: base labour instead of conversion */
    double value;        /* hourly rate, fraction, price per kg, 1 from = value to */
    double scrap_price;  /* material: price per kg of scrap, NaN = none */
    uint32_t row;        /* the caller's index of the row, for provenance */
};

/* A machine as member of the environment. Rates are EUR per hour. */
struct price_machine {
    unsigned char id[16];
    const char *ref;   /* id as text: what plans and overheads call it; not NULL */
    const char *klass; /* <process>.<type> */
    double hourly, burden;
    double operator_hourly; /* operator share times operator wage, 0 = none */
    int32_t priority;       /* lower is tried first */
    bool enabled;
    int32_t valid_from, valid_to; /* of the membership and of the machine, both */
    double envelope[3];           /* mm, largest part; envelope[0] NaN = no limit */
    double spindle_rpm, power_kw, thickness_mm, tool_diameter_mm; /* upper limits, NaN = none */
    int32_t it_grade;                                             /* best achievable */
    const char *const *certifications; /* held; NULL = no statement, takes anything */
    size_t n_certifications;
    uint32_t row; /* the caller's index, for provenance */
};

struct price_book {
    char currency[4];
    int32_t valid_from, valid_to;
    const struct price_machine *machines;
    size_t n_machines;
    struct price_rate *rates[PRICE_KINDS];
    size_t n_rates[PRICE_KINDS];
};

struct price_operation {
    int64_t sequence;
    const char *klass;
    const char *machine_ref;     /* the machine it has to run on, NULL = any that can */
    double setup_s, cycle_s;     /* >= 0 */
    double parts_per_cycle;      /* > 0 */
    const char *labour_category; /* NULL: the machine's operator share */
    double attendance;           /* 0..1 of run time */
    double spindle_rpm, power_kw, thickness_mm, tool_diameter_mm; /* needed, NaN = any */
    int32_t it_grade;                                             /* needed */
    const char *const *certifications;                            /* needed, all of them */
    size_t n_certifications;
};

struct price_plan {
    const char *material_ref;
    double gross_mass_kg, net_mass_kg; /* >= 0; net NaN = gross */
    double scrap_rate;                 /* 0 <= scrap < 1 */
    double tooling_cost;               /* >= 0; NaN = 0, as the next three */
    double external_per_part, external_per_lot;
    double purchased;   /* sum of quantity times unit price */
    double envelope[3]; /* mm; envelope[0] NaN = unknown */
    const struct price_operation *operations;
    size_t n_operations;
};

/* Why a plan cannot be priced. */
enum price_failure {
    PRICE_OK,
    PRICE_ENVIRONMENT_NOT_VALID, /* date outside its validity */
    PRICE_NO_MATERIAL_RATE,      /* a = material_ref */
    PRICE_NO_LABOUR_RATE,        /* a = category */
    PRICE_NO_FX,                 /* a = from, b = to */
    PRICE_NO_MACHINE,            /* a = klass: no enabled, valid machine that satisfies it */
    PRICE_MACHINE_UNKNOWN,       /* a = machine_ref: not a member */
    PRICE_MACHINE_NOT_VALID,     /* a = machine_ref: not valid on the date */
    PRICE_MACHINE_DISABLED,      /* a = machine_ref */
    PRICE_NO_TOOLING_UNITS,      /* a tooling cost, but neither lifetime nor annual volume > 0 */
    PRICE_NEGATIVE_MATERIAL,     /* a = material_ref: scrap is worth more than the material */
    PRICE_NOT_FINITE,            /* beyond the range of double */
    PRICE_FAILURES
};

/* "missing_material_rate", ...: stable slugs for reports; PRICE_OK is "ok". */
const char *calc_price_failure_text(enum price_failure failure);

#define PRICE_FAULTS 8

struct price_fault {
    enum price_failure failure;
    const char *a, *b; /* what is missing, texts of plan or book */
    int64_t sequence;  /* operation concerned, INT64_MIN = none */
};

/* Everything missing, up to PRICE_FAULTS different things, in plan order. */
struct price_faults {
    size_t n;
    struct price_fault at[PRICE_FAULTS];
};

/* What calc_price_at needs: parts per piece or per lot, before and after overheads. */
struct price_coefficients {
    double material, machine, labour; /* per piece */
    double setup;                     /* per lot */
    double tooling_cost;              /* over the units of calc_price_at */
    double external_piece, external_lot;
    double overhead_material, overhead_run; /* variable overhead per piece */
    double overhead_setup;                  /* per lot */
    double overhead_tooling;                /* fraction of tooling */
    double fixed;                           /* v_administration + v_sales */
    double profit;                          /* v_profit */
};

/* How an operation is made. */
struct price_step {
    uint32_t machine;        /* index into book->machines */
    double setup_s, cycle_s; /* planned times by their factors */
    double setup_cost;       /* per lot, without overheads */
    double run_cost;         /* per piece, without overheads */
};

/* A row a price rests on: index into book->rates[kind]. */
struct price_source {
    enum price_kind kind;
    uint32_t index;
};

/* What a quote shows beside the cost; an evidence row does without. */
struct price_detail {
    struct price_step *steps;     /* [plan->n_operations] */
    struct price_source *sources; /* [sources_size] distinct, in order of first use */
    size_t n_sources, sources_size;
};

/* Bound of distinct sources of a plan. */
#define PRICE_SOURCES(n_operations) (8 + 4 * (n_operations))

/* What may differ from the plan; a NULL member = as planned. One entry per operation. */
struct price_choice {
    const uint32_t *machine; /* index into book->machines or PRICE_NONE = choose */
    const double *setup_factor, *cycle_factor;
};

enum price_driver {
    PRICE_DRIVER_MATERIAL,
    PRICE_DRIVER_RUN,
    PRICE_DRIVER_SETUP,
    PRICE_DRIVER_OTHER,
    PRICE_DRIVERS
};

/* Per piece. The eight components add up to uncalibrated, and so do the four drivers: material,
   run (machine + labour), setup, other (tooling + external), each with its overheads. */
struct price_cost {
    double material, labour, machine, setup, tooling, external;
    double overhead_variable, overhead_fixed;
    double uncalibrated;
    double driver[PRICE_DRIVERS];
};

/* Sorts the rates of book in place, so that they can be looked up. */
void calc_price_order(struct price_book *book);

/*
 * The row of kind and keys with the latest valid_from <= date whose valid_to is open or >= date;
 * PRICE_NONE if there is none. key2 NULL = none. Binary search in an ordered book.
 */
uint32_t calc_price_rate(const struct price_book *book, enum price_kind kind, const char *key,
                         const char *key2, int32_t date);

/*
 * 1 unit of currency = *factor units of the book's, on date: 1 for the same currency, the rate of
 * the pair, or the inverse of the opposite pair; no crosses. *index is the row, PRICE_NONE where
 * none was needed. False: there is no pair.
 */
bool calc_price_fx(const struct price_book *book, const char *currency, int32_t date,
                   double *factor, uint32_t *index);

/* Enabled and valid on date, of the operation's klass, large enough for the plan's envelope (in
   any orientation) and able to do what the operation needs; an absent limit or need constrains
   nothing. */
bool calc_price_suits(const struct price_machine *machine, const struct price_plan *plan,
                      const struct price_operation *operation, int32_t date);

/*
 * The machine of operation: its machine_ref (which has to be an enabled member, valid on date;
 * klass and limits are then the planner's word), else of those that suit the one with the lowest
 * priority, then the lowest id. PRICE_NONE with *failure set: there is none.
 */
uint32_t calc_price_choose(const struct price_book *book, const struct price_plan *plan,
                           const struct price_operation *operation, int32_t date,
                           enum price_failure *failure);

/*
 * Find everything the price of plan on date needs. choice and detail may be NULL. A material of
 * gross mass 0 needs no rate; everything else a plan names must be there.
 * CALC_OK: *out is set. CALC_UNDEFINED: something is missing, *faults says what, *out is not set.
 * CALC_SIZE: detail->sources is smaller than PRICE_SOURCES asks.
 */
enum calc_status calc_price_resolve(const struct price_book *book, const struct price_plan *plan,
                                    int32_t date, const struct price_choice *choice,
                                    struct price_coefficients *out, struct price_detail *detail,
                                    struct price_faults *faults);

/*
 * Price per piece in a lot of lot_size > 0. Tooling is spread over tooling_lifetime if that is
 * > 0 (NaN = none), else over annual_volume. PRICE_OK, PRICE_NO_TOOLING_UNITS or
 * PRICE_NOT_FINITE; *out is set only with PRICE_OK.
 */
enum price_failure calc_price_at(const struct price_coefficients *resolved, double lot_size,
                                 double annual_volume, double tooling_lifetime,
                                 struct price_cost *out);

#endif
