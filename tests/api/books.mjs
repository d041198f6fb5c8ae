#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Workers keep what an environment prices with, and the plans they have quoted. Whatever is changed through one of them,
// no other quotes from what was before: single quotes are compared with a batch, which reads everything anew.
// books.mjs STACK-FILE
import { generator } from '../demo/random.mjs';
import { machines, makeParts, rates } from '../demo/shop.mjs';
import { call, checks } from '../demo/wire.mjs';

const must = async (method, path, body) => {
    const { status, json, text } = await call(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 600)}`);
    return json;
};
const api = Object.fromEntries(['post', 'put', 'patch', 'delete'].map((method) =>
    [method, (path, body) => must(method.toUpperCase(), path, body)]));
const { check, end } = checks('books');
const random = generator(11);
const WIDE = 12; // requests at once: every worker gets some
const wide = (make) => Promise.all(Array.from({ length: WIDE }, (_, i) => make(i)));

const { id: env } = await api.post('/environments', { name: `books ${process.pid}`, valid_from: '2000-01-01' });
const members = [];
for (const machine of machines) members.push(await api.post(`/environments/${env}/machines`, { new_machine: machine }));
for (const rate of rates) await api.post(`/environments/${env}/rates`, rate);
const parts = makeParts(5, 12).map((part) => ({ ...part, part_number: `B-${process.pid}-${part.part_number}` }));
const revisions = (await api.post('/import', { parts })).data.map((item) => item.part_revision_id);
const quote = (revision = revisions[0]) => api.post('/calculations/quote',
    { part_revision_id: revision, costing_environment_id: env, lot_size: 20 });
const fresh = async () => (await api.post('/calculations/batch',
    { costing_environment_id: env, items: [{ part_revision_id: revisions[0], lot_size: 20 }] })).items[0];
const bare = (calculation) => JSON.stringify({ ...calculation, id: 0, created_at: 0, annual_volume: 0, lot_curve: 0 });

const first = await fresh();
check('there is a price', first.status === 'succeeded', first.error);
const used = first.provenance.machines[0];
const material = first.provenance.rates.find((rate) => rate.kind === 'material');
const member = members.find((one) => one.membership_id === used.membership_id);

// one change after the other, of all kinds; behind each, quotes of all workers at once
const changes = [
    () => api.patch(`/machines/${used.id}`, { hourly_rate_eur: 50 + Math.round(random.uniform() * 1000) / 10 }),
    () => api.post(`/environments/${env}/rates`, { kind: 'material', valid_from: material.valid_from, currency: material.currency,
        fields: { ...material.fields, price_per_kg: 1 + Math.round(random.uniform() * 1000) / 100 } }),
    () => api.patch(`/environments/${env}/machines/${member.membership_id}`, { is_enabled: false }),
    () => api.patch(`/environments/${env}/machines/${member.membership_id}`, { is_enabled: true }),
    async () => {
        const extra = await api.post(`/environments/${env}/rates`, { kind: 'material', valid_from: '2020-02-02', currency: material.currency,
            fields: { ...material.fields, price_per_kg: 77 } });
        await wide(() => quote());
        await api.delete(`/environments/${env}/rates/material/${extra.id}`);
    },
    () => api.put(`/environments/${env}/identity`, { valid_to: '2001-01-01' }),
    () => api.put(`/environments/${env}/identity`, { valid_to: null }),
];
let before = bare(first), moved = 0;
for (let round = 0; round < 6 * changes.length; round++) {
    await changes[round % changes.length]();
    const seen = (await wide(() => quote())).map(bare);
    const now = bare(await fresh());
    if (seen.some((one) => one !== now)) check(`no quote is of what was before change ${round}`, false, [now, seen.find((one) => one !== now)]);
    moved += now !== before;
    before = now;
}
check('prices followed the changes', moved > 2 * changes.length, moved);

// while they quote: never older than what was acknowledged before the quote was asked for
let acknowledged = 0, sent = 0, stale = 0, quotes = 0, done = false;
await api.patch(`/machines/${used.id}`, { hourly_rate_eur: 1000 });
const rateOf = (calculation) => calculation.provenance.machines.find((one) => one.id === used.id).hourly_rate_eur - 1000;
await Promise.all([
    (async () => {
        for (let i = 1; i <= 80; i++) {
            sent = i;
            await api.patch(`/machines/${used.id}`, { hourly_rate_eur: 1000 + i });
            acknowledged = i;
        }
        done = true;
    })(),
    ...Array.from({ length: 6 }, async () => {
        while (!done) {
            const least = acknowledged;
            const rate = rateOf(await quote());
            stale += rate < least || rate > sent;
            quotes++;
        }
    }),
]);
check('each quote is of a rate that was current while it was made', stale === 0 && quotes > 10, [stale, quotes]);

// whatever changes what is active
const at = `/calibration/environments/${env}`;
const items = revisions.map((part_revision_id) => ({ part_revision_id, lot_size: 20 }));
const priced = await api.post('/calculations/batch', { costing_environment_id: env, items });
const actuals = priced.items.flatMap((item, i) => Array.from({ length: 5 }, (_, k) => ({ part_revision_id: item.part_revision_id,
    lot_size: 20, external_ref: `B-${i}-${k}`, actual_unit_cost: Number((item.uncalibrated_unit_cost * (1.4 + 0.01 * k)).toFixed(4)) })));
const { klass } = members.find((one) => one.machine.id === first.operations[0].machine_id).machine;
const off = (slot) => () => api.post(`${at}/deactivate`, { slot });
const activated = {};
const on = (slot) => () => api.post(`${at}/runs/${activated[slot]}/activate`, {});
const revert = (slot) => () => api.post(`${at}/revert`, { slot });
const fit = (slot, path, body) => async () => {
    const { run_id, status } = await api.post(path, body);
    check(`${path} activates`, status === 'activated', status);
    activated[slot] = run_id;
};
const timed = (target_metric, factor) => Array.from({ length: 33 }, (_, i) => ({ target_metric, part_revision_id: revisions[0],
    bin: klass, external_ref: `${target_metric} ${factor} ${i}`, predicted: 100, actual: 100 * factor * (1 + (i % 7) / 100) }));
const curve = `curve:${revisions[0]}`;
const activations = {
    'auto-calibrate': fit('unit_cost', `${at}/auto-calibrate`, { actuals }),
    'unit cost off': off('unit_cost'),
    'unit cost on': on('unit_cost'),
    'an interval': fit('conformal:unit_cost', '/calibration/conformal-recalibrate', { scope: 'environment', env_id: env,
        samples: Array.from({ length: 30 }, (_, i) => ({ predicted: 10, actual: 10 + i / 10 })) }),
    'interval off': off('conformal:unit_cost'),
    'interval on': on('conformal:unit_cost'),
    'more evidence, which ends the interval': fit('unit_cost', `${at}/auto-calibrate`, { actuals: actuals.map((row) => (
        { ...row, external_ref: `${row.external_ref}-more`, actual_unit_cost: row.actual_unit_cost * 1.2 })) }),
    'unit cost as before': revert('unit_cost'),
    'outcomes and finalize': async () => {
        await api.post('/calibration/outcomes', { scope: 'environment', env_id: env, oracle: 'mes',
            observations: timed('cycle_time_s', 1.3).map((row) => ({ ...row, observation_type: 'mes' })) });
        await fit('cycle_time_s', `${at}/finalize`, { target_metric: 'cycle_time_s' })();
    },
    'teach': fit('setup_time_s', `${at}/teach`, { rows: timed('setup_time_s', 1.7) }),
    'cycle times off': off('cycle_time_s'),
    'cycle times on': on('cycle_time_s'),
    'setup times as before': revert('setup_time_s'),
    'a learning curve': fit(curve, `${at}/learning-curve-fit`, { part_revision_id: revisions[0],
        lots: [1, 2, 3].map((i) => ({ lot_index: i, lot_size: 40, lot_total_cost: 800 * i ** -0.3 })) }),
    'curve off': off(curve),
    'curve on': on(curve),
    'a policy': fit('machine_choice', `${at}/policy/calibrate`, { history: Array.from({ length: 40 }, (_, i) => ({
        candidates: [{ machine_id: 'a', op_cost: 10 + (i % 3), fleet_priority: 1 }, { machine_id: 'b', op_cost: 8 + (i % 2), fleet_priority: 2 }],
        chosen_machine_id: 'b' })) }),
    'policy off': off('machine_choice'),
    'policy on': on('machine_choice'),
};
for (const [what, change] of Object.entries(activations)) {
    await change();
    const seen = (await wide(() => quote())).map(bare);
    const now = bare(await fresh());
    check(`${what} is in all quotes that follow`, seen.every((one) => one === now), [now, seen.find((one) => one !== now)]);
    check(`${what} shows`, now !== before);
    before = now;
}

// a machine that two environments have: its change is one state of both, and each keeps its own learning curves
const { id: sister } = await api.post('/environments', { name: `sister ${process.pid}`, valid_from: '2000-01-01' });
for (const { machine } of members) await api.post(`/environments/${sister}/machines`, { machine_id: machine.id });
for (const rate of rates) await api.post(`/environments/${sister}/rates`, rate);
await off('unit_cost')();
for (let round = 0; round < 3; round++) {
    await api.patch(`/machines/${used.id}`, { hourly_rate_eur: 60 + round });
    const curves = { [env]: 0, [sister]: 0 };
    for (const where of [env, sister, env, sister, env, sister])
        for (const one of await wide(() => api.post('/calculations/quote', { part_revision_id: revisions[0], costing_environment_id: where })))
            curves[where] += one.provenance.curve !== null;
    check('a curve is of its environment', curves[env] === 3 * WIDE && curves[sister] === 0, curves);
}

const refused = async (revision) => {
    const answers = await wide(async () => {
        try {
            return (await quote(revision)).id;
        } catch (error) {
            return error.message;
        }
    });
    return answers.every((text) => /422/.test(text)) || answers;
};
const [doomed] = (await api.post('/import', { parts: [{ ...parts[0], part_number: `B-${process.pid}-doomed` }] })).data;
for (let i = 0; i < 3; i++) await wide(() => quote(doomed.part_revision_id));
await api.delete(`/${doomed.part_id}`);
const parting = await refused(doomed.part_revision_id);
check('nobody quotes a part that was deleted', parting === true, parting);
await api.delete(`/environments/${env}`);
const gone = await refused();
check('nobody quotes in what was deleted', gone === true, gone);
end();
