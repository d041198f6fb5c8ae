// SPDX-License-Identifier: GPL-3.0-or-later
// Predicted against actual, both logarithmic: on the diagonal a prediction was right; the band is where it is within
// 20 %. All points are one path, so that thousands draw at once; the nearest to the pointer tells its numbers.
import { axes, logarithmic, picture, reach } from './chart.js';
import { s } from './dom.js';
import { hideTip, showTip } from './tip.js';

const band = 1.2;
const near = 24; // pixels

// points: {x: actual, y: predicted, tip}; domain: shared by charts that stand side by side
export const domainOf = (...lists) => reach(lists.flat().flatMap((point) => [point.x, point.y]));

export function scatter({ width, points, domain, xWords, yWords, label }) {
    const size = Math.min(width, 520);
    const plot = { left: 56, right: size - 12, top: 28, bottom: size - 56 };
    const x = logarithmic(domain, [plot.left, plot.right]);
    const y = logarithmic(domain, [plot.bottom, plot.top]);
    const [low, high] = domain;
    const dots = points.map((point) => `M${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}h0`).join('');
    const ring = s('circle', { class: 'ring', r: 6, visibility: 'hidden' });
    const corner = (a, b) => `${x(a)},${y(b)}`;
    const svg = picture(
        size,
        size,
        label,
        axes(plot, x, y, { x: xWords, y: yWords }),
        s('polygon', {
            class: 'band',
            points: [
                corner(low, low),
                corner(low, low * band),
                corner(high / band, high),
                corner(high, high),
                corner(high, high / band),
                corner(low * band, low),
            ].join(' '),
        }),
        s('line', { class: 'ideal', x1: x(low), y1: y(low), x2: x(high), y2: y(high) }),
        s('path', { class: points.length > 600 ? 'dots many' : 'dots', d: dots }),
        ring,
        s('rect', {
            class: 'catch',
            'data-tips': '',
            x: plot.left,
            y: plot.top,
            width: plot.right - plot.left,
            height: plot.bottom - plot.top,
            onpointermove: (event) => {
                const box = svg.getBoundingClientRect();
                const [px, py] = [
                    ((event.clientX - box.x) * size) / box.width,
                    ((event.clientY - box.y) * size) / box.height,
                ];
                let [best, least] = [undefined, near ** 2];
                for (const point of points) {
                    const apart = (x(point.x) - px) ** 2 + (y(point.y) - py) ** 2;
                    if (apart < least) [best, least] = [point, apart];
                }
                ring.setAttribute('visibility', best ? 'visible' : 'hidden');
                if (!best) {
                    hideTip();
                    return;
                }
                ring.setAttribute('cx', x(best.x));
                ring.setAttribute('cy', y(best.y));
                showTip(best.tip, event.clientX, event.clientY);
            },
            onpointerleave: () => {
                ring.setAttribute('visibility', 'hidden');
                hideTip();
            },
        }),
    );
    return svg;
}
