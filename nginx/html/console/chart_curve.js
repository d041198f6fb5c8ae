// SPDX-License-Identifier: GPL-3.0-or-later
// A curve over quantities with its band, both scales logarithmic; dots where it was asked.
import { axes, logarithmic, picture, reach } from './chart.js';
import { s } from './dom.js';

// points: [{x, y, low?, high?, tip}]; line: [{x, y}] where it is another than the points; mark: an x to point out
export function curve({ width, points, line = points, mark, xWords, yWords, write, label }) {
    const good = points.filter((point) => point.y > 0);
    const height = Math.round(Math.max(240, Math.min(360, width * 0.55)));
    const plot = { left: 60, right: width - 16, top: 28, bottom: height - 48 };
    const x = logarithmic(
        reach(
            [...good, ...line].map((point) => point.x),
            1.08,
        ),
        [plot.left, plot.right],
    );
    const y = logarithmic(
        reach(
            [
                ...good.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]),
                ...line.map((point) => point.y),
            ],
            1.1,
        ),
        [plot.bottom, plot.top],
    );
    const path = (list, of) =>
        list.map((point, i) => `${i ? 'L' : 'M'}${x(point.x).toFixed(1)} ${y(of(point)).toFixed(1)}`).join('');
    const banded = good.filter((point) => point.low > 0 && point.high > 0);
    const svg = picture(
        width,
        height,
        label,
        axes(plot, x, y, { x: xWords, y: yWords }, { y: write }),
        banded.length > 1 &&
            s('path', {
                class: 'band',
                d: `${path(banded, (p) => p.high)}${path(banded.toReversed(), (p) => p.low).replace('M', 'L')}Z`,
            }),
        mark && s('line', { class: 'ideal', x1: x(mark), x2: x(mark), y1: plot.top, y2: plot.bottom }),
        s('path', {
            class: 'curve',
            d: path(
                line.filter((point) => point.y > 0),
                (point) => point.y,
            ),
        }),
        good.map((point) =>
            s('circle', {
                class: 'dot even',
                cx: x(point.x),
                cy: y(point.y),
                r: 5,
                tabindex: 0,
                role: 'img',
                'aria-label': point.tip,
                'data-tip': point.tip,
            }),
        ),
    );
    svg.setAttribute('role', 'group');
    return svg;
}
