#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence that comes again: the run that has fitted it is answered, and what is stored is what was sent.
// calibration_again.mjs STACK-FILE
import { call, checks, part, shop } from '../demo/wire.mjs';

const { check, end } = checks('calibration again');
const env = await shop();
const piece = await part();
const stored = async () => (await call('GET', `${env.at}/evidence`)).json.count;
const teach = async (name, n, factor, mode) => (await call('POST', `${env.at}/teach`, { mode, rows: Array.from({ length: n }, (_, i) => ({
    part_revision_id: piece.part_revision_id, target_metric: 'cycle_time_s', external_ref: `${name} ${i}`,
    predicted: 300, actual: 300 * factor * (1 + (((i * 7) % 11) - 5) / 150) })) })).json;

const first = await teach('kept', 40, 1.4);
check('activated', first.status === 'activated', first);
const version = async () => (await call('GET', `${env.at}/evidence`)).text;
const before = await version();
const same = await teach('kept', 40, 1.4);
check('the same again is the same run, and nothing is written', same.run_id === first.run_id && await version() === before, same);
await call('DELETE', `${env.at}/evidence?source=teach`);
const back = await teach('kept', 40, 1.4);
check('what was deleted and comes back is stored', back.run_id === first.run_id && await stored() === 40, [back, await stored()]);
const stray = await teach('stray', 3, 30);
const replaced = await teach('kept', 40, 1.4, 'replace');
check('what was not sent again is gone where it is replaced', stray.status === 'not_improved' && replaced.run_id === first.run_id &&
    await stored() === 40, [stray, replaced, await stored()]);
const kept = await version();
await teach('kept', 40, 1.4, 'replace');
check('where all came again nothing is written', await version() === kept);
end();
