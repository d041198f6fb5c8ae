/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_pack.c: the posterior as one record */
#include "calc_driver_internal.h"
#include "calc_driver_posterior.h"
#include "calc_driver_record.h"

static uint64_t rotate(uint64_t v, unsigned bits)
{
    return v << bits | v >> (64 - bits);
}

static uint64_t fold(uint64_t h, uint64_t lane)
{
    h ^= lane;
    h ^= h >> 30;
    h *= UINT64_C(0xbf58476d1ce4e5b9);
    h ^= h >> 27;
    h *= UINT64_C(0x94d049bb133111eb);
    return h ^ h >> 31;
}

uint64_t record_checksum(const unsigned char *p, size_t n)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t lane[4] = {odd, odd * 3, odd * 5, odd * 7}, h = n;
    size_t i = 0;

    for (; i + 32 <= n; i += 32)
        for (size_t l = 0; l < 4; l++)
            lane[l] = rotate((lane[l] ^ record_u64(p + i + 8 * l)) * odd, 29);
    for (; i + 8 <= n; i += 8)
        lane[0] = rotate((lane[0] ^ record_u64(p + i)) * odd, 29);
    for (size_t l = 0; l < 4; l++)
        h = fold(h + odd, lane[l]);
    return h;
}

static size_t text_bytes(const struct calc_driver_set *set)
{
    size_t n = 0;

    for (size_t b = 0; b < set->n_bins; b++)
        n += calc_driver_set_bin(set, b).n;
    for (size_t u = 0; u < set->n_units; u++)
        n += calc_driver_set_part(set, u).n;
    return n;
}

size_t calc_driver_pack_size(const struct calc_driver_fit *fit)
{
    const struct calc_driver_set *set = fit->set;
    size_t location = record_location_size(fit->k);

    return RECORD_HEADER + fit->n_groups * RECORD_GROUP + set->n_bins * (RECORD_BIN + location) +
           set->n_units * (RECORD_UNIT + location) + fit->n_keys * 8 +
           ((text_bytes(set) + 7) & ~(size_t)7);
}

static unsigned char *put_numbers(unsigned char *p, const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        record_put_f64(p + 8 * i, v[i]);
    return p + 8 * n;
}

/* Where the next text goes. */
struct texts {
    unsigned char *base;
    size_t used;
};

static void put_text(unsigned char *p, struct texts *t, struct calc_key text)
{
    record_put_u32(p, (uint32_t)t->used);
    record_put_u32(p + 4, (uint32_t)text.n);
    if (text.n > 0)
        memcpy(t->base + t->used, text.s, text.n);
    t->used += text.n;
}

static void put_header(unsigned char *at, const struct calc_driver_fit *fit, size_t size)
{
    const struct calc_driver_set *set = fit->set;
    const uint64_t counts[] = {set->n_rows,   set->n_units, set->n_bins,
                               fit->n_groups, fit->n_keys,  text_bytes(set)};
    const uint32_t words[] = {(uint32_t)fit->model, fit->k,
                              fit->model == CALC_DRIVER_DRIVERS ? set->present : 0,
                              fit->main_group};
    unsigned char *p = at + RECORD_AT_NUMBERS;

    record_put_u64(at, RECORD_MAGIC);
    record_put_u32(at + RECORD_AT_VERSION, RECORD_VERSION);
    record_put_u64(at + RECORD_AT_SIZE, size);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        record_put_u64(at + RECORD_AT_COUNTS + 8 * i, counts[i]);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        record_put_u32(at + RECORD_AT_MODEL + 4 * i, words[i]);
    p = put_numbers(p, &fit->alpha, 1);
    p = put_numbers(p, &fit->s, 1);
    p = put_numbers(p, fit->tau_bin, CALC_DRIVER_MAX);
    p = put_numbers(p, fit->tau_part, CALC_DRIVER_MAX);
    p = put_numbers(p, fit->mu, CALC_DRIVER_MAX);
    p = put_numbers(p, fit->mu_var, TRI_MAX);
    put_numbers(p, set->mean_share, CALC_DRIVER_MAX);
}

static unsigned char *put_groups(unsigned char *p, const struct calc_driver_fit *fit)
{
    for (unsigned i = 0; i < fit->n_groups; i++, p += RECORD_GROUP) {
        const struct calc_driver_group *g = &fit->group[i];

        record_put_u32(p, (uint32_t)g->kind);
        record_put_u32(p + 4, (uint32_t)g->method);
        record_put_u32(p + 8, g->bin);
        record_put_u32(p + 12, g->bounded);
        record_put_f64(p + 16, g->q);
        record_put_u32(p + 24, g->units);
        record_put_u32(p + 28, g->n);
        record_put_f64(p + 32, g->coverage);
    }
    return p;
}

static unsigned char *put_bins(unsigned char *p, const struct calc_driver_fit *fit,
                               struct texts *texts)
{
    const struct calc_driver_set *set = fit->set;
    const size_t k = fit->k, t = tri_size(k);
    uint32_t label = DRIVER_FIXED_GROUPS;

    for (size_t b = 0; b < set->n_bins; b++) {
        bool own = label < fit->n_groups && fit->group[label].bin == b;

        put_text(p, texts, calc_driver_set_bin(set, b));
        record_put_u32(p + 8, set->bin_unit[b]);
        record_put_u32(p + 12, own ? label++ : (uint32_t)CALC_DRIVER_BIN);
        record_put_u32(p + 16,
                       set->unit_row[set->bin_unit[b + 1]] - set->unit_row[set->bin_unit[b]]);
        p = put_numbers(p + RECORD_BIN, fit->theta + b * k, k);
        p = put_numbers(p, fit->theta_var + b * t, t);
    }
    return p;
}

static unsigned char *put_units(unsigned char *p, const struct calc_driver_fit *fit,
                                struct texts *texts)
{
    const struct calc_driver_set *set = fit->set;
    const size_t k = fit->k, t = tri_size(k);

    for (size_t u = 0; u < set->n_units; u++) {
        put_text(p, texts, calc_driver_set_part(set, u));
        record_put_u32(p + 8, set->unit_row[u + 1] - set->unit_row[u]);
        record_put_u32(p + 12, fit->by_part[u]);
        p = put_numbers(p + RECORD_UNIT, fit->phi + u * k, k);
        p = put_numbers(p, fit->phi_var + u * t, t);
    }
    return p;
}

enum calc_status calc_driver_pack(const struct calc_driver_fit *fit, void *record, size_t size)
{
    const struct calc_driver_set *set = fit->set;
    const size_t need = calc_driver_pack_size(fit), location = record_location_size(fit->k);
    unsigned char *at = record, *p;
    struct texts texts = {0};

    if (record == NULL || size < need || text_bytes(set) > UINT32_MAX)
        return CALC_SIZE;
    memset(at, 0, need);
    put_header(at, fit, need);
    texts.base = at + RECORD_HEADER + fit->n_groups * RECORD_GROUP +
                 set->n_bins * (RECORD_BIN + location) + set->n_units * (RECORD_UNIT + location) +
                 fit->n_keys * 8;
    p = put_groups(at + RECORD_HEADER, fit);
    p = put_bins(p, fit, &texts);
    p = put_units(p, fit, &texts);
    for (size_t i = 0; i < fit->n_keys; i++, p += 8)
        record_put_u64(p, fit->key[i]);
    record_put_u64(at + RECORD_AT_CHECKSUM,
                   record_checksum(at + RECORD_HASHED, need - RECORD_HASHED));
    return CALC_OK;
}
