// SPDX-License-Identifier: GPL-3.0-or-later
// Predicted against actual, both logarithmic: on the diagonal a prediction was right; the band is where it is within
// 20 %.
import { colour, logarithmic, reach } from './chart.js';

const band = 1.2;

// points: {x: actual, y: predicted, tip}; domain: shared by charts that stand side by side
export const domainOf = (...lists) => reach(lists.flat().flatMap((point) => [point.x, point.y]));

export function scatter({ points, domain, xWords, yWords }) {
    const [low, high] = domain;
    const line = (factor, more) => ({
        type: 'line',
        data: [
            { x: low, y: low * factor },
            { x: high, y: high * factor },
        ],
        pointRadius: 0,
        pointHitRadius: 0,
        borderWidth: 0,
        ...more,
    });
    return {
        type: 'scatter',
        height: (width) => Math.min(width, 520),
        data: {
            datasets: [
                {
                    data: points.toSorted((a, b) => a.x - b.x),
                    pointRadius: points.length > 600 ? 2 : 3,
                    pointHitRadius: 12,
                    pointHoverRadius: 6,
                    pointBorderWidth: 0,
                    pointBackgroundColor: colour('accent', 0.55),
                    pointHoverBackgroundColor: colour('over'),
                },
                line(1, { borderWidth: 1.5, borderDash: [5, 4], borderColor: colour('ink') }),
                line(1 / band),
                line(band, { fill: '-1', backgroundColor: colour('accent', 0.13) }),
            ],
        },
        scales: { x: logarithmic(xWords, domain), y: logarithmic(yWords, domain) },
    };
}
