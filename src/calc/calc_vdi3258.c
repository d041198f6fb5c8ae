/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calc_vdi3258.c: machine-hour rate after VDI 3258 */
#include "calc_vdi3258.h"

#include "calc_sum.h"

#include <stddef.h>

struct vdi_field {
    const char *name;
    size_t offset;
};

#define VDI_FIELD(f)                                                                               \
    {                                                                                              \
#f, offsetof(struct calc_vdi3258_input, f)                                                 \
    }
static const struct vdi_field vdi_fields[] = {
    VDI_FIELD(acquisition_cost_eur),
    VDI_FIELD(depreciation_life_h),
    VDI_FIELD(annual_hours_T_G),
    VDI_FIELD(annual_hours_T_ST),
    VDI_FIELD(annual_hours_T_IH),
    VDI_FIELD(capital_interest_rate),
    VDI_FIELD(energy_kw),
    VDI_FIELD(energy_eur_per_kwh),
    VDI_FIELD(floor_space_m2),
    VDI_FIELD(space_eur_per_m2_y),
    VDI_FIELD(maintenance_eur_per_year),
    VDI_FIELD(tooling_eur_per_year),
    VDI_FIELD(operator_hourly_eur),
    VDI_FIELD(operator_share),
};
#undef VDI_FIELD

static const char *vdi_bad_input(const struct calc_vdi3258_input *in)
{
    for (size_t i = 0; i < sizeof vdi_fields / sizeof vdi_fields[0]; i++) {
        double v = *(const double *)(const void *)((const char *)in + vdi_fields[i].offset);

        if (!(isfinite(v) && v >= 0.0))
            return vdi_fields[i].name;
    }
    if (!(in->annual_hours_T_G - in->annual_hours_T_ST - in->annual_hours_T_IH > 0.0))
        return "annual_hours_T_G";
    if (in->acquisition_cost_eur > 0.0 && in->depreciation_life_h <= 0.0)
        return "depreciation_life_h";
    if (in->capital_interest_rate >= 1.0)
        return "capital_interest_rate";
    if (in->operator_share > 1.0)
        return "operator_share";
    return NULL;
}

static const char *vdi_bad_term(const struct calc_vdi3258_rate *r)
{
    if (!isfinite(r->depreciation))
        return "depreciation_life_h";
    if (!isfinite(r->energy))
        return "energy_kw";
    if (!isfinite(r->space))
        return "floor_space_m2";
    if (!isfinite(r->interest) || !isfinite(r->maintenance) || !isfinite(r->tooling))
        return "annual_hours_T_G";
    if (!isfinite(r->total))
        return "acquisition_cost_eur";
    return NULL;
}

enum calc_status calc_vdi3258(const struct calc_vdi3258_input *in, struct calc_vdi3258_rate *out,
                              const char **field)
{
    struct calc_vdi3258_rate r;
    double tn;

    *field = vdi_bad_input(in);
    if (*field != NULL)
        return CALC_DOMAIN;
    tn = in->annual_hours_T_G - in->annual_hours_T_ST - in->annual_hours_T_IH;
    r.run_hours = tn;
    r.depreciation =
        in->acquisition_cost_eur > 0.0 ? in->acquisition_cost_eur / in->depreciation_life_h : 0.0;
    r.interest = 0.5 * in->acquisition_cost_eur * in->capital_interest_rate / tn;
    r.space = in->floor_space_m2 * in->space_eur_per_m2_y / tn;
    r.energy = in->energy_kw * in->energy_eur_per_kwh;
    r.maintenance = in->maintenance_eur_per_year / tn;
    r.tooling = in->tooling_eur_per_year / tn;
    r.labour = in->operator_share * in->operator_hourly_eur;
    r.machine = calc_sum_of(
        (const double[]){r.depreciation, r.interest, r.space, r.energy, r.maintenance, r.tooling},
        6);
    r.total = r.machine + r.labour;
    *field = vdi_bad_term(&r);
    if (*field != NULL)
        return CALC_UNDEFINED;
    *out = r;
    return CALC_OK;
}
