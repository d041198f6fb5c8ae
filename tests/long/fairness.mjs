#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// What a quiet tenant waits, alone and beside a noisy one. fairness.mjs URL QUIET-KEY NOISY-KEY KIND SECONDS
// KIND: "light" reads on both sides, "heavy" a small import on the quiet side and fits over many rows on the noisy.
// Rounds alone and beside the noise alternate, so that a slow machine is slow for both; prints one JSON line. The noisy
// tenant comes from an address of its own: nginx's fence is by address.
import { Agent, request } from 'node:http';

const [url, quietKey, noisyKey, kind, seconds] = process.argv.slice(2);
const base = new URL(url);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
function call(method, path, key, thing) {
    const body = thing && JSON.stringify(thing);
    const headers = { 'X-API-Key': key, ...(body && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }) };
    return new Promise((resolve) => {
        const sent = request({ host: base.hostname, port: base.port, method, path: `/api/v1/parts${path}`, agent, headers,
            localAddress: key === noisyKey ? '127.0.0.2' : '127.0.0.1' }, (answer) => {
            let text = '';
            answer.on('data', (chunk) => (text += chunk));
            answer.on('end', () => resolve({ status: answer.statusCode, text }));
        });
        sent.on('error', () => resolve({ status: 0, text: '' }));
        sent.end(body);
    });
}
const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
async function must(path, thing) {
    const { status, text } = await call('POST', path, noisyKey, thing);
    if (status >= 300) throw new Error(`${path}: ${status} ${text.slice(0, 200)}`);
    return JSON.parse(text);
}

// --- what both sides send
const part = (name, mass) => ({ part_number: name, process_plan: { material_ref: 'S355', gross_mass_kg: mass, operations: [] } });
let turn = 0;
let quietCall = () => call('GET', '/environments', quietKey);
let noisyCall = () => call('GET', '/environments?limit=1', noisyKey);
if (kind === 'heavy') {
    const env = await must('/environments', { name: `noise ${Date.now()}`, valid_from: '2020-01-01' });
    await must(`/environments/${env.id}/rates`, { kind: 'material', valid_from: '2020-01-01', fields: { material_ref: 'S355', price_per_kg: 1 } });
    await must('/import', { parts: Array.from({ length: 2000 }, (_, i) => part(`n-${i}`, 1 + i / 100)) });
    quietCall = () => call('POST', '/import', quietKey, { parts: [part(`q-${turn++ % 50}`, 1)] });
    noisyCall = () => {
        const id = turn++;
        return call('POST', `/calibration/environments/${env.id}/auto-calibrate-from-erp`, noisyKey, { work_orders: Array.from({ length: 2000 },
            (_, i) => ({ part_number: `n-${i}`, work_order_id: `w-${id}-${i}`, quantity: 10, total_cost: 10 * (1 + i / 100) * (1.2 + ((i * 7 + id) % 13) / 50) })) });
    };
}

// --- measured
const waits = { alone: [], beside: [] };
const seen = { quiet: {}, noisy: {} };
const count = (who, status) => (seen[who][status] = (seen[who][status] ?? 0) + 1);
let noise = false;
let running = 0; // noisy calls
let over = false;
const noisy = Array.from({ length: 8 }, async () => {
    while (!over) {
        if (!noise) {
            await sleep(20);
            continue;
        }
        running++;
        const { status } = await noisyCall(); // Retry-After is not heeded: that is what makes it noisy
        running--;
        count('noisy', status);
        if (kind === 'heavy' && status === 429) await sleep(50);
    }
});
async function quiet(until, into) {
    while (Date.now() < until) {
        const began = performance.now();
        const { status } = await quietCall();
        into.push(performance.now() - began);
        count('quiet', status);
        await sleep(25);
    }
}
const rounds = 4;
for (let round = 0; round < 2 * rounds; round++) {
    noise = round % 2 === 1;
    await sleep(500);
    while (!noise && running) await sleep(50); // what is under way ends first
    await quiet(Date.now() + (Number(seconds) * 1000) / rounds / 2, noise ? waits.beside : waits.alone);
}
noise = false;
over = true;
await Promise.all(noisy);
const at = (list, q) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(q * list.length))];
const short = (x) => Math.round(x * 100) / 100;
const of = (list) => ({ n: list.length, p50_ms: short(at(list, 0.5)), p99_ms: short(at(list, 0.99)) });
const alone = of(waits.alone);
const beside = of(waits.beside);
console.log(JSON.stringify({ kind, alone, beside, p50_ratio: short(beside.p50_ms / alone.p50_ms),
    p99_ratio: short(beside.p99_ms / alone.p99_ms), ...seen }));
agent.destroy();
