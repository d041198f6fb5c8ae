/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_logit.c: conditional logit by Newton's method */
#include "calc_logit.h"

#include "calc_sum.h"

#include <stdbool.h>

#define LOGIT_DECREMENT 1e-16 /* squared step in standard errors */
#define LOGIT_STEP      1e-8  /* step in units of utility, relative */
#define LOGIT_PIVOT     1e-13
enum { LOGIT_MAX_ITERATIONS = 100, LOGIT_HALVINGS = 40 };

struct logit_work {
    size_t k;
    double ridge;
    double *hessian; /* k x k, then its Cholesky factor in the lower triangle */
    double *gradient;
    double *step;
    double *trial;
    double *mean;  /* of one set */
    double *scale; /* spread of each feature: sqrt of the first Hessian per set */
    double *p;     /* probabilities of one set */
};

size_t calc_logit_scratch(size_t n_features, size_t max_set)
{
    return n_features * n_features + 5 * n_features + max_set;
}

/* Probabilities of set i at beta; returns ln P(chosen). */
static double logit_set(const struct calc_logit_data *d, const double *beta, size_t i, double *p)
{
    size_t first = d->start[i], n = d->start[i + 1] - first;
    double top = -INFINITY, total = 0.0, taken;

    for (size_t j = 0; j < n; j++) {
        const double *x = d->x + (first + j) * d->n_features;

        p[j] = 0.0;
        for (size_t f = 0; f < d->n_features; f++)
            p[j] += beta[f] * x[f];
        top = fmax(top, p[j]);
    }
    taken = p[d->chosen[i] - first] - top;
    for (size_t j = 0; j < n; j++) {
        p[j] = exp(p[j] - top);
        total += p[j];
    }
    for (size_t j = 0; j < n; j++)
        p[j] /= total;
    return taken - log(total);
}

/* Penalised log-likelihood; *plain without the penalty. */
static double logit_value(const struct calc_logit_data *d, const struct logit_work *w,
                          const double *beta, double *plain)
{
    struct calc_sum s;
    double square = 0.0;

    calc_sum_init(&s);
    for (size_t i = 0; i < d->n_sets; i++)
        calc_sum_add(&s, logit_set(d, beta, i, w->p));
    for (size_t f = 0; f < w->k; f++)
        square += beta[f] * beta[f];
    *plain = calc_sum_value(&s);
    return *plain - 0.5 * w->ridge * square;
}

/* Gradient and negative Hessian (lower triangle) of the penalised log-likelihood. */
static void logit_derivatives(const struct calc_logit_data *d, struct logit_work *w,
                              const double *beta)
{
    size_t k = w->k;

    for (size_t f = 0; f < k; f++) {
        w->gradient[f] = -w->ridge * beta[f];
        for (size_t g = 0; g < k; g++)
            w->hessian[f * k + g] = f == g ? w->ridge : 0.0;
    }
    for (size_t i = 0; i < d->n_sets; i++) {
        const double *taken = d->x + d->chosen[i] * k;
        size_t first = d->start[i], n = d->start[i + 1] - first;

        logit_set(d, beta, i, w->p);
        for (size_t f = 0; f < k; f++) {
            w->mean[f] = 0.0;
            for (size_t j = 0; j < n; j++)
                w->mean[f] += w->p[j] * d->x[(first + j) * k + f];
        }
        for (size_t j = 0; j < n; j++) {
            const double *x = d->x + (first + j) * k;

            for (size_t f = 0; f < k; f++) {
                /* not taken - mean: that rounds to 0 long before the choice is certain */
                w->gradient[f] += w->p[j] * (taken[f] - x[f]);
                for (size_t g = 0; g <= f; g++)
                    w->hessian[f * k + g] += w->p[j] * (x[f] - w->mean[f]) * (x[g] - w->mean[g]);
            }
        }
    }
}

/* Cholesky factor in place; false where a pivot vanishes against its own diagonal. */
static bool logit_factor(double *h, size_t k)
{
    for (size_t f = 0; f < k; f++) {
        double diagonal = h[f * k + f];

        for (size_t g = 0; g <= f; g++) {
            double s = h[f * k + g];

            for (size_t l = 0; l < g; l++)
                s -= h[f * k + l] * h[g * k + l];
            if (g < f) {
                h[f * k + g] = s / h[g * k + g];
            } else {
                if (!(s > LOGIT_PIVOT * diagonal))
                    return false;
                h[f * k + f] = sqrt(s);
            }
        }
    }
    return true;
}

static void logit_solve(const double *factor, size_t k, const double *rhs, double *out)
{
    for (size_t f = 0; f < k; f++) {
        out[f] = rhs[f];
        for (size_t g = 0; g < f; g++)
            out[f] -= factor[f * k + g] * out[g];
        out[f] /= factor[f * k + f];
    }
    for (size_t f = k; f-- > 0;) {
        for (size_t g = f + 1; g < k; g++)
            out[f] -= factor[g * k + f] * out[g];
        out[f] /= factor[f * k + f];
    }
}

static bool logit_settled(const struct logit_work *w, const double *beta, double decrement)
{
    double move = 0.0, size = 1.0;

    for (size_t f = 0; f < w->k; f++) {
        move = fmax(move, fabs(w->step[f]) * w->scale[f]);
        size = fmax(size, fabs(beta[f]) * w->scale[f]);
    }
    return decrement <= LOGIT_DECREMENT && move <= LOGIT_STEP * size;
}

/* One Newton step from beta, halved until the value does not fall. */
static bool logit_advance(const struct calc_logit_data *d, struct logit_work *w, double *beta,
                          double *value, double *plain)
{
    double h = 1.0;

    for (int i = 0; i < LOGIT_HALVINGS; i++, h *= 0.5) {
        double p, v;

        for (size_t f = 0; f < w->k; f++)
            w->trial[f] = beta[f] + h * w->step[f];
        v = logit_value(d, w, w->trial, &p);
        if (!(v >= *value - 1e-12 * (1.0 + fabs(*value))))
            continue;
        for (size_t f = 0; f < w->k; f++)
            beta[f] = w->trial[f];
        *value = v;
        *plain = p;
        return true;
    }
    return false;
}

static enum calc_status logit_check(const struct calc_logit_data *d, double ridge)
{
    if (d->n_sets == 0 || d->n_features == 0)
        return CALC_SIZE;
    if (!isfinite(ridge) || ridge < 0.0)
        return CALC_DOMAIN;
    for (size_t i = 0; i < d->n_sets; i++)
        if (d->chosen[i] < d->start[i] || d->chosen[i] >= d->start[i + 1])
            return CALC_DOMAIN;
    for (size_t i = 0; i < d->start[d->n_sets] * d->n_features; i++)
        if (!isfinite(d->x[i]))
            return CALC_DOMAIN;
    return CALC_OK;
}

static void logit_errors(const struct logit_work *w, double *se)
{
    for (size_t f = 0; f < w->k; f++) {
        for (size_t g = 0; g < w->k; g++)
            w->trial[g] = f == g ? 1.0 : 0.0;
        logit_solve(w->hessian, w->k, w->trial, w->step);
        se[f] = sqrt(w->step[f]);
    }
}

enum calc_status calc_logit_fit(const struct calc_logit_data *data, double ridge, double *scratch,
                                double *beta, double *se, struct calc_logit_fit *fit)
{
    size_t k = data->n_features;
    double *at = scratch + k * k;
    struct logit_work w = {k,          ridge,      scratch,    at,        at + k,
                           at + 2 * k, at + 3 * k, at + 4 * k, at + 5 * k};
    enum calc_status st = logit_check(data, ridge);
    double value, plain;

    if (st != CALC_OK)
        return st;
    for (size_t f = 0; f < k; f++)
        beta[f] = 0.0;
    value = logit_value(data, &w, beta, &plain);
    for (int i = 0; i < LOGIT_MAX_ITERATIONS; i++) {
        double decrement = 0.0;
        bool done;

        logit_derivatives(data, &w, beta);
        for (size_t f = 0; i == 0 && f < k; f++)
            w.scale[f] = sqrt(w.hessian[f * k + f] / (double)data->n_sets);
        if (!logit_factor(w.hessian, k))
            return i == 0 ? CALC_SINGULAR : CALC_NOT_CONVERGED;
        logit_solve(w.hessian, k, w.gradient, w.step);
        for (size_t f = 0; f < k; f++)
            decrement += w.gradient[f] * w.step[f];
        done = logit_settled(&w, beta, decrement);
        if (!logit_advance(data, &w, beta, &value, &plain))
            return CALC_NOT_CONVERGED;
        if (!done)
            continue;
        if (se != NULL)
            logit_errors(&w, se);
        *fit = (struct calc_logit_fit){plain, i + 1};
        return CALC_OK;
    }
    return CALC_NOT_CONVERGED;
}
