#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// One of everything an organisation can have, made through the API: keep_fill.mjs URL KEY. Prints what a quote says.
import { client } from '../demo/client.mjs';

const [url, key] = process.argv.slice(2);
const api = client(url, key);
const plain = async (method, path, body, headers) => {
    const answer = await fetch(`${url}/api/v1/parts${path}`, { method, headers: { 'Content-Type': 'application/json', ...headers },
        body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
};

const env = await api.post('/environments', { name: 'Kept', valid_from: '2020-01-01' });
await api.post(`/environments/${env.id}/machines`, { new_machine: { name: 'VMC', klass: 'milling.3axis_vmc', hourly_rate_eur: 58,
    valid_from: '2020-01-01' } });
await api.post(`/environments/${env.id}/rates`, { kind: 'material', valid_from: '2020-01-01', fields: { material_ref: 'S355', price_per_kg: 1.35 } });
const predictions = Array.from({ length: 12 }, (_, i) => ({ target_kind: 'material', field_path: `/m/${i}`, predicted_value: 'S355',
    predicted_confidence: 0.5 }));
const parts = Array.from({ length: 60 }, (_, i) => ({ part_number: `K-${i}`, process_plan: { material_ref: 'S355', gross_mass_kg: 1 + i / 7,
    operations: [{ sequence: 10, klass: 'milling.3axis_vmc', setup_time_s: 1800, cycle_time_s: 100 + i }] }, ...(i ? {} : { predictions }) }));
const { data } = await api.post('/import', { parts });
const quote = (i) => api.post('/calculations/quote', { part_revision_id: data[i].part_revision_id, costing_environment_id: env.id, lot_size: 10 });
const first = await quote(0);
await api.post(`/calibration/environments/${env.id}/auto-calibrate-from-erp`, { work_orders: data.map((part, i) => ({
    part_number: part.part_number, work_order_id: `W-${i}`, quantity: 5 + i % 20, total_cost: (5 + i % 20) * (20 + i) * 1.3,
    occurred_on: '2026-03-01' })) });

const project = await api.post('/labeling/projects', { name: 'Kept', target_kinds: ['material'] });
await api.post(`/labeling/projects/${project.id}/generate-tasks`, { calculation_ids: [first.id] });
const campaign = await api.post('/labeling/campaigns', { name: 'Kept', target_redundancy: 1, gold_fraction: 0.2, acceptance_alpha: 0 });
await api.post(`/labeling/campaigns/${campaign.id}/tasks`, { tasks: Array.from({ length: 30 }, (_, i) => ({ target_kind: 'material',
    predicted_value: `S${i % 3}`, ...(i % 6 ? {} : { is_gold: true, gold_answer: 'confirm' }) })) });
const invited = await api.post(`/labeling/campaigns/${campaign.id}/assignments`, { email: 'annotator@example.org' });
await api.post(`/labeling/campaigns/${campaign.id}/assignments`, { email: 'idle@example.org' });
const session = await plain('POST', '/labeling/annotator-sessions', { token: invited.magic_link_token });
const bearer = { Authorization: `Bearer ${session.annotator_token}` };
for (const headers of [bearer, { 'X-API-Key': key }])
    for (let i = 0; i < 12; i++) {
        const task = await plain('POST', `/labeling/campaigns/${campaign.id}/next-task`, undefined, headers);
        if (!task) break;
        if (i === 11) break; // a lease that is held
        await plain('POST', `/labeling/tasks/${task.id}/submit`, { verdict: i % 5 === 4 ? 'unsure' : 'confirm' }, headers);
    }
await plain('POST', '/environments', { name: 'Repeatable', valid_from: '2026-01-01' }, { 'X-API-Key': key, 'Idempotency-Key': 'kept-1' });
const valued = await api.post('/labeling/campaigns', { name: 'Values' });
const { data: asked } = await api.post(`/labeling/campaigns/${valued.id}/tasks`, { tasks: [{ predicted_value: 'Stähl "S"\n' },
    { predicted_value: 'tin' }, { is_gold: true, gold_answer: '"brass"' }] });
await api.post(`/labeling/campaigns/${valued.id}/submissions/import`, { submissions: asked.slice(0, 2).map(({ id }, i) => ({ task_id: id,
    annotator_email: 'annotator@example.org', verdict: 'correct', corrected_value: ['iron', 'Stähl "S"\n'][i] })) });
const closed = await api.post('/labeling/campaigns', { name: 'Closed', target_redundancy: 1, acceptance_alpha: 0 });
await api.post(`/labeling/campaigns/${closed.id}/tasks`, { tasks: [{ target_kind: 'material', predicted_value: 'a' },
    { target_kind: 'material', predicted_value: 'b' }] });
for (;;) {
    const task = await plain('POST', `/labeling/campaigns/${closed.id}/next-task`, undefined, { 'X-API-Key': key });
    if (!task) break;
    await plain('POST', `/labeling/tasks/${task.id}/submit`, { verdict: 'confirm' }, { 'X-API-Key': key });
}
await api.post(`/labeling/campaigns/${closed.id}/close`);
await plain('POST', `/labeling/campaigns/${closed.id}/promote?force=true`, undefined, { 'X-API-Key': key });
const last = await quote(7);
console.log(`environment=${env.id}\nrevision=${data[7].part_revision_id}\nunit_cost=${last.unit_cost}\nuncalibrated=${last.uncalibrated_unit_cost}`);
