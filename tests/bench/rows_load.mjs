// SPDX-License-Identifier: GPL-3.0-or-later
// More workers, more tasks, and a quiet tenant beside a noisy one.
import { spawn } from 'node:child_process';
import { ratios, sum, top, wrk } from './measure.mjs';
import { column, inTurn, reads, shop, ROUNDS } from './rows_http.mjs';
import { drained } from './rows_labels.mjs';
import { environments } from './shop.mjs';
import { stackOf } from './stacks.mjs';

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

// the quiet tenant's single client, alone and while the other tenant reads and quotes with 16 and fits without end
async function neighbours(bench) {
    const quiet = await shop();
    const key = quiet.key_other;
    const ids = await environments(quiet, 50, { key });
    const file = quiet.requests('quiet', ids.map((id) => ({ path: `/api/v1/parts/environments/${id}`, key })));
    const noise = quiet.requests('noise', [{ path: `/api/v1/parts/environments/${quiet.env}` },
        { method: 'POST', path: '/api/v1/parts/calculations/quote', body: { part_revision_id: quiet.revisions[0], costing_environment_id: quiet.env } }]);
    const fits = quiet.requests('fits', [{ method: 'POST', path: `/api/v1/parts/calibration/environments/${quiet.env}/auto-calibrate?dry_run=1`,
        body: { actuals: quiet.actuals } }]);
    const measure = () => wrk(quiet.url, file, { connections: 1, seconds: 2 });
    const noisy = async () => {
        const loud = [[noise, 16], [fits, 2]].map(([requests, clients]) => spawn('wrk', ['-t1', `-c${clients}`, '-d4s', '-s',
            `${top}/tests/bench/requests.lua`, quiet.url, '--', requests], { stdio: 'ignore' }));
        await new Promise((resolve) => setTimeout(resolve, 500));
        const seen = measure();
        await Promise.all(loud.map((child) => new Promise((resolve) => child.on('exit', resolve))));
        return seen;
    };
    const seen = await inTurn(3, { alone: measure, beside: noisy });
    for (const [name, what] of [['alone', 'alone'], ['beside', 'beside 16 clients and 2 fits of another tenant']]) {
        bench.note(`a quiet tenant ${what}, p50`, column(seen[name], 'p50'), 'us');
        bench.note(`a quiet tenant ${what}, p99`, column(seen[name], 'p99'), 'us');
    }
    bench.note('requests served to the quiet tenant, of those alone', ratios(column(seen.beside, 'requests'), column(seen.alone, 'requests')), 'x');
}

async function tasks(bench) {
    const { socket } = await stackOf('queue-large', ['--db', '--innodb-buffer-pool-size=2G']);
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
