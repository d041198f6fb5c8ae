#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The main job: quote, calibrate from ERP work orders, quote again, and compare on orders that were not sent.
// demo.mjs URL KEY OUTDIR [PARTS.csv WORK_ORDERS.csv]
import { mkdirSync, writeFileSync } from 'node:fs';
import { chunks, client } from './client.mjs';
import { formatCsv } from './csv.mjs';
import { figures, printTable } from './figures.mjs';
import { readOrders, readParts } from './files.mjs';
import { simpleMachines, simpleRates } from './plan.mjs';
import { generator } from './random.mjs';
import { machines, makeParts, makeWorkOrders, rates, truth } from './shop.mjs';

const [url, key, out, partsFile, ordersFile] = process.argv.slice(2);
process.on('uncaughtException', (error) => {
    console.error(`demo: ${error.message}`);
    process.exit(1);
});
const api = client(url, key);
const seed = 20260424;
const began = Date.now();
const seconds = () => ((Date.now() - began) / 1000).toFixed(1);

async function setUp(name, machineList, rateList, parts) {
    const env = await api.post('/environments', { name, valid_from: '1980-01-01', currency: 'EUR' });
    for (const machine of machineList) await api.post(`/environments/${env.id}/machines`, { new_machine: machine });
    for (const rate of rateList) await api.post(`/environments/${env.id}/rates`, rate);
    const revision = new Map();
    for (const some of chunks(parts, 5000))
        for (const item of (await api.post('/import', { parts: some })).data) revision.set(item.part_number, item.part_revision_id);
    return { id: env.id, revision };
}

async function quoteAll(env, orders) {
    const quotes = [];
    for (const some of chunks(orders, 1000)) {
        const answer = await api.post('/calculations/batch', {
            costing_environment_id: env.id,
            items: some.map((o) => ({ part_revision_id: env.revision.get(o.part_number), lot_size: Math.max(1, Math.round(o.quantity)),
                ...(o.annual ? { annual_volume: o.annual } : {}), ...(o.supplier ? { bin: o.supplier } : {}) })),
        });
        quotes.push(...answer.items);
    }
    const bad = quotes.filter((q) => q.status !== 'succeeded');
    if (bad.length) console.log(`  ${bad.length} quotes failed, the first: ${bad[0].error}`);
    return quotes;
}

const pair = (orders, quotes) => orders.map((order, i) => ({ order, quote: quotes[i] }))
    .filter(({ quote }) => quote.status === 'succeeded')
    .map(({ order, quote }) => ({ actual: order.total_cost / order.quantity, predicted: quote.unit_cost,
        lower: quote.interval?.lower, upper: quote.interval?.upper }));

const sendable = (o) => ({ part_number: o.part_number, work_order_id: o.work_order_id, quantity: o.quantity, total_cost: o.total_cost,
    ...(o.supplier ? { bin: o.supplier } : {}), ...(o.finished ? { occurred_on: o.finished } : {}),
    ...(o.annual ? { annual_forecast: o.annual } : {}) });

// orders of parts that are never sent, and single orders of parts that are
function split(orders) {
    const random = generator(seed + 7);
    const partHeld = new Map();
    for (const order of orders) if (!partHeld.has(order.part_number)) partHeld.set(order.part_number, random.uniform() < 0.15);
    const groups = { sent: [], 'part seen': [], 'part never seen': [] };
    for (const order of orders)
        groups[partHeld.get(order.part_number) ? 'part never seen' : random.uniform() < 0.2 ? 'part seen' : 'sent'].push(order);
    return groups;
}

async function sampleShop() {
    const parts = makeParts(seed, 300);
    const env = await setUp('Demo job shop', machines, rates, parts);
    // the shop's own drivers of every part at two lot sizes, from uncalibrated quotes: the truth bends these
    const one = await quoteAll(env, parts.map((part) => ({ part_number: part.part_number, quantity: 1 })));
    const byPart = new Map(parts.map((part, i) => [part.part_number, one[i].costs]));
    const fixed = 1.13; // administration and sales
    const driversOf = (part, quantity) => {
        const c = byPart.get(part.part_number);
        return {
            material: c.material * 1.06 * fixed, run: (c.machine + c.labour) * 1.12 * fixed,
            setup: (c.setup * 1.12 * fixed) / quantity, other: (c.tooling * 1.12 + c.external) * fixed,
        };
    };
    const orders = makeWorkOrders(seed, parts, driversOf);
    writeFileSync(`${out}/work_orders.csv`, formatCsv(Object.keys(orders[0]), orders.map(Object.values)));
    return { env, orders, hidden: truth };
}

async function fromFiles() {
    const parts = readParts(partsFile);
    const plans = parts.map((part) => part.process_plan);
    const env = await setUp('Demo from files', simpleMachines(plans), simpleRates(plans), parts);
    const { orders, rejected } = await readOrders(ordersFile);
    if (rejected.length) console.log(`${rejected.length} rows of ${ordersFile} are no orders:`);
    for (const { line, reason } of rejected.slice(0, 5)) console.log(`  line ${line}: ${reason}`);
    const known = orders.filter((order) => env.revision.has(order.part_number));
    if (known.length < orders.length) console.log(`${orders.length - known.length} orders are of parts that ${partsFile} does not have`);
    if (!known.length) throw new Error(`${ordersFile} has no order of a part of ${partsFile}`);
    return { env, orders: known.map(({ bin, occurred_on, annual_forecast, ...order }) =>
        ({ ...order, supplier: bin, finished: occurred_on, annual: annual_forecast })) };
}

function printLearned(fit, hidden) {
    console.log(`\nWhat was learned (model "${fit.model}", residual spread ${(100 * fit.sigma_log).toFixed(0)} %)`);
    console.log('  level        key         driver    multiplier   90 % interval     informed   hidden truth');
    const scrap = hidden && 0.99 / (1 - hidden.scrap);
    const ofTruth = (d) => {
        if (!hidden) return '';
        if (d.level === 'environment') return '';
        const own = { setup: hidden.setup, run: hidden.run * scrap, material: hidden.material * scrap, other: 1 }[d.driver];
        return own ? (own * hidden.suppliers[d.key]).toFixed(2) : '';
    };
    for (const d of fit.drivers.slice(0, 24))
        console.log(`  ${d.level.padEnd(13)}${d.key.slice(0, 11).padEnd(12)}${d.driver.padEnd(10)}${d.multiplier.toFixed(2).padStart(10)}` +
            `   ${d.ci90[0].toFixed(2)} to ${d.ci90[1].toFixed(2)}`.padEnd(20) +
            `${d.informed === null ? '-' : d.informed.toFixed(2)}`.padStart(9) + ofTruth(d).padStart(15));
}

mkdirSync(out, { recursive: true });
const { env, orders, hidden } = partsFile ? await fromFiles() : await sampleShop();
const groups = split(orders);
if (!groups.sent.length) throw new Error('so few orders that all of them were held back');
const held = ['part seen', 'part never seen'];
console.log(`${env.revision.size} parts, ${orders.length} work orders: ${groups.sent.length} sent, ` +
    `${held.map((name) => `${groups[name].length} held back (${name})`).join(', ')}; set up after ${seconds()} s`);

const before = {};
for (const name of held) before[name] = figures(pair(groups[name], await quoteAll(env, groups[name])));
let result;
for (const some of chunks(groups.sent, 20000))
    result = await api.post(`/calibration/environments/${env.id}/auto-calibrate-from-erp`, { work_orders: some.map(sendable) });
console.log(`calibrated after ${seconds()} s: ${result.status}; ${result.message}`);
const after = {};
for (const name of held) after[name] = figures(pair(groups[name], await quoteAll(env, groups[name])));

printTable('Before calibration (plain should-cost)', Object.entries(before));
printTable('After calibration', Object.entries(after));
printLearned(result.fit, hidden);
writeFileSync(`${out}/result.json`, JSON.stringify({ before, after, result }, null, 1));
console.log(`\ndone after ${seconds()} s; figures in ${out}/result.json`);
if (result.status !== 'activated') process.exit(1);
