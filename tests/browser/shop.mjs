// SPDX-License-Identifier: GPL-3.0-or-later
// The sample shop of the demo on a stack: an environment, its parts, and a year of work orders that it does not know yet.
import { chunks, client } from '../demo/client.mjs';
import { machines, makeParts, makeWorkOrders, rates } from '../demo/shop.mjs';

const seed = 20260424;
const fixed = 1.13; // administration and sales

// {api, env, orders}; name: of the environment
export async function fillShop(url, key, name, nParts) {
    const api = client(url, key);
    const parts = makeParts(seed, nParts);
    const env = await api.post('/environments', { name, valid_from: '2000-01-01', region: 'DE-BY' });
    for (const machine of machines) await api.post(`/environments/${env.id}/machines`, { new_machine: machine });
    for (const rate of rates) await api.post(`/environments/${env.id}/rates`, rate);
    const revisions = [];
    for (const some of chunks(parts, 5000)) revisions.push(...(await api.post('/import', { parts: some })).data);
    const costs = new Map();
    for (const some of chunks(revisions, 1000)) {
        const { items } = await api.post('/calculations/batch', {
            costing_environment_id: env.id,
            items: some.map((part) => ({ part_revision_id: part.part_revision_id, lot_size: 1 })),
        });
        items.forEach((quote, i) => costs.set(some[i].part_number, quote.costs));
    }
    const driversOf = (part, quantity) => {
        const c = costs.get(part.part_number);
        return {
            material: c.material * 1.06 * fixed,
            run: (c.machine + c.labour) * 1.12 * fixed,
            setup: (c.setup * 1.12 * fixed) / quantity,
            other: (c.tooling * 1.12 + c.external) * fixed,
        };
    };
    return { api, env, orders: makeWorkOrders(seed, parts, driversOf) };
}
