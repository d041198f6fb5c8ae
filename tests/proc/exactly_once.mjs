#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// exactly_once.mjs URL KEY COUNT: creates COUNT environments, eight clients at once, each under its own
// Idempotency-Key, and repeats what fails for the world's reasons (as the guide of errors says). In the end each must
// be there exactly once. Meanwhile somebody kills workers or the database.
import { Agent, request } from 'node:http';

const [url, key, count] = process.argv.slice(2);
const base = new URL(url);
const agent = new Agent({ keepAlive: true });
const prefix = `once ${process.pid} ${Date.now()} `;
const environments = '/api/v1/parts/environments';

function call(method, path, headers, body) {
    return new Promise((resolve) => {
        const sent = request({ host: base.hostname, port: base.port, method, path, agent, headers: { 'X-API-Key': key, ...headers } },
            (answer) => {
                let text = '';
                answer.on('data', (chunk) => (text += chunk));
                answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
                answer.on('error', () => resolve({ status: 0, headers: {}, text: '' }));
            });
        sent.on('error', () => resolve({ status: 0, headers: {}, text: '' }));
        sent.end(body);
    });
}

const seen = {};
const ids = new Map();
const wrong = [];
let next = 0;

async function client() {
    while (next < Number(count)) {
        const number = next++;
        const body = JSON.stringify({ name: prefix + number, valid_from: '2026-01-01' });
        const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': `${prefix}${number}` };
        const until = Date.now() + 60000;
        for (;;) {
            const answer = await call('POST', environments, headers, body);
            const replayed = answer.headers['idempotent-replayed'] ? ' replayed' : '';
            seen[answer.status + replayed] = (seen[answer.status + replayed] ?? 0) + 1;
            if (answer.status === 201) {
                ids.set(number, JSON.parse(answer.text).id);
                break;
            }
            const inFlight = answer.status === 409 && answer.text.includes('idempotency_in_flight');
            if (![0, 502, 503, 504].includes(answer.status) && !inFlight) {
                wrong.push(`${number}: ${answer.status} ${answer.text.slice(0, 300)}`);
                break;
            }
            if (answer.status >= 502 && !(answer.headers['retry-after'] && answer.text.includes('"request_id"')))
                wrong.push(`${number}: ${answer.status} without Retry-After or envelope: ${answer.text.slice(0, 300)}`);
            if (Date.now() > until) {
                wrong.push(`${number}: no success in a minute`);
                break;
            }
            await new Promise((wake) => setTimeout(wake, 20 + Math.random() * 50));
        }
    }
}

await Promise.all(Array.from({ length: 8 }, client));

// the killing may still go on
async function list(offset) {
    for (let tries = 100; ; tries--) {
        const answer = await call('GET', `${environments}?limit=500&offset=${offset}`, {});
        if (answer.status === 200 || tries === 0) return answer;
        await new Promise((wake) => setTimeout(wake, 50));
    }
}

const there = new Map();
for (let offset = 0; ; offset += 500) {
    const answer = await list(offset);
    if (answer.status !== 200) {
        wrong.push(`list: ${answer.status} ${answer.text.slice(0, 300)}`);
        break;
    }
    const rows = JSON.parse(answer.text);
    for (const row of rows) if (row.name.startsWith(prefix)) there.set(row.name, [...(there.get(row.name) ?? []), row.id]);
    if (rows.length < 500) break;
}
for (let number = 0; number < Number(count); number++) {
    const found = there.get(prefix + number) ?? [];
    if (found.length !== 1 || found[0] !== ids.get(number))
        wrong.push(`${number}: answered ${ids.get(number)}, stored ${found.join(' ') || 'nothing'}`);
}
console.log(`${there.size} stored; answers: ${JSON.stringify(seen)}`);
for (const line of wrong.slice(0, 20)) console.log(line);
process.exit(wrong.length ? 1 : 0);
