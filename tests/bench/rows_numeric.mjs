// SPDX-License-Identifier: GPL-3.0-or-later
// How the cost of each numeric function grows with its rows: CPU at 10³ to 10⁶ rows and the fitted exponent.
import { jsonLines, median, program, run, sum } from './measure.mjs';

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
        const points = SIZES.filter((n) => n <= (MOST[name] ?? Infinity)).map((n) => {
            const [seen] = jsonLines(run(program('numeric'), [n < 1000000 ? '3' : '1', name, String(n)]));
            // of an iterative function, what one round costs: how many it takes is the rows' affair
            return [n, median(seen.ms) / (name === 'consensus' ? seen.iterations : 1), median(seen.ms)];
        });
        const [n, , ms] = points.at(-1);
        bench.note(`${name}, ${n.toLocaleString('en')} rows, CPU`, [ms], 'ms');
        // sorting costs n log n: 1.1 over these decades
        bench.line(`${name}: exponent of the cost in rows`, [exponent(points.slice(1))], '', { most: name === 'driver' ? 1.05 : 1.15 });
    }
}

export const rows = [{ name: 'growth', run: growth }];
