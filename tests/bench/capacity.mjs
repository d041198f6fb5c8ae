#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// capacity.mjs DIR URL KEY: what one request costs in processor time, by program, on a stack started in DIR with one
// database (tests/stack start DIR). Processor time, not elapsed: it holds on a busy machine, too. A line a kind of request.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { Agent, request } from 'node:http';

const [dir, url, key] = process.argv.slice(2);
const base = new URL(url);
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const api = '/api/v1/parts';
const TICKS = 100; // of /proc/PID/stat in a second

function call(method, path, thing, headers = {}) {
    const body = thing && JSON.stringify(thing);
    return new Promise((resolve, fail) => {
        const sent = request({ host: base.hostname, port: base.port, method, path: api + path, agent,
            headers: { 'X-API-Key': key, ...(body && { 'Content-Type': 'application/json' }), ...headers } }, (answer) => {
            let text = '';
            answer.on('data', (chunk) => (text += chunk));
            answer.on('end', () => (answer.statusCode < 300 ? resolve(JSON.parse(text)) :
                fail(new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`))));
        });
        sent.on('error', fail);
        sent.end(body);
    });
}

// pid -> program, of this stack only
function programs() {
    const found = new Map();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
            const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
            if (args.includes(`${dir}/costwright.conf`)) found.set(pid, 'service');
            else if (args.includes(`--datadir=${dir}/db`)) found.set(pid, 'database');
            else if (args[0].startsWith('nginx:') && readlinkSync(`/proc/${pid}/fd/2`) === `${dir}/logs/error.log`)
                found.set(pid, 'nginx');
        } catch { /* gone meanwhile */ }
    }
    return found;
}
function seconds(found) {
    const sum = { nginx: 0, service: 0, database: 0 };
    for (const [pid, program] of found) {
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
        sum[program] += (Number(fields[11]) + Number(fields[12])) / TICKS;
    }
    return sum;
}
async function measure(name, count, one) {
    let next = 0;
    const client = async () => { while (next < count) await one(next++); };
    const found = programs();
    const before = seconds(found);
    await Promise.all(Array.from({ length: 8 }, client));
    const after = seconds(found);
    const cost = Object.fromEntries(Object.keys(before).map((program) =>
        [program, (after[program] - before[program]) / count]));
    const total = cost.nginx + cost.service + cost.database;
    const ms = (value) => `${(value * 1000).toFixed(3)} ms`;
    console.log(`${name}: nginx ${ms(cost.nginx)}, service ${ms(cost.service)}, database ${ms(cost.database)}; ` +
        `${Math.round(1 / total)} a second and core for all three, ${Math.round(1 / cost.database)} for the database alone`);
}

const run = `capacity ${process.pid} `;
const environment = await call('POST', '/environments', { name: run, valid_from: '2026-01-01' });
const place = `/environments/${environment.id}`;
await call('POST', `${place}/machines`, { new_machine: { name: 'VMC', klass: 'milling.3axis_vmc', hourly_rate_eur: 58, valid_from: '2026-01-01' } });
await call('POST', `${place}/rates`, { kind: 'material', valid_from: '2026-01-01', fields: { material_ref: 'S355', price_per_kg: 1.35 } });
const parts = (prefix) => ({ parts: Array.from({ length: 1000 }, (_, i) => ({ part_number: `${prefix}${i}`, process_plan: {
    material_ref: 'S355', gross_mass_kg: 2.4, operations: [10, 20, 30].map((sequence) =>
        ({ sequence, klass: 'milling.3axis_vmc', setup_time_s: 1800, cycle_time_s: 240 })) } })) });
const revision = (await call('POST', '/import', parts(run))).data[0].part_revision_id;
const keyed = (text) => ({ 'Idempotency-Key': run + text });

await measure('read an environment', 20000, () => call('GET', place));
await measure('create an environment under an Idempotency-Key', 8000,
    (i) => call('POST', '/environments', { name: `${run}${i}`, valid_from: '2026-01-01' }, keyed(`e${i}`)));
await measure('quote a part of three operations', 4000, () => call('POST', '/calculations/quote',
    { part_revision_id: revision, costing_environment_id: environment.id, lot_size: 20 }));
await measure('import 1,000 parts', 20, (i) => call('POST', '/import', parts(`${run}${i} `)));
