// SPDX-License-Identifier: GPL-3.0-or-later
// Rows of labeling: the queue beside the usual one, consensus and agreement beside numpy.
import { each, has, jsonLines, program, ratios, run, top } from './measure.mjs';
import { large, stackOf } from './stacks.mjs';

export const LABELS = 1000000;
const pythons = ['python3', '/usr/bin/python3'];

async function numpy(bench) {
    const python = pythons.find((command) => has(command, '-c', 'import numpy'));
    for (const [name, what] of [['consensus', 'Dawid-Skene of 10⁶ labels, K = 4'], ['alpha', 'alpha of 10⁶ labels']]) {
        const ours = [];
        const theirs = [];
        let mine;
        let peer;
        for (let round = 0; round < 5; round++) {
            [mine] = jsonLines(run(program('numeric'), ['1', name, String(LABELS)]));
            ours.push(mine.ms[0]);
            if (!python) continue;
            [peer] = jsonLines(run(python, [`${top}/tests/bench/peer.py`, '1', name, String(LABELS)]));
            theirs.push(peer.ms[0]);
        }
        bench.note(`${what}, CPU`, ours, 'ms');
        if (!python) {
            bench.skip(`${what}: times faster than numpy`, 'python3-numpy is not there');
            continue;
        }
        if (Math.abs(peer.check - mine.check) > 1e-9 * Math.abs(mine.check) || peer.iterations !== mine.iterations)
            throw new Error(`numpy says ${JSON.stringify(peer)}, we ${JSON.stringify(mine)}`);
        bench.note(`${what}, numpy, same answer`, theirs, 'ms');
        bench.line(`${what}: times faster than numpy`, ratios(theirs, ours), 'x', { least: 10 });
    }
}

// what the program says of a mode
export function drained(socket, tasks, seconds, modes) {
    return run(program('labeling'), [socket, String(tasks), '8', String(seconds), ...modes]).split('\n')
        .map((line) => /^(\w+) +([\d.]+) answers\/s.*?(\d+) failed, (\d+) over, (-?\d+) lost/.exec(line)).filter(Boolean)
        .map(([, mode, rate, failed, over, lost]) => ({ mode, rate: Number(rate), faults: Number(failed) + Number(over) + Number(lost) }));
}

async function queue(bench) {
    const { socket } = await stackOf('queue', large);
    const seen = each(3, () => drained(socket, 100000, 5, ['ours', 'head', 'last'])).flat();
    const rate = (mode) => seen.filter((one) => one.mode === mode).map((one) => one.rate);
    bench.note('usual head-of-queue claim + submit, 8 annotators', rate('head'), '/s');
    bench.note('claim + submit, 8 annotators', rate('ours'), '/s');
    bench.line('claim + submit, of the head-of-queue', ratios(rate('ours'), rate('head')), 'x', { least: 2.8 });
    bench.line('claim + submit in the last percent, of the whole', ratios(rate('last'), rate('ours')), 'x', { least: 0.65 });
    bench.line('claim + submit: answers failed, lost or too many', seen.filter((one) => one.mode !== 'head').map((one) => one.faults),
        '', { most: 0 });
}

export const rows = [
    { name: 'queue', run: queue },
    { name: 'numpy', run: numpy },
];
