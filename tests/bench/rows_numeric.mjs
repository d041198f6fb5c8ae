// SPDX-License-Identifier: GPL-3.0-or-later
// How the cost of each numeric function grows with its rows: CPU at 10³ to 10⁶ rows and the fitted exponent.
import { each, jsonLines, program, run, sum } from './measure.mjs';

const ROUNDS = 3;
const SIZES = [1000, 10000, 100000, 1000000];
const MOST = { policy: 100000 }; // the grid of weights is tried on every set: minutes beyond

// slope of ln ms on ln n by least squares
function exponent(points) {
    const [x, y] = [points.map(([n]) => Math.log(n)), points.map(([, ms]) => Math.log(ms))];
    const [mx, my] = [sum(x) / x.length, sum(y) / y.length];
    return sum(x.map((v, i) => (v - mx) * (y[i] - my))) / sum(x.map((v) => (v - mx) ** 2));
}

async function growth(bench) {
    for (const name of run(program('numeric'), ['list']).split('\n').filter(Boolean)) {
        const sizes = SIZES.filter((n) => n <= (MOST[name] ?? Infinity));
        // all sizes in one process: the machine has slow seconds, and an exponent over two of its speeds tells of them
        const rounds = each(ROUNDS, () => jsonLines(run(program('numeric'), ['1', ...sizes.flatMap((n) => [name, String(n)])])));
        bench.note(`${name}, ${sizes.at(-1).toLocaleString('en')} rows, CPU`, rounds.map((seen) => seen.at(-1).ms[0]), 'ms');
        // of an iterative function, what one round costs: how many it takes is the rows' affair
        const grown = rounds.map((seen) => exponent(seen.slice(1).map(({ n, ms, iterations }) =>
            [n, ms[0] / (name === 'consensus' ? iterations : 1)])));
        // sorting costs n log n: 1.1 over these decades
        bench.line(`${name}: exponent of the cost in rows`, grown, '', { most: name === 'driver' ? 1.05 : 1.15 });
    }
}

export const rows = [{ name: 'growth', run: growth }];
