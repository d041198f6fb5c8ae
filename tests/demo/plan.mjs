// SPDX-License-Identifier: GPL-3.0-or-later
// A naive should-cost plan from what a parts list knows: mass and, for bent tubes, geometry.

const number = (row, ...names) => {
    for (const name of names) if (row[name] !== undefined && row[name] !== '') return Number(row[name]);
    return undefined;
};

export const numbersOfPlan = ['gross_mass_kg', 'mass_kg', 'setup_time_s', 'cycle_time_s', 'bends', 'length_mm'];

// columns: part_number, material_ref?, mass_kg|gross_mass_kg, and setup_time_s/cycle_time_s or length_mm, bends
export function planOf(row) {
    const mass = number(row, 'gross_mass_kg', 'mass_kg') ?? 0;
    const setup = number(row, 'setup_time_s');
    const cycle = number(row, 'cycle_time_s');
    const bends = number(row, 'bends');
    const operations = [];
    if (cycle !== undefined)
        operations.push({ sequence: 10, klass: row.klass || 'milling.3axis_vmc', setup_time_s: setup ?? 0, cycle_time_s: cycle });
    else {
        operations.push({ sequence: 10, klass: 'tube_cutting.laser', setup_time_s: 300,
            cycle_time_s: 30 + (number(row, 'length_mm') ?? 0) / 100 });
        if (bends) operations.push({ sequence: 20, klass: 'tube_bending.cnc', setup_time_s: 600, cycle_time_s: 30 + 8 * bends });
    }
    return { material_ref: row.material_ref || 'unknown', gross_mass_kg: mass, operations };
}

// what such plans need: one machine a klass, one price for every material
export const simpleMachines = (plans) => [...new Set(plans.flatMap((plan) => plan.operations.map((o) => o.klass)))]
    .map((klass) => ({ name: klass, klass, hourly_rate_eur: 60, valid_from: '1980-01-01' }));

export const simpleRates = (plans) => [...new Set(plans.map((plan) => plan.material_ref))]
    .map((material_ref) => ({ kind: 'material', valid_from: '1980-01-01', fields: { material_ref, price_per_kg: 12 } }));
