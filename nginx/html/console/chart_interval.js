// SPDX-License-Identifier: GPL-3.0-or-later
// Factors with their intervals, a line each, on a logarithmic scale with 1 marked; grouped under headings.
import { axes, logarithmic, picture, reach } from './chart.js';
import { s } from './dom.js';
import { times } from './format.js';

const line = 24;

// groups: [{name, rows: [{name, value, low, high, tip}]}]
export function intervals({ width, groups, words, label }) {
    const rows = groups.flatMap((group) => group.rows);
    const [low, high] = reach(rows.flatMap((row) => [row.low, row.high]).concat(0.9, 1.1), 1.04);
    const top = 26;
    const height = top + groups.reduce((sum, group) => sum + (group.rows.length + 1) * line, 0) + 44;
    const plot = { left: 116, right: width - 58, top, bottom: height - 44 };
    const x = logarithmic([low, high], [plot.left, plot.right]);
    let at = top;
    const shapes = groups.map((group) => {
        const heading = s('text', { class: 'heading', x: 4, y: at + 16 }, group.name);
        at += line;
        return [
            heading,
            group.rows.map((row) => {
                const y = at + line / 2;
                at += line;
                const kind = row.low > 1 ? 'over' : row.high < 1 ? 'under' : 'even';
                return s(
                    'g',
                    { 'data-tip': row.tip },
                    s('rect', { class: 'catch', x: 0, y: y - line / 2, width, height: line }),
                    s('text', { class: 'tick', x: 16, y: y + 4 }, row.name),
                    s('line', { class: `whisker ${kind}`, x1: x(row.low), x2: x(row.high), y1: y, y2: y }),
                    s('circle', { class: `dot ${kind}`, cx: x(row.value), cy: y, r: 5 }),
                    s('text', { class: 'tick', x: width - 4, y: y + 4, 'text-anchor': 'end' }, times(row.value)),
                );
            }),
        ];
    });
    return picture(
        width,
        height,
        label,
        axes(plot, x, null, { x: words }),
        s('line', { class: 'ideal', x1: x(1), x2: x(1), y1: plot.top, y2: plot.bottom }),
        shapes,
    );
}
