/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What calibrations beside that of unit cost put into a price: times, learning curves, the choice
   of machines, intervals. */
#ifndef COSTWRIGHT_PRICING_MODELS_H
#define COSTWRIGHT_PRICING_MODELS_H

#include "calc_price.h"
#include "request.h"

/* The posteriors of runs, stored as JSON through these field tables. */

struct times_model_bin {
    const char *bin; /* operation klass */
    double theta;    /* planned times of the klass are multiplied by e^theta */
    double q;        /* half-width of the interval, log units; NAN: none */
    int64_t n;       /* scores that sized it */
};

struct times_model {
    double mu; /* theta of a klass never seen */
    double sigma_log, alpha, q;
    int64_t n;
    struct field_list bins; /* of struct times_model_bin, bytewise by bin */
};

struct curve_model {
    const char *model;
    double a, b;
    double
        units; /* of the fitted lots: the mean of x^b over 1..units is what the plan's times are */
};

struct policy_model {
    struct field_list features; /* texts, bytewise */
    struct field_list weights;  /* doubles, >= 0, sum 1 */
};

struct interval_model {
    double alpha, q; /* unit_cost e^-q .. unit_cost e^q */
    int64_t n, k;    /* scores, rank of q */
};

extern const struct shape shape_times_model, shape_curve_model, shape_policy_model,
    shape_interval_model;

enum pricing_time { PRICING_CYCLE, PRICING_SETUP, PRICING_TIMES };

struct pricing_curve {
    struct uuid revision, run;
    const struct curve_model *model;
};

/* Everything active; a member that is NULL is not. */
struct pricing_models {
    struct uuid unit_cost_run; /* nil: none; pricing_active_run loads it */
    const struct times_model *times[PRICING_TIMES];
    struct uuid times_run[PRICING_TIMES];
    const struct policy_model *policy;
    struct uuid policy_run;
    const struct interval_model *interval; /* of unit cost */
    struct uuid interval_run;
    bool interval_platform;
    struct pricing_curve *curves; /* by revision */
    size_t n_curves;
};

/* One statement. */
enum err pricing_models_read(struct db *db, struct arena *arena, struct uuid org,
                             struct uuid environment, bool curves, struct pricing_models *models);
/* With all curves, for as long as the request. */
enum err pricing_models(struct request *request, struct uuid environment,
                        struct pricing_models *models);

/* The same with another run in a slot: posterior text NULL takes it out. */
void pricing_models_put(struct arena *arena, struct pricing_models *models, const char *slot,
                        struct uuid run, struct uuid subject, const struct field_raw *posterior);

/* The factor of planned times of an operation class, and of a class never seen. */
double pricing_time_theta(const struct times_model *model, const char *klass,
                          const struct times_model_bin **bin);

/* The curve of a revision; NULL: none. */
const struct pricing_curve *pricing_curve(const struct pricing_models *models,
                                          const struct uuid *revision);

/* Mean of x^b over the units of an order, over the same mean of the fitted lots; 1 where the order
   lies outside of what can be computed. */
double pricing_curve_factor(const struct curve_model *curve, double produced, double lot_size);

#endif
