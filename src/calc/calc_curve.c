/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_curve.c: Wright and Crawford learning curves */
#include "calc_curve.h"

#include "calc_order.h"
#include "calc_powsum.h"
#include "calc_sum.h"

#define CURVE_TOLERANCE 1e-12
#define CURVE_MAX_B     64.0
#define CURVE_NO_SPREAD 1e-20 /* sums of squares of logarithms below this are rounding */
#define CURVE_RISE      1e-12 /* slopes below this are rounding */
enum { CURVE_MIN_LOTS = 3, CURVE_MAX_ROUNDS = 200, CURVE_BISECTIONS = 100 };

struct curve_line {
    double intercept;
    double slope;
    double sse;
    double sst;
    double sxx;
};

struct curve_data {
    enum calc_curve_model model;
    const struct calc_curve_lot *lots;
    size_t n;
    double *x; /* ln of midpoint or cumulative units */
    double *y; /* ln of (cumulative) average cost */
    int refits;
};

static struct curve_line curve_regress(const double *x, const double *y, size_t n)
{
    double mx = calc_sum_of(x, n) / (double)n;
    double my = calc_sum_of(y, n) / (double)n;
    struct calc_sum sxx, sxy, syy, sse;
    struct curve_line l;

    calc_sum_init(&sxx);
    calc_sum_init(&sxy);
    calc_sum_init(&syy);
    calc_sum_init(&sse);
    for (size_t i = 0; i < n; i++) {
        calc_sum_add(&sxx, (x[i] - mx) * (x[i] - mx));
        calc_sum_add(&sxy, (x[i] - mx) * (y[i] - my));
        calc_sum_add(&syy, (y[i] - my) * (y[i] - my));
    }
    l.sxx = calc_sum_value(&sxx);
    l.sst = calc_sum_value(&syy);
    l.slope = calc_sum_value(&sxy) / l.sxx;
    l.intercept = my - l.slope * mx;
    for (size_t i = 0; i < n; i++) {
        double r = (y[i] - my) - l.slope * (x[i] - mx);

        calc_sum_add(&sse, r * r);
    }
    l.sse = calc_sum_value(&sse);
    return l;
}

static int curve_compare(const void *pa, const void *pb)
{
    const struct calc_curve_lot *a = pa;
    const struct calc_curve_lot *b = pb;

    return (a->index > b->index) - (a->index < b->index);
}

static enum calc_status curve_check(struct calc_curve_lot *lots, size_t n, uint64_t *units)
{
    if (n < CURVE_MIN_LOTS)
        return CALC_SIZE;
    calc_order_sort(lots, n, sizeof lots[0], curve_compare);
    *units = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && lots[i].index == lots[i - 1].index)
            return CALC_DOMAIN;
        if (!isfinite(lots[i].cost) || lots[i].cost <= 0.0)
            return CALC_DOMAIN;
        if (lots[i].size < 1 || lots[i].size > (UINT64_C(1) << 53))
            return CALC_DOMAIN;
        *units += lots[i].size;
        if (*units > (UINT64_C(1) << 53))
            return CALC_DOMAIN;
    }
    return CALC_OK;
}

/* Least-squares line through the lots with the midpoints that slope b implies. */
static struct curve_line curve_refit(struct curve_data *d, double b)
{
    uint64_t done = 0;

    for (size_t i = 0; i < d->n; i++) {
        uint64_t last = done + d->lots[i].size;

        d->x[i] = d->model == CALC_CURVE_CRAWFORD
                      ? calc_powsum_log_midpoint(done + 1, last, b)
                      : calc_powsum_log_midpoint_asher(done + 1, last, b);
        done = last;
    }
    d->refits++;
    return curve_regress(d->x, d->y, d->n);
}

/* Slope on rule-of-thumb midpoints that need no b. */
static double curve_start(struct curve_data *d)
{
    uint64_t done = 0;

    for (size_t i = 0; i < d->n; i++) {
        double f = (double)(done + 1), l = (double)(done + d->lots[i].size);
        double q = (double)d->lots[i].size;

        if (d->lots[i].size == 1)
            d->x[i] = log(f);
        else if (done == 0)
            d->x[i] = log(q < 10.0 ? q / 2.0 : q / 3.0);
        else
            d->x[i] = log((f + l + 2.0 * sqrt(f * l)) / 4.0);
        done += d->lots[i].size;
    }
    return curve_regress(d->x, d->y, d->n).slope;
}

/* slope(b) - b is positive far left and negative far right, because midpoints stay in their lots.
 */
static enum calc_status curve_bisect(struct curve_data *d, double *b, struct curve_line *line)
{
    double lo = -1.0, hi = 1.0;

    while (lo > -CURVE_MAX_B && curve_refit(d, lo).slope < lo)
        lo *= 2.0;
    while (hi < CURVE_MAX_B && curve_refit(d, hi).slope > hi)
        hi *= 2.0;
    if (curve_refit(d, lo).slope < lo || curve_refit(d, hi).slope > hi)
        return CALC_NOT_CONVERGED;
    for (int i = 0; i < CURVE_BISECTIONS && lo < hi; i++) {
        double mid = lo + 0.5 * (hi - lo);

        if (curve_refit(d, mid).slope >= mid)
            lo = mid;
        else
            hi = mid;
    }
    *b = lo;
    *line = curve_refit(d, lo);
    return CALC_OK;
}

static enum calc_status curve_crawford(struct curve_data *d, struct curve_line *line)
{
    double b = curve_start(d);
    double damp = 1.0, before = INFINITY;
    int grown = 0;

    while (d->refits < CURVE_MAX_ROUNDS && fabs(b) <= CURVE_MAX_B) {
        double change;

        *line = curve_refit(d, b);
        change = line->slope - b;
        if (fabs(change) <= CURVE_TOLERANCE)
            return CALC_OK;
        grown = fabs(change) > before ? grown + 1 : 0;
        if (grown == 2) {
            damp *= 0.5;
            grown = 0;
        }
        before = fabs(change);
        b += damp * change;
    }
    return curve_bisect(d, &b, line);
}

/* Root mean square of ln(cost/fitted cost) per lot under Wright's total a N^(b + 1). */
static bool curve_wright_lots(const struct curve_data *d, const struct curve_line *l, double *rms)
{
    double h = l->slope + 1.0;
    struct calc_sum s;
    double done = 0.0;

    if (h <= 0.0)
        return false;
    calc_sum_init(&s);
    for (size_t i = 0; i < d->n; i++) {
        double last = done + (double)d->lots[i].size;
        double fitted = l->intercept + h * log(last);
        double r;

        if (done > 0.0)
            fitted += log(-expm1(h * log(done / last)));
        r = log(d->lots[i].cost) - fitted;
        calc_sum_add(&s, r * r);
        done = last;
    }
    *rms = sqrt(calc_sum_value(&s) / (double)d->n);
    return isfinite(*rms);
}

static void curve_load(struct curve_data *d)
{
    struct calc_sum cost, units;

    calc_sum_init(&cost);
    calc_sum_init(&units);
    for (size_t i = 0; i < d->n; i++) {
        double size = (double)d->lots[i].size;

        if (d->model == CALC_CURVE_WRIGHT) {
            calc_sum_add(&cost, d->lots[i].cost);
            calc_sum_add(&units, size);
            d->x[i] = log(calc_sum_value(&units));
            d->y[i] = log(calc_sum_value(&cost) / calc_sum_value(&units));
        } else {
            d->y[i] = log(d->lots[i].cost / size);
        }
    }
}

static enum calc_status curve_report(const struct curve_data *d, const struct curve_line *l,
                                     uint64_t units, struct calc_curve_fit *fit)
{
    struct calc_curve_fit f = {.n_lots = d->n, .units = units, .n_iterations = d->refits};

    f.a = exp(l->intercept);
    f.b = l->slope;
    f.learning_rate = exp2(l->slope);
    if (!isfinite(f.a) || f.a <= 0.0 || !isfinite(f.learning_rate))
        return CALC_UNDEFINED;
    if (l->sst > CURVE_NO_SPREAD)
        f.r_squared = fmax(0.0, 1.0 - l->sse / l->sst);
    else
        f.r_squared = l->sse <= CURVE_NO_SPREAD ? 1.0 : 0.0;
    f.residual_sigma_log = sqrt(l->sse / (double)(d->n - 2));
    f.se_b = f.residual_sigma_log / sqrt(l->sxx);
    f.no_learning = l->slope > CURVE_RISE;
    if (d->model == CALC_CURVE_WRIGHT) {
        f.has_lot_sigma = curve_wright_lots(d, l, &f.lot_sigma_log);
        if (!f.has_lot_sigma)
            f.lot_sigma_log = 0.0;
    } else {
        f.has_lot_sigma = true;
        f.lot_sigma_log = sqrt(l->sse / (double)d->n);
    }
    *fit = f;
    return CALC_OK;
}

enum calc_status calc_curve_fit(enum calc_curve_model model, struct calc_curve_lot *lots, size_t n,
                                double *scratch, double *midpoints, struct calc_curve_fit *fit)
{
    struct curve_data d = {model, lots, n, scratch, scratch + n, 0};
    struct curve_line line;
    uint64_t units;
    enum calc_status st = curve_check(lots, n, &units);

    if (st != CALC_OK)
        return st;
    curve_load(&d);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(d.y[i]))
            return CALC_UNDEFINED;
    if (model == CALC_CURVE_WRIGHT)
        line = curve_regress(d.x, d.y, n);
    else
        st = curve_crawford(&d, &line);
    if (st == CALC_OK)
        st = curve_report(&d, &line, units, fit);
    if (st == CALC_OK && midpoints != NULL)
        for (size_t i = 0; i < n; i++)
            midpoints[i] = exp(d.x[i]);
    return st;
}
