#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The second half of calibration through the API: what is learned shows in the next quote, nothing is corrected twice,
// the order of rows changes no byte, history can be read and undone.
// calibration.mjs STACK-FILE
import { call, checks, part, quote, shop, stack } from '../demo/wire.mjs';

const { check, close, end } = checks('calibration');
const without = (text) => text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id');
const outcomes = (env, oracle, observations) =>
    call('POST', '/calibration/outcomes', { scope: 'environment', env_id: env.id, oracle, observations });
const wave = (i) => 1 + (((i * 7) % 11) - 5) / 150;

// a piece: 8.5 material + 300 s at 108/h run + 1000 s at 108/h setup
const env = await shop();
const piece = await part();
const before = await quote(env, piece, { lot_size: 20 });
close('price by hand', before.unit_cost, 8.5 + (300 * 108) / 3600 + (1000 * 108) / 3600 / 20, 1e-12);

// times wait for finalize, then scale what is planned
const cycles = Array.from({ length: 33 }, (_, i) => ({
    target_metric: 'cycle_time_s', observation_type: 'mes', external_ref: `c${i}`, predicted: 300, actual: 375 * wave(i),
    part_revision_id: piece.part_revision_id, operation_sequence: 10,
}));
const taken = await outcomes(env, 'erp', cycles);
check('taken in', taken.status === 200 && taken.json.ingested === 33 && taken.json.status === 'pending', taken.text);
await outcomes(env, 'erp', cycles);
let status = (await call('GET', `${env.at}/status`)).json;
check('sent again adds nothing', status.observations.length === 1 && status.observations[0].pending === 33, status);
close('pending changes nothing', (await quote(env, piece, { lot_size: 20 })).unit_cost, before.unit_cost, 1e-12);
const dry = (await call('POST', `${env.at}/finalize?dry_run=1`, { target_metric: 'cycle_time_s' })).json;
check('a dry run stores nothing', dry.status === 'dry_run' && dry.run_id === null, dry);
const fitted = (await call('POST', `${env.at}/finalize`, { target_metric: 'cycle_time_s' })).json;
check('times are activated', fitted.status === 'activated' && fitted.holdout_coverage === null && fitted.samples === 33, fitted);
const timed = await quote(env, piece, { lot_size: 20 });
const factor = timed.operations[0].cycle_time_s / 300;
check('times are scaled', factor > 1.2 && factor < 1.28, timed.operations);
close('and priced', timed.unit_cost, 8.5 + (factor * 300 * 108) / 3600 + (1000 * 108) / 3600 / 20, 1e-10);
check('and named', timed.provenance.cycle_time_run.id === fitted.run_id, timed.provenance);
const again = (await call('POST', `${env.at}/finalize`, { target_metric: 'cycle_time_s' })).json;
check('the same evidence, the same run', again.run_id === fitted.run_id, again);
status = (await call('GET', `${env.at}/status`)).json;
check('applied, counted', status.observations[0].applied === 33 && status.active_posterior_count === 2, status);

// no double correction: orders that cost what the corrected times say teach nothing more
const truth = 1.07;
const orders = Array.from({ length: 45 }, (_, i) => {
    const quantity = 7 + 3 * i;
    return { part_number: piece.number, work_order_id: `w${i}`, quantity, total_cost: quantity * (8.5 + 11.25 + 30 / quantity) * truth * wave(i) };
});
const cost = (await call('POST', `${env.at}/auto-calibrate-from-erp`, { work_orders: orders })).json;
check('unit cost is activated', cost.status === 'activated', cost);
const corrected = await quote(env, piece, { lot_size: 50 });
close('close to what it costs', corrected.unit_cost, (8.5 + 11.25 + 0.6) * truth, 0.02);
const setup = Array.from({ length: 24 }, (_, i) =>
    ({ part_revision_id: piece.part_revision_id, predicted: 1000, actual: 2000 * wave(i), target_metric: 'setup_time_s', bin: 'milling.3axis_vmc' }));
const taught = (await call('POST', `${env.at}/teach`, { rows: setup })).json;
check('taught times refit unit cost', taught.status === 'activated' && taught.fit.unit_cost?.status === 'activated', taught);
close('the quote stays where the orders are', (await quote(env, piece, { lot_size: 50 })).unit_cost, (8.5 + 11.25 + 0.6) * truth, 0.03);

// the same costs, whichever way and whenever they came, lead to the same quote: two classes with hourly rates of their
// own, of which the times calibrate each by its factor
const numbers = Array.from({ length: 24 }, (_, i) => i);
const mixed = (await call('POST', '/import', { parts: numbers.map((i) => ({ part_number: `mixed ${process.pid} ${i}`, process_plan: {
    material_ref: 'al', gross_mass_kg: 0.5 + (i % 7) / 4, operations: [
        { sequence: 10, klass: 'milling.3axis_vmc', setup_time_s: 600 + 90 * (i % 5), cycle_time_s: 150 + 37 * (i % 11), labour_category: 'op' },
        { sequence: 20, klass: 'turning.2axis_cnc', setup_time_s: 900, cycle_time_s: 80 + 61 * (i % 6), labour_category: 'op' }] } })) })).json.data;
const planned = await shop(); // what every piece costs by plan, without any calibration
const lathe = (where) => call('POST', `/environments/${where.id}/machines`,
    { new_machine: { name: 'lathe', klass: 'turning.2axis_cnc', valid_from: '2020-01-01', hourly_rate_eur: 30 } });
const quoted = async (where) => (await call('POST', '/calculations/batch', { costing_environment_id: where.id,
    items: mixed.map(({ part_revision_id }, i) => ({ part_revision_id, lot_size: [10, 40, 160][i % 3] })) })).json.items;
await lathe(planned);
const costly = (await quoted(planned)).map(({ unit_cost }, i) => unit_cost * 1.6 * (1 + (wave(i) - 1) / 2));
const lots = mixed.map((_, i) => [10, 40, 160][i % 3]);
const predicted = (quotes) => mixed.map(({ part_revision_id }, i) =>
    ({ part_revision_id, predicted: quotes[i].unit_cost, actual: costly[i], external_ref: `r${i}` }));
const ways = {
    auto: (where) => call('POST', `${where.at}/auto-calibrate`, { actuals: mixed.map(({ part_revision_id }, i) =>
        ({ part_revision_id, lot_size: lots[i], actual_unit_cost: costly[i] })) }),
    erp: (where) => call('POST', `${where.at}/auto-calibrate-from-erp`, { work_orders: mixed.map((_, i) =>
        ({ part_number: `mixed ${process.pid} ${i}`, work_order_id: `w${i}`, quantity: lots[i], total_cost: lots[i] * costly[i] })) }),
    teach: (where, quotes) => call('POST', `${where.at}/teach`, { rows: predicted(quotes) }),
    'half and half': async (where, quotes) => {
        const rows = predicted(quotes).map((row, i) => (i % 2 ? row : { ...row, predicted: where.first[i].uncalibrated_unit_cost }));
        await call('POST', `${where.at}/teach`, { rows: rows.filter((_, i) => i % 3) });
        return call('POST', `${where.at}/teach`, { rows: rows.filter((_, i) => i % 3 === 0) });
    },
    outcomes: async (where, quotes) => {
        await outcomes(where, 'invoices', predicted(quotes).map((row) => ({ ...row, target_metric: 'unit_cost', observation_type: 'invoice' })));
        return call('POST', `${where.at}/finalize`, {});
    },
};
const learnTimes = (where) => call('POST', `${where.at}/teach`, { rows: ['milling.3axis_vmc', 'turning.2axis_cnc'].flatMap((bin, b) =>
    mixed.map(({ part_revision_id }, i) => ({ part_revision_id, bin, target_metric: 'cycle_time_s', external_ref: `${bin} ${i}`,
        predicted: 100, actual: 100 * [1.4, 0.9][b] * wave(i) }))) });
const undo = (where) => call('POST', `${where.at}/deactivate`, { slot: 'cycle_time_s' });
const curved = (where) => call('POST', `${where.at}/learning-curve-fit`, { part_revision_id: mixed[0].part_revision_id,
    lots: [1, 2, 3].map((i) => ({ lot_index: i, lot_size: 40, lot_total_cost: 40 * 20 * i ** -0.3 })) });
// steps: quote, teach times, take the costs in (with the quotes of then), deactivate the times, fit a learning curve
const tell = async (steps, way) => {
    const where = await shop();
    await lathe(where);
    where.first = await quoted(where);
    let quotes;
    for (const step of steps.split(' ')) {
        if (step === 'quote') { quotes = await quoted(where); continue; }
        const answer = await ({ times: learnTimes, costs: ways[way], undo, curve: curved })[step](where, quotes);
        check(`${steps}, ${way}: ${step}`, answer.status === 200 && [undefined, 'activated'].includes(answer.json.status), answer.text);
    }
    const seen = (await quoted(where)).map(({ unit_cost }) => unit_cost);
    await call('DELETE', `/environments/${where.id}`); // lists of other programs on this stack stay short
    return seen;
};
const off = (a, b) => Math.exp(a.reduce((sum, value, i) => sum + Math.log(value / b[i]), 0) / a.length) - 1;
const apart = (a, b) => Math.max(...a.map((value, i) => Math.abs(value / b[i] - 1)));
for (const [ends, all] of Object.entries({
    'quote costs times': ['quote times costs', 'times quote costs', 'times quote undo costs times'],
    'quote costs': ['quote costs times undo', 'times quote costs undo', 'times quote undo costs', 'quote times costs undo'],
    'quote costs curve': ['curve quote costs', 'quote curve costs', 'times curve quote costs undo'],
})) {
    const right = await tell(ends, 'auto');
    close(`${ends}: the quotes are where the costs are`, off(right, costly), 0, 0.02);
    for (const steps of [ends, ...all])
        for (const way of Object.keys(ways)) {
            const seen = await tell(steps, way);
            check(`${steps}, ${way}: as ${ends}`, apart(seen, right) < 1e-9, [apart(seen, right), seen, right]);
        }
}

// what was quoted keeps its machines and the pieces made before, whatever is calibrated later
const kept = await shop();
await lathe(kept);
const sold = (await call('POST', '/calculations/batch', { costing_environment_id: kept.id,
    items: mixed.map(({ part_revision_id }, i) => ({ part_revision_id, lot_size: lots[i], units_produced: 400 })) })).json.items;
const parted = async (run) => new Map((await call('GET', `${kept.at}/runs/${run}/rows`, undefined, { headers: { Accept: 'application/x-ndjson' } }))
    .text.trim().split('\n').map((line) => JSON.parse(line)).map((row) => [row.part_revision_id, row]));
const held = async (what, run, expected) => {
    const rows = await parted(run);
    check(what, rows.size === mixed.length && sold.every((item, i) => {
        const row = rows.get(item.part_revision_id);
        return Math.abs(row.run / expected(item, i) - 1) < 1e-9 && Math.abs(row.setup / item.costs.setup - 1) < 1e-9;
    }), [...rows.values()].slice(0, 2));
};
const quotedRun = ({ costs: { labour, machine } }) => labour + machine;
await held('as quoted', (await ways.teach(kept, sold)).json.run_id, quotedRun);
const chosenCheap = (await call('POST', `${kept.at}/policy/calibrate`, { history: Array.from({ length: 40 }, (_, i) => ({
    candidates: [{ machine_id: 'a', op_cost: 10 + (i % 3), fleet_priority: 1 }, { machine_id: 'b', op_cost: 8 + (i % 2), fleet_priority: 2 }],
    chosen_machine_id: 'b' })) })).json;
check('quotes are made on the cheap machine now', (await quoted(kept))[0].operations[0].machine_id === kept.machines[1], chosenCheap);
await held('evidence stays on the machine it was quoted for', chosenCheap.fit.unit_cost.run_id, quotedRun);
const faster = (await learnTimes(kept)).json;
const ofKlass = Object.fromEntries(faster.fit.bins.map((bin) => [bin.bin, bin.multiplier]));
// 72 and 30 an hour for the machines, 36 for who attends them
const timedRun = ({ operations: [mill, turn] }) => (mill.planned_cycle_time_s * ofKlass['milling.3axis_vmc'] * 108 +
    turn.planned_cycle_time_s * ofKlass['turning.2axis_cnc'] * 66) / 3600;
await held('with the times of now', faster.fit.unit_cost.run_id, timedRun);
const bent = (await curved(kept)).json;
const later = await quote(kept, mixed[0], { lot_size: lots[0], units_produced: 400 });
check('the curve counts', later.provenance.curve.run_factor < 0.9, later.provenance.curve);
await held('and the curve for the pieces it was quoted for', bent.fit.unit_cost.run_id,
    (item, i) => timedRun(item) * (i ? 1 : later.provenance.curve.run_factor));

// an earlier run of unit cost comes back as its rows are priced now
const undoing = await shop();
await lathe(undoing);
undoing.first = await quoted(undoing);
const known = (await ways.erp(undoing)).json;
await learnTimes(undoing);
await call('POST', `${undoing.at}/auto-calibrate-from-erp`, { work_orders: mixed.map((_, i) =>
    ({ part_number: `mixed ${process.pid} ${i}`, work_order_id: `wrong ${i}`, quantity: lots[i], total_cost: 3 * lots[i] * costly[i] })) });
const costs = async () => (await quoted(undoing)).map(({ unit_cost }) => unit_cost);
check('a wrong batch shows', off(await costs(), costly) > 0.5);
const before1 = (await call('POST', `${undoing.at}/revert`, { slot: 'unit_cost' })).json;
check('the run before is active itself: its prices are those of now', before1.run_id && before1.refit_run_id === null, before1);
close('and right', off(await costs(), costly), 0, 0.02);
const before2 = (await call('POST', `${undoing.at}/revert`, { slot: 'unit_cost' })).json;
check('one from before the times is fitted again', before2.refit_run_id && before2.run_id === before2.refit_run_id && before2.previous_run_id === before1.run_id, before2);
close('not corrected twice', off(await costs(), costly), 0, 0.02);
check('the same by its id', (await call('POST', `${undoing.at}/runs/${known.run_id}/activate`)).json.refit_run_id);
await undo(undoing);
await call('POST', `${undoing.at}/deactivate`, { slot: 'unit_cost' });
const itself = (await call('POST', `${undoing.at}/runs/${known.run_id}/activate`)).json;
check('without the times it is active itself', itself.run_id === known.run_id && itself.refit_run_id === null, itself);
close('as right as it was', off(await costs(), costly), 0, 0.02);

// what was taken out of use does not come back by other calibrations, and without evidence nothing is corrected twice
await call('POST', `${undoing.at}/deactivate`, { slot: 'unit_cost' });
const alone = (await learnTimes(undoing)).json;
check('times leave a correction out that was taken out', alone.status === 'activated' && !alone.fit.unit_cost, alone);
check('the quotes say so', (await quoted(undoing)).every(({ unit_cost, uncalibrated_unit_cost }) => unit_cost === uncalibrated_unit_cost));
check('its own evidence brings it back', (await ways.erp(undoing)).json.status === 'activated');
await call('DELETE', `${undoing.at}/evidence?source=erp`);
const goes = (await undo(undoing)).json;
check('no evidence is left to fit again', goes.refit_run_id === null && /out of use/.test(goes.message), goes);
check('and nothing is corrected by other prices', (await quoted(undoing)).every((item, i) => item.unit_cost === undoing.first[i].unit_cost));

// a learning curve moves the run cost of later units, and steps aside again
const curve = (await call('POST', `${env.at}/learning-curve-fit`, {
    part_revision_id: piece.part_revision_id, model: 'crawford_unit',
    lots: [1, 2, 3, 4, 5].map((i) => ({ lot_index: i, lot_size: 40, lot_total_cost: 40 * 20 * i ** -0.25 })),
})).json;
check('curve is activated', curve.status === 'activated' && curve.b < 0, curve);
const early = await quote(env, piece, { lot_size: 10, units_produced: 0 });
const late = await quote(env, piece, { lot_size: 10, units_produced: 5000 });
check('later units cost less', late.unit_cost < early.unit_cost && late.provenance.curve.run_factor < 1, [early.unit_cost, late.unit_cost]);
const undone = (await call('POST', `${env.at}/revert`, { slot: `curve:${piece.part_revision_id}` })).json;
check('reverted', undone.run_id === null && undone.previous_run_id === curve.run_id && undone.refit_run_id, undone);
check('no curve any more', (await quote(env, piece)).provenance.curve === null);
const rising = await call('POST', `${env.at}/learning-curve-fit`, { part_revision_id: piece.part_revision_id,
    lots: [1, 2, 3].map((i) => ({ lot_index: i, lot_size: 5, lot_total_cost: 5 * i })) });
check('a rising curve is not used', rising.json.status === 'no_learning' && rising.json.b > 0, rising.text);
const twice = await call('POST', `${env.at}/learning-curve-fit`, { part_revision_id: piece.part_revision_id,
    lots: [1, 1, 2].map((i) => ({ lot_index: i, lot_size: 5, lot_total_cost: 5 })) });
check('an index twice', twice.status === 422, twice.text);

// observations against what is active: drift, one alert a signal, resolved by the next fit
const slow = Array.from({ length: 25 }, (_, i) => ({
    target_metric: 'cycle_time_s', observation_type: 'mes', external_ref: `d${i}`, predicted: 300, actual: 375 * 1.6 * wave(i), bin: 'milling.3axis_vmc' }));
await outcomes(env, 'mes', slow.slice(0, 12));
await outcomes(env, 'mes', slow.slice(12));
status = (await call('GET', `${env.at}/status`)).json;
const bias = status.drift_alerts.filter((alert) => alert.signal === 'bias');
check('drift is seen once', bias.length === 1 && bias[0].status === 'open' && bias[0].severity === 'critical' && bias[0].target_metric === 'cycle_time_s', status.drift_alerts);
check('and kept at its worst', Math.abs(bias[0].statistic - (25 * 3.5) / 5) < 1e-9 && bias[0].n === 25, bias);
const counted = async () => (await call('GET', `${env.at}/status`)).json.drift_alerts.find((alert) => alert.signal === 'bias').n;
await outcomes(env, 'mes', slow);
check('known rows are not counted again', await counted() === 25, await counted());
await outcomes(env, 'mes', [...slow.slice(0, 7), { ...slow[7], actual: 700 }, ...slow.slice(8), { ...slow[0], external_ref: 'd25' }]);
check('but one that is new, and one that says something else', await counted() === 27, await counted());
await call('DELETE', `${env.at}/evidence?source=erp&target_metric=cycle_time_s`);
const moved = (await call('POST', `${env.at}/finalize`, { target_metric: 'cycle_time_s' })).json;
check('what came since is fitted', moved.status === 'activated' && moved.samples === 26, moved);
status = (await call('GET', `${env.at}/status`)).json;
check('a new fit resolves', status.drift_alerts.every((alert) => alert.status === 'resolved'), status.drift_alerts);

// What a call's rows say on the way counts, whatever the later ones say, and an interval that a class has from all rows
// is watched too. Rows of one call are taken by the hash of their keys: the first eight of d0 to d59 are these.
const first = ['d35', 'd3', 'd43', 'd59', 'd38', 'd54', 'd6', 'd19'];
const klasses = ['milling.3axis_vmc', 'turning.2axis_cnc'];
const observed = (where, name, n, bin, factor) => outcomes(where, 'mes', Array.from({ length: n }, (_, i) => ({
    target_metric: 'cycle_time_s', observation_type: 'mes', external_ref: `${name}${i}`, predicted: 300, actual: 300 * factor(i), bin: bin(i) })));
const alertsOf = async (where) => (await call('GET', `${where.at}/status`)).json.drift_alerts;
const watched = await shop();
await observed(watched, 'b', 60, (i) => klasses[i % 2], (i) => 1.3 * wave(i) ** 4);
const basis = (await call('POST', `${watched.at}/finalize`, { target_metric: 'cycle_time_s' })).json;
const [mill, lathe2] = basis.fit.bins;
check('two classes share an interval', basis.status === 'activated' && lathe2.method === 'pooled' && lathe2.bin === klasses[1], basis);
await observed(watched, 'd', 60, () => klasses[0], (i) => Math.exp(mill.theta + basis.fit.sigma_log * (first.includes(`d${i}`) ? 3 : -0.4)));
const passing = (await alertsOf(watched)).find((alert) => alert.signal === 'bias');
check('a shift that passes within a call is seen', passing?.bin === klasses[0] && passing.n === 8 && Math.abs(passing.statistic - 8 * 2.5 / 5) < 1e-9, passing);
await observed(watched, 'e', 12, () => klasses[1], (i) => Math.exp(lathe2.theta + 2 * basis.q_alpha * (i % 2 ? 1 : -1)));
const missed = (await alertsOf(watched)).find((alert) => alert.signal === 'coverage' && alert.bin === klasses[1]);
check('a shared interval that does not hold is seen', missed?.severity === 'critical' && missed.n === 12, missed);
const made = (await call('POST', '/import', { parts: Array.from({ length: 23 }, (_, i) => ({ part_number: `watched ${process.pid} ${i}`, process_plan: {
    material_ref: 'al', gross_mass_kg: 1 + (i % 7) / 4, operations: [] } })) })).json.data;
const bought = made.flatMap(({ part_number }, i) => Array.from({ length: i < 20 ? 5 : i < 22 ? 2 : 1 }, (_, j) => ({
    part_number, work_order_id: `${i} ${j}`, quantity: 10 + j, total_cost: (10 + j) * 5 * (1 + (i % 7) / 4) * 1.3 * wave(3 * i + j) })));
const buying = (await call('POST', `${watched.at}/auto-calibrate-from-erp`, { work_orders: bought })).json;
check('little history shares an interval', buying.status === 'activated' && buying.fit.conformal[2].method === 'all_seen', buying);
await quote(watched, made[22]);
await outcomes(watched, 'invoices', Array.from({ length: 6 }, (_, i) => ({ target_metric: 'unit_cost', observation_type: 'invoice',
    external_ref: `i${i}`, part_revision_id: made[22].part_revision_id, lot_size: 10, actual: 7 * (i % 2 ? 3 : 1 / 3) })));
const dear = (await alertsOf(watched)).find((alert) => alert.signal === 'coverage' && alert.target_metric === 'unit_cost');
check('which is watched, too', dear?.severity === 'critical' && dear.n === 6, dear);
// the interval that is watched is the one that quotes carry
const isCoverage = ({ signal, target_metric, status: state }) => signal === 'coverage' && target_metric === 'unit_cost' && state === 'open';
const wide = (await call('POST', '/calibration/conformal-recalibrate', { scope: 'environment', env_id: watched.id,
    samples: Array.from({ length: 20 }, (_, i) => ({ predicted: 1, actual: 1 + i / 10 })) })).json;
check('another interval ends the alert about the one before', wide.status === 'activated' && !(await alertsOf(watched)).some(isCoverage), wide);
const invoiced = (name, factor) => outcomes(watched, 'invoices', Array.from({ length: 6 }, (_, i) => ({ target_metric: 'unit_cost',
    observation_type: 'invoice', external_ref: `${name}${i}`, part_revision_id: made[22].part_revision_id, lot_size: 10, actual: 7.9 * factor ** (i % 2 ? 1 : -1) })));
await invoiced('inside', 1.5);
check('what it covers is no miss', !(await alertsOf(watched)).some(isCoverage), await alertsOf(watched));
await invoiced('outside', 9);
const beyond = (await alertsOf(watched)).find(isCoverage);
check('what it does not cover is', beyond?.run_id === wide.run_id && beyond.n === 12, beyond);
await call('POST', `${watched.at}/deactivate`, { slot: 'conformal:unit_cost' });
check('gone with it', !(await alertsOf(watched)).some(isCoverage), await alertsOf(watched));
await invoiced('again', 9);
const reopened = (await alertsOf(watched)).find(isCoverage);
check('the own interval is watched again', reopened && reopened.run_id !== wide.run_id && reopened.n === 6, reopened);
// on a learning curve the next order is not the first: what was made before it counts
const turned = await part({ setup_time_s: 0 });
await quote(watched, turned);
const units = (from, n) => Array.from({ length: n }, (_, i) => (from + i + 1) ** -0.3).reduce((sum, x) => sum + x);
const learned = (await call('POST', `${watched.at}/learning-curve-fit`, { part_revision_id: turned.part_revision_id, model: 'crawford_unit',
    lots: [0, 1, 2, 3].map((i) => ({ lot_index: i, lot_size: 50, lot_total_cost: units(50 * i, 50) })) })).json;
const made50 = (i) => 1.3 * wave(i) * (8.5 + 9 * 1.6 * (units(50 * i, 50) / 50) / (units(0, 200) / 200));
const dated = (i) => `2026-${String(1 + Math.floor(i / 20)).padStart(2, '0')}-${String(1 + (i % 20)).padStart(2, '0')}`;
await call('POST', `${watched.at}/auto-calibrate-from-erp`, { work_orders: Array.from({ length: 30 }, (_, i) => ({
    part_number: turned.number, work_order_id: `turned ${i}`, quantity: 50, total_cost: 50 * made50(i), bin: 'lathe', occurred_on: dated(i) })) });
for (let i = 30; i < 38; i++)
    await outcomes(watched, 'invoices', [{ target_metric: 'unit_cost', observation_type: 'invoice', external_ref: `t${i}`,
        part_revision_id: turned.part_revision_id, bin: 'lathe', lot_size: 50, occurred_on: dated(i), actual: made50(i) }]);
const calmly = (await alertsOf(watched)).filter((alert) => alert.bin === 'lathe');
check('an order on the curve is no drift', learned.status === 'activated' && !calmly.length, [learned, calmly]);

// machines by a policy
const chooser = await shop();
const history = Array.from({ length: 40 }, (_, i) => ({
    candidates: [{ machine_id: 'a', op_cost: 10 + (i % 3), fleet_priority: 1 }, { machine_id: 'b', op_cost: 8 + (i % 2), fleet_priority: 2 },
        { machine_id: 'c', op_cost: 9 + (i % 2), fleet_priority: 1.2 }],
    chosen_machine_id: i % 10 ? 'b' : 'a' }));
const few = (await call('POST', `${chooser.at}/policy/calibrate?dry_run=1`, { history: [
    { candidates: [{ machine_id: 'a', op_cost: 1 }], chosen_machine_id: 'a' },
    { candidates: [{ machine_id: 'a', op_cost: 1 }, { machine_id: 'b', op_cost: 2 }], chosen_machine_id: 'elsewhere' }] })).json;
check('what was dropped is counted also where nothing can be fitted', few.samples === 2 && few.samples_applied === 0 &&
    few.fit.dropped_single === 1 && few.fit.dropped_absent === 1, few);
check('by priority first', (await quote(chooser, piece)).operations[0].machine_id === chooser.machines[0]);
const policy = (await call('POST', `${chooser.at}/policy/calibrate`, { history, region: 'DE-BY' })).json;
check('policy is activated', policy.status === 'activated' && policy.fit.seed_region === 'DE-BY' && policy.policy_history_id === policy.run_id, policy);
const chosen = (await quote(chooser, piece)).operations[0];
check('the cheap machine now', chosen.machine_id === chooser.machines[1] && typeof chosen.score === 'number', chosen);

// rows of several metrics: what they came to together
const sparse = await shop();
const priced = await quote(sparse, piece);
const scant = (await call('POST', `${sparse.at}/teach`, { rows: ['unit_cost', 'cycle_time_s'].map((target_metric) =>
    ({ part_revision_id: piece.part_revision_id, predicted: priced.unit_cost, actual: 1.1 * priced.unit_cost, target_metric })) })).json;
check('too few of each are too few', scant.status === 'insufficient_data' && scant.fit.unit_cost.status === 'insufficient_data', scant);

// what cannot be priced is left out wherever evidence is fitted, and counted
const partly = await shop();
const madeOn = (occurred_on, n) => Array.from({ length: n }, (_, i) => ({ part_number: piece.number, work_order_id: `${occurred_on} ${i}`,
    quantity: 10, total_cost: 290 * wave(i), occurred_on }));
const booked = (await call('POST', `${partly.at}/auto-calibrate-from-erp`, { work_orders: [...madeOn('2024-05-01', 20), ...madeOn('2019-05-01', 2)] })).json;
const resized = (await call('POST', '/calibration/conformal-recalibrate', { scope: 'environment', env_id: partly.id })).json;
for (const answer of [booked, resized])
    check('two are left out', answer.samples === 22 && answer.samples_applied === 20 && answer.fit.left_out.environment_not_valid === 2 &&
        answer.message.endsWith(' 2 rows were left out; fit.left_out says why.'), answer);

// what was predicted is looked for among the part's quotes: within 0.5 %, the newest that fits
const quoting = await shop();
const evenly = await part({ setup_time_s: 0 });
const older = await quote(quoting, evenly, { lot_size: 20 });
const newer = await quote(quoting, evenly, { lot_size: 40 });
const recall = async (predicted) => (await call('POST', `${quoting.at}/teach`, { rows: [
    { part_revision_id: evenly.part_revision_id, predicted, actual: 1.1 * predicted }] })).json;
check('0.6 % off is none', (await recall(1.006 * newer.unit_cost)).unmatched_part_ids.length === 1);
check('0.4 % off is that quote', (await recall(1.004 * newer.unit_cost)).matched === 1);
const recalled = (await call('GET', `${quoting.at}/evidence`)).json.data;
check('of two that say the same the newest', older.unit_cost === newer.unit_cost && recalled.length === 1 && recalled[0].lot_size === 40, recalled);

// a quote that names no bin takes the one that most of the part's orders came from
const suppliers = await shop();
const plain = await quote(suppliers, piece, { lot_size: 20 });
await call('POST', `${suppliers.at}/auto-calibrate`, { actuals: Array.from({ length: 12 }, (_, i) => ({
    part_revision_id: piece.part_revision_id, lot_size: 20, actual_unit_cost: plain.unit_cost * wave(i) * (i % 3 ? 1.5 : 1.2),
    bin: i % 3 ? 'often' : 'seldom', external_ref: `s${i}` })) });
const usual = await quote(suppliers, piece, { lot_size: 20 });
check('the usual bin', usual.bin === 'often' && usual.unit_cost === (await quote(suppliers, piece, { lot_size: 20, bin: 'often' })).unit_cost, usual);

const odd = await quote(suppliers, piece, { lot_size: 77 });
check('what it said before correction is it as well', odd.uncalibrated_unit_cost !== odd.unit_cost && (await call('POST', `${suppliers.at}/teach?dry_run=1`,
    { rows: [{ part_revision_id: piece.part_revision_id, predicted: odd.uncalibrated_unit_cost, actual: 30 }] })).json.matched === 1, odd);

// a class without observations of its own takes what the others have in common
await lathe(suppliers);
const onLathe = await part({ klass: 'turning.2axis_cnc' });
const teachTimes = async (target_metric, predicted) => (await call('POST', `${suppliers.at}/teach`, { rows: Array.from({ length: 24 }, (_, i) => ({
    part_revision_id: piece.part_revision_id, predicted, actual: 1.4 * predicted * wave(i), target_metric, bin: 'milling.3axis_vmc' })) })).json;
await teachTimes('setup_time_s', 1000);
const slower = await teachTimes('cycle_time_s', 300);
close('another class', (await quote(suppliers, onLathe)).operations[0].cycle_time_s / 300, Math.exp(slower.fit.mu), 1e-9);

// alerts: what is open stands before what has been resolved since
const strayed = (target_metric, predicted) => outcomes(suppliers, 'late', Array.from({ length: 30 }, (_, i) => ({ target_metric, predicted,
    observation_type: 'late', external_ref: `${target_metric}${i}`, bin: 'milling.3axis_vmc', actual: 3 * predicted })));
await strayed('setup_time_s', 1000);
await strayed('cycle_time_s', 300);
await call('DELETE', `${suppliers.at}/evidence?source=teach&target_metric=cycle_time_s`);
await call('POST', `${suppliers.at}/finalize`, { target_metric: 'cycle_time_s' });
const alerted = (await alertsOf(suppliers)).map(({ status: state, target_metric }) => `${state} ${target_metric}`);
check('open ones first', alerted[0] === 'open setup_time_s' && alerted.at(-1) === 'resolved cycle_time_s', alerted);

// status: the latest ten intervals; a currency is fixed by what was learned in it
const sizeAnew = (shift) => call('POST', '/calibration/conformal-recalibrate', { scope: 'environment', env_id: suppliers.id,
    samples: Array.from({ length: 12 }, (_, i) => ({ predicted: 10, actual: 10 + (i + shift) / 10 })) });
let latest;
for (let i = 1; i <= 11; i++) latest = (await sizeAnew(i)).json.run_id;
const { conformal } = (await call('GET', `${suppliers.at}/status`)).json;
check('ten, the newest first', conformal.length === 10 && conformal[0].id === latest && conformal[0].active, conformal);
const unpriced = (await call('POST', '/environments', { name: `unpriced ${process.pid}`, valid_from: '2020-01-01' })).json;
const currency = (to) => call('PUT', `/environments/${unpriced.id}/identity`, { currency: to });
check('nothing learned: any currency', (await currency('USD')).status === 200);
await call('POST', '/calibration/conformal-recalibrate', { scope: 'environment', env_id: unpriced.id,
    samples: Array.from({ length: 12 }, (_, i) => ({ predicted: 10, actual: 10 + i / 10 })) });
check('a calibration fixes it', (await currency('EUR')).json.error?.details.reason === 'currency_in_use');

// platform scope; the workers have kept what an environment prices with
const bareOne = await shop();
const several = () => Promise.all(Array.from({ length: 12 }, () => quote(bareOne, piece)));
await several();
check('tenants cannot', (await call('POST', '/calibration/conformal-recalibrate', { scope: 'platform' })).status === 403);
check('operators cannot in environments', (await call('POST', '/calibration/outcomes',
    { scope: 'environment', env_id: env.id, oracle: 'o', observations: [] }, { key: stack.admin_key })).status === 403);
const audited = await call('POST', '/calibration/outcomes', { scope: 'platform', oracle: 'operator',
    observations: Array.from({ length: 29 }, (_, i) => ({ target_metric: 'unit_cost', observation_type: 'audit', external_ref: `p${i}`, predicted: 10, actual: 10 * Math.exp((i - 14) / 50) })) },
{ key: stack.admin_key });
check('it is said what they wait for', audited.json.message.endsWith('wait for conformal-recalibrate.'), audited.text);
const platform = (await call('POST', '/calibration/conformal-recalibrate', { scope: 'platform' }, { key: stack.admin_key })).json;
// 29 scores, rank 27: two of each but the smallest
close('platform interval', platform.q_alpha, 13 / 50, 1e-10);
check('serves environments without one', (await several()).every(({ interval }) => interval?.basis === `conformal:${platform.run_id}`));

// other programs on this stack expect none
const gone = await call('POST', '/calibration/platform/deactivate', { slot: 'conformal:unit_cost' }, { key: stack.admin_key });
check('and goes again', gone.status === 200 && (await several()).every(({ interval }) => interval === null), gone.text);

// two environments, rows turned round: not a byte differs
const [one, two] = [await shop(), await shop()];
const setups = Array.from({ length: 40 }, (_, i) => ({ target_metric: 'setup_time_s', observation_type: 'x', predicted: 90 + i, actual: (90 + i) * (1.3 + ((i * 13) % 17) / 40), bin: `b${i % 4}` }));
for (const [where, rows, list] of [[one, setups, orders], [two, [...setups].reverse(), [...orders].reverse()]]) {
    await outcomes(where, 'o', rows);
    where.times = (await call('POST', `${where.at}/finalize`, { target_metric: 'setup_time_s' })).text;
    where.cost = (await call('POST', `${where.at}/auto-calibrate-from-erp`, { work_orders: list })).text;
}
check('order changes no byte of a time fit', without(one.times) === without(two.times), [one.times, two.times]);
check('nor of a fit of unit cost', without(one.cost) === without(two.cost), [one.cost, two.cost]);

// two fits at once never mix
const race = await Promise.all([0, 1, 2].map((k) => call('POST', `${one.at}/auto-calibrate-from-erp`,
    { work_orders: orders.map((order) => ({ ...order, work_order_id: `${order.work_order_id} ${k}` })) })));
check('one wins, others are told', race.some(({ status: code }) => code === 200) &&
    race.every(({ status: code, json }) => code === 200 || (code === 409 && json.error.details.reason === 'calibration_changed')), race.map((r) => r.text));

// unit cost and the times it is priced with, at once: never a correction learned from the times of before
const fast = Array.from({ length: 33 }, (_, i) => ({ target_metric: 'cycle_time_s', observation_type: 'mes', external_ref: `f${i}`,
    predicted: 300, actual: 600 * wave(i), part_revision_id: piece.part_revision_id, operation_sequence: 10 }));
for (const _ of [1, 2, 3, 4]) {
    const where = await shop();
    await outcomes(where, 'mes', fast);
    const [learned, scaled] = await Promise.all([call('POST', `${where.at}/auto-calibrate-from-erp`, { work_orders: orders }),
        call('POST', `${where.at}/finalize`, { target_metric: 'cycle_time_s' })]);
    for (const { status: code, json } of [learned, scaled])
        check('both, or one is told', code === 200 || (code === 409 && json.error.details.reason === 'calibration_changed'), json);
    const { unit_cost, provenance } = await quote(where, piece, { lot_size: 50 });
    if (learned.status === 200)
        close('at what the orders cost', unit_cost, (8.5 + 11.25 + 0.6) * truth, 0.03);
    else
        check('uncorrected', provenance.run === null && provenance.cycle_time_run, provenance);
}

// a recalibrated interval is of predictions that are no more, once the times they were made with have changed
const sized = await shop();
const interval = (await call('POST', '/calibration/conformal-recalibrate', { scope: 'environment', env_id: sized.id,
    samples: Array.from({ length: 30 }, (_, i) => ({ predicted: 10, actual: 10 * wave(i) })) })).json;
check('sized without a correction', (await quote(sized, piece)).interval?.basis === `conformal:${interval.run_id}`, interval);
await outcomes(sized, 'mes', fast);
await call('POST', `${sized.at}/finalize`, { target_metric: 'cycle_time_s' });
check('ended by the times', (await quote(sized, piece)).interval === null);

// an oracle may be called what a calibrating call is: replacing its rows leaves the outcomes in the fit
const named = await shop();
await quote(named, piece);
await outcomes(named, 'erp', Array.from({ length: 12 }, (_, i) => ({ target_metric: 'unit_cost', observation_type: 'invoice', external_ref: `i${i}`,
    part_revision_id: piece.part_revision_id, lot_size: 20, actual: 25 * wave(i) })));
await call('POST', `${named.at}/finalize`, {});
const replaced = (await call('POST', `${named.at}/auto-calibrate-from-erp`, { work_orders: orders, mode: 'replace' })).json;
check('outcomes of an oracle "erp" stay', replaced.samples === 12 + orders.length, [replaced.samples, replaced.message]);

// who names a bin of every order can calibrate, and is not told of every bin
const binned = await shop();
const bins = (await call('POST', `${binned.at}/auto-calibrate-from-erp`, { work_orders: Array.from({ length: 20000 }, (_, i) => ({
    part_number: piece.number, work_order_id: `b${i}`, quantity: 10 + (i % 50), total_cost: (10 + (i % 50)) * 25 * wave(i), bin: `bin ${i}` })) })).json;
check('a bin an order', bins.status === 'activated' && bins.fit.bins === 20000 &&
    new Set(bins.fit.drivers.filter(({ level }) => level === 'bin').map(({ key }) => key)).size === 2000, [bins.status, bins.error, bins.fit?.bins]);
await call('DELETE', `/environments/${binned.id}`);

// history and evidence
const runs = (await call('GET', `${env.at}/runs?slot=unit_cost`)).json;
check('runs are listed, one active', runs.data.filter((run) => run.active).length === 1, runs);
const report = (await call('GET', `${env.at}/runs/${cost.run_id}`)).json;
check('a run in full', report.rows === 45 && report.effects.some((effect) => effect.level === 'part' && effect.ci90.length === 2), report);
const csv = (await call('GET', `${env.at}/runs/${cost.run_id}/rows`, undefined, { headers: { Accept: 'text/csv' } })).text.trim().split('\r\n');
check('its rows as CSV', csv.length === 46 && csv[0].startsWith('part_id,'), csv[0]);
const lines = (await call('GET', `${env.at}/evidence?source=erp`, undefined, { headers: { Accept: 'application/x-ndjson' } })).text.trim().split('\n');
check('evidence as lines', lines.length === 45 && lines.every((line) => JSON.parse(line).source === 'erp'), lines[0]);
const removed = (await call('DELETE', `${env.at}/evidence?source=mes`)).json;
check('evidence removed by source', /^26 rows/.test(removed.message), removed);
check('other tenants see nothing', (await call('GET', `${env.at}/runs`, undefined, { key: stack.key_other })).status === 404);

// CSV bodies: the same checks, by line
const text = (path, body) => call('POST', path, body, { headers: { 'Content-Type': 'text/csv' } });
const flawed = await text(`${one.at}/auto-calibrate-from-erp`, 'part_number,work_order_id,quantity,total_cost\nA,"x\ny",1,2\nB,z,-1,2\n');
check('flaws by line', flawed.status === 422 && JSON.stringify(flawed.json.error.details.errors[0].loc) === '["body","line",4,"quantity"]', flawed.text);
const comma = await text(`${two.at}/auto-calibrate-from-erp?target_alpha=0.2`, `\ufeffpart_number;work_order_id;quantity;total_cost\r\n"${piece.number}";csv1;12,5;300,75\r\n`);
check('semicolons and decimal commas', comma.status === 200 && comma.json.matched === 1 && comma.json.alpha === 0.2, comma.text);
check('only where rows are taken', (await text(`${two.at}/finalize`, 'a\n1\n')).status === 415);
end();
