/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_internal.h: constants and shared shapes of the driver posterior (private) */
#ifndef CALC_DRIVER_INTERNAL_H
#define CALC_DRIVER_INTERNAL_H

#include "calc_driver.h"
#include "calc_driver_matrix.h"
#include "calc_driver_memory.h"

#include <float.h>
#include <math.h>

/* Priors: degrees of freedom of the t, weight and value of the prior scales, prior of mu. */
#define DRIVER_NU     4.0
#define DRIVER_NU0    4.0
#define DRIVER_S0     0.25
#define DRIVER_OMEGA0 0.5
#define DRIVER_RHO    0.5
#define DRIVER_TAU0   0.2 /* of both levels */
#define DRIVER_TOL    1e-10
#define DRIVER_EPS    1e-12

#define DRIVER_TAU_MIN      0.05
#define DRIVER_TAU_BIN_MAX  0.5
#define DRIVER_TAU_PART_MAX 0.6
#define DRIVER_CLIP         4.0 /* a variance changes by this factor in one round at most */

enum {
    DRIVER_EB_ROUNDS = 12,     /* N1: empirical-Bayes rounds of stage A */
    DRIVER_MORE_ROUNDS = 18,   /* N2: rounds after them, at most */
    DRIVER_LEARN_ROUNDS = 12,  /* N3: rounds of stage B that learn s and tau_part */
    DRIVER_WEIGHT_ROUNDS = 6,  /* NW: rounds of LOCAL that move the weights */
    DRIVER_LOCAL_ROUNDS = 24,  /* NL: rounds of LOCAL, at most */
    DRIVER_FOLDS = 5,          /* NF */
    DRIVER_HALVINGS = 5,       /* line search: 1, 1/2, ..., 1/16 */
    DRIVER_SCALE_ROUNDS = 50,  /* fixed-point rounds of a t-scale */
    DRIVER_BIG_BIN = 20,       /* units from which a bin has its own conformal group */
    DRIVER_FIXED_GROUPS = 5,   /* part4, part2, part1, bin, env */
    DRIVER_MIN_GUARD_ROWS = 5, /* fewer rows: bias without guard; fewer units: rows are compared */
};

/* Prior covariance of mu for K drivers, and its diagonal. */
DRIVER_INLINE double driver_omega(size_t i, size_t j, size_t k)
{
    double rho = k == 1 ? 1.0 : DRIVER_RHO;

    return DRIVER_OMEGA0 * DRIVER_OMEGA0 * (i == j ? 1.0 : rho);
}

/*
 * One candidate with K drivers: its data (views of the set, share compacted to K columns) and what
 * the stages find. Arrays as in struct calc_driver_fit.
 */
struct driver_candidate {
    const struct calc_driver_set *set;
    unsigned k;
    const double *share; /* [n * k] */
    double s2, tau_bin2[CALC_DRIVER_MAX], tau_part2[CALC_DRIVER_MAX];
    unsigned iterations;
    double last_step;
    double mu[CALC_DRIVER_MAX], mu_var[TRI_MAX];
    double *theta, *theta_var;   /* bins */
    double *hole, *hole_var;     /* bins: cavity m_b, Vm: the environment without the bin */
    double *cavity, *cavity_var; /* units: q_p, Vq: the bin without the part */
    double *phi, *phi_var;       /* units */
    double *part_r, *part_sd, *bin_r, *bin_sd, *env_r, *env_sd; /* rows */
};

/* Memory the stages share, sized for the largest K. Nothing in it outlives a stage's caller. */
struct driver_scratch {
    double *r[2], *jac[2];         /* rows: residual, cost shares (K); two generations */
    double *weight;                /* rows */
    double *lambda;                /* units */
    double *gain, *info, *grad;    /* units: C, H, g */
    double *target, *move;         /* bins: theta*, last move */
    double *bin_info, *bin_grad;   /* bins: Hb, gb */
    double *bin_gain;              /* bins: Cb */
    double *rest_info, *rest_grad; /* bins: Ab, ab */
};

/* EB(t0, S, gamma): variances of K drivers, pooled among themselves. */
DRIVER_INLINE void driver_pool(const size_t K, const double *sum, const double *gamma, double *out)
{
    double prior = DRIVER_NU0 * DRIVER_TAU0 * DRIVER_TAU0, s = 0.0, g = 0.0;

    for (size_t k = 0; k < K; k++) {
        s += sum[k];
        g += gamma[k];
    }
    double pool = (prior + s) / (DRIVER_NU0 + g), kappa = g / (double)K;

    for (size_t k = 0; k < K; k++)
        out[k] = (prior + kappa * pool + sum[k]) / (DRIVER_NU0 + kappa + gamma[k]);
}

DRIVER_INLINE double driver_clip(double next, double old, double lo, double hi)
{
    next = fmin(fmax(next, old / DRIVER_CLIP), old * DRIVER_CLIP);
    return fmin(fmax(next, lo), hi);
}

/* s^2 from the weighted squares, with the degrees of freedom the locations used up. */
DRIVER_INLINE double driver_scale(double squares, double used, double n, double old)
{
    double dof = DRIVER_NU0 + n - fmin(used, 0.98 * n);
    double next = (DRIVER_NU0 * DRIVER_S0 * DRIVER_S0 + squares) / dof;

    return driver_clip(next, old, 0.0, DBL_MAX);
}

/* Effects of one location, prepared for many rows: e_k = exp(phi_k - top). */
struct driver_location {
    double phi[CALC_DRIVER_MAX], e[CALC_DRIVER_MAX], top;
};

DRIVER_INLINE void driver_locate(const size_t K, const double *phi, struct driver_location *at)
{
    at->top = phi[0];
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++) {
        at->phi[k] = phi[k];
        at->top = phi[k] > at->top ? phi[k] : at->top;
    }
    if (K == 1)
        return;
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        at->e[k] = exp(phi[k] - at->top);
}

/* ln sum_k e^{phi_k} share_k and its gradient where the plain sum underflows. */
double driver_log_sum_far(size_t k, const double *phi, const double *share, double *jac);

/* Residual x - ln sum_k e^{phi_k} share_k of a row and the row's cost shares. */
DRIVER_INLINE double driver_residual(const size_t K, const struct driver_location *at, double x,
                                     const double *share, double *jac)
{
    double sum, inverse, part[CALC_DRIVER_MAX];

    if (K == 1) {
        jac[0] = 1.0;
        return x - at->phi[0];
    }
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        part[k] = at->e[k] * share[k];
    sum = part[0];
    DRIVER_UNROLL
    for (size_t k = 1; k < K; k++)
        sum += part[k];
    if (__builtin_expect(!(sum > 1e-200), 0))
        return x - driver_log_sum_far(K, at->phi, share, jac);
    inverse = 1.0 / sum;
    DRIVER_UNROLL
    for (size_t k = 0; k < K; k++)
        jac[k] = part[k] * inverse;
    return (x - at->top) - log(sum);
}

/* What one round of stage A knows of the environment; the rest of a round lies in scratch. */
struct driver_round {
    double inv_s2;                                                /* 1 / s^2 */
    double inv_part2[CALC_DRIVER_MAX], inv_bin2[CALC_DRIVER_MAX]; /* 1 / tau^2 */
    double root_part[CALC_DRIVER_MAX], root_bin[CALC_DRIVER_MAX];
    double info[TRI_MAX], grad[CALC_DRIVER_MAX]; /* L, sum of ab */
    double mean[CALC_DRIVER_MAX], var[TRI_MAX];  /* mu*, Ve */
    unsigned now;                                /* generation of r and jac in use */
};

/*
 * What is left of the information H and the gradient g of a level once it is integrated out:
 * A = H - H C H and a = g - H C g, C = (H + T^-1)^-1, in the equal forms T^-1 C H and T^-1 C g. The
 * differences would lose every digit where H is many times T^-1, as that of a part with 10^5 equal
 * orders is. inv = the diagonal of T^-1 but for the factor scale.
 */
DRIVER_INLINE void driver_integrate_out(const size_t K, const double *inv, double scale,
                                        const double *gain, const double *h, const double *g,
                                        double *a, double *ga)
{
    double f[SQUARE_MAX], t[CALC_DRIVER_MAX];

    sym_product(K, gain, h, f);
    sym_apply(K, gain, g, ga);
    DRIVER_UNROLL
    for (size_t i = 0; i < K; i++) {
        t[i] = inv[i] * scale;
        ga[i] *= t[i];
        DRIVER_UNROLL
        for (size_t j = 0; j <= i; j++)
            a[tri(i, j)] = 0.5 * (t[i] * f[i * K + j] + t[j] * f[j * K + i]);
    }
}

/*
 * A part with a single row has H = h J J' and everything about it follows from two numbers:
 * 1 / beta with beta = 1 + h J'TJ (in its slot of info) and kappa = h / beta (in that of gain).
 */
static inline bool driver_is_single(const struct calc_driver_set *set, size_t p)
{
    return set->unit_row[p + 1] - set->unit_row[p] == 1;
}

/* Stage A: environment and bins, then the cavities. false: a matrix was not positive definite. */
bool driver_stage_a(struct driver_candidate *c, struct driver_scratch *w);

/* Cavities from the last round of stage A, which calls it. */
bool driver_cavities(struct driver_candidate *c, const struct driver_scratch *w,
                     const struct driver_round *o);

/*
 * Stage B: s and tau_part learned, then every unit fitted and the residuals of every row held out
 * at the three levels. Needs stage A.
 */
struct driver_batches;
bool driver_stage_b(struct driver_candidate *c, struct driver_batches *b);

/* A row without a bin lies in the bin "", while a quote without one has an unknown bin. */
static inline struct calc_key driver_row_bin(struct calc_key bin)
{
    return bin.s != NULL ? bin : (struct calc_key){"", 0};
}

/* Folds of a part with n rows. */
static inline size_t driver_folds(size_t n)
{
    return n < DRIVER_FOLDS ? n : DRIVER_FOLDS;
}

/* Rows of its part that stay when row j of n is held out with its fold; 0 for n = 1. */
static inline uint32_t driver_history(uint32_t n, uint32_t j)
{
    uint32_t folds = (uint32_t)driver_folds(n), own = j % folds;

    return n - (n - own + folds - 1) / folds;
}

/*
 * Mean held-out score of each candidate and the choice among them (fit->guard, best, model), n
 * candidates from simple to rich. scratch: 2 numbers per row and n per compared unit.
 */
size_t driver_guard_units(const struct calc_driver_set *set);
void driver_guard(struct calc_driver_fit *fit, const struct driver_candidate *const *candidate,
                  unsigned n, double *scratch);

/* t-scale kappa^2 of n standardised residuals z. */
double driver_kappa2(const double *z, size_t n);

/* Log density of t_4 with scale sd at r. */
double driver_log_density(double r, double sd);

/* t-scale of the residuals x of identity. */
double driver_identity_scale(const double *x, size_t n);

/* Scratch of the functions below: index and keys per row. */
struct driver_sorting {
    double *score, *value;    /* rows */
    uint64_t *key, *key2;     /* rows */
    uint32_t *index, *index2; /* rows */
    double *bin_sum;          /* bins */
};

void driver_cut_sorting(struct calc_driver_memory *m, struct driver_sorting *w, size_t n,
                        size_t bins);

/* Conformal groups of the held-out residuals in fit; returns the group with the most units. */
unsigned driver_conformal(const struct calc_driver_fit *fit, struct calc_driver_group *group,
                          const struct driver_sorting *w);

/* Groups of a set: the fixed ones and the bins with a group of their own. */
size_t driver_count_groups(const struct calc_driver_set *set);

/* |predicted / actual - 1| of a residual ln(actual / predicted), kept finite. */
static inline double driver_ape(double r)
{
    return fabs(expm1(fmin(-r, 600.0)));
}

/* Errors of n residuals; with history, of those rows only whose history is positive. */
struct calc_driver_metrics driver_metrics(const double *r, const uint32_t *history, size_t n,
                                          const struct driver_sorting *w);

#endif
