// SPDX-License-Identifier: GPL-3.0-or-later
// What the benchmarks' stacks hold: environments to read, and a shop of 5,500 parts with 20,000 actuals.
import { generator } from '../demo/random.mjs';
import { machines, makeParts, rates } from '../demo/shop.mjs';
import { each } from './measure.mjs';

export const PARTS = 5500;
export const ROWS = 20000;
export const bins = ['PLANT-A', 'PLANT-B', 'PLANT-C', 'SUP-NORD', 'SUP-OST', 'SUP-WEST', 'SUP-SUED', 'SUP-FERN'];

// so many at a time
export async function all(items, make, wide = 16) {
    const results = new Array(items.length);
    let next = 0;
    await Promise.all(each(wide, async () => {
        for (let i = next++; i < items.length; i = next++) results[i] = await make(items[i], i);
    }));
    return results;
}

export const environment = (name) => ({ name, region: 'DE-BY', valid_from: '2020-01-01', currency: 'EUR',
    description: 'A plant with milling, turning and sheet metal; used to compare quotes.',
    attributes: { site: 'Augsburg', cost_centre: '4711', owner: 'cost engineering' } });

export async function environments(stack, n, options) {
    return (await all(each(n, (i) => i), (i) => stack.post('/environments', environment(`plant ${i} ${Date.now()}`), options)))
        .map((made) => made.id);
}

let made = 0;
async function priced(stack) {
    const { id } = await stack.post('/environments', environment(`shop ${made++} ${Date.now()}`));
    for (const machine of machines) await stack.post(`/environments/${id}/machines`, { new_machine: machine });
    for (const rate of rates) await stack.post(`/environments/${id}/rates`, rate);
    return id;
}

export function batch(env, revisions, random, n = 1000) {
    return { costing_environment_id: env, items: each(n, () => ({ part_revision_id: random.pick(revisions),
        lot_size: random.pick([5, 10, 20, 50, 100, 250]), bin: random.pick(bins) })) };
}

// every part quoted in an environment of its own: actuals are matched with quotes
export async function quoted(stack) {
    const id = await priced(stack);
    const quotes = [];
    for (let i = 0; i < PARTS; i += 1000)
        quotes.push(...(await stack.post('/calculations/batch', { costing_environment_id: id,
            items: stack.revisions.slice(i, i + 1000).map((revision) => ({ part_revision_id: revision, lot_size: 50 })) })).items);
    return { id, quotes };
}

// parts, an environment, what they cost there, and actuals that differ by driver, plant and part
export async function openShop(stack) {
    const random = generator(20260424);
    const parts = makeParts(20260424, PARTS);
    stack.revisions = [];
    for (let i = 0; i < PARTS; i += 2750)
        stack.revisions.push(...(await stack.post('/import', { parts: parts.slice(i, i + 2750) })).data.map((item) => item.part_revision_id));
    const { id, quotes } = await quoted(stack);
    stack.env = id;
    const own = parts.map(() => Math.exp(0.1 * random.normal()));
    stack.actuals = each(ROWS, (i) => {
        const part = i < PARTS ? i : Math.floor(random.uniform() * PARTS);
        const bin = random.uniform() < 0.8 ? part % bins.length : Math.floor(random.uniform() * bins.length);
        const { costs } = quotes[part];
        const unit = (1.04 * costs.material + 1.1 * (costs.machine + costs.labour) + 1.8 * costs.setup + costs.tooling) *
            (0.95 + 0.05 * bin) * own[part] * Math.exp(0.06 * random.normal()) * 1.2;
        return { part_revision_id: stack.revisions[part], actual_unit_cost: Number(unit.toFixed(4)), lot_size: 50, bin: bins[bin],
            external_ref: `WO-${String(i).padStart(7, '0')}` };
    });
    const answer = await stack.post(`/calibration/environments/${id}/auto-calibrate`, { actuals: stack.actuals });
    if (answer.status !== 'activated' || answer.matched !== ROWS) throw new Error(`auto-calibrate: ${JSON.stringify(answer).slice(0, 400)}`);
    stack.org = stack.sql("SELECT id FROM org WHERE name = 'stack'").trim();
}

// the body of conformal-recalibrate: what PERF's case D sends
export function samples(env, revisions, seed = 7, n = ROWS) {
    const random = generator(seed);
    return { env_id: env, scope: 'environment', samples: each(n, () => {
        const predicted = Number((100 * Math.exp(random.normal())).toFixed(6));
        return { part_revision_id: random.pick(revisions), predicted,
            actual: Number((predicted * Math.exp(0.05 + 0.2 * random.normal())).toFixed(6)), bin: random.pick(bins) };
    }) };
}

// observations of one metric, each with a number of its own
export function outcomes(env, revisions, metric, round, n = ROWS) {
    const random = generator(round + 11);
    return { env_id: env, scope: 'environment', oracle: 'bench', observations: each(n, (i) => {
        const planned = Number((60 * Math.exp(random.normal())).toFixed(3));
        return { target_metric: metric, observation_type: 'actual', part_revision_id: revisions[i % revisions.length], bin: bins[i % 4],
            lot_size: 10, external_ref: `WO-${round}-${String(i).padStart(7, '0')}`, actual: Number((planned * 1.07).toFixed(3)),
            ...(metric === 'unit_cost' ? {} : { predicted: planned }) };
    }) };
}
