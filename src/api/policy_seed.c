/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seed policies: how a shop chooses machines before it has told anything about itself. */
#include "policy_seed.h"

#include <stddef.h>
#include <string.h>

static const struct policy_seed seeds[] = {
    {"", {{"op_cost", 0.5}, {"fleet_priority", 0.5}}},
    /* labour is dear: what the operation costs counts more than the order of the fleet */
    {"DE", {{"op_cost", 0.6}, {"fleet_priority", 0.4}}},
    /* many small lots: setups weigh by themselves */
    {"DE-BY", {{"op_cost", 0.5}, {"fleet_priority", 0.3}, {"setup_cost", 0.2}}},
    /* long runs: cost first, and no large machine for a small part */
    {"US", {{"op_cost", 0.7}, {"fleet_priority", 0.2}, {"load_ratio", 0.1}}},
};

const struct policy_seed *policy_seed(const char *region)
{
    size_t len = region ? strlen(region) : 0;
    while (len) {
        for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
            if (strlen(seeds[i].region) == len && !strncmp(seeds[i].region, region, len))
                return &seeds[i];
        while (len && region[len - 1] != '-')
            len--;
        if (len)
            len--;
    }
    return &seeds[0];
}
