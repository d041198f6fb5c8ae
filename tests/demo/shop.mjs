// SPDX-License-Identifier: GPL-3.0-or-later
// A made-up job shop: machines, rates, parts, and a year of work orders that follow a hidden truth.
import { generator } from './random.mjs';

// What the should-cost model does not know. The demo prints it beside what was learned.
export const truth = {
    setup: 1.9, // setups take nearly twice the planned time
    run: 1.08,
    material: 1.03,
    suppliers: { 'PLANT-A': 1, 'SUP-NORD': 1.04, 'SUP-OST': 1.28 }, // one dear supplier
    scrap: 0.04, // real scrap, planned 1 %
    part: 0.08, // spread between parts, ln
    order: 0.05, // spread between orders of a part, ln
    outliers: 0.02, // share of orders booked wrong
};

export const machines = [
    { name: 'VMC 1', klass: 'milling.3axis_vmc', valid_from: '2020-01-01', hourly_rate_eur: 58, burden_rate_eur: 6 },
    { name: 'VMC 2 (VDI 3258)', klass: 'milling.5axis_full', valid_from: '2020-01-01', burden_rate_eur: 5,
        capabilities: { vdi_3258: { acquisition_cost_eur: 480000, depreciation_life_h: 24000, capital_interest_rate: 0.06,
            floor_space_m2: 32, space_eur_per_m2_y: 110, energy_kw: 14, energy_eur_per_kwh: 0.21,
            maintenance_eur_per_year: 16000, tooling_eur_per_year: 9000, annual_hours_T_G: 3600, annual_hours_T_ST: 300, annual_hours_T_IH: 150 } } },
    { name: 'Lathe 1', klass: 'turning.2axis_cnc', valid_from: '2020-01-01', hourly_rate_eur: 46, burden_rate_eur: 4 },
    { name: 'Laser 1', klass: 'cutting.laser', valid_from: '2020-01-01', hourly_rate_eur: 95 },
    { name: 'Press brake', klass: 'bending.press_brake', valid_from: '2020-01-01', hourly_rate_eur: 52 },
];

export const rates = [
    { kind: 'labour', fields: { category: 'operator', hourly_rate: 42 } },
    { kind: 'labour', fields: { category: 'setter', hourly_rate: 55 } },
    { kind: 'material', fields: { material_ref: 'S355', price_per_kg: 1.35, scrap_price_per_kg: 0.18 } },
    { kind: 'material', fields: { material_ref: 'EN-AW-6082', price_per_kg: 4.6, scrap_price_per_kg: 1.1 } },
    { kind: 'material', fields: { material_ref: '1.4301', price_per_kg: 4.1, scrap_price_per_kg: 0.9 } },
    { kind: 'overhead', fields: { category: 'material', value: 0.06 } },
    { kind: 'overhead', fields: { category: 'manufacturing', value: 0.12 } },
    { kind: 'overhead', fields: { category: 'administration', value: 0.08 } },
    { kind: 'overhead', fields: { category: 'sales', value: 0.05 } },
    { kind: 'overhead', fields: { category: 'profit', value: 0.1 } },
    { kind: 'fx', fields: { from: 'USD', to: 'EUR', rate: 0.92 } },
].map((rate) => ({ ...rate, valid_from: '2020-01-01' }));

const routes = [
    ['cutting.laser', 'bending.press_brake'],
    ['turning.2axis_cnc'],
    ['turning.2axis_cnc', 'milling.3axis_vmc'],
    ['milling.5axis_full'],
    ['milling.3axis_vmc'],
];

const round = (value, digits) => Number(value.toFixed(digits));

export function makeParts(seed, n) {
    const random = generator(seed);
    return Array.from({ length: n }, (_, i) => {
        const gross = round(Math.exp(random.between(-1.5, 2.2)), 3);
        const operations = random.pick(routes).map((klass, k) => ({
            sequence: 10 * (k + 1), klass, labour_category: 'operator',
            setup_time_s: Math.round(random.between(900, 5400)),
            cycle_time_s: Math.round(Math.exp(random.between(3, 6.4))),
            attendance: round(random.between(0.3, 1), 2),
        }));
        return {
            part_number: `P-${String(i + 1).padStart(4, '0')}`,
            process_plan: {
                material_ref: random.pick(['S355', 'EN-AW-6082', '1.4301']), gross_mass_kg: gross,
                net_mass_kg: round(gross * random.between(0.4, 0.9), 3), scrap_rate: 0.01,
                tooling_cost: random.uniform() < 0.3 ? Math.round(random.between(200, 3000)) : 0, operations,
            },
        };
    });
}

// The shop's own cost of a piece by driver, from an uncalibrated quote: the truth bends these.
export function makeWorkOrders(seed, parts, driversOf) {
    const random = generator(seed + 1);
    const suppliers = Object.keys(truth.suppliers);
    const orders = [];
    for (const part of parts) {
        const own = Math.exp(truth.part * random.normal());
        const usual = random.pick(suppliers);
        const count = 1 + Math.floor(random.uniform() * random.uniform() * 12);
        for (let i = 0; i < count; i++) {
            const quantity = random.pick([5, 10, 20, 25, 50, 100, 250, 500]);
            const supplier = random.uniform() < 0.8 ? usual : random.pick(suppliers);
            const day = new Date(Date.UTC(2025, 0, 6) + Math.floor(random.uniform() * 360) * 86400000);
            const cost = driversOf(part, quantity);
            const scrap = (1 - 0.01) / (1 - truth.scrap);
            let unit = (cost.material * truth.material * scrap + cost.run * truth.run * scrap + cost.setup * truth.setup + cost.other)
                * truth.suppliers[supplier] * own * Math.exp(truth.order * random.normal());
            if (random.uniform() < truth.outliers) unit *= random.pick([0.3, 3]);
            orders.push({
                work_order_id: `WO-${String(orders.length + 1).padStart(6, '0')}`, part_number: part.part_number, supplier,
                quantity, total_cost: round(unit * quantity, 2), finished: day.toISOString().slice(0, 10),
            });
        }
    }
    return orders;
}
