// SPDX-License-Identifier: GPL-3.0-or-later
// Rows that go through nginx: one resource, one quote, batches; beside a file, an echo and the bare statements.
import { openSync, writeFileSync } from 'node:fs';
import { generator } from '../demo/random.mjs';
import { cpuWhile, each, program, ratios, run, sum, wrk } from './measure.mjs';
import { batch, environments, openShop } from './shop.mjs';
import { large, stackOf, work } from './stacks.mjs';

const ENVIRONMENTS = 1000;
export const ROUNDS = 5;

export const shop = () => stackOf('shop', large, openShop);
export const echo = () => stackOf('echo', ['--echo']);
export const many = () => stackOf('many', [], async (stack) => {
    stack.ids = await environments(stack, ENVIRONMENTS);
    stack.org = stack.sql("SELECT id FROM org WHERE name = 'stack'").trim();
});

export const reads = (stack, ids, options = {}) =>
    stack.requests('get', ids.map((id) => ({ path: `/api/v1/parts/environments/${id}`, ...options })));

// one sample: requests a second, latency, CPU a request by process
async function sample(stack, url, file, options) {
    const [seen, cpu] = await cpuWhile(stack.pids(), async () => wrk(url, file, options));
    return { ...seen, cpu: sum(Object.values(cpu)) / seen.requests / 1000, of: cpu };
}

// the same load on each in turn, round by round
export async function inTurn(rounds, contenders) {
    const seen = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++)
        for (const [name, measure] of Object.entries(contenders)) seen[name].push(await measure(round));
    return seen;
}
export const column = (samples, name) => samples.map((one) => one[name]);

async function get(bench) {
    const product = await many();
    const echoing = await echo();
    const file = reads(product, product.ids);
    const ids = `${work}/ids`;
    writeFileSync(ids, product.ids.map((id) => `${id}\n`).join(''));
    const statics = echoing.requests('static', [{ path: '/index.html' }]);
    const echoed = reads(echoing, product.ids);
    const direct = (processes) => JSON.parse(run(program('direct'), [product.config, 'get', product.org, '2', String(processes)],
        { stdio: [openSync(ids), 'pipe', 'inherit'] }));
    const wide = await inTurn(ROUNDS, {
        file: () => sample(echoing, echoing.url, statics),
        echo: () => sample(echoing, echoing.url, echoed),
        product: () => sample(product, product.url, file),
        statements: () => direct(4),
    });
    const one = await inTurn(ROUNDS, {
        echo: () => sample(echoing, echoing.url, echoed, { connections: 1 }),
        product: () => sample(product, product.url, file, { connections: 1 }),
        statements: () => direct(1),
    });
    const rate = (name) => column(wide[name], 'perSecond');
    bench.note('nginx, a static file, 16 clients', rate('file'), '/s');
    bench.note('echo worker, 16 clients', rate('echo'), '/s');
    bench.note('the same statement from C, 4 connections', wide.statements.map((s) => s.per_s), '/s');
    bench.note('GET environment, 16 clients', rate('product'), '/s');
    bench.line('GET environment: share of the echo', ratios(rate('product'), rate('echo')), 'x', { least: 0.62 });
    bench.line('GET environment: CPU of the echo', ratios(column(wide.product, 'cpu'), column(wide.echo, 'cpu')), 'x', { most: 2.6 });
    bench.note('CPU a request, echo', column(wide.echo, 'cpu'), 'us');
    for (const process of ['app', 'nginx', 'db'])
        bench.note(`CPU a request, ${process}`, wide.product.map((s) => s.of[process] / s.requests / 1000), 'us');
    bench.note('echo worker, 1 client, p50', column(one.echo, 'p50'), 'us');
    bench.note('the same statement from C, 1 connection, p50', one.statements.map((s) => s.p50_us), 'us');
    bench.line('GET environment: p50 of one client, of the echo', ratios(column(one.product, 'p50'), column(one.echo, 'p50')), 'x', { most: 2.5 });
}

async function quotes(bench) {
    const product = await shop();
    const echoing = await echo();
    const random = generator(5);
    const at = '/api/v1/parts/calculations';
    const single = each(200, () => ({ method: 'POST', path: `${at}/quote`, body: { part_revision_id: random.pick(product.revisions),
        costing_environment_id: product.env, lot_size: 20 } }));
    const file = product.requests('quote', single);
    const echoed = echoing.requests('quote', single);
    const batches = product.requests('batch', each(4, () => ({ method: 'POST', path: `${at}/batch`, body: batch(product.env, product.revisions, random) })));
    const [aside] = await environments(product, 1);
    const seen = await inTurn(ROUNDS, {
        // a quote is kept: what one durable row takes on this disk is in it
        stored: () => JSON.parse(run(program('direct'), [product.config, 'store', product.org, aside, '0.5'])),
        echo: () => sample(echoing, echoing.url, echoed, { connections: 1, seconds: 1 }),
        quote: () => sample(product, product.url, file, { connections: 1, seconds: 1 }),
    });
    // for themselves: the database goes on writing their pages when they are over
    const after = await inTurn(ROUNDS, { batch: () => sample(product, product.url, batches, { connections: 1, seconds: 2 }) });
    bench.line('batch of 1,000 quotes: quotes a second of worker CPU', after.batch.map((s) => s.requests * 1000 / (s.of.app / 1e9)), '/s', { least: 40000 });
    bench.note('batch of 1,000 quotes, CPU of the database', after.batch.map((s) => s.of.db / s.requests / 1e6), 'ms');
    bench.note('batch of 1,000 quotes, p50', column(after.batch, 'p50').map((us) => us / 1000), 'ms');
    bench.note('one row stored durably from C, p50', column(seen.stored, 'p50_us'), 'us');
    bench.note('a quote, 1 client, p50', column(seen.quote, 'p50'), 'us');
    bench.line('a quote: p50 of one client, of the echo', ratios(column(seen.quote, 'p50'), column(seen.echo, 'p50')), 'x', { most: 4 });
}

export const rows = [
    { name: 'get', run: get },
    { name: 'quotes', run: quotes },
];
