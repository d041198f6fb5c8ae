/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_workorder.c: setup and variable cost of work orders */
#include "calc_workorder.h"

#include "calc_order.h"
#include "calc_pool.h"
#include "calc_sum.h"

#define WORKORDER_MIN_RATIO    1.25 /* largest to smallest quantity that tells S from v */
#define WORKORDER_PRIOR_R2     (2.0 * 0.05 * 0.05)
#define WORKORDER_HUBER_C      1.345
#define WORKORDER_MAD_TO_SIGMA 1.4826
#define WORKORDER_SCALE_FLOOR  1e-6
#define WORKORDER_TOLERANCE    1e-14
enum { WORKORDER_MAX_ROUNDS = 500, WORKORDER_HUBER_ROWS = 4, WORKORDER_TRIPLE = 3 };

/* The rows of one part in canonical order, scaled to maxima of 1, and their Huber weights. */
struct workorder_rows {
    size_t n;
    struct calc_workorder_row *row;
    double *abs_residual;
    double *huber;
    double q_scale;
    double t_scale;
};

struct workorder_line {
    double setup;
    double variable;
    double setup_inverse; /* [W^-1]_11 */
};

static int workorder_compare(const void *pa, const void *pb)
{
    const struct calc_workorder_row *a = pa;
    const struct calc_workorder_row *b = pb;
    int c = calc_order_numbers(a->quantity, b->quantity);

    return c != 0 ? c : calc_order_numbers(a->total_cost, b->total_cost);
}

static bool workorder_positive(double x)
{
    return isfinite(x) && x > 0.0;
}

static double workorder_residual(const struct workorder_rows *w, const struct workorder_line *l,
                                 size_t i)
{
    double t = w->row[i].total_cost;

    return (t - l->setup - l->variable * w->row[i].quantity) / t;
}

static double workorder_objective(const struct workorder_rows *w, const struct workorder_line *l)
{
    struct calc_sum s;

    calc_sum_init(&s);
    for (size_t i = 0; i < w->n; i++) {
        double r = workorder_residual(w, l, i);

        calc_sum_add(&s, w->huber[i] * r * r);
    }
    return calc_sum_value(&s);
}

/* Variable cost that fits best given a setup: sum wq(T - S) / sum wq^2, not below 0. */
static double workorder_variable(const struct workorder_rows *w, double setup)
{
    struct calc_sum num, den;
    double v;

    calc_sum_init(&num);
    calc_sum_init(&den);
    for (size_t i = 0; i < w->n; i++) {
        double t = w->row[i].total_cost;
        double g = w->row[i].quantity / t;

        calc_sum_add(&num, w->huber[i] * g * (1.0 - setup / t));
        calc_sum_add(&den, w->huber[i] * g * g);
    }
    v = calc_sum_value(&num) / calc_sum_value(&den);
    return v > 0.0 ? v : 0.0;
}

/* Non-negative weighted line, centred on the weighted mean quantity to keep the digits. */
static struct workorder_line workorder_solve(const struct workorder_rows *w)
{
    struct calc_sum sw, swq, swt, sqq, sqt;
    struct workorder_line l, flat, steep;
    double mean_q, mean_t;

    calc_sum_init(&sw);
    calc_sum_init(&swq);
    calc_sum_init(&swt);
    calc_sum_init(&sqq);
    calc_sum_init(&sqt);
    for (size_t i = 0; i < w->n; i++) {
        double t = w->row[i].total_cost;
        double k = w->huber[i] / (t * t);

        calc_sum_add(&sw, k);
        calc_sum_add(&swq, k * w->row[i].quantity);
        calc_sum_add(&swt, k * t);
    }
    mean_q = calc_sum_value(&swq) / calc_sum_value(&sw);
    mean_t = calc_sum_value(&swt) / calc_sum_value(&sw);
    for (size_t i = 0; i < w->n; i++) {
        double t = w->row[i].total_cost;
        double d = w->row[i].quantity - mean_q;
        double k = w->huber[i] / (t * t);

        calc_sum_add(&sqq, k * d * d);
        calc_sum_add(&sqt, k * d * (t - mean_t));
    }
    l.variable = calc_sum_value(&sqt) / calc_sum_value(&sqq);
    l.setup = mean_t - l.variable * mean_q;
    l.setup_inverse = 1.0 / calc_sum_value(&sw) + mean_q * mean_q / calc_sum_value(&sqq);
    if (l.setup >= 0.0 && l.variable >= 0.0)
        return l;
    flat = (struct workorder_line){mean_t, 0.0, l.setup_inverse};
    steep = (struct workorder_line){0.0, workorder_variable(w, 0.0), l.setup_inverse};
    return workorder_objective(w, &steep) <= workorder_objective(w, &flat) ? steep : flat;
}

static void workorder_reweight(struct workorder_rows *w, const struct workorder_line *l)
{
    double scale;

    for (size_t i = 0; i < w->n; i++)
        w->abs_residual[i] = fabs(workorder_residual(w, l, i));
    calc_order_sort_numbers(w->abs_residual, w->n);
    scale = WORKORDER_MAD_TO_SIGMA * calc_order_median(w->abs_residual, w->n);
    if (scale < WORKORDER_SCALE_FLOOR)
        scale = WORKORDER_SCALE_FLOOR;
    for (size_t i = 0; i < w->n; i++) {
        double r = fabs(workorder_residual(w, l, i));
        double limit = WORKORDER_HUBER_C * scale;

        w->huber[i] = r > limit ? limit / r : 1.0;
    }
}

static bool workorder_same(const struct workorder_line *a, const struct workorder_line *b)
{
    return fabs(a->setup - b->setup) <= WORKORDER_TOLERANCE * fabs(b->setup) &&
           fabs(a->variable - b->variable) <= WORKORDER_TOLERANCE * fabs(b->variable);
}

static enum calc_status workorder_load(const struct calc_workorder_row *rows, size_t n,
                                       double *scratch, struct workorder_rows *w)
{
    w->n = n;
    w->row = (struct calc_workorder_row *)(void *)scratch;
    w->abs_residual = scratch + 2 * n;
    w->huber = scratch + 3 * n;
    w->q_scale = 0.0;
    w->t_scale = 0.0;
    if (n == 0)
        return CALC_SIZE;
    for (size_t i = 0; i < n; i++) {
        if (!workorder_positive(rows[i].quantity) || !workorder_positive(rows[i].total_cost))
            return CALC_DOMAIN;
        w->q_scale = fmax(w->q_scale, rows[i].quantity);
        w->t_scale = fmax(w->t_scale, rows[i].total_cost);
    }
    for (size_t i = 0; i < n; i++) {
        w->row[i].quantity = rows[i].quantity / w->q_scale;
        w->row[i].total_cost = rows[i].total_cost / w->t_scale;
        w->huber[i] = 1.0;
    }
    calc_order_sort(w->row, n, sizeof w->row[0], workorder_compare);
    return CALC_OK;
}

enum calc_status calc_workorder_fit(const struct calc_workorder_row *rows, size_t n, bool huber,
                                    double *scratch, struct calc_workorder_fit *fit)
{
    struct workorder_rows w;
    struct workorder_line line, plain;
    struct calc_workorder_fit f = {.n = n};
    struct calc_sum sr;
    enum calc_status st = workorder_load(rows, n, scratch, &w);

    if (st != CALC_OK)
        return st;
    f.identifiable = w.row[n - 1].quantity >= WORKORDER_MIN_RATIO * w.row[0].quantity;
    if (!f.identifiable) {
        *fit = f;
        return CALC_OK;
    }
    plain = line = workorder_solve(&w);
    while (huber && n >= WORKORDER_HUBER_ROWS && f.iterations < WORKORDER_MAX_ROUNDS) {
        struct workorder_line before = line;

        workorder_reweight(&w, &line);
        line = workorder_solve(&w);
        f.iterations++;
        if (workorder_same(&before, &line))
            break;
    }
    calc_sum_init(&sr);
    for (size_t i = 0; i < n; i++) {
        double r = workorder_residual(&w, &line, i);

        calc_sum_add(&sr, r * r);
    }
    f.rel_rmse = sqrt(calc_sum_value(&sr) / (double)n);
    f.s2 = (calc_sum_value(&sr) + WORKORDER_PRIOR_R2) / (double)n;
    f.setup = line.setup * w.t_scale;
    f.variable = line.variable * (w.t_scale / w.q_scale);
    f.var_setup = f.s2 * plain.setup_inverse * w.t_scale * w.t_scale;
    if (!isfinite(f.setup) || !isfinite(f.variable) || !isfinite(f.var_setup) || !isfinite(f.s2))
        return CALC_UNDEFINED;
    *fit = f;
    return CALC_OK;
}

size_t calc_workorder_scratch(size_t max_rows, size_t n_parts)
{
    size_t a = 4 * max_rows;
    size_t b = (WORKORDER_TRIPLE + 2) * n_parts;

    return a > b ? a : b;
}

static int workorder_compare_triples(const void *pa, const void *pb)
{
    const double *a = pa;
    const double *b = pb;

    for (int i = 0; i < WORKORDER_TRIPLE; i++)
        if (a[i] != b[i])
            return calc_order_numbers(a[i], b[i]);
    return 0;
}

static bool workorder_pools(const struct calc_workorder_part *p)
{
    return p->fit.identifiable && p->fit.setup > 0.0 &&
           workorder_positive(p->fit.var_setup / (p->fit.setup * p->fit.setup));
}

/* Pool ln S of the identifiable parts, sorted so that the order of parts does not matter. */
static enum calc_status workorder_pool_setups(const struct calc_workorder_part *parts, size_t n,
                                              double *scratch, struct calc_workorder_pool *pool)
{
    double *triple = scratch;
    double *y = scratch + WORKORDER_TRIPLE * n;
    double *v = y + n;
    struct calc_pool_mean mean;
    enum calc_status st;
    size_t m = 0;

    *pool = (struct calc_workorder_pool){0};
    for (size_t i = 0; i < n; i++) {
        if (!workorder_pools(&parts[i]))
            continue;
        triple[WORKORDER_TRIPLE * m] = log(parts[i].fit.setup);
        triple[WORKORDER_TRIPLE * m + 1] =
            parts[i].fit.var_setup / (parts[i].fit.setup * parts[i].fit.setup);
        triple[WORKORDER_TRIPLE * m + 2] = parts[i].fit.s2;
        m++;
    }
    if (m == 0)
        return CALC_OK;
    calc_order_sort(triple, m, WORKORDER_TRIPLE * sizeof *triple, workorder_compare_triples);
    for (size_t i = 0; i < m; i++) {
        y[i] = triple[WORKORDER_TRIPLE * i];
        v[i] = triple[WORKORDER_TRIPLE * i + 1];
    }
    st = calc_pool_tau2(y, v, m, &pool->tau2);
    if (st == CALC_OK)
        st = calc_pool_mean(y, v, m, pool->tau2, 0.0, &mean);
    if (st != CALC_OK)
        return st;
    pool->n = m;
    pool->mu_ln_setup = mean.mu;
    pool->pooled_setup = exp(mean.mu);
    for (size_t i = 0; i < m; i++) {
        v[i] = triple[WORKORDER_TRIPLE * i + 2];
        y[i] = exp(y[i]);
    }
    pool->median_setup = calc_order_median(y, m);
    calc_order_sort_numbers(v, m);
    pool->sigma_rel = sqrt(calc_order_median(v, m));
    return CALC_OK;
}

/* Factor f of the quote's split with least sum of (1 - f T_quote/T)^2. */
static double workorder_quote_factor(const struct workorder_rows *w,
                                     const struct calc_workorder_part *p)
{
    struct calc_sum num, den;

    calc_sum_init(&num);
    calc_sum_init(&den);
    for (size_t i = 0; i < w->n; i++) {
        double t = w->row[i].total_cost * w->t_scale;
        double q = w->row[i].quantity * w->q_scale;
        double ratio = (p->quote_setup + p->quote_variable * q) / t;

        calc_sum_add(&num, ratio);
        calc_sum_add(&den, ratio * ratio);
    }
    return calc_sum_value(&num) / calc_sum_value(&den);
}

static enum calc_status workorder_finish(struct calc_workorder_part *p,
                                         const struct calc_workorder_pool *pool,
                                         const struct workorder_rows *w)
{
    double min_t = w->row[0].total_cost;

    if (p->fit.identifiable) {
        p->source = CALC_WORKORDER_FITTED;
        p->setup = p->fit.setup;
        p->variable = p->fit.variable;
        if (workorder_pools(p)) {
            struct calc_pool_mean mean = {pool->mu_ln_setup, 0.0};
            struct calc_pool_theta th;

            calc_pool_theta(log(p->fit.setup), p->fit.var_setup / (p->fit.setup * p->fit.setup),
                            pool->tau2, &mean, &th);
            p->setup = exp(th.theta);
            p->variable = workorder_variable(w, p->setup / w->t_scale) * (w->t_scale / w->q_scale);
        }
    } else if (p->has_quote) {
        double f = workorder_quote_factor(w, p);

        p->source = CALC_WORKORDER_QUOTE;
        p->setup = p->quote_setup * f;
        p->variable = p->quote_variable * f;
    } else if (pool->n > 0) {
        for (size_t i = 1; i < w->n; i++)
            min_t = fmin(min_t, w->row[i].total_cost);
        p->source = CALC_WORKORDER_POOLED;
        p->setup = fmin(pool->pooled_setup, 0.5 * min_t * w->t_scale);
        p->variable = workorder_variable(w, p->setup / w->t_scale) * (w->t_scale / w->q_scale);
    } else {
        p->source = CALC_WORKORDER_NONE;
        p->setup = 0.0;
        p->variable = 0.0;
    }
    return isfinite(p->setup) && isfinite(p->variable) ? CALC_OK : CALC_UNDEFINED;
}

static bool workorder_quote_usable(const struct calc_workorder_part *p)
{
    return !p->has_quote ||
           (isfinite(p->quote_setup) && isfinite(p->quote_variable) && p->quote_setup >= 0.0 &&
            p->quote_variable >= 0.0 && p->quote_setup + p->quote_variable > 0.0);
}

enum calc_status calc_workorder_decompose(struct calc_workorder_part *parts, size_t n_parts,
                                          bool huber, double *scratch,
                                          struct calc_workorder_pool *pool)
{
    enum calc_status st;

    for (size_t i = 0; i < n_parts; i++) {
        if (!workorder_quote_usable(&parts[i]))
            return CALC_DOMAIN;
        st = calc_workorder_fit(parts[i].rows, parts[i].n, huber, scratch, &parts[i].fit);
        if (st != CALC_OK)
            return st;
    }
    st = workorder_pool_setups(parts, n_parts, scratch, pool);
    if (st != CALC_OK)
        return st;
    for (size_t i = 0; i < n_parts; i++) {
        struct workorder_rows w;

        st = workorder_load(parts[i].rows, parts[i].n, scratch, &w);
        if (st == CALC_OK)
            st = workorder_finish(&parts[i], pool, &w);
        if (st != CALC_OK)
            return st;
    }
    return CALC_OK;
}
