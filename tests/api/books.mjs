#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Workers keep what an environment prices with. Whatever is changed through one of them, no other quotes from what was
// before: single quotes are compared with a batch, which reads everything anew. books.mjs STACK-FILE
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

// what is active is no part of the book
const priced = await api.post('/calculations/batch',
    { costing_environment_id: env, items: revisions.map((part_revision_id) => ({ part_revision_id, lot_size: 20 })) });
const actuals = priced.items.flatMap((item, i) => Array.from({ length: 5 }, (_, k) => ({ part_revision_id: item.part_revision_id,
    lot_size: 20, external_ref: `B-${i}-${k}`, actual_unit_cost: Number((item.uncalibrated_unit_cost * (1.4 + 0.01 * k)).toFixed(4)) })));
const { run_id: run, status } = await api.post(`/calibration/environments/${env}/auto-calibrate`, { actuals });
check('a run is active', status === 'activated', status);
const runs = async () => new Set((await wide(() => quote())).map((one) => one.provenance.run?.id ?? 'none'));
const only = (set, one) => set.size === 1 && set.has(one);
check('every worker quotes by it', only(await runs(), run));
for (let round = 0; round < 5; round++) {
    await api.post(`/calibration/environments/${env}/deactivate`, { slot: 'unit_cost' });
    check('none when nothing is active', only(await runs(), 'none'));
    await api.post(`/calibration/environments/${env}/runs/${run}/activate`, {});
    check('all when it is active again', only(await runs(), run));
}

await api.delete(`/environments/${env}`);
const gone = await wide(async () => {
    try {
        return (await quote()).id;
    } catch (error) {
        return error.message;
    }
});
check('nobody quotes in what was deleted', gone.every((text) => /422/.test(text)), gone);
end();
