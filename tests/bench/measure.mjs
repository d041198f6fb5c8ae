// SPDX-License-Identifier: GPL-3.0-or-later
// What the rows measure with: commands, medians, wrk, CPU and memory of processes.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const here = new URL('.', import.meta.url).pathname;
export const top = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
export const build = process.env.COSTWRIGHT_BUILD ?? top;
export const program = (name) => `${build}/tests/bench/${name}`;

export const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
export const median = (numbers) => {
    const s = sorted(numbers);
    const half = Math.floor(s.length / 2);
    return s.length % 2 ? s[half] : (s[half - 1] + s[half]) / 2;
};
export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
// of paired samples: the ratio within each round, so that a slow moment strikes both
export const ratios = (a, b) => a.map((value, i) => value / b[i]);
export const each = (n, make) => Array.from({ length: n }, (_, i) => make(i));

export function run(command, args, options = {}) {
    return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'inherit'], ...options });
}
export const jsonLines = (text) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line));
export const has = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

// --- load: wrk -t1 sends the requests of a file in turn. requests: [{method, path, headers, body}] or one
export function wrk(url, file, { connections = 16, seconds = 2 } = {}) {
    const out = run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', `${here}requests.lua`, url, '--', file]);
    const line = out.split('\n').find((text) => text.startsWith('{'));
    const seen = JSON.parse(line);
    if (seen.errors) throw new Error(`${seen.errors} of ${seen.requests} requests to ${url} failed (${file})`);
    return { perSecond: seen.requests / (seen.us / 1e6), requests: seen.requests, p50: seen.p50, p99: seen.p99 };
}

// --- processes

const read = (path) => {
    try {
        return readFileSync(path, 'utf8');
    } catch {
        return ''; // it is gone
    }
};
// nanoseconds that the living threads of the processes have run
export const cpuNs = (pids) => sum(pids.flatMap((pid) => {
    let threads = [];
    try {
        threads = readdirSync(`/proc/${pid}/task`);
    } catch {
        return [0];
    }
    return threads.map((thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] || 0));
}));
const kib = (text, name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
export const pssKib = (pid) => kib(read(`/proc/${pid}/smaps_rollup`), 'Pss');
// the most a process had of its own: the libraries it shares with the others do not count
export const peakKib = (pid) => {
    const text = read(`/proc/${pid}/status`);
    return kib(text, 'VmHWM') - kib(text, 'RssFile') - kib(text, 'RssShmem');
};

// what each group of processes ran while work was done: {app: ns, ...}
export async function cpuWhile(groups, work) {
    const before = Object.entries(groups).map(([name, pids]) => [name, pids, cpuNs(pids)]);
    const result = await work();
    return [result, Object.fromEntries(before.map(([name, pids, ns]) => [name, cpuNs(pids) - ns]))];
}
