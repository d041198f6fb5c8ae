#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The examples of the API description are recorded, not invented: this plays one story through every operation, in an
// organisation of its own, and compares what was sent and answered with src/api/examples.txt, from which the build
// takes them. examples.mjs STACK-FILE [--write]; --write records anew (by hand: tests/stack start, then this).
// Stand-ins: ids are numbered in the order of their appearance, times and today's date are fixed, lists cut to three.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { story } from '../demo/story.mjs';
import { checks, stack } from '../demo/wire.mjs';

const [stackFile, write] = process.argv.slice(2);
const top = new URL('../..', import.meta.url).pathname;
const file = join(top, 'src/api/examples.txt');
const { check, end } = checks('examples');
const ctl = (...args) =>
    execFileSync(
        join(process.env.COSTWRIGHT_BUILD ?? top, 'costwrightctl'),
        ['--config', join(dirname(stackFile), 'stack/costwright.conf'), ...args],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    ).trim();
const org = ctl('org', 'create', `examples ${process.pid}`);
const user = ctl('user', 'create', '--org', org, '--email', 'cost.engineer@example.org');
const key = ctl(
    'key',
    'create',
    '--org',
    org,
    '--user',
    user,
    '--name',
    'examples',
    '--scopes',
    'parts:read,parts:write,parts:label',
);

const description = await (await fetch(`${stack.url}/openapi.json`)).json();
const operations = new Map(
    Object.entries(description.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => [operation.operationId, { path, method, operation }]),
    ),
);

// --- what is recorded

const today = new Date().toISOString().slice(0, 10);
const ids = new Map();
const standIn = (id) => {
    if (!ids.has(id)) ids.set(id, `0196660c-8a00-7000-8000-${String(ids.size + 1).padStart(12, '0')}`);
    return ids.get(id);
};
const texts = (text) =>
    text
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, standIn)
        .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '2026-04-24T09:30:00Z')
        .replaceAll(today, '2026-04-24')
        .replace(`examples ${process.pid}`, 'Example Shop');
function normal(value, name) {
    if (/token$/.test(name ?? '') && typeof value === 'string') return 'made-once-and-shown-once';
    if (typeof value === 'string') return texts(value);
    if (Array.isArray(value)) return value.map((item) => normal(item)).slice(0, 3);
    if (value && typeof value === 'object')
        return Object.fromEntries(Object.entries(value).map(([k, v]) => [texts(k), normal(v, k)]));
    return value;
}
const recorded = new Map(); // "operation request" or "operation answer" to its value
const record = (name, kind, value) => recorded.set(`${name} ${kind}`, normal(value));

// play(operation, parameters of path and query, body, options): the answer; its first play is recorded
async function play(name, parameters = {}, body = undefined, { bearer } = {}) {
    const { path, method, operation } = operations.get(name);
    const left = { ...parameters };
    const filled = path.replace(/\{(\w+)\}/g, (all, id) => {
        const value = left[id];
        delete left[id];
        return encodeURIComponent(value);
    });
    const query = Object.keys(left).length ? `?${new URLSearchParams(left)}` : '';
    const headers = bearer
        ? { Authorization: `Bearer ${bearer}` }
        : operation.security?.length === 0
          ? {}
          : { 'X-API-Key': key };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await fetch(stack.url + filled + query, {
        method: method.toUpperCase(),
        headers,
        body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.status >= 300) throw new Error(`${name}: ${answer.status} ${text.slice(0, 600)}`);
    const json = JSON.parse(text);
    const told = Object.keys(operation.responses[answer.status].headers);
    for (const header of ['Location', 'X-Total-Count', 'ETag'])
        check(`${name}: ${header} as described`, answer.headers.has(header) === told.includes(header), told);
    if (!recorded.has(`${name} answer`)) {
        if (body !== undefined) record(name, 'request', body);
        record(name, 'answer', json);
    }
    return json;
}

await story(play);

// --- compared with what is committed

// text by text equal, numbers to nine digits: another compiler may round a fit's last bits differently
function differs(a, b, where) {
    if (typeof a === 'number' && typeof b === 'number')
        return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-3) ? null : where;
    if (a && b && typeof a === 'object' && typeof b === 'object') {
        const keys = Object.keys(a);
        if (JSON.stringify(keys) !== JSON.stringify(Object.keys(b))) return `${where} (members)`;
        for (const name of keys) {
            const flaw = differs(a[name], b[name], `${where}.${name}`);
            if (flaw) return flaw;
        }
        return null;
    }
    return a === b ? null : where;
}
if (write === '--write') {
    writeFileSync(
        file,
        '# Recorded by tests/api/examples.mjs --write; a line: operation, request or answer, its JSON.\n' +
            [...recorded].map(([name, value]) => `${name} ${JSON.stringify(value)}\n`).join(''),
    );
}
const committed = new Map(
    readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line && !line.startsWith('#'))
        .map((line) => /^(\S+ \S+) (.*)$/.exec(line).slice(1))
        .map(([name, text]) => [name, JSON.parse(text)]),
);
for (const [name, value] of recorded) {
    const flaw = committed.has(name) ? differs(committed.get(name), value, name) : 'not committed';
    check(`the example of ${name} is still true`, !flaw, `${flaw}; tests/api/examples.mjs --write records anew`);
}
for (const name of committed.keys()) check(`${name} is still recorded`, recorded.has(name));
// the operator's; no JSON of a fixed shape
const without = ['calibration_deactivate_platform', 'mcp_message', 'openapi_show', 'service_metrics'];
for (const [name, { operation }] of operations) {
    if (without.includes(name)) continue;
    const ok = Object.entries(operation.responses).find(([status]) => status < 300)[1].content['application/json'];
    const sent = operation.requestBody?.content['application/json'];
    check(
        `${name} shows its answer`,
        JSON.stringify(ok.example) === JSON.stringify(committed.get(`${name} answer`)),
        JSON.stringify(ok.example)?.slice(0, 200),
    );
    if (sent)
        check(
            `${name} shows a request`,
            JSON.stringify(sent.example) === JSON.stringify(committed.get(`${name} request`)),
        );
}
end();
