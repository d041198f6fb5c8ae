/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_drift.c: CUSUM, Page-Hinkley, beta-binomial coverage, Mann-Whitney */
#include "calc_drift.h"

#include "calc_order.h"
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

/* Walk two ascending batches together; sum of ranks of the later one and of t^3 - t over ties. */
static void drift_ranks(const double *earlier, size_t n, const double *later, size_t m,
                        double *rank_sum, double *tie_sum)
{
    size_t i = 0, j = 0;

    *rank_sum = 0.0;
    *tie_sum = 0.0;
    while (i < n || j < m) {
        double v = j >= m || (i < n && earlier[i] <= later[j]) ? earlier[i] : later[j];
        size_t before = i + j, from_later = j;
        double t;

        while (i < n && earlier[i] == v)
            i++;
        while (j < m && later[j] == v)
            j++;
        t = (double)(i + j - before);
        *rank_sum += (double)(j - from_later) * ((double)before + 0.5 * (t + 1.0));
        *tie_sum += t * t * t - t;
    }
}

enum calc_status calc_drift_mann_whitney(double *earlier, size_t n, double *later, size_t m,
                                         struct calc_drift_shift *out)
{
    double dn = (double)n, dm = (double)m, total = dn + dm;
    double ranks, ties, var, d;

    if (n == 0 || m == 0)
        return CALC_SIZE;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(earlier[i]))
            return CALC_DOMAIN;
    for (size_t i = 0; i < m; i++)
        if (!isfinite(later[i]))
            return CALC_DOMAIN;
    calc_order_sort_numbers(earlier, n);
    calc_order_sort_numbers(later, m);
    drift_ranks(earlier, n, later, m, &ranks, &ties);
    var = dn * dm / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if (earlier[0] == later[m - 1] && later[0] == earlier[n - 1]) /* sorted: all are equal */
        return CALC_UNDEFINED;
    out->u = ranks - 0.5 * dm * (dm + 1.0);
    d = out->u - 0.5 * dn * dm;
    d = d > 0.0 ? fmax(0.0, d - 0.5) : fmin(0.0, d + 0.5);
    out->z = d / sqrt(var);
    out->p = erfc(fabs(out->z) / sqrt(2.0));
    out->shift = calc_order_median(later, m) - calc_order_median(earlier, n);
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
