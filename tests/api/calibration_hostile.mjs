#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// What calibration is told that cannot be: numbers beyond all measure are taken or refused, never an internal error, and
// all that is wrong is named at once.
// calibration_hostile.mjs STACK-FILE
import { call, checks, part, shop } from '../demo/wire.mjs';

const { check, end } = checks('calibration hostile');
const klass = 'milling.3axis_vmc';
const outcomes = (env_id, observations) => call('POST', '/calibration/outcomes', { scope: 'environment', env_id, oracle: 'mes', observations });

// an interval of predictions that are so far from what became of them that no number says how far
const distant = await shop();
const cheap = (await call('POST', '/import', { parts: [{ part_number: `cheap ${process.pid}`, process_plan: {
    material_ref: 'al', gross_mass_kg: 0.001, operations: [] } }] })).json.data[0];
await call('POST', '/calculations/quote', { part_revision_id: cheap.part_revision_id, costing_environment_id: distant.id });
await call('POST', `${distant.at}/auto-calibrate`, { actuals: Array.from({ length: 12 }, (_, i) => (
    { part_revision_id: cheap.part_revision_id, actual_unit_cost: 1.7e308, external_ref: `far ${i}` })) });
await call('POST', `${distant.at}/deactivate`, { slot: 'unit_cost' });
const observed = (predicted, actual, n) => outcomes(distant.id, Array.from({ length: n }, (_, i) => (
    { target_metric: 'cycle_time_s', observation_type: 'mes', external_ref: `${predicted} ${i}`, predicted, actual: actual * (1 + i / 100), bin: klass })));
await observed(300, 900, 30);
await call('POST', `${distant.at}/finalize`, { target_metric: 'cycle_time_s' });
await observed(1.7e308, 1.7e308, 1);
for (const target_metric of ['unit_cost', 'cycle_time_s']) {
    const far = await call('POST', '/calibration/conformal-recalibrate', { scope: 'environment', env_id: distant.id, target_metric });
    check(`an interval of ${target_metric} is sized whatever there is`, far.status === 200 && far.json.q_alpha > 0, far.text);
}

// every flaw of a call is named, of whatever metric
const env = await shop();
const piece = await part();
const clash = (metric, actual) => ({ target_metric: metric, observation_type: 'mes', external_ref: metric, part_revision_id: piece.part_revision_id,
    predicted: 300, actual });
const choice = { target_metric: 'machine_choice', observation_type: 'mes', actual: 'a' };
const located = ({ status: code, json }) => [code, ...(json.error?.details.errors ?? []).map(({ loc }) => loc.slice(1).join('.')).sort()].join(' ');
const wrong = located(await call('POST', '/calibration/outcomes', { scope: 'environment', oracle: 'mes', observations: [
    clash('cycle_time_s', 'soon'), { ...choice, candidates: [{ op_cost: 1 }] }, choice] }));
check('of outcomes', wrong === '422 env_id observations.0.actual observations.1.candidates.0.machine_id observations.2.candidates', wrong);
const clashes = ['cycle_time_s', 'setup_time_s'].flatMap((metric) => [clash(metric, 310), clash(metric, 320)]);
const contradicted = located(await outcomes(env.id, clashes));
check('where outcomes contradict each other', contradicted === '422 observations.1 observations.3', contradicted);
const untaught = located(await call('POST', `${env.at}/teach`, { rows: clashes.map(({ observation_type, ...row }) => row) }));
check('and where what is taught does', untaught === '422 rows.1 rows.3', untaught);
end();
