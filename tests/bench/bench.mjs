#!/usr/bin/env node
// SPDX-License-Identifier: GPL-3.0-or-later
// The benchmarks: bench.mjs bench|scale [ROW...]. A row measures and reports lines: figures with their spread
// over the rounds, and whether they reach their target. Nothing fails on a time: only what does not work does.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { build, has, median } from './measure.mjs';
import { stopAll } from './stacks.mjs';

const [set, ...wanted] = process.argv.slice(2);
const files = { bench: ['http', 'bodies', 'labels', 'process'], scale: ['numeric', 'tables', 'load'] }[set];
if (!files) {
    console.error('usage: bench.mjs bench|scale [ROW...]');
    process.exit(2);
}
if (!has('sh', '-c', 'command -v wrk')) {
    console.error('bench: wrk is missing; ./bootstrap --long installs it');
    process.exit(2);
}

const out = `${build}/build/bench`;
const lines = [];
const digits = (value) => value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

// values: one a round
function add(row, what, values, unit, target) {
    const value = median(values);
    const met = target ? (target.least === undefined ? value <= target.most : value >= target.least) : undefined;
    const line = { row, what, value, low: Math.min(...values), high: Math.max(...values), rounds: values.length, unit, ...(target ? { target, met } : {}) };
    lines.push(line);
    const goal = !target ? '' : `${target.least === undefined ? '<=' : '>='} ${digits(target.least ?? target.most)}${met ? '  reached' : '  NOT reached'}`;
    const spread = values.length > 1 ? `${digits(line.low)} - ${digits(line.high)}` : '';
    console.log(`${target ? '' : '  '}${what}`.padEnd(64) + `${digits(value)} ${unit}`.padStart(14) + spread.padStart(20) + (goal && `   ${goal}`));
}

const rows = (await Promise.all(files.map((file) => import(`./rows_${file}.mjs`)))).flatMap((module) => module.rows);
const unknown = wanted.filter((name) => !rows.some((row) => row.name === name));
if (unknown.length) {
    console.error(`bench: no row ${unknown.join(', ')}; there are: ${rows.map((row) => row.name).join(' ')}`);
    await stopAll();
    process.exit(2);
}

let failed = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopAll().finally(() => process.exit(130)));

const begun = Date.now();
console.log(`${set}: ${cpus().length} x ${cpus()[0].model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; figure: median of the rounds, lowest - highest`);
for (const row of rows) {
    if (wanted.length && !wanted.includes(row.name)) continue;
    const start = Date.now();
    try {
        await row.run({
            line: (what, values, unit, target) => add(row.name, what, values, unit, target),
            note: (what, values, unit) => add(row.name, what, values, unit),
            // one figure at each of growing sizes; steps may hold more than it
            steps: (what, steps, figure) => {
                lines.push({ row: row.name, what, steps });
                console.log(`  ${what}`.padEnd(64) + steps.map((step) => figure(step).toLocaleString('en')).join('  '));
            },
            skip: (what, why) => {
                lines.push({ row: row.name, what, skipped: why });
                console.log(`${what}: skipped, ${why}`);
            },
            keep: (name, text) => {
                mkdirSync(out, { recursive: true });
                writeFileSync(`${out}/${name}`, text);
            },
        });
    } catch (fault) {
        failed++;
        lines.push({ row: row.name, what: row.name, failed: String(fault.message) });
        console.log(`${row.name}: FAILED: ${fault.stack}`);
    }
    if (process.env.BENCH_TIMES) console.log(`    (${row.name}: ${((Date.now() - start) / 1000).toFixed(0)} s)`);
}
await stopAll();

mkdirSync(out, { recursive: true });
const file = `${out}/${set}.json`;
writeFileSync(file, `${JSON.stringify({ set, began: new Date(begun).toISOString(), seconds: (Date.now() - begun) / 1000,
    cpus: cpus().length, model: cpus()[0].model, lines }, null, 1)}\n`);
const goals = lines.filter((line) => line.target);
console.log(`${set}: ${goals.filter((line) => line.met).length} of ${goals.length} targets reached in ${((Date.now() - begun) / 1000).toFixed(0)} s; ${file}`);
process.exit(failed ? 1 : 0);
