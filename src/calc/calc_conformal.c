/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_conformal.c: split, Mondrian, asymmetric and jackknife+ conformal intervals */
#include "calc_conformal.h"

#include "calc_order.h"
#include "calc_sort.h"
#include "calc_sum.h"

/* floor(rows * alpha), where alpha is a decimal that binary cannot hold; at most n. */
static size_t conformal_tail(size_t n, double alpha)
{
    double m = floor((double)(n + 1) * alpha + 1e-9);

    if (m < 1.0)
        return 0;
    return m >= (double)n ? n : (size_t)m;
}

static bool conformal_alpha_ok(double alpha)
{
    return alpha > 0.0 && alpha < 1.0;
}

enum calc_status calc_conformal_rank(size_t n, double alpha, size_t *k)
{
    size_t m;

    if (!conformal_alpha_ok(alpha))
        return CALC_DOMAIN;
    m = conformal_tail(n, alpha);
    if (m == 0)
        return CALC_UNDEFINED;
    *k = n + 1 - m;
    return CALC_OK;
}

size_t calc_conformal_min_rows(double alpha)
{
    size_t n;

    if (!conformal_alpha_ok(alpha))
        return 0;
    /* of more rows than these a double does not tell one from another */
    alpha = fmax(alpha, 1e-15);
    n = (size_t)ceil(1.0 / alpha);
    /* ceil of a rounded quotient can be one off either way: ask the rule itself */
    n = n > 2 ? n - 2 : 1;
    while (conformal_tail(n, alpha) == 0)
        n++;
    return n;
}

enum calc_status calc_conformal_quantile(double *scores, size_t n, double alpha, double *q)
{
    size_t k;
    enum calc_status st = calc_conformal_rank(n, alpha, &k);

    if (st != CALC_OK)
        return st;
    *q = calc_sort_select(scores, n, k - 1);
    return CALC_OK;
}

double calc_conformal_coverage(const double *scores, size_t n, double q)
{
    size_t inside = 0;

    for (size_t i = 0; i < n; i++)
        inside += scores[i] <= q;
    return n > 0 ? (double)inside / (double)n : 0.0;
}

enum calc_status calc_conformal_asymmetric(double *residuals, size_t n, double alpha, double *lo,
                                           double *hi)
{
    size_t m;

    if (!conformal_alpha_ok(alpha))
        return CALC_DOMAIN;
    m = conformal_tail(n, 0.5 * alpha);
    if (m == 0)
        return CALC_UNDEFINED;
    *lo = calc_sort_select(residuals, n, m - 1);
    *hi = calc_sort_select(residuals, n, n - m);
    return CALC_OK;
}

enum calc_status calc_conformal_jackknife(double *x, size_t n, double alpha, double *scratch,
                                          double *lo, double *hi)
{
    double *low = scratch;
    double *high = scratch + n;
    double total;
    size_t m;

    if (!conformal_alpha_ok(alpha))
        return CALC_DOMAIN;
    m = conformal_tail(n, alpha);
    if (m == 0 || n < 2)
        return CALC_UNDEFINED;
    calc_order_sort_numbers(x, n);
    total = calc_sum_of(x, n);
    for (size_t i = 0; i < n; i++) {
        double mu = (total - x[i]) / (double)(n - 1);
        double r = fabs(x[i] - mu);

        low[i] = mu - r;
        high[i] = mu + r;
    }
    calc_order_sort_numbers(low, n);
    calc_order_sort_numbers(high, n);
    *lo = low[m - 1];
    *hi = high[n - m];
    return CALC_OK;
}

/* One bin: its own quantile if it has the rows, else the pooled one. */
static struct calc_conformal_group conformal_bin(double *scores, size_t n, double alpha,
                                                 const struct calc_conformal_group *all)
{
    struct calc_conformal_group g = {.n = n, .method = all->method, .q = all->q};

    if (calc_conformal_quantile(scores, n, alpha, &g.q) == CALC_OK)
        g.method = CALC_CONFORMAL_BIN;
    if (g.method != CALC_CONFORMAL_NONE)
        g.coverage = calc_conformal_coverage(scores, n, g.q);
    return g;
}

enum calc_status calc_conformal_mondrian(const struct calc_conformal_row *rows, size_t n,
                                         double alpha, double *scratch,
                                         struct calc_conformal_group *bins, size_t n_bins,
                                         struct calc_conformal_group *all)
{
    struct calc_conformal_group pooled = {.n = n, .method = CALC_CONFORMAL_NONE};
    size_t end = 0;

    if (!conformal_alpha_ok(alpha))
        return CALC_DOMAIN;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].bin >= n_bins || !isfinite(rows[i].score) || rows[i].score < 0.0)
            return CALC_DOMAIN;
        scratch[i] = rows[i].score;
    }
    if (calc_conformal_quantile(scratch, n, alpha, &pooled.q) == CALC_OK) {
        pooled.method = CALC_CONFORMAL_POOLED;
        pooled.coverage = calc_conformal_coverage(scratch, n, pooled.q);
    }
    /* the scores bin by bin: until all are placed, n is where the bin's next one goes */
    for (size_t b = 0; b < n_bins; b++)
        bins[b].n = 0;
    for (size_t i = 0; i < n; i++)
        bins[rows[i].bin].n++;
    for (size_t b = 0; b < n_bins; b++) {
        size_t m = bins[b].n;
        bins[b].n = end;
        end += m;
    }
    for (size_t i = 0; i < n; i++)
        scratch[bins[rows[i].bin].n++] = rows[i].score;
    for (size_t b = 0, begin = 0; b < n_bins; b++, begin = end) {
        end = bins[b].n;
        bins[b] = conformal_bin(scratch + begin, end - begin, alpha, &pooled);
    }
    *all = pooled;
    return CALC_OK;
}

double calc_conformal_log_ratio(double predicted, double actual)
{
    double ratio = actual / predicted;

    return isnormal(ratio) ? log(ratio) : log(actual) - log(predicted);
}
