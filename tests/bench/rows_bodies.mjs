// SPDX-License-Identifier: GPL-3.0-or-later
// Rows with 20,000 rows in a body: reading them, fitting on them, storing them.
import { writeFileSync } from 'node:fs';
import { cpuWhile, jsonLines, median, program, ratios, run, sum, wrk } from './measure.mjs';
import { ROUNDS, shop } from './rows_http.mjs';
import { environments, outcomes, quoted, ROWS, samples } from './shop.mjs';
import { work } from './stacks.mjs';

const scanOf = (file, rounds) => JSON.parse(run(program('body'), [String(rounds), file]));

async function body(bench) {
    const product = await shop();
    const sent = samples(product.env, product.revisions);
    const file = `${work}/samples.json`;
    writeFileSync(file, JSON.stringify(sent));
    const requests = product.requests('recalibrate', [{ method: 'POST', path: '/api/v1/parts/calibration/conformal-recalibrate', body: sent }]);
    const scans = [];
    const reads = [];
    const calls = [];
    const cpus = [];
    let bytes;
    for (let round = 0; round < ROUNDS; round++) {
        const seen = scanOf(file, 21);
        scans.push(median(seen.scan_us));
        reads.push(median(seen.read_us));
        bytes = seen;
        const [load, cpu] = await cpuWhile(product.pids(), async () => wrk(product.url, requests, { connections: 1, seconds: 2 }));
        calls.push(load.p50);
        cpus.push(cpu.app / load.requests / 1000);
    }
    bench.note(`memchr scan of ${(bytes.bytes / 1e6).toFixed(1)} MB`, scans, 'us');
    bench.line('body of 20,000 rows: parse, check, extract, of the scan', ratios(reads, scans), 'x', { most: 2.5 });
    bench.line('body of 20,000 rows: peak memory, of 2 x body + arrays', [bytes.peak / (2 * bytes.bytes + bytes.arrays)], 'x', { most: 1 });
    bench.line('conformal-recalibrate 20,000 end to end, of the scan', ratios(calls, scans), 'x', { most: 6 });
    bench.note('conformal-recalibrate 20,000, CPU of the worker', cpus, 'us');
}

async function calibrate(bench) {
    const product = await shop();
    const fits = jsonLines(run(program('numeric'), [String(ROUNDS), 'driver', String(ROWS)]))[0];
    bench.line('auto-calibrate 20,000 rows: CPU of both driver fits', fits.ms, 'ms', { most: 250 });
    const calls = [];
    const apps = [];
    const dbs = [];
    for (let round = 0; round < 3; round++) {
        const { id } = await quoted(product);
        const begun = performance.now();
        const [answer, cpu] = await cpuWhile(product.pids(), () =>
            product.post(`/calibration/environments/${id}/auto-calibrate`, { actuals: product.actuals }));
        if (answer.status !== 'activated' || answer.matched !== ROWS) throw new Error(`it was ${answer.status}, ${answer.matched} matched`);
        calls.push(performance.now() - begun);
        apps.push(cpu.app / 1e6);
        dbs.push(cpu.db / 1e6);
    }
    bench.note('auto-calibrate 20,000 rows, the whole call', calls, 'ms');
    bench.note('auto-calibrate 20,000 rows, CPU of the worker', apps, 'ms');
    bench.note('auto-calibrate 20,000 rows, CPU of the database', dbs, 'ms');
}

async function store(bench) {
    const product = await shop();
    for (const metric of ['unit_cost', 'cycle_time_s']) {
        const calls = [];
        const raws = [];
        const cpus = [];
        for (let round = 0; round < ROUNDS; round++) {
            const [other] = await environments(product, 1);
            const text = JSON.stringify(outcomes(product.env, product.revisions, metric, round));
            const begun = performance.now();
            const [answer, cpu] = await cpuWhile(product.pids(), () => product.post('/calibration/outcomes', text));
            if (answer.matched !== ROWS) throw new Error(`${answer.matched} matched`);
            calls.push(performance.now() - begun);
            cpus.push(sum([cpu.app, cpu.nginx]) / 1e6);
            raws.push(JSON.parse(run(program('direct'), [product.config, 'insert', product.org, other, String(ROWS)])).ms);
        }
        bench.note('20,000 rows by array binding, in key order', raws, 'ms');
        bench.line(`outcomes 20,000 of ${metric}, of that insert`, ratios(calls, raws), 'x', { most: 2 });
        bench.note(`outcomes 20,000 of ${metric}, CPU of worker and nginx`, cpus, 'ms');
    }
}

export const rows = [
    { name: 'body', run: body },
    { name: 'calibrate', run: calibrate },
    { name: 'outcomes', run: store },
];
