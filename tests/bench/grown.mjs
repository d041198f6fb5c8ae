// SPDX-License-Identifier: GPL-3.0-or-later
// Tables filled in bulk to a number of rows, and what the database says of the statements of a request.
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { sum } from './measure.mjs';
import { all } from './shop.mjs';

const CHUNK = 500000;
export const CALCULATIONS_A_PART = 10;
export const IN_ENVIRONMENT = 1000; // observations, but for the second one: that takes all up to LARGEST
export const LARGEST = 100000;

// ids of rows 1, 2, ...: version 7, in the order of the numbers
const hex = (number, width) => `LPAD(HEX(${number}), ${width}, '0')`;
const uuid = (number) => `CONCAT(${hex(number, 8)}, '-0000-7000-8000-', ${hex(number, 12)})`;
export const uuidOf = (n) => `${n.toString(16).padStart(8, '0')}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

const part = uuid(`1 + (seq - 1) DIV ${CALCULATIONS_A_PART}`);
const environment = uuid(`IF(seq <= ${IN_ENVIRONMENT}, 1, IF(seq <= ${LARGEST}, 2, 3 + seq DIV ${IN_ENVIRONMENT}))`);

// rows a table has at most: one of each in the tenant, but observations and quotes
export const MOST = { environment: 1e6, environment_machine: 1e6, api_key: 1e5, part: 1e6, part_revision: 1e6, calculation: 1e6,
    calibration_run: 1e5, calibration_active: 1e5, evidence: 1e7 };

// what was made by hand (org_id, of some tables the first row r) seq times: the same in all stacks, whatever they were
// asked meanwhile. Else the quotes of one would be longer than those of the other
const inserts = {
    environment: (org) => `INSERT INTO environment SELECT '${org}', ${uuid('seq')}, CONCAT('grown ', seq), 'DE-BY', 'EUR',
        'A plant with milling, turning and sheet metal; used to compare quotes.', '2020-01-01', NULL, '["arcnm"]', 0,
        '{"site":"Augsburg","cost_centre":"4711","owner":"cost engineering"}', UTC_TIMESTAMP(6)`,
    environment_machine: () => `INSERT INTO environment_machine SELECT r.org_id, ${uuid('seq')}, ${uuid('1 + (seq - 1) DIV 5')}, r.machine_id,
        r.fleet_priority, 1, '2020-01-01', NULL, UTC_TIMESTAMP(6)`,
    api_key: (org) => `INSERT INTO api_key SELECT '${org}', ${uuid('seq')}, (SELECT id FROM app_user WHERE org_id = '${org}' LIMIT 1),
        CONCAT('_', LPAD(CONV(seq, 10, 36), 7, '0')), UNHEX(SHA2(seq, 256)), 'grown', 1, NULL, NULL, NULL, UTC_TIMESTAMP(6)`,
    part: (org) => `INSERT INTO part SELECT '${org}', ${uuid('seq')}, CONCAT('G-', seq), CONCAT('g-', seq), NULL, '{}', ${uuid('seq')},
        UTC_TIMESTAMP(6)`,
    part_revision: () => `INSERT INTO part_revision SELECT r.org_id, ${uuid('seq')}, ${uuid('seq')}, r.revision_code, r.process_plan,
        r.predictions, r.content_hash, UTC_TIMESTAMP(6)`,
    calculation: () => `INSERT INTO calculation SELECT r.org_id, ${uuid('seq')}, ${part}, ${part}, r.env_id, r.status, r.unit_cost,
        r.uncalibrated_unit_cost, r.c_material, r.c_run, r.c_setup, r.c_other, r.lot_size, r.model_version, r.document, UTC_TIMESTAMP(6)`,
    calibration_run: () => `INSERT INTO calibration_run SELECT r.org_id, ${uuid('seq')}, ${uuid('seq')}, r.kind, r.slot, r.metric, NULL, 1,
        r.status, NULL, r.basis, '{}', NULL, NULL, UTC_TIMESTAMP(6)`,
    calibration_active: (org) => `INSERT INTO calibration_active SELECT '${org}', ${uuid('seq')}, 'unit_cost', ${uuid('seq')}, 1, UTC_TIMESTAMP(6)`,
    evidence: (org) => `INSERT INTO evidence (org_id, env_id, metric, natural_key, content, source, observation_type, reference, part_id,
        part_revision_id, bin, lot_size, predicted, actual, occurred_on, model_version, applied, received_at)
        SELECT '${org}', ${environment}, 1, UNHEX(${hex('seq', 32)}), UNHEX(${hex('seq', 32)}), 'erp', 'actual', CONCAT('WO-', seq), ${part},
        ${part}, 'milling.3axis_vmc', 10, 100, 107, '2026-01-01', 'costwright-1', 0, UTC_TIMESTAMP(6)`,
};
const COPIED = ['environment_machine', 'part_revision', 'calculation', 'calibration_run'];

// every table from the rows it has to so many, two statements at a time, which lock nothing that they copy
export async function grow(stack, from, to) {
    stack.sql('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
    for (const [table, most] of Object.entries(MOST)) {
        const source = COPIED.includes(table) ? `, (SELECT * FROM ${table} WHERE org_id = '${stack.org}' AND id > '${uuidOf(1e7)}' ORDER BY id LIMIT 1) r` : '';
        const chunks = [];
        for (let low = Math.min(from, most); low < Math.min(to, most); low += CHUNK)
            chunks.push(`seq_${low + 1}_to_${Math.min(low + CHUNK, to, most)}`);
        await all(chunks, (chunk) => stack.sqlLater(
            `SET foreign_key_checks = 0, unique_checks = 0, tx_isolation = 'READ-COMMITTED'; ${inserts[table](stack.org)} FROM ${chunk}${source}`), 2);
    }
    stack.sql(`SET GLOBAL innodb_flush_log_at_trx_commit = 1; ANALYZE TABLE ${Object.keys(MOST).join(', ')}`);
}

// {what: {examined, statements: [{sql, examined, explain}]}} of one request each, by the slow log
export async function explained(stack, requests) {
    const log = `${stack.dir}/logs/slow.log`;
    const logging = async (on) => {
        stack.sql(`SET GLOBAL long_query_time = ${on ? 0 : 10}, slow_query_log_file = '${log}', slow_query_log = ${on}`);
        await stack.renew(); // a session takes these settings when it begins
    };
    stack.sql("SET GLOBAL log_slow_verbosity = 'query_plan,explain'");
    await logging(1);
    const found = {};
    for (const [what, { method = 'GET', path, body }] of Object.entries(requests)) {
        const start = existsSync(log) ? statSync(log).size : 0;
        await stack.api(method, path, body);
        const statements = readFileSync(log).subarray(start).toString().split(/^# User@Host: /m)
            .filter((entry) => entry.startsWith('costwright[')).map((entry) => {
                const lines = entry.split('\n');
                return {
                    sql: lines.filter((line) => line && !line.startsWith('#') && !/^(SET timestamp|use )/.test(line)).join(' ')
                        .replace(/[^ -~]+/g, '?'),
                    examined: Number(/Rows_examined: (\d+)/.exec(entry)?.[1] ?? 0),
                    explain: lines.filter((line) => line.startsWith('# explain: ')).slice(1).map((line) => line.slice(11)),
                };
            });
        found[what] = { examined: sum(statements.map((one) => one.examined)), statements };
    }
    await logging(0);
    rmSync(log, { force: true });
    return found;
}
