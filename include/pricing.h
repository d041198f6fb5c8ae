/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pricing inside the api room: what the price equation needs, loaded with few statements; shared by
   quotes and calibration. */
#ifndef COSTWRIGHT_PRICING_H
#define COSTWRIGHT_PRICING_H

#include "calc_driver_posterior.h"
#include "calc_price.h"
#include "request.h"
#include "store_environment.h"
#include "store_machine.h"
#include "store_part.h"
#include "store_rate.h"

/* Stamps every prediction. Evidence of another version is kept, not fitted: raise it whenever the
   same plan and rates give another price. */
#define PRICING_MODEL_VERSION "costwright-1"

/* An environment as the price equation reads it. book.machines[i].row is an index into memberships,
   book.rates[kind][i].row one into rates. */
struct pricing_book {
    struct price_book book;
    struct store_environment environment;
    struct store_membership *memberships;
    struct store_rate *rates;
    size_t n_memberships, n_rates;
    struct arena *arena; /* where it lies */
    /* rows as provenance shows them: printed on first use, in arena */
    struct field_raw *rate_texts, *machine_texts;
};

/* Three statements. ERR_NOT_FOUND: no such environment of this tenant. Lives as long as the
   request; books that live longer: pricing_book.h. */
enum err pricing_book(struct request *request, struct uuid environment, struct pricing_book **book);

struct pricing_plan {
    struct uuid part_id, revision_id; /* part_id nil: no such revision of this tenant */
    struct price_plan plan;
};

void pricing_plan_of(struct arena *arena, const struct store_plan *stored, struct uuid revision,
                     struct pricing_plan *plan);
/* plans[n] in the order of revisions; one statement. Equal ids share a plan's texts. */
enum err pricing_plans(struct request *request, const struct uuid *revisions, size_t n,
                       struct pricing_plan *plans);

/* The active unit_cost run of an environment. */
struct pricing_active {
    struct uuid run;
    struct calc_driver_view view;
};

/* Of the run that is active; *active NULL: run is nil. Lives until the next call of this function
   or, like everything else, the end of the request. The process keeps posteriors (cache.h):
   runs never change. */
enum err pricing_active_run(struct request *request, struct uuid environment, struct uuid run,
                            const struct pricing_active **active);
/* The one of this run if the process has kept it; else NULL. */
const struct pricing_active *pricing_active_kept(struct uuid run);
/* When there are no requests for a while. */
void pricing_active_forget(void);

/* How a posterior knows a part: the 16 bytes of its id, where part stands. */
static inline struct calc_key pricing_part_key(const struct uuid *part)
{
    return (struct calc_key){(const char *)part->b, sizeof part->b};
}

/* What is asked of one plan. */
struct pricing_order {
    double lot_size, annual_volume, tooling_lifetime; /* the latter NAN: none */
    const char *bin;                                  /* NULL: the part's usual one */
    double units_produced;                            /* before this order */
};

/* A price with what calibration made of it. Without an active run the calibrated figures are the
   uncalibrated ones. Fitted quantities are rounded to 12 significant digits. */
struct pricing_result {
    struct price_cost cost;
    const char *bin;            /* the one used; NULL: none is named */
    double unit_cost;           /* median */
    double expected;            /* mean */
    double setup_cost;          /* of the whole order: the setup driver times its correction */
    double alpha, lower, upper; /* interval; alpha NAN: none */
    const char *basis;          /* arena; NULL: none */
};

struct pricing_models;

/* Where a part stands in the active run; found once for all lot sizes. */
struct pricing_site {
    const struct pricing_active *active; /* NULL: none */
    const struct pricing_models *models; /* its interval replaces that of the run; NULL: none */
    struct calc_key part, bin;           /* bin "": none is named */
    struct calc_driver_site site;
    const char *bin_text, *basis, *interval_basis;
};

/* bin NULL: the one the part has most evidence in; else "", that of evidence that names none. part
   has to outlive site. */
void pricing_locate(struct arena *arena, const struct pricing_active *active,
                    const struct pricing_models *models, const struct uuid *part, const char *bin,
                    struct pricing_site *site);

/* calc_price_at, then the correction of the site. */
enum price_failure pricing_at(const struct price_coefficients *resolved,
                              const struct pricing_site *site, const struct pricing_order *order,
                              struct pricing_result *out);

/* What is missing, in sentences. date: the day that was priced. */
const char *pricing_fault_text(struct arena *arena, const struct price_faults *faults,
                               const struct pricing_book *book, int32_t date);

#endif
