#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Answers under an Idempotency-Key are given again byte by byte, however large a body allows them to be.
// replay.mjs STACK-FILE
import { call, checks, shop } from '../demo/wire.mjs';

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

// an answer is kept also where nothing else is to be stored: the interval is that already, or it is a dry run
const env = await shop();
const samples = Array.from({ length: 30 }, (_, i) => ({ predicted: 10 + i, actual: 11 + i }));
const size = (key, query, more) => call('POST', `/calibration/conformal-recalibrate${query}`,
    { scope: 'environment', env_id: env.id, samples, ...more }, { headers: key ? { 'Idempotency-Key': `${process.pid} ${key}` } : {} });
const active = await size('', '');
for (const [what, query] of [['same', ''], ['dry', '?dry_run=1']]) {
    const first = await size(what, query);
    check(`${what}: an answer`, first.status === 200 && (query || first.text === active.text), first.text);
    check(`${what}: the key with another body`, (await size(what, query, { target_alpha: 0.2 })).json.error?.code === 'idempotency_conflict');
    await call('POST', `${env.at}/deactivate`, { slot: 'conformal:unit_cost' });
    check(`${what}: given again, whatever is active since`, (await size(what, query)).text === first.text);
    await size('', '');
}

// a link is redeemed once; who lost the answer gets it again under the key, sealed in between
const invited = (await call('POST', `/labeling/campaigns/${campaign.id}/assignments`, { email: `replay-${process.pid}@example.org` })).json;
const redeem = (key) => call('POST', '/labeling/annotator-sessions', { token: invited.magic_link_token },
    { key: '', headers: key ? { 'Idempotency-Key': `${process.pid} ${key}` } : {} });
const opened = await redeem('link');
check('a link is redeemed', opened.status === 201, opened.text);
const again = await redeem('link');
check('and again under its key', again.text === opened.text, [again.text, opened.text]);
check('not under another', (await redeem('other')).status === 401);
check('nor without', (await redeem()).status === 401);
end();
