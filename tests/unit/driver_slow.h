/* SPDX-License-Identifier: GPL-3.0-or-later */
/* driver_slow.h: the driver posterior with one driver in scalars, for the unit tests to compare */
#ifndef DRIVER_SLOW_H
#define DRIVER_SLOW_H

#include <math.h>

/*
 * The model with one driver, written down again in scalars: precisions are added and subtracted
 * where the module inverts matrices, and every part is worked on by itself.
 */
enum { SLOW_ROWS = 11, SLOW_PARTS = 5, SLOW_BINS = 2 };

static const struct {
    const char *bin, *part;
    double predicted, actual;
} slow_rows[SLOW_ROWS] = {
    {"north", "a1", 2.385, 3.419}, {"north", "a1", 2.385, 3.218},  {"north", "a1", 7.31, 9.87},
    {"north", "b2", 13.7, 19.46},  {"north", "b2", 1.193, 1.577},  {"north", "c3", 0.877, 1.391},
    {"south", "a1", 5.113, 6.029}, {"south", "a1", 4.049, 29.173}, {"south", "a1", 31.7, 38.83},
    {"south", "a1", 3.331, 4.127}, {"south", "d4", 8.677, 9.931},
};
static const int slow_first[SLOW_PARTS + 1] = {0, 3, 5, 6, 10, 11};
static const int slow_bin[SLOW_PARTS] = {0, 0, 0, 1, 1};

struct slow {
    double x[SLOW_ROWS], w[SLOW_ROWS], lambda[SLOW_PARTS];
    double s2, tb2, tp2, mu, mu_var, theta[SLOW_BINS], theta_var[SLOW_BINS];
    double q[SLOW_PARTS], vq[SLOW_PARTS], phi[SLOW_PARTS], phi_var[SLOW_PARTS];
};

static inline double slow_clip(double v, double old, double lo, double hi)
{
    return fmin(fmax(fmin(fmax(v, old / 4), old * 4), lo), hi);
}

static inline double slow_tau2(double sum, double gamma, double old, double hi)
{
    double pool = (0.16 + sum) / (4 + gamma);

    return slow_clip((0.16 + gamma * pool + sum) / (4 + 2 * gamma), old, 0.0025, hi * hi);
}

/* Precision a part adds to its bin, and the mean it votes for; all rows of the part. */
static inline void slow_vote(const struct slow *z, int p, double *precision, double *mean)
{
    double h = 0, hx = 0;

    for (int i = slow_first[p]; i < slow_first[p + 1]; i++) {
        h += z->w[i] / z->s2;
        hx += z->w[i] / z->s2 * z->x[i];
    }
    *mean = hx / h;
    *precision = 1 / (1 / h + z->tp2 / z->lambda[p]);
}

/* Precision-weighted mean of the parts of a bin, without part skip. */
static inline void slow_pool(const struct slow *z, int b, int skip, double *precision, double *mean)
{
    double sum = 0;

    *precision = 0;
    for (int p = 0; p < SLOW_PARTS; p++) {
        double a, m;

        if (slow_bin[p] != b || p == skip)
            continue;
        slow_vote(z, p, &a, &m);
        *precision += a;
        sum += a * m;
    }
    *mean = *precision > 0 ? sum / *precision : 0;
}

static inline void slow_locate(struct slow *z)
{
    double all = 4, sum = 0, a, m; /* 4 = 1 / 0.5^2 */

    for (int b = 0; b < SLOW_BINS; b++) {
        slow_pool(z, b, -1, &a, &m);
        a = 1 / (1 / a + z->tb2);
        all += a;
        sum += a * m;
    }
    z->mu = sum / all;
    z->mu_var = 1 / all;
    for (int b = 0; b < SLOW_BINS; b++) {
        slow_pool(z, b, -1, &a, &m);

        double own = a / (a + 1 / z->tb2); /* weight of the bin's own evidence */

        z->theta[b] = own * m + (1 - own) * z->mu;
        z->theta_var[b] = 1 / (a + 1 / z->tb2) + (1 - own) * (1 - own) * z->mu_var;
    }
}

static inline void slow_learn(struct slow *z)
{
    double squares = 0, used = 0, ps = 0, pv = 0, bs = 0, bv = 0;
    struct slow old = *z;

    for (int b = 0; b < SLOW_BINS; b++) {
        double a, m, own;

        slow_pool(&old, b, -1, &a, &m);
        own = a / (a + 1 / old.tb2);
        bs += pow(old.theta[b] - old.mu, 2);
        bv += 1 / (a + 1 / old.tb2) + own * own * old.mu_var;
    }
    for (int p = 0; p < SLOW_PARTS; p++) {
        double h = 0, hx = 0, own, c, v, vv, var, theta = old.theta[slow_bin[p]];

        for (int i = slow_first[p]; i < slow_first[p + 1]; i++) {
            h += old.w[i] / old.s2;
            hx += old.w[i] / old.s2 * (old.x[i] - theta);
        }
        c = 1 / (h + old.lambda[p] / old.tp2);
        own = c * h;
        v = c * hx;
        vv = c + own * own * old.theta_var[slow_bin[p]];
        var = c + (1 - own) * (1 - own) * old.theta_var[slow_bin[p]];
        ps += old.lambda[p] * v * v;
        pv += old.lambda[p] * vv;
        z->lambda[p] = 5 / (4 + (v * v + vv) / old.tp2);
        for (int i = slow_first[p]; i < slow_first[p + 1]; i++) {
            double e2 = pow(old.x[i] - theta - v, 2);

            squares += old.w[i] * e2;
            used += old.w[i] * var;
            z->w[i] = 5 / (4 + (e2 + var) / old.s2);
        }
    }
    z->tp2 = slow_tau2(ps, fmax(0, SLOW_PARTS - pv / old.tp2), old.tp2, 0.6);
    z->tb2 = slow_tau2(bs, fmax(0, SLOW_BINS - bv / old.tb2), old.tb2, 0.5);
    z->s2 = slow_clip((0.25 + squares) / (4 + SLOW_ROWS - fmin(used / old.s2, .98 * SLOW_ROWS)),
                      old.s2, 0, 1e300);
}

static inline void slow_cavities(struct slow *z)
{
    for (int p = 0; p < SLOW_PARTS; p++) {
        double all = 4, sum = 0, a, m, env, var;

        for (int b = 0; b < SLOW_BINS; b++) {
            if (b == slow_bin[p])
                continue;
            slow_pool(z, b, -1, &a, &m);
            a = 1 / (1 / a + z->tb2);
            all += a;
            sum += a * m;
        }
        env = sum / all;
        var = 1 / all + z->tb2;
        slow_pool(z, slow_bin[p], p, &a, &m);
        z->vq[p] = 1 / (a + 1 / var);
        z->q[p] = z->vq[p] * (a * m + env / var);
    }
}

/* One round of part p on all its rows but `skip`; sums with the old weights. */
static inline void slow_round(struct slow *z, int p, int skip, double sums[4])
{
    double prior = z->vq[p] + z->tp2 / z->lambda[p], h = 0, hx = 0, v, var, effect, effect_var;

    for (int i = slow_first[p]; i < slow_first[p + 1]; i++) {
        h += i == skip ? 0 : z->w[i] / z->s2;
        hx += i == skip ? 0 : z->w[i] / z->s2 * z->x[i];
    }
    var = 1 / (h + 1 / prior);
    z->phi[p] = var * (hx + z->q[p] / prior);
    v = z->tp2 / z->lambda[p];
    effect = v / prior * (z->phi[p] - z->q[p]);
    effect_var = v - v * v / prior + v * v / prior / prior * var;
    for (int i = slow_first[p]; i < slow_first[p + 1]; i++) {
        double r2 = pow(z->x[i] - z->phi[p], 2);

        if (i == skip)
            continue;
        sums[0] += z->w[i] * r2;
        sums[1] += z->w[i] * var;
        z->w[i] = 5 / (4 + (r2 + var) / z->s2);
    }
    sums[2] += z->lambda[p] * effect * effect;
    sums[3] += z->lambda[p] * effect_var;
    z->lambda[p] = 5 / (4 + (effect * effect + effect_var) / z->tp2);
}

/* Part p from the start without row `skip` (-1: none); its weights settle in six rounds. */
static inline void slow_local(struct slow *z, int p, int skip)
{
    double sums[4] = {0}, prior, h = 0, hx = 0;

    z->lambda[p] = 1;
    for (int i = slow_first[p]; i < slow_first[p + 1]; i++)
        z->w[i] = 1;
    for (int it = 0; it < 6; it++)
        slow_round(z, p, skip, sums);
    prior = z->vq[p] + z->tp2 / z->lambda[p];
    for (int i = slow_first[p]; i < slow_first[p + 1]; i++) {
        h += i == skip ? 0 : z->w[i] / z->s2;
        hx += i == skip ? 0 : z->w[i] / z->s2 * z->x[i];
    }
    z->phi_var[p] = 1 / (h + 1 / prior);
    z->phi[p] = z->phi_var[p] * (hx + z->q[p] / prior);
}

static inline void slow_fit(struct slow *z)
{
    *z = (struct slow){.s2 = 0.0625, .tb2 = 0.04, .tp2 = 0.04};
    for (int i = 0; i < SLOW_ROWS; i++) {
        z->x[i] = log(slow_rows[i].actual / slow_rows[i].predicted);
        z->w[i] = 1;
    }
    for (int p = 0; p < SLOW_PARTS; p++)
        z->lambda[p] = 1;
    for (int it = 0; it < 12; it++) {
        slow_locate(z);
        slow_learn(z);
    }
    slow_locate(z);
    slow_cavities(z);
    for (int i = 0; i < SLOW_ROWS; i++)
        z->w[i] = 1;
    for (int p = 0; p < SLOW_PARTS; p++)
        z->lambda[p] = 1;
    for (int it = 0; it < 12; it++) {
        double s[4] = {0}, s2 = z->s2, tp2 = z->tp2;

        for (int p = 0; p < SLOW_PARTS; p++)
            slow_round(z, p, -1, s);
        z->s2 = slow_clip((0.25 + s[0]) / (4 + SLOW_ROWS - fmin(s[1] / s2, .98 * SLOW_ROWS)), s2, 0,
                          1e300);
        z->tp2 = slow_tau2(s[2], fmax(0, SLOW_PARTS - s[3] / tp2), tp2, 0.6);
    }
    for (int p = 0; p < SLOW_PARTS; p++)
        slow_local(z, p, -1);
}

#endif
