/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_drift.c: CUSUM, Page-Hinkley, beta-binomial coverage */
#include "calc_drift.h"

#include "calc_sum.h"

#define DRIFT_PAGE_DELTA  0.005
#define DRIFT_PAGE_LAMBDA 50.0
#define DRIFT_PAGE_KEEP   (1.0 - 1e-4)
#define DRIFT_BIG_SHIFT   0.22314355131420976 /* ln 1.25 */
enum { DRIFT_PAGE_SILENT = 30 };

enum calc_status calc_drift_cusum_update(struct calc_drift_cusum *c, double z)
{
    double worse;

    if (!isfinite(z))
        return CALC_DOMAIN;
    z = fmax(-CALC_DRIFT_Z_MAX, fmin(CALC_DRIFT_Z_MAX, z));
    c->n++;
    c->up = fmax(0.0, c->up + z - CALC_DRIFT_CUSUM_K);
    c->up_n = c->up > 0.0 ? c->up_n + 1 : 0;
    c->down = fmax(0.0, c->down - z - CALC_DRIFT_CUSUM_K);
    c->down_n = c->down > 0.0 ? c->down_n + 1 : 0;
    worse = fmax(c->up, c->down) / CALC_DRIFT_CUSUM_H;
    c->worst = fmax(c->worst, worse);
    return CALC_OK;
}

void calc_drift_cusum_read(const struct calc_drift_cusum *c, struct calc_drift_reading *r)
{
    bool up = c->up >= c->down;
    double stat = up ? c->up : c->down;
    uint64_t run = up ? c->up_n : c->down_n;

    *r = (struct calc_drift_reading){0};
    if (run == 0)
        return;
    r->statistic = stat;
    r->ratio = stat / CALC_DRIFT_CUSUM_H;
    r->shift_z = (up ? 1.0 : -1.0) * (CALC_DRIFT_CUSUM_K + stat / (double)run);
    r->since = c->n - run + 1;
}

void calc_drift_page_init(struct calc_drift_page *p)
{
    /* the largest number, not infinity: the state has to survive storage */
    *p = (struct calc_drift_page){.up_min = 1.7976931348623157e308,
                                  .down_max = -1.7976931348623157e308};
}

enum calc_status calc_drift_page_update(struct calc_drift_page *p, double x, double s,
                                        double *ratio)
{
    double dev, delta, test;

    if (!isfinite(x) || !isfinite(s) || s <= 0.0)
        return CALC_DOMAIN;
    delta = DRIFT_PAGE_DELTA * s;
    p->n++;
    p->mean += (x - p->mean) / (double)p->n;
    dev = x - p->mean;
    p->up = DRIFT_PAGE_KEEP * p->up + dev - delta;
    p->up_min = fmin(p->up_min, p->up);
    p->down = DRIFT_PAGE_KEEP * p->down + dev + delta;
    p->down_max = fmax(p->down_max, p->down);
    test = fmax(p->up - p->up_min, p->down_max - p->down);
    *ratio = p->n >= DRIFT_PAGE_SILENT ? test / (DRIFT_PAGE_LAMBDA * s) : 0.0;
    return CALC_OK;
}

/* Probability of j + 1 over that of j. */
static double drift_ratio_up(double j, double m, double a, double b)
{
    return (m - j) / (j + 1.0) * ((j + a) / (m - j - 1.0 + b));
}

/*
 * The probabilities are built by their ratios outwards from the mode and divided by their own sum,
 * so that no gamma function and its cancellation is needed.
 */
enum calc_status calc_drift_coverage_p(uint64_t misses, uint64_t m, uint64_t n, uint64_t k,
                                       double *p)
{
    double dm = (double)m, a = (double)(n + 1 - k), b = (double)k;
    double term = 1.0, mode;
    struct calc_sum tail, head;

    if (misses > m || k < 1 || k > n)
        return CALC_DOMAIN;
    mode = a + b > 2.0 ? floor(((dm + 1.0) * (a - 1.0)) / (a + b - 2.0)) : 0.0;
    mode = fmax(0.0, fmin(dm, mode));
    calc_sum_init(&tail);
    calc_sum_init(&head);
    for (uint64_t j = (uint64_t)mode;; j++) {
        calc_sum_add(j >= misses ? &tail : &head, term);
        if (j >= m)
            break;
        term *= drift_ratio_up((double)j, dm, a, b);
    }
    term = 1.0;
    for (uint64_t j = (uint64_t)mode; j > 0; j--) {
        term /= drift_ratio_up((double)(j - 1), dm, a, b);
        calc_sum_add(j - 1 >= misses ? &tail : &head, term);
    }
    *p = calc_sum_value(&tail) / (calc_sum_value(&tail) + calc_sum_value(&head));
    return CALC_OK;
}

static enum calc_drift_severity drift_raise(enum calc_drift_severity s, double log_shift)
{
    return s == CALC_DRIFT_WARNING && fabs(log_shift) > DRIFT_BIG_SHIFT ? CALC_DRIFT_CRITICAL : s;
}

enum calc_drift_severity calc_drift_severity_ratio(double ratio, double log_shift)
{
    if (ratio >= 2.0)
        return CALC_DRIFT_CRITICAL;
    if (ratio >= 1.0)
        return drift_raise(CALC_DRIFT_WARNING, log_shift);
    return ratio >= 0.8 ? CALC_DRIFT_INFO : CALC_DRIFT_NONE;
}

enum calc_drift_severity calc_drift_severity_p(double p, double log_shift)
{
    if (p < 1e-4)
        return CALC_DRIFT_CRITICAL;
    if (p < 0.01)
        return drift_raise(CALC_DRIFT_WARNING, log_shift);
    return p < 0.05 ? CALC_DRIFT_INFO : CALC_DRIFT_NONE;
}
