/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_agreement.c: Krippendorff's alpha in linear time forms */
#include "calc_agreement.h"

#include "calc_sum.h"

#include <math.h>
#include <string.h>

enum { PACKED_KINDS = 8, PACKED_UNIT = 255, PACKED_SMALL = 15 }; /* 15^2 fits a byte */

/* Workspace and running sums of one evaluation. */
struct state {
    enum calc_agreement_metric metric;
    const struct calc_agreement_units *in;
    uint64_t inverse; /* of the modulus, times 2^64 */
    double *x;        /* n_values: what interval distance is taken of, about its mean */
    double *spread;   /* n_values: ratio, sum_k n_k d2_ck */
    uint32_t *n_c;    /* n_values: pairable values of each kind */
    uint32_t *n_uc;   /* n_values: those of the unit at hand; 0 outside */
    uint32_t *kinds;  /* distinct values of the unit at hand */
    uint32_t n_kinds;
    uint32_t m;     /* values of the unit at hand */
    double n;       /* pairable values */
    uint32_t units; /* units that hold them */
    uint32_t used;  /* distinct values among them */
    double sum_o;   /* sum of O_u */
    double e;       /* E; for interval and ordinal the sum of squares behind it */
};

size_t calc_agreement_size(size_t n_values)
{
    return n_values * (2 * sizeof(double) + 3 * sizeof(uint32_t));
}

struct calc_agreement_units calc_agreement_from_labels(const struct calc_labels *labels,
                                                       const uint8_t *skip)
{
    return (struct calc_agreement_units){
        .n_units = labels->n_tasks,
        .begin = labels->begin,
        .end = labels->counted,
        .code = labels->cell,
        .modulus = labels->k,
        .skip = skip,
        .n_values = labels->k,
    };
}

static bool counts(const struct calc_agreement_units *in, uint32_t u)
{
    return !(in->skip && in->skip[u]) && in->end[u] - in->begin[u] >= 2;
}

/* Which value number s is: code % modulus without a division (Lemire, Kaser and Kurz 2019). */
static uint32_t kind_of(const struct state *st, uint32_t s)
{
    return (uint32_t)(((__uint128_t)(st->inverse * st->in->code[s]) * st->in->modulus) >> 64);
}

/* Load unit u: its distinct values in order of appearance, and how often each occurs. */
static void unit_load(struct state *st, uint32_t u)
{
    const struct calc_agreement_units *in = st->in;

    for (uint32_t j = 0; j < st->n_kinds; j++)
        st->n_uc[st->kinds[j]] = 0;
    st->n_kinds = 0;
    st->m = in->end[u] - in->begin[u];
    for (uint32_t s = in->begin[u]; s < in->end[u]; s++) {
        uint32_t c = kind_of(st, s);

        if (st->n_uc[c]++ == 0)
            st->kinds[st->n_kinds++] = c;
    }
}

static bool on_line(const struct state *st)
{
    return st->metric == CALC_AGREEMENT_INTERVAL || st->metric == CALC_AGREEMENT_ORDINAL;
}

static double ratio_distance(const struct state *st, uint32_t c, uint32_t k)
{
    double a = st->in->value[c], b = st->in->value[k];
    double d = c == k ? 0.0 : (a / 2 - b / 2) / (a / 2 + b / 2); /* halves: no overflow */

    return d * d;
}

/* O_u of the unit at hand. */
static double unit_disagreement(const struct state *st)
{
    double m = st->m, sum = 0.0;

    switch (st->metric) {
    case CALC_AGREEMENT_NOMINAL:
        for (uint32_t j = 0; j < st->n_kinds; j++) {
            double n = st->n_uc[st->kinds[j]];

            sum += n * (m - n);
        }
        break;
    case CALC_AGREEMENT_ORDINAL:
    case CALC_AGREEMENT_INTERVAL: {
        double mean = 0.0;

        for (uint32_t j = 0; j < st->n_kinds; j++)
            mean += (double)st->n_uc[st->kinds[j]] * st->x[st->kinds[j]];
        mean /= m;
        for (uint32_t j = 0; j < st->n_kinds; j++) {
            double d = st->x[st->kinds[j]] - mean;

            sum += (double)st->n_uc[st->kinds[j]] * d * d;
        }
        sum *= 2.0 * m;
        break;
    }
    case CALC_AGREEMENT_RATIO:
        for (uint32_t i = 1; i < st->n_kinds; i++)
            for (uint32_t j = 0; j < i; j++)
                sum += 2.0 * (double)st->n_uc[st->kinds[i]] * (double)st->n_uc[st->kinds[j]] *
                       ratio_distance(st, st->kinds[i], st->kinds[j]);
        break;
    }
    return sum / (m - 1.0);
}

/* x about its mean, and the sum of squares into st->e. */
static void centre(struct state *st)
{
    struct calc_sum sum;
    double mean;

    calc_sum_init(&sum);
    for (uint32_t c = 0; c < st->in->n_values; c++)
        calc_sum_add(&sum, (double)st->n_c[c] * st->x[c]);
    mean = calc_sum_value(&sum) / st->n;
    calc_sum_init(&sum);
    for (uint32_t c = 0; c < st->in->n_values; c++) {
        st->x[c] -= mean;
        calc_sum_add(&sum, (double)st->n_c[c] * st->x[c] * st->x[c]);
    }
    st->e = calc_sum_value(&sum);
}

/* What n_c determines: ranks or centred values, and E. */
static void expectation(struct state *st)
{
    uint32_t v = st->in->n_values;
    struct calc_sum sum;
    double below = 0.0;

    calc_sum_init(&sum);
    switch (st->metric) {
    case CALC_AGREEMENT_NOMINAL:
        for (uint32_t c = 0; c < v; c++)
            calc_sum_add(&sum, (double)st->n_c[c] * (st->n - (double)st->n_c[c]));
        st->e = calc_sum_value(&sum);
        break;
    case CALC_AGREEMENT_ORDINAL:
        for (uint32_t c = 0; c < v; c++) {
            st->x[c] = below + (double)st->n_c[c] / 2.0;
            below += (double)st->n_c[c];
        }
        centre(st);
        break;
    case CALC_AGREEMENT_INTERVAL:
        memcpy(st->x, st->in->value, sizeof *st->x * v);
        centre(st);
        break;
    case CALC_AGREEMENT_RATIO:
        for (uint32_t c = 0; c < v; c++) {
            st->spread[c] = 0.0;
            for (uint32_t k = 0; k < v; k++)
                st->spread[c] += (double)st->n_c[k] * ratio_distance(st, c, k);
            calc_sum_add(&sum, (double)st->n_c[c] * st->spread[c]);
        }
        st->e = calc_sum_value(&sum);
        break;
    }
}

/* Sum of O_u over the counting units but one; without = UINT32_MAX takes all. */
static double observation(struct state *st, uint32_t without)
{
    struct calc_sum sum;

    calc_sum_init(&sum);
    for (uint32_t u = 0; u < st->in->n_units; u++) {
        if (!counts(st->in, u) || u == without)
            continue;
        unit_load(st, u);
        calc_sum_add(&sum, unit_disagreement(st));
    }
    return calc_sum_value(&sum);
}

static bool values_valid(enum calc_agreement_metric metric, const struct calc_agreement_units *in)
{
    if (in->n_values == 0 || in->modulus == 0)
        return false;
    if (metric == CALC_AGREEMENT_NOMINAL)
        return true;
    if (!in->value || (metric == CALC_AGREEMENT_RATIO && in->value[0] < 0.0))
        return false;
    for (uint32_t c = 0; c < in->n_values; c++)
        if (!isfinite(in->value[c]) || (c > 0 && !(in->value[c] > in->value[c - 1])))
            return false;
    return true;
}

/* Pairable values of each kind; false: one is out of range. */
static bool count_values(struct state *st)
{
    const struct calc_agreement_units *in = st->in;

    st->units = 0;
    for (uint32_t u = 0; u < in->n_units; u++) {
        if (!counts(in, u))
            continue;
        st->units++;
        st->n += (double)(in->end[u] - in->begin[u]);
        for (uint32_t s = in->begin[u]; s < in->end[u]; s++) {
            uint32_t c = kind_of(st, s);

            if (c >= in->n_values)
                return false;
            st->used += st->n_c[c]++ == 0;
        }
    }
    return true;
}

/* Sum of the squares of the n_c of a word, which add up to m. */
static uint64_t squares(uint64_t word, uint32_t n_values, uint64_t m)
{
    uint64_t sum = 0;

    /* times its reverse, a word has them all in the top byte, and nothing carries into it */
    if (m <= PACKED_SMALL)
        return word * __builtin_bswap64(word) >> 56;
    for (uint32_t c = 0; c < n_values; c++)
        sum += (word >> 8 * c & 255) * (word >> 8 * c & 255);
    return sum;
}

static void unpack(uint64_t word, uint64_t *n_c)
{
    for (uint32_t c = 0; c < PACKED_KINDS; c++)
        n_c[c] += word >> 8 * c & 255;
}

/* Nominal values of few kinds, the usual case: the counts of a unit are the bytes of one word, and
   what units of one size disagree in is a whole number. False: some unit is too large for that. */
static bool count_packed(struct state *st)
{
    const struct calc_agreement_units *in = st->in;
    uint64_t one[PACKED_KINDS];             /* a value of each kind */
    uint64_t differ[PACKED_UNIT + 1] = {0}; /* by m: sum of m^2 - sum_c n_uc^2 */
    uint64_t all[PACKED_KINDS] = {0};
    uint64_t held = 0, n_held = 0; /* units that all does not have yet */
    struct calc_sum sum;

    for (uint32_t c = 0; c < PACKED_KINDS; c++)
        one[c] = UINT64_C(1) << 8 * c;
    for (uint32_t u = 0; u < in->n_units; u++) {
        if (!counts(in, u))
            continue;
        uint64_t m = in->end[u] - in->begin[u], word = 0;

        if (m > PACKED_UNIT)
            return false;
        for (uint32_t s = in->begin[u]; s < in->end[u]; s++)
            word += one[kind_of(st, s)];
        if (n_held + m > PACKED_UNIT) {
            unpack(held, all);
            held = n_held = 0;
        }
        held += word;
        n_held += m;
        differ[m] += m * m - squares(word, in->n_values, m);
        st->units++;
    }
    unpack(held, all);
    for (uint32_t c = 0; c < in->n_values; c++) {
        st->n_c[c] = (uint32_t)all[c];
        st->n += (double)all[c];
        st->used += all[c] > 0;
    }
    calc_sum_init(&sum);
    for (uint32_t m = 2; m <= PACKED_UNIT; m++)
        calc_sum_add(&sum, (double)differ[m] / (m - 1.0));
    st->sum_o = calc_sum_value(&sum);
    return true;
}

static bool packs(const struct state *st)
{
    return st->metric == CALC_AGREEMENT_NOMINAL && st->in->n_values <= PACKED_KINDS &&
           st->in->modulus <= st->in->n_values;
}

/* Check, count and sum; CALC_UNDEFINED leaves n, units and used for the reason. */
static enum calc_status start(struct state *st, enum calc_agreement_metric metric,
                              const struct calc_agreement_units *in, void *mem, size_t size)
{
    size_t v = in->n_values;

    if (!values_valid(metric, in))
        return CALC_DOMAIN;
    if (size < calc_agreement_size(v))
        return CALC_SIZE;
    *st = (struct state){
        .metric = metric, .in = in, .inverse = UINT64_MAX / in->modulus + 1, .x = mem};
    st->spread = st->x + v;
    st->n_c = (uint32_t *)(st->spread + v);
    st->n_uc = st->n_c + v;
    st->kinds = st->n_uc + v;
    memset(st->n_c, 0, 2 * v * sizeof *st->n_c);
    bool packed = packs(st) && count_packed(st);
    if (!packed && !count_values(st))
        return CALC_DOMAIN;
    if (st->used < 2)
        return CALC_UNDEFINED;
    expectation(st);
    if (!packed)
        st->sum_o = observation(st, UINT32_MAX);
    return CALC_OK;
}

enum calc_status calc_agreement_alpha(enum calc_agreement_metric metric,
                                      const struct calc_agreement_units *units, void *mem,
                                      size_t size, struct calc_agreement *out)
{
    struct state st;
    enum calc_status status = start(&st, metric, units, mem, size);

    if (status != CALC_OK && status != CALC_UNDEFINED)
        return status;
    *out = (struct calc_agreement){.n = (uint32_t)st.n, .units = st.units};
    if (status == CALC_UNDEFINED) {
        out->reason = st.units == 0 ? CALC_AGREEMENT_NO_PAIR : CALC_AGREEMENT_ONE_VALUE;
        return status;
    }

    double e = on_line(&st) ? 2.0 * st.n * st.e : st.e;

    out->alpha = 1.0 - (st.n - 1.0) * st.sum_o / e;
    out->observed = st.sum_o / st.n;
    out->expected = e / (st.n * (st.n - 1.0));
    return CALC_OK;
}

/* E after taking the loaded unit out, from the running sums. */
static double expectation_without(const struct state *st)
{
    double n = st->n - (double)st->m, s1 = 0.0, s2 = 0.0, e = st->e;

    for (uint32_t i = 0; i < st->n_kinds; i++) {
        uint32_t c = st->kinds[i];
        double n_u = st->n_uc[c], all = st->n_c[c];

        switch (st->metric) {
        case CALC_AGREEMENT_NOMINAL: /* n_c (n - n_c) in the new counts, minus in the old */
            s1 += all * all - (all - n_u) * (all - n_u);
            break;
        case CALC_AGREEMENT_ORDINAL:
        case CALC_AGREEMENT_INTERVAL:
            s1 += n_u * st->x[c];
            s2 += n_u * st->x[c] * st->x[c];
            break;
        case CALC_AGREEMENT_RATIO:
            s1 += 2.0 * n_u * st->spread[c];
            for (uint32_t j = 0; j < i; j++)
                s2 += 2.0 * n_u * (double)st->n_uc[st->kinds[j]] *
                      ratio_distance(st, c, st->kinds[j]);
            break;
        }
    }
    switch (st->metric) {
    case CALC_AGREEMENT_NOMINAL: /* E = n^2 - sum n_c^2 */
        return e - (st->n * st->n - n * n) + s1;
    case CALC_AGREEMENT_RATIO:
        return e - s1 + s2;
    default: /* sum of squares of the rest about its own mean: x sums to 0 over all */
        return 2.0 * n * (e - s2 - s1 * s1 / n);
    }
}

/* Alpha without the loaded unit u. */
static double alpha_without(struct state *st, uint32_t u)
{
    double n = st->n - (double)st->m;

    if (st->metric != CALC_AGREEMENT_ORDINAL)
        return 1.0 - (n - 1.0) * (st->sum_o - unit_disagreement(st)) / expectation_without(st);

    double all = st->n;

    for (uint32_t j = 0; j < st->n_kinds; j++)
        st->n_c[st->kinds[j]] -= st->n_uc[st->kinds[j]];
    st->n = n;
    expectation(st);

    double alpha = 1.0 - (n - 1.0) * observation(st, u) / (2.0 * n * st->e);

    unit_load(st, u);
    for (uint32_t j = 0; j < st->n_kinds; j++)
        st->n_c[st->kinds[j]] += st->n_uc[st->kinds[j]];
    st->n = all;
    return alpha;
}

enum calc_status calc_agreement_jackknife(enum calc_agreement_metric metric,
                                          const struct calc_agreement_units *units, void *mem,
                                          size_t size, double *error)
{
    struct state st;
    enum calc_status status = start(&st, metric, units, mem, size);
    double mean = 0.0, scatter = 0.0, seen = 0.0; /* Welford (1962) */

    if (status != CALC_OK)
        return status;
    for (uint32_t u = 0; u < units->n_units; u++) {
        uint32_t left = st.used;

        if (!counts(units, u))
            continue;
        unit_load(&st, u);
        for (uint32_t j = 0; j < st.n_kinds; j++)
            left -= st.n_c[st.kinds[j]] == st.n_uc[st.kinds[j]];
        if (left < 2)
            return CALC_UNDEFINED;

        double alpha = alpha_without(&st, u), d = alpha - mean;

        seen += 1.0;
        mean += d / seen;
        scatter += d * (alpha - mean);
    }
    *error = sqrt((seen - 1.0) / seen * scatter);
    return CALC_OK;
}
