/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_guard.c: which candidate predicts held-out rows, and is the richer one worth it */
#include "calc_driver_internal.h"
#include "calc_sum.h"

enum { LANES = 4 };

/*
 * kappa^2 <- (nu0 + sum w z^2) / (nu0 + n), w = (nu + 1) / (nu + z^2 / kappa^2), from prior, with
 * nu0 prior in place of nu0. Fixed lanes let the compiler divide several rows at a time and keep
 * the order of the sum the same everywhere.
 */
static double scale_fixed_point(const double *z, size_t n, double prior)
{
    double kappa2 = prior;

    for (int it = 0; it < DRIVER_SCALE_ROUNDS; it++) {
        double lane[LANES] = {0}, sum, nk = DRIVER_NU * kappa2, before = kappa2;
        size_t i = 0;

        for (; i + LANES <= n; i += LANES)
            for (size_t l = 0; l < LANES; l++) {
                double z2 = z[i + l] * z[i + l];

                lane[l] += z2 / (nk + z2);
            }
        for (; i < n; i++) {
            double z2 = z[i] * z[i];

            lane[0] += z2 / (nk + z2);
        }
        sum = (DRIVER_NU + 1.0) * kappa2 * ((lane[0] + lane[1]) + (lane[2] + lane[3]));
        kappa2 = (DRIVER_NU0 * prior + sum) / (DRIVER_NU0 + (double)n);
        if (kappa2 == before)
            break; /* every further round repeats this one */
    }
    return kappa2;
}

double driver_kappa2(const double *z, size_t n)
{
    return scale_fixed_point(z, n, 1.0);
}

double driver_identity_scale(const double *x, size_t n)
{
    return sqrt(scale_fixed_point(x, n, DRIVER_S0 * DRIVER_S0));
}

double driver_log_density(double r, double sd)
{
    double z = r / sd, u = 1.0 + z * z / DRIVER_NU, u2 = u * u;

    /* Gamma(5/2) / (Gamma(2) sqrt(4 pi)) = 3/8; exponent (nu + 1) / 2 = 5/2; one logarithm of sd^2
     * u^5 */
    return -0.98082925301172623686 - 0.5 * log(sd * sd * (u2 * u2 * u));
}

size_t driver_guard_units(const struct calc_driver_set *set)
{
    return set->n_units >= DRIVER_MIN_GUARD_ROWS ? set->n_units : set->n_rows;
}

/* Adds the level's score to row[i] for the rows with history (all rows if NULL). */
static void add_level(const double *r, const double *sd, const uint32_t *history, size_t n,
                      double *z, double *row)
{
    size_t m = 0;
    double kappa;

    for (size_t i = 0; i < n; i++)
        if (history == NULL || history[i] > 0)
            z[m++] = r[i] / sd[i];
    kappa = sqrt(driver_kappa2(z, m));
    for (size_t i = 0; i < n; i++)
        if (history == NULL || history[i] > 0)
            row[i] += driver_log_density(r[i], kappa * sd[i]);
}

/* Means per compared unit into unit[]; returns their mean. */
static double score(const struct calc_driver_fit *fit, const struct driver_candidate *c, double *z,
                    double *row, double *unit)
{
    const struct calc_driver_set *set = fit->set;
    const size_t n = set->n_rows, m = driver_guard_units(set);

    for (size_t i = 0; i < n; i++)
        row[i] = 0.0;
    add_level(c->bin_r, c->bin_sd, NULL, n, z, row);
    add_level(c->part_r, c->part_sd, fit->history, n, z, row);
    for (size_t u = 0; u < m; u++) {
        size_t a = m == n ? u : set->unit_row[u], b = m == n ? u + 1 : set->unit_row[u + 1];

        unit[u] = calc_sum_of(row + a, b - a) / (double)(b - a);
    }
    return calc_sum_of(unit, m) / (double)m;
}

void driver_guard(struct calc_driver_fit *fit, const struct driver_candidate *const *candidate,
                  unsigned n, double *scratch)
{
    const size_t rows = fit->set->n_rows, m = driver_guard_units(fit->set);
    double *unit = scratch + 2 * rows;
    unsigned best = 0, chosen;

    for (unsigned c = 0; c < n; c++) {
        fit->guard[c].score = score(fit, candidate[c], scratch, scratch + rows, unit + c * m);
        if (fit->guard[c].score > fit->guard[best].score)
            best = c;
    }
    for (unsigned c = 0; c < n; c++) {
        double *d = scratch, mean, squares;

        for (size_t u = 0; u < m; u++)
            d[u] = unit[best * m + u] - unit[c * m + u];
        mean = calc_sum_of(d, m) / (double)m;
        for (size_t u = 0; u < m; u++)
            d[u] = (d[u] - mean) * (d[u] - mean);
        squares = calc_sum_of(d, m);
        fit->guard[c].deficit = mean;
        fit->guard[c].se = m > 1 ? sqrt(squares / (double)(m - 1) / (double)m) : 0.0;
    }
    for (chosen = 0; chosen < best; chosen++)
        if (fit->guard[chosen].deficit <= fit->guard[chosen].se)
            break;
    fit->n_guard = n;
    fit->best = fit->guard[best].model;
    fit->model = fit->guard[chosen].model;
}
