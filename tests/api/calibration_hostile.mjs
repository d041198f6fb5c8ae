#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// What calibration is told that cannot be: numbers beyond all measure are taken or refused, never an internal error, and
// all that is wrong is named at once.
// calibration_hostile.mjs STACK-FILE
import { call, checks, shop } from '../demo/wire.mjs';

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
end();
