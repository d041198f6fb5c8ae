// SPDX-License-Identifier: GPL-3.0-or-later
// Tables that grow to 10⁷ rows under the hot queries, beside a stack whose tables stay small. Of every query: latency
// and rows looked at by size, EXPLAIN of its statements (in the JSON), and its rate among many of its rate among few.
import { CALCULATIONS_A_PART, explained, grow, LARGEST, MOST, uuidOf } from './grown.mjs';
import { each, ratios, wrk } from './measure.mjs';
import { column, inTurn } from './rows_http.mjs';
import { openShop } from './shop.mjs';
import { large, poolGib, stackOf } from './stacks.mjs';

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7].filter((size) => size <= Number(process.env.BENCH_TABLE_ROWS ?? 1e7));
const at = '/api/v1/parts';
const OF_LARGEST = `observations, first page of up to ${LARGEST.toLocaleString('en')}`;
const COUNTS = /first page/; // a page says how many there are: counted, and that grows

// the requests of each query when the tables have so many rows: spread over all of them
function hot(stack, size) {
    const rows = Object.fromEntries(Object.entries(MOST).map(([table, most]) => [table, Math.min(most, size)]));
    const some = (n, table, make) => each(n, (i) => make(uuidOf(1 + Math.floor(i * (rows[table] - 1) / n)), i));
    const gets = (n, table, path) => some(n, table, (id) => ({ path: at + path(id) }));
    const quote = (revision) => ({ method: 'POST', path: `${at}/calculations/quote`, body: { part_revision_id: revision, costing_environment_id: stack.env } });
    const evidence = `${at}/calibration/environments`;
    const quoted = rows.calculation / CALCULATIONS_A_PART;
    return {
        'GET environment': gets(2000, 'environment', (id) => `/environments/${id}`),
        'environments, first page': [{ path: `${at}/environments/?limit=50` }],
        'part': gets(500, 'part', (id) => `/${id}`),
        'part by number': each(500, (i) => ({ path: `${at}?part_number=G-${1 + Math.floor(i * (rows.part - 1) / 500)}` })),
        'parts, first page': [{ path: `${at}?limit=50` }],
        'revisions of a part': gets(500, 'part', (id) => `/${id}/revisions`),
        // of parts whose kept quotes are not asked for: what is answered there stays alike
        'quote': each(200, (i) => quote(uuidOf(quoted + 1 + Math.floor(i * (rows.part_revision - quoted - 1) / 200)))),
        'kept quote': gets(500, 'calculation', (id) => `/calculations/${id}`),
        'kept quotes, first page': [{ path: `${at}/calculations?limit=20` }],
        'kept quotes of a part': each(200, (i) => ({ path: `${at}/calculations?limit=20&part_id=${uuidOf(1 + Math.floor(i * (quoted - 1) / 200))}` })),
        'observations, first page': [{ path: `${evidence}/${uuidOf(1)}/evidence?limit=50` }],
        [OF_LARGEST]: [{ path: `${evidence}/${uuidOf(2)}/evidence?limit=50` }],
        'sources of observations': [{ path: `${evidence}/${uuidOf(1)}/evidence/sources` }],
        'calibration status': [{ path: `${evidence}/${stack.env}/status` }],
        'runs, first page': [{ path: `${evidence}/${stack.env}/runs?limit=20` }],
    };
}

// what is done once: a part is taken out only when no observation is of it
async function seldom(stack, size) {
    const made = await stack.post('', { part_number: `never seen ${size}` });
    return { 'removal of a part': { method: 'DELETE', path: `/${made.id}` } };
}

async function tables(bench) {
    const small = await stackOf('few', large, openShop);
    const stack = await stackOf('large', large, openShop);
    await grow(small, 0, SIZES[0]);
    bench.note('buffer pool of both stacks of tables; their redo logs have 1 GiB', [poolGib], 'GiB');
    const grown = {};
    let before = 0;
    for (const size of SIZES) {
        await grow(stack, before, size);
        before = size;
        const requests = hot(stack, size);
        const p50 = Object.fromEntries(Object.entries(requests).map(([what, list]) =>
            [what, wrk(stack.url, stack.requests('hot', list), { connections: 1, seconds: 1 }).p50]));
        const one = Object.fromEntries(Object.entries(requests).map(([what, list]) => [what, { ...list[0], path: list[0].path.slice(at.length) }]));
        for (const [what, plan] of Object.entries(await explained(stack, { ...one, ...await seldom(stack, size) })))
            (grown[what] ??= []).push({ rows: size, p50_us: p50[what], ...plan });
    }
    for (const [what, steps] of Object.entries(grown)) {
        const grows = steps.at(-1).examined > 2 * steps[Math.min(1, steps.length - 1)].examined;
        bench.steps(`${what}: rows looked at${grows ? ', GROWS' : ''}`, steps, (step) => step.examined);
    }
    for (const [what, steps] of Object.entries(grown).filter(([, [first]]) => first.p50_us))
        bench.steps(`${what}: p50 of one client, us`, steps.map(({ rows: n, p50_us }) => ({ rows: n, p50_us })), (step) => step.p50_us);
    const [few, lots] = [hot(small, SIZES[0]), hot(stack, SIZES.at(-1))];
    for (const what of Object.keys(lots)) {
        if (what === OF_LARGEST) continue; // that environment is empty among few
        const [fewFile, lotsFile] = [small.requests('few', few[what]), stack.requests('lots', lots[what])];
        const [rounds, seconds] = what === 'GET environment' ? [5, 2] : [3, 1];
        wrk(stack.url, lotsFile, { seconds }); // what is read comes into the pool
        const rates = await inTurn(rounds, { few: () => wrk(small.url, fewFile, { seconds }), lots: () => wrk(stack.url, lotsFile, { seconds }) });
        bench.line(`${what}: rate among 10^${Math.log10(SIZES.at(-1))} rows, of few`,
            ratios(column(rates.lots, 'perSecond'), column(rates.few, 'perSecond')), 'x', COUNTS.test(what) ? undefined : { least: 0.9 });
    }
    small.stop();
    stack.stop();
}

export const rows = [{ name: 'tables', run: tables }];
