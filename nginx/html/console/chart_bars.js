// SPDX-License-Identifier: GPL-3.0-or-later
// Horizontal bars: one stacked bar of parts that add up, or a bar per row against a wanted value.
import { axes, legend, linear, picture } from './chart.js';
import { s } from './dom.js';
import { percent } from './format.js';

// parts: [{name, value, tip}], at most ten; what is below zero stands left of zero
export function stacked({ width, parts, words, write, label }) {
    const above = parts.filter((part) => part.value > 0);
    const below = parts.filter((part) => part.value < 0);
    const sum = (list) => list.reduce((total, part) => total + part.value, 0);
    const kind = (part) => `part-${parts.indexOf(part)}`;
    const names = legend(
        parts.filter((part) => part.value).map((part) => [kind(part), part.name]),
        4,
        118,
        width,
    );
    const plot = { left: 16, right: width - 24, top: 8, bottom: 56 };
    const x = linear([sum(below), sum(above) || 1], [plot.left, plot.right]);
    let [right, left] = [0, 0];
    const bar = (from, to, part) =>
        s('rect', {
            class: `${kind(part)} slice`,
            x: x(from),
            y: 14,
            width: Math.max(0.5, x(to) - x(from)),
            height: 36,
            tabindex: 0,
            role: 'img',
            'aria-label': part.tip,
            'data-tip': part.tip,
        });
    const shapes = [
        above.map((part) => {
            right += part.value;
            return bar(right - part.value, right, part);
        }),
        below.map((part) => {
            left += part.value;
            return bar(left, left - part.value, part);
        }),
    ];
    const svg = picture(
        width,
        118 + names.height,
        label,
        axes(plot, x, null, { x: words }, { x: write }),
        shapes,
        s('line', { class: 'ideal', x1: x(0), x2: x(0), y1: 6, y2: 58 }),
        names.shapes,
    );
    svg.setAttribute('role', 'group');
    return svg;
}

// rows: [{name, value (fraction), tip}]; wanted: a fraction that is marked
export function shares({ width, rows, wanted, words, label }) {
    const narrow = width < 480; // the name stands above its bar
    const line = narrow ? 44 : 26;
    const plot = { left: narrow ? 16 : 170, right: width - 60, top: 10, bottom: 10 + rows.length * line };
    const x = linear([0, 1], [plot.left, plot.right]);
    return picture(
        width,
        plot.bottom + 44,
        label,
        axes(plot, x, null, { x: words }, { x: (value) => percent(value, 0) }),
        rows.map((row, i) => {
            const top = plot.top + i * line;
            const y = narrow ? top + 18 : top;
            return s(
                'g',
                { 'data-tip': row.tip },
                s('rect', { class: 'catch', x: 0, y: top, width, height: line }),
                s('text', { class: 'tick', x: narrow ? plot.left : 4, y: top + (narrow ? 13 : 17) }, row.name),
                row.value !== null &&
                    s('rect', {
                        class: 'part-0',
                        x: plot.left,
                        y: y + 4,
                        width: Math.max(1, x(row.value) - plot.left),
                        height: 18,
                    }),
                s(
                    'text',
                    { class: 'tick', x: width - 4, y: y + 17, 'text-anchor': 'end' },
                    row.value === null ? 'too few' : percent(row.value),
                ),
            );
        }),
        wanted !== undefined &&
            s('line', { class: 'ideal', x1: x(wanted), x2: x(wanted), y1: plot.top, y2: plot.bottom }),
    );
}
