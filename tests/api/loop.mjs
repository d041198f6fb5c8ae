#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The quote loop's promises: row order, workers and repetition change no byte; the same evidence answers the same run;
// the next quote says which run it used; a replayed call is the same answer. loop.mjs STACK-FILE
import { request } from 'node:http';
import { client } from '../demo/client.mjs';
import { generator } from '../demo/random.mjs';
import { machines, makeParts, rates } from '../demo/shop.mjs';
import { call, checks, shop, stack } from '../demo/wire.mjs';

const api = client(stack.url, stack.key);
const { check, end } = checks('loop');
const random = generator(7);
const shuffled = (items) => {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
        const j = Math.floor(random.uniform() * (i + 1));
        [copy[i], copy[j]] = [copy[j], copy[i]];
    }
    return copy;
};

async function environment(name) {
    const env = await api.post('/environments', { name: `${name} ${process.pid}`, valid_from: '2000-01-01' });
    for (const machine of machines) await api.post(`/environments/${env.id}/machines`, { new_machine: machine });
    for (const rate of rates) await api.post(`/environments/${env.id}/rates`, rate);
    return env.id;
}

const env = await environment('loop');
const parts = makeParts(3, 60).map((part) => ({ ...part, part_number: `L-${process.pid}-${part.part_number}` }));
const imported = await api.post('/import', { parts });
check('import creates every part', imported.created === 60 && imported.data.length === 60, imported);
const again = await api.post('/import', { parts });
check('import again changes nothing', again.unchanged === 60 && again.created + again.revised === 0, again);
const revisions = imported.data.map((item) => item.part_revision_id);

const batch = await api.post('/calculations/batch', {
    costing_environment_id: env, items: revisions.map((part_revision_id) => ({ part_revision_id, lot_size: 20 })),
});
check('every quote succeeded', batch.items.every((quote) => quote.status === 'succeeded'), batch.items.find((q) => q.error));
for (const quote of batch.items) {
    const sum = Object.values(quote.costs).reduce((total, cost) => total + cost, 0);
    if (Math.abs(sum - quote.unit_cost) > 1e-9 * quote.unit_cost) check('parts add up to unit_cost', false, quote);
}

const rows = revisions.flatMap((part_revision_id, i) => Array.from({ length: 1 + (i % 4) }, (_, k) => ({
    part_revision_id, lot_size: 20, bin: 'ABC'[i % 3], external_ref: `R-${i}-${k}`,
    actual_unit_cost: Number((batch.items[i].uncalibrated_unit_cost * (1.2 + 0.1 * random.normal())).toFixed(4)),
})));
const calibrate = (path, list, query = '') => api.post(`/calibration/environments/${env}/${path}${query}`, list);

const first = JSON.stringify(await calibrate('auto-calibrate', { actuals: rows }, '?dry_run=1'));
for (let i = 0; i < 4; i++)
    check('a permuted dry run is the same bytes',
        JSON.stringify(await calibrate('auto-calibrate', { actuals: shuffled(rows) }, '?dry_run=1')) === first);
check('a dry run stores nothing', JSON.parse(first).run_id === null && JSON.parse(first).status === 'dry_run');
const run = await calibrate('auto-calibrate', { actuals: shuffled(rows) });
check('it is activated', run.status === 'activated' && run.samples === rows.length, run.message);
const same = await calibrate('auto-calibrate', { actuals: shuffled(rows) });
check('the same evidence answers the same run', JSON.stringify(same) === JSON.stringify(run), [same.run_id, run.run_id]);
const none = await calibrate('auto-calibrate', { actuals: [] });
check('no new rows: still the same run', none.run_id === run.run_id && none.ingested === 0, none);

const tried = await calibrate('auto-calibrate', { actuals: shuffled(rows) }, '?dry_run=1');
check('a dry run of it says so', tried.status === 'dry_run' && tried.message.includes('it would be: activated'), tried.message);
const wider = await calibrate('auto-calibrate', { actuals: rows, target_alpha: 0.2 });
check('no row is new: that is said', wider.status === 'not_improved' && wider.message.startsWith('No row is new'), wider.message);

const right = await environment('loop right');
const asPriced = await api.post('/calculations/batch', {
    costing_environment_id: right, items: revisions.map((part_revision_id) => ({ part_revision_id, lot_size: 20 })),
});
const nothing = await api.post(`/calibration/environments/${right}/auto-calibrate`, { actuals: asPriced.items.map(
    ({ part_revision_id, unit_cost }) => ({ part_revision_id, actual_unit_cost: unit_cost, lot_size: 20 })) });
check('orders that cost what was quoted: nothing to correct', nothing.status === 'not_improved' && nothing.fit.model === 'identity' &&
    nothing.message.startsWith('The price as it stands'), nothing.message);

// what was learned from wrong orders is not taken back by itself, but not praised either
const misled = `/calibration/environments/${right}/auto-calibrate`;
const actuals = asPriced.items.map(({ part_revision_id, unit_cost }) => ({ part_revision_id, actual_unit_cost: 1.4 * unit_cost, lot_size: 20 }));
check('wrong orders mislead', (await api.post(misled, { actuals, mode: 'replace' })).status === 'activated');
const put = await api.post(misled, { mode: 'replace', actuals: actuals.map((row, i) => ({ ...row, actual_unit_cost: asPriced.items[i].unit_cost })) });
check('the right ones say that it is to go', put.status === 'not_improved' && put.fit.model === 'identity' && put.message.includes('deactivate'), put.message);

const other = await environment('loop twin');
await api.post('/calculations/batch', {
    costing_environment_id: other, items: revisions.map((part_revision_id) => ({ part_revision_id, lot_size: 20 })),
});
const twin = await api.post(`/calibration/environments/${other}/auto-calibrate`, { actuals: shuffled(rows) });
const bare = (answer) => JSON.stringify({ ...answer, id: 0, run_id: 0, env_id: 0 });
check('another environment with the same rows: the same bytes apart from ids', bare(twin) === bare(run));

const quote = await api.post('/calculations/quote', { part_revision_id: revisions[0], costing_environment_id: env, lot_size: 20 });
check('the next quote uses the run and says so', JSON.stringify(quote.provenance).includes(run.run_id), quote.provenance);
check('it has an interval around its median',
    quote.interval && quote.interval.lower < quote.unit_cost && quote.unit_cost < quote.interval.upper, quote.interval);
const shown = await api.get(`/calculations/${quote.id}`);
check('the stored quote is the answer that was given', JSON.stringify(shown) === JSON.stringify(quote));
check('what was learned is not in the uncalibrated cost',
    Math.abs(quote.uncalibrated_unit_cost - batch.items[0].uncalibrated_unit_cost) < 1e-9 * quote.unit_cost);

// quotes that were right, taught, leave the next ones where they are; so do the times that explain why they were
const price = () => api.post('/calculations/batch', {
    costing_environment_id: env, items: revisions.map((part_revision_id, i) => ({ part_revision_id, lot_size: 20, bin: 'ABC'[i % 3] })),
});
const change = (now, then) => Math.exp(now.items.reduce((sum, item, i) => sum + Math.log(item.unit_cost / then.items[i].unit_cost), 0) / revisions.length);
const corrected = await price();
const taught = await calibrate('teach', { rows: revisions.map((part_revision_id, i) =>
    ({ part_revision_id, bin: 'ABC'[i % 3], predicted: corrected.items[i].unit_cost, actual: corrected.items[i].unit_cost })) });
check('every calibrated prediction is matched', taught.matched === 60 && taught.samples === rows.length + 60, taught);
const taughtOnce = change(await price(), corrected);
check('taught predictions of calibrated quotes do not correct twice', Math.abs(taughtOnce - 1) < 0.002, taughtOnce);
const klasses = [...new Set(parts.flatMap((part) => part.process_plan.operations.map(({ klass }) => klass)))];
const times = await calibrate('teach', { rows: klasses.flatMap((bin) => revisions.slice(0, 20).map((part_revision_id, i) =>
    ({ part_revision_id, bin, target_metric: 'cycle_time_s', external_ref: `${bin} ${i}`, predicted: 100, actual: 140 * (1 + ((i * 7) % 11 - 5) / 200) }))) });
check('times are learned beside', times.status === 'activated' && times.fit.unit_cost.status === 'activated', times);
const timed = change(await price(), corrected);
check('nor with the times learned later', Math.abs(timed - 1) < 0.002, timed);

const raw = (headers, body) => new Promise((resolve, reject) => {
    const url = new URL(stack.url);
    const bytes = JSON.stringify(body);
    const sent = request({ host: url.hostname, port: url.port, method: 'POST', path: '/api/v1/parts/environments',
        headers: { 'X-API-Key': stack.key, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(bytes), ...headers } },
    (answer) => {
        let text = '';
        answer.on('data', (chunk) => { text += chunk; });
        answer.on('end', () => resolve({ status: answer.statusCode, text, headers: answer.headers }));
    });
    sent.on('error', reject);
    sent.end(bytes);
});
const body = { name: `Idempotent ${process.pid}`, valid_from: '2026-01-01' };
const key = { 'Idempotency-Key': `"key ${process.pid}"` };
const answers = await Promise.all(Array.from({ length: 8 }, () => raw(key, body)));
const made = answers.filter((answer) => answer.status === 201);
check('eight concurrent calls with one key have one effect',
    made.length >= 1 && new Set(made.map((answer) => answer.text)).size === 1 &&
    answers.every((answer) => answer.status === 201 || JSON.parse(answer.text).error.code === 'idempotency_in_flight'),
    answers.map((answer) => answer.status));
const replay = await raw(key, body);
check('a replay says so', replay.status === 201 && replay.headers['idempotent-replayed'] === 'true' && replay.text === made[0].text);
const changed = await raw(key, { ...body, name: 'else' });
check('the same key with another body is a conflict', changed.status === 409 && changed.text.includes('idempotency_conflict'), changed.text);

// callers that bring observations of one environment at once wait for one another: none finds that what it has read changed
const crowd = await shop();
const reruns = async () => Number(/^costwright_database_retries_total (\d+)$/m.exec(await (await fetch(`${stack.url}/metrics`)).text())[1]);
const bring = (i) => call('POST', '/calibration/outcomes', { scope: 'environment', env_id: crowd.id, oracle: 'mes',
    observations: [{ target_metric: 'cycle_time_s', observation_type: 'seen', predicted: 10, actual: 11, external_ref: `c${i}` }] });
await bring(0);
const rerun = await reruns();
for (let turn = 0; turn < 8; turn++) {
    const brought = await Promise.all(Array.from({ length: 8 }, (_, i) => bring(turn * 8 + i)));
    check('observations of eight at once', brought.every((answer) => answer.json?.ingested === 1), brought);
}
check('none was run twice', await reruns() === rerun, [rerun, await reruns()]);

end();
