#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Labels that are exported and imported elsewhere are exported there as they were, in every form, whatever their values.
// labels.mjs STACK-FILE
import { call, checks, stack } from '../demo/wire.mjs';

const { check, end } = checks('labels');
const values = ['x,"y"\n;', '=2+3', '12.5', '', '  b ', 'ä', '[1]', 12.5, -7, 1e-7, true, null, [], { a: [1.5, null] }];
async function campaign() {
    const { id } = (await call('POST', '/labeling/campaigns', { name: `labels ${process.pid}`, gold_fraction: 0 })).json;
    const made = await call('POST', `/labeling/campaigns/${id}/tasks`, { tasks: values.map(() => ({ predicted_value: 'p' })) });
    const at = `/labeling/campaigns/${id}/submissions`;
    return { tasks: made.json.data.map((task) => task.id), take: (body, type) => call('POST', `${at}/import`, body, { headers: { 'Content-Type': type } }),
        give: async (type) => (await call('GET', at, undefined, { headers: { Accept: type } })).text };
}
const here = await campaign();
const submissions = here.tasks.flatMap((task_id, i) => [
    { task_id, annotator_email: '=one@labels.example', verdict: 'unsure', submitted_at: '2026-01-02T03:04:05Z' },
    values[i] === null ? { task_id, annotator_email: 'two@labels.example', verdict: 'reject' } : { task_id, annotator_email: 'two@labels.example',
        verdict: 'correct', corrected_value: values[i], confidence: 0.7, duration_ms: 12, submitted_at: '2026-01-02T03:04:05.123456Z' }]);
const all = { imported: submissions.length, duplicates: 0 };
const is = (answer, wanted) => answer.status === 201 && JSON.stringify(answer.json) === JSON.stringify(wanted);
const first = await here.take({ submissions }, 'application/json');
check('labels of all kinds', is(first, all), first.text);

const lines = (text) => ({ submissions: text.trim().split('\n').map((line) => JSON.parse(line)) });
for (const [type, body, sent] of [['application/json', (text) => ({ submissions: JSON.parse(text).data }), 'application/json'],
    ['application/x-ndjson', lines, 'application/json'], ['text/csv', (text) => text, 'text/csv']]) {
    const there = await campaign();
    const moved = (text, from, to) => from.tasks.reduce((now, id, i) => now.replaceAll(id, to.tasks[i]), text);
    const told = await there.take(body(moved(await here.give(type), here, there)), sent);
    check(`${type} is taken`, is(told, all), told.text);
    const sorted = (text) => lines(text).submissions.map((one) => JSON.stringify(one)).sort().join('\n');
    const [mine, theirs] = [await here.give('application/x-ndjson'), await there.give('application/x-ndjson')];
    check(`${type}: nothing is lost`, sorted(moved(theirs, there, here)) === sorted(mine), theirs);
    const again = await here.take(body(await here.give(type)), sent);
    check(`${type} again: all are there`, is(again, { imported: 0, duplicates: submissions.length }), again.text);
}
end();
