// SPDX-License-Identifier: GPL-3.0-or-later
// More workers, more tasks, and a quiet tenant beside a noisy one.
import { spawn } from 'node:child_process';
import { jsonLines, ratios, sum, top, wrk } from './measure.mjs';
import { column, inTurn, reads, shop, ROUNDS } from './rows_http.mjs';
import { drained } from './rows_labels.mjs';
import { environments } from './shop.mjs';
import { large, poolGib, stackOf } from './stacks.mjs';

async function workers(bench) {
    const contenders = {};
    for (const n of [1, 2, 4, 8]) {
        const stack = await stackOf(`workers${n}`, ['--workers', String(n)]);
        const file = reads(stack, await environments(stack, 200));
        contenders[n] = () => wrk(stack.url, file);
    }
    const seen = await inTurn(ROUNDS, contenders);
    for (const [n, samples] of Object.entries(seen)) {
        bench.note(`GET environment, 16 clients, workers: ${n}`, column(samples, 'perSecond'), '/s');
        bench.note(`    p99, workers: ${n}`, column(samples, 'p99'), 'us');
    }
}

// a program that makes noise for some seconds; what it says when it ends
function loud(url, file, connections, seconds) {
    const child = spawn('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '30s', '-s', `${top}/tests/bench/requests.lua`, url, '--', file],
        { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    return new Promise((resolve) => child.on('close', () => resolve(jsonLines(said.split('\n').filter((line) => line.startsWith('{')).join('\n'))[0])));
}

// The single client of a quiet tenant, alone and beside another tenant whose clients never pause, without limits. The
// light pool has one queue: who has 16 requests in it has 16 shares, and a share is what the quiet one can expect.
async function neighbours(bench) {
    const CLIENTS = 16;
    const quiet = await shop();
    const key = quiet.key_other;
    const at = '/api/v1/parts';
    const ids = await environments(quiet, 50, { key });
    const file = quiet.requests('quiet', ids.map((id) => ({ path: `${at}/environments/${id}`, key })));
    const read = { path: `${at}/environments/${quiet.env}` };
    const quote = { method: 'POST', path: `${at}/calculations/quote`, body: { part_revision_id: quiet.revisions[0], costing_environment_id: quiet.env } };
    const fit = { method: 'POST', path: `${at}/calibration/environments/${quiet.env}/auto-calibrate?dry_run=1`, body: { actuals: quiet.actuals, holdout_pct: 0.25 } };
    const noise = {
        [`${CLIENTS} that read`]: [[quiet.requests('reads', [read]), CLIENTS]],
        [`${CLIENTS} that read and quote`]: [[quiet.requests('quotes', [read, quote]), CLIENTS]],
        '2 fits': [[quiet.requests('fits', [fit]), 2]],
    };
    noise['all of these'] = [...noise[`${CLIENTS} that read and quote`], ...noise['2 fits']];
    const measure = () => wrk(quiet.url, file, { connections: 1, seconds: 2 });
    const beside = (list) => async () => {
        const others = list.map(([requests, clients]) => loud(quiet.url, requests, clients, 4));
        await new Promise((resolve) => setTimeout(resolve, 500));
        const seen = measure();
        const [first] = await Promise.all(others);
        return { ...seen, share: seen.perSecond / (first.requests / (first.us / 1e6) / list[0][1]) };
    };
    const seen = await inTurn(3, { alone: measure, ...Object.fromEntries(Object.entries(noise).map(([what, list]) => [what, beside(list)])) });
    for (const [what, samples] of Object.entries(seen)) {
        const title = what === 'alone' ? 'a quiet tenant alone' : `a quiet tenant beside ${what}`;
        bench.note(`${title}: p50`, column(samples, 'p50'), 'us');
        bench.note(`${title}: p99`, column(samples, 'p99'), 'us');
        if (what === 'alone') continue;
        bench.note(`${title}: served, of alone`, ratios(column(samples, 'perSecond'), column(seen.alone, 'perSecond')), 'x');
        if (what !== '2 fits') bench.note(`${title}: served, of each of those clients`, column(samples, 'share'), 'x');
    }
}

async function tasks(bench) {
    const { socket } = await stackOf('queue-large', large);
    bench.note('buffer pool of the stack of tasks; its redo log has 1 GiB', [poolGib], 'GiB');
    const some = drained(socket, 100000, 4, ['ours']);
    const lots = drained(socket, 1000000, 4, ['ours', 'last']);
    const rate = (list, mode) => list.filter((one) => one.mode === mode).map((one) => one.rate);
    bench.note('claim + submit, 8 annotators, 10⁵ tasks', rate(some, 'ours'), '/s');
    bench.line('claim + submit of 10⁶ tasks, of 10⁵', ratios(rate(lots, 'ours'), rate(some, 'ours')), 'x', { least: 0.7 });
    bench.line('last percent of 10⁶ tasks, of the whole', ratios(rate(lots, 'last'), rate(lots, 'ours')), 'x', { least: 0.65 });
    bench.line('answers failed, lost or too many', [sum([...some, ...lots].map((one) => one.faults))], '', { most: 0 });
}

export const rows = [
    { name: 'workers', run: workers },
    { name: 'neighbours', run: neighbours },
    { name: 'tasks', run: tasks },
];
