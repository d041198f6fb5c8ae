#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The driver posterior's vectors through the API: parts whose plans cost exactly the components of the vectors are
// quoted, calibrated and quoted again; fit and quotes must equal the answers. Skips where the vectors are absent.
// driver_vectors.mjs STACK-FILE
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { client } from '../demo/client.mjs';
import { parseCsv } from '../demo/csv.mjs';
import { checks, stack } from '../demo/wire.mjs';

const { check, end } = checks('driver vectors');
const folder = `${process.env.COSTWRIGHT_DATA ?? '../shared/data'}/driver`;
if (!existsSync(folder)) {
    console.log('skipped: the driver vectors are not here');
    end();
}
const api = client(stack.url, stack.key);
const close = (a, b, tolerance = 1e-6) => (a === null || b === null ? a === b : Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)));

// money a kg is 1, money a machine second is 1: masses and times are the components
const planOf = (row) => ({
    material_ref: 'unit', gross_mass_kg: Number(row.c_material || 0),
    operations: [{ sequence: 10, klass: 'milling.3axis_vmc', setup_time_s: Number(row.c_setup || 0) * Number(row.lot_size), cycle_time_s: Number(row.c_run || 0) }],
    ...(Number(row.c_other || 0) ? { external_cost: { per_part: Number(row.c_other) } } : {}),
});

async function run(name) {
    const rows = parseCsv(readFileSync(`${folder}/${name}.csv`, 'utf8'));
    const quotes = parseCsv(readFileSync(`${folder}/${name}.quotes.csv`, 'utf8'));
    const expected = JSON.parse(readFileSync(`${folder}/${name}.expected.json`, 'utf8'));
    const env = await api.post('/environments', { name: `${name} ${process.pid}`, valid_from: '2000-01-01' });
    await api.post(`/environments/${env.id}/machines`,
        { new_machine: { name: 'unit', klass: 'milling.3axis_vmc', valid_from: '2000-01-01', hourly_rate_eur: 3600 } });
    await api.post(`/environments/${env.id}/rates`,
        { kind: 'material', valid_from: '2000-01-01', fields: { material_ref: 'unit', price_per_kg: 1 } });
    // every distinct plan of a part is a revision of it
    const parts = new Map();
    const revisions = new Map();
    const revisionOf = async (row) => {
        const plan = planOf(row);
        const key = `${row.part} ${JSON.stringify(plan)}`;
        if (!revisions.has(key)) {
            if (!parts.has(row.part))
                parts.set(row.part, (await api.post('/', { part_number: `${name}-${process.pid}-${row.part}` })).id);
            revisions.set(key, (await api.post(`/${parts.get(row.part)}/revisions`, { process_plan: plan })).id);
        }
        return revisions.get(key);
    };
    const quoted = async (list, bins) => (await api.post('/calculations/batch', {
        costing_environment_id: env.id,
        items: await Promise.all(list.map(async (row) => ({ lot_size: Number(row.lot_size), part_revision_id: row.revision,
            ...(bins && row.bin ? { bin: row.bin } : {}) }))),
    })).items;
    for (const row of [...rows, ...quotes]) row.revision = await revisionOf(row);
    const before = await quoted(rows, false);
    const total = (row) => ['c_material', 'c_run', 'c_setup', 'c_other'].reduce((sum, k) => sum + Number(row[k] || 0), 0);
    check(`${name}: plans cost what the vectors say`, rows.every((row, i) => close(before[i].uncalibrated_unit_cost, total(row), 1e-12)));
    const answer = await api.post(`/calibration/environments/${env.id}/auto-calibrate`, {
        target_alpha: expected.alpha,
        actuals: rows.map((row, i) => ({ part_revision_id: row.revision, actual_unit_cost: Number(row.actual), lot_size: Number(row.lot_size),
            bin: row.bin, external_ref: `row ${i}` })),
    });
    const fit = answer.fit;
    check(`${name}: model`, fit.model === expected.model && fit.best === expected.best, [fit.model, fit.best]);
    check(`${name}: sigma`, close(fit.sigma_log, expected.sigma_log), [fit.sigma_log, expected.sigma_log]);
    check(`${name}: tau`, fit.tau.bin.every((t, k) => close(t, expected.tau_bin[k])) && fit.tau.part.every((t, k) => close(t, expected.tau_part[k])), fit.tau);
    check(`${name}: guard`, fit.guard.length === expected.guard.length &&
        fit.guard.every((g, i) => g.model === expected.guard[i].model && close(g.score, expected.guard[i].score) && close(g.deficit, expected.guard[i].deficit)), fit.guard);
    const levels = { environment: () => expected.environment, bin: (key) => expected.bins[key] };
    const learned = [expected.environment, ...Object.values(expected.bins)].flatMap(Object.values).filter((one) => 'theta' in Object(one));
    check(`${name}: all drivers`, fit.drivers.length === learned.length, [fit.drivers.length, learned.length]);
    for (const d of fit.drivers) {
        const e = levels[d.level](d.key)[d.driver];
        check(`${name}: ${d.level} ${d.key} ${d.driver}`, close(d.theta, e.theta) && close(d.sd, e.sd) && close(d.multiplier, e.multiplier) &&
            close(d.ci90[0], e.ci90[0]) && close(d.ci90[1], e.ci90[1]) && close(d.informed, e.informed), [d, e]);
    }
    for (const g of fit.conformal) {
        const e = expected.conformal[g.group];
        check(`${name}: conformal ${g.group}`, e && close(g.q, e.q) && g.method === e.method && g.units === e.units && g.n === e.n, [g, e]);
    }
    check(`${name}: all groups`, fit.conformal.length === Object.keys(expected.conformal).length, fit.conformal.map((g) => g.group));
    check(`${name}: gate`, fit.gate.status === expected.gate.status && close(fit.gate.gain, expected.gate.gain) &&
        fit.gate.new_rows === expected.gate.new_rows && fit.gate.units === expected.gate.units, [fit.gate, expected.gate]);
    for (const [group, e] of Object.entries(expected.held_out))
        check(`${name}: held out ${group}`, fit.held_out[group].n === e.n && (!e.n || close(fit.held_out[group].rmse_log, e.rmse_log)), [fit.held_out[group], e]);
    if (answer.status !== 'activated') return;
    const after = await quoted(quotes, true);
    expected.quotes.forEach((e, i) => {
        const q = after[i];
        check(`${name}: quote ${i}`, close(q.unit_cost / e.predicted, 1) &&
            (e.lo === undefined || e.lo === null ? q.interval === null : close(q.interval.lower / e.lo, 1) && close(q.interval.upper / e.hi, 1) &&
            q.interval.basis.split('/')[0].replace(/^bin:.*/, 'bin') === e.group.replace(/^bin:.*/, 'bin')), [q.unit_cost, q.interval, e]);
    });
}

// v8 has rows with totals only, which the API never takes for unit costs
for (const file of readdirSync(folder).filter((f) => /^v[0-7].*\.quotes\.csv$/.test(f)).sort())
    await run(file.replace('.quotes.csv', ''));
end();
