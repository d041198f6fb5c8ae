#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Answers under an Idempotency-Key are given again byte by byte, however large a body allows them to be.
// replay.mjs STACK-FILE
import { call, checks } from '../demo/wire.mjs';

const { check, end } = checks('replay');
const campaign = (await call('POST', '/labeling/campaigns', { name: `replay ${process.pid}` })).json;
// below a piece of 4 MiB, above one, and above what a packet of the database may hold
for (const n of [100, 420, 1640]) {
    const make = () => call('POST', `/labeling/campaigns/${campaign.id}/tasks`,
        { tasks: Array.from({ length: n }, (_, i) => ({ predicted_value: 'a', prompt: String(i % 10).repeat(10000) })) },
        { headers: { 'Idempotency-Key': `${process.pid} ${n}` } });
    const first = await make();
    check(`${n} tasks`, first.status === 201 && first.json.data.length === n, [first.status, first.text.length]);
    check(`${n} tasks again`, (await make()).text === first.text);
}
check('each once', (await call('GET', `/labeling/campaigns/${campaign.id}`)).json.task_count === 2160);
end();
