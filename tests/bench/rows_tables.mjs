// SPDX-License-Identifier: GPL-3.0-or-later
// Tables that grow from 10³ to 10⁷ rows under the hot queries: latency, rows the database looks at, and what
// EXPLAIN says of every statement (kept in explain-N.txt).
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { each, ratios, sum, wrk } from './measure.mjs';
import { column, inTurn, many, reads, ROUNDS } from './rows_http.mjs';
import { openShop } from './shop.mjs';
import { stackOf } from './stacks.mjs';

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7];
const CHUNK = 1e6;
const IN_ENVIRONMENT = 10000;
const at = '/api/v1/parts';
const MOST = { environment: 1e6, api_key: 1e5, part: 1e6, calculation: 1e5, evidence: 1e7 };

const hex = (number, width) => `LPAD(HEX(${number}), ${width}, '0')`;
const uuid = (number) => `CONCAT(${hex(number, 8)}, '-0000-7000-8000-', ${hex(number, 12)})`;
const uuidOf = (n) => `${n.toString(16).padStart(8, '0')}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

const inserts = (stack) => ({
    environment: `INSERT INTO environment SELECT '${stack.org}', ${uuid('seq')}, CONCAT('grown ', seq), 'DE-BY', 'EUR',
        'A plant with milling, turning and sheet metal; used to compare quotes.', '2020-01-01', NULL, '["arcnm"]', 0,
        '{"site":"Augsburg","cost_centre":"4711","owner":"cost engineering"}', UTC_TIMESTAMP(6)`,
    api_key: `INSERT INTO api_key SELECT '${stack.org}', ${uuid('seq')}, (SELECT id FROM app_user WHERE org_id = '${stack.org}' LIMIT 1),
        CONCAT('_', LPAD(CONV(seq, 10, 36), 7, '0')), UNHEX(SHA2(seq, 256)), 'grown', 1, NULL, NULL, NULL, UTC_TIMESTAMP(6)`,
    part: `INSERT INTO part SELECT '${stack.org}', ${uuid('seq')}, CONCAT('G-', seq), CONCAT('g-', seq), NULL, '{}', NULL, UTC_TIMESTAMP(6)`,
    calculation: `INSERT INTO calculation SELECT c.org_id, ${uuid('seq')}, c.part_id, c.part_revision_id, c.env_id, c.status, c.unit_cost,
        c.uncalibrated_unit_cost, c.c_material, c.c_run, c.c_setup, c.c_other, c.lot_size, c.model_version, c.document, UTC_TIMESTAMP(6)`,
    evidence: `INSERT INTO evidence (org_id, env_id, metric, natural_key, content, source, observation_type, reference, bin, lot_size,
        predicted, actual, occurred_on, model_version, applied, received_at)
        SELECT '${stack.org}', ${uuid(`1 + seq DIV ${IN_ENVIRONMENT}`)}, 1, UNHEX(MD5(seq)), UNHEX(MD5(seq + 1)), 'erp', 'actual',
        CONCAT('WO-', seq), 'milling.3axis_vmc', 10, 100, 107, '2026-01-01', 'costwright-1', 0, UTC_TIMESTAMP(6)`,
});

function grow(stack, table, from, to) {
    const source = table === 'calculation' ? `, (SELECT * FROM calculation WHERE org_id = '${stack.org}' ORDER BY id DESC LIMIT 1) c` : '';
    for (let low = from; low < to; low += CHUNK)
        stack.sql(`SET foreign_key_checks = 0, unique_checks = 0; ${inserts(stack)[table]} FROM seq_${low + 1}_to_${Math.min(low + CHUNK, to)}${source}`);
}

// the statements of the requests as the slow log has them, with the rows each looked at
async function explained(stack, hot) {
    const log = `${stack.dir}/logs/slow.log`;
    const logging = async (on) => {
        stack.sql(`SET GLOBAL long_query_time = ${on ? 0 : 10}, slow_query_log_file = '${log}', slow_query_log = ${on}`);
        await stack.renew(); // a session takes these settings when it begins
    };
    stack.sql("SET GLOBAL log_slow_verbosity = 'query_plan,explain'");
    await logging(1);
    const found = {};
    for (const [what, { method = 'GET', path, body }] of Object.entries(hot)) {
        const start = existsSync(log) ? statSync(log).size : 0;
        await stack.api(method, path.slice(at.length), body);
        const own = readFileSync(log).subarray(start).toString().split(/^# User@Host: /m).filter((entry) => entry.startsWith('costwright['));
        found[what] = { examined: sum(own.map((entry) => Number(/Rows_examined: (\d+)/.exec(entry)?.[1] ?? 0))),
            text: `== ${what}\n${own.map((entry) => entry.split('\n').filter((line) => line.startsWith('# explain') ||
                line.includes('Rows_examined') || !line.startsWith('#')).join('\n')).join('\n')}` };
    }
    await logging(0);
    rmSync(log, { force: true });
    return found;
}

async function tables(bench) {
    const stack = await stackOf('large', ['--db', '--innodb-buffer-pool-size=4G', '--db', '--innodb-log-file-size=2G',
        '--db', '--innodb-flush-log-at-trx-commit=0'], openShop);
    const hot = {
        'GET environment': () => each(500, (i) => ({ path: `${at}/environments/${uuidOf(1 + i)}` })),
        'list of environments, first page': () => [{ path: `${at}/environments/?limit=50` }],
        'part by number': () => each(500, (i) => ({ path: `${at}?part_number=G-${1 + i}` })),
        'a quote': () => each(200, (i) => ({ method: 'POST', path: `${at}/calculations/quote`, body: { part_revision_id: stack.revisions[i], costing_environment_id: stack.env } })),
        'list of calculations, first page': () => [{ path: `${at}/calculations?limit=20` }],
        'evidence of an environment, first page': () => [{ path: `${at}/calibration/environments/${uuidOf(1)}/evidence?limit=50` }],
        'calibration status': () => [{ path: `${at}/calibration/environments/${stack.env}/status` }],
    };
    const seen = Object.fromEntries(Object.keys(hot).map((what) => [what, []]));
    let before = 0;
    for (const size of SIZES) {
        for (const [table, most] of Object.entries(MOST)) if (before < most) grow(stack, table, Math.min(before, most), Math.min(size, most));
        before = size;
        stack.sql('ANALYZE TABLE environment, api_key, part, calculation, evidence');
        const requests = Object.fromEntries(Object.entries(hot).map(([what, make]) => [what, make()]));
        const p50 = Object.fromEntries(Object.entries(requests).map(([what, list]) =>
            [what, wrk(stack.url, stack.requests('hot', list), { connections: 1, seconds: 1 }).p50]));
        const plans = await explained(stack, Object.fromEntries(Object.entries(requests).map(([what, list]) => [what, list[0]])));
        for (const what of Object.keys(hot)) seen[what].push({ p50: p50[what], examined: plans[what].examined });
        bench.keep(`explain-1e${Math.log10(size)}.txt`, Object.values(plans).map((plan) => plan.text).join('\n'));
    }
    for (const [what, steps] of Object.entries(seen)) {
        bench.note(`${what}: p50 at 10³ rows, ..., 10⁷: ${steps.map((step) => step.p50).join(', ')}`, [steps.at(-1).p50], 'us');
        bench.note(`    rows looked at: ${steps.map((step) => step.examined).join(', ')}`, [steps.at(-1).examined], '');
    }
    const small = await many();
    const [few, lots] = [reads(small, small.ids), reads(stack, each(1000, (i) => uuidOf(1 + i * 999)))];
    const rates = await inTurn(ROUNDS, { small: () => wrk(small.url, few), large: () => wrk(stack.url, lots) });
    bench.line('GET environment among 10⁶, 10⁵ keys, 10⁷ observations, of few',
        ratios(column(rates.large, 'perSecond'), column(rates.small, 'perSecond')), 'x', { least: 0.9 });
}

export const rows = [{ name: 'tables', run: tables }];
