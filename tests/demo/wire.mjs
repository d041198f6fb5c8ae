// SPDX-License-Identifier: GPL-3.0-or-later
// What tests of the API share: the stack's file, calls with their status, a small shop, checks.
import { readFileSync } from 'node:fs';

export const stack = Object.fromEntries(readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

export async function call(method, path, body, { key = stack.key, headers = {} } = {}) {
    const typed = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const answer = await fetch(`${stack.url}/api/v1/parts${path}`, {
        method, headers: { 'X-API-Key': key, ...typed, ...headers },
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    let json;
    try {
        json = JSON.parse(text);
    } catch {
        json = undefined;
    }
    return { status: answer.status, json, text };
}

export function checks(name) {
    let passed = 0;
    let failed = 0;
    const check = (what, good, seen) => {
        if (good) passed++;
        else {
            failed++;
            console.log(`FAIL ${name}: ${what}: ${JSON.stringify(seen)?.slice(0, 600)}`);
        }
    };
    const close = (what, got, expected, tolerance) =>
        check(what, typeof got === 'number' && Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected)), [got, expected]);
    const end = () => {
        console.log(`${name}: ${passed} passed, ${failed} failed`);
        process.exit(failed ? 1 : 0);
    };
    return { check, close, end };
}

const unique = `${process.pid}-${Date.now()}`;
let made = 0;

// an environment with two mills, labour and aluminium; money a second is easy to follow by hand
export async function shop() {
    const env = (await call('POST', '/environments', { name: `shop ${unique} ${made++}`, valid_from: '2020-01-01' })).json;
    const rate = (kind, fields) => call('POST', `/environments/${env.id}/rates`, { kind, valid_from: '2020-01-01', fields });
    await rate('labour', { category: 'op', hourly_rate: 36 });
    await rate('material', { material_ref: 'al', price_per_kg: 5 });
    const machines = [];
    for (const [name, hourly_rate_eur, fleet_priority] of [['first', 72, 1], ['cheap', 54, 2]])
        machines.push((await call('POST', `/environments/${env.id}/machines`,
            { fleet_priority, new_machine: { name, klass: 'milling.3axis_vmc', valid_from: '2020-01-01', hourly_rate_eur } })).json.machine.id);
    return { id: env.id, machines, at: `/calibration/environments/${env.id}` };
}

export async function part(operation = {}) {
    const number = `part ${unique} ${made++}`;
    const answer = await call('POST', '/import', { parts: [{ part_number: number, process_plan: {
        material_ref: 'al', gross_mass_kg: 1.7,
        operations: [{ sequence: 10, klass: 'milling.3axis_vmc', setup_time_s: 1000, cycle_time_s: 300, labour_category: 'op', ...operation }],
    } }] });
    return { number, ...answer.json.data[0] };
}

export const quote = async (env, of, order = {}) => (await call('POST', '/calculations/quote',
    { part_revision_id: of.part_revision_id, costing_environment_id: env.id, ...order })).json;
