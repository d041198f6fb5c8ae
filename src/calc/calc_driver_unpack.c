/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_driver_unpack.c: opening and reading the posterior's record in place */
#include "calc_driver_internal.h"
#include "calc_driver_posterior.h"
#include "calc_driver_record.h"

static size_t bin_size(const struct calc_driver_view *view)
{
    return RECORD_BIN + record_location_size(view->k);
}

static size_t unit_size(const struct calc_driver_view *view)
{
    return RECORD_UNIT + record_location_size(view->k);
}

static const unsigned char *bin_at(const struct calc_driver_view *view, size_t i)
{
    return view->bin + i * bin_size(view);
}

static const unsigned char *unit_at(const struct calc_driver_view *view, size_t i)
{
    return view->unit + i * unit_size(view);
}

static struct calc_key text_at(const struct calc_driver_view *view, const unsigned char *p)
{
    return (struct calc_key){(const char *)view->text + record_u32(p), record_u32(p + 4)};
}

struct calc_driver_group calc_driver_view_group(const struct calc_driver_view *view, size_t i)
{
    const unsigned char *p = view->group + i * RECORD_GROUP;

    return (struct calc_driver_group){
        .kind = (enum calc_driver_kind)record_u32(p),
        .method = (enum calc_driver_method)record_u32(p + 4),
        .bin = record_u32(p + 8),
        .bounded = record_u32(p + 12) != 0,
        .q = record_f64(p + 16),
        .units = record_u32(p + 24),
        .n = record_u32(p + 28),
        .coverage = record_f64(p + 32),
    };
}

struct calc_driver_view_bin calc_driver_view_bin(const struct calc_driver_view *view, size_t i)
{
    const unsigned char *p = bin_at(view, i);
    size_t first = record_u32(p + 8);
    size_t end = i + 1 < view->n_bins ? record_u32(bin_at(view, i + 1) + 8) : view->n_units;

    return (struct calc_driver_view_bin){text_at(view, p), record_u32(p + 16), first, end - first};
}

struct calc_driver_view_unit calc_driver_view_unit(const struct calc_driver_view *view, size_t i)
{
    const unsigned char *p = unit_at(view, i);

    return (struct calc_driver_view_unit){text_at(view, p), record_u32(p + 8)};
}

size_t driver_view_bin_group(const struct calc_driver_view *view, size_t bin)
{
    return record_u32(bin_at(view, bin) + 12);
}

void driver_view_location(const struct calc_driver_view *view, enum calc_driver_level level,
                          size_t index, double *phi, double *var)
{
    const size_t t = tri_size(view->k);
    const unsigned char *p;

    if (level == CALC_DRIVER_ENVIRONMENT) {
        memcpy(phi, view->mu, view->k * sizeof *phi);
        memcpy(var, view->mu_var, t * sizeof *var);
        return;
    }
    p = level == CALC_DRIVER_IN_BIN ? bin_at(view, index) + RECORD_BIN
                                    : unit_at(view, index) + RECORD_UNIT;
    for (size_t i = 0; i < view->k; i++)
        phi[i] = record_f64(p + 8 * i);
    for (size_t i = 0; i < t; i++)
        var[i] = record_f64(p + 8 * (view->k + i));
}

/* Index of key among the texts of entries lo..hi-1, ascending. */
static bool search(const struct calc_driver_view *view, const unsigned char *base, size_t stride,
                   size_t lo, size_t hi, struct calc_key key, size_t *found)
{
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = calc_order_keys(text_at(view, base + mid * stride), key);

        if (c == 0) {
            *found = mid;
            return true;
        }
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

bool calc_driver_find_bin(const struct calc_driver_view *view, struct calc_key label, size_t *bin)
{
    return search(view, view->bin, bin_size(view), 0, view->n_bins, label, bin);
}

bool calc_driver_find_unit(const struct calc_driver_view *view, size_t bin, struct calc_key part,
                           size_t *unit)
{
    struct calc_driver_view_bin b = calc_driver_view_bin(view, bin);

    return search(view, view->unit, unit_size(view), b.first_unit, b.first_unit + b.n_units, part,
                  unit);
}

/* The unit at place i when units are ordered by (part, bin). */
static size_t unit_by_part(const struct calc_driver_view *view, size_t i)
{
    return record_u32(unit_at(view, i) + 12);
}

/* The bin a unit lies in: the last whose first unit is not behind it. */
static size_t bin_of_unit(const struct calc_driver_view *view, size_t unit)
{
    size_t lo = 0, hi = view->n_bins;

    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;

        if (record_u32(bin_at(view, mid) + 8) <= unit)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

bool calc_driver_usual_bin(const struct calc_driver_view *view, struct calc_key part, size_t *bin)
{
    size_t lo = 0, hi = view->n_units, best = 0, most = 0;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        size_t unit = unit_by_part(view, mid);

        if (calc_order_keys(text_at(view, unit_at(view, unit)), part) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < view->n_units; lo++) {
        size_t unit = unit_by_part(view, lo);
        struct calc_driver_view_unit u = calc_driver_view_unit(view, unit);

        if (calc_order_keys(u.part, part) != 0)
            break;
        if (u.n_rows > most) {
            most = u.n_rows;
            best = unit;
        }
    }
    if (most == 0)
        return false;
    *bin = bin_of_unit(view, best);
    return true;
}

bool calc_driver_has_key(const struct calc_driver_view *view, uint64_t key)
{
    size_t lo = 0, hi = view->n_keys;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        uint64_t v = record_u64(view->key + 8 * mid);

        if (v == key)
            return true;
        if (v < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return false;
}

static bool finite_numbers(const unsigned char *p, size_t n)
{
    double all = 0.0;

    for (size_t i = 0; i < n; i++)
        all += 0.0 * record_f64(p + 8 * i); /* 0, unless a number is not finite */
    return all == 0.0;
}

/* A location and its variances, none negative. */
static bool location_is_valid(const struct calc_driver_view *view, const unsigned char *p)
{
    if (!finite_numbers(p, view->k + tri_size(view->k)))
        return false;
    for (size_t i = 0; i < view->k; i++)
        if (record_f64(p + 8 * (view->k + tri(i, i))) < 0.0)
            return false;
    return true;
}

static bool text_is_valid(const unsigned char *p, size_t text_size)
{
    return (size_t)record_u32(p) + record_u32(p + 4) <= text_size;
}

static bool bins_are_valid(const struct calc_driver_view *view, size_t text_size)
{
    size_t rows = 0;

    for (size_t b = 0; b < view->n_bins; b++) {
        const unsigned char *p = bin_at(view, b);
        size_t first = record_u32(p + 8);

        if (!text_is_valid(p, text_size) || first >= view->n_units ||
            record_u32(p + 12) >= view->n_groups || !location_is_valid(view, p + RECORD_BIN))
            return false;
        if (b == 0 ? first != 0
                   : first <= record_u32(bin_at(view, b - 1) + 8) ||
                         calc_order_keys(text_at(view, bin_at(view, b - 1)), text_at(view, p)) >= 0)
            return false;
        rows += record_u32(p + 16);
    }
    return rows == view->n_rows;
}

static bool units_are_valid(const struct calc_driver_view *view, size_t text_size)
{
    size_t rows = 0, bin = 0, next = view->n_bins > 1 ? record_u32(bin_at(view, 1) + 8) : SIZE_MAX;

    for (size_t u = 0; u < view->n_units; u++) {
        const unsigned char *p = unit_at(view, u);

        if (!text_is_valid(p, text_size) || record_u32(p + 8) == 0 ||
            record_u32(p + 12) >= view->n_units || !location_is_valid(view, p + RECORD_UNIT))
            return false;
        rows += record_u32(p + 8);
        if (u == next) {
            bin++;
            next = bin + 1 < view->n_bins ? record_u32(bin_at(view, bin + 1) + 8) : SIZE_MAX;
        } else if (u > 0 &&
                   calc_order_keys(text_at(view, unit_at(view, u - 1)), text_at(view, p)) >= 0) {
            return false;
        }
    }
    for (size_t i = 1; i < view->n_units; i++) {
        size_t a = unit_by_part(view, i - 1), b = unit_by_part(view, i);
        int c = calc_order_keys(text_at(view, unit_at(view, a)), text_at(view, unit_at(view, b)));

        if (c > 0 || (c == 0 && a >= b))
            return false;
    }
    return rows == view->n_rows;
}

static bool groups_are_valid(const struct calc_driver_view *view)
{
    for (size_t i = 0; i < view->n_groups; i++) {
        const unsigned char *p = view->group + i * RECORD_GROUP;
        uint32_t kind = record_u32(p);

        if (kind != (i < DRIVER_FIXED_GROUPS ? i : CALC_DRIVER_LABEL) ||
            record_u32(p + 4) > CALC_DRIVER_INSUFFICIENT || record_u32(p + 8) >= view->n_bins ||
            record_u32(p + 12) > 1 || !finite_numbers(p + 16, 1) || !finite_numbers(p + 32, 1))
            return false;
    }
    return true;
}

/* Counts small enough that the sections fill the record exactly. */
static bool find_sections(struct calc_driver_view *view, const unsigned char *at, size_t size,
                          size_t text_size)
{
    const size_t counts[] = {view->n_groups, view->n_bins, view->n_units, view->n_keys, 1};
    const size_t sizes[] = {RECORD_GROUP, bin_size(view), unit_size(view), 8,
                            (text_size + 7) & ~(size_t)7};
    const unsigned char **section[] = {&view->group, &view->bin, &view->unit, &view->key,
                                       &view->text};
    size_t used = RECORD_HEADER;

    if (text_size > size)
        return false;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        *section[i] = at + used;
        if (sizes[i] > 0 && counts[i] > (size - used) / sizes[i])
            return false;
        used += counts[i] * sizes[i];
    }
    return used == size;
}

/* The parts of the header that say what the other numbers are. */
static bool read_model(struct calc_driver_view *view, const unsigned char *at)
{
    uint32_t model = record_u32(at + RECORD_AT_MODEL);
    unsigned drivers = 0;

    view->k = record_u32(at + RECORD_AT_MODEL + 4);
    view->present = record_u32(at + RECORD_AT_MODEL + 8);
    view->main_group = record_u32(at + RECORD_AT_MODEL + 12);
    if (model > CALC_DRIVER_DRIVERS || view->k < 1 || view->k > CALC_DRIVER_MAX ||
        view->present >> CALC_DRIVER_MAX != 0 || view->main_group >= view->n_groups)
        return false;
    view->model = (enum calc_driver_model)model;
    view->driver[0] = CALC_DRIVER_TOTAL;
    for (unsigned d = 0; d < CALC_DRIVER_MAX; d++)
        if (view->present >> d & 1U)
            view->driver[drivers++] = (enum calc_driver_name)d;
    return view->model == CALC_DRIVER_DRIVERS ? drivers == view->k && view->k > 1
                                              : drivers == 0 && view->k == 1;
}

static const unsigned char *get_numbers(const unsigned char *p, double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        v[i] = record_f64(p + 8 * i);
    return p + 8 * n;
}

static bool read_numbers(struct calc_driver_view *view, const unsigned char *at)
{
    const unsigned char *p = at + RECORD_AT_NUMBERS;

    if (!finite_numbers(p, RECORD_NUMBERS))
        return false;
    p = get_numbers(p, &view->alpha, 1);
    p = get_numbers(p, &view->s, 1);
    p = get_numbers(p, view->tau_bin, CALC_DRIVER_MAX);
    p = get_numbers(p, view->tau_part, CALC_DRIVER_MAX);
    p = get_numbers(p, view->mu, CALC_DRIVER_MAX);
    p = get_numbers(p, view->mu_var, TRI_MAX);
    get_numbers(p, view->mean_share, CALC_DRIVER_MAX);
    for (size_t i = 0; i < view->k; i++)
        if (view->mu_var[tri(i, i)] < 0.0)
            return false;
    return view->alpha > 0.0 && view->alpha < 1.0 && view->s > 0.0;
}

enum calc_status calc_driver_unpack(struct calc_driver_view *view, const void *record, size_t size)
{
    const unsigned char *at = record;
    struct calc_driver_view out = {0};
    uint64_t count[6];

    if (at == NULL || size < RECORD_HEADER || size % 8 != 0 || record_u64(at) != RECORD_MAGIC ||
        record_u64(at + RECORD_AT_VERSION) != RECORD_VERSION ||
        record_u64(at + RECORD_AT_SIZE) != size ||
        record_u64(at + RECORD_AT_CHECKSUM) !=
            record_checksum(at + RECORD_HASHED, size - RECORD_HASHED))
        return CALC_DOMAIN;
    for (unsigned i = 0; i < 6; i++)
        count[i] = record_u64(at + RECORD_AT_COUNTS + 8 * i);
    out.n_rows = (size_t)count[0];
    out.n_units = (size_t)count[1];
    out.n_bins = (size_t)count[2];
    out.n_groups = (size_t)count[3];
    out.n_keys = (size_t)count[4];
    if (out.n_units == 0 || out.n_bins == 0 || out.n_groups < DRIVER_FIXED_GROUPS ||
        !read_model(&out, at) || !find_sections(&out, at, size, (size_t)count[5]) ||
        !read_numbers(&out, at) || !groups_are_valid(&out) ||
        !bins_are_valid(&out, (size_t)count[5]) || !units_are_valid(&out, (size_t)count[5]))
        return CALC_DOMAIN;
    if (out.model != CALC_DRIVER_IDENTITY)
        out.active_posterior_count = (1 + out.n_bins + out.n_units) * out.k;
    *view = out;
    return CALC_OK;
}
