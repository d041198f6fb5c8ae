// SPDX-License-Identifier: GPL-3.0-or-later
// Refusals of keys that differ from a good one in different places, in random order, timed by the service itself (the
// log's microseconds). key_timing.mjs URL KEY LOG
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const [url, key, log] = process.argv.slice(2);
const rounds = Number(process.env.TIMING_ROUNDS ?? 3000);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const other = (at) => key.slice(0, at) + (key[at] === 'A' ? 'B' : 'A') + key.slice(at + 1);
const secret = key.length - 43; // where it begins
const kinds = { 'first character': other(secret), 'middle character': other(secret + 21),
    'last but one character': other(key.length - 2), 'unknown prefix': other(secret - 3) };

const ask = (id, text) => new Promise((resolve, reject) => {
    request(`${url}/api/v1/parts/environments`, { agent, headers: { 'X-API-Key': text, 'X-Request-ID': id } }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
    }).on('error', reject).end();
});
const names = Object.keys(kinds);
const order = Array.from({ length: rounds * names.length }, (unused, i) => ({ i, sort: Math.random() }))
    .sort((a, b) => a.sort - b.sort).map(({ i }) => i);
let refused = 0;
for (const i of order) refused += await ask(`timing-${i % names.length}-${i}`, kinds[names[i % names.length]]) === 401;
await sleep(1000);

const times = names.map(() => []);
for (const line of readFileSync(log, 'utf8').split('\n')) {
    const found = /timing-(\d)-\d+.*\bus=(\d+)/.exec(line);
    if (found) times[found[1]].push(Number(found[2]));
}
// the slowest tenth is the machine's noise
const kept = times.map((all) => all.sort((a, b) => a - b).slice(0, Math.floor(all.length * 0.9)));
const mean = (all) => all.reduce((sum, each) => sum + each, 0) / all.length;
const variance = (all, m = mean(all)) => all.reduce((sum, each) => sum + (each - m) ** 2, 0) / (all.length - 1);
kept.forEach((all, k) => {
    const t = (mean(all) - mean(kept[0])) / Math.sqrt(variance(all) / all.length + variance(kept[0]) / kept[0].length);
    console.log(`${names[k]}: n ${all.length}, median ${all[all.length >> 1]} us, mean ${mean(all).toFixed(1)} us, ` +
        `Welch's t against the first ${t.toFixed(2)}`);
});
const complete = refused === order.length && times.every((all) => all.length === rounds);
if (!complete) console.log(`refused ${refused} of ${order.length}, logged ${times.map((all) => all.length)}`);
process.exit(complete ? 0 : 1);
