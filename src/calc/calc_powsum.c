/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_powsum.c: Euler-Maclaurin sums of powers */
#include "calc_powsum.h"

#include "calc_sum.h"

#define POWSUM_MAX_B    64.0
#define POWSUM_MAX_UNIT 9007199254740992.0
#define POWSUM_FLAT     1e-8
enum { POWSUM_DIRECT = 30, POWSUM_TERMS = 6, POWSUM_LOG_DIRECT = 1000 };

/* B_2k / (2k)! */
static const double powsum_bernoulli[POWSUM_TERMS] = {
    1.0 / 12.0,       -1.0 / 720.0,     1.0 / 30240.0,
    -1.0 / 1209600.0, 1.0 / 47900160.0, -691.0 / 1307674368000.0,
};

/* Integral of (x/ref)^b from lo to hi. */
static double powsum_integral(double lo, double hi, double b, double ref)
{
    double h = b + 1.0;
    double u = log(hi / lo);

    if (h > 0.0)
        return ref * pow(hi / ref, h) * (-expm1(-h * u) / h);
    if (h < 0.0)
        return ref * pow(lo / ref, h) * (expm1(h * u) / h);
    return ref * u;
}

/* Sum of B_2k/(2k)! times the (2k - 1)-th derivative of (x/ref)^b. */
static double powsum_correction(double x, double b, double ref)
{
    double derivative = b / x; /* in units of (x/ref)^b */
    double sum = 0.0;

    for (int k = 1; k <= POWSUM_TERMS; k++) {
        int j = 2 * k - 1;

        sum += powsum_bernoulli[k - 1] * derivative;
        derivative *= (b - j) / x * ((b - j - 1) / x);
    }
    return sum * pow(x / ref, b);
}

/* Sum of (x/ref)^b, where ref is the unit with the largest term, so that nothing overflows. */
static double powsum_scaled(uint64_t first, uint64_t last, double b, double ref)
{
    /* the formula starts where its terms fall fast enough; short rests are summed directly */
    uint64_t from = POWSUM_DIRECT + (uint64_t)(12.0 * fabs(b));
    struct calc_sum s;
    double lo, hi = (double)last;

    if (from < first)
        from = first;
    if (last < from + POWSUM_DIRECT)
        from = last + 1;
    calc_sum_init(&s);
    for (uint64_t x = first; x < from; x++)
        calc_sum_add(&s, pow((double)x / ref, b));
    if (from > last)
        return calc_sum_value(&s);
    lo = (double)from;
    calc_sum_add(&s, powsum_integral(lo, hi, b, ref));
    calc_sum_add(&s, 0.5 * (pow(lo / ref, b) + pow(hi / ref, b)));
    calc_sum_add(&s, powsum_correction(hi, b, ref) - powsum_correction(lo, b, ref));
    return calc_sum_value(&s);
}

double calc_powsum_log(uint64_t first, uint64_t last, double b)
{
    double ref = (double)(b < 0.0 ? first : last);

    return b * log(ref) + log(powsum_scaled(first, last, b, ref));
}

static double powsum_log_geometric(uint64_t first, uint64_t last)
{
    double q = (double)(last - first + 1);
    struct calc_sum s;

    if (last - first >= POWSUM_LOG_DIRECT)
        return (lgamma((double)last + 1.0) - lgamma((double)first)) / q;
    calc_sum_init(&s);
    for (uint64_t x = first; x <= last; x++)
        calc_sum_add(&s, log((double)x));
    return calc_sum_value(&s) / q;
}

double calc_powsum_log_midpoint(uint64_t first, uint64_t last, double b)
{
    double q = (double)(last - first + 1);
    double ref = (double)(b < 0.0 ? first : last);

    if (first == last)
        return log((double)first);
    if (fabs(b) < POWSUM_FLAT)
        return powsum_log_geometric(first, last);
    return log(ref) + log(powsum_scaled(first, last, b, ref) / q) / b;
}

double calc_powsum_log_midpoint_asher(uint64_t first, uint64_t last, double b)
{
    double q = (double)(last - first + 1);
    double lo = (double)first - 0.5, hi = (double)last + 0.5;
    double ref = b < 0.0 ? lo : hi;

    if (first == last)
        return log((double)first);
    if (fabs(b) < POWSUM_FLAT)
        return (hi * log(hi) - lo * log(lo)) / q - 1.0;
    return log(ref) + log(powsum_integral(lo, hi, b, ref) / q) / b;
}

enum calc_status calc_powsum_mean(double produced, double n, double b, double *mean)
{
    double end = produced + n;
    double whole_from, whole_to, m;
    struct calc_sum s;

    if (!(produced >= 0.0) || !(n > 0.0) || !(end <= POWSUM_MAX_UNIT) || !(fabs(b) <= POWSUM_MAX_B))
        return CALC_DOMAIN;
    whole_from = ceil(produced); /* units whole_from + 1 .. whole_to are made entirely */
    whole_to = floor(end);
    calc_sum_init(&s);
    if (whole_to < whole_from) { /* a part of one unit */
        calc_sum_add(&s, n * pow(whole_from, b));
    } else {
        if (whole_from > produced)
            calc_sum_add(&s, (whole_from - produced) * pow(whole_from, b));
        if (whole_to > whole_from)
            calc_sum_add(&s, exp(calc_powsum_log((uint64_t)whole_from + 1, (uint64_t)whole_to, b)));
        if (end > whole_to)
            calc_sum_add(&s, (end - whole_to) * pow(whole_to + 1.0, b));
    }
    m = calc_sum_value(&s) / n;
    if (!isfinite(m) || m <= 0.0)
        return CALC_UNDEFINED;
    *mean = m;
    return CALC_OK;
}
