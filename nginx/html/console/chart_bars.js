// SPDX-License-Identifier: GPL-3.0-or-later
// Horizontal bars: one stacked bar of parts that add up, or a bar per row against a wanted value.
import { colour, narrow, rowEnds, rowScale, rulers, scale } from './chart.js';
import { percent } from './format.js';

const line = 28; // pixels of a row

// parts: [{name, value, tip}], at most nine; what is below zero stands left of zero
export function stacked({ parts, words, write }) {
    return {
        type: 'bar',
        indexAxis: 'y',
        height: (width) => (width < narrow ? 260 : 190),
        legend: true,
        data: {
            labels: [''],
            datasets: parts
                .map((part, i) => ({
                    label: part.name,
                    data: part.value ? [{ x: part.value, y: '', tip: part.tip }] : [],
                    backgroundColor: colour(`p${i}`),
                    borderColor: colour('ground'),
                    borderWidth: { right: 1 },
                    barThickness: 36,
                }))
                .filter((set) => set.data.length),
        },
        scales: {
            x: scale(words, write, { stacked: true }),
            y: { stacked: true, display: false },
        },
        plugins: [rulers({ x: 0 })],
    };
}

// rows: [{name, value (fraction or null), tip}]; wanted: a fraction that is marked
export function shares({ rows, wanted, words }) {
    return {
        type: 'bar',
        indexAxis: 'y',
        height: (width) => rows.length * (width < narrow ? 1.3 * line : line) + 60,
        layout: { padding: { right: 56 } },
        data: {
            datasets: [
                {
                    data: rows.map((row, i) => ({ x: row.value ?? 0, y: i, tip: row.tip })),
                    backgroundColor: colour('p0'),
                    barThickness: 18,
                    minBarLength: 2,
                },
            ],
        },
        scales: {
            x: scale(words, (value) => percent(value, 0), { min: 0, max: 1 }),
            y: rowScale(rows.map((row) => row.name)),
        },
        plugins: [
            rowEnds(rows.map((row) => (row.value === null ? 'too few' : percent(row.value)))),
            ...(wanted === undefined ? [] : [rulers({ x: wanted })]),
        ],
    };
}
