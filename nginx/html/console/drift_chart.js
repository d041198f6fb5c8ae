// SPDX-License-Identifier: GPL-3.0-or-later
// Actual over predicted of the newest observations, in the order in which they arrived: a drift is a line that leaves 1.
import { offered } from './api.js';
import { axes, linear, logarithmic, picture, reach } from './chart.js';
import { s } from './dom.js';
import { figure } from './figure.js';
import { percent, plural } from './format.js';

const newest = 500;
const fewest = 5;
const around = 15; // observations of the running median

function running(points) {
    return points.map((_, i) => {
        const near = points.slice(Math.max(0, i - around + 1), i + 1).map((point) => point.ratio).sort((a, b) => a - b);
        return near[near.length >> 1];
    });
}

function draw(width, points) {
    const height = 260;
    const plot = { left: 52, right: width - 12, top: 28, bottom: height - 44 };
    const x = linear([0, points.length + 1], [plot.left, plot.right]);
    const y = logarithmic(reach(points.map((point) => point.ratio).concat(0.8, 1.25), 1.05), [plot.bottom, plot.top]);
    const median = running(points);
    return picture(width, height, 'Actual over predicted, by arrival', axes(plot, x, y, { x: 'Observation, the newest at the right', y: 'Actual / predicted' }),
        s('line', { class: 'ideal', x1: plot.left, x2: plot.right, y1: y(1), y2: y(1) }),
        points.map((point, i) => s('circle', { class: 'dot soft', cx: x(i + 1), cy: y(point.ratio), r: 3.5,
            'data-tip': `${point.ref ?? 'observation'}${point.bin ? `, ${point.bin}` : ''}\nactual is ${percent(point.ratio - 1)} off the prediction` })),
        s('path', { class: 'curve', d: median.map((value, i) => `${i ? 'L' : 'M'}${x(i + 1).toFixed(1)} ${y(value).toFixed(1)}`).join('') }));
}

// a figure, or null where too few observations say what was predicted
export async function driftChart(environment) {
    const path = `/calibration/environments/${environment.id}/evidence?target_metric=unit_cost`;
    const count = (await offered(`${path}&limit=1`))?.count;
    if (!count) return null;
    const page = await offered(`${path}&limit=${newest}&offset=${Math.max(0, count - newest)}`);
    const points = page.data.filter((one) => one.predicted > 0 && one.actual > 0)
        .map((one) => ({ ratio: one.actual / one.predicted, ref: one.external_ref, bin: one.bin }));
    if (points.length < fewest) return null;
    return figure({ title: 'Actual against predicted as it came in', name: 'drift',
        text: `${plural(points.length, 'observation')} that say what was predicted; the line is the running median of ${around}.`,
        draw: (width) => draw(width, points), head: ['external_ref', 'bin', 'actual_over_predicted'], rows: points.map((point) => [point.ref, point.bin, point.ratio]) });
}
