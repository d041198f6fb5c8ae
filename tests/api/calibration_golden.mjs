#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The numeric vectors of calibration through the API: intervals, bias by bin, learning curves, choices. Skips where the
// vectors are absent. Tolerances: 1e-10 for closed forms, 1e-7 for iterated ones (answers have 12 digits).
// calibration_golden.mjs STACK-FILE
import { existsSync, readFileSync } from 'node:fs';
import { parseCsv } from '../demo/csv.mjs';
import { call, checks, part, quote, shop } from '../demo/wire.mjs';

const { check, close, end } = checks('calibration golden');
const folder = `${process.env.COSTWRIGHT_DATA ?? '../shared/data'}/numerics`;
if (!existsSync(folder)) {
    console.log('skipped: the numeric vectors are not here');
    end();
}
const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8'));
const table = (file) => parseCsv(readFileSync(`${folder}/${file}`, 'utf8'));
const env = await shop();
const piece = await part();
const nasa = table('t1_nasa93_cocomo81.csv');

for (const [alpha, known] of Object.entries(expected.t1_nasa93_cocomo81.by_alpha)) {
    const { json } = await call('POST', '/calibration/conformal-recalibrate', {
        scope: 'environment', env_id: env.id, target_alpha: Number(alpha),
        samples: nasa.map((row) => ({ predicted: Number(row.predicted), actual: Number(row.actual), bin: row.mode })),
    });
    check(`alpha ${alpha} is activated`, json.status === 'activated', json);
    close(`alpha ${alpha}: q`, json.q_alpha, known.q_alpha, 1e-10);
    close(`alpha ${alpha}: coverage`, json.observed_coverage, known.observed_coverage, 1e-10);
    check(`alpha ${alpha}: rank`, json.fit.k === known.k, json.fit);
    close(`alpha ${alpha}: asymmetric`, json.fit.asymmetric_lo, known.asym_lo, 1e-10);
    check(`alpha ${alpha}: all bins`, json.fit.bins.length === Object.keys(known.mondrian).length, json.fit.bins);
    for (const bin of json.fit.bins) {
        const own = known.mondrian[bin.bin].q_alpha;
        check(`alpha ${alpha}: ${bin.bin}`, own === null ? bin.q === null : Math.abs(bin.q - own) < 1e-10, bin);
    }
}

// the order of the rows is nothing; what any of them says is
const sent = nasa.map((row) => ({ predicted: Number(row.predicted), actual: Number(row.actual), bin: row.mode }));
const runOf = async (samples) => (await call('POST', '/calibration/conformal-recalibrate', {
    scope: 'environment', env_id: env.id, target_alpha: 0.15, samples })).json.run_id;
const whole = await runOf(sent);
check('the same rows in another order are the same run', (await runOf([...sent].reverse())) === whole);
const first = sent[0];
const other = sent.find((row) => row.bin !== first.bin);
const exchanged = (member) => sent.map((row) =>
    row === first ? { ...row, [member]: other[member] } : row === other ? { ...row, [member]: first[member] } : row);
check('with two bins exchanged they are another', (await runOf(exchanged('bin'))) !== whole);
check('with two actuals exchanged, too', (await runOf(exchanged('actual'))) !== whole);
check('with one row twice, too', (await runOf([...sent, first])) !== (await runOf([...sent, other])));

// ranks: the largest score is never taken where the sample cannot carry alpha
for (const { n, alpha, k } of expected.t1_rank_vectors.filter((vector) => vector.n < 1000)) {
    const { json } = await call('POST', '/calibration/conformal-recalibrate', {
        scope: 'environment', env_id: env.id, target_alpha: alpha,
        samples: Array.from({ length: n }, (_, i) => ({ predicted: 1, actual: Math.exp((i + 1) / 1000) })),
    });
    if (k === null) check(`n ${n}, alpha ${alpha} cannot be carried`, json.q_alpha === null && json.status === 'insufficient_data', json);
    else close(`n ${n}, alpha ${alpha}: rank ${k}`, json.q_alpha, k / 1000, 1e-10);
}

const observed = nasa.map((row, i) => ({
    target_metric: 'cycle_time_s', observation_type: 'study', external_ref: `n${i}`,
    predicted: Number(row.predicted), actual: Number(row.actual), bin: row.center,
}));
await call('POST', '/calibration/outcomes', { scope: 'environment', env_id: env.id, oracle: 'nasa', observations: observed });
const times = (await call('POST', `${env.at}/finalize`, { target_metric: 'cycle_time_s' })).json;
const bias = expected.t2_nasa93_bins_center;
close('bias: mu', times.fit.all_rows.mu, bias.mu, 1e-7);
close('bias: tau2', times.fit.all_rows.tau2, bias.tau2, 1e-7);
close('bias: sigma', times.fit.all_rows.sigma_log, bias.sigma_log, 1e-7);
check('bias: all bins', times.fit.all_rows.bins.length === Object.keys(bias.bins).length, times.fit.all_rows.bins);
for (const bin of times.fit.all_rows.bins)
    close(`bias: ${bin.bin}`, bin.theta, (bias.bins[bin.bin] ?? {}).theta ?? NaN, 1e-7);

for (const [file, name] of [['t3_reference_program_lots.csv', 't3_reference_program'], ['t3_example_lots.csv', 't3_example_lots']]) {
    const lots = table(file).map((row) =>
        ({ lot_index: Number(row.lot_index), lot_size: Number(row.lot_size), lot_total_cost: Number(row.lot_total_cost) }));
    for (const [model, key] of [['wright_cumulative', 'wright_cumulative'], ['crawford_unit', 'crawford_exact']]) {
        const { json } = await call('POST', `${env.at}/learning-curve-fit`,
            { part_revision_id: piece.part_revision_id, model, lots: [...lots].reverse() });
        const known = expected[name].ref[key];
        for (const figure of ['a', 'b', 'learning_rate', 'r_squared', 'residual_sigma_log'])
            close(`${name}, ${model}: ${figure}`, json[figure], known[figure], 1e-7);
        check(`${name}, ${model}: lots`, json.n_lots === known.n_lots, json);
    }
}
check('the curve is named in the quote', (await quote(env, piece)).provenance.curve?.model === 'crawford_unit');

const heating = {};
for (const row of table('t5_heating_choice.csv')) (heating[row.row] ??= []).push(row);
const history = Object.values(heating).map((rows) => ({
    candidates: rows.map((row) => ({ machine_id: row.alternative, installation_cost: Number(row.installation_cost), operating_cost: Number(row.operating_cost) })),
    chosen_machine_id: rows.find((row) => row.chosen === '1').alternative,
}));
const choices = await shop();
const policy = (await call('POST', `${choices.at}/policy/calibrate`, { history })).json;
const grid = expected.t5_heating.ref.policy_grid_all_rows;
check('choices: all rows', policy.samples === 900 && policy.samples_applied === 900, policy);
// on all rows, whatever was set aside: both shares weighted by their rows
const seed = (policy.seed_accuracy * policy.n_train + policy.fit.seed_holdout_accuracy * policy.n_holdout) / 900;
close('choices: seed', seed, grid.seed_accuracy, 1e-9);
check('choices: better than the seed', policy.status === 'activated' && policy.fitted_accuracy > policy.seed_accuracy, policy);
end();
