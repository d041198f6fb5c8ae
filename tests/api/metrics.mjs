#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// /metrics: a valid exposition whose counts add up over all workers. metrics.mjs STACK-FILE [PID...]: with worker pids,
// these are killed between two rounds of requests; the counts of the others and those made before go on.
import { checks, stack } from '../demo/wire.mjs';

const victims = process.argv.slice(3).map(Number);
const { check, end } = checks('metrics');

// The text format 0.0.4: HELP and TYPE once before a family's samples, which stand together; no sample twice.
function parse(text) {
    const families = new Map();
    const samples = new Map();
    const faults = [];
    let family;
    if (!text.endsWith('\n')) faults.push('no newline at the end');
    for (const line of text.slice(0, -1).split('\n')) {
        const head = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
        if (head) {
            const [, what, name, rest] = head;
            if (what === 'HELP') {
                if (families.has(name)) faults.push(`family twice: ${name}`);
                families.set(name, family = { name });
            }
            if (family?.name !== name || family[what]) faults.push(line);
            else family[what] = rest;
            if (what === 'TYPE' && !['counter', 'gauge', 'histogram'].includes(rest)) faults.push(line);
            continue;
        }
        const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*",?)+\})? (\d+(?:\.\d+)?)$/.exec(line);
        if (!sample) {
            faults.push(line);
            continue;
        }
        const bare = family?.TYPE === 'histogram' ? sample[1].replace(/_(bucket|sum|count)$/, '') : sample[1];
        if (bare !== family?.name || !family.TYPE) faults.push(`outside its family: ${line}`);
        if (family?.TYPE === 'counter' && !bare.endsWith('_total')) faults.push(`counter's name: ${line}`);
        const key = sample[1] + (sample[2] ?? '');
        if (samples.has(key)) faults.push(`twice: ${line}`);
        samples.set(key, Number(sample[3]));
    }
    return { families, samples, faults };
}

async function scrape() {
    const answer = await fetch(`${stack.url}/metrics`);
    check('status and type', answer.status === 200 &&
        answer.headers.get('content-type') === 'text/plain; version=0.0.4; charset=utf-8', answer.headers.get('content-type'));
    const parsed = parse(await answer.text());
    check('valid exposition', parsed.faults.length === 0, parsed.faults);
    return (name) => parsed.samples.get(name) ?? 0;
}
const requests = (operation, status) => `costwright_requests_total{operation="${operation}",status="${status}"}`;
const bucket = (operation, le) => `costwright_request_seconds_bucket{operation="${operation}",le="${le}"}`;
const bounds = ['0.001', '0.0025', '0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '50', '+Inf'];

async function send(n, path, key, options = {}) {
    const statuses = new Map();
    const headers = { ...options.headers, ...(key && { 'X-API-Key': key }) };
    for (let sent = 0; sent < n;) {
        const some = Math.min(16, n - sent);
        for (const answer of await Promise.all(Array.from({ length: some }, () => fetch(stack.url + path, { ...options, headers })))) {
            await answer.arrayBuffer();
            statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        }
        sent += some;
    }
    return statuses;
}

const kinds = [
    // operation, class, requests, path, key
    ['environment_list', '2xx', 211, '/api/v1/parts/environments', stack.key],
    ['environment_list', '4xx', 37, '/api/v1/parts/environments', 'ak_test_00000000_wrong'],
    ['calculation_show', '4xx', 53, '/api/v1/parts/calculations/00000000-0000-4000-8000-000000000000', stack.key],
    ['none', '4xx', 41, '/api/v1/parts/no/such/path', stack.key],
];
async function round(text) {
    const before = await scrape();
    for (const [, , n, path, key] of kinds) await send(n, path, key);
    const after = await scrape();
    for (const [operation, status, n] of kinds) {
        const got = after(requests(operation, status)) - before(requests(operation, status));
        check(`${text}: ${operation} ${status}`, got === n, { got, n });
    }
    for (const operation of ['environment_list', 'calculation_show', 'none']) {
        const n = kinds.filter((kind) => kind[0] === operation).reduce((sum, kind) => sum + kind[2], 0);
        const name = `costwright_request_seconds_count{operation="${operation}"}`;
        check(`${text}: ${operation} count`, after(name) - before(name) === n, after(name) - before(name));
        const cumulative = bounds.map((le) => after(bucket(operation, le)));
        check(`${text}: ${operation} buckets rise to the count`, cumulative.every((at, i) => !i || at >= cumulative[i - 1]) &&
            cumulative.at(-1) === after(name), cumulative);
        const sum = after(`costwright_request_seconds_sum{operation="${operation}"}`);
        check(`${text}: ${operation} sum`, sum > 0 && sum < 60 * cumulative.at(-1), sum);
    }
    const waited = 'costwright_queue_seconds_count{pool="light"}';
    const sent = kinds.reduce((sum, kind) => sum + kind[2], 1); // and the scrape
    check(`${text}: every request's wait is counted`, after(waited) - before(waited) === sent, { got: after(waited) - before(waited), sent });
    check(`${text}: the scrape counts itself`, after(requests('service_metrics', '2xx')) === before(requests('service_metrics', '2xx')) + 1);
    check(`${text}: the database answers`, after('costwright_database_up') === 1 && after('costwright_idempotency_age_seconds') >= 0);
    check(`${text}: a worker of the light pool is busy`, after('costwright_workers{pool="light",state="busy"}') >= 1);
    return after;
}

const first = await round('first');
if (victims.length) {
    for (const pid of victims) process.kill(pid, 'SIGKILL');
    const restarts = 'costwright_worker_restarts_total';
    let now = first;
    for (let turn = 0; turn < 100 && now(restarts) - first(restarts) < victims.length; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        now = await scrape();
    }
    check('every death counts', now(restarts) - first(restarts) === victims.length, now(restarts));
    for (const [operation, status] of kinds)
        check(`killed: ${operation} ${status} stays`, now(requests(operation, status)) === first(requests(operation, status)));
    await round('after the kill');
}
end();
