#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// left_out.mjs STACK-FILE SOCKET: a stack whose fits look at 100 rows; rows become those of another version by SQL, as an
// upgrade of the pricing model would leave them.
import { execFileSync } from 'node:child_process';
import { call, checks, part, shop } from '../demo/wire.mjs';

const socket = process.argv[3];
const { check, end } = checks('left out');
const sql = (text) => execFileSync('mariadb', ['--no-defaults', '-S', socket, '-u', 'root', '-N', 'costwright', '-e', text]);
const outdate = (env, n) => sql(`UPDATE evidence SET model_version = 'older' WHERE env_id = '${env.id}' ORDER BY natural_key LIMIT ${n}`);
const noise = (i) => 1 + 0.03 * Math.sin(7 * i);
const counted = (answer, reason, n, applied) =>
    answer.fit.left_out[reason] === n && answer.samples_applied === applied && answer.message.endsWith(`${n} rows were left out; fit.left_out says why.`);

const priced = await shop();
const piece = await part();
const orders = (from, n) => Array.from({ length: n }, (_, i) => ({ part_number: piece.number, work_order_id: `WO-${from + i}`,
    quantity: 10, total_cost: 290 * noise(from + i), occurred_on: '2024-05-01' }));
const book = async (from, n) => (await call('POST', `${priced.at}/auto-calibrate-from-erp`, { work_orders: orders(from, n) })).json;
const first = await book(0, 30);
check('all are fitted', first.status === 'activated' && first.samples_applied === 30 && !first.fit.left_out.other_model_version, first);
outdate(priced, 5);
const second = await book(30, 1);
check('unit cost of another version', counted(second, 'other_model_version', 5, 26), second);

const timed = await shop();
const finalize = async (from, n) => {
    await call('POST', '/calibration/outcomes', { env_id: timed.id, scope: 'environment', oracle: 'mes',
        observations: Array.from({ length: n }, (_, i) => ({ target_metric: 'cycle_time_s', observation_type: 'actual', bin: 'milling',
            external_ref: `OP-${from + i}`, predicted: 100, actual: 130 * noise(from + i) })) });
    return (await call('POST', `${timed.at}/finalize`, { target_metric: 'cycle_time_s' })).json;
};
const times = await finalize(0, 30);
check('all times are fitted', times.status === 'activated' && times.samples_applied === 30, times);
outdate(timed, 4);
const later = await finalize(30, 1);
check('times of another version', counted(later, 'other_model_version', 4, 27), later);
const many = await finalize(31, 109);
check('times older than the newest 100', many.fit.left_out.older_than_newest_rows === 40, many);
const grown = await book(31, 109);
check('unit cost older than the newest 100', grown.fit.left_out.older_than_newest_rows === 40, grown);
end();
