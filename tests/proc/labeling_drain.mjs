#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// labeling_drain.mjs URL[,URL...] KEY TASKS ANNOTATORS REDUNDANCY [several]: annotators empty a campaign, all at once, each
// by its own session, over all hosts in turn, repeating what fails for the world's reasons. Meanwhile somebody kills
// workers. In the end every task must have exactly its answers, each of them acknowledged; at every moment nobody may hold
// a task that another holds, and the honeypots of everybody must have their share. several: more than one node of a cluster
// is written, and a lease, which is a change of a row, may be lost to another: that is told, and the answer refused.
import { Agent, request } from 'node:http';

const [urls, key, tasks, annotators, redundancy, several] = process.argv.slice(2);
const bases = urls.split(',').map((url) => new URL(url));
let asked = 0;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const labeling = '/api/v1/parts/labeling';
const share = 0.1;
const wrong = [];
const seen = {};
const told = [];
const blame = (text) => wrong.push(text);
const tell = (text) => (several ? told : wrong).push(text);

// each session comes from an address of its own, as people do: one nginx before several hosts chooses by it
const addresses = new Map();
function addressOf(session) {
    if (!session) return '127.0.0.1';
    if (!addresses.has(session)) addresses.set(session, `127.0.1.${(addresses.size % 250) + 1}`);
    return addresses.get(session);
}

function once(method, path, headers, body) {
    const base = bases[asked++ % bases.length];
    return new Promise((resolve) => {
        const localAddress = addressOf(headers.Authorization);
        const sent = request({ host: base.hostname, port: base.port, localAddress, method, path: labeling + path, agent, headers }, (answer) => {
            let text = '';
            answer.on('data', (chunk) => (text += chunk));
            answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
            answer.on('error', () => resolve({ status: 0, headers: {}, text: '' }));
        });
        sent.on('error', () => resolve({ status: 0, headers: {}, text: '' }));
        sent.end(body);
    });
}

let calls = 0;
// a mutation under a key of its own, until it is answered
async function call(method, path, authorization, thing) {
    const headers = { ...authorization, 'Content-Type': 'application/json' };
    if (method !== 'GET') headers['Idempotency-Key'] = `drain ${process.pid} ${calls++}`;
    const body = thing === undefined ? undefined : JSON.stringify(thing);
    for (const until = Date.now() + 60000; Date.now() < until; ) {
        const answer = await once(method, path, headers, body);
        const replayed = answer.headers['idempotent-replayed'] ? ' replayed' : '';
        seen[answer.status + replayed] = (seen[answer.status + replayed] ?? 0) + 1;
        const inFlight = answer.status === 409 && answer.text.includes('idempotency_in_flight');
        if (![0, 502, 503, 504].includes(answer.status) && !inFlight) return answer;
        await new Promise((wake) => setTimeout(wake, 10 + Math.random() * 30));
    }
    throw new Error(`${method} ${path}: no answer in a minute`);
}
async function must(status, ...what) {
    const answer = await call(...what);
    if (answer.status !== status) throw new Error(`${what[0]} ${what[1]}: ${answer.status} ${answer.text.slice(0, 300)}`);
    return JSON.parse(answer.text);
}

const owner = { 'X-API-Key': key };
const campaign = await must(201, 'POST', '/campaigns', owner,
    { name: 'drain', gold_fraction: share, target_redundancy: Number(redundancy), consensus_method: 'majority' });
const of = `/campaigns/${campaign.id}`;
const total = Number(tasks);
const gold = new Set();
const all = Array.from({ length: total }, (_, i) => ({ predicted_value: i % 7, prompt: `task ${i}` }))
    .concat(Array.from({ length: Math.ceil((total * share) / (1 - share)) }, (_, i) =>
        ({ predicted_value: i % 7, prompt: `task ${i}`, is_gold: true, gold_answer: 'confirm' })));
for (let i = 0; i < all.length; i += 5000) {
    const made = await must(201, 'POST', `${of}/tasks`, owner, { tasks: all.slice(i, i + 5000) });
    for (const task of made.data) if (task.is_gold) gold.add(task.id);
}

const acknowledged = new Map(); // task -> annotators
const held = new Map(); // task -> annotator, from when it was served until its answer is sent
let answers = 0;
async function annotator(number) {
    const invited = await must(201, 'POST', `${of}/assignments`, owner, { email: `a${number}@example.org` });
    const opened = await call('POST', '/annotator-sessions', {}, { token: invited.magic_link_token });
    if (opened.status !== 201) throw new Error(`session: ${opened.status} ${opened.text}`);
    const me = { Authorization: `Bearer ${JSON.parse(opened.text).annotator_token}` };
    const mine = new Set();
    const refused = new Set();
    let golds = 0;
    for (;;) {
        const served = await call('POST', `${of}/next-task`, me);
        if (served.status !== 200) return blame(`annotator ${number}: next-task ${served.status} ${served.text.slice(0, 300)}`);
        const task = JSON.parse(served.text);
        if (!task) {
            const state = served.headers['x-queue-state'];
            if (state === 'drained') return undefined;
            if (state !== 'all_claimed') return blame(`annotator ${number}: nothing, ${state}`);
            await new Promise((wake) => setTimeout(wake, 5 + Math.random() * 10));
            continue;
        }
        if (!refused.delete(task.id)) {
            if (mine.has(task.id)) return blame(`annotator ${number}: ${task.id} a second time`);
            mine.add(task.id);
            golds += gold.has(task.id);
        }
        if (held.has(task.id)) tell(`annotator ${number}: ${task.id} is held by ${held.get(task.id)}`);
        held.set(task.id, number);
        if (Math.abs(golds - share * mine.size) >= 1)
            blame(`annotator ${number}: ${golds} honeypots of ${mine.size} tasks`);
        await new Promise((wake) => setTimeout(wake, Math.random() * 4)); // looks at it, while others ask
        held.delete(task.id);
        const answer = await call('POST', `/tasks/${task.id}/submit`, me, { verdict: 'confirm', confidence: 0.5 });
        if (several && answer.status === 409 && answer.text.includes('no_lease')) {
            told.push(`annotator ${number}: ${task.id} was not leased`);
            refused.add(task.id);
            continue;
        }
        if (answer.status !== 201) return blame(`annotator ${number}: submit ${answer.status} ${answer.text.slice(0, 300)}`);
        acknowledged.set(task.id, (acknowledged.get(task.id) ?? new Set()).add(number));
        answers++;
    }
}

let ended = false;
// what the campaign says of its progress never runs ahead of what was answered, nor falls behind
async function watch() {
    let last = 0;
    while (!ended) {
        const before = [...acknowledged].filter(([id, who]) => !gold.has(id) && who.size >= Number(redundancy)).length;
        const { task_count: count, resolved_count: resolved } = await must(200, 'GET', of, owner);
        if (count !== total) blame(`task_count ${count}`);
        if (resolved < before) blame(`resolved_count ${resolved} of at least ${before}`);
        if (resolved < last) blame(`resolved_count fell from ${last} to ${resolved}`);
        last = resolved;
        await new Promise((wake) => setTimeout(wake, 50));
    }
}

const started = Date.now();
const watching = watch();
await Promise.all(Array.from({ length: Number(annotators) }, (_, i) => annotator(i)));
const seconds = (Date.now() - started) / 1000;
ended = true;
await watching;

let looked = 0;
for (let offset = 0; ; offset += 500) {
    const page = await must(200, 'GET', `${of}/tasks?limit=500&offset=${offset}`, owner);
    for (const task of page.data) {
        const who = acknowledged.get(task.id)?.size ?? 0;
        looked++;
        if (task.submission_count !== who) blame(`${task.id}: ${task.submission_count} answers, ${who} acknowledged`);
        if (task.is_gold ? task.status !== 'open' : who !== Number(redundancy) || task.status !== 'resolved')
            blame(`${task.id}: ${task.is_gold ? 'honeypot' : 'task'} ${task.status} after ${who} answers`);
    }
    if (page.data.length < 500) break;
}
const end = await must(200, 'GET', of, owner);
if (looked !== all.length) blame(`${looked} tasks of ${all.length}`);
if (end.resolved_count !== total) blame(`resolved_count ${end.resolved_count} of ${total}`);
console.log(`${answers} answers in ${seconds.toFixed(1)} s (${Math.round(answers / seconds)}/s); ${JSON.stringify(seen)}`);
for (const line of told) console.log(`told: ${line}`);
for (const line of wrong.slice(0, 20)) console.log(line);
process.exit(wrong.length ? 1 : 0);
