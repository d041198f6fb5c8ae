// SPDX-License-Identifier: GPL-3.0-or-later
// The kinds of rates: how each is called, written and typed.
import { number, percent } from './format.js';

// keys: what names a rate; text: its value in words; inputs: [field, label, kind of input]
export const kinds = {
    material: {
        name: 'Materials',
        key: (f) => f.material_ref,
        text: (f, currency) =>
            `${number(f.price_per_kg)} ${currency}/kg` +
            (f.scrap_price_per_kg ? `, scrap ${number(f.scrap_price_per_kg)}` : ''),
        inputs: [
            ['material_ref', 'Material'],
            ['price_per_kg', 'Price per kg', 'number'],
            ['scrap_price_per_kg', 'Paid back per kg of scrap', 'number', 'optional'],
        ],
    },
    labour: {
        name: 'Labour',
        key: (f) => f.category,
        text: (f, currency) => `${number(f.hourly_rate)} ${currency}/h`,
        inputs: [
            ['category', 'Category'],
            ['hourly_rate', 'Per hour', 'number'],
        ],
    },
    overhead: {
        name: 'Overheads',
        key: (f, machines) => f.category + (f.machine_ref ? ` (${machines.get(f.machine_ref) ?? 'machine'})` : ''),
        text: (f) => percent(f.value) + (f.base === 'labour' ? ' of labour' : ''),
        inputs: [
            ['category', 'Category', ['material', 'manufacturing', 'administration', 'sales', 'profit']],
            ['value', 'Per cent', 'percent'],
            ['machine_ref', 'Only for this machine', 'machine', 'optional'],
            ['base', 'Manufacturing: per cent of', ['conversion', 'labour']],
        ],
    },
    fx: {
        name: 'Exchange',
        key: (f) => `1 ${f.from} in ${f.to}`,
        text: (f) => String(f.rate),
        inputs: [
            ['from', 'From currency'],
            ['to', 'To currency'],
            ['rate', '1 from = rate to', 'number'],
        ],
    },
};
