// SPDX-License-Identifier: GPL-3.0-or-later
// A curve over quantities with its band, both scales logarithmic; dots where it was asked.
import { colour, logarithmic, reach, rulers } from './chart.js';

// points: [{x, y, low?, high?, tip}]; line: [{x, y}] where it is another than the points; mark: an x to point out
export function curve({ points, line = points, mark, xWords, yWords, write }) {
    const all = [...points, ...line].filter((point) => point.y > 0);
    const banded = points.filter((point) => point.low > 0 && point.high > 0);
    const plain = { type: 'line', pointRadius: 0, pointHitRadius: 0, borderWidth: 0 };
    const edge = (key, more) => ({ ...plain, data: banded.map((p) => ({ x: p.x, y: p[key] })), ...more });
    return {
        type: 'scatter',
        height: (width) => Math.max(240, Math.min(360, width * 0.55)),
        data: {
            datasets: [
                {
                    data: points.filter((point) => point.y > 0),
                    pointRadius: 5,
                    pointHoverRadius: 7,
                    pointHitRadius: 12,
                    pointBackgroundColor: colour('accent'),
                },
                {
                    ...plain,
                    data: line.filter((p) => p.y > 0).map(({ x, y }) => ({ x, y })),
                    borderWidth: 2.5,
                    borderColor: colour('accent'),
                },
                edge('low'),
                edge('high', { fill: '-1', backgroundColor: colour('accent', 0.13) }),
            ],
        },
        scales: {
            x: logarithmic(
                xWords,
                reach(
                    all.map((p) => p.x),
                    1.08,
                ),
            ),
            y: logarithmic(
                yWords,
                reach(
                    all.flatMap((p) => [p.y, p.low ?? p.y, p.high ?? p.y]),
                    1.1,
                ),
                write,
            ),
        },
        plugins: mark ? [rulers({ x: mark })] : [],
    };
}
