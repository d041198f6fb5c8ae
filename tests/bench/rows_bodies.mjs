// SPDX-License-Identifier: GPL-3.0-or-later
// Rows with 20,000 rows in a body: reading them, fitting on them, storing them.
import { writeFileSync } from 'node:fs';
import { cpuWhile, each, jsonLines, median, program, ratios, run, sum } from './measure.mjs';
import { echo, ROUNDS, shop } from './rows_http.mjs';
import { environments, outcomes, quoted, ROWS, samples } from './shop.mjs';
import { work } from './stacks.mjs';

async function body(bench) {
    const product = await shop();
    const echoing = await echo();
    const path = '/calibration/conformal-recalibrate';
    const file = `${work}/samples.json`;
    const seen = { scan: [], read: [], call: [], echoed: [], cpu: [] };
    let bytes;
    for (let round = 0; round < ROUNDS; round++) {
        // a body that was sent before would be answered from what was kept; as bytes, for what it costs a client to make
        // them is not the service's
        const bodies = each(8, (i) => Buffer.from(JSON.stringify(samples(product.env, product.revisions, 100 * round + i + 1))));
        writeFileSync(file, bodies[0]);
        bytes = JSON.parse(run(program('body'), ['21', file]));
        seen.scan.push(median(bytes.scan_us));
        seen.read.push(median(bytes.read_us));
        const calls = [];
        const echoes = [];
        const [, cpu] = await cpuWhile(product.pids(), async () => {
            for (const sent of bodies) {
                let begun = performance.now();
                const answer = await product.post(path, sent);
                calls.push((performance.now() - begun) * 1000);
                if (answer.status !== 'activated' || answer.samples_applied !== ROWS) throw new Error(`it was ${answer.status}`);
                begun = performance.now();
                await echoing.post(path, sent, { key: 'none', expect: false });
                echoes.push((performance.now() - begun) * 1000);
            }
        });
        seen.call.push(median(calls));
        seen.echoed.push(median(echoes));
        seen.cpu.push(cpu.app / bodies.length / 1000);
    }
    bench.note(`memchr scan of ${(bytes.bytes / 1e6).toFixed(1)} MB`, seen.scan, 'us');
    bench.line('body of 20,000 rows: parse, check, extract, of the scan', ratios(seen.read, seen.scan), 'x', { most: 2.5 });
    bench.line('body of 20,000 rows: peak memory, of 2 x body + arrays', [bytes.peak / (2 * bytes.bytes + bytes.arrays)], 'x', { most: 1 });
    bench.note('the same body to the echo worker', seen.echoed, 'us');
    bench.line('conformal-recalibrate 20,000 end to end, of the scan', ratios(seen.call, seen.scan), 'x', { most: 6 });
    bench.note('conformal-recalibrate 20,000, CPU of the worker', seen.cpu, 'us');
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
        const costs = [];
        for (let round = 0; round < ROUNDS; round++) {
            const [other] = await environments(product, 1);
            const text = JSON.stringify(outcomes(product.env, product.revisions, metric, round));
            const begun = performance.now();
            const [answer, cpu] = await cpuWhile(product.pids(), () => product.post('/calibration/outcomes', text));
            if (answer.matched !== ROWS) throw new Error(`${answer.matched} matched`);
            calls.push(performance.now() - begun);
            cpus.push(sum([cpu.app, cpu.nginx]) / 1e6);
            const [raw, spent] = await cpuWhile(product.pids(), () =>
                JSON.parse(run(program('direct'), [product.config, 'insert', product.org, other, String(ROWS)])));
            raws.push(raw.ms);
            costs.push(sum(Object.values(cpu)) / (spent.db + raw.cpu_ms * 1e6));
        }
        bench.note('20,000 rows by array binding, in key order', raws, 'ms');
        bench.line(`outcomes 20,000 of ${metric}, of that insert`, ratios(calls, raws), 'x', { most: 2 });
        bench.note(`outcomes 20,000 of ${metric}, CPU of all, of that insert`, costs, 'x');
        bench.note(`outcomes 20,000 of ${metric}, CPU of worker and nginx`, cpus, 'ms');
    }
}

export const rows = [
    { name: 'body', run: body },
    { name: 'calibrate', run: calibrate },
    { name: 'outcomes', run: store },
];
