#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// history.mjs run URLS KEY FILE: writes through all hosts (URLS, comma-separated) until there is a file FILE.end (FILE.begun
// is there from the first success on), each client at one host and at the next after a failure, each write under its own
// Idempotency-Key until it is answered. Two kinds: an environment is created, and one number in a part is raised by one
// (read, PATCH with If-Match). FILE gets what was acknowledged.
// history.mjs check URLS KEY FILE [created]: asks every host what became of it; ends with 1 when anything is missing, doubled,
// or a raise was lost (with "created" that is told, not judged). Both print lines of JSON.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

const [mode, list, key, file, judged] = process.argv.slice(2);
const urls = list.split(',').map((url) => new URL(url));
const agent = new Agent({ keepAlive: true });
const api = '/api/v1/parts';
const wait = (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds));

function once(url, method, path, headers, body) {
    return new Promise((resolve) => {
        const failed = () => resolve({ status: 0, headers: {}, text: '' });
        const sent = request({ host: url.hostname, port: url.port, method, path: api + path, agent, timeout: 30000,
            headers: { 'X-API-Key': key, ...headers } }, (answer) => {
            let text = '';
            answer.on('data', (chunk) => (text += chunk));
            answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
            answer.on('error', failed);
        });
        sent.on('timeout', () => sent.destroy());
        sent.on('error', failed);
        sent.end(body);
    });
}
const unanswered = (answer) => [0, 502, 503, 504].includes(answer.status) || answer.text.includes('idempotency_in_flight');

const seen = {};
const wrong = [];
const acknowledged = [];
let raised = 0;
let longest = 0;
let last = 0;
let running = true;

class Client {
    constructor(number) {
        this.number = number;
        this.host = number % urls.length;
    }
    // until it is answered, at whatever host
    async call(method, path, headers, thing) {
        const body = thing && JSON.stringify(thing);
        const all = { ...headers, ...(body && { 'Content-Type': 'application/json' }) };
        for (const until = Date.now() + 120000; Date.now() < until; ) {
            const answer = await once(urls[this.host], method, path, all, body);
            const replayed = answer.headers['idempotent-replayed'] ? ' replayed' : '';
            seen[answer.status + replayed] = (seen[answer.status + replayed] ?? 0) + 1;
            if (!unanswered(answer)) return answer;
            this.host = (this.host + 1) % urls.length;
            await wait(20 + Math.random() * 60);
        }
        throw new Error(`${method} ${path}: no answer in two minutes`);
    }
    stored() {
        const now = Date.now();
        if (last) longest = Math.max(longest, now - last);
        else writeFileSync(`${file}.begun`, '');
        last = now;
    }
    async create(turn) {
        const name = `history ${process.pid} ${this.number} ${turn}`;
        const answer = await this.call('POST', '/environments', { 'Idempotency-Key': name }, { name, valid_from: '2026-01-01' });
        if (answer.status !== 201) return wrong.push(`${name}: ${answer.status} ${answer.text.slice(0, 200)}`);
        acknowledged.push([name, JSON.parse(answer.text).id]);
        return this.stored();
    }
    async raise(turn, part) {
        for (let attempt = 0; ; attempt++) {
            const read = await this.call('GET', `/${part}`, {});
            if (read.status !== 200) return wrong.push(`raise: ${read.status} ${read.text.slice(0, 200)}`);
            const attributes = { raised: JSON.parse(read.text).attributes.raised + 1 };
            const answer = await this.call('PATCH', `/${part}`, { 'If-Match': read.headers.etag,
                'Idempotency-Key': `raise ${process.pid} ${this.number} ${turn} ${attempt}` }, { attributes });
            if (answer.status === 412) continue;
            if (answer.status !== 200) return wrong.push(`raise: ${answer.status} ${answer.text.slice(0, 200)}`);
            raised++;
            return this.stored();
        }
    }
    async run(part) {
        for (let turn = 0; running; turn++) await (turn % 4 ? this.create(turn) : this.raise(turn, part));
    }
}

async function run() {
    const made = await new Client(0).call('POST', '', {}, { part_number: `history ${process.pid}`, attributes: { raised: 0 } });
    if (made.status !== 201) throw new Error(`part: ${made.status} ${made.text}`);
    const part = JSON.parse(made.text).id;
    const started = Date.now();
    const looking = setInterval(() => (running = !existsSync(`${file}.end`)), 100);
    await Promise.all(Array.from({ length: 8 }, (_, number) => new Client(number).run(part)));
    clearInterval(looking);
    const seconds = (Date.now() - started) / 1000;
    writeFileSync(file, JSON.stringify({ part, raised, acknowledged }));
    console.log(JSON.stringify({ acknowledged: acknowledged.length, raised, seconds: Math.round(seconds),
        longest_pause_seconds: longest / 1000, answers: seen, wrong: wrong.length }));
}

async function check() {
    const told = JSON.parse(readFileSync(file, 'utf8'));
    for (const url of urls) {
        const client = new Client(urls.indexOf(url));
        const there = new Map();
        for (let offset = 0, more = true; more; offset += 500) {
            const rows = JSON.parse((await client.call('GET', `/environments?limit=500&offset=${offset}`, {})).text);
            for (const row of rows) there.set(row.name, [...(there.get(row.name) ?? []), row.id]);
            more = rows.length === 500;
        }
        const missing = told.acknowledged.filter(([name, id]) => !there.get(name)?.includes(id));
        const doubled = told.acknowledged.filter(([name]) => there.get(name)?.length > 1);
        const part = JSON.parse((await client.call('GET', `/${told.part}`, {})).text);
        const lost = told.raised - (part.attributes?.raised ?? 0);
        const firstMissing = told.acknowledged.findIndex(([name, id]) => !there.get(name)?.includes(id));
        console.log(JSON.stringify({ acknowledged: told.acknowledged.length, missing: missing.length, doubled: doubled.length,
            raises_lost: lost, first_missing: firstMissing }));
        if (missing.length || doubled.length || (lost && judged !== 'created')) wrong.push(url.href);
    }
}

await (mode === 'run' ? run() : check());
for (const line of wrong.slice(0, 10)) console.log(line);
process.exit(wrong.length ? 1 : 0);
