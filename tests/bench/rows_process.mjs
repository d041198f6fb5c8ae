// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of the processes themselves: memory at rest, memory with the largest bodies, a start from nothing.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { each, peakKib, pssKib, wrk, build } from './measure.mjs';
import { environments, outcomes, samples } from './shop.mjs';
import { startStack, stackOf, work } from './stacks.mjs';

const LARGEST = 16 * 2 ** 20;

// the same JSON, blanks before its last bracket: what came is as large as a body may be
const padded = (body) => {
    const text = JSON.stringify(body);
    return text.slice(0, -1) + ' '.repeat(LARGEST - text.length) + text.slice(-1);
};
const filled = (start, item, end) => start + item.repeat(Math.floor((LARGEST - start.length - end.length) / item.length)) + end;

async function memory(bench) {
    const stack = await stackOf('memory', ['--heavy', '1']);
    const ids = await environments(stack, 50);
    wrk(stack.url, stack.requests('get', ids.map((id) => ({ path: `/api/v1/parts/environments/${id}` }))));
    // those that serve: the master and a worker that never had a request are smaller
    const pss = stack.pids().app.map(pssKib).sort((a, b) => b - a).slice(0, 4);
    bench.line('PSS of a worker at rest that has served', pss.map((kib) => kib / 1024), 'MB', { most: 1.2 });

    const plan = { material_ref: 'S355', gross_mass_kg: 1, operations: [{ sequence: 10, klass: 'milling.3axis_vmc', setup_time_s: 900, cycle_time_s: 60 }] };
    const part = (await stack.post('/import', { parts: [{ part_number: 'P', process_plan: plan }] })).data[0];
    const [env] = ids;
    const at = '/calibration';
    const bodies = {
        'conformal-recalibrate, 20,000 rows': [`${at}/conformal-recalibrate`, padded(samples(env, [part.part_revision_id]))],
        'outcomes, 20,000 rows': [`${at}/outcomes`, padded(outcomes(env, [part.part_revision_id], 'cycle_time_s', 1))],
        'import, 5,000 parts': ['/import', padded({ parts: each(5000, (i) => ({ part_number: `N-${i}`, name: 'x'.repeat(190), process_plan: plan })) })],
        'batch, 1,000 quotes': ['/calculations/batch', padded({ costing_environment_id: env, items: each(1000, () => ({ part_revision_id: part.part_revision_id })) })],
        'a list of numbers where rows should be': [`${at}/outcomes`, filled('{"observations":[', '0,', '0]}')],
        'empty objects': [`${at}/outcomes`, filled('{"observations":[', '{},', '{}]}')],
        'unknown members': ['/environments', `{${each(900000, (i) => `"m${i}":0`).join(',')}}`],
        'one text': ['/environments', filled('{"name":"', 'x', '"}')],
        'escapes': ['/environments', filled('{"name":"', '\\u00e9', '"}')],
        'attributes of 16 MiB': ['/environments', filled('{"name":"large","valid_from":"2020-01-01","attributes":{"a":[', '[1],', '[]]}}')],
    };
    // every worker of both pools starts from its own rest
    const peakOf = async (path, text) => {
        const workers = stack.pids().app;
        for (const pid of workers) writeFileSync(`/proc/${pid}/clear_refs`, '5');
        const answer = await stack.post(path, text, { expect: false });
        return { status: answer.status, peak: Math.max(...workers.map(peakKib)) / 1024 };
    };
    for (const [what, [path, text]] of Object.entries(bodies)) {
        const { status, peak } = await peakOf(path, text);
        bench.line(`own memory of a worker at most, 16 MiB: ${what} (${status})`, [peak], 'MB', { most: 24 });
    }
    const history = each(20000, (i) => ({ chosen_machine_id: `m${i % 3}`, external_ref: `${i}`,
        candidates: each(18, (j) => ({ machine_id: `m${j}`, f1: (i * 7 + j) % 13, f2: (i * j) % 11 })) }));
    const { status, peak } = await peakOf(`${at}/environments/${env}/policy/calibrate`, padded({ history }));
    bench.note(`own memory of a worker at most, 16 MiB: 20,000 choices among 18 machines (${status})`, [peak], 'MB');
}

async function start(bench) {
    const warm = [];
    const cold = [];
    for (let round = 0; round < 3; round++) {
        const stack = await startStack(`start${round}`);
        warm.push(stack.took / 1000);
        stack.stop();
        // a build directory without the database template, as after a fresh build
        const fresh = `${work}/fresh${round}`;
        mkdirSync(fresh);
        for (const program of ['costwrightd', 'costwrightctl']) symlinkSync(`${build}/${program}`, `${fresh}/${program}`);
        const first = await startStack(`cold${round}`, [], { COSTWRIGHT_BUILD: fresh });
        cold.push(first.took / 1000);
        first.stop();
        rmSync(fresh, { recursive: true });
    }
    bench.line('private stack with schema to the first 200', warm, 's', { most: 1.5 });
    bench.note('the same, mariadb-install-db included', cold, 's');
}

export const rows = [
    { name: 'memory', run: memory },
    { name: 'start', run: start },
];
