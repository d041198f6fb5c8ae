// SPDX-License-Identifier: GPL-3.0-or-later
// How far predictions are from actuals.

export function median(values) {
    if (!values.length) return NaN;
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

// pairs: {predicted, actual, lower?, upper?}
export function figures(pairs) {
    const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
    const apart = pairs.map((p) => Math.abs(p.predicted / p.actual - 1));
    const logs = pairs.map((p) => (Math.log1p(p.predicted) - Math.log1p(p.actual)) ** 2);
    const bounded = pairs.filter((p) => p.lower !== undefined);
    return {
        n: pairs.length, mape: mean(apart), median: median(apart),
        rmsle: Math.sqrt(mean(logs)), rms_log: Math.sqrt(mean(pairs.map((p) => Math.log(p.predicted / p.actual) ** 2))),
        coverage: bounded.length ? mean(bounded.map((p) => (p.actual >= p.lower && p.actual <= p.upper ? 1 : 0))) : undefined,
        width: bounded.length ? median(bounded.map((p) => Math.log(p.upper / p.lower))) : undefined,
    };
}

const percent = (value) => (value === undefined || Number.isNaN(value) ? '-' : `${(100 * value).toFixed(1)} %`);

export function printTable(title, rows) {
    console.log(`\n${title}`);
    console.log('  orders not sent          n     median error      MAPE    RMSLE   coverage  width(ln)');
    for (const [name, f] of rows)
        console.log(`  ${name.padEnd(20)}${String(f.n).padStart(6)}${percent(f.median).padStart(17)}${percent(f.mape).padStart(10)}` +
            `${f.rmsle.toFixed(3).padStart(9)}${percent(f.coverage).padStart(11)}${(f.width?.toFixed(2) ?? '-').padStart(11)}`);
}
