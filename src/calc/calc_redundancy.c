/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_redundancy.c: stop rule and priority of adaptive redundancy */
#include "calc_redundancy.h"

#include <math.h>

#define SURE   0.99 /* stop before n_required */
#define ENOUGH 0.95 /* stop at n_required */

bool calc_redundancy_open(bool adaptive, uint32_t n, uint32_t n_required, uint32_t n_votes,
                          double confidence)
{
    if (!adaptive)
        return n < n_required;
    if (n < n_required)
        return n_votes < 2 || confidence < SURE;
    return n < 2 * (uint64_t)n_required && confidence < ENOUGH;
}

double calc_redundancy_entropy(const double *posterior, uint32_t k)
{
    double sum = 0.0;

    for (uint32_t t = 0; t < k; t++)
        if (posterior[t] > 0.0)
            sum -= posterior[t] * log(posterior[t]);
    return fmax(sum, 0.0);
}
