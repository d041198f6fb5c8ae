// SPDX-License-Identifier: GPL-3.0-or-later
// Factors with their intervals, a line each, on a logarithmic scale with 1 marked; grouped under headings.
import { colour, logarithmic, narrow, reach, rowEnds, rowScale, rulers } from './chart.js';
import { times } from './format.js';

const line = 24; // pixels of a row

// groups: [{name, rows: [{name, value, low, high, tip}]}]
export function intervals({ groups, words }) {
    const rows = groups.flatMap((group) => [{ name: group.name, heading: true }, ...group.rows]);
    const marks = rows.map((row, i) => ({ ...row, i })).filter((row) => !row.heading);
    const tone = (row) => (row.low > 1 ? 'over' : row.high < 1 ? 'under' : 'line');
    return {
        type: 'bar',
        indexAxis: 'y',
        height: (width) => rows.length * (width < narrow ? 1.3 * line : line) + 60,
        layout: { padding: { right: 56 } },
        data: {
            datasets: [
                {
                    type: 'scatter',
                    data: marks.map((row) => ({ x: row.value, y: row.i, tip: row.tip })),
                    pointRadius: 5,
                    pointHoverRadius: 7,
                    pointHitRadius: 12,
                    pointBackgroundColor: marks.map((row) => colour(tone(row) === 'line' ? 'accent' : tone(row))),
                },
                {
                    data: marks.map((row) => ({ x: [row.low, row.high], y: row.i })),
                    barThickness: 4,
                    borderRadius: 2,
                    borderSkipped: false,
                    backgroundColor: marks.map((row) => colour(tone(row), 0.55)),
                },
            ],
        },
        scales: {
            x: logarithmic(words, reach(marks.flatMap((row) => [row.low, row.high]).concat(0.9, 1.1), 1.04)),
            y: rowScale(
                rows.map((row) => row.name),
                new Set(rows.map((row, i) => (row.heading ? i : -1))),
            ),
        },
        plugins: [rulers({ x: 1 }), rowEnds(rows.map((row) => (row.heading ? '' : times(row.value))))],
    };
}
